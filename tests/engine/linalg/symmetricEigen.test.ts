import fc from "fast-check";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { identity, multiplyABt, multiplyAtB, norm2, trace, transpose } from "../../../src/engine/linalg/matrix.ts";
import { symmetricEigen } from "../../../src/engine/linalg/symmetricEigen.ts";
import { diagonal, distance, fromRows, randomMatrix, squareMatrix } from "./helpers.ts";

function symmetrised(A: Float64Array, n: number): Float64Array {
  const At = transpose(A, n, n);
  return A.map((a, p) => (a + At[p]) / 2);
}

function expectDecomposition(A: Float64Array, n: number, accuracy = 1e-14) {
  const { values, vectors, status } = symmetricEigen(A, n);
  expect(status).toBe("ok");
  const scaled = vectors.map((v, p) => v * values[p % n]);
  expect(distance(multiplyABt(scaled, vectors, n, n, n), A)).toBeLessThanOrEqual(accuracy * n * norm2(A) + 1e-320);
  expect(distance(multiplyAtB(vectors, vectors, n, n, n), identity(n))).toBeLessThan(accuracy * n);
  expect(Math.abs(values.reduce((s, v) => s + v, 0) - trace(A, n))).toBeLessThanOrEqual(
    accuracy * n * norm2(A) + 1e-320,
  );
  for (let k = 1; k < n; k++) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
  return values;
}

describe("symmetricEigen", () => {
  it("A = V diag V' for any symmetric matrix", () => {
    fc.assert(
      fc.property(squareMatrix(8), ({ n, A }) => {
        expectDecomposition(symmetrised(A, n), n);
      }),
    );
  });

  it.each([10, 33, 100, 170])("random of order %i, against ml-matrix", (n) => {
    const A = symmetrised(randomMatrix(n, n, n), n);
    const values = expectDecomposition(A, n);
    const oracle = new EigenvalueDecomposition(Matrix.from1DArray(n, n, [...A]), { assumeSymmetric: true });
    const expected = Float64Array.from(oracle.realEigenvalues).sort();
    for (let k = 0; k < n; k++) expect(values[k]).toBeCloseTo(expected[k], 12);
  });

  it("second difference matrix: 2 - 2 cos(kπ / (n + 1))", () => {
    const n = 40;
    const A = identity(n, 2);
    for (let i = 0; i + 1 < n; i++) A[i * n + i + 1] = A[(i + 1) * n + i] = -1;
    const values = expectDecomposition(A, n);
    for (let k = 0; k < n; k++) expect(values[k]).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
  });

  it("numerical abscissa of matrices of known non-normality", () => {
    const top = (A: Float64Array, n: number) => symmetricEigen(symmetrised(A, n), n).values[n - 1];
    expect(top(fromRows([-1, 10], [0, -2]), 2)).toBeCloseTo((Math.sqrt(101) - 3) / 2, 14);
    expect(top(fromRows([-1, 10], [0, -2]), 2)).toBeCloseTo(3.524938, 6);
    const n = 10;
    const chain = identity(n, -1);
    for (let i = 1; i < n; i++) chain[i * n + i - 1] = 2;
    expect(top(chain, n)).toBeCloseTo(-1 + 2 * Math.cos(Math.PI / 11), 13);
    const w = 30 / 7;
    const dale = fromRows([w - 1, -1.1 * w], [w, -1.1 * w - 1]);
    expect(top(dale, 2)).toBeCloseTo(3.290813, 6);
  });

  it("graded matrices keep their small eigenvalues, whichever way they are graded", () => {
    const small = fromRows([1, 1e-4, 0], [1e-4, 1e-8, 1e-13], [0, 1e-13, 1e-16]);
    // The leading 2 × 2 block is 1e-8 (1 - 1) = 0 to first order: its small eigenvalue is near -1e-13 … judge by products.
    const determinant = 1 * (1e-8 * 1e-16 - 1e-26) - 1e-4 * 1e-4 * 1e-16;
    const values = symmetricEigen(small, 3).values;
    expect((values[0] * values[1] * values[2]) / determinant).toBeCloseTo(1, 6);
    const reversed = Float64Array.from(small, (_, p) => small[8 - p]);
    const turned = symmetricEigen(reversed, 3).values;
    for (let k = 0; k < 3; k++) expect(turned[k] / values[k]).toBeCloseTo(1, 6);
  });

  it("zero, diagonal, repeated, huge, tiny, 1 × 1, empty", () => {
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
    expect([...symmetricEigen(diagonal([3, -1, 2]), 3).values]).toEqual([-1, 2, 3]);
    expect([...symmetricEigen(identity(6), 6).values]).toEqual([1, 1, 1, 1, 1, 1]);
    const ones = new Float64Array(25).fill(1);
    const values = expectDecomposition(ones, 5);
    expect(values[4]).toBeCloseTo(5, 13);
    expect(Math.max(...values.slice(0, 4).map(Math.abs))).toBeLessThan(1e-14);
    for (const scale of [1e-300, 1e300]) {
      const v = symmetricEigen(fromRows([2 * scale, scale], [scale, 2 * scale]), 2).values;
      expect(v[0] / scale).toBeCloseTo(1, 13);
      expect(v[1] / scale).toBeCloseTo(3, 13);
    }
    expect(symmetricEigen(Float64Array.of(4), 1)).toMatchObject({
      values: Float64Array.of(4),
      vectors: Float64Array.of(1),
    });
    expect(symmetricEigen(new Float64Array(0), 0).status).toBe("ok");
  });

  it("reads the lower triangle only; not finite is a status", () => {
    const values = symmetricEigen(fromRows([2, Number.NaN], [1, 2]), 2).values;
    expect([...values]).toEqual([expect.closeTo(1, 14), expect.closeTo(3, 14)]);
    expect(symmetricEigen(fromRows([2, 1], [Number.NaN, 2]), 2).status).toBe("not finite");
    expect(() => symmetricEigen(new Float64Array(3), 2)).toThrow(/A has 3 entries/);
  });
});
