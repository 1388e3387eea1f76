/** One zero of `F` (`residual.ts`) to machine precision: Newton with a line search, Levenberg–Marquardt where that fails. */
import { luFactor, luSolve } from "../engine/linalg/lu.ts";
import type { System } from "../engine/system.ts";
import { levenbergMarquardt } from "./levenbergMarquardt.ts";
import { evaluateResidual, halfSquare, residualJacobian } from "./residual.ts";

export interface Polished {
  x: Float64Array;
  /** `½|F(x)|²`. */
  q: number;
  /** `fixed`: |F| ≤ tolerance. `slow`: a local minimum of q above it, or still creeping down. `lost`: not finite. */
  status: "fixed" | "slow" | "lost";
  /** Evaluations of the Jacobian. */
  steps: number;
}

/**
 * Solves `F(x) = 0` from `start` (left as it is).
 * @param tolerance of `|F|`; where it is reached, steps go on as long as they halve |F|: a degenerate zero, to which
 *   Newton converges slowly, is then told from a regular one by its Jacobian.
 */
export function polish(system: System, start: Float64Array, tolerance: number): Polished {
  const n = system.dimension;
  let x = start.slice();
  let trial = new Float64Array(n);
  const F = new Float64Array(n);
  const next = new Float64Array(n);
  const A = new Float64Array(n * n);
  const pivots = new Int32Array(n);
  evaluateResidual(system, x, F);
  let q = halfSquare(F);
  if (!Number.isFinite(q)) return { x, q, status: "lost", steps: 0 };
  const enough = tolerance ** 2 / 2;
  let steps = 0;
  while (steps < 40 && q > 0) {
    const reached = q <= enough;
    residualJacobian(system, x, A);
    steps++;
    if (luFactor(A, n, pivots) === 0) break;
    luSolve(A, n, pivots, F);
    let lowered = false;
    for (let length = 1; length > 1 / 200 && !lowered; length /= 2) {
      for (let i = 0; i < n; i++) trial[i] = x[i] - length * F[i];
      evaluateResidual(system, trial, next);
      const lower = halfSquare(next);
      lowered = lower <= (reached ? 1 / 4 : 1 - 2e-4 * length) * q;
      if (lowered) {
        q = lower;
        [x, trial] = [trial, x];
      }
      if (reached) break;
    }
    if (!lowered) break;
    F.set(next);
  }
  if (q <= enough) return { x, q, status: "fixed", steps };
  const minimum = levenbergMarquardt(
    {
      unknowns: n,
      equations: n,
      residual: (point, out) => evaluateResidual(system, point, out),
      jacobian: (point, out) => residualJacobian(system, point, out),
    },
    x,
    { zero: tolerance, maxSteps: 60 },
  );
  const status = minimum.status === "not finite" ? "lost" : minimum.cost <= enough ? "fixed" : "slow";
  return { x: minimum.x, q: minimum.cost, status, steps: steps + minimum.steps };
}
