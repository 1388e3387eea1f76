/** The one matrix product that all others call: strided blocks, 4 × 4 entries held in registers. */

/** A block of a matrix: entry (i, j) is `data[at + i * row + j * column]`. Swapping the strides transposes it. */
export interface Block {
  data: Float64Array;
  at: number;
  row: number;
  column: number;
}

/** A block of row-major `data` with `width` entries a row, from entry (i, j) on. */
export function block(data: Float64Array, width: number, i = 0, j = 0): Block {
  return { data, at: i * width + j, row: width, column: 1 };
}

/** The same block, transposed. */
export function transposed(a: Block): Block {
  return { data: a.data, at: a.at, row: a.column, column: a.row };
}

/** Inner dimension worked on at once: a packed panel of B then stays in the first cache. */
const depth = 256;
const panel = new Float64Array(4 * depth);

/**
 * `C = A B` (mode 0), `C += A B` (mode 1) or `C -= A B` (mode -1) with A `[m, k]`, B `[k, n]`, C `[m, n]`.
 * C must not overlap A or B. Sums run in the order of the inner index, so results do not depend on the blocking of m and n.
 */
export function gemm(c: Block, a: Block, b: Block, m: number, k: number, n: number, mode: 0 | 1 | -1): void {
  if (k === 0 && mode === 0) {
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) c.data[c.at + i * c.row + j * c.column] = 0;
    return;
  }
  for (let p = 0; p < k; p += depth) {
    const count = Math.min(depth, k - p);
    const slice = mode === 0 && p > 0 ? 1 : mode;
    for (let j = 0; j < n; j += 4) panelProduct(c, a, b, m, p, count, j, Math.min(4, n - j), slice);
  }
}

/** Columns j … j + width - 1 of C, over inner indices p … p + count - 1. */
function panelProduct(
  cBlock: Block,
  aBlock: Block,
  bBlock: Block,
  m: number,
  p: number,
  count: number,
  j: number,
  width: number,
  mode: 0 | 1 | -1,
): void {
  const B = bBlock.data;
  const packed = panel;
  const bRow = bBlock.row;
  const bColumn = bBlock.column;
  for (let col = 0; col < 4; col++) {
    if (col < width) {
      for (
        let q = 0, from = bBlock.at + p * bRow + (j + col) * bColumn, to = col;
        q < count;
        q++, from += bRow, to += 4
      )
        packed[to] = B[from];
    } else for (let q = 0, to = col; q < count; q++, to += 4) packed[to] = 0;
  }
  const A = aBlock.data;
  const C = cBlock.data;
  const aRow = aBlock.row;
  const aColumn = aBlock.column;
  const cRow = cBlock.row;
  const cColumn = cBlock.column;
  const sign = mode === -1 ? -1 : 1;
  let i = 0;
  let a0 = aBlock.at + p * aColumn;
  let c0 = cBlock.at + j * cColumn;
  for (; i + 4 <= m; i += 4, a0 += 4 * aRow, c0 += 4 * cRow) {
    let s00 = 0, s01 = 0, s02 = 0, s03 = 0; // biome-ignore format: a tile
    let s10 = 0, s11 = 0, s12 = 0, s13 = 0; // biome-ignore format: a tile
    let s20 = 0, s21 = 0, s22 = 0, s23 = 0; // biome-ignore format: a tile
    let s30 = 0, s31 = 0, s32 = 0, s33 = 0; // biome-ignore format: a tile
    let p0 = a0;
    let p1 = a0 + aRow;
    let p2 = p1 + aRow;
    let p3 = p2 + aRow;
    for (let q = 0, end = 4 * count; q < end; q += 4) {
      const b0 = packed[q];
      const b1 = packed[q + 1];
      const b2 = packed[q + 2];
      const b3 = packed[q + 3];
      let x = A[p0];
      s00 += x * b0;
      s01 += x * b1;
      s02 += x * b2;
      s03 += x * b3; // biome-ignore format: a tile
      x = A[p1];
      s10 += x * b0;
      s11 += x * b1;
      s12 += x * b2;
      s13 += x * b3; // biome-ignore format: a tile
      x = A[p2];
      s20 += x * b0;
      s21 += x * b1;
      s22 += x * b2;
      s23 += x * b3; // biome-ignore format: a tile
      x = A[p3];
      s30 += x * b0;
      s31 += x * b1;
      s32 += x * b2;
      s33 += x * b3; // biome-ignore format: a tile
      p0 += aColumn;
      p1 += aColumn;
      p2 += aColumn;
      p3 += aColumn;
    }
    put(C, c0, cColumn, width, mode, sign * s00, sign * s01, sign * s02, sign * s03);
    put(C, c0 + cRow, cColumn, width, mode, sign * s10, sign * s11, sign * s12, sign * s13);
    put(C, c0 + 2 * cRow, cColumn, width, mode, sign * s20, sign * s21, sign * s22, sign * s23);
    put(C, c0 + 3 * cRow, cColumn, width, mode, sign * s30, sign * s31, sign * s32, sign * s33);
  }
  for (; i < m; i++, a0 += aRow, c0 += cRow) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let q = 0, end = 4 * count, p0 = a0; q < end; q += 4, p0 += aColumn) {
      const x = A[p0];
      s0 += x * packed[q];
      s1 += x * packed[q + 1];
      s2 += x * packed[q + 2];
      s3 += x * packed[q + 3];
    }
    put(C, c0, cColumn, width, mode, sign * s0, sign * s1, sign * s2, sign * s3);
  }
}

function put(
  C: Float64Array,
  at: number,
  stride: number,
  width: number,
  mode: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void {
  if (mode === 0) {
    C[at] = s0;
    if (width > 1) C[at + stride] = s1;
    if (width > 2) C[at + 2 * stride] = s2;
    if (width > 3) C[at + 3 * stride] = s3;
  } else {
    C[at] += s0;
    if (width > 1) C[at + stride] += s1;
    if (width > 2) C[at + 2 * stride] += s2;
    if (width > 3) C[at + 3 * stride] += s3;
  }
}
