import { expect, test } from "vitest";
import { relaxation } from "../../src/index.ts";

const times = Array.from({ length: 200 }, (_, k) => 3 + 0.5 * k);
const curve = (tau: number, start: number, limit: number) =>
  times.map((t) => limit + (start - limit) * Math.exp((3 - t) / tau));

test.each([
  [1, 0, 1],
  [20, 2, -0.5],
  [300, 0.1, 0.3],
])("an exponential of %f is found", (tau, start, limit) => {
  const found = relaxation(times, curve(tau, start, limit));
  expect(found.tau / tau).toBeCloseTo(1, 5);
  expect(found.start).toBeCloseTo(start, 5);
  expect(found.limit).toBeCloseTo(limit, 5);
});

test("of noise alternating in sign little remains", () => {
  const noisy = curve(20, 0, 1).map((v, k) => v + (k % 2 === 0 ? 0.05 : -0.05));
  expect(Math.abs(relaxation(times, noisy).tau / 20 - 1)).toBeLessThan(0.02);
});

test("what cannot be fitted is refused", () => {
  expect(() => relaxation([0, 1, 2], [0, 1, 2])).toThrow(/four or more/);
  expect(() => relaxation([0, 1, 1, 2], [0, 1, 2, 3])).toThrow(/increasing/);
  expect(() => relaxation([0, 1, 2, 3], [1, 1, 1, 1])).toThrow(/equal/);
});
