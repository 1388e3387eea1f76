/**
 * Levenberg–Marquardt for linear dynamics that are judged by whole trajectories.
 */
import type { NDArray } from "../base/arrays.ts";
import { choleskyFactor, choleskySolve } from "../engine/linalg/cholesky.ts";
import { multiply, multiplyAtB } from "../engine/linalg/matrix.ts";
import { extent } from "./activity.ts";
import { type AffineMap, firstSamples, runFreely } from "./affineMap.ts";

/**
 * Minimises `Σ |x_t - x̂_t|²`, `x̂_{t+1} = A x̂_t + offset`, `x̂_0 = x_0`, over A and, where asked for, the offset.
 *
 * Sensitivities run beside the trajectory: `∂x̂_{t+1} = A ∂x̂_t + (∂A) x̂_t + ∂offset`. The start is the given map, or
 * that map with A shrunk by a few per cent where this is better: a one-step fit may grow without bound.
 */
export function fitFreeRun(
  scores: NDArray<Float64Array>,
  start: AffineMap,
  options: { withOffset: boolean; maxIterations: number; tolerance: number },
): { dynamics: AffineMap; converged: boolean; iterations: number } {
  const { withOffset, maxIterations, tolerance } = options;
  const k = start.offset.length;
  const parameters = k * k + (withOffset ? k : 0);
  const errorOf = (map: AffineMap) => {
    const run = runFreely(map, firstSamples(scores), scores.shape[1]);
    const error = run.data.reduce((sum, x, i) => sum + (scores.data[i] - x) ** 2, 0);
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  };

  let map = start;
  let error = errorOf(map);
  for (const factor of [0.99, 0.97, 0.95, 0.9]) {
    const shrunk = { A: start.A.map((a) => factor * a), offset: start.offset };
    const shrunkError = errorOf(shrunk);
    if (shrunkError < error) [map, error] = [shrunk, shrunkError];
  }

  let damping = 1e-3;
  let iterations = 0;
  let converged = false;
  while (iterations < maxIterations && !converged && error < Number.POSITIVE_INFINITY) {
    iterations++;
    const { H, g } = normalEquations(scores, map, parameters, withOffset);
    let gain = -1;
    // Damping grows until the step lowers the error; 1e12 of it moves nothing, so the point is a minimum to rounding.
    while (gain < 0 && damping < 1e12) {
      const damped = H.slice();
      for (let i = 0; i < parameters; i++) damped[i * (parameters + 1)] *= 1 + damping;
      const step = g.slice();
      if (choleskyFactor(damped, parameters)) {
        choleskySolve(damped, parameters, step);
        const next = {
          A: map.A.map((a, i) => a + step[i]),
          offset: withOffset ? map.offset.map((b, i) => b + step[k * k + i]) : map.offset,
        };
        const nextError = errorOf(next);
        if (nextError <= error) {
          gain = (error - nextError) / error;
          [map, error] = [next, nextError];
        }
      }
      damping = gain < 0 ? damping * 8 : Math.max(damping / 4, 1e-12);
    }
    converged = gain < tolerance || error === 0;
  }
  return { dynamics: map, converged, iterations };
}

/** `H = J'J` and `g = J'(x - x̂)` with `J = ∂x̂/∂(A, offset)`, A row-major. */
function normalEquations(
  scores: NDArray<Float64Array>,
  map: AffineMap,
  parameters: number,
  withOffset: boolean,
): { H: Float64Array; g: Float64Array } {
  const { trials, samples, units: k } = extent(scores, "scores");
  const run = runFreely(map, firstSamples(scores), samples);
  const H = new Float64Array(parameters * parameters);
  const g = new Float64Array(parameters);
  const rows = (samples - 1) * k;
  const J = new Float64Array(rows * parameters);
  const residual = new Float64Array(rows);
  for (let trial = 0; trial < trials; trial++) {
    let sensitivity: Float64Array = new Float64Array(k * parameters);
    for (let t = 1; t < samples; t++) {
      const x = (trial * samples + t) * k;
      sensitivity = multiply(map.A, sensitivity, k, k, parameters);
      for (let i = 0; i < k; i++) {
        for (let j = 0; j < k; j++) sensitivity[i * parameters + i * k + j] += run.data[x - k + j];
        if (withOffset) sensitivity[i * parameters + k * k + i] += 1;
        residual[(t - 1) * k + i] = scores.data[x + i] - run.data[x + i];
      }
      J.set(sensitivity, (t - 1) * k * parameters);
    }
    const ownH = multiplyAtB(J, J, parameters, rows, parameters);
    const ownG = multiplyAtB(J, residual, parameters, rows, 1);
    for (let i = 0; i < H.length; i++) H[i] += ownH[i];
    for (let i = 0; i < parameters; i++) g[i] += ownG[i];
  }
  return { H, g };
}
