import fc from "fast-check";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { type Eigen, type EigenOptions, eigen, eigenWorkspace } from "../../../src/engine/linalg/eigen.ts";
import { identity, norm2, trace, transpose } from "../../../src/engine/linalg/matrix.ts";
import { eigenvalues } from "../../../src/engine/linalg/schur.ts";
import { symmetricEigen } from "../../../src/engine/linalg/symmetricEigen.ts";
import { diagonal, fromRows, product, randomMatrix, spectralDistance, squareMatrix } from "./helpers.ts";

/** Everything that must hold for any matrix: residuals of both sides, unit length, l' r = 1, conjugate pairs, trace. */
function expectPairs(A: Float64Array, n: number, e: Eigen, accuracy = 1e-14 * Math.max(5, Math.sqrt(n))) {
  expect(e.status).toBe("ok");
  const size = norm2(A);
  const B = transpose(A, n, n);
  let sumRe = 0;
  let sumIm = 0;
  for (let k = 0; k < n; k++) {
    const [a, b] = [e.values.re[k], e.values.im[k]];
    sumRe += a;
    sumIm += b;
    if (b > 0) {
      expect(e.values.re[k + 1]).toBe(a);
      expect(e.values.im[k + 1]).toBe(-b);
    }
    const column = (M: Float64Array) => Float64Array.from({ length: n }, (_, i) => M[i * n + k]);
    const [rr, ri, lr, li] = [e.right.re, e.right.im, e.left.re, e.left.im].map(column);
    expect(Math.sqrt(norm2(rr) ** 2 + norm2(ri) ** 2)).toBeCloseTo(1, 13);
    const right = defect(A, rr, ri, a, b, n);
    expect(right).toBeLessThanOrEqual(accuracy * size + 1e-320);
    if (size > 1e-290 && size < 1e290) expect(Math.abs(e.residual[k] - right / size)).toBeLessThan(accuracy);
    const length = Math.sqrt(norm2(lr) ** 2 + norm2(li) ** 2);
    expect(defect(B, lr, li, a, -b, n)).toBeLessThanOrEqual(accuracy * size * length + 1e-320 * length);
    if (e.condition[k] === Number.POSITIVE_INFINITY) expect(length).toBeCloseTo(1, 13);
    else {
      let re = 0;
      let im = 0;
      for (let i = 0; i < n; i++) {
        re += lr[i] * rr[i] + li[i] * ri[i];
        im += lr[i] * ri[i] - li[i] * rr[i];
      }
      expect(Math.hypot(re - 1, im)).toBeLessThan(1e-14 * n * e.condition[k]);
      // With l' r = 1 and ‖r‖ = 1 the length of l is the condition.
      expect(length / e.condition[k]).toBeCloseTo(1, 12);
      expect(e.condition[k]).toBeGreaterThan(1 - 1e-12);
    }
  }
  expect(Math.abs(sumRe - trace(A, n))).toBeLessThanOrEqual(1e-14 * n * size + 1e-320);
  expect(Math.abs(sumIm)).toBe(0);
}

/** ‖M (x + iy) - (a + ib)(x + iy)‖. */
function defect(M: Float64Array, x: Float64Array, y: Float64Array, a: number, b: number, n: number): number {
  const d = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    let re = -(a * x[i] - b * y[i]);
    let im = -(b * x[i] + a * y[i]);
    for (let j = 0; j < n; j++) {
      re += M[i * n + j] * x[j];
      im += M[i * n + j] * y[j];
    }
    d[2 * i] = re;
    d[2 * i + 1] = im;
  }
  return norm2(d);
}

function grcar(n: number): Float64Array {
  const A = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = Math.max(0, i - 1); j <= Math.min(n - 1, i + 3); j++) A[i * n + j] = j < i ? -1 : 1;
  return A;
}

const real = (...re: number[]) => ({ re, im: re.map(() => 0) });

