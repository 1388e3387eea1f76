/** QR factorisation by Householder reflectors: thin, with column pivoting, and orthonormal rows for tangent frames. */
import { allFinite, epsilon, expectSize, type LinalgStatus, norm2 } from "./checks.ts";
import { type Block, block, gemm } from "./gemm.ts";
import { applyBlockReflector, blockReflectorT, makeReflector, reflectColumns, reflectRows } from "./householder.ts";
import { kernelsFrom, type MakeArray, ordinaryArray, withKernelArrays } from "./kernelMemory.ts";

/** `A = Q R` with k = min(m, n). */
export interface Qr {
  /** `[m, k]`, orthonormal columns. */
  Q: Float64Array;
  /** `[k, n]`, upper triangular (trapezoidal for m < n), diagonal ≥ 0: unique where A has full rank. */
  R: Float64Array;
  /** `ok` or `not finite`. */
  status: LinalgStatus;
}

/** `A P = Q R`: column j of `A P` is column `permutation[j]` of A, and |R_jj| does not increase. */
export interface PivotedQr extends Qr {
  permutation: Int32Array;
  /** Number of |R_jj| above `tolerance` |R_00|. */
  rank: number;
}

/** Reflectors gathered before they are applied to the rest of the matrix. */
const panelWidth = 24;

/** Thin QR of A `[m, n]`, which is left as it is. A very tall A is reduced block of rows by block of rows, which stays in cache. */
export function thinQr(A: Float64Array, m: number, n: number): Qr {
  expectSize(A, m, n, "A");
  const k = Math.min(m, n);
  const Q = new Float64Array(m * k);
  const R = new Float64Array(k * n);
  if (!allFinite(A)) return { Q: Q.fill(Number.NaN), R: R.fill(Number.NaN), status: "not finite" };
  const rows = Math.max(4 * n, 512);
  if (m >= 4 * rows) {
    const blocks = Math.floor(m / rows);
    const stacked = new Float64Array(blocks * n * n);
    for (let b = 0; b < blocks; b++) {
      const end = b === blocks - 1 ? m : (b + 1) * rows;
      const part = thinQr(A.subarray(b * rows * n, end * n), end - b * rows, n);
      Q.set(part.Q, b * rows * n);
      stacked.set(part.R, b * n * n);
    }
    const top = thinQr(stacked, blocks * n, n);
    const held = new Float64Array((m - (blocks - 1) * rows) * n);
    for (let b = 0; b < blocks; b++) {
      const count = b === blocks - 1 ? m - b * rows : rows;
      held.set(Q.subarray(b * rows * n, (b * rows + count) * n));
      gemm(block(Q, n, b * rows), block(held, n), block(top.Q, n, b * n), count, n, n, 0);
    }
    return { Q, R: top.R, status: "ok" };
  }
  const factored = A.slice();
  const taus = factorBlocked(factored, m, n);
  extractR(factored, n, k, R);
  formQ(factored, m, n, k, taus, Q);
  makeDiagonalPositive(Q, R, m, n, k);
  return { Q, R, status: "ok" };
}

/** R alone of the QR factorisation of A `[m, n]`: `[min(m, n), n]`, diagonal ≥ 0. Rows are taken in blocks; NaN where A is not finite. */
export function triangularFactor(A: Float64Array, m: number, n: number): Float64Array {
  expectSize(A, m, n, "A");
  const k = Math.min(m, n);
  const R = new Float64Array(k * n);
  if (!allFinite(A)) return R.fill(Number.NaN);
  const rows = Math.max(4 * n, 512);
  let F = A.slice(0, Math.min(m, rows) * n);
  let count = Math.min(m, rows);
  factorBlocked(F, count, n);
  for (let start = rows; start < m; start += rows) {
    const more = Math.min(rows, m - start);
    const next = new Float64Array((n + more) * n); // more rows than columns: rows ≥ 4 n
    extractR(F, n, n, next);
    next.set(A.subarray(start * n, (start + more) * n), n * n);
    F = next;
    count = n + more;
    factorBlocked(F, count, n);
  }
  extractR(F, n, k, R);
  for (let i = 0; i < k; i++) if (R[i * n + i] < 0) for (let j = i; j < n; j++) R[i * n + j] = -R[i * n + j];
  return R;
}

