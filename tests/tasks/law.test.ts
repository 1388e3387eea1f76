import { expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { between, checkLaw, type Law, largest, levels, valueAt } from "../../src/tasks/law.ts";

const n = 4000;
const drawn = (law: Law): number[] => {
  const random = new RandomStream(3, "law");
  return Array.from({ length: n }, () => valueAt(law, random.uniform()));
};

/** Kolmogorov–Smirnov: sup |F_n - F| stays below 1.95 / √n in all but one of 1000 samples. */
test.each<[string, Law, (x: number) => number]>([
  ["uniform", { uniform: [300, 700] }, (x) => (x - 300) / 400],
  [
    "exponential between limits",
    { exponential: 330, between: [80, 1500] },
    (x) => (1 - Math.exp(-(x - 80) / 330)) / (1 - Math.exp(-(1500 - 80) / 330)),
  ],
])("%s has its distribution function", (_, law, cdf) => {
  const values = drawn(law).sort((a, b) => a - b);
  const distance = Math.max(...values.map((x, i) => Math.max((i + 1) / n - cdf(x), cdf(x) - i / n)));
  expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
  expect(Math.max(...values)).toBeLessThanOrEqual(largest(law));
});

test.each<[string, Law, Record<number, number>]>([
  ["choice", { choice: [200, 400, 800, 1600] }, { 200: 0.25, 400: 0.25, 800: 0.25, 1600: 0.25 }],
  ["categories", { oneOf: [1, -1] }, { 1: 0.5, [-1]: 0.5 }],
  ["weights", { oneOf: [0, 1, 2, 3], weights: [1, 0, 3, 0] }, { 0: 0.25, 2: 0.75 }],
])("%s: each value as often as it should be", (_, law, expected) => {
  const counts = new Map<number, number>();
  for (const value of drawn(law)) counts.set(value, (counts.get(value) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual(Object.keys(expected).map(Number).sort());
  for (const [value, p] of Object.entries(expected))
    expect(Math.abs(counts.get(Number(value))! / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
});

test("limits of probability", () => {
  expect(valueAt({ uniform: [2, 3] }, 0)).toBe(2);
  expect(valueAt({ exponential: 1, between: [2, 3] }, 0)).toBe(2);
  expect(valueAt({ exponential: 1, between: [2, 3] }, 1)).toBeCloseTo(3, 12);
  expect(valueAt({ oneOf: [5, 6], weights: [1, 0] }, 1 - 2 ** -53)).toBe(5);
  expect(valueAt(7, 0.3)).toBe(7);
});

test("values to show", () => {
  expect(levels({ oneOf: [1, -1] })).toEqual([1, -1]);
  expect(levels({ uniform: [0, 4] })).toEqual([1, 2, 3]);
});

test("laws that make no sense are refused", () => {
  for (const law of [
    { choice: [] },
    { oneOf: [1, 2], weights: [1] },
    { oneOf: [1], weights: [0] },
    { uniform: [3, 2] },
    { exponential: 0, between: [1, 2] },
    { exponential: 1, between: [2, 1] },
    Number.NaN,
  ] as Law[])
    expect(() => checkLaw("own", "delay", law)).toThrow(NullclineError);
  expect(() => checkLaw("own", "delay", { uniform: [3, 2] })).toThrow(
    'task `own`: `delay` is drawn from {"uniform":[3,2]}; expected two limits, the lower one first',
  );
  expect(between("own", "delay", [5])).toBe(5);
  expect(between("own", "delay", [5, 6])).toEqual({ uniform: [5, 6] });
  expect(() => between("own", "delay", [])).toThrow("`delay` has 0 values; expected one number, or two limits");
});
