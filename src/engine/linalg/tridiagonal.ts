/** The largest eigenvalue of a small symmetric tridiagonal matrix, as a Lanczos iteration asks for it at each step. */
import { tiny } from "./checks.ts";

/**
 * The largest eigenvalue, at most `bound`, of the matrix of diagonal `alpha` `[k]` and off-diagonal `beta` (its first
 * k - 1 entries). Laguerre's iteration from above, monotone for a polynomial with real roots only; p'/p and its
 * derivative from the pivots of the triangular factorisation.
 */
export function largestEigenvalue(alpha: Float64Array, beta: Float64Array, bound: number): number {
  if (!(bound > 0)) return bound;
  const k = alpha.length;
  let x = 1; // in units of the bound
  for (let iteration = 0; iteration < 40; iteration++) {
    let pivot = 1;
    let slope = 0;
    let curve = 0;
    let s1 = 0; // Σ 1 / (x - λ)
    let s2 = 0; // Σ 1 / (x - λ)²
    for (let i = 0; i < k; i++) {
      const b = i > 0 ? beta[i - 1]! / bound : 0;
      const ratio = (b / pivot) * b;
      const before = slope / pivot;
      curve = ratio * (curve / pivot - 2 * before * before);
      slope = 1 + ratio * before;
      pivot = x - alpha[i]! / bound - ratio;
      if (!(pivot > 0)) return x * bound; // at the root, to rounding
      const share = slope / pivot;
      s1 += share;
      s2 += share * share - curve / pivot;
    }
    const step = k / (s1 + Math.sqrt(Math.max(0, (k - 1) * (k * s2 - s1 * s1))));
    x -= step;
    if (!(step > 1e-15 * x)) break;
  }
  return x * bound;
}

/**
 * Absolute value of the last entry of the unit eigenvector of the same matrix to its eigenvalue `theta`: factored from
 * both ends, the two parts of the vector joined where the residual is least (Parlett and Dhillon, Linear Algebra Appl.
 * 267:247, 1997). `scratch` needs 2 k entries.
 */
export function lastEntry(alpha: Float64Array, beta: Float64Array, theta: number, scratch: Float64Array): number {
  const k = alpha.length;
  const down = scratch.subarray(0, k);
  const up = scratch.subarray(k, 2 * k);
  const whole = (pivot: number): number => (Math.abs(pivot) > tiny ? pivot : tiny);
  for (let i = 0; i < k; i++)
    down[i] = whole(alpha[i]! - theta - (i > 0 ? beta[i - 1]! * (beta[i - 1]! / down[i - 1]!) : 0));
  for (let i = k - 1; i >= 0; i--)
    up[i] = whole(alpha[i]! - theta - (i < k - 1 ? beta[i]! * (beta[i]! / up[i + 1]!) : 0));
  let join = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < k; i++) {
    const gap = Math.abs(down[i]! + up[i]! - (alpha[i]! - theta));
    if (gap < least) {
      least = gap;
      join = i;
    }
  }
  let squares = 1;
  let entry = 1;
  for (let i = join - 1; i >= 0; i--) {
    entry *= -beta[i]! / down[i]!;
    squares += entry * entry;
  }
  entry = 1;
  for (let i = join + 1; i < k; i++) {
    entry *= -beta[i - 1]! / up[i]!;
    squares += entry * entry;
  }
  return Math.abs(entry) / Math.sqrt(squares);
}