/** QR with column pivoting of A `[m, n]`, which is left as it is. `tolerance` of the rank: default `max(m, n) 2⁻⁵²`. */
export function pivotedQr(
  A: Float64Array,
  m: number,
  n: number,
  tolerance: number = Math.max(m, n) * epsilon,
): PivotedQr {
  expectSize(A, m, n, "A");
  const k = Math.min(m, n);
  const Q = new Float64Array(m * k);
  const R = new Float64Array(k * n);
  const permutation = Int32Array.from({ length: n }, (_, j) => j);
  if (!allFinite(A)) {
    Q.fill(Number.NaN);
    R.fill(Number.NaN);
    return { Q, R, permutation, rank: 0, status: "not finite" };
  }
  const F = A.slice();
  const taus = new Float64Array(k);
  const run = (make: MakeArray): void => {
    const held = make(m * n);
    held.set(A);
    reduceWithPivots(held, m, n, taus, permutation, make);
    F.set(held);
  };
  if (k < kernelsFrom) run(ordinaryArray);
  else withKernelArrays(m * n + m + n, run);
  extractR(F, n, k, R);
  formQ(F, m, n, k, taus, Q);
  makeDiagonalPositive(Q, R, m, n, k);
  let rank = 0;
  while (rank < k && R[rank * n + rank] > tolerance * R[0]) rank++;
  return { Q, R, permutation, rank, status: "ok" };
}

/** R and the reflectors of A with its columns exchanged, in place of A. */
function reduceWithPivots(
  F: Float64Array,
  m: number,
  n: number,
  taus: Float64Array,
  permutation: Int32Array,
  make: MakeArray,
): void {
  const k = taus.length;
  const norms = new Float64Array(n);
  for (let j = 0; j < n; j++) norms[j] = norm2(F, j, m, n);
  const reference = norms.slice();
  const v = make(m);
  const work = make(n);
  for (let j = 0; j < k; j++) {
    let pivot = j;
    for (let c = j + 1; c < n; c++) if (norms[c] > norms[pivot]) pivot = c;
    if (pivot !== j) {
      for (let i = 0, p = 0; i < m; i++, p += n) [F[p + j], F[p + pivot]] = [F[p + pivot], F[p + j]];
      [permutation[j], permutation[pivot]] = [permutation[pivot], permutation[j]];
      norms[pivot] = norms[j];
      reference[pivot] = reference[j];
    }
    taus[j] = makeReflector(F, j * n + j, m - j, n);
    v[0] = 1;
    for (let i = j + 1; i < m; i++) v[i - j] = F[i * n + j];
    reflectRows(block(F, n, j, j + 1), m - j, n - j - 1, v, 0, taus[j], work);
    for (let c = j + 1; c < n; c++) {
      // Norm of what is left of column c; computed anew once cancellation has eaten half of its digits.
      const ratio = norms[c] === 0 ? 0 : F[j * n + c] / norms[c];
      const left = Math.max(0, (1 - ratio) * (1 + ratio));
      if (left * (norms[c] / (reference[c] || 1)) ** 2 <= 1e-8)
        norms[c] = reference[c] = norm2(F, (j + 1) * n + c, m - j - 1, n);
      else norms[c] *= Math.sqrt(left);
    }
  }
}

/**
 * Makes the rows of V `[count, dimension]` (count ≤ dimension) orthonormal in place, in their order, as Gram–Schmidt
 * would but unconditionally stable: row i stays in the span of the first i + 1 rows, on the side of the old row i.
 * Writes to `lengths[i]` ≥ 0 the length of what was left of row i (the diagonal of R); the sums of their logarithms
 * are what Lyapunov exponents are made of. A dependent row becomes some unit vector orthogonal to the others.
 */
