/** The benchmark's statistics, comparison and table, on peers that answer fixed numbers. Nothing is timed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { prune } from "../../src/equations/normalise.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import { read } from "../repository/files.ts";

/** Modules of `bench/` are plain JavaScript without types. */
const bench = (file: string) => import(/* @vite-ignore */ new URL(`../../bench/${file}`, import.meta.url).href);
const { median, quantile, exponent, exponents } = await bench("statistics.mjs");
const { sameNumbers, samePoints } = await bench("agreement.mjs");
const { runCase } = await bench("cases.mjs");
const { tableOf, withReport } = await bench("table.mjs");
const { startSession } = await bench("session.mjs");
const { readOptions } = await bench("options.mjs");
const { generator } = await bench("numbers.mjs");
const { workloads } = await bench("workloads/index.mjs");
const { peers } = await bench("peers/index.mjs");

test("medians and quartiles, of odd and even numbers of values, in any order", () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 10])).toBe(3.5);
  expect([0.25, 0.5, 1].map((f) => quantile([40, 10, 20, 30, 50], f))).toEqual([20, 30, 50]);
});

test("the exponent of a power law, and of its pieces", () => {
  const x = [1, 2, 4, 8];
  expect(
    exponent(
      x,
      x.map((v) => 7 * v ** 1.5),
    ),
  ).toBeCloseTo(1.5, 12);
  expect(exponents(x, [1, 2, 8, 8]).map((e: number) => Math.round(1e9 * e) / 1e9)).toEqual([1, 2, 0]);
});

test("growth is drawn beside the products alone, at the rate of the largest case", async () => {
  const { figureOf } = await bench("workloads/growth.mjs");
  const result = (value: number, ms: number, flops: number) => {
    return { axis: "N", value, status: "timed", cpu: { median: ms }, flops };
  };
  const { panels } = figureOf([result(32, 2, 100), { axis: "N", value: 64, status: "failed" }, result(128, 8, 1600)]);
  expect(panels).toHaveLength(1);
  const [products, measured] = panels[0].layers;
  expect(measured).toMatchObject({ x: [32, 128], y: [2, 8] });
  expect(products.y).toEqual([0.5, 8]);
});

test("numbers agree to 1e-4, relative above 1; NaN and another length never do", () => {
  expect(sameNumbers([0.5, 2000], [0.50009, 2000.1]).agrees).toBe(true);
  expect(sameNumbers([0.5], [0.5002]).agrees).toBe(false);
  expect(sameNumbers([0.5], [Number.NaN]).agrees).toBe(false);
  expect(sameNumbers([0.5, 1], [0.5]).agrees).toBe(false);
  expect(sameNumbers([], []).agrees).toBe(false);
});

test("the work of products is counted from the program: forward, back to the state, and each weight's gradient", async () => {
  const { productFlops } = await bench("flops.mjs");
  const sizes = { N: 7, I: 3, O: 2 };
  const flops = (data: NetworkData): number => {
    const { program, sum } = weightedSum(modelOf(data).program, ["z"]);
    const trained = Object.keys(data.parameters).filter((name) => data.parameters[name]!.tag !== "pinned");
    const { program: back, gradients } = adjoint(program, sum, trained);
    return productFlops(prune(back, [sum, ...Object.values(gradients)]), sizes);
  };
  const [N, I, O] = [7, 3, 2];
  const parameters = { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } };
  const data: NetworkData = { equations: "x[t+1] = 0.8 x + J tanh(x) + B u\nz = W tanh(x)", parameters };
  // Nothing goes back to the input; the sum itself is a product of O.
  expect(flops(data)).toBe(2 * (3 * N * N + 2 * N * I + 3 * N * O + O));
  const pinned = { ...data, parameters: { ...parameters, J: { ...parameters.J, tag: "pinned" as const } } };
  expect(flops(pinned)).toBe(2 * (2 * N * N + 2 * N * I + 3 * N * O + O));
  // What is made of parameters alone is made once, not at every sample.
  const scaled = { ...data, equations: data.equations.replace("J tanh", "(J * J) tanh") };
  expect(flops(scaled)).toBe(2 * (3 * N * N + 2 * N * I + 3 * N * O + O));
});

test("fixed points agree where each is one of ours; those not found are said", () => {
  const ours = [
    [0, 0],
    [1, 1],
  ];
  expect(samePoints(ours, [[1, 1.0005]])).toEqual({ agrees: true, says: "1 of 2 points" });
  expect(samePoints(ours, [[0.5, 0.5]]).agrees).toBe(false);
  expect(samePoints(ours, []).agrees).toBe(false);
});

/** Sessions that answer what is written here: losses, then CPU and wall times by turns. */
function fakeContext(losses: Record<string, number[] | { error: string }>, times: Record<string, number[]>) {
  const asked: string[] = [];
  return {
    asked,
    options: { threads: 1 },
    rounds: 2,
    seconds: 1,
    session: async (peer: string) =>
      peer in losses
        ? {
            async ask({ order }: { order: string }) {
              asked.push(`${peer} ${order}`);
              const check = losses[peer]!;
              if (order === "prepare") return Array.isArray(check) ? { check } : check;
              const [cpu, wall] = times[peer]!;
              return { cpu: [cpu, cpu], wall: [wall, wall] };
            },
          }
        : { missing: "no such module" },
  };
}

