/**
 * The learning rate as a function of the iteration. A schedule is plain data, so it stands in a run's specification.
 */
import { NullclineError } from "../base/errors.ts";

export type Schedule =
  | { kind: "constant"; rate: number }
  /** `rate factor^(k / every)`, not below `to` (default 0). */
  | { kind: "exponential"; rate: number; factor: number; every?: number; to?: number }
  /** From `rate` at iteration 0 to `to` at iteration `over`, then `to`. */
  | { kind: "linear"; rate: number; to: number; over: number }
  /** Half a cosine from `rate` to `to` (default 0) over `over` iterations, then `to`. */
  | { kind: "cosine"; rate: number; to?: number; over: number }
  /** `[iteration, rate]`, the first at 0: each rate holds from its iteration on. */
  | { kind: "piecewise"; points: [number, number][] };

/**
 * The rate at iteration `k` (the first update is 0).
 * @throws NullclineError (code `schedule`) where the schedule gives no finite rate ≥ 0
 */
export function rateAt(schedule: Schedule, k: number): number {
  const rate = evaluate(schedule, k);
  if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY))
    throw new NullclineError({
      code: "schedule",
      given: `the ${schedule.kind} schedule ${JSON.stringify(schedule)} gives the rate ${rate} at iteration ${k}`,
      expected: "a finite rate, not negative",
    });
  return rate;
}

function evaluate(schedule: Schedule, k: number): number {
  switch (schedule.kind) {
    case "constant":
      return schedule.rate;
    case "exponential":
      return Math.max(schedule.to ?? 0, schedule.rate * schedule.factor ** (k / (schedule.every ?? 1)));
    case "linear":
      return schedule.rate + (schedule.to - schedule.rate) * Math.min(1, k / schedule.over);
    case "cosine": {
      const to = schedule.to ?? 0;
      return to + ((schedule.rate - to) * (1 + Math.cos(Math.PI * Math.min(1, k / schedule.over)))) / 2;
    }
    case "piecewise":
      return schedule.points.findLast(([from]) => from <= k)?.[1] ?? Number.NaN;
    default:
      throw new NullclineError({
        code: "schedule",
        given: `unknown schedule \`${(schedule as { kind: string }).kind}\``,
        expected: "constant, exponential, linear, cosine or piecewise",
      });
  }
}

export interface PlateauOptions {
  /** What the rate is multiplied by. Default 0.5. */
  factor?: number;
  /** Losses without progress that are tolerated: the next one lowers the rate. Default 10. */
  patience?: number;
  /** Progress is a loss below `best (1 - threshold)`. Default 1e-4. */
  threshold?: number;
  /** Losses after a reduction that do not count. Default 0. */
  cooldown?: number;
  /** Least rate. Default 0. */
  to?: number;
}

/** Where a plateau schedule stands: plain numbers, for a checkpoint. `best` is null before the first loss. */
export interface PlateauState {
  rate: number;
  best: number | null;
  withoutProgress: number;
  cooling: number;
}

/** The state before any loss was seen. */
export function plateau(rate: number): PlateauState {
  return { rate, best: null, withoutProgress: 0, cooling: 0 };
}

/**
 * Lowers the rate where the loss no longer falls: the state after one more loss (a new object).
 * A loss that is not a number is no progress.
 */
export function observeLoss(state: PlateauState, loss: number, options: PlateauOptions = {}): PlateauState {
  const { factor = 0.5, patience = 10, threshold = 1e-4, cooldown = 0, to = 0 } = options;
  const progress = state.best === null ? Number.isFinite(loss) : loss < state.best * (1 - threshold);
  const best = progress ? loss : state.best;
  const cooling = Math.max(0, state.cooling - 1);
  const withoutProgress = progress || state.cooling > 0 ? 0 : state.withoutProgress + 1;
  if (withoutProgress <= patience) return { rate: state.rate, best, withoutProgress, cooling };
  return { rate: Math.max(to, state.rate * factor), best, withoutProgress: 0, cooling: cooldown };
}
