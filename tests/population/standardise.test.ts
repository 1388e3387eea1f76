import { expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { bin, smooth } from "../../src/population/smoothing.ts";
import { softRange, zscore } from "../../src/population/standardise.ts";

test("z-scores by mean and sample standard deviation of each unit; constants become 0", () => {
  // Unit 0: 2 4 4 4 5 5 7 9, mean 5, sum of squares 32; unit 1 constant.
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  const { activity, mean, scale } = zscore(
    ndarray(
      values.flatMap((v) => [v, 0.1]),
      [2, 4, 2],
    ),
  );
  expect(mean[0]).toBe(5);
  expect(scale[0]).toBeCloseTo(Math.sqrt(32 / 7), 14);
  expect(activity.data[14]).toBeCloseTo(4 / Math.sqrt(32 / 7), 14);
  for (let i = 1; i < 16; i += 2) expect(activity.data[i]).toBeCloseTo(0, 14);
});

test("softened by a fraction of the median deviation", () => {
  // Deviations √2, 2√2, 3√2: median 2√2.
  const { scale } = zscore(ndarray([0, 0, 0, 2, 4, 6], [1, 2, 3]), { soften: 0.5 });
  [2, 3, 4].forEach((expected, unit) => {
    expect(scale[unit]).toBeCloseTo(expected * Math.SQRT2, 14);
  });
});

test("soft normalisation divides by range plus constant", () => {
  expect([...softRange(ndarray([0, 5, 10, 5, 4, 5], [3, 1, 2]), 5)]).toEqual([15, 5]);
  expect([...softRange(ndarray([1, 1], [2, 1, 1]), 0)]).toEqual([1]);
});

test("smoothing has a width in time, the same at any sampling", () => {
  // A wave of period 200 ms under a Gaussian of 20 ms keeps exp(-(2π 20 / 200)² / 2) of its amplitude.
  for (const dt of [1, 5]) {
    const samples = 2000 / dt;
    const wave = ndarray(
      Array.from({ length: samples }, (_, t) => Math.cos((2 * Math.PI * t * dt) / 200)),
      [1, samples, 1],
    );
    const smoothed = smooth(wave, { width: 20, dt });
    expect(smoothed.data[1000 / dt]).toBeCloseTo(Math.exp(-((2 * Math.PI * 0.1) ** 2) / 2), 3);
  }
});

test("bins of counts and of rates, in units of time", () => {
  const counts = ndarray([1, 2, 3, 4, 5], [1, 5, 1]);
  expect([...bin(counts, { width: 20, dt: 10 }).data]).toEqual([3, 7]);
  expect([...bin(counts, { width: 0.3, dt: 0.1, how: "mean" }).data]).toEqual([2]);
  expect(() => bin(counts, { width: 25, dt: 10 })).toThrow("a multiple of 10");
  expect(() => smooth(counts, { width: -1, dt: 10 })).toThrow("0 or more");
});
