import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { NullclineError } from "../../../src/base/errors.ts";
import { allFinite, hypot } from "../../../src/engine/linalg/checks.ts";
import {
  axpy,
  dot,
  identity,
  infinityNorm,
  matvec,
  matvecTransposed,
  maxAbs,
  multiply,
  multiplyABt,
  multiplyAtB,
  norm2,
  oneNorm,
  trace,
  transpose,
} from "../../../src/engine/linalg/matrix.ts";
import { distance, fromRows, randomMatrix } from "./helpers.ts";

const oracle = (A: Float64Array, B: Float64Array, m: number, k: number, n: number) =>
  Float64Array.from(
    Matrix.from1DArray(m, k, [...A])
      .mmul(Matrix.from1DArray(k, n, [...B]))
      .to1DArray(),
  );

describe("products", () => {
  // Sizes on both sides of the 4 × 4 tiles and of the blocks of the inner dimension.
  const sizes = [
    [1, 1, 1],
    [3, 5, 2],
    [4, 4, 4],
    [7, 9, 5],
    [17, 255, 6],
    [6, 257, 9],
    [33, 600, 13],
    [1, 300, 1],
  ] as const;
  it.each(sizes)("A B, A' B and A B' of %i × %i × %i agree with ml-matrix", (m, k, n) => {
    const A = randomMatrix(m, k, 3);
    const B = randomMatrix(k, n, 4);
    const C = oracle(A, B, m, k, n);
    const tolerance = 1e-15 * k * Math.sqrt(m * n);
    expect(distance(multiply(A, B, m, k, n), C)).toBeLessThan(tolerance);
    expect(distance(multiplyAtB(transpose(A, m, k), B, m, k, n), C)).toBeLessThan(tolerance);
    expect(distance(multiplyABt(A, transpose(B, k, n), m, k, n), C)).toBeLessThan(tolerance);
  });

  it("A x and A' x agree with the matrix products", () => {
    for (const [m, n] of [
      [1, 1],
      [5, 3],
      [8, 9],
      [30, 31],
    ]) {
      const A = randomMatrix(m, n, 5);
      const x = randomMatrix(n, 1, 6);
      const y = randomMatrix(m, 1, 7);
      expect(distance(matvec(A, x, m, n), oracle(A, x, m, n, 1))).toBeLessThan(1e-14);
      expect(distance(matvecTransposed(A, y, m, n), oracle(transpose(A, m, n), y, n, m, 1))).toBeLessThan(1e-14);
    }
  });

  it("an inner dimension of 0 gives zeros, and NaN propagates", () => {
    expect(multiply(new Float64Array(0), new Float64Array(0), 2, 0, 3, new Float64Array(6).fill(7))).toEqual(
      new Float64Array(6),
    );
    const A = identity(6);
    A[8] = Number.NaN;
    expect([...multiply(A, identity(6), 6, 6, 6)].filter(Number.isNaN)).toHaveLength(6);
  });

  it("reuses out", () => {
    const out = new Float64Array(4).fill(9);
    expect(multiply(fromRows([1, 2], [3, 4]), identity(2), 2, 2, 2, out)).toBe(out);
    expect([...out]).toEqual([1, 2, 3, 4]);
  });
});

describe("norms and small things", () => {
  const A = fromRows([1, -2, 3], [-4, 5, -6]);
  it("norms of a small matrix by hand", () => {
    expect(oneNorm(A, 2, 3)).toBe(9);
    expect(infinityNorm(A, 2, 3)).toBe(15);
    expect(norm2(A)).toBeCloseTo(Math.sqrt(91), 15);
    expect(maxAbs(A)).toBe(6);
    expect(maxAbs(Float64Array.of(1, Number.NaN, 3))).toBeNaN();
    expect(trace(fromRows([1, 2], [3, 4]), 2)).toBe(5);
    expect(dot(Float64Array.of(1, 2), Float64Array.of(3, 4))).toBe(11);
    const y = Float64Array.of(1, 1);
    axpy(2, Float64Array.of(1, 2), y);
    expect([...y]).toEqual([3, 5]);
    expect([...transpose(A, 2, 3)]).toEqual([1, -4, -2, 5, 3, -6]);
  });

  it("norm2 and hypot neither overflow nor underflow", () => {
    expect(norm2(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -187);
    expect(norm2(Float64Array.of(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 14);
    expect(norm2(new Float64Array(3))).toBe(0);
    expect(norm2(Float64Array.of(1, Number.NaN))).toBeNaN();
    expect(hypot(3e300, -4e300) / 5e300).toBeCloseTo(1, 14);
    expect(hypot(0, 0)).toBe(0);
    expect(hypot(3e-320, 0)).toBe(3e-320);
  });

  it("allFinite sees NaN and infinities", () => {
    expect(allFinite(Float64Array.of(1, -1e308, 0))).toBe(true);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(allFinite(Float64Array.of(1, bad, 0))).toBe(false);
  });

  it("throws where lengths do not fit", () => {
    expect(() => multiply(A, A, 2, 3, 3)).toThrow(NullclineError);
    expect(() => multiply(A, A, 2, 3, 3)).toThrow(/B has 6 entries/);
    expect(() => trace(A, 2)).toThrow(/expected 4 entries/);
    expect(() => oneNorm(A, 1.5, 4)).toThrow(/integers/);
  });
});
