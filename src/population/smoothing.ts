/**
 * Smoothing and binning of activity, with widths in units of time.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { gaussianSmooth, bin as groupSamples } from "../base/signal.ts";
import { extent } from "./activity.ts";

/**
 * Smooths in time with a Gaussian of standard deviation `width`, renormalised at both ends so that a constant stays
 * what it is.
 * @shape activity [trial, time, unit]
 * @unit width and dt share a unit
 * @param options.width 0 returns a copy
 */
export function smooth(activity: NDArray, options: { width: number; dt: number }): NDArray<Float64Array> {
  extent(activity);
  const { width, dt } = options;
  if (!(width >= 0 && dt > 0 && width / dt < Number.POSITIVE_INFINITY))
    throw new NullclineError({
      code: "width",
      given: `a kernel of ${width} at dt ${dt}`,
      expected: "a width of 0 or more and dt above 0",
    });
  return gaussianSmooth(activity, 1, width / dt);
}

/**
 * Gathers samples into bins: their sum (counts stay counts) or their mean (rates stay rates). Samples that do not fill
 * a last bin are dropped.
 * @shape activity [trial, time, unit]
 * @unit width and dt share a unit
 * @param options.width a multiple of dt
 * @param options.how default `"sum"`
 * @throws NullclineError where the width is no multiple of dt, or longer than the activity
 */
export function bin(
  activity: NDArray,
  options: { width: number; dt: number; how?: "sum" | "mean" },
): NDArray<Float64Array> {
  const { samples } = extent(activity);
  const { width, dt, how = "sum" } = options;
  const factor = Math.round(width / dt);
  if (!(factor >= 1 && factor <= samples && Math.abs(width / dt - factor) < 1e-9 * factor))
    throw new NullclineError({
      code: "width",
      given: `bins of ${width} at dt ${dt}`,
      expected: `a multiple of ${dt}, up to ${samples * dt}`,
    });
  return groupSamples(activity, 1, factor, how);
}
