/** Gradients by parameter name, changed in place. */
export type Gradients = Record<string, Float32Array | Float64Array>;

export interface Clipped {
  /** Euclidean norm over all parameters together, before clipping. Not finite where a gradient is not. */
  norm: number;
  /** What every gradient was multiplied by: 1 where nothing was clipped. */
  scale: number;
  /** The first parameter whose gradient holds NaN or infinity; nothing is then scaled. */
  nonFinite?: string;
}

/**
 * Scales all gradients together so that their common norm is at most `limit`: `g ← g min(1, limit / ‖g‖)`, in place.
 * `limit` Infinity only measures.
 * @source Pascanu, Mikolov & Bengio 2013, algorithm 1
 */
export function clipByGlobalNorm(gradients: Gradients, limit: number): Clipped {
  let squares = 0;
  for (const [name, gradient] of Object.entries(gradients)) {
    const own = squaredNorm(gradient);
    // A square may overflow where the number does not: look at the numbers before accusing them.
    if (!Number.isFinite(own) && gradient.some((g) => !Number.isFinite(g)))
      return { norm: own, scale: 1, nonFinite: name };
    squares += own;
  }
  const norm = Number.isFinite(squares) ? Math.sqrt(squares) : hypotenuse(gradients);
  const scale = norm > limit ? limit / norm : 1;
  if (scale !== 1) for (const gradient of Object.values(gradients)) multiply(gradient, scale);
  return { norm, scale };
}

/** Euclidean norm of one gradient. */
export function norm(gradient: Float32Array | Float64Array): number {
  return Math.sqrt(squaredNorm(gradient));
}

function squaredNorm(gradient: Float32Array | Float64Array): number {
  let sum = 0;
  for (let k = 0; k < gradient.length; k++) sum += gradient[k]! * gradient[k]!;
  return sum;
}

function multiply(gradient: Float32Array | Float64Array, scale: number): void {
  for (let k = 0; k < gradient.length; k++) gradient[k]! *= scale;
}

/** The common norm by way of the largest entry, for entries beyond 1e154. */
function hypotenuse(gradients: Gradients): number {
  let largest = 0;
  for (const gradient of Object.values(gradients)) for (const g of gradient) largest = Math.max(largest, Math.abs(g));
  let sum = 0;
  for (const gradient of Object.values(gradients)) for (const g of gradient) sum += (g / largest) ** 2;
  return largest * Math.sqrt(sum);
}
