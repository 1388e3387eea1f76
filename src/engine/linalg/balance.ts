/** Balancing: a permutation and a diagonal scaling that make the rows and columns of a matrix comparable. */
import { exchangeRows } from "./rows.ts";

/** What balancing did: `B = D⁻¹ P' A P D`. */
export interface Balance {
  /** Rows and columns outside `lo … hi` are triangular already: their diagonal entries are eigenvalues. */
  lo: number;
  hi: number;
  /** D; 1 outside `lo … hi`. */
  scale: Float64Array;
  /** Row and column i was exchanged with `exchanged[i]`: for i = n - 1 down to hi + 1, then for i = 0 up to lo - 1. */
  exchanged: Int32Array;
}

export function balanceRecord(n: number): Balance {
  return { lo: 0, hi: n - 1, scale: new Float64Array(n), exchanged: new Int32Array(n) };
}

/** Back to no balancing at all, for a matrix of order n. */
export function resetBalance(record: Balance, n: number): void {
  record.lo = 0;
  record.hi = n - 1;
  record.scale.fill(1);
  for (let i = 0; i < n; i++) record.exchanged[i] = i;
}

/** Largest over smallest entry of D. */
export function balanceSpread({ scale }: Balance): number {
  let least = 1;
  let most = 1;
  for (const d of scale) {
    least = Math.min(least, d);
    most = Math.max(most, d);
  }
  return most / least;
}

/**
 * Balances A `[n, n]` in place. First eigenvalues that stand alone are moved to the ends (rows to the bottom, columns
 * to the top); then rows and columns are scaled by powers of 2, so that no rounding happens, until their 2-norms agree
 * within a factor of 2. Norms of the whole row and column, diagonal included, are used: scaling may otherwise do harm
 * (James, Langou, Lowery, arXiv:1401.5766).
 */
export function balance(A: Float64Array, n: number, record: Balance): void {
  resetBalance(record, n);
  isolate(A, n, record);
  const { lo, hi, scale } = record;
  for (let pass = 0, changed = true; changed && pass < 40; pass++) {
    changed = false;
    for (let i = lo; i <= hi; i++) {
      let rowNorm = 0;
      let columnNorm = 0;
      for (let j = lo; j <= hi; j++) {
        rowNorm += A[i * n + j] * A[i * n + j];
        columnNorm += A[j * n + i] * A[j * n + i];
      }
      rowNorm = Math.sqrt(rowNorm);
      columnNorm = Math.sqrt(columnNorm);
      if (rowNorm === 0 || columnNorm === 0) continue;
      let factor = 1;
      let c = columnNorm;
      let r = rowNorm;
      while (c < r / 2 && factor < 1e150) {
        factor *= 2;
        c *= 2;
        r /= 2;
      }
      while (c >= 2 * r && factor > 1e-150) {
        factor /= 2;
        c /= 2;
        r *= 2;
      }
      if (factor === 1 || c + r >= 0.95 * (columnNorm + rowNorm)) continue;
      const total = scale[i] * factor;
      if (total > 1e150 || total < 1e-150) continue;
      changed = true;
      scale[i] = total;
      for (let j = lo; j < n; j++) A[i * n + j] /= factor;
      for (let j = 0; j <= hi; j++) A[j * n + i] *= factor;
    }
  }
}

/** Moves eigenvalues that stand alone to the ends. */
function isolate(A: Float64Array, n: number, record: Balance): void {
  const { exchanged } = record;
  let lo = 0;
  let hi = n - 1;
  for (let row = hi; row >= 0 && hi > 0; row--) {
    let alone = true;
    for (let j = 0; j <= hi && alone; j++) alone = j === row || A[row * n + j] === 0;
    if (!alone) continue;
    exchanged[hi] = row;
    exchangeBoth(A, n, row, hi);
    row = hi--; // look at all rows again
  }
  for (let column = lo; column <= hi && lo < hi; column++) {
    let alone = true;
    for (let i = lo; i <= hi && alone; i++) alone = i === column || A[i * n + column] === 0;
    if (!alone) continue;
    exchanged[lo] = column;
    exchangeBoth(A, n, column, lo);
    column = lo++;
  }
  record.lo = lo;
  record.hi = hi;
}

function exchangeBoth(A: Float64Array, n: number, i: number, j: number): void {
  if (i === j) return;
  for (let k = 0; k < n; k++) {
    const held = A[k * n + i];
    A[k * n + i] = A[k * n + j];
    A[k * n + j] = held;
  }
  for (let k = 0; k < n; k++) {
    const held = A[i * n + k];
    A[i * n + k] = A[j * n + k];
    A[j * n + k] = held;
  }
}

/**
 * Takes eigenvectors of the balanced matrix back to those of A: rows of X `[n, width]` are multiplied by D (right
 * eigenvectors) or divided by it (left), then exchanged back.
 */
export function undoBalance(record: Balance, X: Float64Array, n: number, width: number, side: "right" | "left"): void {
  const { lo, hi, scale, exchanged } = record;
  for (let i = lo; i <= hi; i++) {
    if (scale[i] === 1) continue;
    const factor = side === "right" ? scale[i] : 1 / scale[i];
    for (let p = i * width; p < (i + 1) * width; p++) X[p] *= factor;
  }
  for (let i = lo - 1; i >= 0; i--) exchangeRows(X, width, i, exchanged[i]);
  for (let i = hi + 1; i < n; i++) exchangeRows(X, width, i, exchanged[i]);
}
