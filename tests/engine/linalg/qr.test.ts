import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identity, multiply, multiplyABt, multiplyAtB, norm2, transpose } from "../../../src/engine/linalg/matrix.ts";
import { orthonormaliseRows, pivotedQr, thinQr, triangularFactor } from "../../../src/engine/linalg/qr.ts";
import { anyMatrix, distance, fromRows, randomMatrix } from "./helpers.ts";

function expectUpperTriangular(R: Float64Array, k: number, n: number) {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) expect(R[i * n + j]).toBe(0);
    expect(R[i * n + i]).toBeGreaterThanOrEqual(0);
  }
}

describe("QR", () => {
  it("A = Q R with orthonormal Q, for any matrix", () => {
    fc.assert(
      fc.property(anyMatrix(8), ({ m, n, A }) => {
        const k = Math.min(m, n);
        const { Q, R } = thinQr(A, m, n);
        expectUpperTriangular(R, k, n);
        expect(distance(multiply(Q, R, m, k, n), A)).toBeLessThanOrEqual(1e-14 * norm2(A));
        expect(distance(multiplyAtB(Q, Q, k, m, k), identity(k))).toBeLessThan(1e-14);
        const P = pivotedQr(A, m, n);
        expectUpperTriangular(P.R, k, n);
        const AP = A.map((_, p) => A[Math.floor(p / n) * n + P.permutation[p % n]]);
        expect(distance(multiply(P.Q, P.R, m, k, n), AP)).toBeLessThanOrEqual(1e-14 * norm2(A));
        expect(distance(multiplyAtB(P.Q, P.Q, k, m, k), identity(k))).toBeLessThan(1e-14);
        for (let i = 1; i < k; i++) expect(P.R[i * n + i]).toBeLessThanOrEqual(P.R[(i - 1) * n + i - 1] * (1 + 1e-12));
      }),
    );
  });

  it.each([
    [100, 60],
    [60, 100],
    [48, 48],
    [3000, 7], // by blocks of rows, in one level
    [20000, 3], // in two levels
  ])("large [%i, %i]", (m, n) => {
    const A = randomMatrix(m, n, 5);
    const k = Math.min(m, n);
    const { Q, R, status } = thinQr(A, m, n);
    expect(status).toBe("ok");
    expect(distance(multiply(Q, R, m, k, n), A) / norm2(A)).toBeLessThan(1e-14);
    expect(distance(multiplyAtB(Q, Q, k, m, k), identity(k))).toBeLessThan(1e-13);
    expectUpperTriangular(R, k, n);
    expect(distance(triangularFactor(A, m, n), R) / norm2(R)).toBeLessThan(1e-13);
  });

  it.each([
    [70, 50],
    [40, 90],
  ])("pivoted, large [%i, %i]", (m, n) => {
    const A = randomMatrix(m, n, 6).map((a, p) => a * (1 + (p % n)));
    const k = Math.min(m, n);
    const P = pivotedQr(A, m, n);
    const AP = A.map((_, p) => A[Math.floor(p / n) * n + P.permutation[p % n]!]!);
    expect(distance(multiply(P.Q, P.R, m, k, n), AP) / norm2(A)).toBeLessThan(1e-14);
    expect(distance(multiplyAtB(P.Q, P.Q, k, m, k), identity(k))).toBeLessThan(1e-13);
    expect([...P.permutation].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, j) => j));
    expectUpperTriangular(P.R, k, n);
    // Each diagonal entry is at least as long as what is left of any later column.
    for (let i = 0; i < k; i++)
      for (let j = i + 1; j < n; j++) {
        const below = Float64Array.from({ length: k - i }, (_, r) => P.R[(i + r) * n + j]!);
        expect(norm2(below)).toBeLessThanOrEqual(P.R[i * n + i]! * (1 + 1e-10));
      }
  });

  it("the pivoted form finds the rank", () => {
    const A = multiply(randomMatrix(20, 4, 1), randomMatrix(4, 12, 2), 20, 4, 12);
    expect(pivotedQr(A, 20, 12).rank).toBe(4);
    expect(pivotedQr(new Float64Array(12), 3, 4).rank).toBe(0);
    expect(pivotedQr(randomMatrix(9, 9, 3), 9, 9).rank).toBe(9);
  });

  it("keeps far smaller columns to full relative accuracy", () => {
    const A = randomMatrix(30, 3, 9);
    const scaled = A.map((a, p) => a * 10 ** (-60 * (p % 3)));
    const R = thinQr(A, 30, 3).R;
    const S = thinQr(scaled, 30, 3).R;
    for (let i = 0; i < 3; i++) expect(S[i * 3 + i] / R[i * 3 + i] / 10 ** (-60 * i)).toBeCloseTo(1, 12);
  });

  it("not finite is a status", () => {
    const { Q, status } = thinQr(fromRows([1, Number.POSITIVE_INFINITY], [0, 1]), 2, 2);
    expect(status).toBe("not finite");
    expect(Q[0]).toBeNaN();
    expect(pivotedQr(fromRows([Number.NaN]), 1, 1)).toMatchObject({ status: "not finite", rank: 0 });
    expect(triangularFactor(fromRows([Number.NaN]), 1, 1)[0]).toBeNaN();
  });
});

describe("orthonormaliseRows", () => {
  it("is the QR factorisation of the transpose, in place", () => {
    for (const [count, dimension] of [
      [1, 1],
      [1, 6],
      [5, 5],
      [6, 20],
      [40, 40],
    ]) {
      const A = randomMatrix(count, dimension, 4);
      const V = A.slice();
      const lengths = orthonormaliseRows(V, count, dimension);
      const { Q, R } = thinQr(transpose(A, count, dimension), dimension, count);
      expect(distance(V, transpose(Q, dimension, count))).toBeLessThan(1e-12);
      for (let i = 0; i < count; i++) expect(lengths[i]).toBeCloseTo(R[i * count + i], 12);
    }
  });

  it("leaves orthonormal rows alone, makes dependent rows orthonormal, and refuses more rows than dimensions", () => {
    const I = identity(4);
    expect([...orthonormaliseRows(I, 4, 4)]).toEqual([1, 1, 1, 1]);
    expect(distance(I, identity(4))).toBe(0);
    const V = fromRows([1, 2, 3], [2, 4, 6]);
    const lengths = orthonormaliseRows(V, 2, 3);
    expect(lengths[0]).toBeCloseTo(Math.sqrt(14), 14);
    expect(lengths[1]).toBeLessThan(1e-14);
    expect(distance(multiplyABt(V, V, 2, 3, 2), identity(2))).toBeLessThan(1e-14);
    expect(() => orthonormaliseRows(new Float64Array(6), 3, 2)).toThrow(/expected 9 entries/);
  });

  it("stays orthonormal where the rows are nearly parallel", () => {
    const V = fromRows([1, 1e-9, 0, 0], [1, 0, 1e-9, 0], [1, 0, 0, 1e-9]);
    orthonormaliseRows(V, 3, 4);
    expect(distance(multiplyABt(V, V, 3, 4, 3), identity(3))).toBeLessThan(1e-15 * 5);
  });
});
