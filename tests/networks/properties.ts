/** Properties that every network must have, checked at small sizes: shared by the suites of cells, wirings and noise. */
import { expect } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import type { Executable } from "../../src/engine/executable.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { networkSystem } from "../../src/engine/networkSystem.ts";
import { compileForPool, createPool } from "../../src/engine/pool.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { Graph } from "../../src/equations/build.ts";
import type { Node, Shape } from "../../src/equations/graph.ts";
import { type Model, modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { prune } from "../../src/equations/normalise.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import type { Program } from "../../src/equations/program.ts";
import { tangent } from "../../src/equations/tangent.ts";
import type { Host } from "../../src/host/host.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";

export type Values = Record<string, Float64Array>;
export const [trials, samples] = [2, 5];

/** Numbers for the names of sizes, all different, so that a mixed-up shape cannot pass. */
const known: Record<string, number> = { N: 5, I: 4, O: 2, R: 4, K: 6, P: 7, E: 3, Z: 2, G: 5, C: 4, U: 1, Y: 6 };

export const normal = (length: number, key: string, std = 1): Float64Array =>
  new RandomStream(7, key).fillNormal(new Float64Array(length), 0, std);

/** The same text with smooth functions where it jumps: surrogates are no derivatives, and have a test of their own. */
export const smooth = (data: NetworkData): NetworkData => ({
  ...data,
  surrogates: {},
  equations: data.equations.replace(/\b(spike|step)\(/g, "sigmoid("),
});

export interface Case {
  data: NetworkData;
  model: Model;
  sizes: Record<string, number>;
  dt: number;
  /** Parameters about their own values; inputs. */
  values: Values;
  /** Parameters that are not pinned, or all where all are. */
  free: string[];
}

export function caseOf(data: NetworkData): Case {
  const dt = Math.min(0.5, data.dt ?? 0.5);
  // States that no line starts are started by the trial: at zero some networks stay for good.
  const { states, text } = modelOf(data, { dt });
  const initialFromTrial = states.map((s) => s.name).filter((name) => !text.quantities.get(name)!.point);
  const model = modelOf(data, { dt, initialFromTrial });
  const sizes = Object.fromEntries([...model.text.sizes].map((name, k) => [name, known[name] ?? 3 + k]));
  const network = makeNetwork(data, { seed: 1, sizes });
  const values: Values = valuesOf(network);
  let free = Object.keys(values).filter((p) => network.parameters[p]!.tag !== "pinned");
  if (free.length === 0) free = Object.keys(values);
  // Where all is zero in the beginning, derivatives would be zero too.
  for (const p of free) {
    const moved = normal(values[p]!.length, p, 0.3);
    values[p] = values[p]!.map((x, i) => (Math.abs(x) > 1 ? x * (1 + 0.1 * moved[i]!) : x + moved[i]!));
  }
  for (const [input, { shape, per }] of Object.entries(model.program.inputs))
    values[input] = normal(trials * (per === "sample" ? samples : 1) * entriesOf(shape, sizes), input, 0.7);
  return { data, model, sizes, dt, values, free };
}

export function fill(
  executable: Executable,
  values: Values,
  { dt, seed = 3 }: { dt: number; seed?: number },
): Executable {
  for (const [name, v] of Object.entries(values))
    if (executable.program.parameters[name]) executable.setParameter(name, v);
    else if (executable.program.inputs[name]) executable.setInput(name, v);
  executable.run({ dt, seed });
  return executable;
}

export const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
const size = (a: ArrayLike<number>): number => Math.sqrt(inner(a, a));

/** Greatest difference relative to the root mean square of the second (at least 1e-3). */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i]! - b[i]!);
    if (!(off <= most)) most = off;
  }
  return most / Math.max(1e-3, size(b) / Math.sqrt(b.length));
}

/** Quantities of level sample: what a run can record. */
export const timed = ({ model }: Case): string[] =>
  [...model.text.quantities.values()].filter((q) => q.level === "sample").map((q) => q.name);

