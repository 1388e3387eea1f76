import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { discreteSylvester } from "../../../src/engine/linalg/discreteSylvester.ts";
import { solve } from "../../../src/engine/linalg/lu.ts";
import { identity, multiply, multiplyABt, norm2, transpose } from "../../../src/engine/linalg/matrix.ts";
import { discreteLyapunov } from "../../../src/engine/linalg/sylvester.ts";
import { distance, fromRows, randomMatrix } from "./helpers.ts";

const times = (A: Float64Array, X: Float64Array, B: Float64Array, m: number, n: number) =>
  multiply(multiply(A, X, m, m, n), B, m, n, n);

describe("discreteSylvester", () => {
  it("X = A X B + C, stable or not, against one large linear system", () => {
    const order = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(order, order, fc.constantFrom(0.2, 1, 3), fc.integer({ min: 1, max: 9999 }), (m, n, size, seed) => {
        const A = randomMatrix(m, m, seed).map((a) => a * size);
        const B = randomMatrix(n, n, seed + 1);
        const C = randomMatrix(m, n, seed + 2);
        const K = identity(m * n);
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++)
            for (let k = 0; k < m; k++)
              for (let l = 0; l < n; l++) K[(i * n + j) * m * n + k * n + l] -= A[i * m + k]! * B[l * n + j]!;
        const expected = solve(K, C, m * n);
        const { x, status } = discreteSylvester(A, B, C, m, n);
        expect(status).toBe("ok");
        expect(distance(x, expected.x)).toBeLessThan(
          (1e-14 * norm2(expected.x) * m * n) / expected.reciprocalCondition + 1e-13,
        );
        const back = times(A, x, B, m, n);
        const residual = norm2(x.map((value, p) => value - back[p]! - C[p]!));
        expect(residual).toBeLessThan(1e-13 * (norm2(x) * (1 + norm2(A) * norm2(B)) + norm2(C)));
      }),
    );
  });

  it("of order 70 × 40", () => {
    const [m, n] = [70, 40];
    const [A, B, X] = [randomMatrix(m, m, 1), randomMatrix(n, n, 2), randomMatrix(m, n, 3)];
    const AXB = times(A, X, B, m, n);
    const { x, status } = discreteSylvester(
      A,
      B,
      X.map((value, p) => value - AXB[p]!),
      m,
      n,
    );
    expect(status).toBe("ok");
    expect(distance(x, X) / norm2(X)).toBeLessThan(1e-9);
  });

  it("the stationary covariance of a map, as the sum of its powers gives it", () => {
    const n = 12;
    const A = randomMatrix(n, n, 6).map((a) => a / 3);
    const G = randomMatrix(n, n, 7);
    const Q = multiplyABt(G, G, n, n, n);
    const expected = discreteLyapunov(A, Q, n);
    expect(expected.status).toBe("ok");
    expect(distance(discreteSylvester(A, transpose(A, n, n), Q, n, n).x, expected.x)).toBeLessThan(
      1e-11 * norm2(expected.x),
    );
  });

  it("nilpotent and zero matrices; says where eigenvalues are reciprocal, or something is not finite", () => {
    // N² = 0: X = C + N C M.
    const N = fromRows([0, 2], [0, 0]);
    const C = fromRows([1, 2], [3, 4]);
    const expected = times(N, C, N, 2, 2).map((value, p) => value + C[p]!);
    expect(distance(discreteSylvester(N, N, C, 2, 2).x, expected)).toBeLessThan(1e-14);
    expect(distance(discreteSylvester(new Float64Array(4), C, C, 2, 2).x, C)).toBeLessThan(1e-14);
    const number = (x: number) => Float64Array.of(x);
    expect(discreteSylvester(number(2), number(0.25), number(3), 1, 1).x[0]).toBeCloseTo(6, 14);
    expect(discreteSylvester(number(2), number(0.5), number(1), 1, 1).status).toBe("singular");
    expect(discreteSylvester(number(Number.NaN), number(0.5), number(1), 1, 1).status).toBe("not finite");
    expect(discreteSylvester(number(2), number(0.1), number(Number.POSITIVE_INFINITY), 1, 1).status).toBe("not finite");
    expect(() => discreteSylvester(identity(2), identity(3), new Float64Array(5), 2, 3)).toThrow(/C has 5 entries/);
  });
});
