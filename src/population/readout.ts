/** Linear readouts of activity, judged where they were not fitted; the memory of a reservoir. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { correlation, mean } from "../base/statistics.ts";
import { multiply, multiplyAtB } from "../engine/linalg/matrix.ts";
import { thinQr } from "../engine/linalg/qr.ts";
import { svd } from "../engine/linalg/svd.ts";

export interface ReadoutOptions {
  /** Samples at the beginning that are left out. Default 0. */
  washout?: number;
  /** Fraction of the rest that the readout is fitted to; it is judged on what follows. Default 0.5. */
  train?: number;
  /** Directions of activity whose singular value is below this times the largest are not used. Default: rows times the rounding of a number, 2.2e-16. */
  tolerance?: number;
}

export interface Readout {
  /** `[unit + 1, target]`, the constant last. */
  weights: NDArray<Float64Array>;
  /** Directions of activity used, the constant among them. */
  rank: number;
  /** Held-out `1 - Σ (y - ŷ)² / Σ (y - ȳ)²` and squared correlation of each target. */
  r2: Float64Array;
  squaredCorrelation: Float64Array;
}

/**
 * The linear readout `ŷ = X w + c` of least squares and, where there are several, of least norm.
 * @param activity `[time, unit]` @param targets `[time, target]`
 * @throws NullclineError (code `shape`) where the two have not as many samples, or there are fewer to fit than units
 */
export function linearReadout(activity: NDArray, targets: NDArray, options: ReadoutOptions = {}): Readout {
  const { washout = 0, train = 0.5 } = options;
  const [samples, units] = activity.shape as [number, number];
  const [rows, count] = targets.shape as [number, number];
  const fitted = Math.floor((samples - washout) * train);
  const columns = units + 1;
  if (activity.shape.length !== 2 || targets.shape.length !== 2 || rows !== samples || fitted <= columns)
    throw new NullclineError({
      code: "shape",
      given: `activity [${activity.shape.join(", ")}] and targets [${targets.shape.join(", ")}], ${fitted} samples to fit`,
      expected: "[time, unit] and [time, target] of as many samples, and more of them to fit than units",
    });
  const rest = samples - washout - fitted;
  const design = (from: number, length: number): Float64Array => {
    const X = new Float64Array(length * columns).fill(1);
    for (let t = 0; t < length; t++)
      for (let i = 0; i < units; i++) X[t * columns + i] = activity.data[(from + t) * units + i]!;
    return X;
  };
  const slice = (from: number, length: number): Float64Array =>
    Float64Array.from(targets.data.subarray(from * count, (from + length) * count));
  const { Q, R } = thinQr(design(washout, fitted), fitted, columns);
  const { U, s: S, Vt } = svd(R, columns, columns);
  const least = (options.tolerance ?? fitted * Number.EPSILON) * S[0]!;
  const rank = S.filter((value) => value > least).length;
  const along = multiplyAtB(U, multiplyAtB(Q, slice(washout, fitted), columns, fitted, count), columns, columns, count);
  for (let i = 0; i < columns; i++) for (let k = 0; k < count; k++) along[i * count + k]! *= i < rank ? 1 / S[i]! : 0;
  const weights = multiplyAtB(Vt, along, columns, columns, count);
  const guess = multiply(design(washout + fitted, rest), weights, rest, columns, count);
  const truth = slice(washout + fitted, rest);
  const column = (of: Float64Array, k: number) => Float64Array.from({ length: rest }, (_, t) => of[t * count + k]!);
  const r2 = new Float64Array(count);
  const squaredCorrelation = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const [y, z] = [column(truth, k), column(guess, k)];
    const center = mean(y);
    const squares = (of: (t: number) => number) => y.reduce((sum, _, t) => sum + of(t) ** 2, 0);
    r2[k] = 1 - squares((t) => y[t]! - z[t]!) / squares((t) => y[t]! - center);
    squaredCorrelation[k] = correlation(y, z) ** 2 || 0;
  }
  return { weights: { data: weights, shape: [columns, count] }, rank, r2, squaredCorrelation };
}

export interface MemoryCapacity {
  /** Held-out squared correlation with the input 0, 1, … samples ago, less the chance level. */
  perDelay: Float64Array;
  /** Their sum. In a linear network with independent inputs at most the number of units. */
  total: number;
  /** The mean squared correlation with inputs that are still to come. */
  chance: number;
  rank: number;
}

/**
 * Linear memory capacity: how much of the past input a readout recovers, `MC = Σ_k r²(u[t-k], ŷ_k[t])`. A readout finds
 * some correlation in any finite stretch; as much as it has with the future is chance and subtracted.
 * @param states `[time, unit]` @param input `[time]`, independent from sample to sample
 * @param options those of a readout, and the number of delays, default four times the units
 * @throws NullclineError as `linearReadout` does
 * @source Jaeger 2002, GMD Report 152 (the capacity); Dambre et al. 2012, Sci. Rep. 2, 514 (the chance level)
 */
export function memoryCapacity(
  states: NDArray,
  input: ArrayLike<number>,
  options: ReadoutOptions & { delays?: number } = {},
): MemoryCapacity {
  const [samples, units] = states.shape as [number, number];
  const { delays = 4 * units, washout = 0 } = options;
  const future = Math.min(delays, 100);
  const first = Math.max(washout, delays);
  const count = delays + future;
  const targets = new Float64Array(samples * count);
  // Delays 0, 1, …, then 1, 2, … samples ahead; the last samples have no future and are cut.
  for (let t = first; t < samples - future; t++)
    for (let k = 0; k < count; k++) targets[t * count + k] = input[k < delays ? t - k : t + 1 + k - delays]!;
  const kept = samples - future;
  const { squaredCorrelation, rank } = linearReadout(
    { data: states.data.subarray(0, kept * units), shape: [kept, units] },
    { data: targets.subarray(0, kept * count), shape: [kept, count] },
    { ...options, washout: first },
  );
  const chance = mean(squaredCorrelation.subarray(delays));
  const perDelay = squaredCorrelation.slice(0, delays).map((r) => r - chance);
  return { perDelay, total: perDelay.reduce((a, b) => a + b, 0), chance, rank };
}
