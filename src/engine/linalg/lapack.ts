/**
 * Products and decompositions of large matrices by the system's LAPACK, where one is in use (`useBlas`). Row-major arrays
 * go there as they are: they are the transposes of what its column-major routines see.
 */
import { type Blas, blasInUse, leastSize } from "../../host/blas.ts";
import type { EigenWorkspace } from "./eigenWorkspace.ts";
import type { Block } from "./gemm.ts";

/** The library in use for a matrix whose smaller side is `size`. */
export const libraryFor = (size: number): Blas | undefined => (size < leastSize ? undefined : blasInUse());

const int = (value: number): Int32Array => Int32Array.of(value);
const letter = (text: string): Uint8Array => Uint8Array.of(text.charCodeAt(0));

/** `gemm` by the library; answers whether it could: both factors need entries side by side along rows or columns. */
export function systemGemm(
  library: Blas,
  c: Block,
  a: Block,
  b: Block,
  m: number,
  k: number,
  n: number,
  mode: 0 | 1 | -1,
): boolean {
  const [no, yes] = [111, 112];
  const sides = ({ row, column }: Block, rows: number, columns: number): [number, number] | undefined =>
    column === 1 && row >= columns ? [no, row] : row === 1 && column >= rows ? [yes, column] : undefined;
  const left = sides(a, m, k);
  const right = sides(b, k, n);
  if (!left || !right || c.column !== 1 || c.row < n) return false;
  const from = (x: Block) => x.data.subarray(x.at);
  const [alpha, beta] = [mode === -1 ? -1 : 1, mode === 0 ? 0 : 1];
  library.gemm.f64(
    ...[101, left[0], right[0], m, n, k, alpha],
    ...[from(a), left[1], from(b), right[1], beta, from(c), c.row],
  );
  return true;
}

/**
 * `dgeev`: eigenvalues to `re` and `im`; to T and Z the parts of right and left eigenvectors in rows, for `packVectors`.
 * Answers whether it converged, `undefined` where the library lacks the routine.
 */
export function systemEigen(library: Blas, A: Float64Array, n: number, ws: EigenWorkspace): boolean | undefined {
  const dgeev = library.lapack("dgeev", 14, 2);
  if (!dgeev) return undefined;
  const { T, Z, X, re, im } = ws;
  X.set(A);
  const work = new Float64Array(66 * n);
  const info = int(0);
  const N = int(n);
  dgeev(letter("V"), letter("V"), N, X, N, re, im, T, N, Z, N, work, int(work.length), info, 1, 1);
  return info[0] === 0;
}

/** Packed columns from the rows of `systemEigen`: vectors of the transpose are conjugate to those of the matrix. */
export function packVectors(rows: Float64Array, im: Float64Array, n: number, X: Float64Array): void {
  for (let k = 0; k < n; k++) {
    const sign = im[k] < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) X[i * n + k] = sign * rows[k * n + i];
  }
}

/** `dsyevd`: T, symmetric `[n, n]`, becomes its eigenvectors as rows; eigenvalues ascending. Answers as `systemEigen`. */
export function systemSymmetric(library: Blas, T: Float64Array, n: number, values: Float64Array): boolean | undefined {
  const dsyevd = library.lapack("dsyevd", 11, 2);
  if (!dsyevd) return undefined;
  const work = new Float64Array(1 + 6 * n + 2 * n * n);
  const counts = new Int32Array(3 + 5 * n);
  const info = int(0);
  const N = int(n);
  dsyevd(letter("V"), letter("U"), N, T, N, values, work, int(work.length), counts, int(counts.length), info, 1, 1);
  return info[0] === 0;
}

/** `dgesdd`: thin factors of A `[m, n]`, row-major, to U `[m, k]`, s, Vt `[k, n]`; signs as they come. As `systemEigen`. */
export function systemSvd(
  library: Blas,
  A: Float64Array,
  m: number,
  n: number,
  U: Float64Array,
  s: Float64Array,
  Vt: Float64Array,
): boolean | undefined {
  const dgesdd = library.lapack("dgesdd", 14, 1);
  if (!dgesdd) return undefined;
  const k = Math.min(m, n);
  // At least 4 k² + 7 k and 3 k + max(m, n), and blocks of columns.
  const work = new Float64Array(5 * k * k + 8 * k + 66 * (m + n));
  const info = int(0);
  const [rows, columns, K] = [int(n), int(m), int(k)]; // of the transpose
  const numbers = [A.slice(), rows, s, Vt, rows, U, K, work, int(work.length), new Int32Array(8 * k), info];
  dgesdd(letter("S"), rows, columns, ...numbers, 1);
  return info[0] === 0;
}