export const options = ({ sizes }: Case, record: string[]) => ({
  sizes,
  trials,
  samples,
  record,
  precision: "f64" as const,
});

/**
 * The gradient of Σ w q over all quantities q of level sample, compiled (so that SIMD stands against the interpreter),
 * against central differences of fourth order of the interpreter along a random direction of each parameter; and the
 * tangent along the same direction against the gradient.
 */
export async function checkDerivatives(of: Case): Promise<void> {
  const { model, values, free } = of;
  const { program, sum, weights } = weightedSum(model.program, timed(of));
  const all = { ...values };
  for (const [q, w] of Object.entries(weights)) {
    const { shape } = program.inputs[w]!;
    all[w] = normal(trials * samples * entriesOf(shape, of.sizes), `weight ${q}`);
  }
  const surrogates = of.data.surrogates;
  const back = adjoint(program, sum, free, surrogates);
  const found = free.filter((p) => back.gradients[p] !== undefined);
  const record = [sum, ...found.map((p) => back.gradients[p]!)];
  const compiled = fill(await compileProgram(prune(back.program, record), options(of, record)), all, of);
  const reference = interpretProgram(prune(program, [sum]), options(of, [sum]));
  expect(difference(compiled.read(sum).data, fill(reference, all, of).read(sum).data), "SIMD").toBeLessThan(1e-11);
  const forward = tangent(program, found, surrogates);
  const dot = forward.dots[sum]!;
  const forwardRun = interpretProgram(prune(forward.program, [dot]), options(of, [dot]));
  const gradients = found.map((p) => compiled.read(back.gradients[p]!).data);
  const total = Math.max(...gradients.map(size));
  expect(total).toBeGreaterThan(0);
  found.forEach((p, k) => {
    const gradient = gradients[k]!;
    const direction = normal(gradient.length, `direction ${p}`);
    const along = (step: number): number =>
      fill(reference, { ...all, [p]: all[p]!.map((x, i) => x + step * direction[i]!) }, of).read(sum).data[0]!;
    const h = 1e-4;
    const numeric = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h);
    const scale = Math.max(size(gradient), 1e-2 * total) * size(direction);
    const exact = inner(direction, gradient);
    expect(Math.abs(exact - numeric) / scale, `gradient by ${p}`).toBeLessThan(1e-6);
    const seeds = Object.fromEntries(
      found.map((q) => [forward.seeds[q]!, q === p ? direction : new Float64Array(all[q]!.length)]),
    );
    const moved = fill(forwardRun, { ...all, ...seeds }, of).read(dot).data[0]!;
    expect(Math.abs(exact - moved) / scale, `tangent by ${p}`).toBeLessThan(1e-10);
  });
}

/** Values of quantities in a compiled run. */
export async function run(of: Case, record: string[], program: Program = of.model.program): Promise<Values> {
  const executable = fill(await compileProgram(prune(program, record), options(of, record)), of.values, of);
  return Object.fromEntries(record.map((name) => [name, executable.read(name).data as Float64Array]));
}

/**
 * The same checks in one: along one random direction of all parameters at once. Gradient against differences, tangent
 * against gradient, the compiled program against the interpreter.
 */
