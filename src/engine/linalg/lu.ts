/** LU factorisation with partial pivoting, `P A = L U`, and what follows from it: solutions, determinant, condition. */
import { expectSize, type LinalgStatus } from "./checks.ts";
import { block, gemm } from "./gemm.ts";
import { identity, oneNorm } from "./matrix.ts";
import { estimateOneNorm } from "./normEstimate.ts";
import { divideRow, exchangeRows, subtractRow } from "./rows.ts";

/** Columns factored before the rest of the matrix is updated by one product. */
const panelWidth = 32;
/** Rows of the right side solved before the others are updated by one product. */
const solveWidth = 16;

/**
 * Factors A `[n, n]` in place: U on and above the diagonal, L (unit diagonal) below; row k was exchanged with row
 * `pivots[k] >= k`. Allocates nothing. Returns the sign of the permutation, or 0 where a pivot is exactly zero or not
 * a number (A is singular or not finite; solutions with it are then not finite).
 */
export function luFactor(A: Float64Array, n: number, pivots: Int32Array): 1 | -1 | 0 {
  expectSize(A, n, n, "A");
  expectSize(pivots, n, 1, "pivots");
  let sign: 1 | -1 | 0 = 1;
  const width = n <= 2 * panelWidth ? n : panelWidth;
  for (let start = 0; start < n; start += width) {
    const end = Math.min(n, start + width);
    for (let k = start; k < end; k++) {
      let pivot = k;
      let large = Math.abs(A[k * n + k]);
      for (let i = k + 1, p = i * n + k; i < n; i++, p += n) {
        const size = Math.abs(A[p]);
        if (size > large) {
          large = size;
          pivot = i;
        }
      }
      pivots[k] = pivot;
      if (pivot !== k) {
        for (let j = 0, p = k * n, q = pivot * n; j < n; j++, p++, q++) {
          const held = A[p];
          A[p] = A[q];
          A[q] = held;
        }
        sign = -sign as 1 | -1 | 0;
      }
      if (!(large > 0)) {
        sign = 0;
        if (large === 0) continue; // the column is zero: nothing to eliminate
      }
      const diagonal = A[k * n + k];
      for (let i = k + 1; i < n; i++) {
        const row = i * n;
        const factor = A[row + k] / diagonal;
        A[row + k] = factor;
        if (factor !== 0)
          for (let p = row + k + 1, q = k * n + k + 1, last = row + end; p < last; p++, q++) A[p] -= factor * A[q];
      }
    }
    if (end === n) break;
    for (let k = start; k < end; k++)
      for (let i = k + 1; i < end; i++) {
        const factor = A[i * n + k];
        if (factor !== 0)
          for (let p = i * n + end, q = k * n + end, last = i * n + n; p < last; p++, q++) A[p] -= factor * A[q];
      }
    gemm(block(A, n, end, end), block(A, n, end, start), block(A, n, start, end), n - end, end - start, n - end, -1);
  }
  return sign;
}

/** Solves `A X = B` in place, B `[n, columns]`, with the result of `luFactor`. Allocates nothing. */
export function luSolve(LU: Float64Array, n: number, pivots: Int32Array, B: Float64Array, columns = 1): void {
  expectSize(B, n, columns, "B");
  for (let k = 0; k < n; k++) if (pivots[k] !== k) exchangeRows(B, columns, k, pivots[k]);
  if (columns === 1) {
    for (let i = 1; i < n; i++) {
      let s = B[i];
      for (let j = 0, p = i * n; j < i; j++, p++) s -= LU[p] * B[j];
      B[i] = s;
    }
    for (let i = n - 1; i >= 0; i--) {
      let s = B[i];
      for (let j = i + 1, p = i * n + j; j < n; j++, p++) s -= LU[p] * B[j];
      B[i] = s / LU[i * n + i];
    }
    return;
  }
  const b = (i: number) => block(B, columns, i);
  for (let start = 0; start < n; start += solveWidth) {
    const end = Math.min(n, start + solveWidth);
    for (let i = start + 1; i < end; i++) for (let j = start; j < i; j++) subtractRow(B, columns, i, j, LU[i * n + j]);
    gemm(b(end), block(LU, n, end, start), b(start), n - end, end - start, columns, -1);
  }
  for (let start = Math.floor((n - 1) / solveWidth) * solveWidth; start >= 0; start -= solveWidth) {
    const end = Math.min(n, start + solveWidth);
    for (let i = end - 1; i >= start; i--) {
      for (let j = i + 1; j < end; j++) subtractRow(B, columns, i, j, LU[i * n + j]);
      divideRow(B, columns, i, LU[i * n + i]);
    }
    gemm(b(0), block(LU, n, 0, start), b(start), start, end - start, columns, -1);
  }
}

