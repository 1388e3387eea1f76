/**
 * Averages over the trials of each condition, and what all conditions share.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { closest, NullclineError } from "../base/errors.ts";
import { extent, requireLength } from "./activity.ts";

/** One value per trial for each condition variable, as in `Trials.conditions`. */
export type Conditions = Record<string, ArrayLike<number>>;

export interface ConditionAverage {
  /** Mean over the trials of each cell, `[cell, time, unit]`. */
  activity: NDArray<Float64Array>;
  /** The value of each variable in each cell, `[cell]`: a `Conditions` of the averages. */
  conditions: Record<string, Float64Array>;
  /** Number of trials of each cell. */
  counts: Float64Array;
  /** The cell of each trial; -1 where the trial was left out. */
  cellOfTrial: Int32Array;
}

/**
 * Averages trials with the same values of the condition variables. Cells that occur come out sorted by the first
 * variable, then the second, and so on. A trial with NaN in one of the variables belongs to no cell.
 *
 * Averages are activity too: called again on a result (`conditionAverage(a.activity, a.conditions, { variables })`)
 * with fewer variables it averages over the others, each cell counting once.
 * @shape activity [trial, time, unit]
 * @param options.variables the variables that make the cells, default all
 * @param options.include which trials to use, default all
 * @throws NullclineError where a variable does not exist or has another number of trials, or no trial is left
 */
export function conditionAverage(
  activity: NDArray,
  conditions: Conditions,
  options: { variables?: readonly string[]; include?: (trial: number) => boolean } = {},
): ConditionAverage {
  const { trials, samples, units } = extent(activity);
  const variables = options.variables ?? Object.keys(conditions);
  const columns = variables.map((name) => conditionVariable(conditions, name, trials));

  const kept: number[] = [];
  for (let trial = 0; trial < trials; trial++)
    if ((options.include?.(trial) ?? true) && columns.every((column) => !Number.isNaN(column[trial]))) kept.push(trial);
  if (kept.length === 0)
    throw new NullclineError({
      code: "trials",
      given: `none of ${trials} trials belongs to a cell`,
      expected: `trials with a value of ${variables.join(", ")}`,
    });
  const compare = (a: number, b: number) => {
    for (const column of columns) if (column[a] !== column[b]) return column[a] - column[b];
    return 0;
  };
  kept.sort((a, b) => compare(a, b) || a - b);

  const cellOfTrial = new Int32Array(trials).fill(-1);
  const members: number[][] = [];
  kept.forEach((trial, k) => {
    if (k === 0 || compare(kept[k - 1], trial) !== 0) members.push([]);
    members[members.length - 1].push(trial);
    cellOfTrial[trial] = members.length - 1;
  });

  const length = samples * units;
  const averages = zeros(members.length, samples, units);
  members.forEach((cell, c) => {
    for (const trial of cell)
      for (let i = 0; i < length; i++) averages.data[c * length + i] += activity.data[trial * length + i];
    for (let i = 0; i < length; i++) averages.data[c * length + i] /= cell.length;
  });
  return {
    activity: averages,
    conditions: Object.fromEntries(
      variables.map((name, v) => [name, Float64Array.from(members, (cell) => columns[v][cell[0]])]),
    ),
    counts: Float64Array.from(members, (cell) => cell.length),
    cellOfTrial,
  };
}

/**
 * The mean over conditions at each time, `[time, unit]`: what the population does whatever the condition.
 * @shape activity [condition, time, unit]
 */
export function conditionIndependentMean(activity: NDArray): NDArray<Float64Array> {
  const { trials, samples, units } = extent(activity);
  const mean = zeros(samples, units);
  const length = samples * units;
  for (let i = 0; i < trials * length; i++) mean.data[i % length] += activity.data[i] / trials;
  return mean;
}

/**
 * Activity less its condition-independent mean.
 * @shape activity [condition, time, unit]
 */
export function removeConditionIndependent(activity: NDArray): NDArray<Float64Array> {
  const mean = conditionIndependentMean(activity).data;
  return { data: Float64Array.from(activity.data, (x, i) => x - mean[i % mean.length]), shape: [...activity.shape] };
}

/**
 * The share of the variance across conditions that goes with the value of one variable: between-group sum of squares
 * over the total, about the condition-independent mean, both summed over time and units. 1 where the variable alone
 * fixes the activity, 0 where the averages over its values coincide. Conditions count equally.
 * @shape activity [condition, time, unit], for one axis `[condition, time, 1]`
 * @param variable its value in each condition
 */
export function varianceExplainedBy(activity: NDArray, variable: ArrayLike<number>): number {
  const centred = removeConditionIndependent(activity);
  const groups = conditionAverage(centred, { variable });
  const length = centred.data.length / centred.shape[0];
  let between = 0;
  groups.activity.data.forEach((mean, i) => {
    between += groups.counts[Math.floor(i / length)] * mean * mean;
  });
  return between / centred.data.reduce((total, x) => total + x * x, 0);
}

/** @throws NullclineError where the variable does not exist, with the one that was probably meant */
export function conditionVariable(conditions: Conditions, name: string, trials: number): ArrayLike<number> {
  const values = conditions[name];
  if (!values) {
    const known = Object.keys(conditions);
    const meant = closest(name, known);
    throw new NullclineError({
      code: "condition",
      given: `condition variable \`${name}\``,
      expected: known.length > 0 ? `one of ${known.join(", ")}` : "trials with conditions, and these have none",
      remedy: meant && `did you mean \`${meant}\`?`,
    });
  }
  requireLength(values, trials, `values of \`${name}\``, "trials");
  return values;
}