export async function checkDerivative(of: Case): Promise<void> {
  const { model, values, free } = of;
  const last = model.states.map((s) => s.name);
  const { program, sum } = weightedSum(model.program, [...new Set([...model.outputs, ...last])]);
  const all = { ...values };
  for (const [name, { shape, per }] of Object.entries(program.inputs))
    all[name] ??= normal(trials * (per === "sample" ? samples : 1) * entriesOf(shape, of.sizes), name);
  const back = adjoint(program, sum, free, of.data.surrogates);
  const found = free.filter((p) => back.gradients[p] !== undefined);
  const record = [sum, ...found.map((p) => back.gradients[p]!)];
  const compiled = fill(await compileProgram(prune(back.program, record), options(of, record)), all, of);
  const forward = tangent(program, found, of.data.surrogates);
  const dot = forward.dots[sum]!;
  const along = interpretProgram(prune(forward.program, [dot]), options(of, [dot]));
  const reference = interpretProgram(prune(program, [sum]), options(of, [sum]));
  const direction = Object.fromEntries(found.map((p) => [p, normal(all[p]!.length, `direction ${p}`)]));
  const seeds = Object.fromEntries(found.map((p) => [forward.seeds[p]!, direction[p]!]));
  const at = (step: number): number => {
    const moved = Object.fromEntries(found.map((p) => [p, all[p]!.map((x, i) => x + step * direction[p]![i]!)]));
    return fill(reference, { ...all, ...moved }, of).read(sum).data[0]!;
  };
  // A kink within the step is no error: a shorter one where there are kinks.
  const h = /\brelu\(/.test(of.data.equations) ? 1e-5 : 1e-4;
  const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  const value = at(0);
  let [exact, scale] = [0, 0];
  for (const p of found) {
    const gradient = compiled.read(back.gradients[p]!).data;
    exact += inner(gradient, direction[p]!);
    scale += size(gradient) * size(direction[p]!);
  }
  expect(scale).toBeGreaterThan(0);
  expect(Math.abs(compiled.read(sum).data[0]! - value) / Math.max(1, Math.abs(value)), "SIMD").toBeLessThan(1e-11);
  expect(Math.abs(exact - numeric) / scale, "gradient").toBeLessThan(1e-6);
  const moved = fill(along, { ...all, ...seeds }, of).read(dot).data[0]!;
  expect(Math.abs(exact - moved) / scale, "tangent").toBeLessThan(1e-11);
}

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

/**
 * Units (of the size N, which is 5) in another order, with their parameters, inputs and noise, do the same over 50 samples;
 * over fewer where the network has exploded by then.
 */
export async function checkPermutation(of: Case, samples = 50): Promise<void> {
  const program = withGivenNoise(of.model.program);
  const record = timed(of);
  const values: Values = { ...of.values };
  for (const [name, { shape, per }] of Object.entries(program.inputs))
    values[name] = normal(2 * (per === "sample" ? samples : 1) * entriesOf(shape, of.sizes), `given ${name}`, 0.7);
  const shapes = { ...program.parameters, ...program.inputs };
  const executable = await compileProgram(prune(program, record), { ...options(of, record), samples });
  const did = (given: Values): Values => {
    fill(executable, given, { dt: of.dt, seed: 0 });
    return Object.fromEntries(record.map((name) => [name, Float64Array.from(executable.read(name).data)]));
  };
  const first = did(values);
  if (samples > 6 && Object.values(first).some((v) => !v.every(Number.isFinite)))
    return checkPermutation(of, Math.floor(samples / 2));
  const second = did(
    Object.fromEntries(Object.entries(values).map(([name, v]) => [name, permuted(v, shapes[name]!.shape, of.sizes)])),
  );
  for (const name of record) {
    const { shape } = of.model.text.quantities.get(name)!;
    expect(difference(second[name]!, permuted(first[name]!, shape!, of.sizes)), name).toBeLessThan(1e-9);
  }
}

/** Inputs of five trials of six samples by name, each with its numbers per trial. */
function fiveTrials({ model: { program }, sizes }: Case): Record<string, { each: number; data: Float64Array }> {
  return Object.fromEntries(
    Object.entries(program.inputs).map(([name, { shape, per }]) => {
      const each = (per === "sample" ? 6 : 1) * entriesOf(shape, sizes);
      return [name, { each, data: normal(5 * each, `trials ${name}`) }];
    }),
  );
}

/** The same seed gives each trial the same bits, however trials are put together: what any number of workers rests on. */
export async function checkTogether(of: Case): Promise<void> {
  const record = timed(of);
  const inputs = fiveTrials(of);
  const part = async (from: number, count: number): Promise<number[][]> => {
    const executable = await compileProgram(prune(of.model.program, record), {
      ...options(of, record),
      trials: count,
      samples: 6,
    });
    for (const name of Object.keys(executable.program.parameters)) executable.setParameter(name, of.values[name]!);
    for (const name of Object.keys(executable.program.inputs)) {
      const { each, data } = inputs[name]!;
      executable.setInput(name, data.subarray(from * each, (from + count) * each));
    }
    executable.run({ dt: of.dt, seed: 9, firstTrial: from });
    return record.map((name) => [...executable.read(name).data]);
  };
  const whole = await part(0, 5);
  const [a, b] = [await part(0, 2), await part(2, 3)];
  whole.forEach((values, k) => {
    expect([...a[k]!, ...b[k]!], record[k]).toEqual(values);
  });
}

/** Five trials, one a shard: the bits of all quantities, by as many workers. */
export async function bitsByWorkers(of: Case, host: Host, workers: number): Promise<string> {
  const record = timed(of);
  const program = prune(of.model.program, record);
  const module = await compileForPool(program, { ...options(of, record), trials: 1, samples: 6 });
  const inputs = fiveTrials(of);
  const shards = Array.from({ length: 5 }, (_, k) => ({
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, { each, data }]) => [name, data.slice(k * each, (k + 1) * each)]),
    ),
    run: { dt: of.dt, seed: 9, firstTrial: k },
  }));
  const parameters = Object.fromEntries(Object.keys(program.parameters).map((name) => [name, of.values[name]!]));
  const pool = await createPool(module, { host, workers });
  expect(pool.workers).toBe(workers > 1 ? workers : 0);
  const results = await pool.run(shards, parameters, record);
  pool.close();
  return results
    .flatMap((r) => record.map((name) => r[name]!.data))
    .map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString("hex"))
    .join(" ");
}

