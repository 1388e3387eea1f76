/**
 * Where a trajectory ends: on a fixed point, on a limit cycle, or on neither for as long as it was watched. A limit
 * cycle is recognised by its returns to a plane that it crosses: they repeat, after one loop or a few.
 *
 * @source Strogatz 2018, Nonlinear Dynamics and Chaos, sections 7 and 8.7 (limit cycles, Poincaré maps)
 */
import { NullclineError } from "../base/errors.ts";
import { pca } from "../population/pca.ts";

export interface SettlingOptions {
  /** Time between samples; default 1. */
  dt?: number;
  /** Two returns closer than this fraction of the cycle's size are the same; default 5e-3. */
  tolerance?: number;
  /** Most loops before a cycle closes (a doubled cycle has two); default 8. */
  loops?: number;
}

export interface LimitCycle {
  kind: "limit cycle";
  /** In units of dt: mean over all whole periods watched. */
  period: number;
  /** Standard deviation of the single periods. */
  periodDeviation: number;
  /** Whole periods watched. */
  periods: number;
  /** Loops before it closes. */
  loops: number;
  /** Largest distance between a state and itself one period later, as a fraction of the cycle's size. */
  residual: number;
  /** Mean state over a period `[D]`, and largest distance of a state from it. */
  mean: Float64Array;
  size: number;
  /** States of the last period, `[sample, D]`. */
  states: Float64Array;
}

export type Settling =
  | LimitCycle
  | { kind: "fixed point"; state: Float64Array }
  /** Still moving, and not on a cycle: a longer transient, a torus, or chaos. */
  | { kind: "unsettled" }
  | { kind: "diverged"; sample: number };

/**
 * What the second half of a trajectory says.
 *
 * - fixed point: in the last quarter, all states are within 1e-4 of the trajectory's extent of the last one.
 * - limit cycle: the upward crossings of the plane through the mean, normal to the first principal component, repeat every
 *   m-th time (m ≤ `loops`) over at least five periods, without drifting. Crossings are interpolated by cubics through
 *   four samples, at least six to a turn. An orbit of a map that repeats exactly is a cycle of so many samples.
 * @shape states [sample, D]
 * @throws NullclineError where there are fewer than 16 samples
 */
export function settlingOf(states: Float64Array, dimension: number, options: SettlingOptions = {}): Settling {
  const { dt = 1, tolerance = 5e-3, loops: mostLoops = 8 } = options;
  const D = dimension;
  const T = states.length / D;
  if (!(T >= 16)) throw new NullclineError({ code: "samples", given: `${T} samples`, expected: "at least 16" });
  const at = (k: number): Float64Array => states.subarray(k * D, (k + 1) * D);
  for (let k = 0; k < T; k++) if (!at(k).every(Number.isFinite)) return { kind: "diverged", sample: k };

  const last = at(T - 1);
  const reach = (from: number): number => {
    let most = 0;
    for (let k = from; k < T; k++) most = Math.max(most, distance(at(k), last));
    return most;
  };
  if (reach(Math.floor((3 * T) / 4)) <= 1e-4 * Math.max(reach(0), 1e-6 * Math.hypot(...last)) || reach(0) === 0)
    return { kind: "fixed point", state: last.slice() };

  const from = Math.floor(T / 2);
  // A few hundred states tell the direction and the middle well enough.
  const stride = Math.ceil((T - from) / 200);
  const rows = Math.floor((T - 1 - from) / stride) + 1;
  const sample = new Float64Array(rows * D);
  for (let r = 0; r < rows; r++) sample.set(at(from + r * stride), r * D);
  const { components, removed } = pca({ data: sample, shape: [1, rows, D] }, { components: 1 });
  const mean = removed.data;
  let size = 0;
  for (let k = from; k < T; k++) size = Math.max(size, distance(at(k), mean));
  const exact = exactRepeat(states, D, T, size);
  if (exact !== undefined)
    return describe(
      { period: exact * dt, periodDeviation: 0, periods: Math.floor((T - from) / exact), loops: 1, residual: 0 },
      exact,
    );

  const along = (x: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < D; i++) sum += components.data[i] * (x[i] - mean[i]);
    return sum;
  };
  const { times, crossings } = upwardCrossings(at, along, from, T);
  // A cubic through samples h radians apart misses a sine by about 0.02 h⁴; too few samples a turn say nothing.
  const spacing = (2 * Math.PI * (times.length - 1)) / (times.at(-1)! - times[0]!);
  if (D === 1 || !(spacing <= 1)) return { kind: "unsettled" };
  const same = tolerance + 0.05 * spacing ** 4;
  for (let m = 1; m <= mostLoops; m++) {
    const returns = times.length - m;
    if (returns < 5 * m) return { kind: "unsettled" };
    let residual = 0;
    for (let i = 0; i < returns; i++) residual = Math.max(residual, distance(crossings[i + m]!, crossings[i]!) / size);
    const drift = distance(crossings[returns - 1 + m]!, crossings[(returns - 1) % m]!) / size;
    if (residual > same || drift > 4 * same) continue;
    const single = Array.from({ length: returns }, (_, i) => (times[i + m]! - times[i]!) * dt);
    const whole = Math.floor(returns / m);
    const period = ((times[whole * m]! - times[0]!) * dt) / whole;
    const deviation = Math.sqrt(single.reduce((s, p) => s + (p - period) ** 2, 0) / single.length);
    return describe({ period, periodDeviation: deviation, periods: whole, loops: m, residual }, Math.ceil(period / dt));
  }
  return { kind: "unsettled" };

  function describe(
    found: Pick<LimitCycle, "period" | "periodDeviation" | "periods" | "loops" | "residual">,
    samples: number,
  ): LimitCycle {
    const cycle = states.slice((T - samples) * D);
    const middle = new Float64Array(D);
    for (let k = 0; k < cycle.length; k++) middle[k % D] += cycle[k] / samples;
    let most = 0;
    for (let k = 0; k < samples; k++) most = Math.max(most, distance(cycle.subarray(k * D, (k + 1) * D), middle));
    return { kind: "limit cycle", ...found, mean: middle, size: most, states: cycle };
  }
}

