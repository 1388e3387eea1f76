/** The modes of a system near a state: eigenvalues, eigenvectors, growth rates, time constants, stability. */
import { type Complex, eigen } from "../engine/linalg/eigen.ts";
import { norm2 } from "../engine/linalg/matrix.ts";

/**
 * Modes of a Jacobian J `[D, D]`, mode k of growth rate `rates[k]`: the fastest growing first, then the slowest to decay.
 */
export interface Linearisation {
  /** Complex pairs stay together, positive imaginary part first. */
  eigenvalues: Complex;
  /** `J r_k = λ_k r_k`, columns of `[D, D]`: entry i of r_k is `re[i * D + k]`. ‖r_k‖ = 1. */
  right: Complex;
  /** `l_k' J = λ_k l_k'`, columns of `[D, D]`, with `l_k' r_k = 1` (l' is the conjugate transpose). */
  left: Complex;
  /** Per unit of time: Re λ of a flow, ln|λ| / dt of a map. */
  rates: Float64Array;
  /** `-1 / rate`: negative for a mode that grows. */
  timeConstants: Float64Array;
  /** Cycles per unit of time: Im λ / 2π of a flow, arg λ / 2π dt of a map. */
  frequencies: Float64Array;
  /** The other mode of a complex pair, or -1. */
  partner: Int32Array;
  /** Whether every mode decays. */
  stable: boolean;
  /** Number of modes that grow: Re λ > 0 (flow), |λ| > 1 (map). */
  indexUnstable: number;
  /** Number of real eigenvalues λ > 0 (flow), λ > 1 (map); its parity is the sign of det(-J), det(I - J). */
  realUnstable: number;
  /** Largest relative residual of the eigenpairs, about 2⁻⁵² D when all is well; NaN where they were not found. */
  eigenResidual: number;
}

/**
 * Eigen-decomposition of a Jacobian and what it says about the system.
 * @shape jacobian [D, D] row-major
 * @param options.dt time step of a map; default 1, times are then counted in steps
 */
export function linearise(
  jacobian: Float64Array,
  dimension: number,
  kind: "flow" | "map",
  options: { dt?: number } = {},
): Linearisation {
  const { dt = 1 } = options;
  const { values, right, left, residual } = eigen(jacobian, dimension, { sort: kind === "flow" ? "real" : "modulus" });
  const { re, im } = values;
  const flow = kind === "flow";
  const rates = flow ? re.slice() : re.map((a, k) => Math.log(Math.hypot(a, im[k])) / dt);
  const partner = new Int32Array(dimension).fill(-1);
  for (let k = 0; k + 1 < dimension; k++)
    if (im[k] !== 0) {
      partner[k] = k + 1;
      partner[++k] = k - 1;
    }
  const indexUnstable = rates.filter((rate) => rate > 0).length;
  return {
    eigenvalues: values,
    right,
    left,
    rates,
    timeConstants: rates.map((rate) => -1 / rate),
    frequencies: im.map((b, k) => (flow ? b : Math.atan2(b, re[k]) / dt) / (2 * Math.PI)),
    partner,
    stable: rates.every((rate) => rate < 0),
    indexUnstable,
    realUnstable: re.filter((a, k) => im[k] === 0 && a > (flow ? 0 : 1)).length,
    eigenResidual: Math.max(...residual),
  };
}

/** Column k of a row-major `[D, D]` matrix. */
export function column(matrix: Float64Array, dimension: number, k: number): Float64Array {
  return Float64Array.from({ length: dimension }, (_, i) => matrix[i * dimension + k]);
}

/**
 * |cos| of the angle between a direction and each mode: with the right eigenvector of a real mode, with the plane of
 * its real and imaginary parts of a complex one. `[D]`.
 */
export function alignments(modes: Linearisation, dimension: number, direction: Float64Array): Float64Array {
  const D = dimension;
  const { re, im } = modes.right;
  const size = norm2(direction);
  return Float64Array.from({ length: D }, (_, k) => {
    let [aa, ab, bb, at, bt] = [0, 0, 0, 0, 0];
    for (let i = 0, p = k; i < D; i++, p += D) {
      const t = direction[i] / size;
      aa += re[p] * re[p];
      ab += re[p] * im[p];
      bb += im[p] * im[p];
      at += re[p] * t;
      bt += im[p] * t;
    }
    if (bb === 0) return Math.min(1, Math.abs(at) / Math.sqrt(aa));
    // Length of the projection: the Gram matrix of the two parts, inverted.
    const determinant = aa * bb - ab * ab;
    if (!(determinant > 1e-24 * aa * bb)) return Math.min(1, Math.abs(at) / Math.sqrt(aa));
    return Math.min(1, Math.sqrt(Math.max(0, (bb * at * at - 2 * ab * at * bt + aa * bt * bt) / determinant)));
  });
}
