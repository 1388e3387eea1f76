/** How much of a recording free runs explain. */
import { type NDArray, r2 } from "../../index.ts";

export interface Score {
  /** `1 - Σ (y - ŷ)² / Σ (y - ȳ)²`, ȳ the mean of each neuron over all that is scored. */
  pooled: number;
  /** Of `pooled`: jackknife over trials; NaN for a single one. */
  standardError: number;
  /** `pooled` without each trial in turn, for standard errors of differences. */
  without: number[];
  /** Median over neurons of each one's own R². */
  median: number;
  /** By neuron; NaN where it does not vary. */
  perNeuron: number[];
  trials: number;
}

/**
 * Scores free runs. The first sample of each trial is what they start from: it is not counted.
 * @shape truth, estimate [trial, time, neuron]
 */
export function score(truth: NDArray, estimate: NDArray): Score {
  const [y, z] = [withoutFirst(truth), withoutFirst(estimate)];
  const [trials, samples, neurons] = y.shape as [number, number, number];
  const { pooled, median, perUnit } = r2(y, z);
  const mean = new Float64Array(neurons);
  y.data.forEach((v, i) => {
    mean[i % neurons] += v / (trials * samples);
  });
  const residual = new Float64Array(trials);
  const total = new Float64Array(trials);
  y.data.forEach((v, i) => {
    const trial = Math.floor(i / (samples * neurons));
    residual[trial] += (v - z.data[i]) ** 2;
    total[trial] += (v - mean[i % neurons]) ** 2;
  });
  const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
  const [allResidual, allTotal] = [sum(residual), sum(total)];
  const without = Array.from(residual, (r, k) => 1 - (allResidual - r) / (allTotal - total[k]));
  return { pooled, standardError: jackknife(without), without, median, perNeuron: [...perUnit], trials };
}

/** Standard error of a statistic from its values without one trial each; NaN for a single trial. */
export function jackknife(without: readonly number[]): number {
  const n = without.length;
  if (n < 2) return Number.NaN;
  const center = without.reduce((a, b) => a + b, 0) / n;
  return Math.sqrt(((n - 1) / n) * without.reduce((s, v) => s + (v - center) ** 2, 0));
}

/** Activity from the second sample on. */
export function withoutFirst({ data, shape }: NDArray): NDArray<Float64Array> {
  const [trials, samples, neurons] = shape as [number, number, number];
  const length = (samples - 1) * neurons;
  const out = new Float64Array(trials * length);
  for (let k = 0; k < trials; k++)
    out.set(data.subarray(k * (length + neurons) + neurons, (k + 1) * (length + neurons)), k * length);
  return { data: out, shape: [trials, samples - 1, neurons] };
}

/** The first sample of each trial, `[trial, neuron]`. */
export function firstSamples({ data, shape }: NDArray): NDArray<Float64Array> {
  const [trials, samples, neurons] = shape as [number, number, number];
  const out = new Float64Array(trials * neurons);
  for (let k = 0; k < trials; k++)
    out.set(data.subarray(k * samples * neurons, k * samples * neurons + neurons), k * neurons);
  return { data: out, shape: [trials, neurons] };
}
