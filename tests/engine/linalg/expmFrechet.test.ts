import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expm } from "../../../src/engine/linalg/expm.ts";
import { expmFrechet } from "../../../src/engine/linalg/expmFrechet.ts";
import { dot, multiply, norm2, transpose } from "../../../src/engine/linalg/matrix.ts";
import { diagonal, distance, fromRows, randomMatrix } from "./helpers.ts";

/** Orders 1 to 9 and norms that need every degree, with and without squaring. */
const cases = fc.record({
  n: fc.integer({ min: 1, max: 9 }),
  seed: fc.integer({ min: 1, max: 10_000 }),
  size: fc.constantFrom(1e-4, 0.01, 0.1, 0.4, 1, 3, 20),
});

describe("expmFrechet", () => {
  it("diagonal A: divided differences of the exponential", () => {
    for (const size of [1e-3, 0.1, 0.7, 1.5, 4, 12]) {
      const d = [0, -1, 0.5, -0.25].map((x) => x * size);
      const E = randomMatrix(4, 4, 3);
      const { derivative, exponential } = expmFrechet(diagonal(d), E, 4);
      expect(distance(exponential, diagonal(d.map(Math.exp))) / norm2(exponential)).toBeLessThan(1e-14);
      const expected = E.map((e, p) => {
        const [a, b] = [d[Math.floor(p / 4)]!, d[p % 4]!];
        return e * (a === b ? Math.exp(a) : (Math.exp(b) * Math.expm1(a - b)) / (a - b));
      });
      expect(distance(derivative, expected) / norm2(expected)).toBeLessThan(2e-14);
    }
  });

  it("is the block beside e^A in the exponential of [[A, E], [0, A]]", () => {
    fc.assert(
      fc.property(cases, ({ n, seed, size }) => {
        const A = randomMatrix(n, n, seed).map((a) => (a * size) / n);
        const E = randomMatrix(n, n, seed + 1);
        const large = new Float64Array(4 * n * n);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            large[i * 2 * n + j] = large[(n + i) * 2 * n + n + j] = A[i * n + j]!;
            large[i * 2 * n + n + j] = E[i * n + j]!;
          }
        const both = expm(large, 2 * n);
        const { exponential, derivative } = expmFrechet(A, E, n);
        const part = (j0: number) =>
          Float64Array.from({ length: n * n }, (_, p) => both[Math.floor(p / n) * 2 * n + j0 + (p % n)]!);
        expect(distance(exponential, part(0))).toBeLessThan(1e-13 * norm2(exponential));
        expect(distance(derivative, part(n))).toBeLessThan(1e-13 * (norm2(derivative) + norm2(exponential)));
      }),
    );
  });

  it("in the direction of A itself it is A e^A, and its adjoint is the derivative at A'", () => {
    fc.assert(
      fc.property(cases, ({ n, seed, size }) => {
        const A = randomMatrix(n, n, seed).map((a) => (a * size) / n);
        const { exponential, derivative } = expmFrechet(A, A, n);
        const expected = multiply(A, exponential, n, n, n);
        expect(distance(derivative, expected)).toBeLessThan(1e-13 * (norm2(expected) + norm2(exponential) * norm2(A)));
        const [E, G] = [randomMatrix(n, n, seed + 1), randomMatrix(n, n, seed + 2)];
        const forward = dot(expmFrechet(A, E, n).derivative, G);
        const backward = dot(E, expmFrechet(transpose(A, n, n), G, n).derivative);
        expect(Math.abs(forward - backward)).toBeLessThan(1e-13 * n * norm2(exponential) * norm2(E) * norm2(G));
      }),
    );
  });

  it("finite differences of order 40", () => {
    const n = 40;
    const A = randomMatrix(n, n, 5).map((a) => a / 2);
    const E = randomMatrix(n, n, 6);
    const h = 1e-5;
    const ahead = expm(
      A.map((a, p) => a + h * E[p]!),
      n,
    );
    const behind = expm(
      A.map((a, p) => a - h * E[p]!),
      n,
    );
    const { derivative } = expmFrechet(A, E, n);
    const expected = ahead.map((x, p) => (x - behind[p]!) / (2 * h));
    expect(distance(derivative, expected) / norm2(expected)).toBeLessThan(1e-8);
  });

  it("zero, empty, not finite, wrong length", () => {
    const E = fromRows([1, 2], [3, 4]);
    expect(distance(expmFrechet(new Float64Array(4), E, 2).derivative, E)).toBeLessThan(1e-15);
    expect(expmFrechet(new Float64Array(0), new Float64Array(0), 0).derivative).toHaveLength(0);
    expect(expmFrechet(fromRows([0, Number.NaN], [0, 0]), E, 2).derivative.every(Number.isNaN)).toBe(true);
    expect(expmFrechet(E, fromRows([0, Number.POSITIVE_INFINITY], [0, 0]), 2).exponential.every(Number.isNaN)).toBe(
      true,
    );
    expect(() => expmFrechet(E, new Float64Array(3), 2)).toThrow(/E has 3 entries/);
  });
});
