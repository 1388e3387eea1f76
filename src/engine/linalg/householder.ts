/** Elementary reflectors `I - τ v v'` with v[0] = 1, and products of several of them as `I - V T V'`. */
import { norm2 } from "./checks.ts";
import { type Block, gemm, transposed } from "./gemm.ts";
import { addressOf, kernelMemoryOf } from "./kernelMemory.ts";

/**
 * Makes the reflector that takes x (`count` entries from `at`, `stride` apart) to a multiple β of the first unit
 * vector. On return x[0] is β and the rest of x is the rest of v. Returns τ; 0 where x is already such a multiple.
 */
export function makeReflector(x: Float64Array, at: number, count: number, stride: number): number {
  if (count < 2) return 0;
  const rest = norm2(x, at + stride, count - 1, stride);
  if (rest === 0) return 0;
  const alpha = x[at];
  const large = Math.max(Math.abs(alpha), rest);
  if (large < 1e-280) {
    // Near the subnormal numbers digits are missing: work 2^600 higher.
    for (let i = 0, p = at; i < count; i++, p += stride) x[p] *= 2 ** 600;
    const tau = makeReflector(x, at, count, stride);
    x[at] *= 2 ** -600;
    return tau;
  }
  const beta = -Math.sign(alpha || 1) * large * Math.sqrt((alpha / large) ** 2 + (rest / large) ** 2);
  const pivot = alpha - beta;
  for (let i = 1, p = at + stride; i < count; i++, p += stride) x[p] /= pivot;
  x[at] = beta;
  return -pivot / beta;
}

/** `C ← (I - τ v v') C` for C `[rows, columns]`, v explicit from `vAt`. `work` needs `columns` entries. */
export function reflectRows(
  c: Block,
  rows: number,
  columns: number,
  v: Float64Array,
  vAt: number,
  tau: number,
  work: Float64Array,
): void {
  if (tau === 0 || columns === 0) return;
  const C = c.data;
  const memory = kernelMemoryOf(C);
  if (memory && c.column === 1 && v.buffer === memory.buffer && work.buffer === memory.buffer) {
    const { kernels } = memory;
    const [at, x, w] = [addressOf(C, c.at), addressOf(v, vAt), addressOf(work, 0)];
    kernels.weigh(at, 8 * c.row, rows, columns, x, w);
    kernels.subtractOuter(at, 8 * c.row, rows, columns, x, tau, w);
    return;
  }
  work.fill(0, 0, columns);
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const v0 = v[vAt + i];
    const v1 = v[vAt + i + 1];
    const v2 = v[vAt + i + 2];
    const v3 = v[vAt + i + 3];
    let p0 = c.at + i * c.row;
    let p1 = p0 + c.row;
    let p2 = p1 + c.row;
    let p3 = p2 + c.row;
    for (let j = 0; j < columns; j++) {
      work[j] += v0 * C[p0] + v1 * C[p1] + v2 * C[p2] + v3 * C[p3];
      p0 += c.column;
      p1 += c.column;
      p2 += c.column;
      p3 += c.column;
    }
  }
  for (; i < rows; i++) {
    const y = v[vAt + i];
    for (let j = 0, p = c.at + i * c.row; j < columns; j++, p += c.column) work[j] += y * C[p];
  }
  for (i = 0; i < rows; i++) {
    const y = tau * v[vAt + i];
    for (let j = 0, p = c.at + i * c.row; j < columns; j++, p += c.column) C[p] -= y * work[j];
  }
}

