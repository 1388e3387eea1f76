/** The 1 × 1 and 2 × 2 diagonal blocks of a real Schur form: bringing one to standard form, exchanging two neighbours. */
import { epsilon, geometricMean, hypot, tiny } from "./checks.ts";
import { block } from "./gemm.ts";
import { makeRotation, rotation } from "./rotation.ts";
import { smallSylvester } from "./smallSylvester.ts";

/** The rotation of the block being standardised. */
const turn = { c: 1, s: 0 };

/**
 * Brings the 2 × 2 block of T `[n, n]` at (j, j) to standard form by a rotation: either upper triangular, or with equal
 * diagonal entries and off-diagonal entries of opposite sign (a complex pair `a ± i√-bc`). Rows and columns `from … to`
 * of T and all rows of Z are rotated along; with `eigenvalues` they are written to re[j], re[j + 1] and im.
 */
export function standardiseBlock(
  T: Float64Array,
  n: number,
  j: number,
  from: number,
  to: number,
  Z: Float64Array | null,
  re?: Float64Array,
  im?: Float64Array,
): void {
  const at = j * n + j;
  let a = T[at];
  let b = T[at + 1];
  let c = T[at + n];
  let d = T[at + n + 1];
  turn.c = 1;
  turn.s = 0;
  if (c !== 0) {
    if (b === 0) {
      // Lower triangular: exchange the two.
      turn.c = 0;
      turn.s = 1;
      [a, d] = [d, a];
      b = -c;
      c = 0;
    } else {
      const half = (a - d) / 2;
      const large = Math.max(Math.abs(b), Math.abs(c));
      const small = Math.min(Math.abs(b), Math.abs(c)) * Math.sign(b) * Math.sign(c);
      const size = Math.max(Math.abs(half), large);
      // discriminant / size, without overflow
      const z = (half / size) * half + (large / size) * small;
      if (z >= 4 * epsilon * size) {
        // Two real eigenvalues that are clearly apart: d + root and d - bc / root.
        const root = half + (half < 0 ? -1 : 1) * Math.sqrt(size) * Math.sqrt(z);
        makeRotation(root, c);
        turn.c = rotation.c;
        turn.s = rotation.s;
        a = d + root;
        d -= (large / root) * small;
        b -= c;
        c = 0;
      } else if (half !== 0 || Math.sign(b) === Math.sign(c)) {
        // Turn until the diagonal entries are equal: tan 2θ = -(a - d) / (b + c).
        const sum = b + c;
        const most = Math.max(Math.abs(sum), Math.abs(2 * half));
        const length = hypot(sum / most, (2 * half) / most);
        const cos = Math.sqrt((1 + Math.abs(sum) / most / length) / 2);
        const sin = (-half / most / (length * cos)) * (sum < 0 ? -1 : 1);
        turn.c = cos;
        turn.s = sin;
        const ua = a * cos + b * sin;
        const ub = b * cos - a * sin;
        const uc = c * cos + d * sin;
        const ud = d * cos - c * sin;
        b = ub * cos + ud * sin;
        c = uc * cos - ua * sin;
        a = d = (ua * cos + uc * sin + (ud * cos - ub * sin)) / 2;
        if (c !== 0 && b === 0) {
          turn.c = -sin;
          turn.s = cos;
          b = -c;
          c = 0;
        } else if (c !== 0 && Math.sign(b) === Math.sign(c)) {
          // Two real eigenvalues after all, close together: a ± √bc.
          const rootB = Math.sqrt(Math.abs(b));
          const rootC = Math.sqrt(Math.abs(c));
          const gap = geometricMean(b, c) * Math.sign(c);
          makeRotation(rootB, rootC);
          const { c: c2, s: s2 } = rotation;
          turn.c = cos * c2 - sin * s2;
          turn.s = cos * s2 + sin * c2;
          a += gap;
          d -= gap;
          b -= c;
          c = 0;
        }
      }
    }
    if (c !== 0) d = a; // also where they differed by less than a normal number, or in the sign of zero
    T[at] = a;
    T[at + 1] = b;
    T[at + n] = c;
    T[at + n + 1] = d;
    const { c: cos, s: sin } = turn;
    if (sin !== 0) {
      for (let p = at + 2, last = j * n + to; p <= last; p++) {
        const x = T[p];
        const y = T[p + n];
        T[p] = cos * x + sin * y;
        T[p + n] = cos * y - sin * x;
      }
      rotateColumns(T, n, j, from, j, cos, sin);
      if (Z) rotateColumns(Z, n, j, 0, Z.length / n, cos, sin);
    }
  }
  if (re && im) {
    re[j] = a;
    re[j + 1] = d;
    const frequency = c === 0 ? 0 : geometricMean(b, c);
    im[j] = frequency;
    im[j + 1] = frequency === 0 ? 0 : -frequency;
  }
}

function rotateColumns(
  M: Float64Array,
  n: number,
  j: number,
  from: number,
  to: number,
  cos: number,
  sin: number,
): void {
  for (let i = from, p = from * n + j; i < to; i++, p += n) {
    const x = M[p];
    const y = M[p + 1];
    M[p] = cos * x + sin * y;
    M[p + 1] = cos * y - sin * x;
  }
}

