/**
 * Regression of each unit's activity at each time on task variables.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { extent } from "./activity.ts";
import { type Conditions, conditionVariable } from "./conditionAverage.ts";
import { leastSquares } from "./leastSquares.ts";

export interface TaskRegression {
  /** Names of the regressors: `constant`, the variables, and interactions such as `motion*context`. */
  regressors: string[];
  /** Coefficients `[regressor, time, unit]`. */
  beta: NDArray<Float64Array>;
}

/**
 * Least squares of `r_{trial}(t, unit) = Σ_v β_v(t, unit) f_v(trial)`. A variable with two values is coded -1 and +1,
 * so that the coefficients of the others are averages over both; interactions are products; every regressor is then
 * divided by its largest absolute value, so that coefficients compare.
 * @shape activity [trial, time, unit]
 * @param variables which of the conditions
 * @param interactions pairs of variables
 * @throws NullclineError where a variable has one value only or a regressor is a combination of others
 */
export function regressOnTask(
  activity: NDArray<Float64Array>,
  conditions: Conditions,
  variables: readonly string[],
  interactions: readonly (readonly [string, string])[] = [],
): TaskRegression {
  const { trials, samples, units } = extent(activity);
  const coded = Object.fromEntries(variables.map((name) => [name, code(conditions, name, trials)]));
  const products = interactions.map(([a, b]) => {
    for (const name of [a, b])
      if (!coded[name])
        throw new NullclineError({
          code: "condition",
          given: `the interaction ${a}*${b}`,
          expected: `two of the variables ${variables.join(", ")}`,
        });
    return normalise(coded[a].map((value, trial) => value * coded[b][trial]));
  });
  const regressors = ["constant", ...variables, ...interactions.map(([a, b]) => `${a}*${b}`)];
  const columns = [new Float64Array(trials).fill(1), ...variables.map((name) => coded[name]), ...products];

  const X = new Float64Array(trials * columns.length);
  columns.forEach((column, c) => {
    for (let trial = 0; trial < trials; trial++) X[trial * columns.length + c] = column[trial];
  });
  const { coefficients, dependent } = leastSquares(X, activity.data, trials, columns.length, samples * units);
  if (dependent >= 0)
    throw new NullclineError({
      code: "regression",
      given: `regressor \`${regressors[dependent]}\` is a combination of ${regressors.slice(0, dependent).join(", ")} in these ${trials} trials`,
      expected: "regressors that vary on their own",
      remedy: "leave it out, or add trials (errors, weak evidence) that tell them apart",
    });
  return { regressors, beta: { data: coefficients, shape: [columns.length, samples, units] } };
}

function code(conditions: Conditions, name: string, trials: number): Float64Array {
  const values = Float64Array.from(conditionVariable(conditions, name, trials));
  const different = [...new Set(values)].sort((a, b) => a - b);
  if (different.length < 2)
    throw new NullclineError({
      code: "condition",
      given: `\`${name}\` is ${different[0]} in all ${trials} trials`,
      expected: "two values or more",
      remedy: "leave it out of the variables",
    });
  if (different.length === 2) return values.map((value) => (value === different[1] ? 1 : -1));
  return normalise(values);
}

function normalise(values: Float64Array): Float64Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value) => value / largest);
}
