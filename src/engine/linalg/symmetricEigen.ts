/** Eigenvalues and orthonormal eigenvectors of a symmetric matrix. */
import { allFinite, epsilon, expectSize, geometricMean, hypot, type LinalgStatus } from "./checks.ts";
import { block } from "./gemm.ts";
import { makeReflector, reflectRows } from "./householder.ts";
import {
  addressOf,
  kernelMemoryOf,
  kernelsFrom,
  type MakeArray,
  ordinaryArray,
  withKernelArrays,
} from "./kernelMemory.ts";
import { libraryFor, systemSymmetric } from "./lapack.ts";
import { transpose } from "./matrix.ts";
import { makeRotation, rotation } from "./rotation.ts";
import { rotateRowsInSequence } from "./rows.ts";
import { powerToOne } from "./schur.ts";

export interface SymmetricEigen {
  /** Eigenvalues `[n]`, ascending. */
  values: Float64Array;
  /** Orthonormal eigenvectors as columns `[n, n]`: entry i of vector k is `vectors[i * n + k]`; largest entry positive. */
  vectors: Float64Array;
  status: LinalgStatus;
}

/**
 * `A = V diag(values) V'` of a symmetric A `[n, n]`, which is left as it is; only its lower triangle is read.
 * Tridiagonalised by Householder reflectors, then implicit QL or QR, whichever begins at the smaller end. Golub and Van
 * Loan, Matrix Computations, section 8.3.
 */
export function symmetricEigen(A: Float64Array, n: number): SymmetricEigen {
  expectSize(A, n, n, "A");
  const T = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) T[i * n + j] = T[j * n + i] = A[i * n + j];
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  if (!allFinite(T))
    return { values: values.fill(Number.NaN), vectors: vectors.fill(Number.NaN), status: "not finite" };
  const factor = powerToOne(T);
  if (factor !== 1) for (let i = 0; i < T.length; i++) T[i] *= factor;
  const rows = T; // eigenvectors as rows, which rotate contiguously
  const run = (make: MakeArray): boolean => {
    const held = make(n * n);
    held.set(T);
    const Q = make(n * n);
    const e = make(n); // e[i] couples i and i + 1
    tridiagonalise(held, n, values, e, Q, make);
    transpose(Q, n, n, held);
    const done = iterate(values, e, held, n, make);
    rows.set(held);
    return done;
  };
  const library = libraryFor(n);
  const bySystem = library && systemSymmetric(library, rows, n, values);
  const converged = bySystem ?? (n < kernelsFrom ? run(ordinaryArray) : withKernelArrays(2 * n * n + 6 * n, run));
  const order = Array.from(values, (_, k) => k).sort((a, b) => values[a] - values[b]);
  const sorted = Float64Array.from(order, (k) => values[k] / factor);
  for (let k = 0; k < n; k++) {
    const row = rows.subarray(order[k] * n, (order[k] + 1) * n);
    let large = 0;
    for (let i = 0; i < n; i++) if (Math.abs(row[i]) > 1.001 * Math.abs(row[large])) large = i;
    const sign = row[large] < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) vectors[i * n + k] = sign * row[i];
  }
  return { values: sorted, vectors, status: converged ? "ok" : "no convergence" };
}

/** `T = Q tridiagonal(d, e) Q'`; T is overwritten. */
function tridiagonalise(
  T: Float64Array,
  n: number,
  d: Float64Array,
  e: Float64Array,
  Q: Float64Array,
  make: MakeArray,
): void {
  const taus = make(n);
  const v = make(n);
  const w = make(n);
  const memory = kernelMemoryOf(T);
  for (let k = 0; k < n - 2; k++) {
    // Row k to the right of the diagonal is (by symmetry) the column to annihilate; its reflector stays there.
    const at = k * n + k + 1;
    const tau = makeReflector(T, at, n - k - 1, 1);
    taus[k] = tau;
    e[k] = T[at];
    T[at] = 1;
    if (tau === 0) continue;
    const size = n - k - 1;
    for (let i = k + 1; i < n; i++) v[i] = T[k * n + i];
    if (memory) {
      const { kernels } = memory;
      const [a, x, y] = [addressOf(T, (k + 1) * n + k + 1), addressOf(v, k + 1), addressOf(w, k + 1)];
      kernels.dots(a, 8 * n, size, size, x, y, 8, tau);
      subtractHalf(v, w, k + 1, n, tau);
      kernels.subtractOuter(a, 8 * n, size, size, x, 1, y);
      kernels.subtractOuter(a, 8 * n, size, size, y, 1, x);
      continue;
    }
    for (let i = k + 1; i < n; i++) {
      let s0 = 0;
      let s1 = 0;
      let j = k + 1;
      for (const p = i * n; j + 1 < n; j += 2) {
        s0 += T[p + j] * v[j];
        s1 += T[p + j + 1] * v[j + 1];
      }
      if (j < n) s0 += T[i * n + j] * v[j];
      w[i] = tau * (s0 + s1);
    }
    subtractHalf(v, w, k + 1, n, tau);
    for (let i = k + 1; i < n; i++) {
      const vi = v[i];
      const wi = w[i];
      for (let j = k + 1, p = i * n + j; j < n; j++, p++) T[p] -= vi * w[j] + wi * v[j];
    }
  }
  if (n > 1) e[n - 2] = T[(n - 2) * n + n - 1];
  for (let i = 0; i < n; i++) d[i] = T[i * n + i];
  for (let i = 0; i < n; i++) Q[i * n + i] = 1;
  for (let k = n - 3; k >= 0; k--)
    reflectRows(block(Q, n, k + 1, k + 1), n - k - 1, n - k - 1, T, k * n + k + 1, taus[k], w);
}