/** The Jacobian of the rule in closed form against differences of fourth order of the compiled rule, at two points. */
export async function checkJacobian({ data, sizes, dt, values }: Case): Promise<void> {
  const { program } = modelOf(data, { dt });
  const inputs = Object.fromEntries(
    Object.entries(program.inputs).map(([name, { shape }]) => [
      name,
      normal(entriesOf(shape, sizes), `held ${name}`, 0.7),
    ]),
  );
  const parameters = Object.fromEntries(Object.keys(program.parameters).map((name) => [name, values[name]!]));
  const system = await networkSystem(data, { parameters, sizes, inputs, dt });
  const D = system.dimension;
  const h = 1e-4;
  const steps = [h, -h, 2 * h, -2 * h];
  for (const key of ["here", "there"]) {
    const point = normal(D, `point ${key}`, 0.4);
    const around = new Float64Array(steps.length * D * D);
    for (let j = 0; j < D; j++)
      steps.forEach((step, s) => {
        const at = (j * steps.length + s) * D;
        around.set(point, at);
        around[at + j]! += step;
      });
    const moved = new Float64Array(around.length);
    system.evaluate(around, moved);
    const jacobian = system.jacobian(point);
    const scale = Math.max(1e-3, ...jacobian.map(Math.abs));
    let most = 0;
    for (let j = 0; j < D; j++)
      for (let i = 0; i < D; i++) {
        const [a, b, c, d] = steps.map((_, s) => moved[(j * steps.length + s) * D + i]!) as [number, number, number, number]; // biome-ignore format: a list
        const off = Math.abs((8 * (a - b) - (c - d)) / (12 * h) - jacobian[i * D + j]!) / scale;
        if (!(off <= most)) most = off;
      }
    expect(most, "Jacobian").toBeLessThan(1e-6);
    const direction = normal(D, `direction ${key}`);
    const along = new Float64Array(D);
    system.tangent(point, direction, along);
    for (let i = 0; i < D; i++) {
      let row = 0;
      for (let j = 0; j < D; j++) row += jacobian[i * D + j]! * direction[j]!;
      expect(Math.abs(along[i]! - row) / Math.max(1, scale), "tangent of the rule").toBeLessThan(1e-11);
    }
  }
}
