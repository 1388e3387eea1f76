import { expect, test } from "vitest";
import { clipByGlobalNorm, norm } from "../../src/training/clip.ts";

test("the norm is that of all gradients together, and each is scaled by the same number", () => {
  const gradients = { a: Float64Array.of(3, 0), b: Float32Array.of(0, -4) };
  expect(clipByGlobalNorm(gradients, 1)).toEqual({ norm: 5, scale: 0.2 });
  expect(gradients.a[0]).toBeCloseTo(0.6, 12);
  expect(gradients.b[1]).toBeCloseTo(-0.8, 6);
  expect(Math.hypot(norm(gradients.a), norm(gradients.b))).toBeCloseTo(1, 6);
});

test("below the limit nothing changes", () => {
  const gradients = { a: Float64Array.of(3, 4) };
  expect(clipByGlobalNorm(gradients, 5)).toEqual({ norm: 5, scale: 1 });
  expect(clipByGlobalNorm(gradients, Number.POSITIVE_INFINITY)).toEqual({ norm: 5, scale: 1 });
  expect(gradients.a).toEqual(Float64Array.of(3, 4));
  expect(clipByGlobalNorm({ a: new Float64Array(3) }, 1)).toEqual({ norm: 0, scale: 1 });
});

test("a gradient that is not finite is named and nothing is scaled", () => {
  const gradients = { a: Float64Array.of(100), b: Float32Array.of(1, Number.NaN), c: Float64Array.of(1 / 0) };
  const clipped = clipByGlobalNorm(gradients, 1);
  expect(clipped.nonFinite).toBe("b");
  expect(clipped.norm).toBeNaN();
  expect(gradients.a[0]).toBe(100);
});

test("large but finite entries are clipped, not reported", () => {
  const gradients = { a: Float64Array.of(3e200), b: Float64Array.of(-4e200) };
  const { norm, nonFinite } = clipByGlobalNorm(gradients, 1);
  expect(nonFinite).toBeUndefined();
  expect(norm / 5e200).toBeCloseTo(1, 12);
  expect(gradients.b[0]).toBeCloseTo(-0.8, 12);
});
