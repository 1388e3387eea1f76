/**
 * jPCA: how much of a population's motion is rotation.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { multiply, multiplyABt, multiplyAtB } from "../engine/linalg/matrix.ts";
import { svd } from "../engine/linalg/svd.ts";
import { extent } from "./activity.ts";
import { differences, uncentredR2 } from "./differences.ts";
import { leastSquares } from "./leastSquares.ts";
import { dimensionsOf, type Pca, pca } from "./pca.ts";

export interface RotationPlane {
  /** Rotations per second, ≥ 0. */
  frequency: number;
  /**
   * Orthonormal rows, `[2, component]`. The motion is from the first towards the second; the first is the direction in
   * which the conditions' first samples differ most.
   */
  basis: NDArray<Float64Array>;
  /** Scores projected on the plane, `[condition, time, 2]`. */
  projections: NDArray<Float64Array>;
  /** Fraction of the activity's variance (after the removal) in the plane. */
  explained: number;
}

export interface Jpca {
  /** The principal components that the rest is relative to. */
  pca: Pca;
  /** Least-squares M of `Ẋ = X M'`, row-major `[component, component]`, per ms: `ẋ = M x`. */
  M: NDArray<Float64Array>;
  /** The same among skew-symmetric matrices, `M = -M'`: pure rotation. */
  skew: NDArray<Float64Array>;
  /** `1 - |Ẋ - X M'|² / |Ẋ|²`, about 0 and not about the mean, of both. */
  r2: number;
  r2Skew: number;
  /** `r2Skew / r2`. */
  ratio: number;
  /** Planes in which the skew-symmetric M rotates, the fastest first: half as many as components, as a rule. */
  planes: RotationPlane[];
}

export interface JpcaOptions {
  /** Time between samples in ms. */
  dt: number;
  /** Principal components kept, default 6. */
  components?: number;
  /** As for `pca`; default `"condition-independent"`. */
  remove?: "mean" | "condition-independent" | "none";
  /** As for `pca`; default no. The original analysis of spike rates divides by the range plus 5 spikes/s. */
  softNormalise?: number;
}

/**
 * jPCA of the samples given: take the window first (`selectTime`). The mean across conditions is removed at each time,
 * principal components are found in what is left, and `ẋ_t = (x_{t+1} - x_t) / dt` is regressed on `x_t`.
 * @shape activity [condition, time, unit]
 * @throws NullclineError where there are fewer than two conditions or samples, or fewer dimensions than components
 * @source Churchland et al. 2012, Nature 487, 51–56
 */
export function jpca(activity: NDArray, options: JpcaOptions): Jpca {
  const { trials, samples } = extent(activity);
  const { dt, components: k = 6, remove = "condition-independent", softNormalise } = options;
  if (samples < 2 || (trials < 2 && remove === "condition-independent"))
    throw new NullclineError({
      code: "samples",
      given: `${trials} conditions at ${samples} times`,
      expected: "two or more of both: the mean across conditions is removed, and differences in time are taken",
    });
  const base = pca(activity, { components: k, remove, softNormalise });
  const { X, D, rows } = differences(base.scores, dt);
  const { coefficients, dependent } = leastSquares(X, D, rows, k, k);
  const dimensions = Math.min(dimensionsOf(base), dependent >= 0 ? dependent : k);
  if (dimensions < k)
    throw new NullclineError({
      code: "components",
      given: `${k} components of activity that has ${dimensions} dimensions`,
      remedy: `ask for ${dimensions} at most`,
    });
  const M = zeros(k, k);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) M.data[i * k + j] = coefficients[j * k + i];
  const skew: NDArray<Float64Array> = { data: skewLeastSquares(X, D, rows, k), shape: [k, k] };
  const r2 = uncentredR2(X, D, M.data, rows, k);
  const r2Skew = uncentredR2(X, D, skew.data, rows, k);
  return { pca: base, M, skew, r2, r2Skew, ratio: r2Skew / r2, planes: planesOf(skew.data, base) };
}

