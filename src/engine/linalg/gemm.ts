/**
 * The one matrix product that all others call: strided blocks, 4 × 4 entries held in registers. It runs compiled where
 * the blocks lie in the memory of the kernels (`kernelMemory.ts`), or are large enough to be copied there and back; and in a
 * library of the system, where one is in use and they are larger still (`lapack.ts`).
 */
import { copyIn, copyOut, type KernelMemory, kernelMemoryOf, largeMemory } from "./kernelMemory.ts";
import { panelDepth as depth } from "./kernels.ts";
import { libraryFor, systemGemm } from "./lapack.ts";

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

/** Rows of A worked on at once, which stay in the second cache. */
const height = 192;
/** A packed panel of B stays in the first cache. */
const panel = new Float64Array(4 * depth);

/**
 * `C = A B` (mode 0), `C += A B` (mode 1) or `C -= A B` (mode -1) with A `[m, k]`, B `[k, n]`, C `[m, n]`.
 * C must not overlap A or B. Sums run in the order of the inner index, so results do not depend on the blocking of m and n.
 */
export function gemm(c: Block, a: Block, b: Block, m: number, k: number, n: number, mode: 0 | 1 | -1): void {
  if (c.column !== 1 && c.row === 1) {
    gemm(transposed(c), transposed(b), transposed(a), n, k, m, mode);
    return;
  }
  const library = libraryFor(Math.min(m, n));
  if (library && k >= 16 && systemGemm(library, c, a, b, m, k, n, mode)) return;
  ownGemm(c, a, b, m, k, n, mode);
}

/** The same without a library of the system: the same bits on every machine and in every worker. */
export function ownGemm(c: Block, a: Block, b: Block, m: number, k: number, n: number, mode: 0 | 1 | -1): void {
  if (c.column === 1) {
    const shared = kernelMemoryOf(c.data);
    if (shared && a.data.buffer === shared.buffer && b.data.buffer === shared.buffer) {
      compiledGemm(shared, c, a, b, m, k, n, mode);
      return;
    }
    // Copying costs some ns for each row and each few entries, a product saves a third of one for each multiply-add.
    if (m * n * k > m * k + k * n + 2 * m * n + 200 * (3 * m + k) && Math.min(m, n) >= 4) {
      const [sizeA, sizeB, sizeC] = [m * k, k * n, m * n];
      const memory = largeMemory(sizeA + sizeB + sizeC);
      if (memory) {
        const at = copyIn(memory, a, m, k, 0);
        const bt = copyIn(memory, b, k, n, sizeA);
        const ct = { data: memory.free, at: sizeA + sizeB, row: n, column: 1 };
        if (mode !== 0) copyIn(memory, c, m, n, ct.at);
        compiledGemm(memory, ct, at, bt, m, k, n, mode);
        copyOut(memory, c, m, n, ct.at);
        return;
      }
    }
  }
  if (mode === 0)
    for (let i = 0, row = c.at; i < m; i++, row += c.row)
      if (c.column === 1) c.data.fill(0, row, row + n);
      else for (let j = 0, p = row; j < n; j++, p += c.column) c.data[p] = 0;
  const sign = mode === -1 ? -1 : 1;
  for (let p = 0; p < k; p += depth) {
    const count = Math.min(depth, k - p);
    for (let j = 0; j < n; j += 4) {
      const width = Math.min(4, n - j);
      pack(b, p, count, j, width, sign);
      const cAt = c.at + j * c.column;
      if (width === 4) addPanel(c, cAt, a, a.at + p * a.column, m, count);
      else addNarrowPanel(c, cAt, a, a.at + p * a.column, m, count, width);
    }
  }
}

/** The same compiled: all blocks in one memory, rows of C side by side. */
function compiledGemm(
  memory: KernelMemory,
  c: Block,
  a: Block,
  b: Block,
  m: number,
  k: number,
  n: number,
  mode: 0 | 1 | -1,
): void {
  const { kernels } = memory;
  const sign = mode === -1 ? -1 : 1;
  const start = (x: Block) => x.data.byteOffset + 8 * x.at;
  const [cAt, aAt, bAt] = [start(c), start(a), start(b)];
  if (k === 0 && mode === 0) for (let i = 0, p = c.at; i < m; i++, p += c.row) c.data.fill(0, p, p + n);
  for (let p = 0; p < k; p += depth) {
    const count = Math.min(depth, k - p);
    const add = mode === 0 && p === 0 ? 0 : 1;
    const aPart = aAt + 8 * p * a.column;
    const whole = n - (n % 4);
    for (let i = 0; i < m; i += height) {
      const [rows, cPart, aRows] = [Math.min(height, m - i), cAt + 8 * i * c.row, aPart + 8 * i * a.row];
      for (let j = 0; j < whole; j += 4) {
        kernels.pack(bAt + 8 * (p * b.row + j * b.column), 8 * b.row, 8 * b.column, count, sign);
        kernels.multiply(cPart + 8 * j, 8 * c.row, aRows, 8 * a.row, 8 * a.column, rows, count, add);
      }
    }
    if (whole === n) continue;
    const j = whole;
    pack(b, p, count, j, n - j, sign);
    if (!add) for (let i = 0, q = c.at + j; i < m; i++, q += c.row) c.data.fill(0, q, q + n - j);
    addNarrowPanel(c, c.at + j, a, a.at + p * a.column, m, count, n - j);
  }
}

