import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eigen } from "../../../src/engine/linalg/eigen.ts";
import { expm } from "../../../src/engine/linalg/expm.ts";
import { determinant } from "../../../src/engine/linalg/lu.ts";
import { identity, multiply, multiplyAtB, norm2, trace, transpose } from "../../../src/engine/linalg/matrix.ts";
import { diagonal, distance, fromRows, randomMatrix } from "./helpers.ts";

describe("expm", () => {
  it("closed forms: diagonal, nilpotent, rotation, zero, 1 × 1, empty", () => {
    const d = [0, 1, -3, 0.001, 20];
    expect(distance(expm(diagonal(d), 5), diagonal(d.map(Math.exp)))).toBeLessThan(5e-14 * Math.exp(20));
    expect([...expm(fromRows([0, 3, 1], [0, 0, 2], [0, 0, 0]), 3)].map((x) => +x.toFixed(13))).toEqual([
      1, 3, 4, 0, 1, 2, 0, 0, 1,
    ]);
    // From tiny angles to many turns: all degrees, with and without squaring.
    for (const a of [1e-9, 0.01, 0.2, 0.9, 2, 5, 100]) {
      const E = expm(fromRows([0, -1], [1, 0]), 2, a);
      expect(distance(E, fromRows([Math.cos(a), -Math.sin(a)], [Math.sin(a), Math.cos(a)]))).toBeLessThan(
        1e-15 * (3 + a),
      );
    }
    expect(expm(new Float64Array(9), 3)).toEqual(identity(3));
    expect(expm(Float64Array.of(-2), 1)[0]).toBeCloseTo(Math.exp(-2), 15);
    expect(expm(new Float64Array(0), 0)).toHaveLength(0);
  });

  it("a Jordan block and a shear in closed form, over eight orders of magnitude", () => {
    for (const t of [1e-4, 0.1, 1, 10]) {
      const J = expm(fromRows([-1, 1], [0, -1]), 2, t);
      expect(J[0] / Math.exp(-t)).toBeCloseTo(1, 13);
      expect(J[1] / (t * Math.exp(-t))).toBeCloseTo(1, 13);
      const b = 1e6;
      const S = expm(fromRows([1, b], [0, -1]), 2, t); // the classical victim of overscaling
      expect(S[1] / (b * Math.sinh(t))).toBeCloseTo(1, 12);
      expect(S[0] / Math.exp(t)).toBeCloseTo(1, 12);
    }
  });

  it("agrees with the eigen-decomposition, of every size of the norm", () => {
    const n = 7;
    const A = randomMatrix(n, n, 4);
    const { values, right, left } = eigen(A, n);
    for (const t of [1e-3, 0.02, 0.2, 0.5, 1, 3, 12]) {
      const expected = new Float64Array(n * n);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++)
          for (let k = 0; k < n; k++) {
            // Re e^{λt} r_i conj(l_j)
            const [p, q] = [i * n + k, j * n + k];
            const size = Math.exp(values.re[k] * t);
            const re = right.re[p] * left.re[q] + right.im[p] * left.im[q];
            const im = right.im[p] * left.re[q] - right.re[p] * left.im[q];
            expected[i * n + j] += size * (Math.cos(values.im[k] * t) * re - Math.sin(values.im[k] * t) * im);
          }
      expect(distance(expm(A, n, t), expected) / norm2(expected)).toBeLessThan(1e-13);
    }
  });

  it("e^A e^-A = I, det e^A = e^trace, e^skew is orthogonal, e^A' = (e^A)'", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        (n, seed, t) => {
          const A = randomMatrix(n, n, seed).map((a) => a * t);
          const E = expm(A, n);
          const back = expm(A, n, -1);
          expect(distance(multiply(E, back, n, n, n), identity(n))).toBeLessThan(1e-14 * n * norm2(E) * norm2(back));
          expect(Math.abs(determinant(E, n).logAbs - trace(A, n))).toBeLessThan(1e-13 * n * norm2(E) * norm2(back));
          const At = transpose(A, n, n);
          expect(distance(expm(At, n), transpose(E, n, n))).toBeLessThan(1e-13 * norm2(E));
          const O = expm(
            A.map((a, p) => a - At[p]),
            n,
          );
          expect(distance(multiplyAtB(O, O, n, n, n), identity(n))).toBeLessThan(1e-13 * n);
        },
      ),
    );
  });

  it("a matrix of very large norm, stable or not", () => {
    const E = expm(fromRows([-1e30, 0], [0, -1]), 2);
    expect(E[0]).toBe(0);
    expect(expm(Float64Array.of(1e4), 1)[0]).toBe(Number.POSITIVE_INFINITY);
    expect(expm(Float64Array.of(-1e300), 1)[0]).toBe(0);
    // A nilpotent one needs no scaling at all.
    expect(expm(fromRows([0, 1e15], [0, 0]), 2)).toEqual(fromRows([1, 1e15], [0, 1]));
  });

  it("not finite gives NaN, a wrong length throws", () => {
    expect(expm(fromRows([0, Number.NaN], [0, 0]), 2).every(Number.isNaN)).toBe(true);
    expect(() => expm(new Float64Array(3), 2)).toThrow(/A has 3 entries/);
  });
});
