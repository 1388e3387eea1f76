/** Reduction to upper Hessenberg form, `H = Q' A Q` with Q orthogonal. */
import { block, gemm, transposed } from "./gemm.ts";
import { applyBlockReflector, blockReflectorT, makeReflector, reflectColumns, reflectRows } from "./householder.ts";
import { addressOf, kernelMemoryOf, type MakeArray } from "./kernelMemory.ts";

/** Below this order reflectors are applied one by one. */
const blockedFrom = 48;
const panelWidth = 16;

/** Arrays that the reduction of matrices up to order n works in. */
export interface HessenbergWorkspace {
  taus: Float64Array;
  /** The reflectors as columns, `[n, n]`. */
  V: Float64Array;
  T: Float64Array;
  /** What `A V T` is, and the reflectors V themselves, one panel at a time. */
  Y: Float64Array;
  P: Float64Array;
  work: Float64Array;
  vector: Float64Array;
}

export function hessenbergWorkspace(n: number, make: MakeArray): HessenbergWorkspace {
  return {
    taus: make(n),
    V: make(n * n),
    T: make(panelWidth * panelWidth),
    Y: make(n * panelWidth),
    P: make(n * panelWidth),
    work: make(Math.max(n, 2 * panelWidth * n)),
    vector: make(n),
  };
}

/**
 * Reduces A `[n, n]` in place to upper Hessenberg form (zeros below the first subdiagonal), given that rows and columns
 * outside `lo … hi` are already triangular. Writes Q `[n, n]` unless it is null.
 */
export function reduceToHessenberg(
  A: Float64Array,
  n: number,
  lo: number,
  hi: number,
  Q: Float64Array | null,
  ws: HessenbergWorkspace,
): void {
  const width = hi - lo + 1 < blockedFrom ? 1 : panelWidth;
  for (let k = lo; k < hi - 1; k += width) {
    const count = Math.min(width, hi - 1 - k);
    if (width === 1) reduceColumn(A, n, k, hi, ws);
    else reducePanel(A, n, k, count, hi, ws);
  }
  if (Q) accumulate(Q, n, lo, hi, width, ws);
  for (let k = lo; k < hi - 1; k++) for (let i = k + 2; i <= hi; i++) A[i * n + k] = 0;
}

function reduceColumn(A: Float64Array, n: number, k: number, hi: number, ws: HessenbergWorkspace): void {
  const { V, vector: v, work } = ws;
  const size = hi - k;
  const at = (k + 1) * n + k;
  const tau = makeReflector(A, at, size, n);
  ws.taus[k] = tau;
  v[0] = 1;
  V[at] = 1;
  for (let i = 1, p = at + n; i < size; i++, p += n) V[p] = v[i] = A[p];
  reflectRows(block(A, n, k + 1, k + 1), size, n - k - 1, v, 0, tau, work);
  reflectColumns(block(A, n, 0, k + 1), hi + 1, size, v, 0, tau);
}

/** Reduces columns k … k + count - 1; the rest of the matrix is updated once, by products. */
function reducePanel(A: Float64Array, n: number, k: number, count: number, hi: number, ws: HessenbergWorkspace): void {
  const { V, T, Y, P, work, vector: v } = ws;
  const top = k + 1; // first row that the reflectors touch
  const size = hi - k;
  P.fill(0, 0, size * panelWidth);
  for (let i = 0; i < count; i++) {
    const j = k + i;
    // Column j as it would be after the reflectors so far: (I - V T' V') (a - Y V[j, :]').
    const mine = (i - 1) * panelWidth; // row j of V
    for (let r = 0; r < size; r++) {
      let s = A[(top + r) * n + j];
      for (let c = 0, p = (top + r) * panelWidth; c < i; c++, p++) s -= Y[p] * P[mine + c];
      v[r] = s;
    }
    overlaps(P, v, size, i, work);
    for (let c = i - 1; c >= 0; c--) {
      let s = 0;
      for (let d = 0; d <= c; d++) s += T[d * panelWidth + c] * work[d];
      work[c] = s;
    }
    for (let r = 0; r < size; r++) {
      let s = v[r];
      for (let c = 0, p = r * panelWidth; c < i; c++, p++) s -= P[p] * work[c];
      v[r] = s;
    }
    const tau = makeReflector(v, i, size - i, 1);
    ws.taus[j] = tau;
    for (let r = 0; r <= i; r++) A[(top + r) * n + j] = v[r];
    v.fill(0, 0, i);
    v[i] = 1;
    overlaps(P, v, size, i, work);
    for (let r = i; r < size; r++) P[r * panelWidth + i] = v[r];
    // Column i of Y = A V T and of T.
    productColumn(A, n, top, hi, j + 1, v, i, size - i, Y, i);
    for (let r = top; r <= hi; r++) {
      let s = Y[r * panelWidth + i];
      for (let c = 0, p = r * panelWidth; c < i; c++, p++) s -= Y[p] * work[c];
      Y[r * panelWidth + i] = s * tau;
    }
    for (let c = 0; c < i; c++) {
      let s = 0;
      for (let d = c; d < i; d++) s += T[c * panelWidth + d] * work[d];
      T[c * panelWidth + i] = -tau * s;
      T[i * panelWidth + c] = 0;
    }
    T[i * panelWidth + i] = tau;
  }
  for (let r = 0; r < size; r++)
    for (let c = 0, p = r * panelWidth, q = (top + r) * n + k; c < count; c++, p++, q++) V[q] = P[p];
  const vs = block(P, panelWidth);
  const t = block(T, panelWidth);
  const ys = block(Y, panelWidth);
  // Rows above the panel: Y = A V T there as well.
  const held = { data: work, at: 0, row: count, column: 1 };
  gemm(held, block(A, n, 0, top), vs, top, size, count, 0);
  gemm(ys, held, t, top, count, count, 0);
  gemm(block(A, n, 0, top), ys, transposed(vs), top, count, count - 1, -1);
  gemm(block(A, n, 0, k + count), ys, transposed(block(P, panelWidth, count - 1)), hi + 1, count, size - count + 1, -1);
  applyBlockReflector(block(A, n, top, k + count), vs, t, size, n - k - count, count, true, work);
}

