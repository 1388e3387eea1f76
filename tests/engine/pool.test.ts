import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { CompiledModule } from "../../src/engine/compiled/index.ts";
import { compileForPool, createPool, type Pool, type Shard } from "../../src/engine/pool.ts";
import { Graph } from "../../src/equations/build.ts";
import type { Host } from "../../src/host/host.ts";
import { type Transpiled, transpile } from "../host/transpiled.ts";
import { block, leaves, program } from "./programs.ts";

/** h[t] = W h[t-1] + u, and the sums of h and of h u' over all. */
function compiled(): Promise<CompiledModule> {
  const g = new Graph();
  const { parameter, input, read } = leaves(g);
  const u = input("u", ["N"]);
  const h = g.map("add", g.product(parameter("W", ["N", "N"]), read("h", -1, ["N"])), u);
  const sums = [
    { name: "total", node: h, over: "update" as const, shape: [] },
    { name: "product", node: g.product(h, g.transpose(u)), over: "update" as const, shape: ["N", "N"] },
  ];
  const p = program({
    parameters: { W: { shape: ["N", "N"] } },
    inputs: { u: { shape: ["N"], per: "sample" } },
    blocks: [block("pass", { definitions: { h }, sums })],
  });
  return compileForPool(p, { sizes: { N: 5 }, trials: 3, samples: 4, record: ["h", "total", "product"] });
}

const W = Float64Array.from({ length: 25 }, (_, i) => Math.sin(i));
const shards: Shard[] = Array.from({ length: 7 }, (_, s) => ({
  inputs: { u: Float32Array.from({ length: 60 }, (_, i) => Math.cos(i * (s + 1))) },
  run: { firstTrial: 3 * s, samples: 4 },
}));
const read = ["h", "total", "product"];
const bits = (results: Awaited<ReturnType<Pool["run"]>>) =>
  results.map((r) => read.map((name) => [r[name]!.shape, Array.from(r[name]!.data)]));

describe("in place", () => {
  it("runs the shards one after the other with the same parameters", async () => {
    const pool = await createPool(await compiled());
    expect(pool.workers).toBe(0);
    const results = await pool.run(shards, { W }, read);
    expect(results).toHaveLength(7);
    for (const [s, { h, total }] of results.entries()) {
      expect(h!.shape).toEqual([3, 4, 5]);
      const u = shards[s]!.inputs.u!;
      // The second sample of the last trial, from the definition.
      for (let i = 0; i < 5; i++) {
        let expected = u[45 + i]!;
        for (let j = 0; j < 5; j++) expected += W[i * 5 + j]! * u[40 + j]!;
        expect(h!.data[45 + i]).toBeCloseTo(expected, 5);
      }
      let sum = 0;
      for (const value of h!.data) sum += value;
      expect(total!.data[0]).toBeCloseTo(sum, 3);
    }
    pool.close();
  });
});

describe("with worker threads", () => {
  let built: Transpiled;
  let host: Host;
  beforeAll(async () => {
    built = transpile("base", "host", "equations", "engine", "engine/linalg", "engine/wasm", "engine/compiled");
    const { nodeHost } = await import(/* @vite-ignore */ pathToFileURL(`${built.folder}/host/node.js`).href);
    host = nodeHost();
  });
  afterAll(() => built.remove());

  it("gives the same bits with 2 or 3 workers as in place, run after run", async () => {
    const module = await compiled();
    const here = await createPool(module);
    for (const count of [2, 3]) {
      const pool = await createPool(module, { host, workers: count });
      expect(pool.workers).toBe(count);
      for (const parameters of [{ W }, { W: W.map((w) => 0.5 * w) }])
        expect(bits(await pool.run(shards, parameters, read))).toEqual(bits(await here.run(shards, parameters, read)));
      pool.close();
    }
  });

  it("gives them without shared memory as well, and leaves the caller's arrays as they are", async () => {
    const module = await compiled();
    const expected = bits(await (await createPool(module)).run(shards, { W }, read));
    const whole = Float32Array.from(shards.flatMap(({ inputs }) => Array.from(inputs.u!)));
    const views = shards.map((shard, s) => ({ ...shard, inputs: { u: whole.subarray(60 * s, 60 * s + 60) } }));
    vi.stubGlobal("SharedArrayBuffer", undefined);
    try {
      const pool = await createPool(module, { host, workers: 2 });
      expect(bits(await pool.run(views, { W }, read))).toEqual(expected);
      expect(W).toHaveLength(25);
      expect(whole).toHaveLength(420);
      pool.close();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("passes on mistakes of the caller", async () => {
    const pool = await createPool(await compiled(), { host, workers: 2 });
    await expect(pool.run(shards, { W: [1] }, read)).rejects.toMatchObject({ name: "NullclineError", code: "shape" });
    pool.close();
  });
});
