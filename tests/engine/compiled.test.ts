import { describe, expect, it } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import {
  type CompileOptions,
  compileModule,
  compileProgram,
  emitModule,
  instantiate,
} from "../../src/engine/compiled/index.ts";
import type { Executable, RunOptions } from "../../src/engine/executable.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { Graph } from "../../src/equations/build.ts";
import type { MapName, Node, Shape } from "../../src/equations/graph.ts";
import type { Program } from "../../src/equations/program.ts";
import { nodeHost } from "../../src/host/node.ts";
import { block, difference, leaves, program } from "./programs.ts";
import { randomProgram } from "./randomPrograms.ts";

/** Fills parameters and inputs with the same numbers (f32 numbers, so that both precisions read the same). */
function fill(executable: Executable, samples: number, scales: Record<string, number> = {}): void {
  const { program, options } = executable;
  const random = new RandomStream(1, "values");
  const draw = (n: number, scale = 0.7) => Float32Array.from({ length: n }, () => random.normal() * scale);
  for (const [name, { shape }] of Object.entries(program.parameters))
    executable.setParameter(name, draw(entriesOf(shape, options.sizes), scales[name]));
  for (const [name, { shape, per }] of Object.entries(program.inputs))
    executable.setInput(
      name,
      draw(options.trials * (per === "sample" ? samples : 1) * entriesOf(shape, options.sizes)),
    );
}

