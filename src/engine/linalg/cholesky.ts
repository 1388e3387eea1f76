/** Cholesky factorisation `A = L L'` of a symmetric positive definite matrix. */
import { expectSize } from "./checks.ts";
import { block, gemm, transposed } from "./gemm.ts";
import { divideRow, subtractRow } from "./rows.ts";

/** Columns factored together. */
const panelWidth = 24;

/**
 * Factors A `[n, n]` in place; only its lower triangle is read. L is on and below the diagonal, zeros above. Returns
 * whether A is positive definite (false also where it is not finite; A is then partly overwritten).
 */
export function choleskyFactor(A: Float64Array, n: number): boolean {
  expectSize(A, n, n, "A");
  for (let start = 0; start < n; start += panelWidth) {
    const end = Math.min(n, start + panelWidth);
    // Columns start … end - 1: what the columns before contribute, as one product, then one by one.
    const panel = block(A, n, start, start);
    gemm(panel, block(A, n, start), transposed(block(A, n, start)), n - start, start, end - start, -1);
    for (let i = start; i < n; i++) {
      const row = i * n;
      for (let j = start, last = Math.min(i, end - 1); j <= last; j++) {
        let s = A[row + j];
        for (let k = start, p = row + start, q = j * n + start; k < j; k++, p++, q++) s -= A[p] * A[q];
        if (j < i) A[row + j] = s / A[j * n + j];
        else if (s > 0 && s < Number.POSITIVE_INFINITY) A[row + i] = Math.sqrt(s);
        else return false;
      }
    }
  }
  for (let i = 0; i < n; i++) A.fill(0, i * n + i + 1, (i + 1) * n);
  return true;
}

/** Solves `L L' X = B` in place, B `[n, columns]`. */
export function choleskySolve(L: Float64Array, n: number, B: Float64Array, columns = 1): void {
  choleskySolveHalf(L, n, B, columns);
  for (let i = n - 1; i >= 0; i--) {
    divideRow(B, columns, i, L[i * n + i]);
    for (let j = 0; j < i; j++) subtractRow(B, columns, j, i, L[i * n + j]);
  }
}

/** Solves `L X = B` in place, B `[n, columns]`: whitens B where `L L'` is its covariance. */
export function choleskySolveHalf(L: Float64Array, n: number, B: Float64Array, columns = 1): void {
  expectSize(L, n, n, "L");
  expectSize(B, n, columns, "B");
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtractRow(B, columns, i, j, L[i * n + j]);
    divideRow(B, columns, i, L[i * n + i]);
  }
}

/** log det A from its factor L. */
export function choleskyLogDeterminant(L: Float64Array, n: number): number {
  expectSize(L, n, n, "L");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(L[i * n + i]);
  return 2 * sum;
}
