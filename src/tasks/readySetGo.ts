/**
 * Ready-set-go: measure the interval between two pulses, and produce it, or a multiple of it.
 * @source Remington, Narain, Hosseini & Jazayeri 2018, Neuron 98, 1005–1019; interval range, pulses and margin as in
 * NeuroGym (Molano-Mazón et al. 2022)
 */
import { NullclineError } from "../base/errors.ts";
import { checkTiming } from "./cueSetGo.ts";
import { defineTask } from "./defineTask.ts";
import { between } from "./law.ts";
import { withDefaults } from "./options.ts";
import { rampEpochs, rampScore } from "./ramp.ts";
import type { Task } from "./trials.ts";

export interface ReadySetGoOptions {
  /** Time step, ms. Default 10. */
  dt?: number;
  /** Measured interval, from pulse onset to pulse onset, ms: one number, or the limits of a uniform law. Default 800, 1500. */
  measure?: number[];
  /** What the interval is to be multiplied by; several are equally likely, and an input tells which. Default 1, 1.5. */
  gains?: number[];
  /** Before the first pulse, ms: one number, or the limits of a uniform law. Default 100, 300. */
  wait?: number[];
  /** Length of both pulses, ms. Default 83. */
  pulse?: number;
  /** A produced interval is right within `margin[0] × interval + margin[1]` ms. Default 0.2, 25. */
  margin?: number[];
}

const defaults: Required<ReadySetGoOptions> = {
  dt: 10,
  measure: [800, 1500],
  gains: [1, 1.5],
  wait: [100, 300],
  pulse: 83,
  margin: [0.2, 25],
};

/**
 * The task. Inputs: `pulse`, 1 during the ready and the set pulse, and, with several gains, `gain`, constant: the gain
 * itself. Output `ramp`: 0 until the set pulse, then linear so that it is 1 after `gain × measure`. Conditions:
 * `measure`, `gain`, `wait`; computed: `interval`, what is to be produced. `parts.bias` is the mean of produced minus
 * asked interval, ms.
 * @throws NullclineError for options that make no sense
 */
export function readySetGo(given: ReadySetGoOptions = {}): Task {
  const name = "readySetGo";
  const o = withDefaults(name, defaults, given);
  checkTiming(
    name,
    o.measure.flatMap((interval) => [interval, ...o.gains.map((gain) => gain * interval)]),
    o.pulse,
    o.margin,
  );
  if (o.gains.length === 0)
    throw new NullclineError({ code: "option", given: `task \`${name}\`: no gains`, expected: "at least one" });
  const several = o.gains.length > 1;
  return defineTask({
    name,
    description: `Measure an interval and produce it, multiplied by ${o.gains.join(" or ")}.`,
    source: "Remington, Narain, Hosseini & Jazayeri 2018, Neuron 98, 1005–1019",
    dt: o.dt,
    inputs: { pulse: 1, ...(several && { gain: 1 }) },
    outputs: { ramp: 1 },
    variables: {
      gain: { choice: o.gains },
      measure: between(name, "measure", o.measure),
      wait: between(name, "wait", o.wait),
    },
    derived: { interval: ({ gain, measure }) => gain * measure },
    trial: ({ gain, measure, wait, interval }) => {
      const known = several ? { gain } : {};
      return [
        { name: "wait", lasts: wait, inputs: known, weight: 1 },
        { name: "ready", lasts: o.pulse, inputs: { ...known, pulse: 1 }, weight: 1 },
        { name: "measure", lasts: measure - o.pulse, inputs: known, weight: 1 },
        ...rampEpochs({ interval, pulse: o.pulse, during: { pulse: 1 }, after: known }),
      ];
    },
    score: rampScore("interval", o.margin, ["gain"]),
    examples: [o.measure[0]!, o.measure.at(-1)!].flatMap((measure) => o.gains.map((gain) => ({ gain, measure }))),
  });
}
