/** Reduction of a square matrix to upper bidiagonal form, and the singular values of that by implicit QR. */
import { epsilon, hypot } from "./checks.ts";
import { block } from "./gemm.ts";
import { makeReflector, reflectColumns, reflectRows } from "./householder.ts";
import { type MakeArray, ordinaryArray } from "./kernelMemory.ts";
import { makeRotation, rotation } from "./rotation.ts";
import { rotateRowsInSequence } from "./rows.ts";

/**
 * `X = U B Vt` of X `[n, n]`, which is overwritten: B has diagonal `d` and superdiagonal `e`. Writes U transposed and Vt,
 * `[n, n]` with singular directions as rows, unless they are null. `make`: where its own arrays lie.
 */
export function bidiagonalise(
  X: Float64Array,
  n: number,
  d: Float64Array,
  e: Float64Array,
  Ut: Float64Array | null,
  Vt: Float64Array | null,
  make: MakeArray = ordinaryArray,
): void {
  const left = make(n);
  const right = make(n);
  const v = make(n);
  const work = make(n);
  for (let k = 0; k < n; k++) {
    const at = k * n + k;
    left[k] = makeReflector(X, at, n - k, n);
    d[k] = X[at];
    X[at] = 1;
    for (let i = k; i < n; i++) v[i] = X[i * n + k];
    reflectRows(block(X, n, k, k + 1), n - k, n - k - 1, v, k, left[k], work);
    if (k === n - 1) break;
    right[k] = makeReflector(X, at + 1, n - k - 1, 1);
    e[k] = X[at + 1];
    X[at + 1] = 1;
    reflectColumns(block(X, n, k + 1, k + 1), n - k - 1, n - k - 1, X, at + 1, right[k], work);
  }
  if (Ut) {
    Ut.fill(0);
    for (let k = n - 1; k >= 0; k--) {
      for (let i = k; i < n; i++) v[i] = X[i * n + k];
      Ut[k * n + k] = 1;
      reflectColumns(block(Ut, n, k, k), n - k, n - k, v, k, left[k], work);
    }
  }
  if (Vt) {
    Vt.fill(0);
    for (let k = n - 1; k >= 0; k--) {
      Vt[k * n + k] = 1;
      const size = n - k - 1;
      if (size > 0) reflectColumns(block(Vt, n, k + 1, k + 1), size, size, X, k * n + k + 1, right[k], work);
    }
  }
}

/**
 * Makes the upper bidiagonal matrix (d, e) diagonal in place, rotating the rows of Ut and Vt `[n, n]` along. Entries of
 * d are left unsorted and of either sign. Steps run towards the smaller end, and without a shift where a shift would
 * cost the smallest singular value its digits: Demmel and Kahan, SIAM J. Sci. Stat. Comput. 11:873 (1990). Returns
 * whether it converged.
 */
export function bidiagonalQr(
  d: Float64Array,
  e: Float64Array,
  n: number,
  Ut: Float64Array | null,
  Vt: Float64Array | null,
  make: MakeArray = ordinaryArray,
): boolean {
  const tolerance = 16 * epsilon;
  const turns: Turns = { C: make(n), S: make(n), c: make(n), s: make(n) };
  let budget = 40 * n;
  let bottom = n - 1;
  let down = true;
  let lastTop = -1;
  let lastBottom = -1;
  while (bottom > 0) {
    if (e[bottom - 1] === 0) {
      bottom--;
      continue;
    }
    let top = bottom - 1;
    while (top > 0 && e[top - 1] !== 0) top--;
    // Keep the direction within a block, or bulges meet convergence from both sides.
    if (top > lastBottom || bottom < lastTop || lastTop < 0) down = Math.abs(d[top]) >= Math.abs(d[bottom]);
    lastTop = top;
    lastBottom = bottom;

    let largest = Math.abs(d[bottom]);
    for (let i = top; i < bottom; i++) largest = Math.max(largest, Math.abs(d[i]), Math.abs(e[i]));
    const smallest = sweepOutNegligible(d, e, top, bottom, down, tolerance, largest);
    if (smallest < 0) continue;
    if (budget-- <= 0) return false;

    const near = down ? bottom : top; // where it converges
    const far = down ? top : bottom;
    const way = down ? 1 : -1;
    let shift = 0;
    if (n * tolerance * (smallest / largest) > epsilon) {
      const coupling = down ? e[bottom - 1] : e[top];
      shift = smallestOfTwo(d[near - way], coupling, d[near]);
      const ratio = shift / Math.abs(d[far]);
      if (ratio * ratio < epsilon) shift = 0;
    }
    const count = bottom - top;
    if (shift === 0) stepWithoutShift(d, e, far, way, count, turns);
    else stepWithShift(d, e, far, way, count, shift, turns);
    // Upwards the matrix is read transposed: left and right exchange their parts.
    const first = down ? Vt : Ut;
    const second = down ? Ut : Vt;
    if (first) rotateRowsInSequence(first, n, far, way, turns.C, turns.S, count);
    if (second) rotateRowsInSequence(second, n, far, way, turns.c, turns.s, count);
  }
  return true;
}

