/**
 * What a channel carries during an epoch.
 */
import type { RandomStream } from "../engine/random.ts";

/**
 * - a number: constant (a step that lasts as long as the epoch).
 * - `pulse`: that height for `width` from `at` (default 0) after the epoch began.
 * - `ramp`: linear in time, from the first value where the epoch begins to the second where it ends.
 * - `sine`: `offset + amplitude sin(2π sine t + phase)` at the trial's time t, so that it runs on from epoch to epoch;
 *   `sine` in cycles per unit of time. Default amplitude 1, phase and offset 0.
 * - `poisson`: the number of spikes in each sample, of a Poisson process of that rate per unit of time times `height`
 *   (default 1). The spikes themselves do not depend on the time step.
 * - a function of the time since the epoch began (0 where its first sample comes a little before), and of the time step.
 */
export type Signal =
  | number
  | { pulse: number; width: number; at?: number }
  | { ramp: readonly [number, number] }
  | { sine: number; amplitude?: number; phase?: number; offset?: number }
  | { poisson: number; height?: number }
  | ((time: number, dt: number) => number);

/** The stretch of samples that an epoch covers, and the times behind it. */
export interface Stretch {
  /** First sample, and the one after the last. */
  from: number;
  to: number;
  /** When it begins in the trial, and how long it lasts. */
  start: number;
  lasts: number;
  dt: number;
}

/** Writes a signal: `put(sample, value)` for every sample of the stretch that is not 0. */
export function play(
  signal: Signal,
  { from, to, start, lasts, dt }: Stretch,
  random: () => RandomStream,
  put: (sample: number, value: number) => void,
): void {
  const each = (first: number, last: number, value: (time: number) => number) => {
    for (let t = Math.max(from, first); t < Math.min(to, last); t++) put(t, value(t * dt - start));
  };
  if (typeof signal === "number") {
    if (signal !== 0) each(from, to, () => signal);
  } else if (typeof signal === "function") each(from, to, (time) => signal(Math.max(0, time), dt));
  else if ("pulse" in signal) {
    const on = start + (signal.at ?? 0);
    const first = Math.round(on / dt);
    // At least one sample: a pulse does not vanish at a coarse time step.
    each(first, Math.max(first + 1, Math.round((on + signal.width) / dt)), () => signal.pulse);
  } else if ("ramp" in signal) {
    const [a, b] = signal.ramp;
    each(from, to, (time) => a + (b - a) * Math.min(1, Math.max(0, time / lasts)));
  } else if ("sine" in signal) {
    const { sine, amplitude = 1, phase = 0, offset = 0 } = signal;
    each(from, to, (time) => offset + amplitude * Math.sin(2 * Math.PI * sine * (start + time) + phase));
  } else {
    const { poisson, height = 1 } = signal;
    const counts = new Float64Array(Math.max(0, to - from));
    const stream = random();
    const interval = () => -Math.log1p(-stream.uniform()) / poisson;
    for (let time = interval(); time < lasts; time += interval()) {
      const at = Math.floor((start + time) / dt + 1e-9) - from;
      if (at >= 0 && at < counts.length) counts[at]! += height;
    }
    counts.forEach((count, t) => {
      if (count > 0) put(from + t, count);
    });
  }
}

/** One channel of `size` on, the others 0. */
export function oneHot(size: number, index: number, height = 1): number[] {
  return Array.from({ length: size }, (_, i) => (i === index ? height : 0));
}

export interface RingOptions {
  /** Default 0.8. */
  height?: number;
  /** Width of the bump (standard deviation), rad. Default π/8. */
  width?: number;
}

/**
 * A bump on a ring of `size` channels that prefer the angles `2π i / size`:
 * `height exp(-(d / width)² / 2)`, d the distance on the circle. The defaults are those of Yang et al. 2019.
 */
export function ring(size: number, angle: number, { height = 0.8, width = Math.PI / 8 }: RingOptions = {}): number[] {
  return Array.from({ length: size }, (_, i) => {
    const d = angleBetween(angle, (2 * Math.PI * i) / size);
    return height * Math.exp(-((d / width) ** 2) / 2);
  });
}

/** Distance of two angles on the circle, 0 … π. */
export function angleBetween(a: number, b: number): number {
  const d = Math.abs(a - b) % (2 * Math.PI);
  return Math.min(d, 2 * Math.PI - d);
}

/** The angle of the population vector of a ring, in [0, 2π). */
export function populationVector(values: ArrayLike<number>): number {
  let [x, y] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const angle = (2 * Math.PI * i) / values.length;
    x += values[i]! * Math.cos(angle);
    y += values[i]! * Math.sin(angle);
  }
  const angle = Math.atan2(y, x);
  return angle < 0 ? angle + 2 * Math.PI : angle;
}
