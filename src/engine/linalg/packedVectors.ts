/**
 * From the eigenvectors of a Schur form to those of the matrix: multiplied by the Schur vectors, normalised, sorted.
 * Packed vectors are the columns of X `[n, n]`: one column of a real eigenvector; of a complex pair the first column is
 * the real and the second the imaginary part of the vector whose eigenvalue has a positive imaginary part.
 */
import type { Complex } from "./eigen.ts";
import { block, gemm } from "./gemm.ts";

/** Where each sorted eigenvalue was found; the two of a pair stay together. */
export function sortOrder(
  re: Float64Array,
  im: Float64Array,
  n: number,
  sort: "real" | "modulus" | "none",
): Int32Array {
  const heads: number[] = [];
  for (let k = 0; k < n; k++) {
    heads.push(k);
    if (im[k] !== 0) k++;
  }
  if (sort === "real") heads.sort((a, b) => re[b] - re[a] || a - b);
  else if (sort === "modulus")
    heads.sort((a, b) => re[b] * re[b] + im[b] * im[b] - re[a] * re[a] - im[a] * im[a] || a - b);
  const order = new Int32Array(n);
  let k = 0;
  for (const head of heads) {
    order[k++] = head;
    if (im[head] !== 0) order[k++] = head + 1;
  }
  return order;
}

/** Eigenvectors transformed together. */
const strip = 32;

/** X = Z times the vectors in the rows of Y. */
export function backTransform(Z: Float64Array, Y: Float64Array, X: Float64Array, n: number): void {
  for (let k = 0; k < n; k += strip) {
    const count = Math.min(strip, n - k);
    const inner = Math.min(n, k + count + 1); // zeros from there on
    gemm(block(X, n, 0, k), block(Z, n), { data: Y, at: k * n, row: 1, column: n }, n, inner, count, 0);
  }
}

/** The same for left vectors, as they come from the flipped matrix: rows and entries reversed, not yet conjugated. */
export function backTransformFlipped(
  Z: Float64Array,
  Y: Float64Array,
  X: Float64Array,
  im: Float64Array,
  n: number,
): void {
  for (let k = 0; k < n; k++) {
    if (im[k] === 0) continue;
    for (let p = (n - 2 - k) * n, last = p + n; p < last; p++) {
      const imaginary = Y[p + n];
      Y[p + n] = Y[p];
      Y[p] = -imaginary;
    }
    k++;
  }
  for (let k = 0; k < n; k += strip) {
    const count = Math.min(strip, n - k);
    const from = Math.max(0, k - 1); // zeros before
    const vectors = { data: Y, at: n * n - 1 - k * n - from, row: -1, column: -n };
    gemm(block(X, n, 0, k), block(Z, n, 0, from), vectors, n, n - from, count, 0);
  }
}

/** Vectors in X become of unit length, their largest entry (the first of several) real and positive. */
export function normalise(X: Float64Array, im: Float64Array, n: number): void {
  const largest = new Float64Array(n);
  const cos = new Float64Array(n); // of a pair: cos and sin of the turn in columns k and k + 1
  const squares = new Float64Array(n);
  for (let i = 0, p = 0; i < n; i++)
    for (let k = 0; k < n; k++, p++) {
      const size = im[k] === 0 ? Math.abs(X[p]) : Math.max(Math.abs(X[p]), Math.abs(X[im[k] > 0 ? p + 1 : p - 1]));
      if (size > largest[k]) largest[k] = size;
    }
  // largest: from here on its reciprocal, then what the unit vector takes.
  for (let k = 0; k < n; k++) largest[k] = 1 / Math.max(largest[k], 1e-300);
  const modulus = new Float64Array(n);
  for (let i = 0, p = 0; i < n; i++)
    for (let k = 0; k < n; k++, p++) {
      const x = X[p] * largest[k];
      if (im[k] === 0) {
        squares[k] += x * x;
        if (Math.abs(x) > 1.001 * modulus[k]) {
          modulus[k] = Math.abs(x);
          cos[k] = Math.sign(x);
        }
      } else {
        const y = X[p + 1] * largest[k];
        const square = x * x + y * y;
        squares[k] += square;
        if (square > 1.002 * modulus[k]) {
          modulus[k] = square;
          const size = Math.sqrt(square);
          cos[k] = x / size;
          cos[k + 1] = -y / size;
        }
        k++;
        p++;
      }
    }
  for (let k = 0; k < n; k++) largest[k] /= Math.sqrt(squares[k]);
  for (let i = 0, p = 0; i < n; i++)
    for (let k = 0; k < n; k++, p++) {
      const x = X[p] * largest[k];
      if (im[k] === 0) X[p] = x * cos[k];
      else {
        const y = X[p + 1] * largest[k];
        X[p] = x * cos[k] - y * cos[k + 1];
        X[p + 1] = x * cos[k + 1] + y * cos[k];
        k++;
        p++;
      }
    }
}

/** From packed columns in the order found to full complex columns in sorted order. */
export function unpack(X: Float64Array, im: Float64Array, order: Int32Array, n: number, out: Complex): void {
  for (let i = 0; i < n; i++)
    for (let k = 0, p = i * n; k < n; k++, p++) {
      const from = order[k];
      const at = i * n + from;
      if (im[from] === 0) out.re[p] = X[at];
      else if (im[from] > 0) {
        out.re[p] = X[at];
        out.im[p] = X[at + 1];
      } else {
        out.re[p] = X[at - 1];
        out.im[p] = -X[at];
      }
    }
}

/** ‖Y - λ X‖ / norm of each vector, where Y = A X (`side` 1) or, with λ̄, Y = A' X (`side` -1). Returns the largest. */
export function residuals(
  X: Float64Array,
  Y: Float64Array,
  re: Float64Array,
  im: Float64Array,
  side: 1 | -1,
  order: Int32Array,
  n: number,
  norm: number,
  out: Float64Array | null,
): number {
  const squares = new Float64Array(n);
  for (let i = 0, p = 0; i < n; i++)
    for (let k = 0; k < n; k++, p++) {
      const lambda = re[k];
      if (im[k] === 0) {
        const d = Y[p] - lambda * X[p];
        squares[k] += d * d;
      } else {
        const omega = side * im[k];
        const x = X[p];
        const y = X[p + 1];
        const d = Y[p] - (lambda * x - omega * y);
        const e = Y[p + 1] - (omega * x + lambda * y);
        squares[k] += d * d + e * e;
        squares[++k] = squares[k - 1];
        p++;
      }
    }
  let worst = 0;
  for (let k = 0; k < n; k++) {
    const size = Math.sqrt(squares[order[k]]);
    const ratio = size > 0 ? size / norm : 0;
    if (out) out[k] = ratio;
    worst = Math.max(worst, ratio);
  }
  return worst;
}
