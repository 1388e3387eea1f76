/** The QR iteration: from Hessenberg to real Schur form by implicit double shifts (Francis). */
import { type DeflationWorkspace, deflateAggressively, deflationWorkspace } from "./aggressiveDeflation.ts";
import { epsilon, negligible } from "./checks.ts";
import type { MakeArray } from "./kernelMemory.ts";
import { applyReflectorSequence } from "./reflectorSequence.ts";
import { standardiseBlock } from "./schurBlocks.ts";

/** Reflectors that are worked out on a window beside the diagonal before the rest of the matrix sees them. */
const windowLength = 48;
/** From this order on, converged eigenvalues are looked for in a whole trailing window. */
const aggressiveFrom = 100;
/** Sweeps between two such looks. */
const sweepsPerLook = 12;

export interface FrancisWorkspace {
  /** The reflectors of one window: v1, v2, τ each. */
  reflectors: Float64Array;
  /** The shifts of a sweep: two real ones and 0, or twice the real part and the imaginary part of a conjugate pair. */
  shifts: Float64Array;
  deflation: DeflationWorkspace | null;
}

export function francisWorkspace(n: number, make: MakeArray): FrancisWorkspace {
  return {
    reflectors: make(3 * windowLength),
    shifts: make(3),
    deflation: n >= aggressiveFrom ? deflationWorkspace(n, make) : null,
  };
}

/**
 * Iterates the Hessenberg matrix H `[n, n]`, triangular outside `lo … hi`, to real Schur form in place, multiplying
 * the rotations into Z `[rows, n]` unless it is null. Without `wantT` only the eigenvalues are worked out and H is left
 * in an unspecified state. Returns false where the iteration did not converge: eigenvalues not found are NaN.
 *
 * Golub and Van Loan, Matrix Computations, section 7.5; criterion for a negligible subdiagonal entry of Ahues and
 * Tisseur (LAPACK Working Note 122).
 */
export function hessenbergQr(
  H: Float64Array,
  n: number,
  lo: number,
  hi: number,
  Z: Float64Array | null,
  wantT: boolean,
  re: Float64Array,
  im: Float64Array,
  ws: FrancisWorkspace,
): boolean {
  for (let i = 0; i < n; i++) {
    re[i] = H[i * n + i];
    im[i] = 0;
  }
  let end = hi;
  let budget = 30 * Math.max(10, hi - lo + 1);
  let stalled = 0; // iterations since something last converged
  while (end >= lo) {
    const start = activeStart(H, n, lo, end);
    const size = end - start + 1;
    if (size <= 2) {
      if (size === 1) {
        re[end] = H[end * n + end];
        im[end] = 0;
      } else standardiseBlock(H, n, start, wantT ? 0 : start, wantT ? n - 1 : end, Z, re, im);
      end -= size;
      stalled = 0;
      continue;
    }
    if (budget-- <= 0) {
      for (let i = lo; i <= end; i++) re[i] = im[i] = Number.NaN;
      return false;
    }
    stalled++;
    const large = ws.deflation !== null && size >= aggressiveFrom;
    if (ws.deflation && large && stalled % 6 !== 0) {
      const look = deflateAggressively(H, n, start, end, Z, wantT, re, im, ws.deflation);
      if (look.deflated > 0) {
        end -= look.deflated;
        stalled = 0;
      }
      // Much converged: looking again is cheaper than sweeping.
      if (look.deflated >= 6) continue;
      const { shifts } = ws.deflation;
      const from = activeStart(H, n, lo, end);
      for (let k = 0, sweeps = Math.min(sweepsPerLook, look.shiftPairs); k < sweeps && end - from >= 2; k++) {
        sweep(H, n, from, end, shifts[3 * k], shifts[3 * k + 1], shifts[3 * k + 2], Z, wantT, ws.reflectors);
        if (activeStart(H, n, lo, end) !== from) break;
      }
      continue;
    }
    // Out of the ordinary where nothing converges: the same shifts several times over, which part eigenvalues closer to
    // each other than the shifts are to them; then shifts unrelated to the trailing block, which break cycles.
    const phase = stalled % 20;
    if (phase < 8 || phase > 16 || large) {
      const kind = phase === 18 || (large && phase !== 0) ? "bottom" : phase === 0 ? "top" : "ordinary";
      chooseShifts(H, n, start, end, kind, ws.shifts);
    }
    sweep(H, n, start, end, ws.shifts[0], ws.shifts[1], ws.shifts[2], Z, wantT, ws.reflectors);
  }
  return true;
}

