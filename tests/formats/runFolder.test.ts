import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import {
  appendMetrics,
  appendTiming,
  createRun,
  type NewRun,
  openRun,
  pathIn,
  type Run,
  readMetrics,
  readParameters,
  readResult,
  resumeRun,
  writeAnalysis,
  writeCheckpoint,
  writeParameters,
  writeReport,
  writeResult,
} from "../../src/formats/runFolder.ts";
import { type Check, statusOf } from "../../src/formats/runSchemas.ts";
import type { Storage } from "../../src/host/host.ts";
import { memoryStorage } from "../../src/host/memoryStorage.ts";
import { type Transpiled, transpile } from "../host/transpiled.ts";
import { expectRefusal } from "./fixtures.ts";

const about: NewRun = {
  study: "context",
  seed: 3,
  specification: { equations: "tau dx/dt = -x", task: { name: "context", options: { dt: 5 } } },
  versions: { nullcline: "0.1.0" },
  simd: "relaxed",
  runtime: "Node 20",
  processor: "a processor",
};
const check: Check = {
  id: "a",
  what: "fraction correct",
  paper: 0.9,
  source: "Mante et al. 2013",
  criterion: "at least 0.85",
  ours: true,
  measured: 0.91,
  n: 500,
  standardError: 0.01,
  verdict: "pass",
};
const J = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
const m = { data: Float64Array.of(0.1, 0.2), shape: [2] };
const at = (iteration: number) => ({
  iteration,
  parameters: { J },
  optimiser: { "m/J": m },
  average: { J: m },
  state: { seen: iteration },
});
const textOf = async (run: Run, name: string) => new TextDecoder().decode(await run.storage.read(pathIn(run, name)));

describe("creating", () => {
  test("the next free name, one after the highest", async () => {
    const storage = memoryStorage();
    expect((await createRun(storage, about)).path).toBe("runs/context-1");
    expect((await createRun(storage, about)).path).toBe("runs/context-2");
    await storage.makeFolder("runs/context-9");
    await storage.makeFolder("runs/context-x");
    expect((await createRun(storage, about)).path).toBe("runs/context-10");
    expect((await createRun(storage, { ...about, study: "../my study.mjs" })).path).toBe("runs/my-study.mjs-1");
  });

  test("run.json is read back, and is the same for the same run", async () => {
    const storage = memoryStorage();
    const run = await createRun(storage, about, { out: "here/it" });
    const again = await openRun(storage, "here/it/");
    expect(again.record).toEqual({ format: "nullcline-run", formatVersion: 1, ...about });
    expect(await textOf(await createRun(storage, about), "run.json")).toBe(await textOf(run, "run.json"));
    expect(await storage.list("here/it")).toEqual(["analysis", "checkpoints", "run.json"]);
  });

  test("refused where the folder, or a file of that name, exists", async () => {
    const storage = memoryStorage();
    await storage.makeFolder("old");
    await storage.write("file", "x");
    for (const out of ["old", "file"])
      await expectRefusal(
        () => createRun(storage, about, { out }),
        "folder-exists",
        /this output folder exists; expected a new one; choose another with --out, or continue .* --resume/,
      );
    await expectRefusal(
      () => createRun(storage, about, { out: "file/in" }),
      "cannot-write",
      /a file stands where a folder/,
    );
  });

  test("where run.json cannot be written, nothing is left", async () => {
    const storage = memoryStorage();
    const full: Storage = {
      ...storage,
      write: async (path) => {
        throw new NullclineError({ code: "disk-full", where: path, given: "cannot be written: the disk is full" });
      },
    };
    await expectRefusal(() => createRun(full, about, { out: "new" }), "disk-full", /the disk is full/);
    expect(await storage.exists("new")).toBe(false);
  });
});

describe("opening", () => {
  test("what is no run is refused", async () => {
    const storage = memoryStorage();
    await storage.makeFolder("folder");
    await expectRefusal(
      () => openRun(storage, "folder"),
      "not-a-run",
      /folder: no folder of a run: it has no run\.json/,
    );
    await expectRefusal(() => openRun(storage, "nowhere"), "not-a-run", /nowhere: there is no such folder/);
    await storage.write("folder/run.json", "{ half");
    await expectRefusal(() => openRun(storage, "folder"), "run-folder", /run\.json: damaged file: it is no JSON/);
    await storage.write(
      "folder/run.json",
      JSON.stringify({ ...about, format: "nullcline-run", formatVersion: 1, seed: "x" }),
    );
    await expectRefusal(() => openRun(storage, "folder"), "run-folder", /run\.json: seed is not as it should be/);
  });
});

