import fc from "fast-check";
import { Matrix, determinant as oracleDeterminant } from "ml-matrix";
import { describe, expect, it } from "vitest";
import {
  choleskyFactor,
  choleskyLogDeterminant,
  choleskySolve,
  choleskySolveHalf,
} from "../../../src/engine/linalg/cholesky.ts";
import {
  determinant,
  inverse,
  luDeterminant,
  luFactor,
  luSolve,
  luSolveTransposed,
  solve,
} from "../../../src/engine/linalg/lu.ts";
import { identity, multiply, multiplyABt, multiplyAtB, norm2, oneNorm } from "../../../src/engine/linalg/matrix.ts";
import { distance, fromRows, randomMatrix, squareMatrix } from "./helpers.ts";

function hilbert(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, p) => 1 / (Math.floor(p / n) + (p % n) + 1));
}

describe("LU", () => {
  it("P A = L U, for any matrix", () => {
    fc.assert(
      fc.property(squareMatrix(9), ({ n, A }) => {
        const LU = A.slice();
        const pivots = new Int32Array(n);
        luFactor(LU, n, pivots);
        const L = identity(n);
        const U = new Float64Array(n * n);
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) (j < i ? L : U)[i * n + j] = LU[i * n + j];
        const PA = A.slice();
        for (let k = 0; k < n; k++)
          for (let j = 0; j < n; j++) [PA[k * n + j], PA[pivots[k] * n + j]] = [PA[pivots[k] * n + j], PA[k * n + j]];
        expect(distance(multiply(L, U, n, n, n), PA)).toBeLessThanOrEqual(1e-14 * n * norm2(A) * Math.max(1, norm2(L)));
        expect(L.every((l) => Math.abs(l) <= 1)).toBe(true);
      }),
    );
  });

  it.each([1, 2, 16, 64, 65, 100, 150])("solves A X = B and A' X = B of order %i, blocked and not", (n) => {
    const A = randomMatrix(n, n, n);
    const X = randomMatrix(n, 3, 99);
    const { x, status, reciprocalCondition } = solve(A, multiply(A, X, n, n, 3), n, 3);
    expect(status).toBe("ok");
    expect(distance(x, X)).toBeLessThan((1e-15 * n) / reciprocalCondition);
    const LU = A.slice();
    const pivots = new Int32Array(n);
    luFactor(LU, n, pivots);
    for (const columns of [1, 3]) {
      const B = multiplyAtB(A, X.subarray(0, n * columns), n, n, columns);
      luSolveTransposed(LU, n, pivots, B, columns);
      expect(distance(B, X.slice(0, n * columns))).toBeLessThan((1e-15 * n) / reciprocalCondition);
      const C = multiply(A, X.subarray(0, n * columns), n, n, columns);
      luSolve(LU, n, pivots, C, columns);
      expect(distance(C, X.slice(0, n * columns))).toBeLessThan((1e-15 * n) / reciprocalCondition);
    }
  });

  it("determinants agree with ml-matrix", () => {
    for (let n = 1; n < 12; n++) {
      const A = randomMatrix(n, n, n + 20);
      const { sign, logAbs } = determinant(A, n);
      const expected = oracleDeterminant(Matrix.from1DArray(n, n, [...A]));
      expect((sign * Math.exp(logAbs)) / expected).toBeCloseTo(1, 11);
    }
  });

  it("the sign of a permutation's determinant is its parity", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }).chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n })),
        (p) => {
          const n = p.length;
          const A = new Float64Array(n * n);
          for (let i = 0; i < n; i++) A[i * n + p[i]] = 1;
          let inversions = 0;
          for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (p[j] > p[i]) inversions++;
          expect(determinant(A, n)).toEqual({ sign: inversions % 2 ? -1 : 1, logAbs: 0 });
          expect(luFactor(A, n, new Int32Array(n))).toBe(inversions % 2 ? -1 : 1);
        },
      ),
    );
  });

  it("neither overflows nor underflows in a large determinant", () => {
    const n = 400;
    const { sign, logAbs } = determinant(identity(n, -1e-3), n);
    expect(sign).toBe(1);
    expect(logAbs).toBeCloseTo(n * Math.log(1e-3), 8);
    expect(determinant(identity(3, -2), 3).sign).toBe(-1);
    expect(determinant(new Float64Array(0), 0)).toEqual({ sign: 1, logAbs: 0 });
  });

  it("inverts the Hilbert matrix as far as its condition allows, and knows that condition", () => {
    const n = 8;
    const { x, reciprocalCondition } = inverse(hilbert(n), n);
    expect(x[0] / 64).toBeCloseTo(1, 6); // the inverse is known: integers, the first one n²
    expect(1 / reciprocalCondition / 3.387279e10).toBeCloseTo(1, 2); // cond₁ of the 8 × 8 Hilbert matrix
  });

  it("singular and not finite matrices are a status", () => {
    expect(solve(fromRows([1, 2], [2, 4]), Float64Array.of(1, 1), 2)).toMatchObject({
      status: "singular",
      reciprocalCondition: 0,
    });
    expect(luFactor(new Float64Array(4), 2, new Int32Array(2))).toBe(0);
    expect(determinant(new Float64Array(4), 2)).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY });
    expect(solve(fromRows([1, Number.NaN], [2, 4]), Float64Array.of(1, 1), 2).status).toBe("not finite");
    expect(determinant(fromRows([Number.NaN, 1], [1, 1]), 2).sign).toBeNaN();
    // Singular but for rounding: an ordinary factorisation, with a condition that says so.
    expect(solve(fromRows([1, 2, 3], [4, 5, 6], [7, 8, 9]), new Float64Array(3), 3).reciprocalCondition).toBeLessThan(
      1e-15,
    );
    expect(() => luFactor(new Float64Array(3), 2, new Int32Array(2))).toThrow(/A has 3 entries/);
  });

  it("the estimated condition is a lower bound within a factor of 10", () => {
    for (let seed = 1; seed < 30; seed++) {
      const n = 3 + (seed % 10);
      const A = randomMatrix(n, n, seed);
      const { x, reciprocalCondition } = inverse(A, n);
      const ratio = 1 / reciprocalCondition / (oneNorm(A, n, n) * oneNorm(x, n, n));
      expect(ratio).toBeLessThanOrEqual(1 + 1e-10);
      expect(ratio).toBeGreaterThan(0.1);
    }
  });

  it("the determinant of a product is the product of determinants", () => {
    const A = randomMatrix(7, 7, 1);
    const B = randomMatrix(7, 7, 2);
    const [a, b, c] = [A, B, multiply(A, B, 7, 7, 7)].map((M) => determinant(M, 7));
    expect(c.sign).toBe(a.sign * b.sign);
    expect(c.logAbs).toBeCloseTo(a.logAbs + b.logAbs, 12);
  });
});