/** First row of the unreduced block that ends at `end`; the subdiagonal entry before it is set to zero. */
function activeStart(H: Float64Array, n: number, lo: number, end: number): number {
  for (let k = end; k > lo; k--) {
    const at = k * n + k;
    const below = Math.abs(H[at - 1]);
    if (below > negligible) {
      const here = H[at];
      const above = H[at - n - 1];
      let size = Math.abs(here) + Math.abs(above);
      if (size === 0) {
        if (k - 2 >= lo) size += Math.abs(H[at - n - 2]);
        if (k + 1 <= end) size += Math.abs(H[at + n]);
      }
      if (below > epsilon * size) continue;
      const across = Math.abs(H[at - n]);
      const large = Math.max(Math.abs(here), Math.abs(above - here));
      const small = Math.min(Math.abs(here), Math.abs(above - here));
      const total = large + Math.max(below, across);
      if (
        Math.min(below, across) * (Math.max(below, across) / total) >
        Math.max(negligible, epsilon * small * (large / total))
      )
        continue;
    }
    H[at - 1] = 0;
    return k;
  }
  return lo;
}

/** The eigenvalues of the trailing 2 × 2 block as shifts; or of a matrix that has only its size from the bottom or top. */
function chooseShifts(
  H: Float64Array,
  n: number,
  start: number,
  end: number,
  kind: "ordinary" | "bottom" | "top",
  shifts: Float64Array,
): void {
  const at = end * n + end;
  let a = H[at - n - 1];
  let b = H[at - n];
  let c = H[at - 1];
  let d = H[at];
  if (kind !== "ordinary") {
    const size =
      kind === "top"
        ? Math.abs(H[(start + 1) * n + start]) + Math.abs(H[(start + 2) * n + start + 1])
        : Math.abs(c) + Math.abs(H[at - n - 2]);
    a = d = 0.75 * size + (kind === "top" ? H[start * n + start] : d);
    b = -0.4375 * size;
    c = size;
  }
  const scale = Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(d);
  if (scale === 0) {
    shifts.fill(0);
    return;
  }
  const mean = (a + d) / 2;
  const half = (a - d) / 2 / scale;
  const discriminant = half * half + (b / scale) * (c / scale);
  const root = Math.sqrt(Math.abs(discriminant)) * scale;
  // Of two real ones the one closer to the last diagonal entry, twice.
  const closer = Math.abs(mean + root - d) < Math.abs(mean - root - d) ? mean + root : mean - root;
  shifts[0] = shifts[1] = discriminant < 0 ? mean : closer;
  shifts[2] = discriminant < 0 ? root : 0;
}

/**
 * One implicit double-shift sweep over the unreduced block `start … end` (at least 3 rows), with shifts s1 and s2 (real)
 * or s1 ± i·frequency where `frequency` is not 0.
 */
