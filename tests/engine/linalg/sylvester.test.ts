import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { solve } from "../../../src/engine/linalg/lu.ts";
import { identity, multiply, multiplyABt, norm2, transpose } from "../../../src/engine/linalg/matrix.ts";
import { discreteLyapunov, lyapunov, sylvester } from "../../../src/engine/linalg/sylvester.ts";
import { distance, fromRows, randomMatrix } from "./helpers.ts";

/** The same equation as one large linear system. */
function kronecker(A: Float64Array, B: Float64Array, C: Float64Array, m: number, n: number) {
  const size = m * n;
  const K = new Float64Array(size * size);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      const row = (i * n + j) * size;
      for (let k = 0; k < m; k++) K[row + k * n + j] += A[i * m + k];
      for (let k = 0; k < n; k++) K[row + i * n + k] += B[k * n + j];
    }
  return solve(K, C, size);
}

const stable = (n: number, seed: number) => randomMatrix(n, n, seed).map((a, p) => a - (p % (n + 1) === 0 ? n : 0));

describe("sylvester", () => {
  it("A X + X B = C, against one large linear system", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9999 }),
        (m, n, seed) => {
          const A = randomMatrix(m, m, seed);
          const B = randomMatrix(n, n, seed + 1);
          const C = randomMatrix(m, n, seed + 2);
          const { x, status } = sylvester(A, B, C, m, n);
          const reference = kronecker(A, B, C, m, n);
          expect(status).toBe("ok");
          expect(distance(x, reference.x)).toBeLessThan(
            (1e-14 * norm2(reference.x) * m * n) / reference.reciprocalCondition + 1e-13,
          );
          const residual = multiply(A, x, m, m, n).map((y, p) => y - C[p]);
          const right = multiply(x, B, m, n, n);
          expect(norm2(residual.map((r, p) => r + right[p]))).toBeLessThan(
            1e-13 * (norm2(x) * (norm2(A) + norm2(B)) + norm2(C)),
          );
        },
      ),
    );
  });

  it("of order 60 × 40", () => {
    const [m, n] = [60, 40];
    const [A, B, X] = [stable(m, 1), stable(n, 2), randomMatrix(m, n, 3)];
    const right = multiply(X, B, m, n, n);
    const C = multiply(A, X, m, m, n).map((y, p) => y + right[p]);
    expect(distance(sylvester(A, B, C, m, n).x, X)).toBeLessThan(1e-12);
  });

  it("says where A and -B share an eigenvalue, or something is not finite", () => {
    expect(sylvester(Float64Array.of(2), Float64Array.of(-2), Float64Array.of(1), 1, 1).status).toBe("singular");
    expect(sylvester(Float64Array.of(2), Float64Array.of(Number.NaN), Float64Array.of(1), 1, 1).status).toBe(
      "not finite",
    );
    expect(sylvester(Float64Array.of(2), Float64Array.of(2), Float64Array.of(Number.NaN), 1, 1).status).toBe(
      "not finite",
    );
    expect(() => sylvester(identity(2), identity(3), new Float64Array(5), 2, 3)).toThrow(/C has 5 entries/);
  });
});

describe("lyapunov", () => {
  it("stationary covariance of an Ornstein–Uhlenbeck process, in closed form", () => {
    // dx = -x dt + σ dW: variance σ² / 2. A rotation with decay a leaves an isotropic covariance q / 2a.
    expect(lyapunov(Float64Array.of(-1), Float64Array.of(4), 1).x[0]).toBeCloseTo(2, 15);
    const X = lyapunov(fromRows([-0.5, -3], [3, -0.5]), identity(2), 2).x;
    expect(distance(X, identity(2))).toBeLessThan(1e-14);
    // Feedforward x₁ → x₂: (-1, 0; w, -1), unit noise: 1/2, w/4, 1/2 + w²/4.
    const w = 6;
    const F = lyapunov(fromRows([-1, 0], [w, -1]), identity(2), 2).x;
    expect(distance(F, fromRows([0.5, w / 4], [w / 4, 0.5 + w ** 2 / 4]))).toBeLessThan(1e-13);
  });

  it.each([3, 10, 50])("A X + X A' + Q = 0 of order %i, exactly symmetric", (n) => {
    const A = stable(n, n);
    const G = randomMatrix(n, n, 5);
    const Q = multiplyABt(G, G, n, n, n);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) Q[i * n + j] = Q[j * n + i];
    const { x, status } = lyapunov(A, Q, n);
    expect(status).toBe("ok");
    expect(transpose(x, n, n)).toEqual(x);
    const AX = multiply(A, x, n, n, n);
    const XAt = multiplyABt(x, A, n, n, n);
    expect(norm2(AX.map((y, p) => y + XAt[p] + Q[p]))).toBeLessThan(1e-13 * norm2(Q) * n);
    const skewQ = Q.map((q, p) => q + G[p]);
    const general = lyapunov(A, skewQ, n).x;
    expect(
      distance(
        general,
        sylvester(
          A,
          transpose(A, n, n),
          skewQ.map((q) => -q),
          n,
          n,
        ).x,
      ),
    ).toBeLessThan(1e-12);
  });

  it("an integrator has no stationary covariance", () => {
    expect(lyapunov(fromRows([0, 0], [0, -1]), identity(2), 2).status).toBe("singular");
  });
});

describe("discreteLyapunov", () => {
  it("the stationary variance of an AR(1) process is σ² / (1 - a²)", () => {
    for (const a of [0, 0.5, -0.9, 0.9999]) {
      const { x, status } = discreteLyapunov(Float64Array.of(a), Float64Array.of(3), 1);
      expect(status).toBe("ok");
      expect(x[0] / (3 / (1 - a * a))).toBeCloseTo(1, 11);
    }
  });

  it("X = A X A' + Q, also for non-normal A whose powers grow at first", () => {
    const n = 12;
    const A = randomMatrix(n, n, 6).map((a, p) =>
      p % n > Math.floor(p / n) ? 3 * a : p % (n + 1) === 0 ? 0.9 * a : 0,
    );
    const { x, status } = discreteLyapunov(A, identity(n), n);
    expect(status).toBe("ok");
    expect(transpose(x, n, n)).toEqual(x);
    const back = multiplyABt(multiply(A, x, n, n, n), A, n, n, n);
    const residual = x.map((v, p) => v - back[p] - (p % (n + 1) === 0 ? 1 : 0));
    expect(norm2(residual)).toBeLessThan(1e-13 * norm2(x) * norm2(A) ** 2);
  });

  it("an unstable map has none", () => {
    expect(discreteLyapunov(Float64Array.of(1), Float64Array.of(1), 1)).toMatchObject({ status: "no convergence" });
    expect(discreteLyapunov(fromRows([1.1, 0], [0, 0.5]), identity(2), 2).status).toBe("no convergence");
    expect(discreteLyapunov(Float64Array.of(Number.NaN), Float64Array.of(1), 1).status).toBe("not finite");
  });
});