async function compare(
  program: Program,
  options: CompileOptions,
  run: RunOptions,
  tolerance: number,
  scales: Record<string, number> = {},
): Promise<void> {
  const samples = run.samples ?? options.samples;
  const compiled = await compileProgram(program, options);
  const reference = interpretProgram(program, options);
  for (const executable of [compiled, reference]) {
    fill(executable, samples, scales);
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

const maps: MapName[] = [
  "neg",
  "abs",
  "relu",
  "step",
  "detach",
  "sqrt",
  "tanh",
  "sigmoid",
  "softplus",
  "exp",
  "log",
  "sin",
  "cos",
  "erf",
  "pow",
];
const run: RunOptions = { dt: 0.3, seed: 5, purpose: 2, firstTrial: 3, firstSample: 20, samples: 6 };

describe("random programs agree with the interpreter", () => {
  for (let seed = 0; seed < 60; seed++) {
    const trials = [1, 3, 8, 13][seed % 4]!;
    it(`f64, seed ${seed}, ${trials} trials`, async () => {
      const { program, record } = randomProgram(seed, { maps, noise: true, jumps: true });
      await compare(program, { sizes: {}, trials, samples: 7, record, precision: "f64" }, run, 1e-12);
    });
    // Without functions that jump, where a last bit would matter, and with the tolerance that sums which cancel need.
    it(`f32, seed ${seed}, ${trials} trials`, async () => {
      const { program, record } = randomProgram(seed, { maps, noise: true, jumps: false });
      await compare(program, { sizes: {}, trials, samples: 7, record, precision: "f32" }, run, 1e-4);
    });
  }
  it("with relaxed SIMD", async () => {
    expect(nodeHost().relaxedSimd()).toBe(true);
    const { program, record } = randomProgram(100, { maps, noise: true, jumps: true });
    await compare(program, { sizes: {}, trials: 5, samples: 7, record, precision: "f64", relaxed: true }, run, 1e-12);
  });
});

/** x[t] = tanh(W x[t-1] + u + b), a backward pass y[t] = V' (x[t-2] * y[t+1]) + x[t+3], and gradients of all kinds. */
function longProgram(): Program {
  const g = new Graph();
  const of = leaves(g);
  const W = of.parameter("W", ["N", "N"]);
  const drive = g.map("add", of.input("u", ["N"]), of.parameter("b", ["N"]));
  const x = g.map("tanh", g.map("add", g.product(W, of.read("x", -1, ["N"])), drive));
  const V = of.parameter("V", ["N", "M"]);
  const back = g.product(g.transpose(V), g.map("mul", of.read("x", -2, ["N"]), g.product(V, of.read("y", 1, ["M"]))));
  const y = g.map("add", g.map("mul", of.parameter("small"), back), of.input("v", ["M"], 3));
  const row = (node: Node) => g.transpose(node);
  const outer = (name: string, node: Node, shape: Shape) => ({ name, node, over: "update" as const, shape });
  return program({
    parameters: { W: { shape: ["N", "N"] }, V: { shape: ["N", "M"] }, b: { shape: ["N"] }, small: { shape: [] } },
    inputs: { u: { shape: ["N"], per: "sample" }, v: { shape: ["M"], per: "sample" } },
    blocks: [
      block("pass", {
        definitions: { x },
        initials: { x: of.parameter("b", ["N"]) },
        sums: [outer("xu", g.product(g.map("mul", x, x), row(of.input("u", ["N"], 1))), ["N", "N"])],
      }),
      block("pass", {
        direction: -1,
        definitions: { y },
        initials: { y: g.number(0.5, ["M"]) },
        sums: [
          outer("now", g.product(y, row(of.read("x", 0, ["N"]))), ["M", "N"]),
          outer("before", g.product(y, row(of.read("x", -5, ["N"]))), ["M", "N"]),
          outer("after", g.product(of.read("x", 2, ["N"]), row(of.read("y", 1, ["M"]))), ["N", "M"]),
        ],
      }),
    ],
  });
}

describe("gradients over more steps than are kept", () => {
  // 140 bytes … of y and 35 rows of x: about 230 steps of 16 lanes of f32 fit the slots, half as many of f64.
  it.each([
    ["f64", 13, 1e-12],
    ["f64", 16, 1e-12],
    ["f32", 13, 1e-5],
    ["f32", 16, 1e-5],
  ] as const)("%s, %i trials", async (precision, trials, tolerance) => {
    const options = {
      sizes: { N: 35, M: 9 },
      trials,
      samples: 500,
      record: ["xu", "now", "before", "after", "y"],
      precision,
    };
    await compare(longProgram(), options, {}, tolerance, { W: 0.1, V: 0.1, small: 0.1 });
  });
});

describe("memory", () => {
  it("says how many bytes are too many", async () => {
    const options = { sizes: { N: 1000, M: 10 }, trials: 1000, samples: 2000, record: ["x"] };
    await expect(compileProgram(longProgram(), options)).rejects.toThrow(NullclineError);
    await expect(compileProgram(longProgram(), options)).rejects.toThrow(
      /1000 trials of 2000 samples need \d+ bytes \(1\d\.\d GiB\)/,
    );
  });

  it("keeps what only its own pass reads for as many samples as it looks back", () => {
    const g = new Graph();
    const of = leaves(g);
    const x = g.map("add", of.read("x", -3), g.number(1));
    const p = program({
      blocks: [block("pass", { definitions: { x }, sums: [{ name: "s", node: x, over: "update", shape: [] }] })],
    });
    const bytes = (record: string[]) => emitModule(p, { sizes: {}, trials: 8, samples: 10000, record }).layout.bytes;
    expect(bytes(["s"])).toBeLessThan(2000);
    expect(bytes(["x"])).toBeGreaterThan(10000 * 8 * 4);
  });
});

describe("an executable", () => {
  const g = new Graph();
  const of = leaves(g);
  const p = program({
    parameters: { J: { shape: ["N"] } },
    inputs: { u: { shape: ["N"], per: "sample" } },
    blocks: [
      block("pass", { definitions: { rate: g.map("mul", of.parameter("J", ["N"]), of.input("u", ["N"], -1)) } }),
    ],
  });
  const options = { sizes: { N: 2 }, trials: 2, samples: 3, record: ["rate"] };

  it("reads f32 arrays, of the samples that were run", async () => {
    const e = await compileProgram(p, options);
    e.setParameter("J", [2, 3]);
    e.setInput("u", [1, 2, 3, 4, 5, 6, 7, 8]); // two of three samples
    e.run();
    const rate = (data: number[], samples: number) => ({ data: Float32Array.from(data), shape: [2, samples, 2] });
    expect(e.read("rate")).toEqual(rate([0, 0, 2, 6, 6, 12, 0, 0, 10, 18, 14, 24], 3));
    e.setParameter("J", [1, 1]);
    e.run({ samples: 2 });
    expect(e.read("rate")).toEqual(rate([0, 0, 1, 2, 0, 0, 5, 6], 2));
  });

  it("can be instantiated from a clone", async () => {
    const module = await compileModule(p, options);
    const e = instantiate({ wasm: module.wasm, layout: structuredClone(module.layout) });
    e.setParameter("J", [2, 3]);
    e.setInput("u", new Float64Array(12).fill(1));
    e.run();
    expect(Array.from(e.read("rate").data)).toEqual([0, 0, 2, 3, 2, 3, 0, 0, 2, 3, 2, 3]);
  });

  it.each<[string, (e: Executable) => void, RegExp]>([
    ["parameter length", (e) => e.setParameter("J", [1]), /1 values for parameter J; expected 2/],
    ["input length", (e) => e.setInput("u", [1, 2, 3]), /3 values for input u/],
    ["parameter name", (e) => e.setParameter("K", [1]), /no parameter K/],
    ["input name", (e) => e.setInput("uu", [1]), /did you mean u/],
    ["not recorded", (e) => e.read("rat"), /did you mean rate/],
    ["too many samples", (e) => e.run({ samples: 4 }), /4 samples/],
  ])("refuses a wrong %s", async (_, act, message) => {
    const e = await compileProgram(p, options);
    expect(() => act(e)).toThrow(NullclineError);
    expect(() => act(e)).toThrow(message);
  });
});
