import { describe, expect, it } from "vitest";
import { eigen } from "../../../src/engine/linalg/eigen.ts";
import { determinant } from "../../../src/engine/linalg/lu.ts";
import { norm2, trace } from "../../../src/engine/linalg/matrix.ts";
import { pivotedQr, thinQr } from "../../../src/engine/linalg/qr.ts";
import { eigenvalues, realSchur, reorderSchur } from "../../../src/engine/linalg/schur.ts";
import { svd } from "../../../src/engine/linalg/svd.ts";
import { diagonal, randomMatrix } from "./helpers.ts";

/** Companion matrix of the monic polynomial with these coefficients, from the highest after the leading one. */
function companion(coefficients: number[]): Float64Array {
  const n = coefficients.length;
  const A = new Float64Array(n * n);
  for (let j = 0; j < n; j++) A[j] = -coefficients[j]!;
  for (let i = 1; i < n; i++) A[i * n + i - 1] = 1;
  return A;
}

function jordan(n: number, lambda: number): Float64Array {
  const A = diagonal(Array(n).fill(lambda));
  for (let i = 0; i + 1 < n; i++) A[i * n + i + 1] = 1;
  return A;
}

const families: [string, number, Float64Array][] = [
  ["random of order 20", 20, randomMatrix(20, 20, 1)],
  ["random of order 31", 31, randomMatrix(31, 31, 2)],
  ["random of order 32", 32, randomMatrix(32, 32, 3)],
  ["random of order 110", 110, randomMatrix(110, 110, 4)],
  ["graded", 12, randomMatrix(12, 12, 5).map((a, p) => a * 4 ** -(Math.floor(p / 12) + (p % 12)))],
  ["companion", 9, companion([0.5, -2, 1, 3, -1, 0.25, 1, -0.5, 2])],
  ["defective", 7, jordan(7, -1.5)],
  ["two Jordan blocks of order 40", 40, jordan(40, 2).map((a, p) => (p === 19 * 40 + 20 ? 0 : a))],
  ["cyclic shift", 33, Float64Array.from({ length: 33 * 33 }, (_, p) => +(p % 33 === (Math.floor(p / 33) + 1) % 33))],
];

const sum = (x: ArrayLike<number>) => Array.from(x).reduce((s, y) => s + y, 0);
const sumLogs = (x: ArrayLike<number>) => sum(Array.from(x, (y) => Math.log(Math.abs(y))));

describe("what all decompositions of a matrix agree on", () => {
  it.each(families)("%s", (_, n, A) => {
    const { s } = svd(A, n, n);
    const size = norm2(A);
    const det = determinant(A, n).logAbs;
    const condition = s[0]! / s[n - 1]!;
    const accuracy = 1e-15 * n * condition + 1e-13;
    const e = eigen(A, n);
    const schur = realSchur(A, n);
    reorderSchur(schur, (re) => re < 0);
    for (const values of [e.values, eigenvalues(A, n), schur.values]) {
      expect(Math.abs(sum(values.re) - trace(A, n))).toBeLessThan(1e-14 * n * size);
      const moduli = Array.from(values.re, (re, k) => Math.hypot(re, values.im[k]!));
      expect(Math.abs(sumLogs(moduli) - det)).toBeLessThan(accuracy);
      // Tr A² = Σ λ²
      const squares = sum(Array.from(values.re, (re, k) => re * re - values.im[k]! ** 2));
      let square = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) square += A[i * n + j]! * A[j * n + i]!;
      expect(Math.abs(squares - square)).toBeLessThan(1e-14 * n * size * size);
    }
    expect(Math.abs(sumLogs(s) - det)).toBeLessThan(accuracy);
    expect(norm2(s) / size).toBeCloseTo(1, 13);
    for (const { R } of [thinQr(A, n, n), pivotedQr(A, n, n)]) {
      expect(Math.abs(sumLogs(Array.from({ length: n }, (_, i) => R[i * n + i]!)) - det)).toBeLessThan(accuracy);
      expect(norm2(R) / size).toBeCloseTo(1, 13);
    }
  });

  it("the determinant of a companion matrix is its last coefficient, its trace minus the first", () => {
    const A = companion([3, -4, 0.5, 1.25]);
    const { sign, logAbs } = determinant(A, 4);
    expect(sign * Math.exp(logAbs)).toBeCloseTo(1.25, 14);
    expect(sum(eigen(A, 4).values.re)).toBeCloseTo(-3, 13);
  });

  it("zero matrices and matrices that are not finite, at sizes with and without kernels", () => {
    for (const n of [5, 40, 60]) {
      const zero = new Float64Array(n * n);
      expect(svd(zero, n, n).s.every((s) => s === 0)).toBe(true);
      const e = eigen(zero, n);
      expect([e.status, norm2(e.values.re), Math.max(...e.condition)]).toEqual(["ok", 0, 1]);
      expect(realSchur(zero, n).status).toBe("ok");
      expect(determinant(zero, n)).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY });
      expect(pivotedQr(zero, n, n).rank).toBe(0);
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const A = randomMatrix(n, n, n);
        A[n + 1] = bad;
        const statuses = [eigen(A, n), realSchur(A, n), eigenvalues(A, n), svd(A, n, n), pivotedQr(A, n, n)];
        for (const { status } of statuses) expect(status).toBe("not finite");
      }
      // What was not finite before leaves no trace in the arrays that are used again.
      const B = randomMatrix(n, n, 9);
      expect(eigen(B, n).status).toBe("ok");
      expect(svd(B, n, n).status).toBe("ok");
    }
  });
});