/** `work[c] = Σ_r P[r, c] v[r]` for the first `count` columns. */
function overlaps(P: Float64Array, v: Float64Array, size: number, count: number, work: Float64Array): void {
  work.fill(0, 0, count);
  for (let r = 0; r < size; r++) {
    const y = v[r];
    if (y !== 0) for (let c = 0, p = r * panelWidth; c < count; c++, p++) work[c] += P[p] * y;
  }
}

/** `Y[r, column] = Σ_c A[r, from + c] v[at + c]` for rows r = top … hi. */
function productColumn(
  A: Float64Array,
  n: number,
  top: number,
  hi: number,
  from: number,
  v: Float64Array,
  at: number,
  size: number,
  Y: Float64Array,
  column: number,
): void {
  const memory = kernelMemoryOf(A);
  if (memory && v.buffer === memory.buffer && Y.buffer === memory.buffer) {
    const [a, x, y] = [addressOf(A, top * n + from), addressOf(v, at), addressOf(Y, top * panelWidth + column)];
    memory.kernels.dots(a, 8 * n, hi - top + 1, size, x, y, 8 * panelWidth, 1);
    return;
  }
  let r = top;
  for (; r + 3 <= hi; r += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let c = 0, p = r * n + from; c < size; c++, p++) {
      const y = v[at + c];
      s0 += A[p] * y;
      s1 += A[p + n] * y;
      s2 += A[p + 2 * n] * y;
      s3 += A[p + 3 * n] * y;
    }
    const to = r * panelWidth + column;
    Y[to] = s0;
    Y[to + panelWidth] = s1;
    Y[to + 2 * panelWidth] = s2;
    Y[to + 3 * panelWidth] = s3;
  }
  for (; r <= hi; r++) {
    let s = 0;
    for (let c = 0, p = r * n + from; c < size; c++, p++) s += A[p] * v[at + c];
    Y[r * panelWidth + column] = s;
  }
}

/** Q = the product of all reflectors, from the last to the first. */
function accumulate(Q: Float64Array, n: number, lo: number, hi: number, width: number, ws: HessenbergWorkspace): void {
  const { V, T, taus, vector: v, work } = ws;
  Q.fill(0, 0, n * n);
  for (let i = 0; i < n; i++) Q[i * n + i] = 1;
  const columns = hi - 1 - lo;
  if (columns <= 0) return;
  for (let k = lo + Math.floor((columns - 1) / width) * width; k >= lo; k -= width) {
    const size = hi - k;
    const count = Math.min(width, hi - 1 - k);
    if (width === 1) {
      for (let i = 0; i < size; i++) v[i] = V[(k + 1 + i) * n + k];
      reflectRows(block(Q, n, k + 1, k + 1), size, size, v, 0, taus[k], work);
    } else {
      const t = block(T, panelWidth);
      const vs = block(V, n, k + 1, k);
      blockReflectorT(t, vs, taus, k, size, count);
      applyBlockReflector(block(Q, n, k + 1, k + 1), vs, t, size, size, count, false, work);
    }
  }
}