/** Fewest samples after which the last quarter repeats to rounding. */
function exactRepeat(states: Float64Array, D: number, T: number, size: number): number | undefined {
  const from = Math.floor((3 * T) / 4);
  for (let p = 1; p <= Math.min(64, Math.floor((T - from) / 4)); p++) {
    let same = true;
    for (let k = from * D; k < (T - p) * D && same; k++) same = Math.abs(states[k + p * D] - states[k]) <= 1e-9 * size;
    if (same) return p;
  }
  return undefined;
}

/** Where `along` goes from below zero to above: times in samples, and states there. */
function upwardCrossings(at: (k: number) => Float64Array, along: (x: Float64Array) => number, from: number, T: number) {
  const times: number[] = [];
  const crossings: Float64Array[] = [];
  for (let k = Math.max(from, 1); k + 2 < T; k++) {
    const s = [k - 1, k, k + 1, k + 2].map((j) => along(at(j)));
    if (!(s[1]! < 0 && s[2]! >= 0)) continue;
    const value = (f: number): number => weights(f).reduce((sum, w, i) => sum + w * s[i]!, 0);
    let [low, high] = [0, 1];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (value(middle) < 0) low = middle;
      else high = middle;
    }
    const w = weights(high);
    times.push(k + high);
    crossings.push(at(k).map((_, i) => w.reduce((sum, wj, j) => sum + wj * at(k - 1 + j)[i]!, 0)));
  }
  return { times, crossings };
}

/** Lagrange's weights of samples -1, 0, 1, 2 at f in [0, 1]. */
function weights(f: number): [number, number, number, number] {
  return [
    (-f * (f - 1) * (f - 2)) / 6,
    ((f + 1) * (f - 1) * (f - 2)) / 2,
    (-(f + 1) * f * (f - 2)) / 2,
    ((f + 1) * f * (f - 1)) / 6,
  ];
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

/** Cycles that are the same: periods within 1 % and means within 5 % of their size. Each with the number of trajectories on it. */
export function distinctCycles(found: readonly LimitCycle[]): { cycle: LimitCycle; trajectories: number }[] {
  const distinct: { cycle: LimitCycle; trajectories: number }[] = [];
  for (const cycle of found) {
    const known = distinct.find(
      ({ cycle: c }) =>
        Math.abs(c.period - cycle.period) <= 0.01 * c.period && distance(c.mean, cycle.mean) <= 0.05 * c.size,
    );
    if (known) known.trajectories++;
    else distinct.push({ cycle, trajectories: 1 });
  }
  return distinct;
}
