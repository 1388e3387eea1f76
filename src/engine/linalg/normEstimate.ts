/** Estimating the norm of a matrix that is known only by its products. */

/**
 * Lower bound of ‖M‖₁ from a few products, in place, with M and M' of order n: almost always within a factor of 3.
 * Higham, ACM Trans. Math. Softw. 14:381 (1988).
 */
export function estimateOneNorm(
  n: number,
  apply: (x: Float64Array) => void,
  applyTransposed: (x: Float64Array) => void,
): number {
  const x = new Float64Array(n).fill(1 / n);
  const signs = new Float64Array(n);
  let estimate = 0;
  let last = -1;
  for (let step = 0; step < 5; step++) {
    apply(x);
    let sum = 0;
    let changed = false;
    for (let i = 0; i < n; i++) {
      sum += Math.abs(x[i]);
      const sign = x[i] < 0 ? -1 : 1;
      if (sign !== signs[i]) changed = true;
      signs[i] = sign;
    }
    if (!(sum < Number.POSITIVE_INFINITY)) return sum;
    if (step > 0 && (!changed || sum <= estimate)) {
      estimate = Math.max(estimate, sum);
      break;
    }
    estimate = sum;
    x.set(signs);
    applyTransposed(x);
    let best = 0;
    for (let i = 1; i < n; i++) if (Math.abs(x[i]) > Math.abs(x[best])) best = i;
    if (best === last) break;
    last = best;
    x.fill(0);
    x[best] = 1;
  }
  // A vector of alternating signs and growing size guards against matrices that the iteration does not see.
  for (let i = 0; i < n; i++) x[i] = (i % 2 ? -1 : 1) * (1 + i / Math.max(1, n - 1));
  apply(x);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.abs(x[i]);
  return Math.max(estimate, (2 * sum) / (3 * n));
}
