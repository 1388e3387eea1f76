/**
 * Kinematic analysis of neural trajectories: how fast trajectories run along one path.
 * @source Remington, Narain, Hosseini & Jazayeri 2018, Neuron 98, 1005–1019
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { extent } from "./activity.ts";
import { lineFit } from "./speed.ts";

export interface KinetOptions {
  /** Number of the condition that the others are matched to. Default: the middle one. */
  reference?: number;
  /** Per condition: first sample and the one past the last that is looked at. */
  windows: readonly (readonly [from: number, to: number])[];
  /** Samples of the reference that are matched, from its window's first. Default: all of its window. */
  matched?: readonly [from: number, to: number];
}

export interface Kinet {
  reference: number;
  /** Per condition: the sample, from the window's first, at which it is nearest to each matched state of the reference. */
  times: Int32Array[];
  /** Speed along the path, relative to the reference: one over the slope of `times` against the reference's. */
  speed: Float64Array;
  /** Mean distance at the matched samples. */
  distance: Float64Array;
}

/**
 * For each state of a reference trajectory the nearest state of every other, t_i[j] = argmin_t ‖x_i(t) − x_ref(j)‖; a
 * trajectory that runs along the same path at k times the speed has t_i[j] = j / k.
 * @param activity `[condition, time, unit]`, each trajectory averaged over its trials
 * @throws NullclineError where windows are missing or leave the trajectories
 */
export function kinet(activity: NDArray, options: KinetOptions): Kinet {
  const { trials: conditions, samples, units } = extent(activity);
  const { windows, reference = conditions >> 1 } = options;
  const bad = windows.find(([from, to]) => !(from >= 0 && to <= samples && to - from > 2));
  if (windows.length !== conditions || bad)
    throw new NullclineError({
      code: "kinet",
      given: bad
        ? `a window from sample ${bad[0]} to ${bad[1]}`
        : `${windows.length} windows for ${conditions} conditions`,
      expected: `one a condition, of three samples or more, between 0 and ${samples}`,
    });
  const { data } = activity;
  const [start, end] = windows[reference]!;
  const [first, last] = options.matched ?? [0, end - start];
  const index = Array.from({ length: last - first }, (_, j) => first + j);
  const distance = new Float64Array(conditions);
  const times = windows.map(([from, to], i) => {
    const nearest = index.map((j) => {
      const at = (reference * samples + start + j) * units;
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let t = from; t < to; t++) {
        let square = 0;
        for (let u = 0, a = (i * samples + t) * units; u < units; u++) square += (data[a + u]! - data[at + u]!) ** 2;
        if (square < least) [best, least] = [t - from, square];
      }
      distance[i]! += Math.sqrt(least) / index.length;
      return best;
    });
    return Int32Array.from(nearest);
  });
  const speed = Float64Array.from(times, (t) => 1 / lineFit(index, t).slope);
  return { reference, times, speed, distance };
}
