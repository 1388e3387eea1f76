/** Real Schur form `A = Z T Z'`, its reordering, and eigenvalues alone. */

import { balance, resetBalance } from "./balance.ts";
import { allFinite, expectSize, geometricMean, type LinalgStatus } from "./checks.ts";
import { spareWorkspace } from "./eigenWorkspace.ts";
import { hessenbergQr } from "./francis.ts";
import { reduceToHessenberg } from "./hessenberg.ts";
import { maxAbs } from "./matrix.ts";
import { exchangeBlocks } from "./schurBlocks.ts";

/** `A = Z T Z'` with Z orthogonal and T upper quasi-triangular, its 2 × 2 blocks in standard form. */
export interface RealSchur {
  /** `[n, n]`. A complex pair is a 2 × 2 block with equal diagonal entries and off-diagonal entries of opposite sign. */
  T: Float64Array;
  /** `[n, n]`, Schur vectors as columns: the first k span an invariant subspace wherever T[k, k - 1] = 0. */
  Z: Float64Array;
  /** Eigenvalues in the order of T; of a complex pair the one with positive imaginary part first. */
  values: { re: Float64Array; im: Float64Array };
  n: number;
  status: LinalgStatus;
}

/**
 * Real Schur form of A `[n, n]`, which is left as it is and is not balanced (Z stays orthogonal). Status `no
 * convergence` (never seen with finite input): eigenvalues not found are NaN, T is not triangular.
 */
export function realSchur(A: Float64Array, n: number): RealSchur {
  expectSize(A, n, n, "A");
  const T = A.slice();
  const Z = new Float64Array(n * n);
  const values = { re: new Float64Array(n), im: new Float64Array(n) };
  if (!allFinite(A)) {
    for (const array of [T, Z, values.re, values.im]) array.fill(Number.NaN);
    return { T, Z, values, n, status: "not finite" };
  }
  const factor = powerToOne(A);
  const ws = spareWorkspace(n);
  for (let i = 0; i < T.length; i++) ws.T[i] = T[i] * factor;
  reduceToHessenberg(ws.T, n, 0, n - 1, ws.Z, ws.hessenberg);
  const converged = hessenbergQr(ws.T, n, 0, n - 1, ws.Z, true, values.re, values.im, ws.francis);
  T.set(ws.T);
  Z.set(ws.Z);
  if (factor !== 1)
    for (const array of [T, values.re, values.im]) for (let i = 0; i < array.length; i++) array[i] /= factor;
  return { T, Z, values, n, status: converged ? "ok" : "no convergence" };
}

/** Eigenvalues of A `[n, n]` alone, several times faster than with vectors; order as they were found. */
export function eigenvalues(A: Float64Array, n: number): { re: Float64Array; im: Float64Array; status: LinalgStatus } {
  expectSize(A, n, n, "A");
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  if (!allFinite(A)) return { re: re.fill(Number.NaN), im: im.fill(Number.NaN), status: "not finite" };
  const factor = powerToOne(A);
  const { T: H, record, hessenberg, francis } = spareWorkspace(n);
  let converged = false;
  // Balancing so strong that it hinders convergence is left out in a second attempt.
  for (let attempt = 0; attempt < 2 && !converged; attempt++) {
    for (let i = 0; i < A.length; i++) H[i] = A[i] * factor;
    if (attempt === 0) balance(H, n, record);
    else resetBalance(record, n);
    reduceToHessenberg(H, n, record.lo, record.hi, null, hessenberg);
    converged = hessenbergQr(H, n, record.lo, record.hi, null, false, re, im, francis);
  }
  if (factor !== 1)
    for (let i = 0; i < n; i++) {
      re[i] /= factor;
      im[i] /= factor;
    }
  return { re, im, status: converged ? "ok" : "no convergence" };
}

/** The power of 2 that brings the largest entry of A near 1 where it is far from it; 1 otherwise. */
export function powerToOne(A: Float64Array): number {
  const large = maxAbs(A);
  if (large === 0 || (large > 1e-10 && large < 1e10)) return 1;
  return 2 ** Math.max(-1022, Math.min(1022, -Math.floor(Math.log2(large))));
}

/**
 * Moves the eigenvalues for which `select(re, im)` is true to the top left of T, in place and in their order, so that
 * the first columns of Z span their invariant subspace. Of a complex pair both move when either is selected. Returns how
 * many there are, and whether every exchange was accurate: two eigenvalues too close to each other are not exchanged.
 */
export function reorderSchur(
  schur: RealSchur,
  select: (re: number, im: number) => boolean,
): { count: number; complete: boolean } {
  const { T, Z, n, values } = schur;
  let count = 0;
  let complete = true;
  for (let at = 0; at < n; ) {
    const size = at + 1 < n && T[(at + 1) * n + at] !== 0 ? 2 : 1;
    const frequency = size === 1 ? 0 : geometricMean(T[at * n + at + 1], T[(at + 1) * n + at]);
    if (select(T[at * n + at], frequency) || (size === 2 && select(T[at * n + at], -frequency))) {
      let j = at;
      while (j > count) {
        const before = j - count > 1 && T[(j - 1) * n + j - 2] !== 0 ? 2 : 1;
        if (!exchangeBlocks(T, n, j - before, before, size, Z)) {
          complete = false;
          break;
        }
        j -= before;
      }
      if (j === count) count += size;
    }
    at += size;
  }
  readValues(T, n, values);
  return { count, complete };
}

function readValues(T: Float64Array, n: number, values: { re: Float64Array; im: Float64Array }): void {
  for (let j = 0; j < n; j++) {
    values.re[j] = T[j * n + j];
    values.im[j] = 0;
    if (j + 1 < n && T[(j + 1) * n + j] !== 0) {
      const frequency = geometricMean(T[j * n + j + 1], T[(j + 1) * n + j]);
      values.re[j + 1] = T[(j + 1) * n + j + 1];
      values.im[j] = frequency;
      values.im[++j] = -frequency;
    }
  }
}
