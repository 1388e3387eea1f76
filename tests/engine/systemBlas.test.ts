/** Large products by an installed OpenBLAS: to rounding what our own kernels give, and the same bits whoever computes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileModule, compileProgram } from "../../src/engine/compiled/index.ts";
import { createPool, type Shard } from "../../src/engine/pool.ts";
import { modelOf } from "../../src/equations/model.ts";
import { blasInUse, useBlas } from "../../src/host/blas.ts";
import type { Host } from "../../src/host/host.ts";
import { objectiveOf } from "../../src/training/objective.ts";
import { builtHost } from "../host/builtHost.ts";

const installed = useBlas("auto");
useBlas("off");

const N = 260;
const sizes = { N, I: 3, O: 2 };
const [trials, samples] = [5, 7]; // lanes that are no trial
const trained = ["J", "B", "W"];
const model = modelOf({
  equations: "h[t] = 0.8 h[t-1] + 0.2 tanh(J h[t-1] + B u + J' h[t-2])\nz = W h",
  parameters: { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } },
});
const objective = objectiveOf(model, trained);
const record = [objective.loss, "h", ...Object.values(objective.gradients)];
const wave = (n: number, scale: number, k: number) =>
  Float64Array.from({ length: n }, (_, i) => scale * Math.sin(k * i + i * i));
const parameters = { J: wave(N * N, 1 / Math.sqrt(N), 0.7), B: wave(N * 3, 1, 1.3), W: wave(2 * N, 0.2, 2.1) };
const shardOf = (s: number): Shard => ({
  inputs: {
    u: wave(trials * samples * 3, 1, 0.3 + s),
    [objective.target]: wave(trials * samples * 2, 1, 0.9 + s),
    [objective.mask]: new Float64Array(trials * samples * 2).fill(1 / (trials * samples * 2)),
  },
});

describe.skipIf(!installed)("with OpenBLAS (skipped where it or koffi is not installed)", () => {
  let host: Host;
  let remove: () => void;
  beforeAll(async () => ({ host, remove } = await builtHost()));
  afterAll(() => remove?.());

  it.each([
    ["f64", 1e-12],
    ["f32", 2e-5],
  ] as const)("trajectories and gradients agree to rounding in %s", async (precision, tolerance) => {
    const results = [];
    for (const blas of ["", installed!.from]) {
      const compiled = await compileModule(objective.program, { sizes, trials, samples, record, precision, blas });
      expect(compiled.layout.blas).toBe(blas || undefined);
      const pool = await createPool(compiled);
      results.push((await pool.run([shardOf(0)], parameters, record))[0]!);
    }
    const [own, library] = results as [(typeof results)[0], (typeof results)[0]];
    let different = 0;
    for (const name of record) {
      const [a, b] = [own[name]!.data, library[name]!.data];
      let largest = 0;
      for (const x of a) largest = Math.max(largest, Math.abs(x));
      expect(largest).toBeGreaterThan(0);
      for (let k = 0; k < a.length; k++) {
        if (a[k] !== b[k]) different++;
        expect(Math.abs(a[k]! - b[k]!)).toBeLessThanOrEqual(tolerance * largest);
      }
    }
    expect(different).toBeGreaterThan(0); // it was another product
  });

  it("1, 2 and 3 workers give the same bits", async () => {
    const compiled = await compileModule(objective.program, { sizes, trials, samples, record, blas: installed!.from });
    const shards = [0, 1, 2, 3].map(shardOf);
    const bits = async (workers: number) => {
      const pool = await createPool(compiled, { host, workers });
      expect(pool.workers).toBe(workers === 1 ? 0 : workers);
      const results = await pool.run(shards, parameters, record);
      pool.close();
      return results.map((r) => record.map((name) => Array.from(r[name]!.data)));
    };
    const one = await bits(1);
    for (const workers of [2, 3]) expect(await bits(workers)).toEqual(one);
  });

  it("small matrices stay with our own kernels", async () => {
    const small = { ...sizes, N: 128 };
    const { layout } = await compileModule(objective.program, {
      sizes: small,
      trials,
      samples,
      record,
      blas: installed!.from,
    });
    expect(layout.blas).toBeUndefined();
  });

  it("`auto` and a path set what is compiled from then on, `off` ends it", async () => {
    try {
      expect(useBlas(installed!.from)?.description).toContain("one thread");
      expect(blasInUse()).toBe(installed);
      const { layout } = await compileModule(objective.program, { sizes, trials, samples, record });
      expect(layout.blas).toBe(installed!.from);
    } finally {
      expect(useBlas("off")).toBeUndefined();
    }
    const { layout } = await compileModule(objective.program, { sizes, trials, samples, record });
    expect(layout.blas).toBeUndefined();
  });
});

it("a library that is none is refused by name; a program needs none", async () => {
  expect(() => useBlas("/nowhere/libblas.so")).toThrow(expect.objectContaining({ code: "blas" }));
  expect(blasInUse()).toBeUndefined();
  const executable = await compileProgram(objective.program, { sizes, trials, samples, record });
  executable.run();
  expect(executable.read("h").shape).toEqual([trials, samples, N]);
});
