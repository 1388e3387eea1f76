/** Reordering of arrays whose first index runs fastest (Fortran, MATLAB) to row-major, whose last index does. */

interface Writable<T> {
  readonly length: number;
  [index: number]: T;
}

/** Writes the entries of `from`, column-major of this shape, to `to` in row-major order. */
export function columnToRowMajor<T>(from: ArrayLike<T>, shape: readonly number[], to: Writable<T>): void {
  if (from.length === 0) return;
  const rank = shape.length;
  if (rank < 2) {
    for (let i = 0; i < from.length; i++) to[i] = from[i]!;
    return;
  }
  const strides: number[] = [];
  let stride = 1;
  for (const n of shape) {
    strides.push(stride);
    stride *= n;
  }
  const last = shape[rank - 1]!;
  const lastStride = strides[rank - 1]!;
  const index = new Array<number>(rank - 1).fill(0);
  let start = 0;
  for (let out = 0; out < from.length; ) {
    for (let j = 0, at = start; j < last; j++, at += lastStride) to[out++] = from[at]!;
    for (let axis = rank - 2; axis >= 0; axis--) {
      start += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      start -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
