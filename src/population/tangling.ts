/**
 * Trajectory tangling: where states close to each other move differently, no smooth flow can have made them.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { extent } from "./activity.ts";

export interface Tangling {
  /** Q at each point, `[condition, time]`; one sample fewer than the states where differences were taken. */
  q: NDArray<Float64Array>;
  /** The constant ε that was used, in squared units of the states. */
  epsilon: number;
  /** The sample of `states` that the first column of `q` belongs to: 1 where differences were taken, 0 otherwise. */
  firstSample: 0 | 1;
}

export interface TanglingOptions {
  /** Time between samples, for the differences; default 1. Q then is per unit of this time squared. */
  dt?: number;
  /** Derivatives `[condition, time, component]` where they are known; default `(x_t - x_{t-1}) / dt`, paired with x_t. */
  derivatives?: NDArray;
  /** ε as a fraction of the total variance of the points, summed over components; default 0.1. */
  fraction?: number;
}

/**
 * `Q(t) = max over t' of |ẋ_t - ẋ_t'|² / (|x_t - x_t'|² + ε)`, over all pairs of condition and time.
 *
 * The variance in ε divides by the number of points. Cost: points² × components.
 * @shape states [condition, time, component], as a rule scores of 8 principal components
 * @throws NullclineError where derivatives do not fit the states, or there is nothing to take differences of
 * @source Russo et al. 2018, Neuron 97, eq. 1
 */
export function tangling(states: NDArray, options: TanglingOptions = {}): Tangling {
  const { dt = 1, derivatives, fraction = 0.1 } = options;
  const { trials, samples, units: k } = extent(states, "states");
  if (derivatives && derivatives.shape.join() !== states.shape.join())
    throw new NullclineError({
      code: "shape",
      given: `derivatives of shape [${derivatives.shape.join(", ")}]`,
      expected: `[${states.shape.join(", ")}], as the states`,
    });
  if (!derivatives && samples < 2)
    throw new NullclineError({
      code: "samples",
      given: "states at one time only",
      expected: "two or more, or derivatives beside them",
    });

  const first = derivatives ? 0 : 1;
  const kept = samples - first;
  const n = trials * kept;
  const x = new Float64Array(n * k);
  const v = new Float64Array(n * k);
  for (let row = 0; row < n; row++) {
    const from = (Math.floor(row / kept) * samples + first + (row % kept)) * k;
    for (let j = 0; j < k; j++) {
      x[row * k + j] = states.data[from + j];
      v[row * k + j] = derivatives
        ? derivatives.data[from + j]
        : (states.data[from + j] - states.data[from + j - k]) / dt;
    }
  }

  const epsilon = fraction * totalVariance(x, n, k);
  const q = zeros(trials, kept);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < a; b++) {
      let near = epsilon;
      let apart = 0;
      for (let j = 0; j < k; j++) {
        near += (x[a * k + j] - x[b * k + j]) ** 2;
        apart += (v[a * k + j] - v[b * k + j]) ** 2;
      }
      const ratio = apart === 0 ? 0 : apart / near;
      if (ratio > q.data[a]) q.data[a] = ratio;
      if (ratio > q.data[b]) q.data[b] = ratio;
    }
  return { q, epsilon, firstSample: first };
}

function totalVariance(x: Float64Array, n: number, k: number): number {
  let variance = 0;
  for (let j = 0; j < k; j++) {
    let mean = 0;
    for (let row = 0; row < n; row++) mean += x[row * k + j] / n;
    for (let row = 0; row < n; row++) variance += (x[row * k + j] - mean) ** 2 / n;
  }
  return variance;
}
