/**
 * `F`, whose zeros are a system's fixed points: `F(x) = f(x) = dx/dt` for a flow, `F(x) = f(x) - x` for a map.
 * Every `q = ½|F|²` (squares summed over the units, not averaged) and every `|F|` of this folder refers to it, in the
 * flow's own unit of time. A map with step `dt` of a flow therefore has `dt` times the flow's `F`.
 */
import type { System } from "../engine/system.ts";

/** `F` at each of `points` [n, D], written to `out` [n, D]. */
export function evaluateResidual(system: System, points: Float64Array, out: Float64Array): void {
  system.evaluate(points, out);
  if (system.kind === "map") for (let i = 0; i < out.length; i++) out[i] -= points[i];
}

/** The gradient of q, `DF(x)' F(x)`, at each of `points` [n, D] where `F` is `residuals` [n, D]; written to `out` [n, D]. */
export function residualGradient(
  system: System,
  points: Float64Array,
  residuals: Float64Array,
  out: Float64Array,
): void {
  system.adjoint(points, residuals, out);
  if (system.kind === "map") for (let i = 0; i < out.length; i++) out[i] -= residuals[i];
}

/** `DF(x)` `[D, D]`: the Jacobian of a flow, the Jacobian minus the identity of a map. */
export function residualJacobian(system: System, point: Float64Array, out?: Float64Array): Float64Array {
  const A = system.jacobian(point, out);
  const n = system.dimension;
  if (system.kind === "map") for (let i = 0; i < n; i++) A[i * n + i] -= 1;
  return A;
}

/** ½ Σ F² of one point's residual, `D` entries from `at`. */
export function halfSquare(F: Float64Array, at = 0, count = F.length): number {
  let sum = 0;
  for (let i = at; i < at + count; i++) sum += F[i] * F[i];
  return sum / 2;
}
