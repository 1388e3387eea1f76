/** Sums behind a coefficient of determination. */

export interface Residuals {
  /** Mean of each unit's true values. */
  mean: Float64Array;
  /** `Σ (y - ŷ)²` of each unit. */
  residual: Float64Array;
  /** `Σ (y - ȳ_unit)²` of each unit. */
  variance: Float64Array;
  /** `1 - residual / variance` of each unit; NaN where it is constant. */
  r2: Float64Array;
}

/** @shape truth, estimate: rows of `units` numbers each */
export function residuals(truth: ArrayLike<number>, estimate: ArrayLike<number>, units: number): Residuals {
  const rows = truth.length / units;
  const mean = new Float64Array(units);
  for (let i = 0; i < truth.length; i++) mean[i % units]! += truth[i]! / rows;
  const residual = new Float64Array(units);
  const variance = new Float64Array(units);
  for (let i = 0; i < truth.length; i++) {
    residual[i % units]! += (truth[i]! - estimate[i]!) ** 2;
    variance[i % units]! += (truth[i]! - mean[i % units]!) ** 2;
  }
  // The mean of equal numbers is off by rounding, so "constant" needs a margin.
  const r2 = residual.map((ss, unit) =>
    variance[unit]! > rows * (1e-14 * mean[unit]!) ** 2 ? 1 - ss / variance[unit]! : Number.NaN,
  );
  return { mean, residual, variance, r2 };
}
