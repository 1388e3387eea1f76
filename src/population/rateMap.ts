/** Rate maps: what each unit does where the animal is. */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { gaussianSmooth } from "../base/signal.ts";
import { extent, requireLength } from "./activity.ts";

export interface RateMapOptions {
  /** Where the square box begins and ends, along x and y alike, in the unit of the positions. */
  box: readonly [number, number];
  /** Bins along a side. Default 20. */
  bins?: number;
  /** Standard deviation of the Gaussian that smooths activity and visits, in bins. Default 1; 0: not smoothed. */
  smooth?: number;
}

export interface RateMaps {
  /** Mean activity in each bin, `[unit, bin of y, bin of x]`; NaN where nothing was seen. */
  rates: NDArray<Float64Array>;
  /** Samples in each bin, `[bin of y, bin of x]`, not smoothed. */
  visits: NDArray<Float64Array>;
}

/**
 * `Σ_b' G(b - b') activity(b') / Σ_b' G(b - b') visits(b')`: activity and visits are smoothed and then divided, so that a
 * constant stays what it is. Samples outside the box are left out.
 * @shape activity [trial, time, unit]; x, y: a position for each trial and sample, in that order
 * @throws NullclineError where positions and activity do not fit, for a box or bins that make no sense
 */
export function rateMaps(
  activity: NDArray,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { box: [from, to], bins = 20, smooth = 1 }: RateMapOptions,
): RateMaps {
  const { trials, samples, units } = extent(activity);
  requireLength(x, trials * samples, "positions x", "samples of all trials");
  requireLength(y, trials * samples, "positions y", "samples of all trials");
  if (!(to > from && Number.isInteger(bins) && bins >= 2 && smooth >= 0 && smooth < Number.POSITIVE_INFINITY))
    throw new NullclineError({
      code: "option",
      given: `${bins} bins from ${from} to ${to}, smoothed over ${smooth}`,
      expected: "at least 2 bins in a box that begins before it ends, a width of 0 or more",
    });
  const visits = zeros(bins, bins);
  const sums = zeros(bins * bins, units);
  const binOf = (value: number) => Math.floor(((value - from) / (to - from)) * bins);
  for (let k = 0; k < trials * samples; k++) {
    const [column, row] = [binOf(x[k]!), binOf(y[k]!)];
    if (!(column >= 0 && column < bins && row >= 0 && row < bins)) continue;
    const at = row * bins + column;
    visits.data[at]! += 1;
    for (let i = 0; i < units; i++) sums.data[at * units + i]! += activity.data[k * units + i]!;
  }
  const smoothed = (array: NDArray<Float64Array>) => gaussianSmooth(gaussianSmooth(array, 0, smooth), 1, smooth).data;
  const [above, below] = [smoothed({ ...sums, shape: [bins, bins, units] }), smoothed(visits)];
  const rates = zeros(units, bins, bins);
  for (let at = 0; at < bins * bins; at++)
    for (let i = 0; i < units; i++)
      rates.data[i * bins * bins + at] = below[at]! > 0 ? above[at * units + i]! / below[at]! : Number.NaN;
  return { rates, visits };
}