/** Columns j … j + width - 1 of B, rows p … p + count - 1, times `sign`, four to a row; missing ones are zero. */
function pack(b: Block, p: number, count: number, j: number, width: number, sign: number): void {
  const B = b.data;
  const { row, column } = b;
  if (width === 4) {
    let from = b.at + p * row + j * column;
    for (let to = 0, end = 4 * count; to < end; to += 4, from += row) {
      panel[to] = sign * B[from];
      panel[to + 1] = sign * B[from + column];
      panel[to + 2] = sign * B[from + 2 * column];
      panel[to + 3] = sign * B[from + 3 * column];
    }
    return;
  }
  for (let c = 0; c < 4; c++)
    for (let q = 0, from = b.at + p * row + (j + c) * column, to = c; q < count; q++, from += row, to += 4)
      panel[to] = c < width ? sign * B[from] : 0;
}

/** Four columns of C, from `cAt`, plus rows of A, from `aAt`, times the packed panel. */
function addPanel(cBlock: Block, cAt: number, aBlock: Block, aAt: number, m: number, count: number): void {
  const packed = panel;
  const A = aBlock.data;
  const C = cBlock.data;
  const aRow = aBlock.row;
  const step = aBlock.column;
  const cRow = cBlock.row;
  const cColumn = cBlock.column;
  const end = 4 * count;
  let i = 0;
  let a0 = aAt;
  let c0 = cAt;
  for (; i + 4 <= m; i += 4, a0 += 4 * aRow) {
    let s00 = 0, s01 = 0, s02 = 0, s03 = 0; // biome-ignore format: a tile
    let s10 = 0, s11 = 0, s12 = 0, s13 = 0; // biome-ignore format: a tile
    let s20 = 0, s21 = 0, s22 = 0, s23 = 0; // biome-ignore format: a tile
    let s30 = 0, s31 = 0, s32 = 0, s33 = 0; // biome-ignore format: a tile
    let p0 = a0;
    let p1 = p0 + aRow;
    let p2 = p1 + aRow;
    let p3 = p2 + aRow;
    for (let q = 0; q < end; q += 4) {
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
      p0 += step;
      p1 += step;
      p2 += step;
      p3 += step;
    }
    C[c0] += s00;
    C[c0 + cColumn] += s01;
    C[c0 + 2 * cColumn] += s02;
    C[c0 + 3 * cColumn] += s03;
    c0 += cRow;
    C[c0] += s10;
    C[c0 + cColumn] += s11;
    C[c0 + 2 * cColumn] += s12;
    C[c0 + 3 * cColumn] += s13;
    c0 += cRow;
    C[c0] += s20;
    C[c0 + cColumn] += s21;
    C[c0 + 2 * cColumn] += s22;
    C[c0 + 3 * cColumn] += s23;
    c0 += cRow;
    C[c0] += s30;
    C[c0 + cColumn] += s31;
    C[c0 + 2 * cColumn] += s32;
    C[c0 + 3 * cColumn] += s33;
    c0 += cRow;
  }
  if (i < m) addNarrowPanel(cBlock, c0, aBlock, a0, m - i, count, 4);
}

/** The same row by row, for the last rows and for fewer than four columns. */
function addNarrowPanel(
  cBlock: Block,
  cAt: number,
  aBlock: Block,
  aAt: number,
  m: number,
  count: number,
  width: number,
): void {
  const packed = panel;
  const A = aBlock.data;
  const C = cBlock.data;
  const step = cBlock.column;
  for (let i = 0, a0 = aAt, c0 = cAt; i < m; i++, a0 += aBlock.row, c0 += cBlock.row) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let q = 0, p = a0, end = 4 * count; q < end; q += 4, p += aBlock.column) {
      const x = A[p];
      s0 += x * packed[q];
      s1 += x * packed[q + 1];
      s2 += x * packed[q + 2];
      s3 += x * packed[q + 3];
    }
    C[c0] += s0;
    if (width > 1) C[c0 + step] += s1;
    if (width > 2) C[c0 + 2 * step] += s2;
    if (width > 3) C[c0 + 3 * step] += s3;
  }
}