describe("luSolve with many right sides", () => {
  it.each([1, 15, 16, 17, 33, 100])("of order %i", (n) => {
    const A = randomMatrix(n, n, n + 1).map((a, p) => a + (p % (n + 1) === 0 ? 4 : 0));
    for (const columns of [1, 2, 7, 60]) {
      const X = randomMatrix(n, columns, 3);
      const B = multiply(A, X, n, n, columns);
      const LU = A.slice();
      const pivots = new Int32Array(n);
      luFactor(LU, n, pivots);
      luSolve(LU, n, pivots, B, columns);
      const residual = distance(multiply(A, B, n, n, columns), multiply(A, X, n, n, columns));
      expect(residual).toBeLessThan(1e-13 * norm2(A) * norm2(X));
    }
  });
});

describe("Cholesky", () => {
  const n = 20;
  const G = randomMatrix(n, n + 5, 8);
  const A = multiplyABt(G, G, n, n + 5, n);

  it("A = L L', solves, and agrees with LU on the determinant", () => {
    const L = A.slice();
    expect(choleskyFactor(L, n)).toBe(true);
    expect(distance(multiplyABt(L, L, n, n, n), A)).toBeLessThan(1e-13);
    const X = randomMatrix(n, 2, 3);
    const B = multiply(A, X, n, n, 2);
    choleskySolve(L, n, B, 2);
    expect(distance(B, X)).toBeLessThan(1e-10);
    const LU = A.slice();
    const pivots = new Int32Array(n);
    luFactor(LU, n, pivots);
    expect(choleskyLogDeterminant(L, n)).toBeCloseTo(luDeterminant(LU, n, pivots).logAbs, 10);
    const white = A.slice();
    choleskySolveHalf(L, n, white, n);
    expect(
      distance(
        white,
        Float64Array.from({ length: n * n }, (_, p) => L[(p % n) * n + Math.floor(p / n)]),
      ),
    ).toBeLessThan(1e-12);
  });

  it.each([24, 25, 47, 90])("of order %i, panel by panel; the upper triangle is not read", (order) => {
    const H = randomMatrix(order, order + 5, order);
    const B = multiplyABt(H, H, order, order + 5, order);
    const L = B.map((b, p) => (p % order > Math.floor(p / order) ? Number.NaN : b));
    expect(choleskyFactor(L, order)).toBe(true);
    expect(distance(multiplyABt(L, L, order, order, order), B) / norm2(B)).toBeLessThan(1e-14);
    for (let i = 0; i < order; i++) for (let j = i + 1; j < order; j++) expect(L[i * order + j]).toBe(0);
    const indefinite = B.slice();
    indefinite[order * order - 1] = -1;
    expect(choleskyFactor(indefinite, order)).toBe(false);
  });

  it("refuses what is not positive definite or not finite", () => {
    expect(choleskyFactor(fromRows([1, 2], [2, 1]), 2)).toBe(false);
    expect(choleskyFactor(new Float64Array(4), 2)).toBe(false);
    expect(choleskyFactor(fromRows([Number.NaN, 0], [0, 1]), 2)).toBe(false);
    expect(choleskyFactor(fromRows([Number.POSITIVE_INFINITY, 0], [0, 1]), 2)).toBe(false);
  });
});
