/** The Sylvester equation of maps. */
import { epsilon, expectSize, norm2, tiny } from "./checks.ts";
import { block, gemm } from "./gemm.ts";
import { multiply, multiplyABt, multiplyAtB } from "./matrix.ts";
import { realSchur } from "./schur.ts";
import { smallStein } from "./smallSylvester.ts";
import type { MatrixEquation } from "./sylvester.ts";

/**
 * Solves `X = A X B + C` for A `[m, m]`, B `[n, n]`, C `[m, n]`. Unique where no eigenvalue of A is the reciprocal of one
 * of B; status `singular` where one is, or nearly. With B = A' it is `discreteLyapunov` without the condition that A be
 * stable. By the Schur forms of A and B, column after column: Kitagawa, Int. J. Control 25:745 (1977).
 */
export function discreteSylvester(
  A: Float64Array,
  B: Float64Array,
  C: Float64Array,
  m: number,
  n: number,
): MatrixEquation {
  expectSize(C, m, n, "C");
  const a = realSchur(A, m);
  const b = realSchur(B, n);
  const failed = [a.status, b.status].find((status) => status !== "ok");
  if (failed || !Number.isFinite(norm2(C)))
    return { x: new Float64Array(m * n).fill(Number.NaN), status: failed ?? "not finite" };
  // A = U S U', B = V T V', X = U Y V': Y = S Y T + U' C V.
  const { T: S, Z: U } = a;
  const { T, Z: V } = b;
  const Y = multiply(multiplyAtB(U, C, m, m, n), V, m, n, n);
  const least = Math.max(epsilon * (1 + norm2(S) * norm2(T)), tiny);
  const small = new Float64Array(4);
  const before = new Float64Array(m * 2);
  const after = new Float64Array(m * 2); // this block of columns of Y, times the diagonal block of T
  let regular = true;
  for (let j = 0; j < n; ) {
    const q = j + 1 < n && T[(j + 1) * n + j] !== 0 ? 2 : 1;
    gemm(block(before, 2), block(Y, n), block(T, n, 0, j), m, j, q, 0);
    gemm(block(Y, n, 0, j), block(S, m), block(before, 2), m, m, q, 1);
    for (let i = m - 1; i >= 0; i--) {
      const p = i > 0 && S[i * m + i - 1] !== 0 ? 2 : 1;
      const top = i - p + 1;
      for (let r = 0; r < p; r++)
        for (let c = 0; c < q; c++) {
          let s = Y[(top + r) * n + j + c];
          for (let k = i + 1, at = (top + r) * m + k; k < m; k++, at++) s += S[at] * after[2 * k + c];
          small[r * 2 + c] = s;
        }
      if (!smallStein(block(S, m, top, top), p, block(T, n, j, j), q, small, least)) regular = false;
      for (let r = 0; r < p; r++)
        for (let c = 0; c < q; c++) {
          Y[(top + r) * n + j + c] = small[r * 2 + c];
          let s = 0;
          for (let k = 0; k < q; k++) s += small[r * 2 + k] * T[(j + k) * n + j + c];
          after[(top + r) * 2 + c] = s;
        }
      i = top;
    }
    j += q;
  }
  const x = multiplyABt(multiply(U, Y, m, m, n), V, m, n, n);
  return { x, status: regular ? "ok" : "singular" };
}
