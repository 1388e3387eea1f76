/** Damped Gauss–Newton: a local minimum of `½|r(x)|²`, also where r has no zero. */
import { choleskyFactor, choleskySolve } from "../engine/linalg/cholesky.ts";
import { dot, matvecTransposed, multiplyAtB, norm2 } from "../engine/linalg/matrix.ts";
import { halfSquare } from "./residual.ts";

export interface LeastSquares {
  unknowns: number;
  equations: number;
  /** `r(x)` [equations]. */
  residual(x: Float64Array, out: Float64Array): void;
  /** `∂r/∂x` [equations, unknowns]. */
  jacobian(x: Float64Array, out: Float64Array): void;
}

export interface LeastSquaresOptions {
  /** Stop at `|r|` at most this; default 0. */
  zero?: number;
  /** Stop where a step would lower the cost by less than this fraction of it; default 1e-10. */
  gain?: number;
  maxSteps?: number;
}

export interface Minimum {
  x: Float64Array;
  /** `½|r|²`. */
  cost: number;
  /** `zero`: |r| ≤ zero. `minimum`: no step lowers the cost. `max steps`: still going down. `not finite`: at the start. */
  status: "zero" | "minimum" | "max steps" | "not finite";
  steps: number;
}

/**
 * Minimises `½|r(x)|²` from `start` (which is left as it is) by steps `(J'J + μ) d = -J'r`.
 * μ follows the ratio of the actual to the predicted decrease.
 * @source Nielsen 1999, Damping parameter in Marquardt's method, IMM-REP-1999-05, eq. 2.5
 */
export function levenbergMarquardt(
  problem: LeastSquares,
  start: Float64Array,
  options: LeastSquaresOptions = {},
): Minimum {
  const { zero = 0, gain = 1e-10, maxSteps = 100 } = options;
  const { unknowns: n, equations: m } = problem;
  const r = new Float64Array(m);
  const J = new Float64Array(m * n);
  const normal = new Float64Array(n * n);
  const damped = new Float64Array(n * n);
  const gradient = new Float64Array(n);
  const step = new Float64Array(n);
  let x = start.slice();
  let trial = new Float64Array(n);
  problem.residual(x, r);
  let cost = halfSquare(r);
  if (!Number.isFinite(cost)) return { x, cost, status: "not finite", steps: 0 };
  let mu = -1;
  let growth = 2;
  let steps = 0;
  let fresh = true;
  for (; steps < maxSteps; steps++) {
    if (Math.sqrt(2 * cost) <= zero) return { x, cost, status: "zero", steps };
    if (fresh) {
      problem.jacobian(x, J);
      problem.residual(x, r);
      multiplyAtB(J, J, n, m, n, normal);
      matvecTransposed(J, r, m, n, gradient);
      if (mu < 0) {
        mu = 0;
        for (let i = 0; i < n; i++) mu = Math.max(mu, 1e-3 * normal[i * n + i]);
      }
    }
    damped.set(normal);
    for (let i = 0; i < n; i++) damped[i * n + i] += mu;
    let accepted = false;
    if (choleskyFactor(damped, n)) {
      for (let i = 0; i < n; i++) step[i] = -gradient[i];
      choleskySolve(damped, n, step);
      const predicted = -dot(step, gradient) / 2 + (mu * dot(step, step)) / 2;
      if (!(predicted > gain * cost)) return { x, cost, status: "minimum", steps };
      for (let i = 0; i < n; i++) trial[i] = x[i] + step[i];
      problem.residual(trial, r);
      const next = halfSquare(r);
      const ratio = (cost - next) / predicted;
      if (ratio > 0) {
        accepted = true;
        [x, trial] = [trial, x];
        cost = next;
        mu *= Math.max(1 / 3, 1 - (2 * ratio - 1) ** 3);
        growth = 2;
      } else if (norm2(step) <= 1e-15 * norm2(x)) return { x, cost, status: "minimum", steps };
    }
    if (!accepted) {
      mu = mu === 0 ? Number.MIN_VALUE : mu * growth;
      growth *= 2;
      if (!Number.isFinite(mu)) return { x, cost, status: "minimum", steps };
    }
    fresh = accepted;
  }
  return { x, cost, status: Math.sqrt(2 * cost) <= zero ? "zero" : "max steps", steps };
}
