/** The numbers of leaky-rnn.md, the training step that every engine has run. */
import type { NDArray } from "../../src/base/arrays.ts";

export const [T, N, B, I, O] = [100, 128, 64, 3, 3];

/** The workload's own random numbers, in the order in which it draws them. */
export function workload() {
  let s = 12345;
  const uniform = () => {
    s = (Math.imul(1664525, s) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
  const normal = () => {
    const [u1, u2] = [uniform(), uniform()];
    return Math.sqrt(-2 * Math.log(u1 + 1e-12)) * Math.cos(2 * Math.PI * u2);
  };
  /** `[rows, columns]` drawn row by row, given as its transpose. */
  const matrix = (rows: number, columns: number, deviation: number): NDArray<Float64Array> => {
    const data = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) data[j * rows + i] = Math.fround(deviation * normal());
    return { data, shape: [columns, rows] };
  };
  const W = matrix(N, N, 1.2 / Math.sqrt(N));
  const U = matrix(I, N, 1 / Math.sqrt(I));
  const R = matrix(N, O, 1 / Math.sqrt(N));
  const inputs = new Float32Array(B * T * I);
  const targets = new Float32Array(B * T * O);
  for (let t = 0; t < T; t++)
    for (const [values, width] of [
      [inputs, I],
      [targets, O],
    ] as const)
      for (let b = 0; b < B; b++) for (let i = 0; i < width; i++) values[(b * T + t) * width + i] = normal();
  return { parameters: { W, U, R }, inputs, targets };
}
