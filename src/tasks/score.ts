/**
 * Scoring trials one by one: a task says what is right in one trial, and this counts.
 */
import type { NDArray } from "../base/arrays.ts";
import type { Behaviour, Trials } from "./trials.ts";

/** One trial and what the network did in it. */
export interface TrialView {
  /** Its conditions. */
  v: Readonly<Record<string, number>>;
  dt: number;
  /** When an epoch begins in this trial (its sample's time), NaN where it has none; `end` is where the trial ends. */
  at(event: string): number;
  /** The output (and channel of it, from 0) at all samples from one time to before another. Default: all the trial. */
  output(name: string, from?: number, to?: number, channel?: number): Float64Array;
  target(name: string, from?: number, to?: number, channel?: number): Float64Array;
  /** All channels of an output at one time. Default: the trial's last sample. */
  channels(name: string, time?: number): Float64Array;
  targetChannels(name: string, time?: number): Float64Array;
}

export interface Score {
  /** What the score is, in words. */
  what: string;
  /** Of one trial: 1 right, 0 wrong, or how much of it is right. */
  of(trial: TrialView): number;
  /** Conditions by whose values the score is also given: `name value`. Left out where there are more than 12 values. */
  parts?: readonly string[];
  /** A condition: the least score of its values is `worst`. */
  worst?: string;
  /** Further numbers: their means over the trials in which they are finite. */
  measures?: Readonly<Record<string, (trial: TrialView) => number>>;
}

/**
 * The mean of a score over trials, its standard error, and its parts.
 * @param widths the outputs' groups and their numbers of channels
 */
export function scored(
  score: Score,
  outputs: NDArray,
  trials: Trials,
  widths: Readonly<Record<string, number>>,
): Behaviour {
  const n = trials.targets.shape[0]!;
  checkOutputs(outputs, trials);
  const views = Array.from({ length: n }, (_, k) => viewOf(outputs, trials, widths, k));
  const values = views.map((view) => score.of(view));
  const parts: Record<string, number> = {};
  for (const condition of score.parts ?? []) {
    const by = trials.conditions[condition];
    const distinct = [...new Set(by)].sort((a, b) => a - b);
    if (!by || distinct.length > 12) continue;
    for (const value of distinct) parts[`${condition} ${value}`] = mean(values.filter((_, k) => by[k] === value));
  }
  if (score.worst) {
    const by = trials.conditions[score.worst]!;
    parts.worst = Math.min(...[...new Set(by)].map((value) => mean(values.filter((_, k) => by[k] === value))));
  }
  for (const [name, measure] of Object.entries(score.measures ?? {})) {
    const finite = views.map(measure).filter(Number.isFinite);
    if (finite.length > 0) parts[name] = mean(finite);
  }
  const center = mean(values);
  const variance = values.reduce((sum, x) => sum + (x - center) ** 2, 0) / (n - 1);
  return { score: center, what: score.what, n, standardError: Math.sqrt(variance / n), parts };
}

/** A view of trial k. */
function viewOf(outputs: NDArray, trials: Trials, widths: Readonly<Record<string, number>>, k: number): TrialView {
  const [, samples, width] = trials.targets.shape as [number, number, number];
  const { dt } = trials;
  const end = trials.events?.end?.[k] ?? samples * dt;
  const first: Record<string, number> = {};
  let sum = 0;
  for (const [name, channels] of Object.entries(widths)) {
    first[name] = sum;
    sum += channels;
  }
  const sample = (time: number): number => Math.max(0, Math.min(samples, Math.round(time / dt + 1e-9)));
  const along =
    ({ data }: NDArray) =>
    (name: string, from = 0, to = end, channel = 0): Float64Array => {
      const [a, b] = [sample(from), sample(to)];
      return Float64Array.from(
        { length: Math.max(0, b - a) },
        (_, t) => data[(k * samples + a + t) * width + first[name]! + channel]!,
      );
    };
  const across =
    ({ data }: NDArray) =>
    (name: string, time = end - dt): Float64Array =>
      Float64Array.from(
        { length: widths[name]! },
        (_, i) => data[(k * samples + sample(time)) * width + first[name]! + i]!,
      );
  return {
    v: Object.fromEntries(Object.entries(trials.conditions).map(([name, values]) => [name, values[k]!])),
    dt,
    at: (event) => (event === "end" ? end : (trials.events?.[event]?.[k] ?? Number.NaN)),
    output: along(outputs),
    target: along(trials.targets),
    channels: across(outputs),
    targetChannels: across(trials.targets),
  };
}

/**
 * R² where the outputs count: `1 - Σ w (z - y)² / Σ w (y - ȳ)²`, ȳ the weighted mean of each output. Its standard error
 * is the jackknife's over trials.
 */
export function explainedWhereCounted(outputs: NDArray, trials: Trials): Behaviour {
  checkOutputs(outputs, trials);
  const [n, samples, width] = trials.targets.shape as [number, number, number];
  const { data: y } = trials.targets;
  const { data: w } = trials.mask;
  const sums = Array.from({ length: width }, () => [0, 0]);
  y.forEach((value, j) => {
    sums[j % width]![0]! += w[j]! * value;
    sums[j % width]![1]! += w[j]!;
  });
  const means = sums.map(([a, b]) => (b! > 0 ? a! / b! : 0));
  const residual = new Float64Array(n);
  const total = new Float64Array(n);
  for (let k = 0; k < n; k++)
    for (let j = k * samples * width; j < (k + 1) * samples * width; j++) {
      residual[k]! += w[j]! * (outputs.data[j]! - y[j]!) ** 2;
      total[k]! += w[j]! * (y[j]! - means[j % width]!) ** 2;
    }
  const [ss, tt] = [residual, total].map((values) => values.reduce((a, b) => a + b, 0)) as [number, number];
  const without = Array.from(residual, (r, k) => 1 - (ss - r) / (tt - total[k]!));
  const center = mean(without);
  const weight = sums.reduce((a, [, b]) => a + b!, 0);
  return {
    score: 1 - ss / tt,
    what: "R² of the outputs where they count",
    n,
    standardError: Math.sqrt(((n - 1) / n) * without.reduce((a, r) => a + (r - center) ** 2, 0)),
    parts: { meanSquaredError: ss / weight },
  };
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The index of the largest value; of several, the first. */
export function strongest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

export function checkOutputs(outputs: NDArray, { targets }: Trials): void {
  if (outputs.shape.join() !== targets.shape.join())
    throw new Error(`outputs [${outputs.shape}] for targets [${targets.shape}]`);
}
