/** States drawn from trajectories: where a search for fixed points starts. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { extent } from "../population/activity.ts";

export interface SampleOptions {
  /** Number of states; default 1024. */
  count?: number;
  /** Default 0. */
  seed?: number;
  /** Standard deviation of Gaussian noise added to each coordinate, in units of state; default 0. */
  jitter?: number;
  /** First sample to draw from, and the one after the last; default all. */
  from?: number;
  to?: number;
}

/**
 * `count` states at random trials and samples, `[count, unit]`: all different as long as there are enough of them.
 * @shape trajectories [trial, time, unit]
 * @throws NullclineError where the trajectories have another shape or the window holds no sample
 */
export function sampleStates(trajectories: NDArray, options: SampleOptions = {}): Float64Array {
  const { count = 1024, seed = 0, jitter = 0, from = 0 } = options;
  const { trials, samples, units } = extent(trajectories, "trajectories");
  const to = options.to ?? samples;
  if (!(from >= 0 && to <= samples && from < to))
    throw new NullclineError({
      code: "window",
      given: `samples ${from} to ${to} of ${samples}`,
      expected: "a window inside the trajectories with at least one sample",
    });
  const width = to - from;
  const available = trials * width;
  const random = new RandomStream(seed, "fixed-point starts");
  const states = new Float64Array(count * units);
  // A partial shuffle; `moved` holds the entries of the permutation that differ from the identity.
  const moved = new Map<number, number>();
  for (let k = 0; k < count; k++) {
    let pick = random.integer(available);
    if (count <= available) {
      const j = k + random.integer(available - k);
      pick = moved.get(j) ?? j;
      moved.set(j, moved.get(k) ?? k);
    }
    const at = (Math.floor(pick / width) * samples + from + (pick % width)) * units;
    for (let i = 0; i < units; i++)
      states[k * units + i] = trajectories.data[at + i] + (jitter > 0 ? random.normal(0, jitter) : 0);
  }
  return states;
}
