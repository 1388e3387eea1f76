/**
 * Units on a common scale.
 */
import type { NDArray } from "../base/arrays.ts";
import { quantile } from "../base/quantile.ts";
import { extent } from "./activity.ts";

export interface Standardised {
  /** `(x - mean_unit) / scale_unit`, `[trial, time, unit]`. */
  activity: NDArray<Float64Array>;
  /** Mean of each unit over trials and times. */
  mean: Float64Array;
  /** What each unit was divided by. */
  scale: Float64Array;
}

/**
 * z-scores each unit by its mean and standard deviation (n - 1 in the denominator) over trials and times. A unit that
 * does not vary becomes 0.
 * @shape activity [trial, time, unit]
 * @param options.soften adds this fraction of the median standard deviation over units to each denominator, so that
 *   weak units are not blown up; default 0
 */
export function zscore(activity: NDArray, options: { soften?: number } = {}): Standardised {
  const { trials, samples, units } = extent(activity);
  const rows = trials * samples;
  const mean = new Float64Array(units);
  const deviation = new Float64Array(units);
  for (let i = 0; i < rows * units; i++) mean[i % units] += activity.data[i] / rows;
  for (let i = 0; i < rows * units; i++) deviation[i % units] += (activity.data[i] - mean[i % units]) ** 2;
  for (let unit = 0; unit < units; unit++) {
    deviation[unit] = Math.sqrt(deviation[unit] / Math.max(rows - 1, 1));
    // The mean of equal numbers is off by rounding.
    if (deviation[unit] < 1e-14 * Math.abs(mean[unit])) deviation[unit] = 0;
  }
  const added = (options.soften ?? 0) * quantile(deviation, 0.5);
  const scale = deviation.map((s) => s + added || 1);
  return {
    activity: {
      data: Float64Array.from(activity.data, (x, i) => (x - mean[i % units]) / scale[i % units]),
      shape: [...activity.shape],
    },
    mean,
    scale,
  };
}

/**
 * Range of each unit over trials and times plus a constant: activity divided by it is *soft-normalised*, strong units
 * to a range of almost 1, weak ones to less. 1 for a unit of range 0 where the constant is 0.
 * @shape activity [trial, time, unit]
 * @param constant in the unit of the activity, e.g. 5 spikes/s
 * @source Churchland et al. 2012, Nature 487, 51–56
 */
export function softRange(activity: NDArray, constant: number): Float64Array {
  const { units } = extent(activity);
  const least = new Float64Array(units).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(units).fill(Number.NEGATIVE_INFINITY);
  activity.data.forEach((x, i) => {
    const unit = i % units;
    if (x < least[unit]) least[unit] = x;
    if (x > most[unit]) most[unit] = x;
  });
  return most.map((x, unit) => x - least[unit] + constant || 1);
}
