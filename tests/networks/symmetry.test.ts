/** Units have no order, and trials no neighbours: over the whole catalogue. */
import { describe, expect, test } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { Graph } from "../../src/equations/build.ts";
import type { Node, Shape } from "../../src/equations/graph.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { prune } from "../../src/equations/normalise.ts";
import type { Program } from "../../src/equations/program.ts";
import * as networks from "../../src/networks/index.ts";
import { type Case, caseOf, difference, normal, timed, type Values } from "./properties.ts";

const catalogue: [string, NetworkData][] = Object.entries(networks);
const order = [3, 0, 4, 1, 2];

/** Noise given as inputs of the same names, so that it can be permuted. */
function withGivenNoise(program: Program): Program {
  const g = new Graph();
  const given = (node: Node): Node =>
    g.rebuild(node, (n) =>
      n.op === "leaf" && n.leaf.kind === "noise"
        ? g.leaf({ kind: "input", name: n.leaf.source, offset: n.leaf.offset }, n.shape, n.level)
        : undefined,
    );
  const blocks = program.blocks.map((b) => ({
    ...b,
    definitions: b.definitions.map((d) => ({ ...d, node: given(d.node) })),
    initials: Object.fromEntries(Object.entries(b.initials).map(([name, node]) => [name, given(node)])),
  }));
  return { ...program, inputs: { ...program.inputs, ...program.noises }, noises: {}, blocks };
}

/** Entries along each dimension N in another order; `data` holds any number of values of that shape. */
function permuted(data: ArrayLike<number>, shape: Shape, sizes: Record<string, number>): Float64Array {
  const dims = shape.map((d) => (typeof d === "number" ? d : sizes[d]!));
  const size = dims.reduce((a, b) => a * b, 1);
  return Float64Array.from({ length: data.length }, (_, k) => {
    const base = k - (k % size);
    let [rest, from, stride] = [k % size, 0, 1];
    for (let d = dims.length - 1; d >= 0; d--) {
      const i = rest % dims[d]!;
      rest = (rest - i) / dims[d]!;
      from += (shape[d] === "N" ? order[i]! : i) * stride;
      stride *= dims[d]!;
    }
    return data[base + from]!;
  });
}

async function run(of: Case, program: Program, values: Values, samples: number): Promise<Values> {
  const record = timed(of);
  const executable = await compileProgram(prune(program, record), {
    sizes: of.sizes,
    trials: 2,
    samples,
    record,
    precision: "f64",
  });
  for (const [name, v] of Object.entries(values))
    if (executable.program.parameters[name]) executable.setParameter(name, v);
    else if (executable.program.inputs[name]) executable.setInput(name, v);
  executable.run({ dt: of.dt });
  return Object.fromEntries(record.map((name) => [name, executable.read(name).data as Float64Array]));
}

const inN = catalogue.filter(([, data]) => Object.values(data.parameters).some((p) => p.shape?.includes("N")));
describe.each(inN)("%s", (_, data) => {
  test("units in another order, with their noise, do the same over 50 samples", async () => {
    const of = caseOf(data);
    const program = withGivenNoise(of.model.program);
    const samples = 50;
    const values: Values = { ...of.values };
    for (const [name, { shape, per }] of Object.entries(program.inputs))
      values[name] = normal(2 * (per === "sample" ? samples : 1) * entriesOf(shape, of.sizes), `given ${name}`, 0.7);
    const shapes = { ...program.parameters, ...program.inputs };
    const other: Values = Object.fromEntries(
      Object.entries(values).map(([name, v]) => [name, permuted(v, shapes[name]!.shape, of.sizes)]),
    );
    const [first, second] = [await run(of, program, values, samples), await run(of, program, other, samples)];
    for (const name of timed(of)) {
      const { shape } = of.model.text.quantities.get(name)!;
      expect(difference(second[name]!, permuted(first[name]!, shape!, of.sizes)), name).toBeLessThan(1e-9);
    }
  });
});

test.each(catalogue)("%s: the same seed gives the same bits, however trials are put together", async (_, data) => {
  const of = caseOf(data);
  const { program } = of.model;
  const samples = 6;
  const record = timed(of);
  const inputs = Object.fromEntries(
    Object.entries(program.inputs).map(([name, { shape, per }]) => {
      const each = (per === "sample" ? samples : 1) * entriesOf(shape, of.sizes);
      return [name, { each, data: normal(5 * each, `trials ${name}`) }];
    }),
  );
  const part = async (from: number, trials: number): Promise<number[][]> => {
    const executable = await compileProgram(prune(program, record), {
      sizes: of.sizes,
      trials,
      samples,
      record,
      precision: "f64",
    });
    for (const name of Object.keys(executable.program.parameters)) executable.setParameter(name, of.values[name]!);
    for (const name of Object.keys(executable.program.inputs)) {
      const { each, data: all } = inputs[name]!;
      executable.setInput(name, all.subarray(from * each, (from + trials) * each));
    }
    executable.run({ dt: of.dt, seed: 9, firstTrial: from });
    return record.map((name) => [...executable.read(name).data]);
  };
  const whole = await part(0, 5);
  const [a, b] = [await part(0, 2), await part(2, 3)];
  whole.forEach((values, k) => {
    expect([...a[k]!, ...b[k]!], record[k]).toEqual(values);
  });
});