/**
 * The skew-symmetric M that minimises `|D - X M'|²`. With `S = X'X` and `C = D'X` the minimum satisfies
 * `M S + S M = C - C'`; in the eigenbasis V of S, eigenvalues s, that is `(V'MV)_ij = (V'(C - C')V)_ij / (s_i + s_j)`.
 */
function skewLeastSquares(X: Float64Array, D: Float64Array, rows: number, k: number): Float64Array {
  const { s, Vt } = svd(X, rows, k);
  const C = multiplyAtB(D, X, k, rows, k);
  const antisymmetric = C.map((c, at) => c - C[(at % k) * k + Math.floor(at / k)]);
  const rotated = multiplyABt(multiply(Vt, antisymmetric, k, k, k), Vt, k, k, k);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) rotated[i * k + j] /= s[i] ** 2 + s[j] ** 2;
  const M = multiply(multiplyAtB(Vt, rotated, k, k, k), Vt, k, k, k);
  // Exactly skew, not only to rounding.
  return M.map((m, at) => (m - M[(at % k) * k + Math.floor(at / k)]) / 2);
}

/**
 * The invariant planes of a skew-symmetric M. For its leading singular value ω and right singular vector v, v and
 * `M v / ω` span a plane in which M rotates at ω; what it does there is subtracted, and so on. Unlike eigenvectors,
 * planes found so are orthogonal where several rotate at one speed, too.
 */
function planesOf(skew: Float64Array, base: Pca): RotationPlane[] {
  const k = base.components.shape[0];
  const { scores, explained } = base;
  const rows = scores.data.length / k;
  const total = scores.data.reduce((sum, x) => sum + x * x, 0);
  const share = explained.subarray(0, k).reduce((sum, e) => sum + e, 0) / total;
  const rest = skew.slice();
  const planes: RotationPlane[] = [];
  let fastest = 0;
  for (let plane = 0; plane < Math.floor(k / 2); plane++) {
    const { s, Vt } = svd(rest, k, k);
    const omega = s[0];
    // What is left is rounding: nothing more rotates.
    if (!(omega > 1e-12 * fastest)) break;
    if (planes.length === 0) fastest = omega;
    const v = Vt.slice(0, k);
    const u = multiply(rest, v, k, k, 1).map((x) => x / omega);
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) rest[i * k + j] -= omega * (u[i] * v[j] - v[i] * u[j]);
    const basis: NDArray<Float64Array> = { data: orient(v, u, scores), shape: [2, k] };
    const data = multiplyABt(scores.data, basis.data, rows, k, 2);
    planes.push({
      // Radians per ms.
      frequency: (1000 * omega) / (2 * Math.PI),
      basis,
      projections: { data, shape: [scores.shape[0], scores.shape[1], 2] },
      explained: share * data.reduce((sum, x) => sum + x * x, 0),
    });
  }
  return planes;
}

/** Turns the plane's basis (v, u), without reflecting it, so that the first samples spread most along its first row. */
function orient(v: Float64Array, u: Float64Array, scores: NDArray<Float64Array>): Float64Array {
  const k = v.length;
  const [trials, samples] = scores.shape;
  const first = new Float64Array(trials * k);
  for (let trial = 0; trial < trials; trial++)
    first.set(scores.data.subarray(trial * samples * k, trial * samples * k + k), trial * k);
  const points = multiplyABt(first, Float64Array.of(...v, ...u), trials, k, 2);
  const mean = [0, 1].map((axis) => points.reduce((sum, x, i) => (i % 2 === axis ? sum + x : sum), 0) / trials);
  let [xx, xy, yy] = [0, 0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const x = points[2 * trial] - mean[0];
    const y = points[2 * trial + 1] - mean[1];
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.of(...v.map((_, i) => c * v[i] + s * u[i]), ...u.map((_, i) => c * u[i] - s * v[i]));
}
