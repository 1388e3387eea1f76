/**
 * Cue-set-go: a lasting cue says how long to wait after a set pulse.
 * @source Wang, Narain, Hosseini & Jazayeri 2018, Nat. Neurosci. 21, 102–110. The paper was not at hand: all defaults are
 * from memory, but for the margin, which is NeuroGym's for intervals (Molano-Mazón et al. 2022)
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { between } from "./law.ts";
import { withDefaults } from "./options.ts";
import { rampEpochs, rampScore } from "./ramp.ts";
import type { Task } from "./trials.ts";

export interface CueSetGoOptions {
  /** Time step, ms. Default 10. */
  dt?: number;
  /** Intervals, ms, each equally likely. Default 800, 1500. */
  intervals?: number[];
  /** Height of the cue: the first value at the shortest interval, the second at the longest, linear between. Default 0.5, 0.2. */
  cue?: number[];
  /** From the cue's onset to the set pulse, ms: one number, or the limits of a uniform law. Default 250, 750. */
  wait?: number[];
  /** Length of the set pulse, ms. Default 20. */
  pulse?: number;
  /** A produced interval is right within `margin[0] × interval + margin[1]` ms. Default 0.2, 25. */
  margin?: number[];
}

const defaults: Required<CueSetGoOptions> = {
  dt: 10,
  intervals: [800, 1500],
  cue: [0.5, 0.2],
  wait: [250, 750],
  pulse: 20,
  margin: [0.2, 25],
};

/**
 * The task. Inputs: `cue`, constant from its onset, and `set`, 1 during its pulse. Output `ramp`: 0 until the set pulse,
 * then linear so that it is 1 when the interval ends. Conditions: `interval` (any may be asked for) and `wait`, ms.
 * `parts.bias` is the mean of produced minus asked interval, ms.
 * @throws NullclineError for options that make no sense
 */
export function cueSetGo(given: CueSetGoOptions = {}): Task {
  const name = "cueSetGo";
  const o = withDefaults(name, defaults, given);
  checkTiming(name, o.intervals, o.pulse, o.margin);
  if (o.cue.length !== 2)
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: \`cue\` has ${o.cue.length} values`,
      expected: "two heights, for the shortest and the longest interval",
    });
  const [least, most] = [Math.min(...o.intervals), Math.max(...o.intervals)];
  const height = (interval: number) =>
    o.cue[0]! + (least === most ? 0 : ((interval - least) / (most - least)) * (o.cue[1]! - o.cue[0]!));
  return defineTask({
    name,
    description: `Wait for ${o.intervals.join(" or ")} ms after a pulse, as a cue says.`,
    source: "Wang, Narain, Hosseini & Jazayeri 2018, Nat. Neurosci. 21, 102–110",
    dt: o.dt,
    inputs: { cue: 1, set: 1 },
    outputs: { ramp: 1 },
    variables: { interval: { choice: o.intervals }, wait: between(name, "wait", o.wait) },
    trial: ({ interval, wait }) => {
      const cue = { cue: height(interval) };
      return [
        { name: "wait", lasts: wait, inputs: cue, weight: 1 },
        ...rampEpochs({ interval, pulse: o.pulse, during: { set: 1 }, after: cue }),
      ];
    },
    score: rampScore("interval", o.margin, ["interval"]),
    examples: o.intervals.map((interval) => ({ interval })),
  });
}

/** @throws NullclineError where a pulse does not fit its interval, or a margin is no margin */
export function checkTiming(
  task: string,
  intervals: readonly number[],
  pulse: number,
  margin: readonly number[],
): void {
  if (intervals.length === 0 || !(pulse > 0) || intervals.some((interval) => !(interval > pulse)))
    throw new NullclineError({
      code: "option",
      given: `task \`${task}\`: intervals of ${intervals.join(", ") || "no length"} and pulses of ${pulse}`,
      expected: "intervals longer than the pulse that starts them, and a pulse of some length",
    });
  if (margin.length !== 2 || margin.some((x) => x < 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${task}\`: \`margin\` is ${JSON.stringify(margin)}`,
      expected: "a fraction of the interval and a time, neither negative",
    });
}