/** w minus half of τ (w' v) v: what the rank-two update takes. */
function subtractHalf(v: Float64Array, w: Float64Array, from: number, n: number, tau: number): void {
  let overlap = 0;
  for (let i = from; i < n; i++) overlap += w[i] * v[i];
  const half = (tau * overlap) / 2;
  for (let i = from; i < n; i++) w[i] -= half * v[i];
}

/** Diagonalises tridiagonal(d, e) in place, rotating the rows of V along. Returns whether it converged. */
function iterate(d: Float64Array, e: Float64Array, V: Float64Array, n: number, make: MakeArray): boolean {
  let budget = 40 * n;
  const C = make(n);
  const S = make(n);
  for (let top = 0; top < n; ) {
    // The unreduced block that begins at top.
    let bottom = top;
    while (bottom < n - 1 && !negligible(d, e, bottom)) bottom++;
    if (bottom === top) {
      top++;
      continue;
    }
    // Work towards the smaller end: graded matrices keep their small eigenvalues.
    const down = Math.abs(d[bottom]) >= Math.abs(d[top]);
    while (budget-- > 0) {
      const split = down ? lastOf(d, e, top, bottom) : firstOf(d, e, top, bottom);
      if (down ? split === top : split === bottom) break;
      const near = down ? top : bottom;
      const turns = step(d, e, near, split, C, S);
      rotateRowsInSequence(V, n, split, down ? -1 : 1, C, S, turns);
    }
    if (budget <= 0) return false;
  }
  return true;
}

function negligible(d: Float64Array, e: Float64Array, i: number): boolean {
  const size = Math.abs(e[i]);
  // Its square is what moves eigenvalues: below 1e-154 that underflows.
  if (size > epsilon * geometricMean(d[i], d[i + 1]) && size > 1e-154) return false;
  e[i] = 0;
  return true;
}

/** Last row of the unreduced block that begins at `top`. */
function lastOf(d: Float64Array, e: Float64Array, top: number, bottom: number): number {
  let i = top;
  while (i < bottom && !negligible(d, e, i)) i++;
  return i;
}

/** First row of the unreduced block that ends at `bottom`. */
function firstOf(d: Float64Array, e: Float64Array, top: number, bottom: number): number {
  let i = bottom;
  while (i > top && !negligible(d, e, i - 1)) i--;
  return i;
}

/**
 * One implicit step with Wilkinson's shift from row `far` of an unreduced block to row `near`, where it converges.
 * Writes the rotations of neighbouring rows, from `far` on, and returns their number.
 */
function step(d: Float64Array, e: Float64Array, near: number, far: number, C: Float64Array, S: Float64Array): number {
  const way = far > near ? 1 : -1;
  const between = way > 0 ? 0 : -1; // e[i + between] couples row i and its neighbour away from `near`
  const slope = (d[near + way] - d[near]) / (2 * e[near + between]);
  const shift = d[near] - e[near + between] / (slope + (slope < 0 ? -1 : 1) * hypot(slope, 1));
  let c = 1;
  let s = 1;
  let carried = 0;
  let x = d[far] - shift;
  let count = 0;
  for (let i = far - way; ; i -= way) {
    const y = s * e[i + between];
    const b = c * e[i + between];
    makeRotation(x, y);
    const { c: cos, s: sin, r } = rotation;
    if (i !== far - way) e[i + way + between] = r;
    if (r === 0) {
      // The block has split here.
      d[i + way] -= carried;
      return count;
    }
    s = sin;
    c = cos;
    const diagonal = d[i + way] - carried;
    const t = (d[i] - diagonal) * s + 2 * c * b;
    carried = s * t;
    d[i + way] = diagonal + carried;
    x = c * t - b;
    C[count] = c;
    S[count++] = s;
    if (i === near) break;
  }
  d[near] -= carried;
  e[near + between] = x;
  return count;
}
