/**
 * Sampled signals: binning and smoothing along one axis of an array. Used on recordings and on averages alike.
 */
import { type NDArray, sizeOf } from "./arrays.ts";

/**
 * Puts `factor` neighbouring samples along `axis` together: their sum (counts stay counts) or their mean.
 * Samples at the end that do not fill a bin are dropped: the axis has `floor(n / factor)` entries afterwards.
 * @throws Error where `factor` is no whole number from 1 to the axis' length
 */
export function bin(array: NDArray, axis: number, factor: number, how: "sum" | "mean" = "sum"): NDArray<Float64Array> {
  const { outer, length, inner } = split(array, axis);
  if (!Number.isInteger(factor) || factor < 1 || factor > length)
    throw new Error(`bins of ${factor} samples on an axis of ${length}`);
  const bins = Math.floor(length / factor);
  const data = new Float64Array(outer * bins * inner);
  const weight = how === "mean" ? 1 / factor : 1;
  for (let o = 0; o < outer; o++)
    for (let b = 0; b < bins; b++)
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let f = 0; f < factor; f++) sum += array.data[(o * length + b * factor + f) * inner + i]!;
        data[(o * bins + b) * inner + i] = weight * sum;
      }
  return { data, shape: array.shape.map((n, k) => (k === axis ? bins : n)) };
}

/**
 * Smooths along `axis` with a Gaussian of standard deviation `sd`, in samples, cut off at `cutoff` standard deviations:
 * `y[k] = Σ_j w[j-k] x[j] / Σ_j w[j-k]` over the samples j that exist, so that a constant stays what it is up to
 * the ends. `sd` 0 copies.
 * @throws Error where `sd` or `cutoff` is negative or not finite
 */
export function gaussianSmooth(array: NDArray, axis: number, sd: number, cutoff = 5): NDArray<Float64Array> {
  const { outer, length, inner } = split(array, axis);
  if (!(sd >= 0 && cutoff >= 0 && sd * cutoff < Number.POSITIVE_INFINITY))
    throw new Error(`a Gaussian of ${sd} samples, cut off at ${cutoff} standard deviations`);
  const shape = [...array.shape];
  if (sd === 0) return { data: Float64Array.from(array.data), shape };
  const data = new Float64Array(array.data.length);
  const reach = Math.min(length - 1, Math.floor(cutoff * sd));
  const kernel = Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp((-k * k) / (2 * sd * sd)));
  for (let k = 0; k < length; k++) {
    const from = Math.max(0, k - reach);
    const to = Math.min(length - 1, k + reach);
    let total = 0;
    for (let j = from; j <= to; j++) total += kernel[Math.abs(j - k)]!;
    for (let o = 0; o < outer; o++)
      for (let j = from; j <= to; j++) {
        const weight = kernel[Math.abs(j - k)]! / total;
        const source = (o * length + j) * inner;
        const target = (o * length + k) * inner;
        for (let i = 0; i < inner; i++) data[target + i]! += weight * array.data[source + i]!;
      }
  }
  return { data, shape };
}

/** The array as `[outer, length, inner]` around `axis`. */
function split(array: NDArray, axis: number): { outer: number; length: number; inner: number } {
  const { shape } = array;
  if (!(axis in shape)) throw new Error(`axis ${axis} of an array with ${shape.length} axes`);
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) };
}