/** Rotations of one step: on the side that goes first (C, S) and on the other (c, s). */
interface Turns {
  C: Float64Array;
  S: Float64Array;
  c: Float64Array;
  s: Float64Array;
}

/**
 * Sets one negligible entry of e to zero and returns -1, or returns a lower estimate of the block's smallest singular
 * value. An entry is negligible where it changes no singular value by more than `tolerance` of it.
 */
function sweepOutNegligible(
  d: Float64Array,
  e: Float64Array,
  top: number,
  bottom: number,
  down: boolean,
  tolerance: number,
  largest: number,
): number {
  const way = down ? 1 : -1;
  const from = down ? top : bottom;
  const floor = Math.max(largest * 1e-290, 1e-290);
  let mu = Math.abs(d[from]);
  let smallest = mu;
  for (let i = from, k = 0; k < bottom - top; k++, i += way) {
    const at = down ? i : i - 1;
    const coupling = Math.abs(e[at]);
    if (coupling <= tolerance * mu || coupling <= floor) {
      e[at] = 0;
      return -1;
    }
    mu = Math.abs(d[i + way]) * (mu / (mu + coupling));
    smallest = Math.min(smallest, mu);
  }
  // The last entry also against its own neighbour, which the estimate above does not see.
  const last = down ? bottom - 1 : top;
  if (Math.abs(e[last]) <= tolerance * Math.abs(d[down ? bottom : top])) {
    e[last] = 0;
    return -1;
  }
  return smallest;
}

/** Smaller singular value of [[f, g], [0, h]]. */
function smallestOfTwo(f: number, g: number, h: number): number {
  const a = Math.abs(f);
  const b = Math.abs(h);
  const large = (hypot(a + b, g) + hypot(a - b, g)) / 2;
  return large === 0 ? 0 : Math.min(a, b) * (Math.max(a, b) / large);
}

function stepWithShift(
  d: Float64Array,
  e: Float64Array,
  far: number,
  way: 1 | -1,
  count: number,
  shift: number,
  turns: Turns,
): void {
  const between = way > 0 ? 0 : -1; // e[i + between] couples i and i + way
  let x = (Math.abs(d[far]) - shift) * (Math.sign(d[far] || 1) + shift / d[far]);
  let y = e[far + between];
  for (let k = 0, i = far; k < count; k++, i += way) {
    const ei = i + between;
    makeRotation(x, y);
    const { c: C, s: S } = rotation;
    if (k > 0) e[ei - way] = rotation.r;
    x = C * d[i] + S * e[ei];
    e[ei] = C * e[ei] - S * d[i];
    y = S * d[i + way];
    d[i + way] *= C;
    makeRotation(x, y);
    const { c, s } = rotation;
    d[i] = rotation.r;
    x = c * e[ei] + s * d[i + way];
    d[i + way] = c * d[i + way] - s * e[ei];
    if (k < count - 1) {
      y = s * e[ei + way];
      e[ei + way] *= c;
    }
    e[ei] = x;
    turns.C[k] = C;
    turns.S[k] = S;
    turns.c[k] = c;
    turns.s[k] = s;
  }
}

function stepWithoutShift(
  d: Float64Array,
  e: Float64Array,
  far: number,
  way: 1 | -1,
  count: number,
  turns: Turns,
): void {
  const between = way > 0 ? 0 : -1;
  let C = 1;
  let S = 0;
  let c = 1;
  let s = 0;
  let i = far;
  for (let k = 0; k < count; k++, i += way) {
    const ei = i + between;
    makeRotation(d[i] * C, e[ei]);
    C = rotation.c;
    S = rotation.s;
    if (k > 0) e[ei - way] = s * rotation.r;
    makeRotation(c * rotation.r, d[i + way] * S);
    c = rotation.c;
    s = rotation.s;
    d[i] = rotation.r;
    turns.C[k] = C;
    turns.S[k] = S;
    turns.c[k] = c;
    turns.s[k] = s;
  }
  const h = d[i] * C;
  d[i] = h * c;
  e[i - way + between] = h * s;
}
