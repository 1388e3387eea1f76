import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeHost } from "../../src/host/node.ts";
import { type Transpiled, transpile } from "./transpiled.ts";

let built: Transpiled;
beforeAll(() => {
  built = transpile("base", "host");
  // Stands in for the built worker of the engine.
  built.add(
    "engine/worker.js",
    `import { serveWorker } from "../host/serveWorker.js";
import { compilesRelaxedSimd } from "../host/relaxedSimd.js";
import { NullclineError } from "../base/errors.js";
serveWorker(async (message, transfer) => {
  if (message.work === "relaxed") return compilesRelaxedSimd();
  if (message.work === "double") {
    await new Promise((resolve) => setTimeout(resolve, message.wait ?? 0));
    const out = message.data.map((x) => 2 * x);
    transfer.push(out.buffer);
    return out;
  }
  if (message.work === "shared") return void (message.data[0] = 7);
  if (message.work === "mistake") throw new NullclineError({ code: "shape", given: "J is [2, 3]", expected: "[3, 3]" });
  if (message.work === "bug") throw new TypeError("undefined is not a network");
  if (message.work === "die") process.exit(3);
});`,
  );
});
afterAll(() => built.remove());

function runScript(name: string, body: string) {
  const path = built.add(
    name,
    `import { nodeHost } from "./host/node.js";
const host = nodeHost();
${body}`,
  );
  return spawnSync(process.execPath, [path], { encoding: "utf8", timeout: 30_000 });
}

describe("what the host says of itself", () => {
  test("runtime, processor, clocks", () => {
    const host = nodeHost();
    const { runtime, processor, cores } = host.describe();
    expect(runtime).toBe(`Node ${process.versions.node}`);
    expect(processor).not.toBe("");
    expect(cores).toBeGreaterThanOrEqual(1);
    const [wall, cpu] = [host.now(), host.cpuTime()!];
    let sum = 0;
    // How long 20 ms of work take on a busy machine nobody knows.
    while (host.cpuTime()! < cpu + 20 && host.now() < wall + 10_000) sum += Math.sqrt(sum + 1);
    expect(host.cpuTime()! - cpu).toBeGreaterThanOrEqual(20);
    expect(host.now() - wall).toBeGreaterThan(5);
  });

  test("from the sources there is no built worker", () => {
    expect(nodeHost().startWorker()).toBeUndefined();
  });
});

test("relaxed SIMD: switched on where it sits behind a flag, and in worker threads too", () => {
  const { stdout, stderr } = runScript(
    "relaxed.js",
    `import { compilesRelaxedSimd } from "./host/relaxedSimd.js";
const first = host.relaxedSimd();
console.log(first === compilesRelaxedSimd(), first, host.relaxedSimd());
const worker = host.startWorker();
console.log(await worker.call({ work: "relaxed" }));`,
  );
  expect(stderr).toBe("");
  // Node 20 and later all have it, at least behind the flag.
  expect(stdout.trim().split("\n")).toEqual(["true true true", "true"]);
});

describe("workers", () => {
  test("messages, transfers both ways, shared memory, several calls under way", () => {
    const { stdout, stderr } = runScript(
      "talk.js",
      `const worker = host.startWorker();
const data = Float64Array.of(1, 2, 3);
const first = worker.call({ work: "double", data, wait: 20 }, [data.buffer]);
const second = worker.call({ work: "double", data: Float64Array.of(5) });
console.log(data.length, (await second).join(), (await first).join());
const shared = new Float64Array(new SharedArrayBuffer(8));
await worker.call({ work: "shared", data: shared });
console.log(shared[0]);`,
    );
    expect(stderr).toBe("");
    // And the idle worker did not keep the program from ending.
    expect(stdout.trim().split("\n")).toEqual(["0 10 2,4,6", "7"]);
  });

  test("errors: a user's mistake, a bug, a message that cannot be sent, a death, a close", () => {
    const { stdout, stderr, status } = runScript(
      "errors.js",
      `import { NullclineError } from "./base/errors.js";
const worker = host.startWorker();
const tell = async (call) => console.log(await call().then((v) => "value " + v, (e) => (e instanceof NullclineError ? "ours " + e.code + " " : "") + e.message));
await tell(() => worker.call({ work: "mistake" }));
await tell(() => worker.call({ work: "bug" }));
await tell(() => worker.call({ work: () => 1 }));
await tell(() => worker.call({ work: "relaxed" }));
await Promise.all([tell(() => worker.call({ work: "die" })), tell(() => worker.call({ work: "relaxed" }))]);
await tell(() => worker.call({ work: "relaxed" }));
const other = host.startWorker();
const open = tell(() => other.call({ work: "double", data: [1], wait: 10000 }));
other.close();
await open;
await tell(() => other.call({ work: "relaxed" }));`,
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      "ours shape J is [2, 3]; expected [3, 3]",
      "undefined is not a network",
      expect.stringMatching(/could not be cloned/),
      "value true",
      "the worker ended with status 3",
      "the worker ended with status 3",
      "the worker ended with status 3",
      "the worker was closed",
      "the worker was closed",
    ]);
  });
});

describe("interrupts", () => {
  const script = (undo: boolean) =>
    built.add(
      `interrupt-${undo}.js`,
      `import { nodeHost } from "./host/node.js";
const undo = nodeHost().onInterrupt(() => console.log("asked to stop"));
${undo ? "undo();" : ""}
console.log("ready");
setTimeout(() => {}, 20000);`,
    );

  test.skipIf(process.platform === "win32")("the first one calls back, the second ends the program", async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const child = spawn(process.execPath, [script(false)]);
      const ended = once(child, "exit");
      let out = "";
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (data) => {
          out += data;
          if (out.endsWith("ready\n")) child.kill(signal);
          if (out.endsWith("stop\n")) {
            child.kill(signal);
            resolve();
          }
        });
      });
      expect((await ended)[1]).toBe(signal);
      expect(out).toBe("ready\nasked to stop\n");
    }
  });

  test.skipIf(process.platform === "win32")("undone, the first one ends the program", async () => {
    const child = spawn(process.execPath, [script(true)]);
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect((await ended)[1]).toBe("SIGINT");
  });
});
