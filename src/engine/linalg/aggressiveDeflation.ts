/** Aggressive early deflation: converged eigenvalues are looked for in a whole trailing window of the matrix. */
import { epsilon, geometricMean, negligible } from "./checks.ts";
import { type FrancisWorkspace, francisWorkspace, hessenbergQr } from "./francis.ts";
import { block, gemm, transposed } from "./gemm.ts";
import { type HessenbergWorkspace, hessenbergWorkspace, reduceToHessenberg } from "./hessenberg.ts";
import { makeReflector, reflectColumns, reflectRows } from "./householder.ts";
import type { MakeArray } from "./kernelMemory.ts";
import { exchangeBlocks } from "./schurBlocks.ts";

/** Largest order of the window. */
const largestWindow = 24;
/** Eigenvalues found not to have converged after which no more are tried: the others rarely have. */
const patience = 4;

export interface DeflationWorkspace {
  /** Shift pairs, 3 numbers each: s1, s2 and 0 (two real ones), or s, s and the imaginary part (a conjugate pair). */
  shifts: Float64Array;
  T: Float64Array;
  V: Float64Array;
  Q: Float64Array;
  product: Float64Array;
  vector: Float64Array;
  work: Float64Array;
  re: Float64Array;
  im: Float64Array;
  hessenberg: HessenbergWorkspace;
  francis: FrancisWorkspace;
}

export function deflationWorkspace(n: number, make: MakeArray): DeflationWorkspace {
  const w = largestWindow;
  return {
    shifts: make(3 * w),
    T: make(w * w),
    V: make(w * w),
    Q: make(w * w),
    product: make(n * w),
    vector: make(w),
    work: make(w),
    re: make(w),
    im: make(w),
    hessenberg: hessenbergWorkspace(w, make),
    francis: francisWorkspace(w, make),
  };
}

/** What a look found: eigenvalues that have converged at the bottom, and shift pairs for the sweeps to come. */
export interface Look {
  deflated: number;
  shiftPairs: number;
}

const look: Look = { deflated: 0, shiftPairs: 0 };

/**
 * Looks for converged eigenvalues in the trailing window of the unreduced block `start … end` of H `[n, n]`: the window
 * is brought to Schur form, which turns the one subdiagonal entry before it into a spike; eigenvalues whose entry of the
 * spike is negligible have converged, wherever in the window they were. The rest is made Hessenberg again, and its
 * eigenvalues are the next shifts. Braman, Byers and Mathias, SIAM J. Matrix Anal. Appl. 23:948 (2002).
 */
