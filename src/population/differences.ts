/**
 * Steps of a trajectory and how well a matrix predicts them.
 */
import type { NDArray } from "../base/arrays.ts";
import { multiplyABt } from "../engine/linalg/matrix.ts";
import { extent } from "./activity.ts";

/** All samples but each condition's last, and the differences to their successors, both `[rows, component]`. */
export function differences(
  scores: NDArray<Float64Array>,
  dt: number,
): { X: Float64Array; D: Float64Array; rows: number } {
  const { trials, samples, units: k } = extent(scores, "scores");
  const length = (samples - 1) * k;
  const X = new Float64Array(trials * length);
  const D = new Float64Array(trials * length);
  for (let trial = 0; trial < trials; trial++)
    for (let i = 0; i < length; i++) {
      const from = trial * samples * k + i;
      X[trial * length + i] = scores.data[from];
      D[trial * length + i] = (scores.data[from + k] - scores.data[from]) / dt;
    }
  return { X, D, rows: trials * (samples - 1) };
}

/** `1 - |D - X M'|² / |D|²`. */
export function uncentredR2(X: Float64Array, D: Float64Array, M: Float64Array, rows: number, k: number): number {
  const prediction = multiplyABt(X, M, rows, k, k);
  let residual = 0;
  let total = 0;
  for (let i = 0; i < D.length; i++) {
    residual += (D[i] - prediction[i]) ** 2;
    total += D[i] ** 2;
  }
  return 1 - residual / total;
}
