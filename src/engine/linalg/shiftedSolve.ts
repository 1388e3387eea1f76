/**
 * Solving with `T - z` and its conjugate transpose for many complex shifts z at once, T a real Schur form. Off the
 * diagonal all shifts share the real T, so that nearly all work is one real product for real and imaginary parts of all.
 */
import { epsilon, geometricMean } from "./checks.ts";
import { block, gemm, transposed } from "./gemm.ts";
import type { MakeArray } from "./kernelMemory.ts";

/** Rows solved one by one between two products. */
const blockRows = 8;

/** `lanes` shifts of one T. A vector of every lane is `[n, 2 lanes]`: real parts of a row's entries, then imaginary ones. */
export interface ShiftedForm {
  T: Float64Array;
  n: number;
  lanes: number;
  re: Float64Array;
  im: Float64Array;
  /** Reciprocals of the diagonal entries, in both rows of a 2 × 2 block that of its determinant; `[n, 2 lanes]`. */
  reciprocal: Float64Array;
  /** Divisors are no smaller than this: 2⁻⁵² times the size of T, and 10⁻⁷⁰. */
  least: number;
  /** First row of each block, and n. No block ends within a pair. */
  starts: number[];
}

/** `norm`: the size of T. Shifts are set by `setShift`, each before it is used. */
export function shiftedForm(T: Float64Array, n: number, lanes: number, norm: number, make: MakeArray): ShiftedForm {
  const starts = [0];
  for (let end = blockRows; end < n; end += blockRows) {
    if (T[end * n + end - 1] !== 0) end++;
    if (end < n) starts.push(end);
  }
  starts.push(n);
  return {
    T,
    n,
    lanes,
    re: new Float64Array(lanes),
    im: new Float64Array(lanes),
    reciprocal: make(n * 2 * lanes),
    least: Math.max(epsilon * norm, 1e-70),
    starts,
  };
}

/** Gives a lane the shift re + i im. */
export function setShift(form: ShiftedForm, lane: number, re: number, im: number): void {
  const { T, n, lanes, reciprocal, least } = form;
  form.re[lane] = re;
  form.im[lane] = im;
  for (let i = 0; i < n; i++) {
    const a = T[i * n + i] - re;
    const at = i * 2 * lanes + lane;
    if (i + 1 === n || T[(i + 1) * n + i] === 0) {
      invert(a, -im, least);
      reciprocal[at] = inverse.re;
      reciprocal[at + lanes] = inverse.im;
      continue;
    }
    // The determinant (a - i im)² + ω² as a product, without cancellation near an eigenvalue.
    const omega = geometricMean(T[i * n + i + 1], T[(i + 1) * n + i]);
    invert(a, omega - im, least);
    const { re: x, im: y } = inverse;
    invert(a, -omega - im, least);
    const next = at + 2 * lanes;
    reciprocal[at] = reciprocal[next] = x * inverse.re - y * inverse.im;
    reciprocal[at + lanes] = reciprocal[next + lanes] = x * inverse.im + y * inverse.re;
    i++;
  }
}

const inverse = { re: 0, im: 0 };

/** 1 / (a + ib), with a + ib = `least` where it is smaller. */
function invert(a: number, b: number, least: number): void {
  if (Math.abs(a) + Math.abs(b) < least) {
    inverse.re = 1 / least;
    inverse.im = 0;
    return;
  }
  const size = Math.max(Math.abs(a), Math.abs(b));
  const x = a / size;
  const y = b / size;
  const square = (x * x + y * y) * size;
  inverse.re = x / square;
  inverse.im = -y / square;
}

/** `x ← (T - z)⁻¹ x` in every lane. */
export function solveShifted(form: ShiftedForm, x: Float64Array): void {
  const { T, n, lanes, starts } = form;
  const width = 2 * lanes;
  for (let b = starts.length - 2; b >= 0; b--) {
    const top = starts[b]!;
    const bottom = starts[b + 1]!;
    const rows = bottom - top;
    gemm(block(x, width, top), block(T, n, top, bottom), block(x, width, bottom), rows, n - bottom, width, -1);
    for (let i = bottom - 1; i >= top; i--) {
      const pair = i > top && T[i * n + i - 1] !== 0;
      const first = pair ? i - 1 : i;
      for (let r = first; r <= i; r++) for (let j = i + 1; j < bottom; j++) subtract(x, width, r, j, T[r * n + j]);
      if (pair) dividePair(form, x, first, T[first * n + i], T[i * n + first], 1);
      else divideRow(form, x, i, 1);
      i = first;
    }
  }
}

/** `x ← (T' - z̄)⁻¹ x` in every lane. */
export function solveShiftedAdjoint(form: ShiftedForm, x: Float64Array): void {
  const { T, n, lanes, starts } = form;
  const width = 2 * lanes;
  for (let b = 0; b + 1 < starts.length; b++) {
    const top = starts[b]!;
    const bottom = starts[b + 1]!;
    gemm(block(x, width, top), transposed(block(T, n, 0, top)), block(x, width), bottom - top, top, width, -1);
    for (let i = top; i < bottom; i++) {
      const pair = i + 1 < bottom && T[(i + 1) * n + i] !== 0;
      const last = pair ? i + 1 : i;
      for (let r = i; r <= last; r++) for (let j = top; j < i; j++) subtract(x, width, r, j, T[j * n + r]);
      if (pair) dividePair(form, x, i, T[last * n + i], T[i * n + last], -1);
      else divideRow(form, x, i, -1);
      i = last;
    }
  }
}

/** Row r minus `factor` times row j. */
function subtract(x: Float64Array, width: number, r: number, j: number, factor: number): void {
  for (let p = r * width, q = j * width, end = p + width; p < end; p++, q++) x[p] -= factor * x[q];
}

/** Row i times its reciprocals (`sign` -1: their conjugates). */
function divideRow({ reciprocal, lanes }: ShiftedForm, x: Float64Array, i: number, sign: 1 | -1): void {
  for (let p = i * 2 * lanes, q = p + lanes, end = q; p < end; p++, q++) {
    const c = reciprocal[p];
    const d = sign * reciprocal[q];
    const a = x[p];
    const b = x[q];
    x[p] = a * c - b * d;
    x[q] = a * d + b * c;
  }
}

/** Rows i, i + 1 become the solution with [[d, b], [c, d]], d = T_ii - z (`sign` -1: its conjugate), by Cramer's rule. */
function dividePair(form: ShiftedForm, x: Float64Array, i: number, b: number, c: number, sign: 1 | -1): void {
  const { T, n, lanes, reciprocal, re, im } = form;
  for (let lane = 0; lane < lanes; lane++) {
    const p1 = i * 2 * lanes + lane;
    const p2 = p1 + 2 * lanes;
    const dr = T[i * n + i] - re[lane];
    const di = -sign * im[lane];
    const [re1, im1, re2, im2] = [x[p1], x[p1 + lanes], x[p2], x[p2 + lanes]];
    const ur = dr * re1 - di * im1 - b * re2;
    const ui = dr * im1 + di * re1 - b * im2;
    const vr = dr * re2 - di * im2 - c * re1;
    const vi = dr * im2 + di * re2 - c * im1;
    const e = reciprocal[p1];
    const f = sign * reciprocal[p1 + lanes];
    x[p1] = ur * e - ui * f;
    x[p1 + lanes] = ur * f + ui * e;
    x[p2] = vr * e - vi * f;
    x[p2 + lanes] = vr * f + vi * e;
  }
}
