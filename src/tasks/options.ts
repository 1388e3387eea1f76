/**
 * Options of a task by name, as they come from a command line or a file: checked against the task's defaults.
 */
import { closest, NullclineError } from "../base/errors.ts";
import type { TrialRequest } from "./trials.ts";

/**
 * The defaults with what was given in their place. An option is of the kind of its default: a number, a switch,
 * a list of numbers (or one number, a list of one), or one of the words in `words`.
 * @throws NullclineError (code `option`) where a name is unknown or a value is of another kind
 */
export function withDefaults<Options extends object>(
  task: string,
  defaults: Options,
  given: Partial<Options>,
  words: Record<string, readonly string[]> = {},
): Options {
  const options = { ...defaults };
  for (const [name, stated] of Object.entries(given) as [keyof Options & string, unknown][]) {
    if (stated === undefined) continue;
    // From a command line, a list of one is a number.
    const value = Array.isArray(defaults[name]) && typeof stated === "number" ? [stated] : stated;
    if (!Object.hasOwn(defaults, name)) {
      const meant = closest(name, Object.keys(defaults));
      throw new NullclineError({
        code: "option",
        given: `task \`${task}\` has no option \`${name}\``,
        expected: Object.keys(defaults).join(", "),
        remedy: meant && `did you mean \`${meant}\`?`,
      });
    }
    const kind = kindOf(defaults[name], words[name]);
    if (!kind.fits(value))
      throw new NullclineError({
        code: "option",
        given: `task \`${task}\`: \`${name}\` is ${JSON.stringify(value)}`,
        expected: kind.name,
      });
    options[name] = value as Options[typeof name];
  }
  return options;
}

/** @throws NullclineError (code `option`) where one of the numbers is no whole number of at least 1 */
export function requireCounts(task: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, n] of Object.entries(counts))
    if (!(Number.isInteger(n) && n >= 1))
      throw new NullclineError({
        code: "option",
        given: `task \`${task}\`: \`${name}\` is ${n}`,
        expected: "a whole number of at least 1",
      });
}

function kindOf(example: unknown, words: readonly string[] | undefined) {
  const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
  if (words) return { name: words.join(" or "), fits: (value: unknown) => words.includes(value as string) };
  if (Array.isArray(example))
    return { name: "a list of numbers", fits: (value: unknown) => Array.isArray(value) && value.every(isNumber) };
  if (typeof example === "boolean") return { name: "true or false", fits: (v: unknown) => typeof v === "boolean" };
  if (typeof example === "string") return { name: "a word", fits: (v: unknown) => typeof v === "string" };
  return { name: "a finite number", fits: isNumber };
}

/**
 * How many time steps `dt` a stretch of time has.
 * @throws NullclineError (code `dt`) where `dt` is not positive or does not divide it
 */
export function stepsIn(task: string, time: number, dt: number, what: string, unit: string): number {
  const steps = Math.round(time / dt);
  if (!(dt > 0) || steps < 1 || Math.abs(steps * dt - time) > 1e-9 * time)
    throw new NullclineError({
      code: "dt",
      given: `task \`${task}\`: a time step of ${dt} ${unit} in ${what} of ${time} ${unit}`,
      expected: "a whole number of steps",
    });
  return steps;
}

/** What a condition variable was fixed to in each trial, or undefined where it is to be drawn. */
export type Fixed = (name: string, k: number) => number | undefined;

/**
 * The conditions of a request, checked.
 * @throws NullclineError (code `conditions`) for a variable that the task does not let be fixed, a list whose length
 * is not the number of trials, or a value that is not finite
 */
export function fixedConditions(task: string, request: TrialRequest, known: readonly string[]): Fixed {
  const { conditions = {}, count } = request;
  for (const [name, value] of Object.entries(conditions)) {
    if (!known.includes(name)) {
      const meant = closest(name, known);
      throw new NullclineError({
        code: "conditions",
        given: `task \`${task}\` has no condition \`${name}\` that can be fixed`,
        expected: known.join(", ") || "none",
        remedy: meant && `did you mean \`${meant}\`?`,
      });
    }
    const values = typeof value === "number" ? [value] : Array.from(value);
    if (typeof value !== "number" && values.length !== count)
      throw new NullclineError({
        code: "conditions",
        given: `${values.length} values of \`${name}\` for ${count} trials`,
        expected: "one number for all trials, or one for each",
      });
    if (!values.every(Number.isFinite))
      throw new NullclineError({
        code: "conditions",
        given: `a value of \`${name}\` that is no finite number`,
        expected: "finite numbers",
      });
  }
  return (name, k) => {
    const value = conditions[name];
    return typeof value === "object" ? value[k] : value;
  };
}