test("peers that agree are timed in turn; others are named, and have no time", async () => {
  const context = fakeContext(
    { ours: [1, 0.9], same: [1, 0.90005], other: [1, 0.8], broken: { error: "out of memory\nat line 1" } },
    { ours: [10, 12], same: [25, 24] },
  );
  const item = { name: "case", peers: ["ours", "same", "other", "broken", "absent"], spec: {} };
  const results = await runCase(item, context, { workload: "training" });
  expect(results.map((r: { status: string }) => r.status)).toEqual([
    "timed",
    "timed",
    "disagrees",
    "failed",
    "missing",
  ]);
  expect(results[1]).toMatchObject({ ratio: 2.5, samples: 4, wall: { median: 24 } });
  // One round that does not count, and two that do.
  expect(context.asked.filter((order) => order.endsWith("time"))).toEqual(
    Array.from({ length: 3 }, () => ["ours time", "same time"]).flat(),
  );
  expect(tableOf(results).split("\n")).toEqual([
    "|      | ours        | same                     | other                              | broken                | absent        |",
    "| ---- | ----------- | ------------------------ | ---------------------------------- | --------------------- | ------------- |",
    "| case | 10.0 / 12.0 | 25.0 / 24.0 · **2.50 ×** | differs: largest difference 1.0e-1 | failed: out of memory | not installed |",
  ]);
});

test("the ratio is of wall times where there are several threads", async () => {
  const context = fakeContext({ ours: [1], same: [1] }, { ours: [10, 12], same: [25, 24] });
  context.options.threads = 2;
  const [, peer] = await runCase({ name: "case", peers: ["ours", "same"], spec: {} }, context, {
    workload: "training",
  });
  expect(peer.ratio).toBe(2);
});

test("ours must have the published losses, and without ours no peer's time counts", async () => {
  const wrong = await runCase(
    { name: "case", peers: ["ours"], spec: {}, expected: { 1: 0.5 } },
    fakeContext({ ours: [1, 0.6] }, {}),
    { workload: "training" },
  );
  expect(wrong[0].status).toBe("disagrees");
  const context = fakeContext({ ours: { error: "it broke" }, same: [1] }, { same: [1, 1] });
  const [, peer] = await runCase({ name: "case", peers: ["ours", "same"], spec: {} }, context, {
    workload: "training",
  });
  expect(peer.status).toBe("disagrees");
});

describe("a peer's process", () => {
  const echo = (program: string) => startSession([process.execPath, "-e", program], { limit: 20 });
  test("answers a line for a line, and says why it ended", async () => {
    const session = echo(`process.stdin.on("data", (line) => {
      const { order } = JSON.parse(line);
      if (order === "end") { console.error("Error: last words\\n  at some place"); process.exitCode = 3; process.stdin.destroy(); }
      else console.log(JSON.stringify({ order }));
    })`);
    expect(await session.ask({ order: "describe" })).toEqual({ order: "describe" });
    expect(await session.ask({ order: "end" })).toEqual({ error: "Error: last words" });
    expect(await session.ask({ order: "time" })).toEqual({ error: "Error: last words" });
  });
  test("that does not exist is an answer, not an exception", async () => {
    const session = startSession(["no-such-program-here"]);
    expect(await session.ask({ order: "describe" })).toEqual({ error: "no-such-program-here is not there" });
    // At once, before it is known not to have started.
    startSession(["no-such-program-here"]).close();
  });
});

test('this program, as it is built, has the published losses (run "npm run build" first)', async () => {
  const { training } = await bench("workloads/training.mjs");
  const { writeArrays } = await bench("numbers.mjs");
  const [item] = training.cases;
  const folder = mkdtempSync(join(tmpdir(), "nullcline-bench-test-"));
  const session = startSession(peers.nullcline.command({ threads: 1, strict: true }));
  try {
    const spec = { ...item.spec, arrays: writeArrays(folder, await item.arrays()) };
    const { check, error } = await session.ask({ order: "prepare", workload: "training", spec });
    expect(error).toBeUndefined();
    for (const [iteration, loss] of Object.entries(item.expected))
      expect(check[iteration]).toBeCloseTo(loss as number, 5);
  } finally {
    session.close();
    rmSync(folder, { recursive: true });
  }
});

test("the report takes the place of the last one, and only that", () => {
  const before = read("bench/README.md");
  const once = withReport(before, "| a |");
  expect(withReport(once, "| b |").replace("| b |", "| a |")).toBe(once);
  expect(once.startsWith(before.split("<!-- last full run -->")[0]!)).toBe(true);
  expect(() => withReport("no marks", "")).toThrow("lacks");
});

test("options are read, and unknown workloads refused", () => {
  const names = workloads.map(({ name }: { name: string }) => name);
  expect(readOptions(["--only", "memory,training", "--threads", "2"], names)).toMatchObject({
    only: ["memory", "training"],
    threads: 2,
    quick: false,
  });
  expect(() => readOptions(["--only", "trainning"], names)).toThrow("there is training");
  expect(() => readOptions(["--threads", "0"], names)).toThrow("whole number");
  for (const name of names) expect(read("bench/README.md"), name).toContain(`\`${name}\``);
});

test("every case names peers that there are, ours first", () => {
  for (const { cases = [] } of workloads)
    for (const { peers: who, name } of cases) {
      expect(who[0], name).toBe("nullcline");
      for (const peer of who) expect(peers, name).toHaveProperty([peer]);
    }
});

test("the generator is the published one", () => {
  const { uniform } = generator();
  // 1664525 · 12345 + 1013904223 = 87628868 mod 2^32, by hand.
  expect(uniform() * 2 ** 32).toBe(87628868);
});
