/** Eigenvalues with right and left eigenvectors, condition and residual of each pair, of a general real matrix. */
import { NullclineError } from "../../base/errors.ts";
import { balance, balanceSpread, resetBalance, undoBalance } from "./balance.ts";
import { allFinite, epsilon, expectSize, hypot, type LinalgStatus, norm2 } from "./checks.ts";
import { type EigenWorkspace, spareWorkspace } from "./eigenWorkspace.ts";
import { hessenbergQr } from "./francis.ts";
import { block, gemm, transposed } from "./gemm.ts";
import { reduceToHessenberg } from "./hessenberg.ts";
import { libraryFor, packVectors, systemEigen } from "./lapack.ts";
import { backTransform, backTransformFlipped, normalise, residuals, sortOrder, unpack } from "./packedVectors.ts";
import { powerToOne } from "./schur.ts";
import { reflectAtAntidiagonal, triangularVectors } from "./schurVectors.ts";

/** Complex numbers as two arrays. */
export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** `A r_k = λ_k r_k` and `l_k' A = λ_k l_k'` (l' is the conjugate transpose), for k = 0 … n - 1. */
export interface Eigen {
  n: number;
  /** Eigenvalues `[n]`, sorted; a complex pair stays together, positive imaginary part first, and is exactly conjugate. */
  values: Complex;
  /** Right eigenvectors as columns `[n, n]`: entry i of r_k is `re[i * n + k]`. ‖r_k‖₂ = 1, its largest entry real and positive. */
  right: Complex;
  /**
   * Left eigenvectors as columns `[n, n]`, with `l_k' r_k = 1`: `l_k' x` is the amplitude of mode k in x. Where the
   * eigenvalue is exactly defective (condition Infinity) that is impossible and ‖l_k‖₂ = 1.
   */
  left: Complex;
  /** 1 / |l' r| with l and r of unit length, `[n]`: how many times a small change of A can move λ_k further than it is large; 1 for a normal matrix. */
  condition: Float64Array;
  /** ‖A r - λ r‖₂ / ‖A‖_F, `[n]`: a few times 2⁻⁵² when all is well. */
  residual: Float64Array;
  /** `not finite` or `no convergence`: everything is NaN. */
  status: LinalgStatus;
}

export interface EigenOptions {
  /** Order of the eigenvalues: by falling real part (default; leading modes of a flow first), by falling modulus (of a map), or as found. */
  sort?: "real" | "modulus" | "none";
  /** Balance first; default true. Done again without where balancing made residuals worse than rounding alone would. */
  balance?: boolean;
  /** Scratch arrays from `eigenWorkspace(n)`, for many matrices of the same order. */
  workspace?: EigenWorkspace;
}

/**
 * Eigenvalues, right and left eigenvectors of A `[n, n]`, which is left as it is: balancing, Hessenberg form, double-shift
 * QR to real Schur form, back substitution; or LAPACK's `dgeev`, where a library of the system is in use and A is large.
 * Nothing is thrown but for a wrong length.
 */
export function eigen(A: Float64Array, n: number, options: EigenOptions = {}): Eigen {
  expectSize(A, n, n, "A");
  const ws = options.workspace ?? spareWorkspace(n);
  if (ws.n !== n)
    throw new NullclineError({
      code: "shape",
      given: `a workspace for order ${ws.n}`,
      expected: `one for order ${n}`,
      remedy: `call eigenWorkspace(${n})`,
    });
  if (!allFinite(A)) return failed(emptyResult(n), "not finite");
  // In units in which the largest entry of A is not far from 1.
  const factor = powerToOne(A);
  const scaled = factor === 1 ? A : A.map((a) => a * factor);
  const result = emptyResult(n);
  const balanced = options.balance ?? true;
  const sort = options.sort ?? "real";
  const worst = decompose(scaled, factor, sort, balanced, ws, result);
  if (worst <= epsilon * Math.max(64, n) || (!balanced && worst < Number.POSITIVE_INFINITY)) return result;
  if (!balanced) return failed(result, "no convergence");
  const second = emptyResult(n);
  const without = decompose(scaled, factor, sort, false, ws, second);
  if (Math.min(worst, without) === Number.POSITIVE_INFINITY) return failed(result, "no convergence");
  return without < worst ? second : result;
}

/**
 * Fills `result` from the scaled matrix A. Returns the largest residual, infinity where there was no convergence. Left
 * vectors are judged as well where balancing was strong, for it can magnify the rounding errors of either side.
 */
function decompose(
  A: Float64Array,
  factor: number,
  sort: "real" | "modulus" | "none",
  balanced: boolean,
  ws: EigenWorkspace,
  result: Eigen,
): number {
  const { n, values, right, left, residual } = result;
  const { T, Z, X, Y, re, im, record } = ws;
  const library = balanced ? libraryFor(n) : undefined;
  const bySystem = library && systemEigen(library, A, n, ws);
  if (bySystem === false) return Number.POSITIVE_INFINITY;
  if (bySystem) resetBalance(record, n);
  else {
    T.set(A);
    if (balanced) balance(T, n, record);
    else resetBalance(record, n);
    reduceToHessenberg(T, n, record.lo, record.hi, Z, ws.hessenberg);
    if (!hessenbergQr(T, n, record.lo, record.hi, Z, true, re, im, ws.francis)) return Number.POSITIVE_INFINITY;
  }

  const norm = norm2(A);
  const order = sortOrder(re, im, n, sort);
  for (let k = 0; k < n; k++) {
    values.re[k] = re[order[k]] / factor;
    values.im[k] = im[order[k]] / factor;
  }
  if (bySystem) packVectors(T, im, n, X);
  else {
    triangularVectors(T, n, Y);
    backTransform(Z, Y, X, n);
    undoBalance(record, X, n, n, "right");
  }
  normalise(X, im, n);
  unpack(X, im, order, n, right);
  gemm(block(Y, n), block(A, n), block(X, n), n, n, n, 0);
  let worst = residuals(X, Y, re, im, 1, order, n, norm, residual);

  // Left vectors of T are right vectors of T' read backwards, which is quasi-triangular again.
  if (bySystem) packVectors(Z, im, n, X);
  else {
    reflectAtAntidiagonal(T, n);
    triangularVectors(T, n, Y);
    backTransformFlipped(Z, Y, X, im, n);
    undoBalance(record, X, n, n, "left");
  }
  normalise(X, im, n);
  unpack(X, im, order, n, left);
  if (balanceSpread(record) > 64) {
    gemm(block(Y, n), transposed(block(A, n)), block(X, n), n, n, n, 0);
    worst = Math.max(worst, residuals(X, Y, re, im, -1, order, n, norm, null));
  }
  makeBiorthogonal(result);
  return worst;
}

function emptyResult(n: number): Eigen {
  return {
    n,
    values: { re: new Float64Array(n), im: new Float64Array(n) },
    right: { re: new Float64Array(n * n), im: new Float64Array(n * n) },
    left: { re: new Float64Array(n * n), im: new Float64Array(n * n) },
    condition: new Float64Array(n),
    residual: new Float64Array(n),
    status: "ok",
  };
}

function failed(result: Eigen, status: LinalgStatus): Eigen {
  const { values, right, left, condition, residual } = result;
  for (const array of [values.re, values.im, right.re, right.im, left.re, left.im, condition, residual])
    array.fill(Number.NaN);
  result.status = status;
  return result;
}

/** Divides left vectors by the conjugate of l' r and notes the conditions; both have unit length before. */
function makeBiorthogonal({ n, right, left, condition }: Eigen): void {
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  for (let i = 0, p = 0; i < n; i++)
    for (let k = 0; k < n; k++, p++) {
      re[k] += left.re[p] * right.re[p] + left.im[p] * right.im[p];
      im[k] += left.re[p] * right.im[p] - left.im[p] * right.re[p];
    }
  for (let k = 0; k < n; k++) {
    const overlap = hypot(re[k], im[k]);
    if (overlap > 1e-150) {
      condition[k] = 1 / overlap;
      re[k] /= overlap * overlap;
      im[k] /= overlap * overlap;
    } else {
      condition[k] = Number.POSITIVE_INFINITY;
      re[k] = 1;
      im[k] = 0;
    }
  }
  for (let i = 0, p = 0; i < n; i++)
    for (let k = 0; k < n; k++, p++) {
      const x = left.re[p];
      const y = left.im[p];
      left.re[p] = x * re[k] - y * im[k];
      left.im[p] = x * im[k] + y * re[k];
    }
}

export { type EigenWorkspace, eigenWorkspace } from "./eigenWorkspace.ts";
