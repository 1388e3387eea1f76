/**
 * Linear dynamics of a population's principal components: a description, and the baseline of any fitted network.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { extent } from "./activity.ts";
import { type AffineMap, firstSamples, runFreely } from "./affineMap.ts";
import { differences, uncentredR2 } from "./differences.ts";
import { fitFreeRun } from "./freeRunFit.ts";
import { leastSquares } from "./leastSquares.ts";
import { dimensionsOf, type PcaOptions, type Projection, pca, project, reconstruct } from "./pca.ts";

export interface LinearDynamics {
  /** From units to components and back. */
  projection: Projection;
  /** `x_{t+1} = A x_t + offset` on the scores, row-major `[component, component]`. */
  A: NDArray<Float64Array>;
  offset: Float64Array;
  /** Fraction of the activity's variance that the components hold. */
  explained: number;
  /** `1 - Σ |Δx_t - (A - 1) x_t - offset|² / Σ |Δx_t|²` with `Δx_t = x_{t+1} - x_t`: about 0, not about the mean. */
  oneStepR2: number;
  /**
   * `1 - Σ |x_t - x̂_t|² / Σ |x_t - x̄|²` of the scores, x̂ run freely from each trial's first sample, which itself is
   * not counted; x̄ is the mean of the samples that are. One step ahead says little about this one.
   */
  freeRunR2: number;
  fit: "one-step" | "free-run";
  /** False where the fit of free runs ended at `maxIterations`. */
  converged: boolean;
  iterations: number;
}

export interface LinearDynamicsOptions extends PcaOptions {
  /** Principal components, default 10. */
  components?: number;
  /**
   * `"one-step"` (default): least squares of each sample on the one before. `"free-run"`: least squares of whole
   * trajectories run from their first sample, by Levenberg–Marquardt from the one-step fit.
   */
  fit?: "one-step" | "free-run";
  /** Whether there is an offset; default false, since the mean has been removed. */
  offset?: boolean;
  /** Of the fit of free runs, default 200. */
  maxIterations?: number;
  /** It has converged once a step lowers the error by less than this fraction; default 1e-9. */
  tolerance?: number;
}

/**
 * Fits `x_{t+1} = A x_t` to the principal components of activity. Take a window first (`selectTime`).
 *
 * Cost of an iteration of the free-run fit: trials × samples × components⁵ / 2.
 * @shape activity [trial, time, unit]
 * @throws NullclineError where there is one sample only, or components without variance
 */
export function fitLinearDynamics(activity: NDArray, options: LinearDynamicsOptions = {}): LinearDynamics {
  const { components: k = 10, fit = "one-step", offset: withOffset = false } = options;
  const { maxIterations = 200, tolerance = 1e-9 } = options;
  const { samples } = extent(activity);
  if (samples < 2)
    throw new NullclineError({ code: "samples", given: "activity at one time only", expected: "two or more" });
  const base = pca(activity, { ...options, components: k });
  const { scores, explained, components, scale, removed } = base;
  let dynamics = oneStep(scores, k, withOffset, dimensionsOf(base));
  let converged = true;
  let iterations = 0;
  if (fit === "free-run")
    ({ dynamics, converged, iterations } = fitFreeRun(scores, dynamics, { withOffset, maxIterations, tolerance }));

  const { A, offset } = dynamics;
  const { X, D, rows } = differences(scores, 1);
  const M = A.map((a, at) => a - (at % (k + 1) === 0 ? 1 : 0));
  return {
    projection: { components, scale, removed },
    A: { data: A, shape: [k, k] },
    offset,
    explained: explained.subarray(0, k).reduce((sum, e) => sum + e, 0),
    oneStepR2: oneStepR2(X, D, M, offset, rows, k),
    freeRunR2: freeRunR2(scores, runFreely(dynamics, firstSamples(scores), samples)),
    fit,
    converged,
    iterations,
  };
}

/**
 * The activity `[trial, time, unit]` that the fitted dynamics make of a first sample. Sample 0 is the given one, as far
 * as the components hold it.
 * @shape initial [trial, unit], activity at the first sample
 * @param samples length of the run; the fit's own where the condition-independent mean was removed
 */
export function freeRun(dynamics: LinearDynamics, initial: NDArray, samples: number): NDArray<Float64Array> {
  const { projection, A, offset } = dynamics;
  const [trials, units] = initial.shape;
  if (initial.shape.length !== 2)
    throw new NullclineError({
      code: "shape",
      given: `first samples of shape [${initial.shape.join(", ")}]`,
      expected: "[trial, unit]",
    });
  const { removed } = projection;
  // A mean that depends on time is removed from the first sample as it was there.
  const atStart =
    removed.shape.length === 1 ? removed : { data: removed.data.slice(0, units), shape: [1, removed.shape[1]] };
  const start = project({ ...projection, removed: atStart }, { data: initial.data, shape: [trials, 1, units] });
  return reconstruct(projection, runFreely({ A: A.data, offset }, start, samples));
}

function oneStep(scores: NDArray<Float64Array>, k: number, withOffset: boolean, dimensions: number): AffineMap {
  const { X, D, rows } = differences(scores, 1);
  const columns = k + (withOffset ? 1 : 0);
  const design = new Float64Array(rows * columns).fill(1);
  for (let row = 0; row < rows; row++) design.set(X.subarray(row * k, (row + 1) * k), row * columns);
  const { coefficients, dependent } = leastSquares(design, D, rows, columns, k);
  const most = Math.min(dimensions, dependent >= 0 ? dependent - (withOffset ? 1 : 0) : k);
  if (most < k)
    throw new NullclineError({
      code: "components",
      given: `${k} components of activity that has ${dimensions} dimensions, in ${rows} steps`,
      remedy: `ask for ${most} at most`,
    });
  const A = new Float64Array(k * k);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) A[i * k + j] = coefficients[j * k + i] + (i === j ? 1 : 0);
  return { A, offset: withOffset ? coefficients.slice(k * k) : new Float64Array(k) };
}

function oneStepR2(
  X: Float64Array,
  D: Float64Array,
  M: Float64Array,
  offset: Float64Array,
  rows: number,
  k: number,
): number {
  const total = D.reduce((sum, d) => sum + d * d, 0);
  const rest = D.map((d, at) => d - offset[at % k]);
  const restTotal = rest.reduce((sum, d) => sum + d * d, 0);
  // Residuals are those of D - offset on X alone.
  return 1 - ((1 - uncentredR2(X, rest, M, rows, k)) * restTotal) / total;
}

function freeRunR2(scores: NDArray<Float64Array>, run: NDArray<Float64Array>): number {
  const { trials, samples, units: k } = extent(scores, "scores");
  const counted = (i: number) => Math.floor(i / k) % samples > 0;
  const mean = new Float64Array(k);
  scores.data.forEach((x, i) => {
    if (counted(i)) mean[i % k] += x / (trials * (samples - 1));
  });
  let [residual, total] = [0, 0];
  scores.data.forEach((x, i) => {
    if (!counted(i)) return;
    residual += (x - run.data[i]) ** 2;
    total += (x - mean[i % k]) ** 2;
  });
  return 1 - residual / total;
}
