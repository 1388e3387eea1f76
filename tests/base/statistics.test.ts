import { expect, it } from "vitest";
import { correlation, mean, median, range, standardError } from "../../src/index.ts";

it("gives the mean, the median and the standard error of a list worked by hand", () => {
  // Deviations -3, -1, 1, 3: variance 20 / 3, standard error sqrt(20 / 3 / 4).
  const values = Float64Array.of(1, 3, 5, 7);
  expect(mean(values)).toBe(4);
  expect(median(values)).toBe(4);
  expect(median([9, 1, 2])).toBe(2);
  expect(standardError(values)).toBeCloseTo(Math.sqrt(5 / 3), 14);
  expect(standardError([1])).toBeNaN();
});

it("spaces numbers evenly, both ends included", () => {
  expect(range(-1, 1, 5)).toEqual([-1, -0.5, 0, 0.5, 1]);
  expect(range(2, 9, 1)).toEqual([2]);
});

it("correlates: +1 and -1 of lines, the value worked by hand, NaN of a constant", () => {
  expect(correlation([1, 2, 4], [3, 5, 9])).toBeCloseTo(1, 14);
  expect(correlation([1, 2, 4], [-3, -5, -9])).toBeCloseTo(-1, 14);
  // Deviations (-1, 0, 1) and (-1, 1, 0): 1 / sqrt(2 · 2).
  expect(correlation([1, 2, 3], [1, 3, 2])).toBeCloseTo(0.5, 14);
  expect(correlation([1, 1, 1], [1, 2, 3])).toBeNaN();
});