/** `C ← C (I - τ v v')` for C `[rows, columns]`, v explicit from `vAt`. With `work` of `rows` entries it can be compiled. */
export function reflectColumns(
  c: Block,
  rows: number,
  columns: number,
  v: Float64Array,
  vAt: number,
  tau: number,
  work?: Float64Array,
): void {
  if (tau === 0) return;
  const C = c.data;
  const memory = work && kernelMemoryOf(C);
  if (memory && c.column === 1 && v.buffer === memory.buffer && work.buffer === memory.buffer) {
    const { kernels } = memory;
    const [at, x, w] = [addressOf(C, c.at), addressOf(v, vAt), addressOf(work, 0)];
    kernels.dots(at, 8 * c.row, rows, columns, x, w, 8, tau);
    kernels.subtractOuter(at, 8 * c.row, rows, columns, w, 1, x);
    return;
  }
  const step = c.column;
  let i = 0;
  // Four sums at once: one alone would wait for each addition.
  for (; i + 4 <= rows; i += 4) {
    const start = c.at + i * c.row;
    let p0 = start;
    let p1 = p0 + c.row;
    let p2 = p1 + c.row;
    let p3 = p2 + c.row;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < columns; j++) {
      const y = v[vAt + j];
      s0 += C[p0] * y;
      s1 += C[p1] * y;
      s2 += C[p2] * y;
      s3 += C[p3] * y;
      p0 += step;
      p1 += step;
      p2 += step;
      p3 += step;
    }
    s0 *= tau;
    s1 *= tau;
    s2 *= tau;
    s3 *= tau;
    p0 = start;
    p1 = p0 + c.row;
    p2 = p1 + c.row;
    p3 = p2 + c.row;
    for (let j = 0; j < columns; j++) {
      const y = v[vAt + j];
      C[p0] -= s0 * y;
      C[p1] -= s1 * y;
      C[p2] -= s2 * y;
      C[p3] -= s3 * y;
      p0 += step;
      p1 += step;
      p2 += step;
      p3 += step;
    }
  }
  for (; i < rows; i++) {
    const start = c.at + i * c.row;
    let s = 0;
    for (let j = 0, p = start; j < columns; j++, p += step) s += C[p] * v[vAt + j];
    s *= tau;
    for (let j = 0, p = start; j < columns; j++, p += step) C[p] -= s * v[vAt + j];
  }
}

/**
 * `C ← (I - V T V') C` (or with T' where `transposeT`) for C `[rows, columns]`, V `[rows, width]`, T `[width, width]`
 * upper triangular. `work` needs `2 * width * columns` entries.
 */
export function applyBlockReflector(
  c: Block,
  v: Block,
  t: Block,
  rows: number,
  columns: number,
  width: number,
  transposeT: boolean,
  work: Float64Array,
): void {
  const first: Block = { data: work, at: 0, row: columns, column: 1 };
  const second: Block = { data: work, at: width * columns, row: columns, column: 1 };
  gemm(first, transposed(v), c, width, rows, columns, 0);
  gemm(second, transposeT ? transposed(t) : t, first, width, width, columns, 0);
  gemm(c, v, second, rows, width, columns, -1);
}

/** Fills T `[width, width]` (upper triangle; the rest is zeroed) so that `H_0 H_1 … = I - V T V'`. */
export function blockReflectorT(
  t: Block,
  v: Block,
  taus: Float64Array,
  tausAt: number,
  rows: number,
  width: number,
): void {
  const V = v.data;
  const T = t.data;
  for (let i = 0; i < width; i++) {
    const tau = taus[tausAt + i];
    for (let j = 0; j < width; j++) T[t.at + j * t.row + i * t.column] = 0;
    for (let j = 0; j < i; j++) {
      let s = 0;
      for (let r = i, p = v.at + i * v.row; r < rows; r++, p += v.row) s += V[p + j * v.column] * V[p + i * v.column];
      T[t.at + j * t.row + i * t.column] = -tau * s;
    }
    // Column i becomes T[0..i, 0..i] times itself; row j reads only rows from j on, so ascending order is safe.
    for (let j = 0; j < i; j++) {
      let s = 0;
      for (let l = j; l < i; l++) s += T[t.at + j * t.row + l * t.column] * T[t.at + l * t.row + i * t.column];
      T[t.at + j * t.row + i * t.column] = s;
    }
    T[t.at + i * t.row + i * t.column] = tau;
  }
}
