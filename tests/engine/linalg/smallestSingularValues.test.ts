import fc from "fast-check";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { norm2 } from "../../../src/engine/linalg/matrix.ts";
import { realSchur } from "../../../src/engine/linalg/schur.ts";
import { smallestSingularValues } from "../../../src/engine/linalg/smallestSingularValues.ts";
import { svd } from "../../../src/engine/linalg/svd.ts";
import { diagonal, fromRows, randomMatrix, squareMatrix } from "./helpers.ts";

/** [[X, -Y], [Y, X]] of X + iY = z - A: its singular values are those of z - A, each twice. */
function embedded(A: Float64Array, n: number, re: number, im: number): Float64Array {
  const M = new Float64Array(4 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) M[i * 2 * n + j] = M[(n + i) * 2 * n + n + j] = (i === j ? re : 0) - A[i * n + j]!;
    M[i * 2 * n + n + i] = -im;
    M[(n + i) * 2 * n + i] = im;
  }
  return M;
}

const at = (A: Float64Array, n: number, re: number[], im: number[], tolerance = 1e-9) =>
  smallestSingularValues(realSchur(A, n), { re, im }, { tolerance });

describe("smallestSingularValues", () => {
  it("of any small matrix, at its eigenvalues and elsewhere, against a full decomposition", () => {
    fc.assert(
      fc.property(
        squareMatrix(8),
        fc.array(fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })), {
          minLength: 1,
          maxLength: 20,
        }),
        ({ n, A }, points) => {
          const schur = realSchur(A, n);
          const re = [...points.map(([x]) => x), schur.values.re[0]!];
          const im = [...points.map(([, y]) => y), schur.values.im[0]!];
          const { values, unconverged } = smallestSingularValues(schur, { re, im }, { tolerance: 1e-9 });
          expect(unconverged).toBe(0);
          for (let k = 0; k < re.length; k++) {
            const expected = svd(embedded(A, n, re[k]!, im[k]!), 2 * n, 2 * n).s.at(-1)!;
            const size = norm2(A) + Math.abs(re[k]!) + Math.abs(im[k]!);
            expect(Math.abs(values[k]! - expected)).toBeLessThanOrEqual(1e-9 * expected + 1e-14 * n * size + 1e-60);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([17, 33, 60])("of a random matrix of order %i, against ml-matrix", (n) => {
    const A = randomMatrix(n, n, n);
    const re = Array.from({ length: 23 }, (_, k) => ((k % 5) - 2) * 1.3);
    const im = Array.from({ length: 23 }, (_, k) => (Math.floor(k / 5) - 2) * 1.1);
    const { values } = at(A, n, re, im);
    for (let k = 0; k < 23; k += 3) {
      const M = Matrix.from1DArray(2 * n, 2 * n, [...embedded(A, n, re[k]!, im[k]!)]);
      expect(values[k]! / Math.min(...new SingularValueDecomposition(M).diagonal)).toBeCloseTo(1, 8);
    }
    // Real matrices: conjugate points are equal.
    const mirrored = at(
      A,
      n,
      re,
      im.map((y) => -y),
    ).values;
    for (let k = 0; k < 23; k++) expect(mirrored[k]! / values[k]!).toBeCloseTo(1, 8);
  });

  it("a normal matrix: the distance from the spectrum", () => {
    const { values } = at(diagonal([1, -2, 0.5]), 3, [1, 0, 3, -2.25], [0, 0, 4, 0.5]);
    expect(values[0]).toBeLessThan(1e-15);
    expect(values[1]).toBeCloseTo(0.5, 14);
    expect(values[2]).toBeCloseTo(Math.hypot(2, 4), 13);
    expect(values[3]).toBeCloseTo(Math.hypot(0.25, 0.5), 14);
    const rotation = at(fromRows([-1, -2], [2, -1]), 2, [-1, -1, 0], [2.5, 0, 2]).values;
    [0.5, 2, 1].forEach((distance, k) => {
      expect(rotation[k]).toBeCloseTo(distance, 13);
    });
    expect([...at(new Float64Array(4), 2, [3, 0], [4, 1e-3]).values]).toEqual([
      expect.closeTo(5, 13),
      expect.closeTo(1e-3, 15),
    ]);
  });

  it("a 2 × 2 Jordan block in closed form, also where the eigenvalue is 10⁻⁶ away", () => {
    for (const d of [1e-6, 0.01, 0.3, 1, 20]) {
      const expected = (Math.sqrt(1 + 4 * d * d) - 1) / 2;
      const { values } = at(fromRows([-1, 1], [0, -1]), 2, [d - 1, -1], [0, d]);
      for (const value of values) expect(value / expected).toBeCloseTo(1, d < 1e-3 ? 3 : 8);
    }
  });

  it("a Jordan block of order 80: σ falls as |z|^80, far below rounding, and is followed", () => {
    const n = 80;
    const J = new Float64Array(n * n);
    for (let i = 0; i + 1 < n; i++) J[i * n + i + 1] = 1;
    for (const radius of [0.3, 0.5, 0.8]) {
      // |det| = radius^n is the product of all singular values; the others lie between 1 - radius and 1 + radius.
      const [value] = at(J, n, [radius * 0.6], [radius * 0.8]).values;
      expect(value! / radius ** n).toBeGreaterThan((1 - radius) / (1 + radius));
      expect(value! / radius ** n).toBeLessThan(1);
    }
  });

  it("scales with the matrix, and says what it could not do", () => {
    const A = randomMatrix(9, 9, 4);
    const [one] = at(A, 9, [0.3], [0.2]).values;
    for (const e of [-600, 600]) {
      const s = 2 ** e;
      const B = A.map((a) => a * s);
      expect(at(B, 9, [0.3 * s], [0.2 * s]).values[0]! / s / one!).toBeCloseTo(1, 9);
    }
    const hasty = smallestSingularValues(realSchur(A, 9), { re: [1], im: [1] }, { maxIterations: 1, tolerance: 1e-12 });
    expect(hasty.unconverged).toBe(1);
    expect(hasty.values[0]).toBeGreaterThanOrEqual(svd(embedded(A, 9, 1, 1), 18, 18).s.at(-1)! * (1 - 1e-12));
    expect(at(A, 9, [Number.NaN, 1, 1], [0, Number.POSITIVE_INFINITY, 1]).values).toEqual(
      Float64Array.of(Number.NaN, Number.NaN, at(A, 9, [1], [1]).values[0]!),
    );
    expect(at(fromRows([1, Number.NaN], [0, 1]), 2, [0], [0]).values[0]).toBeNaN();
    expect(at(new Float64Array(0), 0, [2], [0]).values[0]).toBe(Number.POSITIVE_INFINITY);
    expect(at(A, 9, [], []).values).toHaveLength(0);
    expect(() => at(A, 9, [0, 1], [0])).toThrow(/2 real and 1 imaginary/);
    const point = { re: [1], im: [0] };
    expect(() => smallestSingularValues(realSchur(A, 9), point, { maxIterations: 0 })).toThrow(/maxIterations 0/);
  });
});
