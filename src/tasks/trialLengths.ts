/**
 * How long a task's trials and their epochs are.
 */
import type { Task, TrialRequest } from "./trials.ts";

export interface LengthStatistics {
  /** Trials that have the epoch. */
  n: number;
  mean: number;
  /** Standard deviation between trials. */
  std: number;
  least: number;
  most: number;
}

export interface TrialLengths {
  /** Length of the arrays, shorter trials filled with weight 0. */
  samples: number;
  dt: number;
  /** Of whole trials, in the task's unit. */
  trial: LengthStatistics;
  /** Of each epoch, in the order in which they come. */
  epochs: Record<string, LengthStatistics>;
  /** Fraction of all samples and outputs that count, the fill after shorter trials included. */
  counted: number;
}

/**
 * Statistics of `count` (default 1000) trials. Tasks that do not say when their epochs are have whole trials only.
 * @throws NullclineError from the task where the request does not fit it
 */
export function trialLengths(task: Task, request: Partial<TrialRequest> = {}): TrialLengths {
  const { events = {}, targets, mask, dt } = task.trials({ seed: 1, count: 1000, ...request });
  const [count, samples] = targets.shape as [number, number];
  const ends = events.end ?? new Float64Array(count).fill(samples * dt);
  const starts = Object.entries(events).filter(([name]) => name !== "end");
  const lengths = new Map<string, number[]>();
  for (let k = 0; k < count; k++) {
    const own = starts.filter(([, at]) => !Number.isNaN(at[k]!)).sort(([, a], [, b]) => a[k]! - b[k]!);
    own.forEach(([name, at], i) => {
      const list = lengths.get(name) ?? [];
      list.push((own[i + 1]?.[1][k] ?? ends[k]!) - at[k]!);
      lengths.set(name, list);
    });
  }
  let counted = 0;
  for (const weight of mask.data) if (weight > 0) counted++;
  return {
    samples,
    dt,
    trial: statistics(ends),
    epochs: Object.fromEntries([...lengths].map(([name, values]) => [name, statistics(values)])),
    counted: counted / mask.data.length,
  };
}

function statistics(values: ArrayLike<number>): LengthStatistics {
  const n = values.length;
  let [sum, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    sum += values[i]!;
    least = Math.min(least, values[i]!);
    most = Math.max(most, values[i]!);
  }
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - sum / n) ** 2;
  return { n, mean: sum / n, std: Math.sqrt(squares / Math.max(1, n - 1)), least, most };
}
