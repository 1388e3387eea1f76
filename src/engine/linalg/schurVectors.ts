/** Eigenvectors of an upper quasi-triangular matrix by back substitution. */
import { epsilon, geometricMean } from "./checks.ts";

/** Entries of a vector beyond this are scaled down before they can overflow. */
const big = 1e100;
/** No divisor is smaller than this. */
const smallest = 1e-290;

/**
 * Right eigenvectors of T `[n, n]`, quasi-triangular in standard form with entries below about 1e10. Vector k is row k of
 * Y `[n, n]`, with zeros after its last entry; of a complex pair at k, k + 1 (positive imaginary part first) row k is
 * the real and row k + 1 the imaginary part. Not normalised. Divisors below `2⁻⁵² |λ|` are replaced by that, so that
 * (nearly) defective eigenvalues get (nearly) parallel vectors instead of infinities.
 */
export function triangularVectors(T: Float64Array, n: number, Y: Float64Array): void {
  for (let k = 0; k < n; k++) {
    const complex = k + 1 < n && T[(k + 1) * n + k] !== 0;
    const last = complex ? k + 1 : k;
    const x = k * n;
    Y.fill(0, x, (last + 1) * n);
    const lambda = T[k * n + k];
    let frequency = 0;
    if (complex) {
      const b = T[k * n + k + 1];
      const c = T[(k + 1) * n + k];
      frequency = geometricMean(b, c);
      if (Math.abs(b) >= Math.abs(c)) {
        Y[x + k] = 1;
        Y[x + n + last] = frequency / b;
      } else {
        Y[x + k] = -frequency / c;
        Y[x + n + last] = 1;
      }
      backSubstitutePair(T, n, k, lambda, frequency, Math.max(epsilon * (Math.abs(lambda) + frequency), smallest), Y);
    } else {
      Y[x + k] = 1;
      backSubstitute(T, n, k, lambda, Math.max(epsilon * Math.abs(lambda), smallest), Y);
    }
    k = last;
  }
}

/** Entries k - 1 … 0 of the vector of the real eigenvalue at k, in row k of Y. */
function backSubstitute(T: Float64Array, n: number, k: number, lambda: number, least: number, Y: Float64Array): void {
  const x = k * n;
  for (let i = k - 1; i >= 0; i--) {
    if (i === 0 || T[i * n + i - 1] === 0) {
      let b = -rowTimes(T, Y, i * n, x, i + 1, k);
      let d = T[i * n + i] - lambda;
      if (Math.abs(d) < least) d = least;
      const grows = Math.abs(b) / big / Math.abs(d);
      if (grows > 1) b *= shrink(Y, x, i + 1, k, grows);
      Y[x + i] = b / d;
      if (Math.abs(Y[x + i]) > big) shrink(Y, x, i, k, Math.abs(Y[x + i]));
      continue;
    }
    const j = i - 1;
    const b1 = -rowTimes(T, Y, j * n, x, i + 1, k);
    const b2 = -rowTimes(T, Y, i * n, x, i + 1, k);
    const d = T[i * n + i] - lambda;
    const size = Math.max(Math.abs(b1), Math.abs(b2));
    const grows = size / big / pairDivisor(d, 0, T[j * n + i], T[i * n + j], least);
    const factor = grows > 1 ? shrink(Y, x, i + 1, k, grows) : 1;
    solvePair(d, 0, T[j * n + i], T[i * n + j], b1 * factor, 0, b2 * factor, 0, least);
    Y[x + j] = pair.re1;
    Y[x + i] = pair.re2;
    const grown = Math.max(Math.abs(pair.re1), Math.abs(pair.re2));
    if (grown > big) shrink(Y, x, j, k, grown);
    i = j;
  }
}

