import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { quantile } from "../../src/base/quantile.ts";
import { selectTime } from "../../src/population/activity.ts";
import { pca } from "../../src/population/pca.ts";
import { tangling } from "../../src/population/tangling.ts";
import { absence, monkeyReach, present } from "./monkeyReach.ts";

const samples = 400;
const phase = (i: number) => (2 * Math.PI * i) / samples;
function curve(point: (t: number) => [number, number]) {
  return ndarray(Array.from({ length: samples }, (_, i) => point(phase(i))).flat(), [1, samples, 2]);
}

describe("closed forms, with derivatives given", () => {
  test("unit circle: opposite points, 4 / (4 + 0.1)", () => {
    const { q, epsilon, firstSample } = tangling(
      curve((t) => [Math.cos(t), Math.sin(t)]),
      { derivatives: curve((t) => [-Math.sin(t), Math.cos(t)]) },
    );
    expect(epsilon).toBeCloseTo(0.1, 14);
    expect(firstSample).toBe(0);
    expect(q.shape).toEqual([1, samples]);
    for (const value of q.data) expect(value).toBeCloseTo(4 / 4.1, 12);
  });

  test("figure-8 (sin t, sin 2t): 40 at the crossing", () => {
    const { q } = tangling(
      curve((t) => [Math.sin(t), Math.sin(2 * t)]),
      { derivatives: curve((t) => [Math.cos(t), 2 * Math.cos(2 * t)]) },
    );
    // At the crossing ẋ = (±1, 2), so |Δẋ|² = 4 over ε = 0.1. Mean: ../shared/design/dynamics.md, section 2.10.
    expect(Math.max(...q.data)).toBeCloseTo(40, 10);
    expect(q.data.reduce((sum, v) => sum + v) / samples).toBeCloseTo(19.5725, 4);
  });

  test("two conditions that coincide in space and run against each other", () => {
    const there = curve((t) => [Math.cos(t), Math.sin(t)]).data;
    const back = curve((t) => [Math.cos(t), -Math.sin(t)]).data;
    const out = curve((t) => [-Math.sin(t), Math.cos(t)]).data;
    const home = curve((t) => [-Math.sin(t), -Math.cos(t)]).data;
    const { q } = tangling(ndarray([...there, ...back], [2, samples, 2]), {
      derivatives: ndarray([...out, ...home], [2, samples, 2]),
    });
    // At (1, 0) the velocities are (0, 1) and (0, -1): 4 / 0.1.
    expect(q.data[0]).toBeCloseTo(40, 10);
    expect(q.data[samples]).toBeCloseTo(40, 10);
  });
});

test("differences are (x_t - x_{t-1}) / dt, paired with x_t, and do not cross conditions", () => {
  // Two straight lines of equal constant speed: every difference is the same, so nothing is tangled.
  const lines = ndarray([0, 1, 2, 3, 100, 101, 102, 103], [2, 4, 1]);
  const { q, firstSample } = tangling(lines, { dt: 0.5 });
  expect(q.shape).toEqual([2, 3]);
  expect(firstSample).toBe(1);
  expect([...q.data]).toEqual([0, 0, 0, 0, 0, 0]);
  // x = 0, 1, 3: points 1 and 3 with speeds 1 and 2 per dt; variance 1, ε 0.1, so (1/dt)² / (4 + 0.1).
  expect(tangling(ndarray([0, 1, 3], [1, 3, 1]), { dt: 0.5 }).q.data[0]).toBeCloseTo(4 / 4.1, 14);
});

test("says what is wrong", () => {
  expect(() => tangling(ndarray([1], [1, 1, 1]))).toThrow("one time only");
  expect(() => tangling(ndarray([1, 2], [1, 2, 1]), { derivatives: ndarray([1], [1, 1, 1]) })).toThrow("[1, 2, 1]");
});

test.skipIf(!present)(`motor cortex, 8 components (${present ? "real recording" : absence})`, async () => {
  const { activity, times } = await monkeyReach();
  const window = selectTime(activity, times, [-50, 350], { ends: "excluded" }).activity;
  const { q } = tangling(pca(window, { components: 8 }).scores, { dt: 0.01 });
  // Reference values: ../shared/reference/README.md, an independent program.
  expect(Math.round(quantile(q.data, 0.5))).toBe(419);
  expect(Math.round(quantile(q.data, 0.9))).toBe(897);
  expect(Math.round(quantile(q.data, 1))).toBe(1700);
});
