import { describe, expect, it } from "vitest";
import { type CompileOptions, compileProgram } from "../../src/engine/compiled/index.ts";
import type { Executable, RunOptions } from "../../src/engine/executable.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import type { MapName } from "../../src/equations/graph.ts";
import type { Program } from "../../src/equations/program.ts";
import { randomProgram } from "./randomPrograms.ts";

/** Fills parameters and inputs with the same numbers (f32 numbers, so that both precisions read the same). */
function fill(executable: Executable, samples: number): void {
  const { program, options } = executable;
  const random = new RandomStream(1, "values");
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.normal() * 0.7);
  for (const [name, { shape }] of Object.entries(program.parameters))
    executable.setParameter(name, draw(entriesOf(shape, options.sizes)));
  for (const [name, { shape, per }] of Object.entries(program.inputs))
    executable.setInput(
      name,
      draw(options.trials * (per === "sample" ? samples : 1) * entriesOf(shape, options.sizes)),
    );
}

/** Largest difference relative to the norm per entry of the reference, at least 1e-3. */
function difference(a: ArrayLike<number>, reference: ArrayLike<number>): number {
  expect(a.length).toBe(reference.length);
  let norm = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(reference[i]!) !== Number.isNaN(a[i]!)) return Number.NaN;
    if (a[i] === reference[i] || Number.isNaN(a[i]!)) continue;
    norm += reference[i]! ** 2;
    largest = Math.max(largest, Math.abs(a[i]! - reference[i]!));
  }
  return largest / Math.max(1e-3, Math.sqrt(norm / a.length));
}

async function compare(program: Program, options: CompileOptions, run: RunOptions, tolerance: number): Promise<void> {
  const samples = run.samples ?? options.samples;
  const compiled = await compileProgram(program, options);
  const reference = interpretProgram(program, options);
  for (const executable of [compiled, reference]) {
    fill(executable, samples);
    executable.run({ samples: 1 }); // nothing of an earlier run may be left
    executable.run(run);
  }
  for (const name of options.record) {
    const a = compiled.read(name);
    const b = reference.read(name);
    expect(a.shape).toEqual(b.shape);
    const off = difference(a.data, b.data);
    if (!(off <= tolerance)) expect.fail(`${name}: differs by ${off}`);
  }
}

const maps: MapName[] = ["neg", "abs", "relu", "step", "detach", "sqrt", "tanh", "sigmoid", "softplus", "exp", "log", "sin", "cos", "erf", "pow"]; // biome-ignore format: a list
const run: RunOptions = { dt: 0.3, seed: 5, purpose: 2, firstTrial: 3, firstSample: 20, samples: 6 };

describe("random programs agree with the interpreter", () => {
  for (let seed = 0; seed < 60; seed++) {
    const trials = [1, 3, 8, 13][seed % 4]!;
    it(`seed ${seed}, ${trials} trials`, async () => {
      const { program, record } = randomProgram(seed, maps, false);
      const options = { sizes: {}, trials, samples: 7, record };
      await compare(program, { ...options, precision: "f64" }, run, 1e-12);
      await compare(program, { ...options, precision: "f32" }, run, 1e-5);
    });
  }
});