/** Entries k - 1 … 0 of the vector of the complex eigenvalue λ + iω at k, k + 1, in rows k (real) and k + 1 of Y. */
function backSubstitutePair(
  T: Float64Array,
  n: number,
  k: number,
  lambda: number,
  omega: number,
  least: number,
  Y: Float64Array,
): void {
  const x = k * n;
  const y = x + n;
  const last = k + 1;
  for (let i = k - 1; i >= 0; i--) {
    rowTimesPair(T, Y, i * n, x, y, i + 1, last);
    let re2 = -sums.re;
    let im2 = -sums.im;
    const d = T[i * n + i] - lambda;
    if (i === 0 || T[i * n + i - 1] === 0) {
      const grows = (Math.abs(re2) + Math.abs(im2)) / big / Math.max(Math.abs(d) + omega, least);
      if (grows > 1) {
        const factor = shrinkPair(Y, x, y, i + 1, last, grows);
        re2 *= factor;
        im2 *= factor;
      }
      // (t - λ - iω) x = b
      divideClamped(re2, im2, d, -omega, least);
      Y[x + i] = quotient.re;
      Y[y + i] = quotient.im;
      const grown = Math.max(Math.abs(quotient.re), Math.abs(quotient.im));
      if (grown > big) shrinkPair(Y, x, y, i, last, grown);
      continue;
    }
    const j = i - 1;
    rowTimesPair(T, Y, j * n, x, y, i + 1, last);
    const re1 = -sums.re;
    const im1 = -sums.im;
    const size = Math.max(Math.abs(re1) + Math.abs(im1), Math.abs(re2) + Math.abs(im2));
    const grows = size / big / pairDivisor(d, -omega, T[j * n + i], T[i * n + j], least);
    const f = grows > 1 ? shrinkPair(Y, x, y, i + 1, last, grows) : 1;
    solvePair(d, -omega, T[j * n + i], T[i * n + j], re1 * f, im1 * f, re2 * f, im2 * f, least);
    Y[x + j] = pair.re1;
    Y[y + j] = pair.im1;
    Y[x + i] = pair.re2;
    Y[y + i] = pair.im2;
    const grown = Math.max(Math.abs(pair.re1), Math.abs(pair.im1), Math.abs(pair.re2), Math.abs(pair.im2));
    if (grown > big) shrinkPair(Y, x, y, j, last, grown);
    i = j;
  }
}

/** Σ over j = from … to of `T[row + j] Y[x + j]`. */
function rowTimes(T: Float64Array, Y: Float64Array, row: number, x: number, from: number, to: number): number {
  let s0 = 0;
  let s1 = 0;
  let j = from;
  for (; j < to; j += 2) {
    s0 += T[row + j] * Y[x + j];
    s1 += T[row + j + 1] * Y[x + j + 1];
  }
  if (j === to) s0 += T[row + j] * Y[x + j];
  return s0 + s1;
}

const sums = { re: 0, im: 0 };

function rowTimesPair(
  T: Float64Array,
  Y: Float64Array,
  row: number,
  x: number,
  y: number,
  from: number,
  to: number,
): void {
  // Sums of every fourth entry: one alone would wait for each addition.
  let r0 = 0, r1 = 0, r2 = 0, r3 = 0; // biome-ignore format: four at once
  let i0 = 0, i1 = 0, i2 = 0, i3 = 0; // biome-ignore format: four at once
  let j = from;
  for (; j + 3 <= to; j += 4) {
    const t0 = T[row + j];
    const t1 = T[row + j + 1];
    const t2 = T[row + j + 2];
    const t3 = T[row + j + 3];
    r0 += t0 * Y[x + j];
    i0 += t0 * Y[y + j];
    r1 += t1 * Y[x + j + 1];
    i1 += t1 * Y[y + j + 1];
    r2 += t2 * Y[x + j + 2];
    i2 += t2 * Y[y + j + 2];
    r3 += t3 * Y[x + j + 3];
    i3 += t3 * Y[y + j + 3];
  }
  for (; j <= to; j++) {
    r0 += T[row + j] * Y[x + j];
    i0 += T[row + j] * Y[y + j];
  }
  sums.re = r0 + r1 + (r2 + r3);
  sums.im = i0 + i1 + (i2 + i3);
}

/** Divides entries from … to by `size`; returns the factor. */
function shrink(Y: Float64Array, x: number, from: number, to: number, size: number): number {
  const factor = 1 / size;
  for (let j = from; j <= to; j++) Y[x + j] *= factor;
  return factor;
}

function shrinkPair(Y: Float64Array, x: number, y: number, from: number, to: number, size: number): number {
  shrink(Y, y, from, to, size);
  return shrink(Y, x, from, to, size);
}

const quotient = { re: 0, im: 0 };

