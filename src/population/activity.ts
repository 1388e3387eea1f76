/**
 * Activity: `[trial, time, unit]`, of a model or of a brain. A trial may be a condition; the analyses do not care.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";

/**
 * The three lengths of an activity.
 * @shape activity [trial, time, unit]
 * @throws NullclineError where it has another number of axes, or one of them is empty
 */
export function extent(activity: NDArray, what = "activity"): { trials: number; samples: number; units: number } {
  const { shape } = activity;
  if (shape.length !== 3 || shape.some((n) => n < 1))
    throw new NullclineError({
      code: "shape",
      given: `${what} of shape [${shape.join(", ")}]`,
      expected: "[trial, time, unit], none of them empty",
      remedy: "put an axis of length 1 where there is one trial only",
    });
  return { trials: shape[0], samples: shape[1], units: shape[2] };
}

/**
 * The samples of a window of time.
 * @shape activity [trial, time, unit], times [time]
 * @param window `[from, to]` in the unit of `times`
 * @param options.ends whether samples at `from` and `to` themselves belong to it, default `"included"`
 * @returns the activity there and its times; copies
 * @throws NullclineError where no sample lies in the window
 */
export function selectTime(
  activity: NDArray,
  times: ArrayLike<number>,
  window: readonly [number, number],
  options: { ends?: "included" | "excluded" } = {},
): { activity: NDArray<Float64Array>; times: Float64Array } {
  const { trials, samples, units } = extent(activity);
  requireLength(times, samples, "times", "samples");
  const [from, to] = window;
  // Times made by repeated addition may miss a window's end by rounding.
  const slack = 1e-9 * Math.max(Math.abs(from), Math.abs(to), 1);
  const reach = (options.ends ?? "included") === "included" ? slack : -slack;
  const kept: number[] = [];
  for (let t = 0; t < samples; t++) if (times[t] >= from - reach && times[t] <= to + reach) kept.push(t);
  if (kept.length === 0)
    throw new NullclineError({
      code: "window",
      given: `the window ${from} to ${to}`,
      expected: `a part of ${times[0]} to ${times[samples - 1]}`,
      remedy: "give it in the unit of the recording's times",
    });
  const data = new Float64Array(trials * kept.length * units);
  let at = 0;
  for (let trial = 0; trial < trials; trial++)
    for (const t of kept)
      for (let unit = 0; unit < units; unit++) data[at++] = activity.data[(trial * samples + t) * units + unit];
  return {
    activity: { data, shape: [trials, kept.length, units] },
    times: Float64Array.from(kept, (t) => times[t]),
  };
}

/**
 * Some trials (or conditions) of an activity, in the given order.
 * @shape activity [trial, time, unit]
 */
export function selectTrials(activity: NDArray, trials: readonly number[]): NDArray<Float64Array> {
  const { trials: all, samples, units } = extent(activity);
  const length = samples * units;
  const data = new Float64Array(trials.length * length);
  trials.forEach((trial, k) => {
    requireIndex(trial, all, "trial");
    data.set(activity.data.subarray(trial * length, (trial + 1) * length), k * length);
  });
  return { data, shape: [trials.length, samples, units] };
}

/**
 * Some units of an activity, in the given order: an area, a held-out set.
 * @shape activity [trial, time, unit]
 */
export function selectUnits(activity: NDArray, units: readonly number[]): NDArray<Float64Array> {
  const { trials, samples, units: all } = extent(activity);
  for (const unit of units) requireIndex(unit, all, "unit");
  const data = new Float64Array(trials * samples * units.length);
  let at = 0;
  for (let row = 0; row < trials * samples; row++)
    for (const unit of units) data[at++] = activity.data[row * all + unit];
  return { data, shape: [trials, samples, units.length] };
}

/** @throws NullclineError where a list of one value per trial, sample or unit has another length */
export function requireLength(values: ArrayLike<number>, length: number, name: string, of: string): void {
  if (values.length !== length)
    throw new NullclineError({
      code: "shape",
      given: `${values.length} ${name}`,
      expected: `${length}, one for each of the ${of}`,
    });
}

function requireIndex(index: number, length: number, what: string): void {
  if (!Number.isInteger(index) || index < 0 || index >= length)
    throw new NullclineError({
      code: "index",
      given: `${what} ${index}`,
      expected: `a number from 0 to ${length - 1}`,
    });
}
