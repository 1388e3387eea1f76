/**
 * The standard normal distribution.
 */

/** `φ(x) = exp(-x²/2) / √(2π)`. */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * `Φ(x)`, the probability of a number below `x`, to a relative error of about 1e-14 in either tail.
 *
 * Series `Φ = 1/2 + φ(x) (x + x³/3 + x⁵/15 + …)` near zero, Laplace's continued fraction of Mills' ratio,
 * `1 - Φ = φ / (x + 1/(x + 2/(x + 3/(x + …))))`, beyond.
 * @source Abramowitz & Stegun, Handbook of Mathematical Functions, 26.2.11 and 26.2.14
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  return x < 0 ? upperTail(-x) : 1 - upperTail(x);
}

/** `1 - Φ(z)` for z ≥ 0. */
function upperTail(z: number): number {
  if (z > 39) return 0;
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let k = 3; term > 1e-17 * sum; k += 2) sum += term *= (z * z) / k;
    return 0.5 - normalDensity(z) * sum;
  }
  // Backward from a depth at which the fraction has converged for every z ≥ 2.
  let fraction = z;
  for (let k = 160; k >= 1; k--) fraction = z + k / fraction;
  return normalDensity(z) / fraction;
}