const M = new Float64Array(16); // the two blocks and what couples them
const G = new Float64Array(16); // the orthogonal matrix that exchanges them
const X = new Float64Array(4); // what couples them, then the solution of the Sylvester equation
const N = new Float64Array(16);
const held = new Float64Array(4);
const x = new Float64Array(4);

/**
 * Exchanges the neighbouring diagonal blocks of orders `first` and `second` (1 or 2) at (j, j) of the real Schur form T
 * `[n, n]`, by the orthogonal matrix whose leading columns span the invariant subspace of the second block; Z is
 * multiplied along. Returns false, with T unchanged, where that would disturb T by more than rounding does (two blocks
 * too close to each other; Bai and Demmel, Linear Algebra Appl. 186:73, 1993).
 */
export function exchangeBlocks(
  T: Float64Array,
  n: number,
  j: number,
  first: number,
  second: number,
  Z: Float64Array | null,
): boolean {
  if (first === 1 && second === 1) {
    exchangeScalars(T, n, j, Z);
    return true;
  }
  const size = first + second;
  let largest = 0;
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      M[r * 4 + c] = T[(j + r) * n + j + c];
      largest = Math.max(largest, Math.abs(M[r * 4 + c]));
    }
  const tolerance = Math.max(10 * epsilon * largest, tiny);
  for (let r = 0; r < first; r++) for (let c = 0; c < second; c++) X[r * 2 + c] = M[r * 4 + first + c];
  smallSylvester(block(M, 4), first, block(M, 4, first, first), second, -1, X, tolerance);
  // [-X; I] spans the wanted subspace: its QR factorisation, as reflectors gathered in G.
  G.fill(0);
  for (let r = 0; r < size; r++) G[r * 4 + r] = 1;
  for (let c = 0; c < second; c++) {
    for (let r = 0; r < size; r++) held[r] = r < first ? -X[r * 2 + c] : r - first === c ? 1 : 0;
    // Earlier reflectors first: G' is their product so far.
    for (let r = 0; r < size; r++) {
      x[r] = 0;
      for (let q = 0; q < size; q++) x[r] += G[q * 4 + r] * held[q];
    }
    let norm = 0;
    for (let r = c; r < size; r++) norm = hypot(norm, x[r]);
    if (norm === 0) return false;
    const beta = x[c] > 0 ? -norm : norm;
    const tau = (beta - x[c]) / beta;
    const pivot = x[c] - beta;
    x[c] = 1;
    for (let r = c + 1; r < size; r++) x[r] /= pivot;
    for (let q = 0; q < size; q++) {
      let s = 0;
      for (let r = c; r < size; r++) s += G[q * 4 + r] * x[r];
      for (let r = c; r < size; r++) G[q * 4 + r] -= tau * s * x[r];
    }
  }
  // G' M G must have the second block first and zeros below it.
  N.set(M);
  for (let c = 0; c < size; c++) mix(N, c, 4, size);
  for (let r = 0; r < size; r++) mix(N, r * 4, 1, size);
  for (let r = second; r < size; r++)
    for (let c = 0; c < second; c++) if (!(Math.abs(N[r * 4 + c]) <= tolerance)) return false;
  for (let c = j; c < n; c++) mix(T, j * n + c, n, size);
  for (let r = 0; r < j + size; r++) mix(T, r * n + j, 1, size);
  if (Z) for (let r = 0, rows = Z.length / n; r < rows; r++) mix(Z, r * n + j, 1, size);
  for (let r = second; r < size; r++) for (let c = 0; c < second; c++) T[(j + r) * n + j + c] = 0;
  if (second === 2) standardiseBlock(T, n, j, 0, n - 1, Z);
  if (first === 2) standardiseBlock(T, n, j + second, 0, n - 1, Z);
  return true;
}

/** Exchanges two real eigenvalues: the rotation turns the eigenvector of the second into the first axis. */
function exchangeScalars(T: Float64Array, n: number, j: number, Z: Float64Array | null): void {
  const at = j * n + j;
  const a = T[at];
  const d = T[at + n + 1];
  if (a === d && T[at + 1] === 0) return;
  makeRotation(T[at + 1], d - a);
  const { c, s } = rotation;
  for (let p = at + 2, last = j * n + n; p < last; p++) {
    const x = T[p];
    const y = T[p + n];
    T[p] = c * x + s * y;
    T[p + n] = c * y - s * x;
  }
  rotateColumns(T, n, j, 0, j, c, s);
  if (Z) rotateColumns(Z, n, j, 0, Z.length / n, c, s);
  T[at] = d;
  T[at + n + 1] = a;
}

/** `size` entries of A, `stride` apart, become G' times them. */
function mix(A: Float64Array, at: number, stride: number, size: number): void {
  for (let r = 0, p = at; r < size; r++, p += stride) held[r] = A[p];
  for (let c = 0, p = at; c < size; c++, p += stride) {
    let s = 0;
    for (let r = 0; r < size; r++) s += G[r * 4 + c] * held[r];
    A[p] = s;
  }
}
