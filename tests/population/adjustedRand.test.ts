import { expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { adjustedRand } from "../../src/population/adjustedRand.ts";

test("1 for the same partition under other names, and by hand for others", () => {
  expect(adjustedRand([0, 0, 1, 1, 2], [5, 5, 7, 7, 3])).toBe(1);
  // Pairs together: 2 in both, 6 in the first, 6 in the second, of 15: (2 - 36/15) / (6 - 36/15).
  expect(adjustedRand([0, 0, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1])).toBeCloseTo((2 - 2.4) / (6 - 2.4), 12);
  // Everything together against everything apart: no pair in both, as expected by chance.
  expect(adjustedRand([0, 0, 0], [0, 1, 2])).toBe(0);
  expect(adjustedRand([0, 0, 0], [1, 1, 1])).toBeNaN();
});

test("0 on average where labels are shuffled", () => {
  const labels = Array.from({ length: 30 }, (_, k) => k % 3);
  const values = Array.from({ length: 2000 }, (_, k) => {
    const order = new RandomStream(1, "shuffle", k).permutation(30);
    return adjustedRand(
      labels,
      Array.from(order, (i) => labels[i]!),
    );
  });
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1));
  expect(Math.abs(mean)).toBeLessThan((4 * sd) / Math.sqrt(values.length));
});

test("lists of two lengths are refused", () => {
  expect(() => adjustedRand([0, 1], [0])).toThrow(NullclineError);
});
