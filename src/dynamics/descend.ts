/**
 * The gradient phase of the fixed-point search: many points at once down the gradient of `q = ½|F|²`.
 *
 * Newton's method alone jumps past rare saddles; the gradient of q leads to whatever zero is near, saddles of any
 * index included. It need not go far: a point is frozen as soon as Newton will do the rest.
 */
import type { System } from "../engine/system.ts";
import type { Progress } from "./incremental.ts";
import { evaluateResidual, residualGradient } from "./residual.ts";

export interface DescendOptions {
  /** First and largest step per coordinate, in units of state. */
  step: number;
  /** A point is ready for Newton where its distance to a zero, estimated as `|F|²/|DF'F|`, is at most this. */
  distance: number;
  /** Default 400. */
  maxIterations?: number;
}

export interface Descended {
  /** Where each start ended, `[n, D]`; not finite where it was lost. */
  points: Float64Array;
  /** Starts that got near a zero, in the order in which they did. The others are where the descent left them. */
  ready: number[];
  iterations: number;
}

/**
 * Adam on q (β₁ = β₂ = 0.9: with a longer memory of the gradient's size, points dawdle once the fast modes have decayed) with a step of its own for each point: 1.05 times longer after q fell, 0.7 times
 * after it rose. Points that are ready, lost, or whose step has shrunk 10⁵-fold no longer cost anything.
 * @shape starts [n, D]
 */
export function* descend(
  system: System,
  starts: Float64Array,
  options: DescendOptions,
): Generator<Progress, Descended> {
  const D = system.dimension;
  const n = starts.length / D;
  const { step: longest, distance, maxIterations = 400 } = options;
  const points = starts.slice();
  const ready: number[] = [];
  // The first `active` rows of these are the points still moving; row k belongs to start who[k].
  const x = starts.slice();
  const F = new Float64Array(n * D);
  const G = new Float64Array(n * D);
  const mean = new Float64Array(n * D);
  const square = new Float64Array(n * D);
  const q = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const length = new Float64Array(n).fill(longest);
  const who = Int32Array.from({ length: n }, (_, k) => k);
  let active = n;
  let iteration = 0;

  const freeze = (k: number) => {
    points.set(x.subarray(k * D, (k + 1) * D), who[k] * D);
    active--;
    for (const rows of [x, G, mean, square]) rows.copyWithin(k * D, active * D, (active + 1) * D);
    for (const values of [q, length, who]) values[k] = values[active];
  };

  while (active > 0 && iteration < maxIterations) {
    iteration++;
    const rows = active * D;
    const [moving, residuals, gradients] = [x.subarray(0, rows), F.subarray(0, rows), G.subarray(0, rows)];
    evaluateResidual(system, moving, residuals);
    residualGradient(system, moving, residuals, gradients);
    for (let k = active - 1; k >= 0; k--) {
      let ff = 0;
      let gg = 0;
      for (let i = k * D; i < (k + 1) * D; i++) {
        ff += F[i] * F[i];
        gg += G[i] * G[i];
      }
      if (ff <= distance * Math.sqrt(gg) || ff === 0) {
        ready.push(who[k]);
        freeze(k);
      } else if (!(ff < Number.POSITIVE_INFINITY && gg < Number.POSITIVE_INFINITY)) {
        x[k * D] = Number.NaN;
        freeze(k);
      } else {
        length[k] = ff > q[k] ? length[k] * 0.7 : Math.min(longest, length[k] * 1.05);
        q[k] = ff;
        if (length[k] < 1e-5 * longest) freeze(k);
      }
    }
    const bias1 = 1 - 0.9 ** iteration;
    const bias2 = 1 - 0.9 ** iteration;
    for (let k = 0; k < active; k++) {
      const rate = length[k] / bias1;
      for (let i = k * D; i < (k + 1) * D; i++) {
        const g = G[i];
        mean[i] = 0.9 * mean[i] + 0.1 * g;
        square[i] = 0.9 * square[i] + 0.1 * g * g;
        x[i] -= (rate * mean[i]) / (Math.sqrt(square[i] / bias2) + 1e-150);
      }
    }
    yield { phase: "descend", done: n - active, total: n, found: ready.length };
  }
  for (let k = 0; k < active; k++) points.set(x.subarray(k * D, (k + 1) * D), who[k] * D);
  return { points, ready, iterations: iteration };
}