/** (a + ib) / (c + id), scaled against overflow. */
function divide(a: number, b: number, c: number, d: number): void {
  if (Math.abs(c) >= Math.abs(d)) {
    const ratio = d / c;
    const whole = c + d * ratio;
    quotient.re = (a + b * ratio) / whole;
    quotient.im = (b - a * ratio) / whole;
  } else {
    const ratio = c / d;
    const whole = d + c * ratio;
    quotient.re = (a * ratio + b) / whole;
    quotient.im = (b * ratio - a) / whole;
  }
}

const pair = { re1: 0, im1: 0, re2: 0, im2: 0 };

/** About the smaller singular value of [[d, q], [r, d]] with d = a + ib, whose determinant is (d + iμ)(d - iμ), μ² = -qr. */
function pairDivisor(a: number, b: number, q: number, r: number, least: number): number {
  const mu = geometricMean(q, r);
  const far = Math.abs(a) + Math.abs(b) + mu;
  const near = Math.max(Math.abs(a) + Math.abs(Math.abs(b) - mu), least);
  const largest = Math.max(far, Math.abs(q), Math.abs(r));
  return Math.max(near * (far / largest), smallest);
}

/**
 * Solves [[d, q], [r, d]] x = f with d = shift + ib, by elimination from the largest entry; d is moved by `least` where
 * the matrix would be singular otherwise.
 */
function solvePair(
  shift: number,
  b: number,
  q: number,
  r: number,
  re1: number,
  im1: number,
  re2: number,
  im2: number,
  least: number,
): void {
  const mu = geometricMean(q, r);
  // λ moved by `least`: a change of T that is as small as rounding.
  const a = Math.abs(shift) + Math.abs(Math.abs(b) - mu) < least ? shift + (shift < 0 ? -least : least) : shift;
  // d + iμ and d - iμ; their product, over the pivot, is what is left after elimination.
  const plus = b + mu;
  const minus = b - mu;
  const size = Math.abs(a) + Math.abs(b);
  if (size >= Math.abs(q) && size >= Math.abs(r)) {
    // x₂ = (f₂ - (r / d) f₁) / (det / d), x₁ = (f₁ - q x₂) / d
    divide(r * re1, r * im1, a, b);
    const re = re2 - quotient.re;
    const im = im2 - quotient.im;
    divide(a, plus, a, b);
    const { re: ua, im: ub } = quotient;
    divideClamped(re, im, ua * a - ub * minus, ua * minus + ub * a, smallest);
    pair.re2 = quotient.re;
    pair.im2 = quotient.im;
    divide(re1 - q * pair.re2, im1 - q * pair.im2, a, b);
    pair.re1 = quotient.re;
    pair.im1 = quotient.im;
    return;
  }
  const swapped = Math.abs(r) > Math.abs(q);
  const pivot = swapped ? r : q;
  // With pivot q: x₁ = (f₂ - (d / q) f₁) / (-det / q), x₂ = (f₁ - d x₁) / q; with pivot r the same with 1 and 2 exchanged.
  const [ra, ia, rb, ib] = swapped ? [re2, im2, re1, im1] : [re1, im1, re2, im2];
  const da = a / pivot;
  const db = b / pivot;
  const ua = -a / pivot;
  const ub = -plus / pivot;
  divideClamped(rb - (da * ra - db * ia), ib - (db * ra + da * ia), ua * a - ub * minus, ua * minus + ub * a, smallest);
  const { re, im } = quotient;
  const otherRe = (ra - (a * re - b * im)) / pivot;
  const otherIm = (ia - (b * re + a * im)) / pivot;
  pair.re1 = swapped ? otherRe : re;
  pair.im1 = swapped ? otherIm : im;
  pair.re2 = swapped ? re : otherRe;
  pair.im2 = swapped ? im : otherIm;
}

function divideClamped(a: number, b: number, c: number, d: number, least: number): void {
  if (Math.abs(c) + Math.abs(d) < least) {
    quotient.re = a / least;
    quotient.im = b / least;
  } else divide(a, b, c, d);
}

/** Transposes T `[n, n]` in place and reverses its rows and columns: upper triangular stays upper triangular. */
export function reflectAtAntidiagonal(T: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n - 1 - i; j++) {
      const p = i * n + j;
      const q = (n - 1 - j) * n + n - 1 - i;
      const held = T[p];
      T[p] = T[q];
      T[q] = held;
    }
}
