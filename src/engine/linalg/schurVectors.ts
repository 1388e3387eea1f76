/** Eigenvectors of an upper quasi-triangular matrix by back substitution. */
import { epsilon, tiny } from "./checks.ts";

/** Entries of a vector beyond this are scaled down before they can overflow. */
const big = 1e100;

/**
 * Right eigenvectors of T `[n, n]`, quasi-triangular in standard form with entries below 1e100. Vector k is row k of
 * Y `[n, n]`, with zeros after its last entry; of a complex pair at k, k + 1 (positive imaginary part first) row k is
 * the real and row k + 1 the imaginary part. Not normalised. Divisors below `2⁻⁵² |λ|` are replaced by that, so that
 * (nearly) defective eigenvalues get (nearly) parallel vectors instead of infinities.
 */
export function triangularVectors(T: Float64Array, n: number, Y: Float64Array): void {
  const least = tiny * (n / epsilon);
  for (let k = 0; k < n; k++) {
    const pair = k + 1 < n && T[(k + 1) * n + k] !== 0;
    const last = pair ? k + 1 : k;
    const x = k * n;
    Y.fill(0, x, (last + 1) * n);
    const lambda = T[k * n + k];
    let frequency = 0;
    if (pair) {
      const b = T[k * n + k + 1];
      const c = T[(k + 1) * n + k];
      frequency = Math.sqrt(Math.abs(b)) * Math.sqrt(Math.abs(c));
      if (Math.abs(b) >= Math.abs(c)) {
        Y[x + k] = 1;
        Y[x + n + last] = frequency / b;
      } else {
        Y[x + k] = -frequency / c;
        Y[x + n + last] = 1;
      }
      backSubstitutePair(T, n, k, lambda, frequency, Math.max(epsilon * (Math.abs(lambda) + frequency), least), Y);
    } else {
      Y[x + k] = 1;
      backSubstitute(T, n, k, lambda, Math.max(epsilon * Math.abs(lambda), least), Y);
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
      if (Math.abs(b) > Math.abs(d) * big) b *= shrink(Y, x, i + 1, k, Math.abs(b));
      Y[x + i] = b / d;
      if (Math.abs(Y[x + i]) > big) shrink(Y, x, i, k, Math.abs(Y[x + i]));
      continue;
    }
    // Rows i - 1 and i are a complex pair p ± iμ. Scaled by σ the block is p I + μ J, with eigenvectors (1, ±i).
    const j = i - 1;
    const q = T[j * n + i];
    const r = T[i * n + j];
    const sigma = Math.sqrt(Math.abs(q)) / Math.sqrt(Math.abs(r));
    const mu = Math.sqrt(Math.abs(q)) * Math.sqrt(Math.abs(r)) * Math.sign(q);
    let b1 = -rowTimes(T, Y, j * n, x, i + 1, k) / sigma;
    let b2 = -rowTimes(T, Y, i * n, x, i + 1, k);
    let d = T[i * n + i] - lambda;
    const size = Math.abs(d) + Math.abs(mu);
    if (size < least) d = least;
    const b = Math.abs(b1) + Math.abs(b2);
    if (b > size * big) {
      const factor = shrink(Y, x, i + 1, k, b);
      b1 *= factor;
      b2 *= factor;
    }
    divide(b1, -b2, d, mu);
    Y[x + j] = sigma * quotient.re;
    Y[x + i] = -quotient.im;
    const grown = Math.max(Math.abs(Y[x + j]), Math.abs(Y[x + i]));
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
      const b = Math.abs(re2) + Math.abs(im2);
      if (b > (Math.abs(d) + omega) * big) {
        const factor = shrinkPair(Y, x, y, i + 1, last, b);
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
    const q = T[j * n + i];
    const r = T[i * n + j];
    const sigma = Math.sqrt(Math.abs(q)) / Math.sqrt(Math.abs(r));
    const mu = Math.sqrt(Math.abs(q)) * Math.sqrt(Math.abs(r)) * Math.sign(q);
    rowTimesPair(T, Y, j * n, x, y, i + 1, last);
    let re1 = -sums.re / sigma;
    let im1 = -sums.im / sigma;
    const b = Math.max(Math.abs(re1) + Math.abs(im1), Math.abs(re2) + Math.abs(im2));
    if (b > (Math.abs(d) + Math.abs(Math.abs(mu) - omega)) * big) {
      const factor = shrinkPair(Y, x, y, i + 1, last, b);
      re1 *= factor;
      im1 *= factor;
      re2 *= factor;
      im2 *= factor;
    }
    // Components along (1, i) and (1, -i), where the block is d ± iμ with d = p - λ - iω.
    divideClamped((re1 + im2) / 2, (im1 - re2) / 2, d, mu - omega, least);
    const plusRe = quotient.re;
    const plusIm = quotient.im;
    divideClamped((re1 - im2) / 2, (im1 + re2) / 2, d, -mu - omega, least);
    Y[x + j] = sigma * (plusRe + quotient.re);
    Y[y + j] = sigma * (plusIm + quotient.im);
    Y[x + i] = quotient.im - plusIm;
    Y[y + i] = plusRe - quotient.re;
    const grown = Math.max(Math.abs(Y[x + j]), Math.abs(Y[y + j]), Math.abs(Y[x + i]), Math.abs(Y[y + i]));
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
  let r0 = 0;
  let r1 = 0;
  let i0 = 0;
  let i1 = 0;
  let j = from;
  for (; j < to; j += 2) {
    const t0 = T[row + j];
    const t1 = T[row + j + 1];
    r0 += t0 * Y[x + j];
    i0 += t0 * Y[y + j];
    r1 += t1 * Y[x + j + 1];
    i1 += t1 * Y[y + j + 1];
  }
  if (j === to) {
    r0 += T[row + j] * Y[x + j];
    i0 += T[row + j] * Y[y + j];
  }
  sums.re = r0 + r1;
  sums.im = i0 + i1;
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