describe("what a run writes", () => {
  test("metrics, parameters, report, analysis", async () => {
    const run = await createRun(memoryStorage(), about);
    expect(await readMetrics(run)).toEqual([]);
    await appendMetrics(run, { iteration: 1, loss: 0.5 }, { iteration: 2, loss: Number.NaN });
    await run.storage.append(pathIn(run, "metrics.jsonl"), '{"iteration": 3, "lo');
    expect(await readMetrics(run)).toEqual([
      { iteration: 1, loss: 0.5 },
      { iteration: 2, loss: "NaN" },
    ]);
    await appendTiming(run, { ms: 12 });
    await writeParameters(run, { J });
    expect(await readParameters(run)).toEqual({ J });
    await writeReport(run, "<p>");
    await writeAnalysis(run, "points.json", "[]");
    expect(await run.storage.list(run.path)).toEqual([
      "analysis",
      "checkpoints",
      "metrics.jsonl",
      "parameters.safetensors",
      "report.html",
      "run.json",
      "timing.jsonl",
    ]);
    expect(await textOf(run, "analysis/points.json")).toBe("[]");
  });

  test("result.json is checked when written and when read", async () => {
    const run = await createRun(memoryStorage(), about);
    const result = { study: "context", seed: 3, status: "passed" as const, checks: [check], summary: { loss: 0.1 } };
    expect(await readResult(run)).toBeUndefined();
    await writeResult(run, result);
    expect(await readResult(run)).toEqual(result);
    const failed: Check = { ...check, measured: Number.NaN, standardError: Number.NaN, verdict: "fail" };
    expect(statusOf([check, failed])).toBe("failed");
    expect(statusOf([check, { ...check, verdict: "shown" }])).toBe("passed");
    await expectRefusal(
      () => writeResult(run, { ...result, checks: [failed] }),
      "run-folder",
      /status is not .*must be failed/,
    );
    const wrong = { ...result, checks: [{ ...check, verdict: "good" }] } as unknown as typeof result;
    await expectRefusal(() => writeResult(run, wrong), "run-folder", /checks\.0\.verdict is not as it should be/);
    expect(await readResult(run)).toEqual(result);
    await writeResult(run, { ...result, status: "failed", checks: [failed], summary: { deep: [Infinity] } });
    const read = await readResult(run);
    expect(read?.checks[0]).toMatchObject({ measured: "NaN", standardError: null });
    expect(read?.summary).toEqual({ deep: ["Infinity"] });
  });
});

