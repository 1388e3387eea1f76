/**
 * Interval reproduction: remember the interval between two pulses over a delay, and produce it after a go cue.
 * @source Jazayeri & Shadlen 2010, Nat. Neurosci. 13, 1020–1026; with a delay, Turner, Dabholkar & Barak 2021, NeurIPS 34.
 * The papers were not at hand: all defaults are from memory, but for the margin, which is NeuroGym's for intervals
 */
import { checkTiming } from "./cueSetGo.ts";
import { defineTask } from "./defineTask.ts";
import { between } from "./law.ts";
import { withDefaults } from "./options.ts";
import { rampEpochs, rampScore } from "./ramp.ts";
import type { Task } from "./trials.ts";

export interface IntervalReproductionOptions {
  /** Time step, ms. Default 10. */
  dt?: number;
  /** From pulse onset to pulse onset, ms: one number, or the limits of a uniform law. Default 400, 1000. */
  interval?: number[];
  /** Before the first pulse, ms, likewise. Default 100, 300. */
  wait?: number[];
  /** From the second pulse's end to the go cue, ms, likewise. Default 300, 900. */
  delay?: number[];
  /** Length of the pulses, ms. Default 50. */
  pulse?: number;
  /** A produced interval is right within `margin[0] × interval + margin[1]` ms. Default 0.2, 25. */
  margin?: number[];
}

const defaults: Required<IntervalReproductionOptions> = {
  dt: 10,
  interval: [400, 1000],
  wait: [100, 300],
  delay: [300, 900],
  pulse: 50,
  margin: [0.2, 25],
};

/**
 * The task. Inputs: `pulse`, 1 during both pulses, and `go`, 1 during the go cue. Output `ramp`: 0 until the go cue, then
 * linear so that it is 1 after the interval. Conditions: `interval` (beyond the trained range too), `wait`, `delay`.
 * `parts.bias` is the mean of produced minus asked interval, ms.
 * @throws NullclineError for options that make no sense
 */
export function intervalReproduction(given: IntervalReproductionOptions = {}): Task {
  const name = "intervalReproduction";
  const o = withDefaults(name, defaults, given);
  checkTiming(name, o.interval, o.pulse, o.margin);
  return defineTask({
    name,
    description: `Reproduce an interval of ${o.interval.join(" to ")} ms after a delay.`,
    source: "Jazayeri & Shadlen 2010, Nat. Neurosci. 13, 1020–1026; Turner, Dabholkar & Barak 2021, NeurIPS 34",
    dt: o.dt,
    inputs: { pulse: 1, go: 1 },
    outputs: { ramp: 1 },
    variables: {
      interval: between(name, "interval", o.interval),
      wait: between(name, "wait", o.wait),
      delay: between(name, "delay", o.delay),
    },
    trial: ({ interval, wait, delay }) => [
      { name: "wait", lasts: wait, weight: 1 },
      { name: "first", lasts: o.pulse, inputs: { pulse: 1 }, weight: 1 },
      { name: "measure", lasts: interval - o.pulse, weight: 1 },
      { name: "second", lasts: o.pulse, inputs: { pulse: 1 }, weight: 1 },
      { name: "delay", lasts: delay, weight: 1 },
      ...rampEpochs({ interval, pulse: o.pulse, during: { go: 1 } }),
    ],
    score: rampScore("interval", o.margin, []),
    examples: o.interval.map((interval) => ({ interval })),
  });
}
