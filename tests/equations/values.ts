/** Values for everything that a program is given, and what it makes of them. */
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { prune } from "../../src/equations/normalise.ts";
import type { Program } from "../../src/equations/program.ts";
import { sizes } from "./cells.ts";

export type Values = Record<string, Float64Array>;

export interface Run {
  dt: number;
  trials: number;
  samples: number;
}

/** Random values; where the table of the network has a number, numbers about that. */
export function draw(program: Program, network: NetworkData, { trials, samples }: Run, seed = 5): Values {
  const values: Values = {};
  for (const [name, { shape }] of Object.entries(program.parameters)) {
    const given = network.parameters[name]?.value;
    const stream = new RandomStream(seed, name);
    const positive = /^(tau|lambda|p_0)/.test(name);
    values[name] = Float64Array.from({ length: entriesOf(shape, sizes) }, () => {
      if (typeof given === "number") return given * (shape.length > 0 ? 1 + 0.2 * stream.uniform() : 1);
      return positive ? 5 + 3 * stream.uniform() : 0.5 * stream.normal();
    });
  }
  for (const [name, { shape, per }] of Object.entries(program.inputs)) {
    const length = trials * (per === "sample" ? samples : 1) * entriesOf(shape, sizes);
    values[name] = new RandomStream(seed, name).fillNormal(new Float64Array(length), 0, 0.7);
  }
  return values;
}

/** A function from values to recorded quantities. */
export function evaluator(
  program: Program,
  record: string[],
  { dt, trials, samples }: Run,
): (values: Values) => Float64Array[] {
  const executable = interpretProgram(prune(program, record), { sizes, trials, samples, record });
  return (values) => {
    for (const [name, value] of Object.entries(values)) {
      if (executable.program.parameters[name]) executable.setParameter(name, value);
      else if (executable.program.inputs[name]) executable.setInput(name, value);
    }
    executable.run({ dt, seed: 3 });
    return record.map((name) => executable.read(name).data as Float64Array);
  };
}

export const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
export const norm = (a: ArrayLike<number>): number => Math.sqrt(inner(a, a));

/** Central difference of fourth order of recorded quantities along a direction of some values. */
export function difference(
  of: (values: Values) => Float64Array[],
  values: Values,
  direction: Values,
  h = 1e-4,
): Float64Array[] {
  const at = (step: number): Float64Array[] => {
    const moved = Object.entries(direction).map(([name, d]) => [name, values[name]!.map((x, i) => x + step * d[i]!)]);
    return of({ ...values, ...Object.fromEntries(moved) });
  };
  const [a, b, c, d] = [at(h), at(-h), at(2 * h), at(-2 * h)];
  return a.map((x, k) => x.map((_, i) => (8 * (a[k]![i]! - b[k]![i]!) - (c[k]![i]! - d[k]![i]!)) / (12 * h)));
}

/** Random directions of the named values, or one along a single entry. */
export const directions = (values: Values, names: string[], seed: number): Values =>
  Object.fromEntries(
    names.map((name) => [name, new RandomStream(seed, name, 1).fillNormal(new Float64Array(values[name]!.length))]),
  );
