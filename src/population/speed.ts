/** How fast a state moves, and how one quantity grows with another. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { extent, requireLength } from "./activity.ts";

export interface SpeedOptions {
  /** Time between samples. */
  dt: number;
  /** Of each trial, the time from the first sample where the window begins and ends, in the unit of `dt`. */
  from: ArrayLike<number>;
  to: ArrayLike<number>;
}

/**
 * Mean speed of each trial's state in a window: the length of its path over the time, Σ ‖x(t + dt) − x(t)‖ / (to − from).
 * Temporal scaling means a speed in inverse proportion to the interval (Wang, Narain, Hosseini & Jazayeri 2018, Nat.
 * Neurosci. 21, 102–110).
 * @param activity `[trial, time, unit]`
 * @returns one value a trial, in units of the activity per unit of time
 * @throws NullclineError where a window holds fewer than two samples or leaves the trial
 */
export function meanSpeed(activity: NDArray, { dt, from, to }: SpeedOptions): Float64Array {
  const { trials, samples, units } = extent(activity);
  requireLength(from, trials, "from", "trial");
  requireLength(to, trials, "to", "trial");
  const { data } = activity;
  return Float64Array.from({ length: trials }, (_, k) => {
    const [first, last] = [Math.round(from[k]! / dt), Math.round(to[k]! / dt)];
    if (!(first >= 0 && last < samples && last > first))
      throw new NullclineError({
        code: "window",
        where: `trial ${k}`,
        given: `a window from ${from[k]} to ${to[k]}`,
        expected: `at least two samples between 0 and ${(samples - 1) * dt}`,
      });
    let length = 0;
    for (let t = first; t < last; t++) {
      let square = 0;
      const at = (k * samples + t) * units;
      for (let i = at; i < at + units; i++) square += (data[i + units]! - data[i]!) ** 2;
      length += Math.sqrt(square);
    }
    return length / ((last - first) * dt);
  });
}

export interface LineFit {
  slope: number;
  intercept: number;
  /** Of the slope, from the residuals; NaN for two points. */
  standardError: number;
  /** Pearson's correlation. */
  correlation: number;
}

/**
 * The least-squares line y = intercept + slope x.
 * @throws NullclineError for fewer than two different x, or lists of unequal length
 */
export function lineFit(x: ArrayLike<number>, y: ArrayLike<number>): LineFit {
  requireLength(y, x.length, "y", "x");
  const n = x.length;
  const [xs, ys] = [Array.from(x), Array.from(y)];
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / n;
  const [mx, my] = [mean(xs), mean(ys)];
  const sxx = xs.reduce((s, v) => s + (v - mx) ** 2, 0);
  const syy = ys.reduce((s, v) => s + (v - my) ** 2, 0);
  const sxy = xs.reduce((s, v, i) => s + (v - mx) * (ys[i]! - my), 0);
  if (!(sxx > 0))
    throw new NullclineError({
      code: "line-fit",
      given: `${n} points of one x`,
      expected: "at least two different x",
    });
  const slope = sxy / sxx;
  const residual = Math.max(0, syy - slope * sxy);
  return {
    slope,
    intercept: my - slope * mx,
    standardError: n > 2 ? Math.sqrt(residual / (n - 2) / sxx) : Number.NaN,
    correlation: sxy / Math.sqrt(sxx * syy),
  };
}
