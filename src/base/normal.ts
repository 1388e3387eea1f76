/**
 * `Φ(x)`: the probability that a standard normal number is below `x`, to about 1e-15 absolute; the lower tail to about
 * 1e-13 relative.
 *
 * Series `Φ = 1/2 + φ(x) (x + x³/3 + x⁵/15 + …)` near zero, Laplace's continued fraction for Mills' ratio beyond.
 * @source Abramowitz & Stegun, Handbook of Mathematical Functions, 26.2.11 and 26.2.14
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  const z = Math.abs(x);
  if (z > 39) return x < 0 ? 0 : 1;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let k = 3; term > 1e-17 * sum; k += 2) sum += term *= (z * z) / k;
    return 0.5 + Math.sign(x) * density * sum;
  }
  let fraction = z;
  for (let k = 60; k >= 1; k--) fraction = z + k / fraction;
  const tail = density / fraction;
  return x < 0 ? tail : 1 - tail;
}