function sweep(
  H: Float64Array,
  n: number,
  start: number,
  end: number,
  s1: number,
  s2: number,
  frequency: number,
  Z: Float64Array | null,
  wantT: boolean,
  R: Float64Array,
): void {
  const top = wantT ? 0 : start;
  const right = wantT ? n - 1 : end;
  // First column of (H - s1)(H - s2), from the lowest row where two small subdiagonal entries allow a start.
  let x = 0;
  let y = 0;
  let z = 0;
  let first = end - 2;
  for (; ; first--) {
    const at = first * n + first;
    const h = H[at];
    const next = H[at + n + 1];
    const scale = Math.abs(h - s2) + Math.abs(frequency) + Math.abs(H[at + n]);
    const below = H[at + n] / scale;
    x = below * H[at + 1] + (h - s1) * ((h - s2) / scale) + frequency * (frequency / scale);
    y = below * (h + next - s1 - s2);
    z = below * H[at + 2 * n + 1];
    const sum = Math.abs(x) + Math.abs(y) + Math.abs(z);
    if (sum > 0) {
      x /= sum;
      y /= sum;
      z /= sum;
    }
    if (first === start) break;
    const before = H[at - n - 1];
    if (
      Math.abs(H[at - 1]) * (Math.abs(y) + Math.abs(z)) <=
      epsilon * Math.abs(x) * (Math.abs(before) + Math.abs(h) + Math.abs(next))
    )
      break;
  }
  if (!(Math.abs(x) + Math.abs(y) + Math.abs(z) > 0)) return;
  for (let from = first; from < end; from += windowLength) {
    const to = Math.min(from + windowLength, end); // reflectors from … to - 1
    const last = Math.min(to + 2, end);
    for (let k = from; k < to; k++) {
      const three = k < end - 1;
      const at = k * n + k;
      if (k > first) {
        x = H[at - 1];
        y = H[at + n - 1];
        z = three ? H[at + 2 * n - 1] : 0;
      } else if (!three) z = 0;
      let large = Math.abs(x);
      if (Math.abs(y) > large) large = Math.abs(y);
      if (Math.abs(z) > large) large = Math.abs(z);
      let v1 = 0;
      let v2 = 0;
      let tau = 0;
      let beta = x;
      if (y !== 0 || z !== 0) {
        const scaled = large > 1e-140 && large < 1e140 ? 1 : large;
        const xs = x / scaled;
        const ys = y / scaled;
        const zs = z / scaled;
        const length = Math.sqrt(xs * xs + ys * ys + zs * zs);
        const image = xs < 0 ? length : -length;
        const pivot = xs - image;
        v1 = ys / pivot;
        v2 = zs / pivot;
        tau = -pivot / image;
        beta = image * scaled;
      }
      if (k > first) {
        H[at - 1] = beta;
        H[at + n - 1] = 0;
        if (three) H[at + 2 * n - 1] = 0;
      } else if (k > start) H[at - 1] *= 1 - tau;
      const q = 3 * (k - from);
      R[q] = v1;
      R[q + 1] = v2;
      R[q + 2] = tau;
      if (three) {
        for (let p = at, stop = k * n + last; p <= stop; p++) {
          const s = (H[p] + v1 * H[p + n] + v2 * H[p + 2 * n]) * tau;
          H[p] -= s;
          H[p + n] -= s * v1;
          H[p + 2 * n] -= s * v2;
        }
        const bottom = Math.min(k + 3, last);
        for (let p = from * n + k, stop = bottom * n + k; p <= stop; p += n) {
          const s = (H[p] + v1 * H[p + 1] + v2 * H[p + 2]) * tau;
          H[p] -= s;
          H[p + 1] -= s * v1;
          H[p + 2] -= s * v2;
        }
      } else {
        for (let p = at, stop = k * n + last; p <= stop; p++) {
          const s = (H[p] + v1 * H[p + n]) * tau;
          H[p] -= s;
          H[p + n] -= s * v1;
        }
        for (let p = from * n + k, stop = last * n + k; p <= stop; p += n) {
          const s = (H[p] + v1 * H[p + 1]) * tau;
          H[p] -= s;
          H[p + 1] -= s * v1;
        }
      }
    }
    const tail = to === end;
    const count = tail ? to - from - 1 : to - from;
    if (last < right) applyReflectorSequence(H, from * n + last + 1, n, 1, right - last, R, count, tail);
    if (from > top) applyReflectorSequence(H, top * n + from, 1, n, from - top, R, count, tail);
    if (Z) applyReflectorSequence(Z, from, 1, n, Z.length / n, R, count, tail);
  }
}
