/**
 * How much of an activity another one explains.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { quantile } from "../base/quantile.ts";
import { residuals } from "../base/residuals.ts";
import { extent } from "./activity.ts";

export interface R2 {
  /**
   * `1 - Σ (y - ŷ)² / Σ (y - ȳ_unit)²`, sums over trials, times and units, ȳ_unit the mean of that unit: the
   * variance-weighted mean of the units' own R². A constant guess per unit scores 0.
   */
  pooled: number;
  /**
   * The same relative to the mean of all entries. Higher, since knowing each unit's mean already scores: state
   * which of the two is meant.
   */
  pooledGrandMean: number;
  /** `1 - Σ (y - ŷ)² / Σ (y - ȳ)²` of each unit, `[unit]`; NaN where the unit is constant. */
  perUnit: Float64Array;
  /** Median and mean of `perUnit` over the units that vary. The mean is at the mercy of single units. */
  median: number;
  mean: number;
  /** Number of units that do not vary, left out of `median` and `mean`. */
  constantUnits: number;
}

/**
 * Coefficients of determination of an estimate of activity. No regression in between: the estimate is taken as it is.
 * @shape truth, estimate [trial, time, unit]
 * @throws NullclineError where the shapes differ
 */
export function r2(truth: NDArray, estimate: NDArray): R2 {
  const { trials, samples, units } = extent(truth, "the true activity");
  if (estimate.shape.join() !== truth.shape.join())
    throw new NullclineError({
      code: "shape",
      given: `an estimate of shape [${estimate.shape.join(", ")}]`,
      expected: `[${truth.shape.join(", ")}], as the truth`,
    });
  const { mean, residual, variance, r2: perUnit } = residuals(truth.data, estimate.data, units);
  const rows = trials * samples;
  const grandMean = sum(mean) / units;
  // Between the units' means, beside what varies about each.
  const totalGrand = sum(variance) + rows * mean.reduce((s, m) => s + (m - grandMean) ** 2, 0);
  const varying = perUnit.filter((value) => !Number.isNaN(value));
  const allResidual = sum(residual);
  return {
    pooled: 1 - allResidual / sum(variance),
    pooledGrandMean: 1 - allResidual / totalGrand,
    perUnit,
    median: quantile(varying, 0.5),
    mean: sum(varying) / varying.length,
    constantUnits: units - varying.length,
  };
}

function sum(values: Float64Array): number {
  return values.reduce((s, v) => s + v, 0);
}