describe("checkpoints", () => {
  test("the newest is found with everything in it, metrics are cut to it, two are kept", async () => {
    const run = await createRun(memoryStorage(), about);
    expect(await resumeRun(run)).toBeUndefined();
    for (let k = 1; k <= 4; k++) {
      await appendMetrics(run, { iteration: k });
      await writeCheckpoint(run, at(k));
    }
    await appendMetrics(run, { iteration: 5 });
    expect(await run.storage.list(pathIn(run, "checkpoints"))).toHaveLength(2);
    const resumed = await resumeRun(run);
    expect(resumed?.checkpoint).toEqual(at(4));
    expect(resumed?.damaged).toEqual([]);
    expect((await readMetrics(run)).map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
  });

  test("a damaged one is passed over, and the one before it is taken", async () => {
    const run = await createRun(memoryStorage(), about);
    await appendMetrics(run, { iteration: 1 });
    await writeCheckpoint(run, at(1));
    await appendMetrics(run, { iteration: 2 });
    const newest = await writeCheckpoint(run, at(2));
    const whole = await run.storage.read(newest);
    for (const broken of [whole.subarray(0, whole.length - 3), whole.with(whole.length - 1, 77), new Uint8Array(0)]) {
      await run.storage.write(newest, broken);
      await run.storage.write(pathIn(run, "metrics.jsonl"), '{"iteration":1}\n{"iteration":2}\n');
      const resumed = await resumeRun(run);
      expect(resumed?.checkpoint.iteration).toBe(1);
      expect(resumed?.damaged).toEqual([{ file: newest, reason: expect.stringMatching(/damaged|not a safetensors/) }]);
      expect(await textOf(run, "metrics.jsonl")).toBe('{"iteration":1}\n');
    }
    // Going on from there: the damaged one is replaced in its turn and never hides a newer one.
    await writeCheckpoint(run, { ...at(1), state: { seen: 100 } });
    expect((await resumeRun(run))?.checkpoint.state).toEqual({ seen: 100 });
    expect(await run.storage.exists(newest)).toBe(false);
  });

  test("metrics that are shorter than at a checkpoint rule it out; without any, the run begins anew", async () => {
    const run = await createRun(memoryStorage(), about);
    await appendMetrics(run, { iteration: 1 });
    await writeCheckpoint(run, at(1));
    await run.storage.truncate(pathIn(run, "metrics.jsonl"), 4);
    expect(await resumeRun(run)).toBeUndefined();
    expect(await textOf(run, "metrics.jsonl")).toBe("");
  });
});

describe("killed at a random moment and resumed", () => {
  let built: Transpiled;
  const folder = mkdtempSync(join(tmpdir(), "nullcline-runs-"));
  beforeAll(() => {
    built = transpile("base", "host", "formats");
    // Six checkpoints of a computation in which every step depends on all before it.
    built.add(
      "train.js",
      `import { nodeStorage as storage } from "./host/nodeStorage.js";
import * as runs from "./formats/runFolder.js";
const [path, resume] = process.argv.slice(2);
const about = ${JSON.stringify(about)};
const run = resume ? await runs.openRun(storage, path) : await runs.createRun(storage, about, { out: path });
console.log("open");
const from = (resume && (await runs.resumeRun(run)))?.checkpoint;
let x = from ? from.parameters.x.data.slice() : Float64Array.from({ length: 400 }, (_, i) => i / 400);
let velocity = from ? from.optimiser.velocity.data.slice() : new Float64Array(400);
for (let k = (from?.iteration ?? 0) + 1; k <= 24; k++) {
  for (let i = 0; i < 400; i++) {
    velocity[i] = 0.9 * velocity[i] + Math.sin(x[(i + 1) % 400] + k);
    x[i] += velocity[i] / 10;
  }
  await runs.appendMetrics(run, { iteration: k, loss: x[7] });
  await runs.appendTiming(run, { iteration: k, ms: performance.now() });
  const shape = [400];
  if (k % 4 === 0)
    await runs.writeCheckpoint(run, { iteration: k, parameters: { x: { data: x, shape } }, optimiser: { velocity: { data: velocity, shape } }, state: {} });
}
await runs.writeParameters(run, { x: { data: x, shape: [400] } });
await runs.writeResult(run, { study: "context", seed: 3, status: "passed", checks: [], summary: { last: x[7] } });
console.log("done");`,
    );
  });
  afterAll(() => {
    built.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (path: string, resume: boolean) =>
    spawn(process.execPath, [join(built.folder, "train.js"), path, ...(resume ? ["resume"] : [])], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  const bytesIn = (path: string) =>
    Object.fromEntries(
      readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== "timing.jsonl")
        .map((entry) => [
          join(entry.parentPath, entry.name).slice(path.length),
          readFileSync(join(entry.parentPath, entry.name), "base64"),
        ]),
    );

  test.skipIf(process.platform === "win32")("twenty times: the same bytes, at most one interval repeated", async () => {
    const whole = join(folder, "whole");
    const began = performance.now();
    const uninterrupted = start(whole, false);
    let opened = began;
    uninterrupted.stdout.once("data", () => {
      opened = performance.now();
    });
    expect(await once(uninterrupted, "exit")).toEqual([0, null]);
    const duration = performance.now() - opened;
    const expected = bytesIn(whole);
    expect(Object.keys(expected).sort()).toEqual([
      "/checkpoints/step-000000020.safetensors",
      "/checkpoints/step-000000024.safetensors",
      "/metrics.jsonl",
      "/parameters.safetensors",
      "/result.json",
      "/run.json",
    ]);
    let killed = 0;
    const killAndResume = async (k: number) => {
      const path = join(folder, `killed-${k}`);
      const child = start(path, false);
      const ended = once(child, "exit");
      await once(child.stdout, "data");
      setTimeout(() => child.kill("SIGKILL"), duration * ((k * 0.618) % 1));
      const [, signal] = await ended;
      if (signal === "SIGKILL") killed++;
      expect(await once(start(path, true), "exit")).toEqual([0, null]);
      expect(bytesIn(path)).toEqual(expected);
      // Steps done twice are those since the last checkpoint: timing.jsonl, which is never cut, shows them.
      expect(lines(path, "timing.jsonl") - 24).toBeLessThanOrEqual(4);
    };
    for (let k = 0; k < 20; k += 4) await Promise.all([k, k + 1, k + 2, k + 3].map(killAndResume));
    expect(killed).toBeGreaterThanOrEqual(10);
  });

  function lines(path: string, name: string): number {
    const file = join(path, name);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  }
});