/** Solves `A' X = B` in place, B `[n, columns]`, with the result of `luFactor` of A. Allocates nothing. */
export function luSolveTransposed(LU: Float64Array, n: number, pivots: Int32Array, B: Float64Array, columns = 1): void {
  expectSize(B, n, columns, "B");
  for (let i = 0; i < n; i++) {
    const diagonal = LU[i * n + i];
    for (let p = i * columns, last = p + columns; p < last; p++) B[p] /= diagonal;
    for (let j = i + 1; j < n; j++) subtractRow(B, columns, j, i, LU[i * n + j]);
  }
  for (let i = n - 1; i > 0; i--) for (let j = 0; j < i; j++) subtractRow(B, columns, j, i, LU[i * n + j]);
  for (let k = n - 1; k >= 0; k--) if (pivots[k] !== k) exchangeRows(B, columns, k, pivots[k]);
}

/** A determinant as `sign · exp(logAbs)`: neither overflows nor underflows. Sign 0 and -Infinity where it is zero; NaN where it is not a number. */
export interface Determinant {
  sign: number;
  logAbs: number;
}

/** det A from the result of `luFactor`. */
export function luDeterminant(LU: Float64Array, n: number, pivots: Int32Array): Determinant {
  let sign = 1;
  let logAbs = 0;
  for (let k = 0; k < n; k++) {
    const u = LU[k * n + k];
    sign *= Math.sign(u) * (pivots[k] === k ? 1 : -1);
    logAbs += Math.log(Math.abs(u));
  }
  // Beyond a zero pivot nothing was eliminated and -Infinity may have met +Infinity.
  return sign === 0 ? { sign: 0, logAbs: Number.NEGATIVE_INFINITY } : { sign, logAbs };
}

/** det A of A `[n, n]`, which is left as it is. The empty matrix has determinant 1. */
export function determinant(A: Float64Array, n: number): Determinant {
  const LU = A.slice();
  const pivots = new Int32Array(n);
  luFactor(LU, n, pivots);
  return luDeterminant(LU, n, pivots);
}

export interface Solution {
  /** X `[n, columns]`. Meaningless (infinite or NaN) unless `status` is `ok`. */
  x: Float64Array;
  /** Estimate of 1 / (‖A‖₁ ‖A⁻¹‖₁): about how many of 2⁵² are left. 0 where A is singular. */
  reciprocalCondition: number;
  status: LinalgStatus;
}

/** Solves `A X = B` for A `[n, n]` and B `[n, columns]`; both are left as they are. */
export function solve(A: Float64Array, B: Float64Array, n: number, columns = 1): Solution {
  expectSize(A, n, n, "A");
  const LU = A.slice();
  const pivots = new Int32Array(n);
  const x = B.slice();
  const norm = oneNorm(A, n, n);
  const sign = luFactor(LU, n, pivots);
  luSolve(LU, n, pivots, x, columns);
  if (!Number.isFinite(norm)) return { x, reciprocalCondition: Number.NaN, status: "not finite" };
  if (sign === 0) return { x, reciprocalCondition: 0, status: "singular" };
  return { x, reciprocalCondition: luReciprocalCondition(LU, n, pivots, norm), status: "ok" };
}

/** A⁻¹ of A `[n, n]` as the solution of `A X = I`. Prefer `solve` wherever the inverse is only multiplied with. */
export function inverse(A: Float64Array, n: number): Solution {
  return solve(A, identity(n), n, n);
}

/**
 * Estimates 1 / (‖A‖₁ ‖A⁻¹‖₁) from the result of `luFactor` and `norm` = ‖A‖₁ of the matrix before it. A lower bound
 * of ‖A⁻¹‖₁, almost always within a factor of 3.
 */
export function luReciprocalCondition(LU: Float64Array, n: number, pivots: Int32Array, norm: number): number {
  if (n === 0) return 1;
  const inverseNorm = estimateOneNorm(
    n,
    (x) => luSolve(LU, n, pivots, x),
    (x) => luSolveTransposed(LU, n, pivots, x),
  );
  const product = norm * inverseNorm;
  return product > 0 ? 1 / product : product === 0 ? 0 : product;
}
