/** Singular value decomposition: QR, bidiagonal form, implicit QR (Golub and Kahan). */
import { bidiagonalise, bidiagonalQr } from "./bidiagonal.ts";
import { allFinite, expectSize, type LinalgStatus } from "./checks.ts";
import { block, gemm, transposed } from "./gemm.ts";
import { kernelsFrom, type MakeArray, ordinaryArray, withKernelArrays } from "./kernelMemory.ts";
import { libraryFor, systemSvd } from "./lapack.ts";
import { maxAbs, transpose } from "./matrix.ts";
import { thinQr } from "./qr.ts";

/** `A = U diag(s) Vt` with k = min(m, n). */
export interface Svd {
  /** Left singular vectors as columns, `[m, k]`. */
  U: Float64Array;
  /** Singular values `[k]`, descending, not negative. */
  s: Float64Array;
  /** Right singular vectors as rows, `[k, n]`; the largest entry of each is positive. */
  Vt: Float64Array;
  /** `not finite`: everything is NaN. `no convergence`: factors are orthonormal, but their product with s is not A. */
  status: LinalgStatus;
}

/**
 * Thin singular value decomposition of A `[m, n]`, which is left as it is. U and Vt have orthonormal columns and rows
 * also where A is singular. Errors of s are some 2⁻⁵² s[0]. Golub and Van Loan, Matrix Computations, section 8.6.
 */
export function svd(A: Float64Array, m: number, n: number): Svd {
  expectSize(A, m, n, "A");
  const k = Math.min(m, n);
  const U = new Float64Array(m * k);
  const s = new Float64Array(k);
  const Vt = new Float64Array(k * n);
  if (!allFinite(A)) {
    for (const array of [U, s, Vt]) array.fill(Number.NaN);
    return { U, s, Vt, status: "not finite" };
  }
  const library = libraryFor(k);
  if (library && systemSvd(library, A, m, n, U, s, Vt)) {
    fixSigns(U, Vt, m, k, n);
    return { U, s, Vt, status: "ok" };
  }
  // A or A' (whichever is tall) = Q R; then R = X' diag(d) Y with singular vectors in the rows of X and Y.
  const { Q, R, factor } = squareFactor(A, m, n);
  const d = new Float64Array(k);
  const X = new Float64Array(k * k);
  const Y = new Float64Array(k * k);
  const converged = squareSvd(R, k, d, X, Y);

  const order = Array.from(d, (_, i) => i).sort((a, b) => Math.abs(d[b]) - Math.abs(d[a]));
  const left = new Float64Array(k * k); // rows of X in order
  const right = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    const from = order[i] * k;
    s[i] = Math.abs(d[order[i]]) / factor;
    const sign = d[order[i]] < 0 ? -1 : 1;
    for (let j = 0; j < k; j++) {
      left[i * k + j] = sign * X[from + j];
      right[i * k + j] = Y[from + j];
    }
  }
  if (m >= n) {
    if (Q) gemm(block(U, k), block(Q, k), transposed(block(left, k)), m, k, k, 0);
    else transpose(left, k, k, U);
    Vt.set(right);
  } else {
    transpose(right, k, k, U);
    if (Q) gemm(block(Vt, n), block(left, k), transposed(block(Q, k)), k, k, n, 0);
    else Vt.set(left);
  }
  fixSigns(U, Vt, m, k, n);
  return { U, s, Vt, status: converged ? "ok" : "no convergence" };
}

/** Singular values `[min(m, n)]` alone, descending; NaN where A is not finite or nothing converged. */
export function singularValues(A: Float64Array, m: number, n: number): Float64Array {
  expectSize(A, m, n, "A");
  const k = Math.min(m, n);
  const d = new Float64Array(k);
  if (!allFinite(A)) return d.fill(Number.NaN);
  const { R, factor } = squareFactor(A, m, n);
  if (!squareSvd(R, k, d, null, null)) return d.fill(Number.NaN);
  return d
    .map((value) => Math.abs(value) / factor)
    .sort()
    .reverse();
}

/** `R = X' diag(d) Y` of R `[k, k]`, unsorted; X and Y are not worked out where they are null. Returns whether it converged. */
function squareSvd(
  R: Float64Array,
  k: number,
  d: Float64Array,
  X: Float64Array | null,
  Y: Float64Array | null,
): boolean {
  const run = (make: MakeArray): boolean => {
    const held = make(k * k);
    held.set(R);
    const left = X && make(k * k);
    const right = Y && make(k * k);
    const e = new Float64Array(k);
    bidiagonalise(held, k, d, e, left, right, make);
    const converged = bidiagonalQr(d, e, k, left, right, make);
    if (left) X.set(left);
    if (right) Y.set(right);
    return converged;
  };
  return k < kernelsFrom ? run(ordinaryArray) : withKernelArrays(3 * k * k + 8 * k, run);
}

/** R `[k, k]` and Q `[max(m, n), k]` (null: the identity) with `factor A = Q R`, or A' for a wide A. */
function squareFactor(
  A: Float64Array,
  m: number,
  n: number,
): { Q: Float64Array | null; R: Float64Array; factor: number } {
  const large = maxAbs(A);
  const factor = large === 0 ? 1 : 2 ** Math.max(-1022, Math.min(1022, -Math.floor(Math.log2(large))));
  const tall = (m >= n ? A : transpose(A, m, n)).map((a) => a * factor);
  if (m === n) return { Q: null, R: tall, factor };
  return { ...thinQr(tall, Math.max(m, n), Math.min(m, n)), factor };
}

function fixSigns(U: Float64Array, Vt: Float64Array, m: number, k: number, n: number): void {
  for (let i = 0; i < k; i++) {
    let large = 0;
    for (let p = i * n; p < (i + 1) * n; p++) if (Math.abs(Vt[p]) > 1.001 * Math.abs(large)) large = Vt[p];
    if (large >= 0) continue;
    for (let p = i * n; p < (i + 1) * n; p++) Vt[p] = -Vt[p];
    for (let p = i; p < m * k; p += k) U[p] = -U[p];
  }
}