export function deflateAggressively(
  H: Float64Array,
  n: number,
  start: number,
  end: number,
  Z: Float64Array | null,
  wantT: boolean,
  re: Float64Array,
  im: Float64Array,
  ws: DeflationWorkspace,
): Look {
  const w = Math.min(largestWindow, Math.floor((end - start + 1) / 3));
  const T = ws.T.subarray(0, w * w);
  const V = ws.V.subarray(0, w * w);
  const from = end - w + 1;
  look.deflated = 0;
  look.shiftPairs = 0;
  T.fill(0);
  V.fill(0);
  for (let i = 0; i < w; i++) {
    V[i * w + i] = 1;
    const first = Math.max(0, i - 1);
    for (let j = first, p = (from + i) * n + from + first; j < w; j++, p++) T[i * w + j] = H[p];
  }
  const spike = H[from * n + from - 1];
  if (!hessenbergQr(T, w, 0, w - 1, V, true, ws.re, ws.im, ws.francis)) return look;

  let kept = w; // eigenvalues 0 … kept - 1 have not converged
  let settled = 0; // of them, 0 … settled - 1 are known not to have
  for (let misses = 0; settled < kept && misses < patience; ) {
    const last = kept - 1;
    const pair = last > 0 && T[last * w + last - 1] !== 0;
    let size = Math.abs(T[last * w + last]);
    if (pair) size += geometricMean(T[last * w + last - 1], T[(last - 1) * w + last]);
    if (size === 0) size = Math.abs(spike);
    const reach = Math.abs(spike) * Math.max(Math.abs(V[last]), pair ? Math.abs(V[last - 1]) : 0);
    if (reach <= Math.max(negligible, epsilon * size)) {
      kept -= pair ? 2 : 1;
      continue;
    }
    const moved = moveUp(T, V, w, pair ? last - 1 : last, settled);
    if (!moved) break;
    settled += pair ? 2 : 1;
    misses++;
  }
  collectShifts(T, w, kept, ws);
  if (kept === w) return look;
  look.deflated = w - kept;

  for (let j = kept; j < w; j++) {
    const pair = j + 1 < w && T[(j + 1) * w + j] !== 0;
    re[from + j] = T[j * w + j];
    im[from + j] = 0;
    if (!pair) continue;
    const frequency = geometricMean(T[(j + 1) * w + j], T[j * w + j + 1]);
    re[from + j + 1] = T[(j + 1) * w + j + 1];
    im[from + j] = frequency;
    im[from + j + 1] = -frequency;
    j++;
  }
  let coupling = 0;
  if (kept > 0) {
    // Turn what is left of the spike into its first entry, then make the window Hessenberg again.
    const v = ws.vector;
    for (let j = 0; j < kept; j++) v[j] = V[j];
    const tau = makeReflector(v, 0, kept, 1);
    coupling = spike * v[0];
    v[0] = 1;
    reflectRows(block(T, w), kept, w, v, 0, tau, ws.work);
    reflectColumns(block(T, w), kept, kept, v, 0, tau);
    reflectColumns(block(V, w), w, kept, v, 0, tau);
    const Q = ws.Q.subarray(0, w * w);
    reduceToHessenberg(T, w, 0, kept - 1, Q, ws.hessenberg);
    gemm(block(ws.product, w), block(V, w), block(Q, w), w, w, w, 0);
    V.set(ws.product.subarray(0, w * w));
  }
  H[from * n + from - 1] = coupling;
  for (let i = 0; i < w; i++) for (let j = 0, p = (from + i) * n + from; j < w; j++, p++) H[p] = T[i * w + j];
  multiplyRight(H, n, wantT ? 0 : start, from, from, V, w, ws.product);
  if (Z) multiplyRight(Z, n, 0, Z.length / n, from, V, w, ws.product);
  const columns = wantT ? n - 1 - end : 0;
  if (columns > 0) {
    gemm(block(ws.product, columns), transposed(block(V, w)), block(H, n, from, end + 1), w, w, columns, 0);
    for (let i = 0; i < w; i++) H.set(ws.product.subarray(i * columns, (i + 1) * columns), (from + i) * n + end + 1);
  }
  return look;
}

/** Columns `from …` of rows `first … last - 1` of M become themselves times V. */
function multiplyRight(
  M: Float64Array,
  n: number,
  first: number,
  last: number,
  from: number,
  V: Float64Array,
  w: number,
  product: Float64Array,
): void {
  const rows = last - first;
  if (rows <= 0) return;
  gemm(block(product, w), block(M, n, first, from), block(V, w), rows, w, w, 0);
  for (let i = 0; i < rows; i++) M.set(product.subarray(i * w, (i + 1) * w), (first + i) * n + from);
}

/** Moves the diagonal block at `at` up to row `to`, block by block. */
function moveUp(T: Float64Array, V: Float64Array, w: number, at: number, to: number): boolean {
  const size = at + 1 < w && T[(at + 1) * w + at] !== 0 ? 2 : 1;
  let j = at;
  while (j > to) {
    const before = j - to > 1 && T[(j - 1) * w + j - 2] !== 0 ? 2 : 1;
    if (!exchangeBlocks(T, w, j - before, before, size, V)) return false;
    j -= before;
  }
  return true;
}

/** Shift pairs from the eigenvalues 0 … kept - 1 of T, last ones first; an odd real one is left out. */
function collectShifts(T: Float64Array, w: number, kept: number, ws: DeflationWorkspace): void {
  const { shifts } = ws;
  let count = 0;
  let real: number | undefined;
  for (let j = kept - 1; j >= 0; j--) {
    if (j > 0 && T[j * w + j - 1] !== 0) {
      shifts[3 * count] = shifts[3 * count + 1] = T[j * w + j];
      shifts[3 * count + 2] = geometricMean(T[j * w + j - 1], T[(j - 1) * w + j]);
      count++;
      j--;
    } else if (real === undefined) real = T[j * w + j];
    else {
      shifts[3 * count] = real;
      shifts[3 * count + 1] = T[j * w + j];
      shifts[3 * count + 2] = 0;
      count++;
      real = undefined;
    }
  }
  look.shiftPairs = count;
}
