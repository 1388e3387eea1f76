/**
 * Recording sessions for targeted dimensionality reduction: units need not have been recorded together.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { extent, selectTrials, selectUnits } from "./activity.ts";
import { type ConditionAverage, type Conditions, conditionAverage, conditionVariable } from "./conditionAverage.ts";

/** Units recorded (or simulated) in the same trials. */
export interface TdrSession {
  /** `[trial, time, unit]`. */
  activity: NDArray;
  /** One value per trial for each condition variable; a trial with NaN in one of those used is left out. */
  conditions: Conditions;
}

/** The session without trials that lack the value of one of the variables. */
export function completeTrials(session: TdrSession, variables: readonly string[]): TdrSession {
  const { trials } = extent(session.activity);
  const columns = variables.map((name) => conditionVariable(session.conditions, name, trials));
  const kept = Array.from({ length: trials }, (_, trial) => trial).filter((trial) =>
    columns.every((column) => !Number.isNaN(column[trial])),
  );
  if (kept.length === 0)
    throw new NullclineError({
      code: "trials",
      given: `none of ${trials} trials has a value of ${variables.join(", ")}`,
      expected: "trials with a value of each",
    });
  return {
    activity: selectTrials(session.activity, kept),
    conditions: Object.fromEntries(
      variables.map((name, v) => [name, Float64Array.from(kept, (trial) => columns[v][trial])]),
    ),
  };
}

/**
 * One session per unit, in which the signs of `flip` are relative to the unit's preference: where its mean activity
 * (over all times) is higher for negative values of `by`, the variables are multiplied by -1.
 */
export function relativeToPreference(session: TdrSession, by: string, flip: readonly string[]): TdrSession[] {
  const { trials, samples, units } = extent(session.activity);
  const side = conditionVariable(session.conditions, by, trials);
  const sums = { positive: new Float64Array(units), negative: new Float64Array(units) };
  const counts = { positive: 0, negative: 0 };
  for (let trial = 0; trial < trials; trial++) {
    if (side[trial] === 0) continue;
    const sign = side[trial] > 0 ? "positive" : "negative";
    counts[sign] += samples;
    for (let i = 0; i < samples * units; i++)
      sums[sign][i % units] += session.activity.data[trial * samples * units + i];
  }
  if (counts.positive === 0 || counts.negative === 0)
    throw new NullclineError({
      code: "condition",
      given: `\`${by}\` has one sign only`,
      expected: "trials of both signs, to find each unit's preference",
      remedy: "code it as -1 and +1",
    });
  return Array.from({ length: units }, (_, unit) => {
    const prefersNegative = sums.negative[unit] / counts.negative > sums.positive[unit] / counts.positive;
    const conditions = Object.entries(session.conditions).map(([name, values]) => [
      name,
      Float64Array.from(values, (value) => (prefersNegative && flip.includes(name) ? -value : value)),
    ]);
    return { activity: selectUnits(session.activity, [unit]), conditions: Object.fromEntries(conditions) };
  });
}

/** Condition averages of all sessions side by side, over the cells that occur in each of them. */
export function averageSessions(
  sessions: readonly TdrSession[],
  variables: readonly string[],
): Pick<ConditionAverage, "activity" | "conditions"> & { counts: Float64Array; droppedCells: number } {
  const averages = sessions.map((session) => conditionAverage(session.activity, session.conditions, { variables }));
  const keysOf = ({ conditions, counts }: ConditionAverage) =>
    Array.from(counts, (_, cell) => variables.map((name) => conditions[name][cell]).join());
  const positions = averages.map((average) => new Map(keysOf(average).map((key, cell) => [key, cell])));
  const shared = keysOf(averages[0]).filter((key) => positions.every((cells) => cells.has(key)));
  if (shared.length === 0)
    throw new NullclineError({
      code: "trials",
      given: `no combination of ${variables.join(", ")} occurs in all ${sessions.length} sessions`,
      expected: "at least one",
      remedy: "average over fewer variables",
    });

  const samples = averages[0].activity.shape[1];
  const units = averages.reduce((sum, { activity }) => sum + activity.shape[2], 0);
  const activity = zeros(shared.length, samples, units);
  const counts = new Float64Array(shared.length).fill(Number.POSITIVE_INFINITY);
  let at = 0;
  averages.forEach((average, session) => {
    const own = average.activity.shape[2];
    shared.forEach((key, cell) => {
      const from = positions[session].get(key)!;
      counts[cell] = Math.min(counts[cell], average.counts[from]);
      for (let t = 0; t < samples; t++)
        activity.data.set(
          average.activity.data.subarray((from * samples + t) * own, (from * samples + t + 1) * own),
          (cell * samples + t) * units + at,
        );
    });
    at += own;
  });
  const first = shared.map((key) => positions[0].get(key)!);
  return {
    activity,
    conditions: Object.fromEntries(
      variables.map((name) => [name, Float64Array.from(first, (cell) => averages[0].conditions[name][cell])]),
    ),
    counts,
    droppedCells: averages[0].counts.length - shared.length,
  };
}
