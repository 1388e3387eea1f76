import fc from "fast-check";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { expm } from "../../../src/engine/linalg/expm.ts";
import { determinant } from "../../../src/engine/linalg/lu.ts";
import { identity, multiply, multiplyABt, multiplyAtB, norm2, transpose } from "../../../src/engine/linalg/matrix.ts";
import { singularValues, svd } from "../../../src/engine/linalg/svd.ts";
import { anyMatrix, diagonal, distance, fromRows, randomMatrix } from "./helpers.ts";

function expectSvd(A: Float64Array, m: number, n: number, accuracy = 1e-14) {
  const k = Math.min(m, n);
  const { U, s, Vt, status } = svd(A, m, n);
  expect(status).toBe("ok");
  expect(
    distance(
      multiply(
        U.map((u, p) => u * s[p % k]),
        Vt,
        m,
        k,
        n,
      ),
      A,
    ),
  ).toBeLessThanOrEqual(accuracy * Math.max(m, n) * norm2(A));
  expect(distance(multiplyAtB(U, U, k, m, k), identity(k))).toBeLessThan(accuracy * Math.max(m, n));
  expect(distance(multiplyABt(Vt, Vt, k, n, k), identity(k))).toBeLessThan(accuracy * Math.max(m, n));
  for (let i = 0; i < k; i++) expect(s[i]).toBeGreaterThanOrEqual(i + 1 < k ? s[i + 1] : 0);
  expect(Math.abs(norm2(s) - norm2(A))).toBeLessThanOrEqual(accuracy * norm2(A));
  const alone = singularValues(A, m, n);
  for (let i = 0; i < k; i++) expect(Math.abs(alone[i] - s[i])).toBeLessThanOrEqual(1e-14 * s[0]);
  return s;
}

describe("svd", () => {
  it("A = U S V' with orthonormal factors, for any matrix", () => {
    fc.assert(
      fc.property(anyMatrix(8), ({ m, n, A }) => {
        expectSvd(A, m, n);
      }),
    );
  });

  it.each([
    [40, 40],
    [150, 150],
    [200, 30],
    [30, 200],
    [5000, 4],
    [1, 9],
    [9, 1],
  ])("random [%i, %i], against ml-matrix", (m, n) => {
    const A = randomMatrix(m, n, m + n);
    const s = expectSvd(A, m, n);
    const oracle = new SingularValueDecomposition(Matrix.from1DArray(m, n, [...A]), { autoTranspose: true }).diagonal;
    for (let i = 0; i < s.length; i++) expect(Math.abs(s[i] - oracle[i])).toBeLessThan(1e-12);
  });

  it("rank deficient and zero: the factors stay orthonormal", () => {
    const lowRank = multiply(randomMatrix(20, 3, 1), randomMatrix(3, 15, 2), 20, 3, 15);
    const s = expectSvd(lowRank, 20, 15);
    expect(s[2]).toBeGreaterThan(1);
    expect(s[3]).toBeLessThan(1e-14);
    expectSvd(new Float64Array(12), 3, 4);
    expectSvd(fromRows([0, 1], [0, 0]), 2, 2);
    expectSvd(fromRows([0, 1, 0], [0, 0, 1], [0, 0, 0]), 3, 3);
    expectSvd(new Float64Array(16).fill(1), 4, 4);
    expectSvd(diagonal([0, 5, 0, 1e-200]), 4, 4);
  });

  it("the Hilbert matrix: singular values over ten orders of magnitude", () => {
    const n = 8;
    const A = Float64Array.from({ length: n * n }, (_, p) => 1 / (Math.floor(p / n) + (p % n) + 1));
    const s = expectSvd(A, n, n);
    expect(s[0]).toBeCloseTo(1.6959389969219, 12); // published, with condition 1.5257575e10
    expect(s[0] / s[7] / 1.5257575e10).toBeCloseTo(1, 5);
  });

  it("bidiagonal matrices keep small singular values to full relative accuracy", () => {
    // Kahan-like: the determinant of a triangular matrix is the product of its diagonal, whatever its size.
    const n = 20;
    const A = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      A[i * n + i] = 10 ** -i;
      if (i + 1 < n) A[i * n + i + 1] = 10 ** -i;
    }
    const s = expectSvd(A, n, n);
    const logDeterminant = s.reduce((sum, x) => sum + Math.log10(x), 0);
    expect(logDeterminant).toBeCloseTo((-n * (n - 1)) / 2, 10);
  });

  it("the largest growth of a linear flow, at published times", () => {
    const growth = (A: Float64Array, n: number, t: number) => singularValues(expm(A, n, t), n, n)[0];
    const shear = fromRows([-1, 10], [0, -2]);
    expect(growth(shear, 2, 0.662675)).toBeCloseTo(2.563493, 6);
    expect(growth(shear, 2, 0.6)).toBeLessThan(2.563493);
    expect(growth(shear, 2, 0.72)).toBeLessThan(2.563493);
    const w = 30 / 7;
    expect(growth(fromRows([w - 1, -1.1 * w], [w, -1.1 * w - 1]), 2, 0.801746)).toBeCloseTo(2.79328, 5);
    const n = 10;
    const chain = identity(n, -1);
    for (let i = 1; i < n; i++) chain[i * n + i - 1] = 2;
    expect(growth(chain, n, 8.37924)).toBeCloseTo(89.1061, 3);
  });

  it("scales, signs, empty, not finite, wrong length", () => {
    const A = randomMatrix(5, 4, 6);
    const { s, Vt } = svd(A, 5, 4);
    for (const exponent of [-1000, 990]) {
      const scaled = svd(
        A.map((a) => a * 2 ** exponent),
        5,
        4,
      );
      for (let i = 0; i < 4; i++) expect(scaled.s[i] * 2 ** -exponent).toBeCloseTo(s[i], 14);
    }
    for (let i = 0; i < 4; i++) {
      const row = [...Vt.slice(i * 4, i * 4 + 4)];
      expect(Math.max(...row)).toBeGreaterThanOrEqual(-Math.min(...row) / 1.01);
    }
    expect(svd(new Float64Array(0), 0, 3)).toMatchObject({ status: "ok", s: new Float64Array(0) });
    expect(svd(fromRows([1, Number.NaN]), 1, 2).status).toBe("not finite");
    expect(singularValues(fromRows([1, Number.NaN]), 1, 2)[0]).toBeNaN();
    expect(() => svd(A, 4, 4)).toThrow(/A has 20 entries/);
  });

  it("singular values are those of the transpose, and their product is |det|", () => {
    const A = randomMatrix(9, 9, 12);
    const s = singularValues(A, 9, 9);
    const t = singularValues(transpose(A, 9, 9), 9, 9);
    for (let i = 0; i < 9; i++) expect(t[i]).toBeCloseTo(s[i], 13);
    expect(s.reduce((sum, x) => sum + Math.log(x), 0)).toBeCloseTo(determinant(A, 9).logAbs, 12);
  });
});
