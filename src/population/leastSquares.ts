/**
 * Linear least squares with many right-hand sides.
 */
import { multiplyAtB } from "../engine/linalg/matrix.ts";
import { thinQr } from "../engine/linalg/qr.ts";

export interface LeastSquares {
  /** `B` `[columns, targets]` that minimises `|Y - X B|²`; row-major. NaN where a column of X depends on earlier ones. */
  coefficients: Float64Array;
  /** The first column of X that is, to rounding, a combination of those before it; -1 where there is none. */
  dependent: number;
}

/** Least squares by QR, for X `[rows, columns]` and Y `[rows, targets]`, both row-major. */
export function leastSquares(
  X: Float64Array,
  Y: Float64Array,
  rows: number,
  columns: number,
  targets: number,
): LeastSquares {
  if (rows < columns) return { coefficients: new Float64Array(columns * targets).fill(Number.NaN), dependent: rows };
  const { Q, R } = thinQr(X, rows, columns);
  const dependent = dependentColumn(R, columns);
  const B = multiplyAtB(Q, Y, columns, rows, targets);
  if (dependent >= 0) return { coefficients: B.fill(Number.NaN), dependent };
  for (let i = columns - 1; i >= 0; i--) {
    for (let j = i + 1; j < columns; j++)
      for (let c = 0; c < targets; c++) B[i * targets + c] -= R[i * columns + j] * B[j * targets + c];
    for (let c = 0; c < targets; c++) B[i * targets + c] /= R[i * columns + i];
  }
  return { coefficients: B, dependent };
}

/** A column is dependent where almost nothing of its length is left beside the earlier ones. */
function dependentColumn(R: Float64Array, columns: number): number {
  for (let j = 0; j < columns; j++) {
    let length = 0;
    for (let i = 0; i <= j; i++) length += R[i * columns + j] ** 2;
    if (!(Math.abs(R[j * columns + j]) > 1e-10 * Math.sqrt(length))) return j;
  }
  return -1;
}
