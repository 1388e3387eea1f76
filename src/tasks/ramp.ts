/**
 * Produced intervals: after an event the output rises, and the interval ends where it passes 1.
 */
import type { Epoch, Signals } from "./defineTask.ts";
import type { Score, TrialView } from "./score.ts";

/** How far the ramp goes on past 1, as a fraction of the interval: so that where it passes 1 is well defined. */
const beyond = 0.1;

export interface RampOptions {
  /** From the event that starts the interval to its end. */
  interval: number;
  /** Length of that event's pulse; at most the interval. */
  pulse: number;
  /** Inputs during the pulse, and from then on. */
  during?: Signals;
  after?: Signals;
}

/**
 * The epochs of a produced interval: output `ramp` is 0 where it begins, 1 where it ends, and goes on at the same slope
 * for a tenth of it. Every sample counts.
 */
export function rampEpochs({ interval, pulse, during = {}, after = {} }: RampOptions): Epoch[] {
  const target = (from: number) => ({ ramp: (time: number) => (from + time) / interval });
  return [
    { name: "set", lasts: pulse, inputs: { ...after, ...during }, targets: target(0), weight: 1 },
    {
      name: "production",
      lasts: (1 + beyond) * interval - pulse,
      inputs: after,
      targets: target(pulse),
      weight: 1,
    },
  ];
}

/** From the set event to where the output first passes 1, between samples by a straight line; NaN where it does not. */
export function producedInterval({ output, at, dt }: TrialView): number {
  const z = output("ramp", at("set"));
  const first = z.findIndex((value) => value >= 1);
  if (first <= 0) return first === 0 ? 0 : Number.NaN;
  return (first - (z[first]! - 1) / (z[first]! - z[first - 1]!)) * dt;
}

/**
 * Right where the produced interval is within `slope × interval + offset` of the one asked for.
 * @param asked name of the condition that holds the interval
 */
export function rampScore(asked: string, margin: readonly number[], parts: readonly string[]): Score {
  const [slope, offset] = margin as [number, number];
  const error = (trial: TrialView) => producedInterval(trial) - trial.v[asked];
  return {
    what: `fraction of intervals (until the output passes 1) within ${slope} of the interval + ${offset} ms of the one asked for`,
    of: (trial) => (Math.abs(error(trial)) <= slope * trial.v[asked] + offset ? 1 : 0),
    parts,
    measures: { bias: error, produced: producedInterval },
  };
}
