/**
 * Activity in units that a network can produce, and back: `y = (x - center) / scale`, neuron by neuron.
 * Fitted on the training trials alone, applied to all.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";

export interface ScalingOptions {
  /**
   * - `none`: as it is.
   * - `center`: less the mean.
   * - `common`: less the mean, all neurons over one number, so that their variances average to 1: the geometry stays.
   * - `zscore`: less the mean, over the standard deviation.
   * - `soft`: less the mean, over the range plus `constant` (Churchland et al. 2012: 5 spikes/s).
   * - `range`: least and greatest value at ∓`limit`, for outputs of a tanh.
   */
  kind: "none" | "center" | "common" | "zscore" | "soft" | "range";
  /** For `soft`, in the activity's unit. Default 5. */
  constant?: number;
  /** For `range`. Default 0.9. */
  limit?: number;
}

export interface Scaling extends ScalingOptions {
  /** One entry per neuron. */
  center: Float64Array;
  scale: Float64Array;
  /** Neurons that do not vary: their scale is 1. */
  constantNeurons: number[];
}

/**
 * Finds the scaling of each neuron over all times of the given trials.
 * @shape activity `[trial, time, neuron]`
 * @param trials the trials to look at; default all
 * @throws NullclineError (code `scaling`) for an unknown kind, a negative constant, a limit that is not positive, or no trials
 */
export function fitScaling(
  activity: NDArray,
  options: ScalingOptions,
  trials: readonly number[] = Array.from({ length: activity.shape[0]! }, (_, k) => k),
): Scaling {
  const { kind, constant = 5, limit = 0.9 } = options;
  if (
    !["none", "center", "common", "zscore", "soft", "range"].includes(kind) ||
    constant < 0 ||
    !(limit > 0) ||
    !trials.length
  )
    throw new NullclineError({
      code: "scaling",
      given: `scaling \`${kind}\` with constant ${constant} and limit ${limit} of ${trials.length} trials`,
      expected: "none, center, common, zscore, soft (constant ≥ 0) or range (limit > 0), and at least one trial",
    });
  const [, samples = 0, neurons = 0] = activity.shape;
  const rows = trials.length * samples;
  const mean = new Float64Array(neurons);
  const squares = new Float64Array(neurons);
  const least = new Float64Array(neurons).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(neurons).fill(Number.NEGATIVE_INFINITY);
  const each = (visit: (x: number, i: number) => void) => {
    for (const k of trials)
      for (let t = 0; t < samples; t++)
        for (let i = 0; i < neurons; i++) visit(activity.data[(k * samples + t) * neurons + i]!, i);
  };
  each((x, i) => {
    mean[i]! += x / rows;
    least[i] = Math.min(least[i]!, x);
    most[i] = Math.max(most[i]!, x);
  });
  each((x, i) => {
    squares[i]! += (x - mean[i]!) ** 2 / rows;
  });
  const center =
    kind === "none" ? mean.map(() => 0) : kind === "range" ? mean.map((_, i) => (least[i]! + most[i]!) / 2) : mean;
  const common = Math.sqrt(squares.reduce((sum, s) => sum + s, 0) / neurons) || 1;
  const scale = mean.map((_, i) => {
    if (kind === "common") return common;
    const range = most[i]! - least[i]!;
    if (range === 0 || kind === "none" || kind === "center") return 1;
    return kind === "zscore" ? Math.sqrt(squares[i]!) : kind === "soft" ? range + constant : range / 2 / limit;
  });
  const constantNeurons = [...mean.keys()].filter((i) => most[i] === least[i]);
  return { kind, constant, limit, center, scale, constantNeurons };
}

/** `(x - center) / scale`; the last axis is the neuron. */
export function applyScaling(activity: NDArray, { center, scale }: Scaling): NDArray<Float64Array> {
  return perNeuron(activity, center.length, (x, i) => (x - center[i]!) / scale[i]!);
}

/** `center + scale y`: the inverse of `applyScaling`. */
export function undoScaling(scaled: NDArray, { center, scale }: Scaling): NDArray<Float64Array> {
  return perNeuron(scaled, center.length, (y, i) => center[i]! + scale[i]! * y);
}

function perNeuron({ data, shape }: NDArray, neurons: number, f: (x: number, i: number) => number) {
  if (shape.at(-1) !== neurons) throw new Error(`a scaling of ${neurons} neurons for [${shape}]`);
  const out = new Float64Array(data.length);
  for (let k = 0; k < out.length; ) for (let i = 0; i < neurons; i++, k++) out[k] = f(data[k]!, i);
  return { data: out, shape: [...shape] };
}