export function orthonormaliseRows(
  V: Float64Array,
  count: number,
  dimension: number,
  lengths: Float64Array = new Float64Array(count),
): Float64Array {
  expectSize(V, count, dimension, "V");
  if (count > dimension) expectSize(V, count, count, "V"); // more rows than dimensions: throws
  const n = dimension;
  const taus = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * n + i;
    taus[i] = makeReflector(V, at, n - i, 1);
    lengths[i] = V[at];
    V[at] = 1;
    reflectColumns(block(V, n, i + 1, i), count - i - 1, n - i, V, at, taus[i]);
  }
  for (let i = count - 1; i >= 0; i--) {
    const at = i * n + i;
    reflectColumns(block(V, n, i + 1, i), count - i - 1, n - i, V, at, taus[i]);
    // Row i is the i-th unit vector times its reflector, with the sign that makes its length positive.
    const sign = lengths[i] < 0 ? -1 : 1;
    lengths[i] *= sign;
    V.fill(0, i * n, at);
    for (let p = at + 1; p < (i + 1) * n; p++) V[p] *= -taus[i] * sign;
    V[at] = (1 - taus[i]) * sign;
  }
  return lengths;
}

/** Factors F `[m, n]` in place: R above, the reflectors below the diagonal. Returns their τ. */
function factorBlocked(F: Float64Array, m: number, n: number): Float64Array {
  const k = Math.min(m, n);
  const taus = new Float64Array(k);
  const v = new Float64Array(m);
  const work = new Float64Array(Math.max(panelWidth, 2 * panelWidth * n));
  const V = new Float64Array(m * panelWidth);
  const T = new Float64Array(panelWidth * panelWidth);
  for (let start = 0; start < k; start += panelWidth) {
    const width = Math.min(panelWidth, k - start);
    for (let j = start; j < start + width; j++) {
      taus[j] = makeReflector(F, j * n + j, m - j, n);
      v[0] = 1;
      for (let i = j + 1; i < m; i++) v[i - j] = F[i * n + j];
      reflectRows(block(F, n, j, j + 1), m - j, start + width - j - 1, v, 0, taus[j], work);
    }
    if (start + width >= n) break;
    const vs = explicitReflectors(F, n, start, width, m, V);
    const t = block(T, panelWidth);
    blockReflectorT(t, vs, taus, start, m - start, width);
    applyBlockReflector(block(F, n, start, start + width), vs, t, m - start, n - start - width, width, true, work);
  }
  return taus;
}

/** Reflectors start … start + width - 1 of F as a dense `[m - start, width]` block with its ones and zeros. */
function explicitReflectors(
  F: Float64Array,
  n: number,
  start: number,
  width: number,
  m: number,
  V: Float64Array,
): Block {
  for (let i = start; i < m; i++)
    for (let j = 0; j < width; j++)
      V[(i - start) * panelWidth + j] = i - start > j ? F[i * n + start + j] : i - start === j ? 1 : 0;
  return block(V, panelWidth);
}

function extractR(F: Float64Array, n: number, k: number, R: Float64Array): void {
  for (let i = 0; i < k; i++) R.set(F.subarray(i * n + i, (i + 1) * n), i * n + i);
}

/** Q `[m, k]` = the product of the reflectors, applied to the first k unit vectors. */
function formQ(F: Float64Array, m: number, n: number, k: number, taus: Float64Array, Q: Float64Array): void {
  Q.fill(0);
  for (let i = 0; i < k; i++) Q[i * k + i] = 1;
  const work = new Float64Array(2 * panelWidth * k);
  const V = new Float64Array(m * panelWidth);
  const T = new Float64Array(panelWidth * panelWidth);
  for (let start = Math.floor((k - 1) / panelWidth) * panelWidth; start >= 0; start -= panelWidth) {
    const width = Math.min(panelWidth, k - start);
    const vs = explicitReflectors(F, n, start, width, m, V);
    const t = block(T, panelWidth);
    blockReflectorT(t, vs, taus, start, m - start, width);
    applyBlockReflector(block(Q, k, start, start), vs, t, m - start, k - start, width, false, work);
  }
}

function makeDiagonalPositive(Q: Float64Array, R: Float64Array, m: number, n: number, k: number): void {
  for (let j = 0; j < k; j++) {
    if (R[j * n + j] >= 0) continue;
    for (let c = j; c < n; c++) R[j * n + c] = -R[j * n + c];
    for (let i = 0, p = j; i < m; i++, p += k) Q[p] = -Q[p];
  }
}
