/** Large products and decompositions by an installed OpenBLAS: to rounding what ours give, and right by themselves. */
import { describe, expect, it } from "vitest";
import { eigen } from "../../../src/engine/linalg/eigen.ts";
import { block, gemm, transposed } from "../../../src/engine/linalg/gemm.ts";
import { libraryFor } from "../../../src/engine/linalg/lapack.ts";
import { luFactor, luSolve } from "../../../src/engine/linalg/lu.ts";
import { multiply, multiplyAtB } from "../../../src/engine/linalg/matrix.ts";
import { svd } from "../../../src/engine/linalg/svd.ts";
import { symmetricEigen } from "../../../src/engine/linalg/symmetricEigen.ts";
import { RandomStream } from "../../../src/engine/random.ts";
import { useBlas } from "../../../src/host/blas.ts";

const installed = useBlas("auto");
useBlas("off");

const n = 260;
const random = (size: number, index: number) => {
  const stream = new RandomStream(1, "system", index);
  return Float64Array.from({ length: size }, () => stream.normal());
};
const largest = (A: Float64Array) => A.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const difference = (A: Float64Array, B: Float64Array) => largest(A.map((a, i) => a - B[i]!));

/** The same with our own code and with the library's. */
function both<T>(work: () => T): [own: T, system: T] {
  const own = work();
  useBlas(installed!.from);
  try {
    return [own, work()];
  } finally {
    useBlas("off");
  }
}

describe.skipIf(!installed)("with OpenBLAS (skipped where it or koffi is not installed)", () => {
  it("products: plain, transposed, of blocks, added and subtracted", () => {
    const [A, B] = [random(n * n, 0), random(n * n, 1)];
    const [own, system] = both(() => {
      const C = random((n + 5) * (n + 7), 2);
      const into = block(C, n + 7, 3, 2);
      gemm(into, block(A, n), block(B, n), n, 100, n, 1);
      gemm(into, transposed(block(A, n)), transposed(block(B, n)), n, n, n, -1);
      gemm(transposed(block(C, n + 7, 1, 4)), block(B, n), block(A, n), n, 50, n, 1);
      return [C, multiply(A, B, n, n, n), multiplyAtB(A, B, n, n, n)];
    });
    for (const [k, C] of own.entries()) {
      expect(difference(C, system[k]!)).toBeLessThan(1e-12 * n);
      expect(difference(C, system[k]!)).toBeGreaterThan(0); // another order of additions
    }
  });

  it("solutions of linear equations", () => {
    const A = random(n * n, 3);
    const x = random(n, 4);
    const [own, system] = both(() => {
      const LU = A.slice();
      const pivots = new Int32Array(n);
      luFactor(LU, n, pivots);
      const b = multiply(A, x, n, n, 1);
      luSolve(LU, n, pivots, b);
      return b;
    });
    expect(difference(own, x)).toBeLessThan(1e-9);
    expect(difference(system, x)).toBeLessThan(1e-9);
  });

  it("eigenvalues with both kinds of vectors: order, lengths, signs and conditions are ours", () => {
    const A = random(n * n, 5);
    const [own, system] = both(() => eigen(A, n));
    expect(system.status).toBe("ok");
    expect(difference(own.values.re, system.values.re)).toBeLessThan(1e-10 * Math.sqrt(n));
    expect(difference(own.values.im, system.values.im)).toBeLessThan(1e-10 * Math.sqrt(n));
    for (const side of ["right", "left"] as const)
      for (const part of ["re", "im"] as const)
        expect(difference(own[side][part], system[side][part])).toBeLessThan(1e-8 * largest(own[side][part]));
    for (let k = 0; k < n; k++) expect(system.condition[k]! / own.condition[k]!).toBeCloseTo(1, 8);
    expect(largest(system.residual)).toBeLessThan(1e-12);
    expect(difference(own.values.re, system.values.re)).toBeGreaterThan(0);
  });

  it("badly scaled matrices and ones that are not finite", () => {
    const A = random(n * n, 6).map((a, p) => a * 2 ** (((p % n) % 40) - (Math.floor(p / n) % 40)));
    const [own, system] = both(() => eigen(A, n));
    expect([own.status, system.status]).toEqual(["ok", "ok"]);
    expect(largest(system.residual)).toBeLessThan(1e-11);
    A[7] = Number.NaN;
    expect(both(() => eigen(A, n).status)).toEqual(["not finite", "not finite"]);
  });

  it("singular values and vectors, tall and wide", () => {
    for (const [rows, columns] of [
      [n + 40, n],
      [n, n + 40],
    ] as const) {
      const A = random(rows * columns, 7);
      const [own, system] = both(() => svd(A, rows, columns));
      expect(system.status).toBe("ok");
      expect(difference(own.s, system.s)).toBeLessThan(1e-12 * own.s[0]!);
      const scaled = system.U.map((u, p) => u * system.s[p % n]!);
      expect(difference(multiply(scaled, system.Vt, rows, n, columns), A)).toBeLessThan(1e-11);
      expect(difference(own.Vt, system.Vt)).toBeLessThan(1e-7);
    }
  });

  it("symmetric matrices", () => {
    const G = random(n * n, 8);
    const S = G.map((g, p) => g + G[(p % n) * n + Math.floor(p / n)]!);
    const [own, system] = both(() => symmetricEigen(S, n));
    expect(system.status).toBe("ok");
    expect(difference(own.values, system.values)).toBeLessThan(1e-11 * Math.sqrt(n));
    expect(difference(own.vectors, system.vectors)).toBeLessThan(1e-7);
  });

  it("small matrices stay with our own code", () => {
    const A = random(100 * 100, 9);
    const [own, system] = both(() => [multiply(A, A, 100, 100, 100), eigen(A, 100).values.re]);
    expect(system).toEqual(own);
  });
});

it("nothing goes to a library unless one is in use", () => {
  expect(libraryFor(1000)).toBeUndefined();
});
