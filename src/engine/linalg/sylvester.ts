/** Sylvester and Lyapunov equations. */
import { epsilon, expectSize, type LinalgStatus, norm2, tiny } from "./checks.ts";
import { block, gemm } from "./gemm.ts";
import { multiply, multiplyABt, multiplyAtB } from "./matrix.ts";
import { type RealSchur, realSchur } from "./schur.ts";
import { reflectAtAntidiagonal } from "./schurVectors.ts";
import { smallSylvester } from "./smallSylvester.ts";

export interface MatrixEquation {
  x: Float64Array;
  /** `singular`: the equation has no unique solution, or nearly so; x solves one changed by rounding. `no convergence` (discrete equation): no eigenvalues all inside the unit circle. */
  status: LinalgStatus;
}

/**
 * Solves `A X + X B = C` for A `[m, m]`, B `[n, n]`, C `[m, n]`. Unique where no eigenvalue of A is minus one of B.
 * Bartels and Stewart, Comm. ACM 15:820 (1972).
 */
export function sylvester(A: Float64Array, B: Float64Array, C: Float64Array, m: number, n: number): MatrixEquation {
  expectSize(C, m, n, "C");
  return solveInSchurForms(realSchur(A, m), realSchur(B, n), C, m, n);
}

/**
 * Solves `A X + X A' + Q = 0` for A, Q `[n, n]`. With A stable and Q the covariance of white noise, X is the stationary
 * covariance of `dx = A x dt + noise`. Where Q is symmetric so is X, exactly.
 */
export function lyapunov(A: Float64Array, Q: Float64Array, n: number): MatrixEquation {
  expectSize(Q, n, n, "Q");
  const schur = realSchur(A, n);
  // A' = V T V' with the Schur vectors in reverse order and T reflected.
  const T = schur.T.slice();
  reflectAtAntidiagonal(T, n);
  const Z = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) Z[i * n + j] = schur.Z[i * n + n - 1 - j];
  const result = solveInSchurForms(
    schur,
    { ...schur, T, Z },
    Q.map((q) => -q),
    n,
    n,
  );
  if (isSymmetric(Q, n)) symmetrise(result.x, n);
  return result;
}

/**
 * Solves `X = A X A' + Q` for A, Q `[n, n]` with all eigenvalues of A inside the unit circle, by doubling: the sum
 * `Σ A^k Q A'^k`. With Q the covariance of the noise of each step, X is the stationary covariance of the map.
 */
export function discreteLyapunov(A: Float64Array, Q: Float64Array, n: number): MatrixEquation {
  expectSize(A, n, n, "A");
  expectSize(Q, n, n, "Q");
  const x = Q.slice();
  let power = A.slice();
  const symmetric = isSymmetric(Q, n);
  for (let k = 0; k < 60; k++) {
    const change = multiplyABt(multiply(power, x, n, n, n), power, n, n, n);
    for (let i = 0; i < x.length; i++) x[i] += change[i];
    const size = norm2(x);
    if (!Number.isFinite(size)) break;
    if (norm2(change) <= epsilon * size && norm2(power) < 1) {
      if (symmetric) symmetrise(x, n);
      return { x, status: "ok" };
    }
    power = multiply(power, power, n, n, n) as Float64Array<ArrayBuffer>;
  }
  const finite = Number.isFinite(norm2(A)) && Number.isFinite(norm2(Q));
  return { x: x.fill(Number.NaN), status: finite ? "no convergence" : "not finite" };
}

/** `A X + X B = C` with `A = U S U'` and `B = V T V'`: `S Y + Y T = U' C V`, column after column. */
function solveInSchurForms(a: RealSchur, b: RealSchur, C: Float64Array, m: number, n: number): MatrixEquation {
  const failed = [a.status, b.status].find((status) => status !== "ok");
  if (failed || !Number.isFinite(norm2(C)))
    return { x: new Float64Array(m * n).fill(Number.NaN), status: failed ?? "not finite" };
  const { T: S, Z: U } = a;
  const { T, Z: V } = b;
  const Y = multiply(multiplyAtB(U, C, m, m, n), V, m, n, n);
  const least = Math.max(epsilon * Math.max(norm2(S), norm2(T)), tiny);
  const small = new Float64Array(4);
  const column = [new Float64Array(m), new Float64Array(m)];
  let regular = true;
  for (let j = 0; j < n; ) {
    const q = j + 1 < n && T[(j + 1) * n + j] !== 0 ? 2 : 1;
    gemm(block(Y, n, 0, j), block(Y, n), block(T, n, 0, j), m, j, q, -1);
    for (let i = m - 1; i >= 0; i--) {
      const p = i > 0 && S[i * m + i - 1] !== 0 ? 2 : 1;
      const top = i - p + 1;
      for (let r = 0; r < p; r++)
        for (let c = 0; c < q; c++) {
          const y = column[c];
          let s = Y[(top + r) * n + j + c];
          for (let k = i + 1, at = (top + r) * m + k; k < m; k++, at++) s -= S[at] * y[k];
          small[r * 2 + c] = s;
        }
      if (!smallSylvester(block(S, m, top, top), p, block(T, n, j, j), q, 1, small, least)) regular = false;
      for (let r = 0; r < p; r++)
        for (let c = 0; c < q; c++) Y[(top + r) * n + j + c] = column[c][top + r] = small[r * 2 + c];
      i = top;
    }
    j += q;
  }
  const x = multiplyABt(multiply(U, Y, m, m, n), V, m, n, n);
  return { x, status: regular ? "ok" : "singular" };
}

function isSymmetric(Q: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (Q[i * n + j] !== Q[j * n + i]) return false;
  return true;
}

function symmetrise(X: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) X[i * n + j] = X[j * n + i] = (X[i * n + j] + X[j * n + i]) / 2;
}
