import { expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { quantile } from "../../src/base/quantile.ts";
import { r2 } from "../../src/population/r2.ts";

test("by hand: two units, one estimated well, one not at all", () => {
  // Unit 0: 1 2 3 4, estimate off by 0.5 each: SS_res 1, SS_tot 5. Unit 1: 10 10 12 12, estimate 11: 4 of 4.
  const truth = ndarray([1, 10, 2, 10, 3, 12, 4, 12], [2, 2, 2]);
  const estimate = ndarray([1.5, 11, 2.5, 11, 3.5, 11, 4.5, 11], [2, 2, 2]);
  const result = r2(truth, estimate);
  expect(result.perUnit[0]).toBeCloseTo(0.8, 14);
  expect(result.perUnit[1]).toBeCloseTo(0, 14);
  expect(result.pooled).toBeCloseTo(1 - 5 / 9, 14);
  // Grand mean 6.75: Σ(y - 6.75)² = 33.0625 + 22.5625 + 14.0625 + 7.5625 + 2 · 10.5625 + 2 · 27.5625
  expect(result.pooledGrandMean).toBeCloseTo(1 - 5 / 153.5, 14);
  expect(result.median).toBeCloseTo(0.4, 14);
  expect(result.mean).toBeCloseTo(0.4, 14);
});

test("a constant unit has no R² and does not spoil the others", () => {
  const truth = ndarray([0.1, 0, 0.1, 1, 0.1, 2], [1, 3, 2]);
  const result = r2(truth, truth);
  expect(result.perUnit[0]).toBeNaN();
  expect(result.constantUnits).toBe(1);
  expect(result.median).toBe(1);
});

test("an estimate of another shape is refused", () => {
  expect(() => r2(ndarray([1, 2], [1, 2, 1]), ndarray([1, 2], [1, 1, 2]))).toThrow("[1, 2, 1]");
});

test("quantiles are linear between order statistics, and skip NaN", () => {
  // R's default (type 7): quantile(c(1, 2, 4, 8), c(.25, .5, .9)) is 1.75, 3, 6.8
  for (const [p, expected] of [
    [0.25, 1.75],
    [0.5, 3],
    [0.9, 6.8],
  ] as const)
    expect(quantile([8, 1, Number.NaN, 4, 2], p)).toBeCloseTo(expected, 14);
  expect(quantile([Number.NaN], 0.5)).toBeNaN();
});
