/**
 * Laws that the variables of a trial are drawn from: durations, stimuli, conditions. A law is data, and its quantile
 * function makes a value of one uniform number, so that fixing one variable of a trial leaves all others as they were.
 */
import { NullclineError } from "../base/errors.ts";

/**
 * - a number: always that.
 * - `oneOf`: a category, equally likely or by `weights`; only these values may be asked for.
 * - `choice`: one of these numbers, equally likely; any other may be asked for too.
 * - `uniform`: between two numbers.
 * - `exponential`: density proportional to `exp(-x / exponential)` between two numbers.
 */
export type Law =
  | number
  | { oneOf: readonly number[]; weights?: readonly number[] }
  | { choice: readonly number[] }
  | { uniform: readonly [number, number] }
  | { exponential: number; between: readonly [number, number] };

/** The value of a law at probability u in [0, 1). */
export function valueAt(law: Law, u: number): number {
  if (typeof law === "number") return law;
  if ("choice" in law) return law.choice[Math.floor(u * law.choice.length)]!;
  if ("uniform" in law) return law.uniform[0] + u * (law.uniform[1] - law.uniform[0]);
  if ("exponential" in law) {
    const [low, high] = law.between;
    return low - law.exponential * Math.log1p(u * Math.expm1(-(high - low) / law.exponential));
  }
  const { oneOf, weights } = law;
  if (!weights) return oneOf[Math.floor(u * oneOf.length)]!;
  let left = u * weights.reduce((a, b) => a + b, 0);
  const at = weights.findIndex((w) => (left -= w) < 0);
  return oneOf[at < 0 ? weights.findLastIndex((w) => w > 0) : at]!;
}

/** The categories that can be drawn. */
export function categories({ oneOf, weights }: { oneOf: readonly number[]; weights?: readonly number[] }): number[] {
  return oneOf.filter((_, i) => !weights || weights[i]! > 0);
}

/** The largest value of a law that can be drawn. */
export function largest(law: Law): number {
  if (typeof law === "number") return law;
  if ("choice" in law) return Math.max(...law.choice);
  if ("uniform" in law) return Math.max(...law.uniform);
  return "exponential" in law ? law.between[1] : Math.max(...categories(law));
}

/** Values to show a law by: its categories or choices, else its quartiles. */
export function levels(law: Law): number[] {
  if (typeof law === "number") return [law];
  if ("oneOf" in law) return [...law.oneOf];
  if ("choice" in law) return [...law.choice];
  return [0.25, 0.5, 0.75].map((u) => valueAt(law, u));
}

/**
 * @throws NullclineError (code `option`) for a law without values, with limits the wrong way round, or with weights
 * that are negative or not one for each value
 */
export function checkLaw(task: string, name: string, law: Law): void {
  const refuse = (expected: string): never => {
    throw new NullclineError({
      code: "option",
      given: `task \`${task}\`: \`${name}\` is drawn from ${JSON.stringify(law)}`,
      expected,
    });
  };
  const numbers = (values: readonly number[]) => values.length > 0 && values.every(Number.isFinite);
  if (typeof law === "number") {
    if (!Number.isFinite(law)) refuse("a finite number");
  } else if ("choice" in law) {
    if (!numbers(law.choice)) refuse("at least one finite number");
  } else if ("oneOf" in law) {
    const { oneOf, weights } = law;
    if (!numbers(oneOf)) refuse("at least one finite number");
    if (weights && (weights.length !== oneOf.length || weights.some((w) => !(w >= 0)) || !weights.some((w) => w > 0)))
      refuse("one weight ≥ 0 for each value, not all 0");
  } else {
    const limits = "uniform" in law ? law.uniform : law.between;
    if (limits.length !== 2 || !numbers(limits) || limits[0] > limits[1]) refuse("two limits, the lower one first");
    if ("exponential" in law && !(law.exponential > 0)) refuse("a positive scale");
  }
}

/**
 * A law from an option that is a list of numbers: one is a constant, two are the limits of a uniform law.
 * @throws NullclineError (code `option`) for another number of values, or limits the wrong way round
 */
export function between(task: string, name: string, values: readonly number[]): Law {
  if (values.length !== 1 && values.length !== 2)
    throw new NullclineError({
      code: "option",
      given: `task \`${task}\`: \`${name}\` has ${values.length} values`,
      expected: "one number, or two limits",
    });
  const law: Law = values.length === 1 ? values[0]! : { uniform: [values[0]!, values[1]!] };
  checkLaw(task, name, law);
  return law;
}
