/**
 * Products, transposes and norms of dense matrices. A matrix is a flat row-major `Float64Array` with its sizes beside
 * it: entry (i, j) of `A` with `columns` columns is `A[i * columns + j]`. NaN and infinity propagate as in arithmetic.
 */
import { expectSize } from "./checks.ts";
import { block, gemm, transposed } from "./gemm.ts";

/** `A B` `[m, n]` of A `[m, k]` and B `[k, n]`. `out` must be another array than A and B. */
export function multiply(
  A: Float64Array,
  B: Float64Array,
  m: number,
  k: number,
  n: number,
  out: Float64Array = new Float64Array(m * n),
): Float64Array {
  expectSize(A, m, k, "A");
  expectSize(B, k, n, "B");
  expectSize(out, m, n, "out");
  gemm(block(out, n), block(A, k), block(B, n), m, k, n, 0);
  return out;
}

/** `A' B` `[m, n]` of A `[k, m]` and B `[k, n]`. */
export function multiplyAtB(
  A: Float64Array,
  B: Float64Array,
  m: number,
  k: number,
  n: number,
  out: Float64Array = new Float64Array(m * n),
): Float64Array {
  expectSize(A, k, m, "A");
  expectSize(B, k, n, "B");
  expectSize(out, m, n, "out");
  gemm(block(out, n), transposed(block(A, m)), block(B, n), m, k, n, 0);
  return out;
}

/** `A B'` `[m, n]` of A `[m, k]` and B `[n, k]`. */
export function multiplyABt(
  A: Float64Array,
  B: Float64Array,
  m: number,
  k: number,
  n: number,
  out: Float64Array = new Float64Array(m * n),
): Float64Array {
  expectSize(A, m, k, "A");
  expectSize(B, n, k, "B");
  expectSize(out, m, n, "out");
  gemm(block(out, n), block(A, k), transposed(block(B, k)), m, k, n, 0);
  return out;
}

/** `A x` of A `[rows, columns]`. */
export function matvec(
  A: Float64Array,
  x: Float64Array,
  rows: number,
  columns: number,
  out: Float64Array = new Float64Array(rows),
): Float64Array {
  expectSize(A, rows, columns, "A");
  expectSize(x, columns, 1, "x");
  expectSize(out, rows, 1, "out");
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0, p = i * columns; j < columns; j++, p++) {
      const y = x[j];
      s0 += A[p] * y;
      s1 += A[p + columns] * y;
      s2 += A[p + 2 * columns] * y;
      s3 += A[p + 3 * columns] * y;
    }
    out[i] = s0;
    out[i + 1] = s1;
    out[i + 2] = s2;
    out[i + 3] = s3;
  }
  for (; i < rows; i++) {
    let s = 0;
    for (let j = 0, p = i * columns; j < columns; j++, p++) s += A[p] * x[j];
    out[i] = s;
  }
  return out;
}

/** `A' x` of A `[rows, columns]`. */
export function matvecTransposed(
  A: Float64Array,
  x: Float64Array,
  rows: number,
  columns: number,
  out: Float64Array = new Float64Array(columns),
): Float64Array {
  expectSize(A, rows, columns, "A");
  expectSize(x, rows, 1, "x");
  expectSize(out, columns, 1, "out");
  out.fill(0);
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const x0 = x[i];
    const x1 = x[i + 1];
    const x2 = x[i + 2];
    const x3 = x[i + 3];
    for (let j = 0, p = i * columns; j < columns; j++, p++)
      out[j] += x0 * A[p] + x1 * A[p + columns] + x2 * A[p + 2 * columns] + x3 * A[p + 3 * columns];
  }
  for (; i < rows; i++) {
    const y = x[i];
    for (let j = 0, p = i * columns; j < columns; j++, p++) out[j] += y * A[p];
  }
  return out;
}

/** `A'` `[columns, rows]` of A `[rows, columns]`; `out` must be another array. */
export function transpose(
  A: Float64Array,
  rows: number,
  columns: number,
  out: Float64Array = new Float64Array(rows * columns),
): Float64Array {
  expectSize(A, rows, columns, "A");
  expectSize(out, columns, rows, "out");
  const tile = 16; // both sides of a tile stay in the first cache
  for (let i0 = 0; i0 < rows; i0 += tile)
    for (let j0 = 0; j0 < columns; j0 += tile) {
      const i1 = Math.min(rows, i0 + tile);
      const j1 = Math.min(columns, j0 + tile);
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) out[j * rows + i] = A[i * columns + j];
    }
  return out;
}

/** The identity `[n, n]`, or `value` times it. */
export function identity(n: number, value = 1): Float64Array {
  const I = new Float64Array(n * n);
  for (let i = 0; i < n; i++) I[i * n + i] = value;
  return I;
}

/** Sum of the diagonal of A `[n, n]`. */
export function trace(A: Float64Array, n: number): number {
  expectSize(A, n, n, "A");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += A[i * n + i];
  return sum;
}

/** `Σ x_i y_i`. */
export function dot(x: Float64Array, y: Float64Array): number {
  expectSize(y, x.length, 1, "y");
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/** `y += a x`. */
export function axpy(a: number, x: Float64Array, y: Float64Array): void {
  expectSize(y, x.length, 1, "y");
  for (let i = 0; i < x.length; i++) y[i] += a * x[i];
}

/** Largest absolute entry; NaN where an entry is. */
export function maxAbs(A: Float64Array): number {
  let large = 0;
  for (let i = 0; i < A.length; i++) {
    const size = Math.abs(A[i]);
    if (!(size <= large)) {
      if (Number.isNaN(size)) return size;
      large = size;
    }
  }
  return large;
}

/** ‖A‖₁, the largest column sum of absolute entries, of A `[rows, columns]`. */
export function oneNorm(A: Float64Array, rows: number, columns: number): number {
  expectSize(A, rows, columns, "A");
  const sums = new Float64Array(columns);
  for (let i = 0, p = 0; i < rows; i++) for (let j = 0; j < columns; j++, p++) sums[j] += Math.abs(A[p]);
  return maxAbs(sums);
}

/** ‖A‖∞, the largest row sum of absolute entries, of A `[rows, columns]`. */
export function infinityNorm(A: Float64Array, rows: number, columns: number): number {
  expectSize(A, rows, columns, "A");
  const sums = new Float64Array(rows);
  for (let i = 0, p = 0; i < rows; i++) for (let j = 0; j < columns; j++, p++) sums[i] += Math.abs(A[p]);
  return maxAbs(sums);
}

export { norm2 } from "./checks.ts";
