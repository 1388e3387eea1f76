/** What both executables check and know alike: options, names, levels, shapes. */
import { closest, NullclineError } from "../base/errors.ts";
import type { Level, Shape } from "../equations/graph.ts";
import type { Program } from "../equations/program.ts";
import type { ExecutableOptions, RunOptions } from "./executable.ts";

/** The options with their defaults (f32), and every size that has a number. @throws NullclineError on counts below 1. */
export function completeOptions(program: Program, options: ExecutableOptions): Required<ExecutableOptions> {
  const { trials, samples } = options;
  for (const [what, n] of Object.entries({ trials, samples }))
    if (!Number.isInteger(n) || n < 1)
      throw new NullclineError({ code: "run", given: `${n} ${what}`, expected: "a whole number of at least 1" });
  const known = Object.entries(program.sizes).filter((size): size is [string, number] => size[1] !== undefined);
  return {
    ...options,
    sizes: { ...Object.fromEntries(known), ...options.sizes },
    precision: options.precision ?? "f32",
  };
}

/** The options of a run with their defaults. @throws NullclineError where there are more samples than the executable holds. */
export function completeRun(run: RunOptions, most: number): Required<RunOptions> {
  const { samples = most, dt = 1, seed = 0, purpose = 0, firstTrial = 0, firstSample = 0 } = run;
  if (!Number.isInteger(samples) || samples < 1 || samples > most)
    throw new NullclineError({ code: "run", given: `a run of ${samples} samples`, expected: `1 to ${most} samples` });
  return { samples, dt, seed, purpose, firstTrial, firstSample };
}

/** Every definition and sum of a program by name, with its level and shape. */
export function quantitiesOf(program: Program): Map<string, { level: Level; shape: Shape }> {
  const quantities = new Map<string, { level: Level; shape: Shape }>();
  for (const { kind, definitions, sums } of program.blocks) {
    const level = kind === "pass" ? "sample" : kind;
    for (const { name, node } of definitions) quantities.set(name, { level, shape: node.shape });
    for (const { name, over, shape } of sums) quantities.set(name, { level: over, shape });
  }
  return quantities;
}

/** How many samples the values of an input have. @throws NullclineError where they do not fill trials and entries. */
export function inputSamples(
  name: string,
  length: number,
  input: { per: "sample" | "trial"; entries: number },
  { trials, samples }: { trials: number; samples: number },
): number {
  const count = length / (trials * input.entries);
  const fits = input.per === "trial" ? count === 1 : Number.isInteger(count) && count <= samples;
  if (!fits)
    throw new NullclineError({
      code: "shape",
      given: `${length} values for input ${name}`,
      expected:
        input.per === "trial"
          ? `${trials} trials x ${input.entries} entries`
          : `${trials} trials x at most ${samples} samples x ${input.entries} entries`,
    });
  return count;
}

/** @throws NullclineError where a parameter has another number of entries. */
export function checkEntries(name: string, given: number, expected: number): void {
  if (given === expected) return;
  throw new NullclineError({
    code: "shape",
    given: `${given} values for parameter ${name}`,
    expected: `${expected} (row-major)`,
  });
}

/** @throws NullclineError always: there is no `what` of that name. */
export function unknownName(what: string, name: string, known: Iterable<string>): never {
  const names = [...known];
  const meant = closest(name, names);
  throw new NullclineError({
    code: "name",
    given: `there is no ${what} ${name}`,
    remedy: meant ? `did you mean ${meant}?` : `there is ${names.join(", ") || "none"}`,
  });
}