describe("eigen", () => {
  it("satisfies every identity for any small matrix, and agrees with the eigenvalues alone", () => {
    fc.assert(
      fc.property(squareMatrix(8), ({ n, A }) => {
        for (const balance of [true, false]) expectPairs(A, n, eigen(A, n, { balance }), 1e-13);
      }),
    );
  });

  it.each([16, 20, 47, 48, 64, 100, 151, 200])("random matrix of order %i, against ml-matrix", (n) => {
    const A = randomMatrix(n, n, n);
    const e = eigen(A, n);
    expectPairs(A, n, e);
    const oracle = new EigenvalueDecomposition(Matrix.from1DArray(n, n, [...A]));
    const expected = { re: oracle.realEigenvalues, im: oracle.imaginaryEigenvalues };
    const worst = Math.max(...e.condition);
    expect(spectralDistance(e.values, expected)).toBeLessThan(1e-14 * norm2(A) * worst);
    expect(spectralDistance(eigenvalues(A, n), expected)).toBeLessThan(1e-14 * norm2(A) * worst);
    for (let k = 1; k < n; k++) expect(e.values.re[k]).toBeLessThanOrEqual(e.values.re[k - 1]);
    // Left vectors are dual to all right vectors, not only to their own.
    for (let k = 0; k < n; k += 7)
      for (let j = 0; j < n; j++) {
        if (j === k) continue;
        let re = 0;
        let im = 0;
        for (let i = 0; i < n; i++) {
          const [p, q] = [i * n + k, i * n + j];
          re += e.left.re[p] * e.right.re[q] + e.left.im[p] * e.right.im[q];
          im += e.left.re[p] * e.right.im[q] - e.left.im[p] * e.right.re[q];
        }
        expect(Math.hypot(re, im)).toBeLessThan(1e-13 * n * worst);
      }
  });

  it("known spectra: diagonal, triangular, rotation, circulant, companion", () => {
    expect([...eigen(diagonal([1, 3, 2]), 3).values.re]).toEqual([3, 2, 1]);
    // A triangular matrix, even in disguise, has its eigenvalues on the diagonal, exactly.
    const P = [2, 0, 3, 1];
    const T = fromRows([1, 5, -7, 2], [0, 1e-20, 3, 4], [0, 0, -3, 1], [0, 0, 0, 0.1]);
    const disguised = Float64Array.from(T, (_, p) => T[P[Math.floor(p / 4)] * 4 + P[p % 4]]);
    for (const A of [T, disguised]) expect([...eigen(A, 4).values.re]).toEqual([1, 0.1, 1e-20, -3]);

    const rotation = eigen(fromRows([0, -2], [2, 0]), 2);
    expect([...rotation.values.re]).toEqual([0, 0]);
    expect([...rotation.values.im]).toEqual([2, -2]);
    expect([...rotation.condition]).toEqual([expect.closeTo(1, 14), expect.closeTo(1, 14)]);

    const n = 12;
    const c = [3, -1, 0.5, 2, 0, 0, 1, 0, 0, -2, 0, 0.25];
    const circulant = Float64Array.from({ length: n * n }, (_, p) => c[((p % n) - Math.floor(p / n) + n) % n]);
    const angles = Array.from({ length: n }, (_, k) => (2 * Math.PI * k) / n);
    const expected = {
      re: angles.map((w) => c.reduce((s, x, j) => s + x * Math.cos(j * w), 0)),
      im: angles.map((w) => c.reduce((s, x, j) => s + x * Math.sin(j * w), 0)),
    };
    expect(spectralDistance(eigen(circulant, n).values, expected)).toBeLessThan(1e-13);

    // (x - 1)(x - 2) … (x - 6)
    const coefficients = [-21, 175, -735, 1624, -1764, 720];
    const companion = new Float64Array(36);
    for (let j = 0; j < 6; j++) companion[j] = -coefficients[j];
    for (let i = 1; i < 6; i++) companion[i * 6 + i - 1] = 1;
    const roots = eigen(companion, 6);
    expectPairs(companion, 6, roots);
    expect(spectralDistance(roots.values, real(1, 2, 3, 4, 5, 6))).toBeLessThan(1e-9);
  });

  it("a non-normal chain: the eigenvalues of the tridiagonal Toeplitz matrix, as far as their condition allows", () => {
    for (const n of [10, 30]) {
      const A = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        A[i * n + i] = -1;
        if (i > 0) A[i * n + i - 1] = 2;
        if (i < n - 1) A[i * n + i + 1] = 0.125;
      }
      const e = eigen(A, n);
      expectPairs(A, n, e);
      expect(Math.max(...e.condition)).toBeGreaterThan(n === 10 ? 1e3 : 1e10);
      if (n > 10) continue;
      const cosines = Array.from({ length: n }, (_, k) => Math.cos(((k + 1) * Math.PI) / (n + 1)));
      for (let k = 0; k < n; k++)
        expect(Math.abs(e.values.re[k] - cosines[k] + 1)).toBeLessThan(1e-15 * e.condition[k] * norm2(A));
    }
  });

  it("Frank's matrix: reciprocal eigenvalues, the small ones ill-conditioned", () => {
    const n = 12;
    const A = Float64Array.from({ length: n * n }, (_, p) => {
      const [i, j] = [Math.floor(p / n), p % n];
      return j < i - 1 ? 0 : n - Math.max(i, j);
    });
    const e = eigen(A, n);
    expectPairs(A, n, e);
    // Golub and Wilkinson, SIAM Review 18:578 (1976).
    const published = [32.2288915, 20.1989886, 12.3110774, 6.96153309, 3.51185595, 1.55398871];
    published.forEach((value, k) => {
      expect(e.values.re[k] / value).toBeCloseTo(1, 8);
      const error = e.condition[n - 1 - k] * norm2(A) * 1e-15;
      expect(Math.abs(e.values.re[n - 1 - k] - 1 / e.values.re[k])).toBeLessThan(error);
    });
    expect(e.condition[n - 1]).toBeGreaterThan(1e6);
    expect(e.condition[0]).toBeLessThan(10);
  });

  it("Grcar(32): spectral abscissa, and Henrici's departure from normality", () => {
    const n = 32;
    const A = grcar(n);
    const e = eigen(A, n);
    expectPairs(A, n, e);
    expect(e.values.re[0]).toBeCloseTo(1.657433, 5);
    const squares = e.values.re.reduce((s, a, k) => s + a * a + e.values.im[k] ** 2, 0);
    expect(Math.sqrt(norm2(A) ** 2 - squares)).toBeCloseTo(6.007086, 5);
    const large = grcar(180);
    expectPairs(large, 180, eigen(large, 180));
  });

  it("defective: a Jordan block has one direction, and its condition says so", () => {
    for (const n of [2, 3, 8]) {
      for (const lambda of [0, 1, -2.5]) {
        const A = diagonal(Array(n).fill(lambda));
        for (let i = 0; i + 1 < n; i++) A[i * n + i + 1] = 1;
        const e = eigen(A, n);
        expectPairs(A, n, e);
        for (let k = 0; k < n; k++) {
          expect(e.values.re[k]).toBe(lambda);
          expect(Math.abs(e.right.re[k])).toBeCloseTo(1, 12); // all along the first axis
          expect(e.condition[k]).toBeGreaterThan(1e12);
        }
        // In another basis the eigenvalue splits by some (2⁻⁵²)^(1/n).
        const Q = product(A, identity(n));
        const G = randomMatrix(n, n, 3);
        const S = product(transpose(orthogonal(G, n), n, n), Q, orthogonal(G, n));
        const turned = eigen(S, n);
        expectPairs(S, n, turned);
        expect(spectralDistance(turned.values, real(...Array(n).fill(lambda)))).toBeLessThan(10 * 2 ** (-52 / n));
        expect(Math.max(...turned.condition)).toBeGreaterThan(100);
      }
    }
  });

  it("a pair of Jordan blocks with complex eigenvalues", () => {
    const A = fromRows([0, -1, 1, 0], [1, 0, 0, 1], [0, 0, 0, -1], [0, 0, 1, 0]);
    const e = eigen(A, 4);
    expectPairs(A, 4, e);
    expect(spectralDistance(e.values, { re: [0, 0, 0, 0], im: [1, 1, -1, -1] })).toBeLessThan(1e-7);
    expect(Math.min(...e.condition)).toBeGreaterThan(1e6);
  });

  it("nearly equal eigenvalues: condition 1 / gap", () => {
    const gap = 1e-9;
    const e = eigen(fromRows([1, 1], [0, 1 + gap]), 2);
    // l = (-1, 1 / gap) up to length: 1 / |l' r| = √(1 + 1 / gap²).
    for (const c of e.condition) expect(c * gap).toBeCloseTo(1, 6);
    expect([...e.values.re]).toEqual([1 + gap, 1]);
    const twin = eigen(fromRows([1, 1e-12], [1e-12, 1]), 2);
    expect(twin.values.re[0] - twin.values.re[1]).toBeCloseTo(2e-12, 15);
    expect(twin.condition[0]).toBeCloseTo(1, 3);
  });

  it("repeated eigenvalues with enough eigenvectors are not ill-conditioned", () => {
    for (const A of [identity(5), new Float64Array(25), diagonal([2, 2, 1, 1, 1])]) {
      const e = eigen(A, 5);
      expectPairs(A, 5, e);
      expect([...e.condition]).toEqual([1, 1, 1, 1, 1]);
    }
  });

  it("graded: balancing keeps small eigenvalues that a badly scaled basis hides", () => {
    const B = fromRows([2, 1, 0.5], [-1, 3, 1], [0.25, 1, 5]);
    const scale = [1, 1e7, 1e-6];
    const A = B.map((b, p) => (b * scale[Math.floor(p / 3)]) / scale[p % 3]);
    const expected = eigen(B, 3).values;
    expect(spectralDistance(eigen(A, 3).values, expected)).toBeLessThan(1e-13);
    expectPairs(A, 3, eigen(A, 3));
  });

  it("cyclic shifts: every eigenvalue of modulus 1, which unshifted iteration never separates", () => {
    for (const n of [3, 4, 17, 40, 200]) {
      const A = new Float64Array(n * n);
      for (let i = 0; i < n; i++) A[i * n + ((i + 1) % n)] = 1;
      const angles = Array.from({ length: n }, (_, k) => (2 * Math.PI * k) / n);
      const e = eigen(A, n);
      expectPairs(A, n, e);
      const expected = { re: angles.map(Math.cos), im: angles.map(Math.sin) };
      expect(spectralDistance(e.values, expected)).toBeLessThan(1e-13);
      for (const c of e.condition) expect(c).toBeCloseTo(1, 10);
    }
  });

  it("large structured matrices: symmetric, skew, block triangular, low rank, with a window of equal eigenvalues", () => {
    const n = 160;
    const G = randomMatrix(n, n, 7);
    const Gt = transpose(G, n, n);
    const symmetric = G.map((g, p) => g + Gt[p]);
    const e = eigen(symmetric, n);
    expectPairs(symmetric, n, e);
    const reference = symmetricEigen(symmetric, n).values;
    for (let k = 0; k < n; k++) expect(e.values.re[k]).toBeCloseTo(reference[n - 1 - k], 11);
    const skew = G.map((g, p) => g - Gt[p]);
    const s = eigen(skew, n);
    expectPairs(skew, n, s);
    for (let k = 0; k < n; k++) expect(Math.abs(s.values.re[k])).toBeLessThan(1e-12);
    const upper = G.map((g, p) => (Math.floor(p / n) >= 80 && p % n < 80 ? 0 : g));
    expectPairs(upper, n, eigen(upper, n));
    const lowRank = Float64Array.from({ length: n * n }, (_, p) => G[Math.floor(p / n)] * G[n + (p % n)]);
    expectPairs(lowRank, n, eigen(lowRank, n));
    const jordanLike = identity(n, 0.5);
    for (let i = 0; i + 1 < n; i++) jordanLike[i * n + i + 1] = 1;
    const O = orthogonal(G, n);
    const hidden = product(O, jordanLike, transpose(O, n, n));
    expectPairs(hidden, n, eigen(hidden, n));
  });

  it("scales: entries near the ends of float64 change eigenvalues by the scale alone", () => {
    const A = randomMatrix(6, 6, 11);
    const e = eigen(A, 6);
    for (const exponent of [-1000, -400, 400, 990]) {
      const scaled = eigen(
        A.map((a) => a * 2 ** exponent),
        6,
      );
      expect(scaled.status).toBe("ok");
      for (let k = 0; k < 6; k++) {
        expect(scaled.values.re[k] * 2 ** -exponent).toBeCloseTo(e.values.re[k], 13);
        expect(scaled.values.im[k] * 2 ** -exponent).toBeCloseTo(e.values.im[k], 13);
        expect(scaled.residual[k]).toBeLessThan(1e-14);
      }
      expect(Math.max(...scaled.right.re.map((x, i) => Math.abs(x - e.right.re[i])))).toBeLessThan(1e-12);
    }
  });

  it("sorts as asked", () => {
    const A = diagonal([-5, 1, 3, -4]);
    const sorted = (sort: EigenOptions["sort"]) => [...eigen(A, 4, { sort }).values.re];
    expect(sorted("real")).toEqual([3, 1, -4, -5]);
    expect(sorted("modulus")).toEqual([-5, -4, 3, 1]);
    expect(sorted("none").sort()).toEqual([-4, -5, 1, 3]);
  });

  it("a workspace changes no bit, and must fit", () => {
    const workspace = eigenWorkspace(20);
    for (let seed = 1; seed < 6; seed++) {
      const A = seed % 2 ? randomMatrix(20, 20, seed) : diagonal(randomMatrix(20, 1, seed));
      const balance = seed !== 3;
      expect(eigen(A, 20, { workspace, balance })).toEqual(eigen(A, 20, { balance }));
    }
    expect(() => eigen(identity(3), 3, { workspace })).toThrow(/order 20.*order 3/);
  });

  it("leaves its argument alone; empty and 1 × 1 matrices; wrong length; not finite", () => {
    const A = randomMatrix(9, 9, 2);
    const copy = A.slice();
    eigen(A, 9);
    eigenvalues(A, 9);
    expect(A).toEqual(copy);
    expect(eigen(new Float64Array(0), 0)).toMatchObject({ n: 0, status: "ok" });
    const one = eigen(Float64Array.of(-7), 1);
    expect([one.values.re[0], one.right.re[0], one.left.re[0], one.condition[0], one.residual[0]]).toEqual([
      -7, 1, 1, 1, 0,
    ]);
    expect(() => eigen(new Float64Array(5), 2)).toThrow(/A has 5 entries/);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const e = eigen(fromRows([1, bad], [0, 1]), 2);
      expect(e.status).toBe("not finite");
      expect([...e.values.re, ...e.left.im, ...e.residual].every(Number.isNaN)).toBe(true);
      expect(eigenvalues(fromRows([1, bad], [0, 1]), 2).status).toBe("not finite");
    }
  });
});

/** An orthogonal matrix: the eigenvectors of G + G'. */
function orthogonal(G: Float64Array, n: number): Float64Array {
  const Gt = transpose(G, n, n);
  return symmetricEigen(
    G.map((g, p) => g + Gt[p]),
    n,
  ).vectors;
}
