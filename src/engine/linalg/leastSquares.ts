/** Linear least squares, with ridge and of smallest norm, and the pseudoinverse. */
import { NullclineError } from "../../base/errors.ts";
import { epsilon, expectSize, type LinalgStatus } from "./checks.ts";
import { block, gemm, transposed } from "./gemm.ts";
import { pivotedQr, triangularFactor } from "./qr.ts";
import { svd } from "./svd.ts";

export interface LeastSquaresOptions {
  /**
   * Weight λ ≥ 0 of the penalty `λ ‖x‖²`, or one weight per row of x, `[n]` (0 for an intercept). Default 0. It is
   * added to the sum, not the mean, of squared errors.
   */
  ridge?: number | ArrayLike<number>;
  /** Singular values below this fraction of the largest count as zero. Default `max(m, n) 2⁻⁵²`. */
  tolerance?: number;
}

export interface LeastSquares {
  /** `[n, columns]`. NaN where the input is not finite. */
  x: Float64Array;
  /** Rank of A, with the rows of the ridge. Below n the solution of smallest norm is returned. */
  rank: number;
  /** ‖A x - b‖₂ of each column of B, `[columns]`, without the penalty. */
  residualNorms: Float64Array;
  status: LinalgStatus;
}

/**
 * Minimises `‖A X - B‖² + Σ_i λ_i ‖X_i‖²` for A `[m, n]` and B `[m, columns]` by QR (of A itself: normal equations would
 * lose half of the digits). Of several minimisers the one of smallest norm, by the singular value decomposition.
 */
export function leastSquares(
  A: Float64Array,
  B: Float64Array,
  m: number,
  n: number,
  columns = 1,
  options: LeastSquaresOptions = {},
): LeastSquares {
  expectSize(A, m, n, "A");
  expectSize(B, m, columns, "B");
  const weights = ridgeWeights(options.ridge ?? 0, n);
  const extra = weights.filter((w) => w > 0).length;
  const width = n + columns;
  const joined = new Float64Array((m + extra) * width);
  for (let i = 0; i < m; i++) {
    joined.set(A.subarray(i * n, (i + 1) * n), i * width);
    joined.set(B.subarray(i * columns, (i + 1) * columns), i * width + n);
  }
  for (let j = 0, row = m; j < n; j++) if (weights[j] > 0) joined[row++ * width + j] = Math.sqrt(weights[j]);

  const triangle = triangularFactor(joined, m + extra, width);
  const k = Math.min(m + extra, n);
  const R = new Float64Array(k * n);
  const C = new Float64Array(k * columns); // Q' B
  for (let i = 0; i < k; i++) {
    R.set(triangle.subarray(i * width, i * width + n), i * n);
    C.set(triangle.subarray(i * width + n, (i + 1) * width), i * columns);
  }
  const tolerance = options.tolerance ?? Math.max(m, n) * epsilon;
  const solution = solveReduced(R, C, k, n, columns, tolerance);
  const difference = B.slice();
  gemm(block(difference, columns), block(A, n), block(solution.x, columns), m, n, columns, -1);
  const residualNorms = new Float64Array(columns);
  for (let i = 0, p = 0; i < m; i++) for (let j = 0; j < columns; j++, p++) residualNorms[j] += difference[p] ** 2;
  for (let j = 0; j < columns; j++) residualNorms[j] = Math.sqrt(residualNorms[j]);
  return { ...solution, residualNorms };
}

function ridgeWeights(ridge: number | ArrayLike<number>, n: number): Float64Array {
  if (typeof ridge !== "number") expectSize(ridge, n, 1, "ridge");
  const weights = typeof ridge === "number" ? new Float64Array(n).fill(ridge) : Float64Array.from(ridge);
  for (const w of weights)
    if (!(w >= 0 && w < Number.POSITIVE_INFINITY))
      throw new NullclineError({ code: "ridge", given: `a ridge of ${w}`, expected: "a finite number from 0" });
  return weights;
}

function solveReduced(
  R: Float64Array,
  C: Float64Array,
  k: number,
  n: number,
  columns: number,
  tolerance: number,
): { x: Float64Array; rank: number; status: LinalgStatus } {
  const x = new Float64Array(n * columns);
  const pivoted = pivotedQr(R, k, n, tolerance);
  if (pivoted.status !== "ok" || C.some((c) => !Number.isFinite(c)))
    return { x: x.fill(Number.NaN), rank: 0, status: "not finite" };
  if (pivoted.rank === n) {
    const z = new Float64Array(n * columns);
    gemm(block(z, columns), transposed(block(pivoted.Q, n)), block(C, columns), n, k, columns, 0);
    for (let i = n - 1; i >= 0; i--)
      for (let j = 0; j < columns; j++) {
        let s = z[i * columns + j];
        for (let c = i + 1; c < n; c++) s -= pivoted.R[i * n + c] * z[c * columns + j];
        z[i * columns + j] = s / pivoted.R[i * n + i];
      }
    for (let i = 0; i < n; i++) x.set(z.subarray(i * columns, (i + 1) * columns), pivoted.permutation[i] * columns);
    return { x, rank: n, status: "ok" };
  }
  const { U, s, Vt, status } = svd(R, k, n);
  let rank = 0;
  while (rank < k && s[rank] > tolerance * s[0]) rank++;
  const z = new Float64Array(rank * columns);
  gemm(block(z, columns), transposed(block(U, k)), block(C, columns), rank, k, columns, 0);
  for (let i = 0; i < rank; i++) for (let j = 0; j < columns; j++) z[i * columns + j] /= s[i];
  gemm(block(x, columns), transposed(block(Vt, n)), block(z, columns), n, rank, columns, 0);
  return { x, rank, status };
}

/**
 * Moore–Penrose pseudoinverse `[n, m]` of A `[m, n]`. Singular values up to `tolerance` (default `max(m, n) 2⁻⁵²`) times
 * the largest count as zero. NaN where A is not finite.
 */
export function pseudoInverse(
  A: Float64Array,
  m: number,
  n: number,
  tolerance: number = Math.max(m, n) * epsilon,
): Float64Array {
  const { U, s, Vt, status } = svd(A, m, n);
  const k = Math.min(m, n);
  const out = new Float64Array(n * m);
  if (status !== "ok") return out.fill(Number.NaN);
  let rank = 0;
  while (rank < k && s[rank] > tolerance * s[0]) rank++;
  for (let i = 0; i < rank; i++) for (let p = i * n; p < (i + 1) * n; p++) Vt[p] /= s[i];
  gemm(block(out, m), transposed(block(Vt, n)), transposed(block(U, k)), n, rank, m, 0);
  return out;
}
