/** A network left to run: constant inputs, given initial states, noise as the text says. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { Model } from "../equations/model.ts";
import { prune } from "../equations/normalise.ts";
import { compileProgram } from "./compiled/index.ts";
import { entriesOf } from "./shapes.ts";

export interface RunModelOptions {
  /** Values of every parameter, row-major. */
  parameters: Record<string, ArrayLike<number>>;
  sizes: Record<string, number>;
  samples: number;
  dt: number;
  /** Quantities to record at every sample. */
  record: string[];
  /** Constant values of inputs by name; default zero. */
  inputs?: Record<string, ArrayLike<number>>;
  /** Initial values of states by name; the model was made with `initialFromTrial` for them. */
  initial?: Record<string, ArrayLike<number>>;
  /** Runs that differ in their noise only; default 1. */
  trials?: number;
  /** Of the noise; default 0. */
  seed?: number;
}

/**
 * Runs the compiled program in f64: `[trial, sample, ...shape]` of each recorded quantity.
 * @throws NullclineError where an input or an initial value does not fit
 */
export async function runModel(model: Model, options: RunModelOptions): Promise<Record<string, NDArray>> {
  const { parameters, sizes, samples, dt, record, trials = 1, seed = 0 } = options;
  const program = prune(model.program, record);
  const executable = await compileProgram(program, { sizes, trials, samples, record, precision: "f64" });
  for (const name of Object.keys(program.parameters))
    if (parameters[name]) executable.setParameter(name, parameters[name]);
  const constant = (name: string, what: string, values: ArrayLike<number>): void => {
    const input = model.program.inputs[name];
    const entries = input && entriesOf(input.shape, sizes);
    if (entries !== values.length)
      throw new NullclineError({
        code: "input",
        given: input ? `${values.length} values for ${what}` : `no ${what}`,
        expected: input ? `${entries}` : undefined,
      });
    if (!program.inputs[name]) return;
    const times = trials * (input!.per === "sample" ? samples : 1);
    const all = new Float64Array(times * entries);
    for (let k = 0; k < times; k++) all.set(values as ArrayLike<number>, k * entries);
    executable.setInput(name, all);
  };
  for (const [name, values] of Object.entries(options.inputs ?? {})) constant(name, `the input \`${name}\``, values);
  for (const [name, values] of Object.entries(options.initial ?? {}))
    constant(`${name}.initial`, `the initial value of \`${name}\``, values);
  executable.run({ samples, dt, seed });
  return Object.fromEntries(record.map((name) => [name, executable.read(name)]));
}
