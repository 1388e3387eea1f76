/**
 * Principal components of activity.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { multiply, multiplyABt } from "../engine/linalg/matrix.ts";
import { svd } from "../engine/linalg/svd.ts";
import { extent } from "./activity.ts";
import { conditionIndependentMean } from "./conditionAverage.ts";
import { softRange } from "./standardise.ts";

/** A linear map from units to components and back: `scores = ((x / scale) - removed) components'`. */
export interface Projection {
  /** Orthonormal rows, `[component, unit]`; the entry of greatest size of each is positive. */
  components: NDArray<Float64Array>;
  /** What each unit was divided by first, `[unit]`. */
  scale: Float64Array;
  /** What was then subtracted: `[unit]`, or `[time, unit]` where the condition-independent mean was removed. */
  removed: NDArray<Float64Array>;
}

export interface Pca extends Projection {
  /** `[trial, time, component]`. */
  scores: NDArray<Float64Array>;
  /**
   * Variance along each principal component, of all that there are and not only those kept, descending: mean square
   * over trials and times of what is left after the removal.
   */
  variance: Float64Array;
  /** The same as fractions of the total. */
  explained: Float64Array;
}

export interface PcaOptions {
  /** Number of components kept; default all there are. */
  components?: number;
  /**
   * What is subtracted before: `"mean"` (default) the mean of each unit over trials and times,
   * `"condition-independent"` the mean over trials at each time, `"none"` nothing.
   */
  remove?: "mean" | "condition-independent" | "none";
  /** Divides each unit by its range plus this constant (in the unit of the activity) first; default no. */
  softNormalise?: number;
}

/**
 * PCA with a row for each trial and time, by QR and singular value decomposition: the covariance, whose small
 * eigenvalues would be lost to rounding, is never formed.
 * @shape activity [trial, time, unit]
 * @throws NullclineError where more components are asked for than there are units or rows, or entries are not finite
 */
export function pca(activity: NDArray, options: PcaOptions = {}): Pca {
  const { trials, samples, units } = extent(activity);
  const { remove = "mean", softNormalise } = options;
  const rows = trials * samples;
  const available = Math.min(rows, units);
  const k = options.components ?? available;
  if (!Number.isInteger(k) || k < 1 || k > available)
    throw new NullclineError({
      code: "components",
      given: `${k} components`,
      expected: `a whole number from 1 to ${available}, the smaller of ${units} units and ${rows} rows`,
    });

  const scale = softNormalise === undefined ? new Float64Array(units).fill(1) : softRange(activity, softNormalise);
  const scaled = { data: Float64Array.from(activity.data, (x, i) => x / scale[i % units]), shape: activity.shape };
  const removed = whatToRemove(scaled, remove);
  const centred = scaled.data.map((x, i) => x - removed.data[i % removed.data.length]);

  // [rows, units] = U diag(σ) V'
  const { s, Vt, status } = svd(centred, rows, units);
  if (status === "not finite")
    throw new NullclineError({
      code: "finite",
      given: "activity with entries that are NaN or infinite",
      expected: "numbers throughout",
      remedy: "leave out the trials or units that have them",
    });
  const components = zeros(k, units);
  for (let c = 0; c < k; c++) {
    const row = Vt.subarray(c * units, (c + 1) * units);
    const sign = row[indexOfLargest(row)] < 0 ? -1 : 1;
    for (let unit = 0; unit < units; unit++) components.data[c * units + unit] = sign * row[unit];
  }
  const variance = s.map((sigma) => sigma ** 2 / rows);
  const total = variance.reduce((sum, v) => sum + v, 0);
  return {
    components,
    scale,
    removed,
    scores: { data: multiplyABt(centred, components.data, rows, units, k), shape: [trials, samples, k] },
    variance,
    explained: variance.map((v) => v / total),
  };
}

/**
 * Scores `[trial, time, component]` of other activity of the same units.
 * @shape activity [trial, time, unit]; as many times as the PCA had where the condition-independent mean was removed
 */
export function project(projection: Projection, activity: NDArray): NDArray<Float64Array> {
  const { trials, samples, units } = extent(activity);
  const { components, scale, removed } = projection;
  const k = components.shape[0];
  expectFit(projection, units, samples);
  const centred = Float64Array.from(
    activity.data,
    (x, i) => x / scale[i % units] - removed.data[i % removed.data.length],
  );
  return { data: multiplyABt(centred, components.data, trials * samples, units, k), shape: [trials, samples, k] };
}

/**
 * The activity `[trial, time, unit]` that scores stand for; what the components left out is missing.
 * @shape scores [trial, time, component]
 */
export function reconstruct(projection: Projection, scores: NDArray<Float64Array>): NDArray<Float64Array> {
  const { trials, samples, units: k } = extent(scores, "scores");
  const { components, scale, removed } = projection;
  const units = components.shape[1];
  expectFit(projection, units, samples);
  const data = multiply(scores.data, components.data, trials * samples, k, units);
  for (let i = 0; i < data.length; i++) data[i] = (data[i] + removed.data[i % removed.data.length]) * scale[i % units];
  return { data, shape: [trials, samples, units] };
}

/** Number of principal components whose variance is more than rounding (1e-12 of the greatest standard deviation). */
export function dimensionsOf({ variance }: Pca): number {
  return variance.reduce((count, v) => (v > 1e-24 * variance[0] ? count + 1 : count), 0);
}

/**
 * Effective number of dimensions of a spectrum of variances: `(Σ λ)² / Σ λ²`. n equal ones give n, a single one 1.
 * @source Gao & Ganguli 2015, Curr. Opin. Neurobiol. 32
 */
export function participationRatio(variances: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < variances.length; i++) {
    sum += variances[i];
    squares += variances[i] ** 2;
  }
  return sum ** 2 / squares;
}

function whatToRemove(activity: NDArray<Float64Array>, remove: PcaOptions["remove"]): NDArray<Float64Array> {
  const { data, shape } = activity;
  const units = shape[2];
  if (remove === "condition-independent") return conditionIndependentMean(activity);
  const mean = zeros(units);
  if (remove === "mean") for (let i = 0; i < data.length; i++) mean.data[i % units] += data[i] / (data.length / units);
  return mean;
}

function expectFit({ components, removed }: Projection, units: number, samples: number): void {
  const times = removed.shape.length === 2 ? removed.shape[0] : samples;
  if (components.shape[1] !== units || times !== samples)
    throw new NullclineError({
      code: "shape",
      given: `activity of ${units} units at ${samples} times`,
      expected: `${components.shape[1]} units at ${times} times, as the components were found with`,
    });
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  return best;
}
