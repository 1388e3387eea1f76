/** Operations on whole rows of a row-major matrix: contiguous, so they are what the factorisations are built from. */

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
