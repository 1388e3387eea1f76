import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastSquares, pseudoInverse } from "../../../src/engine/linalg/leastSquares.ts";
import { solve } from "../../../src/engine/linalg/lu.ts";
import { multiply, multiplyAtB, norm2, transpose } from "../../../src/engine/linalg/matrix.ts";
import { anyMatrix, distance, fromRows, randomMatrix } from "./helpers.ts";

describe("leastSquares", () => {
  it("a line through three points, by hand", () => {
    // y = a + b t through (0, 1), (1, 2), (2, 4): b = 1.5, a = 5/6, residual √(1/6)
    const { x, rank, residualNorms } = leastSquares(fromRows([1, 0], [1, 1], [1, 2]), Float64Array.of(1, 2, 4), 3, 2);
    expect(x[0]).toBeCloseTo(5 / 6, 14);
    expect(x[1]).toBeCloseTo(1.5, 14);
    expect(rank).toBe(2);
    expect(residualNorms[0]).toBeCloseTo(Math.sqrt(1 / 6), 14);
  });

  it.each([
    [30, 5],
    [4000, 6], // by blocks of rows
    [7, 7],
    [5, 12], // more unknowns than equations
  ])("the residual of [%i, %i] is orthogonal to the columns, and x to the null space", (m, n) => {
    const A = randomMatrix(m, n, 3);
    const B = randomMatrix(m, 2, 4);
    const { x, status, rank } = leastSquares(A, B, m, n, 2);
    expect(status).toBe("ok");
    expect(rank).toBe(Math.min(m, n));
    const R = multiply(A, x, m, n, 2).map((y, p) => B[p] - y);
    expect(norm2(multiplyAtB(A, R, n, m, 2))).toBeLessThan(1e-13 * norm2(A) * norm2(B));
    // Of smallest norm: x = A⁺ A x.
    const projected = multiply(pseudoInverse(A, m, n), multiply(A, x, m, n, 2), n, m, 2);
    expect(distance(projected, x)).toBeLessThan(1e-12 * (norm2(x) + 1));
  });

  it("ridge agrees with the normal equations, in one weight or one per row", () => {
    const [m, n] = [40, 6];
    const A = randomMatrix(m, n, 5);
    const b = randomMatrix(m, 1, 6);
    for (const ridge of [0.7, [0, 1, 2, 0.5, 0, 3]]) {
      const G = multiplyAtB(A, A, n, m, n);
      for (let i = 0; i < n; i++) G[i * n + i] += typeof ridge === "number" ? ridge : ridge[i];
      const expected = solve(G, multiplyAtB(A, b, n, m, 1), n).x;
      expect(distance(leastSquares(A, b, m, n, 1, { ridge }).x, expected)).toBeLessThan(1e-13);
    }
  });

  it("a ridge makes a singular problem regular", () => {
    const A = fromRows([1, 1], [1, 1], [1, 1]);
    const b = Float64Array.of(1, 2, 3);
    // Symmetric in both unknowns: minimise 3 (2x - 2)² + 2λx², x = 12 / (12 + 2λ) with λ = 3.
    const { x, rank } = leastSquares(A, b, 3, 2, 1, { ridge: 3 });
    expect(rank).toBe(2);
    expect([...x]).toEqual([expect.closeTo(2 / 3, 13), expect.closeTo(2 / 3, 13)]);
    const bare = leastSquares(A, b, 3, 2);
    expect(bare.rank).toBe(1);
    expect([...bare.x]).toEqual([expect.closeTo(1, 13), expect.closeTo(1, 13)]);
  });

  it("keeps digits that normal equations lose", () => {
    // Läuchli: columns (1, ε, 0), (1, 0, ε) with ε² below rounding: A' A is singular in float64.
    const e = 1e-9;
    const A = fromRows([1, 1], [e, 0], [0, e]);
    const { x } = leastSquares(A, multiply(A, Float64Array.of(1, 2), 3, 2, 1), 3, 2);
    expect(x[0]).toBeCloseTo(1, 6);
    expect(x[1]).toBeCloseTo(2, 6);
  });

  it("refuses a negative ridge; not finite is a status", () => {
    const A = randomMatrix(3, 2, 1);
    const b = randomMatrix(3, 1, 2);
    expect(() => leastSquares(A, b, 3, 2, 1, { ridge: -1 })).toThrow(/ridge of -1/);
    expect(() => leastSquares(A, b, 3, 2, 1, { ridge: [1] })).toThrow(/ridge has 1 entries/);
    expect(() => leastSquares(A, b, 3, 2, 2)).toThrow(/B has 3 entries/);
    b[1] = Number.NaN;
    expect(leastSquares(A, b, 3, 2)).toMatchObject({ status: "not finite" });
    A[0] = Number.POSITIVE_INFINITY;
    expect(leastSquares(A, b, 3, 2).x[0]).toBeNaN();
  });
});

describe("pseudoInverse", () => {
  it("satisfies the four Penrose conditions, for any matrix", () => {
    fc.assert(
      fc.property(anyMatrix(6), ({ m, n, A }) => {
        fc.pre(norm2(A) === 0 || norm2(A) > 1e-100); // the inverse of less overflows
        const P = pseudoInverse(A, m, n, 1e-9);
        const AP = multiply(A, P, m, n, m);
        const PA = multiply(P, A, n, m, n);
        const slack = 1e-13 * (1 + norm2(A) * norm2(P)) ** 2;
        expect(distance(multiply(AP, A, m, m, n), A)).toBeLessThan(
          slack * (norm2(A) + 1e-300) + 2e-9 * norm2(A) + 1e-300,
        );
        expect(distance(multiply(PA, P, n, n, m), P)).toBeLessThan(slack * (norm2(P) + 1e-300));
        expect(distance(AP, transpose(AP, m, m))).toBeLessThan(slack);
        expect(distance(PA, transpose(PA, n, n))).toBeLessThan(slack);
      }),
    );
  });

  it("of a row is the column over its square; of zero is zero; of NaN is NaN", () => {
    expect([...pseudoInverse(fromRows([3, 4]), 1, 2)]).toEqual([
      expect.closeTo(3 / 25, 15),
      expect.closeTo(4 / 25, 15),
    ]);
    expect([...pseudoInverse(new Float64Array(6), 2, 3)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(pseudoInverse(Float64Array.of(Number.NaN), 1, 1)[0]).toBeNaN();
  });
});
