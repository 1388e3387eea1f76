import { expect, test } from "vitest";
import { normalCdf } from "../../src/base/normal.ts";

// Abramowitz & Stegun, table 26.1, and the usual critical values.
test.each([
  [0, 0.5],
  [1, 0.841344746068543],
  [2, 0.97724986805182],
  [1.959963984540054, 0.975],
  [3, 0.99865010196837],
  [-3, 1.3498980316301e-3],
])("Φ(%d) = %d", (x, p) => {
  expect(normalCdf(x)).toBeCloseTo(p, 13);
});

test("the far tails follow Mills' ratio, and both branches meet", () => {
  // φ(x)/x (1 - 1/x² + 3/x⁴ - …) brackets the tail.
  for (const x of [4, 6, 10, 20, 37]) {
    const mills = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) / x;
    expect(normalCdf(-x)).toBeLessThan(mills * (1 - 1 / x ** 2 + 3 / x ** 4));
    expect(normalCdf(-x)).toBeGreaterThan(mills * (1 - 1 / x ** 2));
  }
  expect(Math.abs(normalCdf(2 - 1e-12) - normalCdf(2 + 1e-12))).toBeLessThan(1e-12);
  expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
  expect(normalCdf(Number.NaN)).toBeNaN();
});
