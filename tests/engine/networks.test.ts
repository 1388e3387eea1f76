/** Every cell of the catalogue with its tangent and gradient: the compiled program against the interpreter. */
import { describe, expect, test } from "vitest";
import { type CompileOptions, compileProgram } from "../../src/engine/compiled/index.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import type { Program } from "../../src/equations/program.ts";
import { tangent } from "../../src/equations/tangent.ts";
import { cells, sizes } from "../equations/cells.ts";
import { difference } from "./programs.ts";

type Values = Record<string, Float32Array>;

/** Values for everything that a program is given, in f32, so that both precisions are given the same. */
function draw(program: Program, network: NetworkData, trials: number, samples: number): Values {
  const values: Values = {};
  const numbers = (name: string, n: number, scale: number, centre = 0) => {
    const random = new RandomStream(6, name);
    values[name] = Float32Array.from({ length: n }, () => centre + scale * random.normal());
  };
  for (const [name, { shape }] of Object.entries(program.parameters)) {
    const given = network.parameters[name]?.value;
    const n = entriesOf(shape, sizes);
    if (typeof given === "number") numbers(name, n, shape.length > 0 ? 0.05 * given : 0, given);
    else if (/^tau/.test(name)) numbers(name, n, 0.5, 6);
    else numbers(name, n, 0.3);
  }
  for (const [name, { shape, per }] of Object.entries(program.inputs))
    numbers(name, trials * (per === "sample" ? samples : 1) * entriesOf(shape, sizes), 0.5);
  return values;
}

async function compare(program: Program, values: Values, options: CompileOptions, dt: number, tolerance: number) {
  const executables = [await compileProgram(program, options), interpretProgram(program, options)];
  for (const executable of executables) {
    for (const [name, v] of Object.entries(values)) {
      if (program.parameters[name]) executable.setParameter(name, v);
      else executable.setInput(name, v);
    }
    executable.run({ dt, seed: 3, firstTrial: 7 });
  }
  for (const name of options.record) {
    const [compiled, reference] = executables.map((e) => e.read(name).data);
    const off = difference(compiled!, reference!);
    if (!(off <= tolerance)) expect.fail(`${name}: differs by ${off}`);
  }
}

describe.each(cells.map((network) => [network.name!, network] as const))("%s", (_, network) => {
  const model = modelOf(network);
  const dt = network.dt ?? 1;
  const timed = [...model.text.quantities.values()].filter((q) => q.level !== "update").map((q) => q.name);
  const wrt = [...Object.keys(model.program.parameters), ...Object.keys(model.program.inputs)];
  const { program, sum } = weightedSum(model.program, timed);
  const back = adjoint(program, sum, wrt, network.surrogates);

  test.each([
    ["f64", 3, 1e-12],
    ["f64", 9, 1e-12],
    ["f32", 9, 1e-5],
  ] as const)("quantities and gradient, %s, %i trials", async (precision, trials, tolerance) => {
    const record = [...timed, sum, ...Object.values(back.gradients)];
    const samples = 9;
    const values = draw(back.program, network, trials, samples);
    await compare(back.program, values, { sizes, trials, samples, record, precision }, dt, tolerance);
  });

  test("tangent, f64", async () => {
    const forward = tangent(model.program, Object.keys(back.gradients), network.surrogates);
    const record = Object.values(forward.dots);
    const [trials, samples] = [5, 6];
    const values = draw(forward.program, network, trials, samples);
    await compare(forward.program, values, { sizes, trials, samples, record, precision: "f64" }, dt, 1e-12);
  });
});
