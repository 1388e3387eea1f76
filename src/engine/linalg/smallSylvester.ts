/** Matrix equations of two blocks of order 1 or 2, which reordering and the large equations are made of. */
import type { Block } from "./gemm.ts";

const K = new Float64Array(20); // up to four equations, each with its right side
const solution = new Float64Array(4);
const order = new Int32Array(4);

/**
 * Solves `A X + sign X B = C` for A of order p and B of order q, 1 or 2 each, by Gaussian elimination with full
 * pivoting. C and, in its place, X have two entries a row. Pivots below `least` are replaced by it; returns whether
 * there were none (otherwise A and -sign B share an eigenvalue to that accuracy).
 */
export function smallSylvester(
  A: Block,
  p: number,
  B: Block,
  q: number,
  sign: 1 | -1,
  C: Float64Array,
  least: number,
): boolean {
  const count = p * q;
  K.fill(0);
  for (let c = 0; c < q; c++)
    for (let r = 0; r < p; r++) {
      const row = (c * p + r) * 5;
      for (let i = 0; i < p; i++) K[row + c * p + i] += A.data[A.at + r * A.row + i * A.column];
      for (let i = 0; i < q; i++) K[row + i * p + r] += sign * B.data[B.at + i * B.row + c * B.column];
      K[row + 4] = C[r * 2 + c];
    }
  return solveSmall(p, count, C, least);
}

/** Solves `X - A X B = C` in the same way. */
export function smallStein(A: Block, p: number, B: Block, q: number, C: Float64Array, least: number): boolean {
  const count = p * q;
  K.fill(0);
  for (let c = 0; c < q; c++)
    for (let r = 0; r < p; r++) {
      const row = (c * p + r) * 5;
      K[row + c * p + r] = 1;
      for (let i = 0; i < p; i++)
        for (let j = 0; j < q; j++)
          K[row + j * p + i] -= A.data[A.at + r * A.row + i * A.column] * B.data[B.at + j * B.row + c * B.column];
      K[row + 4] = C[r * 2 + c];
    }
  return solveSmall(p, count, C, least);
}

/** Gaussian elimination of the `count` equations in K; unknown c p + r goes to C[2 r + c]. */
function solveSmall(p: number, count: number, C: Float64Array, least: number): boolean {
  let regular = true;
  for (let k = 0; k < count; k++) order[k] = k;
  for (let k = 0; k < count; k++) {
    let pr = k;
    let pc = k;
    for (let r = k; r < count; r++)
      for (let c = k; c < count; c++)
        if (Math.abs(K[r * 5 + c]) > Math.abs(K[pr * 5 + pc])) {
          pr = r;
          pc = c;
        }
    if (pr !== k)
      for (let c = 0; c < 5; c++) {
        const held = K[k * 5 + c];
        K[k * 5 + c] = K[pr * 5 + c];
        K[pr * 5 + c] = held;
      }
    if (pc !== k) {
      for (let r = 0; r < count; r++) {
        const held = K[r * 5 + k];
        K[r * 5 + k] = K[r * 5 + pc];
        K[r * 5 + pc] = held;
      }
      const held = order[k];
      order[k] = order[pc];
      order[pc] = held;
    }
    if (!(Math.abs(K[k * 5 + k]) >= least)) {
      K[k * 5 + k] = least;
      regular = false;
    }
    for (let r = k + 1; r < count; r++) {
      const factor = K[r * 5 + k] / K[k * 5 + k];
      for (let c = k; c < 5; c++) K[r * 5 + c] -= factor * K[k * 5 + c];
    }
  }
  for (let k = count - 1; k >= 0; k--) {
    let s = K[k * 5 + 4];
    for (let c = k + 1; c < count; c++) s -= K[k * 5 + c] * solution[c];
    solution[k] = s / K[k * 5 + k];
  }
  for (let k = 0; k < count; k++) {
    const c = Math.floor(order[k] / p);
    C[(order[k] - c * p) * 2 + c] = solution[k];
  }
  return regular;
}
