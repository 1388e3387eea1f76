/** Operations on whole rows of a row-major matrix: contiguous, so they are what the factorisations are built from. */

import { addressOf, kernelMemoryOf } from "./kernelMemory.ts";

/** Row i minus `factor` times row j. */
export function subtractRow(B: Float64Array, columns: number, i: number, j: number, factor: number): void {
  if (factor === 0) return;
  for (let p = i * columns, q = j * columns, last = p + columns; p < last; p++, q++) B[p] -= factor * B[q];
}

/** Row i divided by `divisor`. */
export function divideRow(B: Float64Array, columns: number, i: number, divisor: number): void {
  for (let p = i * columns, last = p + columns; p < last; p++) B[p] /= divisor;
}

export function exchangeRows(B: Float64Array, columns: number, i: number, j: number): void {
  for (let p = i * columns, q = j * columns, last = p + columns; p < last; p++, q++) {
    const held = B[p];
    B[p] = B[q];
    B[q] = held;
  }
}

/** Rows i and j become `c row_i + s row_j` and `c row_j - s row_i`. */
export function rotateRows(B: Float64Array, columns: number, i: number, j: number, c: number, s: number): void {
  for (let p = i * columns, q = j * columns, last = p + columns; p < last; p++, q++) {
    const x = B[p];
    const y = B[q];
    B[p] = c * x + s * y;
    B[q] = c * y - s * x;
  }
}

/**
 * Applies `count` rotations in turn: rotation k turns rows `first + k way` and `first + (k + 1) way` of B (`way` 1 or
 * -1) as `rotateRows` would with `C[k]`, `S[k]`. Entries pass through registers: one load and one store per rotation.
 */
export function rotateRowsInSequence(
  B: Float64Array,
  columns: number,
  first: number,
  way: 1 | -1,
  C: Float64Array,
  S: Float64Array,
  count: number,
): void {
  const memory = kernelMemoryOf(B);
  if (memory && C.buffer === memory.buffer && S.buffer === memory.buffer) {
    const [at, c, s] = [addressOf(B, first * columns), addressOf(C, 0), addressOf(S, 0)];
    memory.kernels.rotateRows(at, 8 * way * columns, columns, c, s, count);
    return;
  }
  const step = way * columns;
  let column = first * columns;
  const end = column + columns;
  for (; column + 4 <= end; column += 4) {
    let p = column;
    let x0 = B[p];
    let x1 = B[p + 1];
    let x2 = B[p + 2];
    let x3 = B[p + 3];
    for (let k = 0; k < count; k++) {
      const c = C[k];
      const s = S[k];
      const q = p + step;
      const y0 = B[q];
      const y1 = B[q + 1];
      const y2 = B[q + 2];
      const y3 = B[q + 3];
      B[p] = c * x0 + s * y0;
      B[p + 1] = c * x1 + s * y1;
      B[p + 2] = c * x2 + s * y2;
      B[p + 3] = c * x3 + s * y3;
      x0 = c * y0 - s * x0;
      x1 = c * y1 - s * x1;
      x2 = c * y2 - s * x2;
      x3 = c * y3 - s * x3;
      p = q;
    }
    B[p] = x0;
    B[p + 1] = x1;
    B[p + 2] = x2;
    B[p + 3] = x3;
  }
  for (; column < end; column++) {
    let p = column;
    let x = B[p];
    for (let k = 0; k < count; k++) {
      const y = B[p + step];
      B[p] = C[k] * x + S[k] * y;
      x = C[k] * y - S[k] * x;
      p += step;
    }
    B[p] = x;
  }
}
