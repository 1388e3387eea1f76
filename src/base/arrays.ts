/**
 * The array of the public interface: row-major, owned by whoever holds it, never a view of the engine's memory.
 * Trajectories are `[trial, time, unit]`.
 */
export interface NDArray<D extends Float32Array | Float64Array = Float32Array | Float64Array> {
  data: D;
  shape: number[];
}

/** Number of entries of an array of this shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** A float64 array of zeros. */
export function zeros(...shape: number[]): NDArray<Float64Array> {
  return { data: new Float64Array(sizeOf(shape)), shape };
}

/** Wraps data in an array; throws where the length does not fit the shape. */
export function ndarray(data: ArrayLike<number>, shape: number[]): NDArray<Float64Array> {
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} entries do not fill [${shape.join(", ")}]`);
  return { data: data instanceof Float64Array ? data : Float64Array.from(data), shape };
}
