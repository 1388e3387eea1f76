/** The matrix exponential. */
import { allFinite, expectSize } from "./checks.ts";
import { luFactor, luSolve } from "./lu.ts";
import { identity, matvec, matvecTransposed, multiply, oneNorm } from "./matrix.ts";
import { estimateOneNorm } from "./normEstimate.ts";

/** Degrees of the approximants and the norms up to which each has a backward error below 2⁻⁵³ (Higham 2005, 2009). */
const degrees = [
  { degree: 3, theta: 1.495585217958292e-2 },
  { degree: 5, theta: 2.53939833006323e-1 },
  { degree: 7, theta: 9.504178996162932e-1 },
  { degree: 9, theta: 2.097847961257068 },
];
const theta13 = 4.25;

/**
 * `e^(A t)` of A `[n, n]`, by Padé approximants with scaling and squaring, the scaling chosen from norms of powers so
 * that non-normal matrices are not scaled too far. Al-Mohy and Higham, SIAM J. Matrix Anal. Appl. 31:970 (2009). NaN
 * where A t is not finite; entries beyond the largest float64 come out infinite or NaN.
 */
export function expm(A: Float64Array, n: number, t = 1): Float64Array {
  expectSize(A, n, n, "A");
  const B = A.map((a) => a * t);
  if (!allFinite(B)) return B.fill(Number.NaN);
  if (n === 0) return B;
  const norm = oneNorm(B, n, n);
  // Powers of very large matrices would overflow: halve those first, and square as often at the end.
  const early = norm > 1e20 ? Math.ceil(Math.log2(norm)) : 0;
  if (early > 0)
    for (let i = 0; i < B.length; i++) B[i] = B[i] * 2 ** -Math.min(early, 1000) * 2 ** (Math.min(early, 1000) - early);

  const B2 = multiply(B, B, n, n, n);
  const B4 = multiply(B2, B2, n, n, n);
  const B6 = multiply(B4, B2, n, n, n);
  const d4 = oneNorm(B4, n, n) ** (1 / 4);
  const d6 = oneNorm(B6, n, n) ** (1 / 6);
  const d8 = productNorm(B4, B4, n) ** (1 / 8);
  const d10 = productNorm(B4, B6, n) ** (1 / 10);
  for (const { degree, theta } of degrees) {
    const size = degree <= 5 ? Math.max(d4, d6) : Math.max(d6, d8);
    if (size <= theta && extraScaling(B, n, degree) === 0) {
      const powers = [identity(n), B2, B4, B6];
      if (degree === 9) powers.push(multiply(B4, B4, n, n, n));
      return squared(padeLow(B, powers, n, degree), n, early);
    }
  }
  const size = Math.min(Math.max(d6, d8), Math.max(d8, d10));
  let s = size > theta13 ? Math.ceil(Math.log2(size / theta13)) : 0;
  const scaled = B.map((b) => b * 2 ** -s);
  s += extraScaling(scaled, n, 13);
  const f = 2 ** -s;
  const rescale = (M: Float64Array, factor: number) => M.map((x) => x * factor);
  const result = pade13(rescale(B, f), rescale(B2, f ** 2), rescale(B4, f ** 4), rescale(B6, f ** 6), n);
  return squared(result, n, s + early);
}

function productNorm(A: Float64Array, B: Float64Array, n: number): number {
  const held = new Float64Array(n);
  return estimateOneNorm(
    n,
    (x) => {
      matvec(B, x, n, n, held);
      matvec(A, held, n, n, x);
    },
    (x) => {
      matvecTransposed(A, x, n, n, held);
      matvecTransposed(B, held, n, n, x);
    },
  );
}

/** Squarings that the leading term of the backward error asks for beyond what the norms of powers do. */
function extraScaling(A: Float64Array, n: number, degree: number): number {
  const size = A.map(Math.abs);
  const norm = oneNorm(A, n, n);
  if (norm === 0) return 0;
  // ‖|A|^(2m+1)‖₁ exactly, as a power applied to the vector of ones; log of the coefficient 1 / (binom(2m, m) (2m+1)!).
  let x = new Float64Array(n).fill(1);
  let logPower = 0;
  let logCoefficient = 0;
  for (let k = 1; k <= 2 * degree + 1; k++) {
    x = matvecTransposed(size, x, n, n) as Float64Array<ArrayBuffer>;
    let large = 0;
    for (let i = 0; i < n; i++) large = Math.max(large, x[i]);
    if (large === 0) return 0;
    for (let i = 0; i < n; i++) x[i] /= large;
    logPower += Math.log2(large);
    logCoefficient -= Math.log2(k);
    if (k <= degree) logCoefficient += Math.log2(k) - Math.log2(degree + k);
  }
  const alpha = logCoefficient + logPower - Math.log2(norm);
  return Math.max(0, Math.ceil((alpha + 53) / (2 * degree)));
}

/** Coefficients of the numerator of the diagonal Padé approximant, from the constant one up; the first is 1. */
export function padeCoefficients(degree: number): number[] {
  const c = [1];
  for (let j = 1; j <= degree; j++) c.push((c[j - 1] * (degree - j + 1)) / ((2 * degree - j + 1) * j));
  return c;
}

/** `powers` are I, A², A⁴, … as far as the degree needs. */
function padeLow(A: Float64Array, powers: Float64Array[], n: number, degree: number): Float64Array {
  const c = padeCoefficients(degree);
  const even = new Float64Array(n * n);
  const odd = new Float64Array(n * n);
  for (let j = 0; 2 * j <= degree; j++) {
    const power = powers[j];
    for (let i = 0; i < power.length; i++) {
      even[i] += c[2 * j] * power[i];
      odd[i] += c[2 * j + 1] * power[i];
    }
  }
  return quotient(even, multiply(A, odd, n, n, n), n);
}

function pade13(A: Float64Array, A2: Float64Array, A4: Float64Array, A6: Float64Array, n: number): Float64Array {
  const c = padeCoefficients(13);
  const I = identity(n);
  const combine = (c0: number, c2: number, c4: number, c6: number) =>
    A2.map((a2, i) => c0 * I[i] + c2 * a2 + c4 * A4[i] + c6 * A6[i]);
  const plus = (X: Float64Array, Y: Float64Array) => X.map((x, i) => x + Y[i]);
  const odd = plus(multiply(A6, combine(0, c[9], c[11], c[13]), n, n, n), combine(c[1], c[3], c[5], c[7]));
  const even = plus(multiply(A6, combine(0, c[8], c[10], c[12]), n, n, n), combine(c[0], c[2], c[4], c[6]));
  return quotient(even, multiply(A, odd, n, n, n), n);
}

/** `(even - odd)⁻¹ (even + odd)`. */
function quotient(even: Float64Array, odd: Float64Array, n: number): Float64Array {
  const denominator = even.map((x, i) => x - odd[i]);
  const result = even.map((x, i) => x + odd[i]);
  const pivots = new Int32Array(n);
  luFactor(denominator, n, pivots);
  luSolve(denominator, n, pivots, result, n);
  return result;
}

function squared(X: Float64Array, n: number, times: number): Float64Array {
  let result = X;
  for (let k = 0; k < times; k++) result = multiply(result, result, n, n, n);
  return result;
}
