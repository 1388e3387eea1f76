/** What every function of this folder asks of its arguments, and the words it uses for numerical failure. */
import { NullclineError } from "../../base/errors.ts";

/**
 * How a decomposition ended. A wrong length is the caller's mistake and throws; everything that depends on the numbers
 * is a status: `not finite` (NaN or infinity in the input; results are NaN), `no convergence`, `singular`.
 */
export type LinalgStatus = "ok" | "not finite" | "no convergence" | "singular";

/** 2⁻⁵², the spacing of float64 at 1. */
export const epsilon = Number.EPSILON;
/** Smallest normal number. */
export const tiny = 2 ** -1022;
/** Subdiagonal entries below this count as zero, in a matrix whose largest entry is near 1: their products underflow. */
export const negligible = 1e-200;

/** @throws NullclineError where a row-major `[rows, columns]` array has another number of entries. */
export function expectSize(data: ArrayLike<number>, rows: number, columns: number, name: string): void {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 0 || columns < 0)
    throw new NullclineError({
      code: "shape",
      given: `${name} is said to be [${rows}, ${columns}]`,
      expected: "sizes that are integers from 0",
    });
  if (data.length !== rows * columns)
    throw new NullclineError({
      code: "shape",
      given: `${name} has ${data.length} entries`,
      expected: `${rows * columns} entries, [${rows}, ${columns}] row-major`,
      remedy: "pass the matrix flat, row after row, with its sizes",
    });
}

/** Whether the first `count` entries are all finite. */
export function allFinite(data: Float64Array, count = data.length): boolean {
  // x - x is 0 for finite x and NaN otherwise; a sum of them needs one test at the end.
  let sum = 0;
  for (let i = 0; i < count; i++) sum += data[i] - data[i];
  return sum === 0;
}

/** √(a² + b²) without overflow or underflow of the squares; `Math.hypot` is many times slower. */
export function hypot(a: number, b: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  const large = Math.max(x, y);
  const small = Math.min(x, y);
  if (large > 1e-140 && large < 1e140) return Math.sqrt(x * x + y * y);
  if (large === 0 || large === Number.POSITIVE_INFINITY) return large;
  const ratio = small / large;
  return large * Math.sqrt(1 + ratio * ratio);
}

/** ‖x‖₂ of `count` entries from `at`, `stride` apart, without overflow or underflow of the squares. */
export function norm2(x: Float64Array, at = 0, count = x.length, stride = 1): number {
  let sum = 0;
  for (let i = 0, p = at; i < count; i++, p += stride) sum += x[p] * x[p];
  if (sum > 1e-280 && sum < 1e280) return Math.sqrt(sum);
  let large = 0;
  for (let i = 0, p = at; i < count; i++, p += stride) {
    const size = Math.abs(x[p]);
    if (!(size <= large)) large = size; // also takes NaN
  }
  if (large === 0 || !(large < Number.POSITIVE_INFINITY)) return large;
  sum = 0;
  for (let i = 0, p = at; i < count; i++, p += stride) sum += (x[p] / large) * (x[p] / large);
  return large * Math.sqrt(sum);
}

/** √|a b| without overflow or underflow of the product. */
export function geometricMean(a: number, b: number): number {
  const product = Math.abs(a * b);
  return product > 1e-290 && product < 1e290 ? Math.sqrt(product) : Math.sqrt(Math.abs(a)) * Math.sqrt(Math.abs(b));
}
