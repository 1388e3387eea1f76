import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identity, multiply, multiplyABt, multiplyAtB, norm2 } from "../../../src/engine/linalg/matrix.ts";
import { thinQr } from "../../../src/engine/linalg/qr.ts";
import { type RealSchur, realSchur, reorderSchur } from "../../../src/engine/linalg/schur.ts";
import { distance, fromRows, randomMatrix, spectralDistance, squareMatrix } from "./helpers.ts";

function expectSchur(A: Float64Array, { T, Z, values, n, status }: RealSchur, accuracy = 1e-14) {
  expect(status).toBe("ok");
  expect(distance(multiplyABt(multiply(Z, T, n, n, n), Z, n, n, n), A)).toBeLessThanOrEqual(
    accuracy * n * norm2(A) + 1e-320,
  );
  expect(distance(multiplyAtB(Z, Z, n, n, n), identity(n))).toBeLessThan(accuracy * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j + 1 < i; j++) expect(T[i * n + j]).toBe(0);
    expect(values.re[i]).toBe(T[i * n + i]);
    if (i + 1 === n || T[(i + 1) * n + i] === 0) continue;
    // Standard form: equal diagonal, off-diagonal of opposite sign, and no second block overlapping.
    expect(T[i * n + i]).toBe(T[(i + 1) * n + i + 1]);
    expect(Math.sign(T[i * n + i + 1])).toBe(-Math.sign(T[(i + 1) * n + i]));
    if (i + 2 < n) expect(T[(i + 2) * n + i + 1]).toBe(0);
    expect(values.im[i]).toBeGreaterThan(0);
    expect(values.im[i + 1]).toBe(-values.im[i]);
  }
}

describe("realSchur", () => {
  it("A = Z T Z' in standard form, for any matrix", () => {
    fc.assert(fc.property(squareMatrix(8), ({ n, A }) => expectSchur(A, realSchur(A, n))));
  });

  it.each([30, 70, 160, 260])("random of order %i", (n) => {
    const A = randomMatrix(n, n, n);
    expectSchur(A, realSchur(A, n));
  });

  it("two complex pairs close to each other and far from normal, in any basis: the usual shifts alone wander for ever", () => {
    const n = 8;
    const A = fromRows(
      [0, 1, 0, 0, 0, 0, -1, 1],
      [0, -1, 0, 2, 0, 0, 0.5, 1],
      [2, 0, 0, -1, 0, 0, 0, 0],
      [0, 0, 0, 0, 5e-6, -1e8, 0, -1],
      [0, 2, 1, 0, 0, 0, 0, 0],
      [0, 0, 0.98, 0.08, -1, 0, 0, 0],
      [0, 0, 0, 2, 0, 1, 0, -0.75],
      [-8e6, 0, 1, 0, 0, -1, 2, 0],
    );
    for (let seed = 1; seed <= 300; seed++) {
      const { Q } = thinQr(randomMatrix(n, n, seed), n, n);
      const B = multiplyABt(multiply(Q, A, n, n, n), Q, n, n, n);
      expectSchur(B, realSchur(B, n));
    }
  });

  it("the feedforward strength of Murphy and Miller's two populations is w (1 + k)", () => {
    const w = 30 / 7;
    const { T, values } = realSchur(fromRows([w, -1.1 * w], [w, -1.1 * w]), 2);
    expect(Math.abs(T[1])).toBeCloseTo(9, 13);
    expect([...values.re].sort()).toEqual([expect.closeTo(-0.1 * w, 13), expect.closeTo(0, 13)]);
  });

  it("not finite is a status", () => {
    expect(realSchur(fromRows([1, Number.NaN], [0, 1]), 2).status).toBe("not finite");
  });
});

describe("reorderSchur", () => {
  it("moves what is selected to the front: T stays a Schur form of A and Z's first columns invariant", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 10_000 }), (n, seed) => {
        const A = randomMatrix(n, n, seed);
        const schur = realSchur(A, n);
        const before = { re: schur.values.re.slice(), im: schur.values.im.slice() };
        const wanted = before.re.filter((a) => a < 0).length;
        const { count, complete } = reorderSchur(schur, (re) => re < 0);
        expect(complete).toBe(true);
        expect(count).toBe(wanted);
        expectSchur(A, schur);
        expect(spectralDistance(schur.values, before)).toBeLessThan(1e-9);
        for (let k = 0; k < n; k++) expect(schur.values.re[k] < 0).toBe(k < count);
        // A Z₁ = Z₁ T₁₁
        const Z1 = Float64Array.from({ length: n * count }, (_, p) => schur.Z[Math.floor(p / count) * n + (p % count)]);
        const T11 = Float64Array.from(
          { length: count * count },
          (_, p) => schur.T[Math.floor(p / count) * n + (p % count)],
        );
        const gap = distance(multiply(A, Z1, n, n, count), multiply(Z1, T11, n, count, count));
        expect(gap).toBeLessThan(1e-13 * norm2(A));
      }),
    );
  });

  it("takes both of a complex pair, and none or all where asked", () => {
    const A = randomMatrix(9, 9, 3);
    const schur = realSchur(A, 9);
    expect(reorderSchur(schur, (_, im) => im > 0).count).toBe(schur.values.im.filter((b) => b !== 0).length);
    expectSchur(A, schur);
    const T = schur.T.slice();
    expect(reorderSchur(schur, () => false)).toEqual({ count: 0, complete: true });
    expect(reorderSchur(schur, () => true)).toEqual({ count: 9, complete: true });
    expect(schur.T).toEqual(T);
  });

  it("equal eigenvalues: refuses rather than spoil the form", () => {
    const A = fromRows([1, 0, 5], [0, 1, 1], [0, 0, 1]);
    const schur = realSchur(A, 3);
    reorderSchur(schur, (re) => re <= 1);
    expectSchur(A, schur);
  });
});
