/** Applying a chain of three-element reflectors, as a QR sweep makes them, to many rows or columns at once. */
import { kernelMemoryOf } from "./kernelMemory.ts";

/**
 * To each of `lanes` vectors (from `at`, `lane` apart; entries `step` apart) applies reflectors k = 0 … count - 1, the
 * k-th on entries k, k + 1, k + 2; `tail` adds one on entries count, count + 1. Reflector k is `I - τ v v'` with
 * v = (1, R[3k], R[3k + 1]) and τ = R[3k + 2]. Entries pass through registers: one load and one store each per reflector.
 */
export function applyReflectorSequence(
  M: Float64Array,
  at: number,
  step: number,
  lane: number,
  lanes: number,
  R: Float64Array,
  count: number,
  tail: boolean,
): void {
  const memory = kernelMemoryOf(M);
  if (memory && R.buffer === memory.buffer) {
    const start = M.byteOffset + 8 * at;
    const chain = [lanes, R.byteOffset, count, tail ? 1 : 0] as const;
    if (lane === 1) memory.kernels.reflectRows(start, 8 * step, ...chain);
    else if (step === 1) memory.kernels.reflectColumns(start, 8 * lane, ...chain);
    if (lane === 1 || step === 1) return;
  }
  const last = at + lanes * lane;
  let b = at;
  for (const end = last - 3 * lane; b < end; b += 4 * lane) {
    let p0 = b;
    let p1 = p0 + lane;
    let p2 = p1 + lane;
    let p3 = p2 + lane;
    let x0 = M[p0];
    let x1 = M[p1];
    let x2 = M[p2];
    let x3 = M[p3];
    let y0 = M[p0 + step];
    let y1 = M[p1 + step];
    let y2 = M[p2 + step];
    let y3 = M[p3 + step];
    const ahead = 2 * step;
    for (let q = 0, stop = 3 * count; q < stop; q += 3) {
      const v1 = R[q];
      const v2 = R[q + 1];
      const tau = R[q + 2];
      const z0 = M[p0 + ahead];
      const z1 = M[p1 + ahead];
      const z2 = M[p2 + ahead];
      const z3 = M[p3 + ahead];
      const s0 = (x0 + v1 * y0 + v2 * z0) * tau;
      const s1 = (x1 + v1 * y1 + v2 * z1) * tau;
      const s2 = (x2 + v1 * y2 + v2 * z2) * tau;
      const s3 = (x3 + v1 * y3 + v2 * z3) * tau;
      M[p0] = x0 - s0;
      M[p1] = x1 - s1;
      M[p2] = x2 - s2;
      M[p3] = x3 - s3;
      x0 = y0 - s0 * v1;
      x1 = y1 - s1 * v1;
      x2 = y2 - s2 * v1;
      x3 = y3 - s3 * v1;
      y0 = z0 - s0 * v2;
      y1 = z1 - s1 * v2;
      y2 = z2 - s2 * v2;
      y3 = z3 - s3 * v2;
      p0 += step;
      p1 += step;
      p2 += step;
      p3 += step;
    }
    if (tail) {
      const v1 = R[3 * count];
      const tau = R[3 * count + 2];
      const s0 = (x0 + v1 * y0) * tau;
      const s1 = (x1 + v1 * y1) * tau;
      const s2 = (x2 + v1 * y2) * tau;
      const s3 = (x3 + v1 * y3) * tau;
      x0 -= s0;
      x1 -= s1;
      x2 -= s2;
      x3 -= s3;
      y0 -= s0 * v1;
      y1 -= s1 * v1;
      y2 -= s2 * v1;
      y3 -= s3 * v1;
    }
    M[p0] = x0;
    M[p1] = x1;
    M[p2] = x2;
    M[p3] = x3;
    M[p0 + step] = y0;
    M[p1 + step] = y1;
    M[p2 + step] = y2;
    M[p3 + step] = y3;
  }
  for (; b < last; b += lane) {
    let p = b;
    let x = M[p];
    let y = M[p + step];
    for (let q = 0, stop = 3 * count; q < stop; q += 3) {
      const v1 = R[q];
      const v2 = R[q + 1];
      const z = M[p + 2 * step];
      const s = (x + v1 * y + v2 * z) * R[q + 2];
      M[p] = x - s;
      x = y - s * v1;
      y = z - s * v2;
      p += step;
    }
    if (tail) {
      const v1 = R[3 * count];
      const s = (x + v1 * y) * R[3 * count + 2];
      x -= s;
      y -= s * v1;
    }
    M[p] = x;
    M[p + step] = y;
  }
}
