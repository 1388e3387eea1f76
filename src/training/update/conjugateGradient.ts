/** Conjugate gradients on arrays. */

export interface ConjugateGradientOptions {
  /** Most products. Default: the number of unknowns. */
  iterations?: number;
  /** Ends once `‖b - A x‖ ≤ tolerance ‖b‖`. Default 1e-10. */
  tolerance?: number;
  /** Ends once the quadratic falls by less than this, relative, per step over the last tenth of the steps (at least 10). Default 0: never. */
  progress?: number;
  start?: Float64Array;
}

export interface ConjugateGradientResult {
  x: Float64Array;
  /** Products with A. */
  iterations: number;
  /** `x' A x / 2 - b' x`. */
  value: number;
  /** `‖b - A x‖ / ‖b‖`, as the recursion has it. */
  residual: number;
  status: "converged" | "stalled" | "iterations" | "not positive";
}

/**
 * Solves `A x = b` for a symmetric positive definite A that is given by its products. In exact arithmetic it ends after at
 * most as many products as A has different eigenvalues.
 * @source Hestenes & Stiefel 1952; the criterion of progress: Martens 2010, section 4.4
 */
export async function conjugateGradient(
  product: (v: Float64Array) => Promise<Float64Array> | Float64Array,
  b: Float64Array,
  options: ConjugateGradientOptions = {},
): Promise<ConjugateGradientResult> {
  const n = b.length;
  const { iterations = n, tolerance = 1e-10, progress = 0, start } = options;
  const x = start ? start.slice() : new Float64Array(n);
  const r = b.slice();
  let count = 0;
  if (start) {
    const first = await product(x);
    count++;
    for (let i = 0; i < n; i++) r[i]! -= first[i]!;
  }
  const p = r.slice();
  const target = tolerance * Math.sqrt(dot(b, b));
  let square = dot(r, r);
  // A x = b - r
  const value = (): number => -0.5 * (dot(x, b) + dot(x, r));
  const values = [value()];
  let status: ConjugateGradientResult["status"] = "iterations";
  while (true) {
    if (Math.sqrt(square) <= target) {
      status = "converged";
      break;
    }
    if (count >= iterations) break;
    const Ap = await product(p);
    count++;
    const curvature = dot(p, Ap);
    if (!(curvature > 0)) {
      status = "not positive";
      break;
    }
    const step = square / curvature;
    for (let i = 0; i < n; i++) {
      x[i]! += step * p[i]!;
      r[i]! -= step * Ap[i]!;
    }
    const next = dot(r, r);
    for (let i = 0; i < n; i++) p[i] = r[i]! + (next / square) * p[i]!;
    square = next;
    values.push(value());
    const back = Math.max(10, Math.ceil(0.1 * values.length));
    const [now, before] = [values[values.length - 1]!, values[values.length - 1 - back]];
    if (progress > 0 && before !== undefined && now < 0 && (now - before) / now < back * progress) {
      status = "stalled";
      break;
    }
  }
  const norm = Math.sqrt(dot(b, b));
  return { x, iterations: count, value: value(), residual: norm > 0 ? Math.sqrt(square) / norm : 0, status };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
