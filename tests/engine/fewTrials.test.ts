/** Few trials, whose vectors run over entries: the numbers of a larger batch and of the interpreter. */
import { describe, expect, it } from "vitest";
import { type CompileOptions, compileProgram, emitModule } from "../../src/engine/compiled/index.ts";
import type { Executable } from "../../src/engine/executable.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { Graph } from "../../src/equations/build.ts";
import { modelOf } from "../../src/equations/model.ts";
import { addScalar } from "../../src/equations/objective.ts";
import { nodeHost } from "../../src/host/node.ts";
import { block, difference, leaves, program } from "./programs.ts";

const shapes = { J: ["N", "N"], B: ["N", "I"], b: ["N"], W: ["O", "N"], k: [], D: ["N"] };
const model = modelOf(
  {
    equations: `tau dx/dt = -x + J r + diag(D) B u + b + 0.3 xi + k eta
eta[t] = 0.5 eta[t-1] + eps
r = tanh(x - 0.1 (w' r[t-1]))
s = w' x
z = W r + s`,
    inputs: { u: { shape: ["I"] } },
    states: { eta: { shape: ["N"] } },
    parameters: {
      tau: { value: 3 },
      w: { shape: ["N"] },
      ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    },
  },
  { dt: 0.5 },
);
const sizes = { N: 37, I: 3, O: 2 };

function run(e: Executable, trials: number): Record<string, Float32Array | Float64Array> {
  const { program, options } = e;
  const values = (name: string, n: number) => {
    const s = new RandomStream(3, name);
    return Float32Array.from({ length: n }, () => s.normal() * 0.3);
  };
  for (const [name, { shape }] of Object.entries(program.parameters))
    e.setParameter(name, name === "tau" ? [3] : values(name, entriesOf(shape, options.sizes)));
  // The same inputs for trial k in a batch of any size.
  for (const [name, { shape }] of Object.entries(program.inputs))
    e.setInput(
      name,
      values(name, 8 * options.samples * entriesOf(shape, options.sizes)).slice(
        0,
        trials * options.samples * entriesOf(shape, options.sizes),
      ),
    );
  e.run({ samples: 1 });
  e.run({ dt: 0.5, seed: 4, firstTrial: 2, firstSample: 9 });
  return Object.fromEntries(options.record.map((name) => [name, e.read(name).data]));
}

const modes = [
  ["f32", false],
  ["f32", true],
  ["f64", false],
] as const;
describe.each([1, 2, 3, 4])("%i trials", (trials) => {
  const few = (precision: string) => precision === "f32" || trials < 4;
  it.each(modes.filter(([precision]) => few(precision)))(
    "are simulated with the bits of a batch: %s, relaxed %s",
    async (precision, relaxed) => {
      if (relaxed) nodeHost().relaxedSimd();
      const options: CompileOptions = {
        sizes,
        trials,
        samples: 21,
        record: ["x.next", "r", "s", "z"],
        precision,
        relaxed,
      };
      expect(emitModule(model.program, options).layout.arrangement.lanesAre).toBe("entries");
      const alone = run(await compileProgram(model.program, options), trials);
      const many = run(await compileProgram(model.program, { ...options, trials: 8 }), 8);
      for (const name of options.record) expect(alone[name]).toEqual(many[name]!.slice(0, alone[name]!.length));
    },
  );

  const tolerances = [
    ["f64", 1e-12],
    ["f32", 1e-4],
  ] as const;
  it.each(tolerances.filter(([precision]) => few(precision)))(
    "have the gradient of the interpreter: %s",
    async (precision, tolerance) => {
      const squares = addScalar(model.program, ["z"], (g, z, y) => g.map("pow", g.map("sub", z, y), g.number(2)));
      const { program, gradients } = adjoint(squares.program, squares.sum, [...Object.keys(shapes), "w"]);
      const record = [squares.sum, ...Object.values(gradients)];
      expect(record.length).toBe(2 + Object.keys(shapes).length);
      const options: CompileOptions = { sizes, trials, samples: 300, record, precision };
      expect(emitModule(program, options).layout.arrangement.lanesAre).toBe("entries");
      const measured = run(await compileProgram(program, options), trials);
      const expected = run(interpretProgram(program, options), trials);
      for (const name of record) expect(difference(measured[name]!, expected[name]!)).toBeLessThan(tolerance);
    },
  );

  it("add up what each trial sums by itself", async () => {
    const g = new Graph();
    const of = leaves(g);
    const u = of.input("u", ["N"]);
    const p = program({
      inputs: { u: { shape: ["N"], per: "sample" } },
      blocks: [
        block("pass", {
          definitions: { y: g.map("mul", u, g.number(2)) },
          sums: [
            { name: "all", node: g.map("mul", u, u), over: "trial", shape: [] },
            { name: "each", node: u, over: "trial", shape: ["N"] },
          ],
        }),
        block("trial", {
          definitions: {
            later: g.map(
              "mul",
              g.leaf({ kind: "value", name: "all" }, [], "trial"),
              g.leaf({ kind: "value", name: "each" }, ["N"], "trial"),
            ),
          },
        }),
      ],
    });
    const options: CompileOptions = {
      sizes: { N: 5 },
      trials,
      samples: 7,
      record: ["all", "each", "later"],
      precision: "f32",
    };
    expect(emitModule(p, options).layout.arrangement.lanesAre).toBe("entries");
    const measured = run(await compileProgram(p, options), trials);
    const expected = run(interpretProgram(p, options), trials);
    for (const name of options.record) expect(difference(measured[name]!, expected[name]!)).toBeLessThan(1e-5);
  });
});

it("a program with a matrix for each trial keeps its trials in the lanes", () => {
  const g = new Graph();
  const of = leaves(g);
  const u = of.input("u", ["N"]);
  const p = program({
    inputs: { u: { shape: ["N"], per: "sample" } },
    blocks: [block("pass", { definitions: { outer: g.product(u, g.transpose(u)) } })],
  });
  const { layout } = emitModule(p, { sizes: { N: 4 }, trials: 1, samples: 3, record: ["outer"] });
  expect(layout.arrangement.lanesAre).toBe("trials");
});
