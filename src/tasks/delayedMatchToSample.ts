/**
 * Delayed match-to-sample: are two stimuli, a delay apart, the same?
 * @source Miyashita 1988, Nature 335, 817–820, and many since; channels and timing as in Valente, Pillow & Ostojic 2022,
 * NeurIPS 35 (training there goes through delays of 0.7, 1 and 4 s)
 */
import { defineTask } from "./defineTask.ts";
import { between } from "./law.ts";
import { withDefaults } from "./options.ts";
import { mean } from "./score.ts";
import { oneHot } from "./signal.ts";
import type { Task } from "./trials.ts";

export interface DelayedMatchToSampleOptions {
  /** Time step, ms. Default 20. */
  dt?: number;
  /** ms. Default 100. */
  fixation?: number;
  /** Of sample and test, ms: one number, or the limits of a uniform law. Default 500. */
  stimulus?: number[];
  /** ms, likewise. Default 500, 3000. */
  delay?: number[];
  /** ms. Default 1000. */
  decision?: number;
  /** Standard deviation of the inputs' noise in a sample of 1 ms. Default 0.03 √20: 0.03 in a sample of 20 ms. */
  noise?: number;
}

const defaults: Required<DelayedMatchToSampleOptions> = {
  dt: 20,
  fixation: 100,
  stimulus: [500],
  delay: [500, 3000],
  decision: 1000,
  noise: 0.03 * Math.sqrt(20),
};

/**
 * The task. Inputs `A`, `B`: 1 while that stimulus is on. Output `match`: 1 where both were the same, else -1, in the
 * decision; free before. A choice is the sign of the output's mean in the decision.
 *
 * Conditions: `sample`, `test` (0 for A, 1 for B), and `first`, `delay`, `second`, the durations.
 * @throws NullclineError for options that make no sense
 */
export function delayedMatchToSample(given: DelayedMatchToSampleOptions = {}): Task {
  const name = "delayedMatchToSample";
  const o = withDefaults(name, defaults, given);
  const stimulus = between(name, "stimulus", o.stimulus);
  const shown = (which: number) => ({ A: oneHot(2, which)[0]!, B: oneHot(2, which)[1]! });
  return defineTask({
    name,
    description: `Say whether two stimuli, ${o.delay.join(" to ")} ms apart, are the same.`,
    source: "Valente, Pillow & Ostojic 2022, NeurIPS 35",
    dt: o.dt,
    inputs: { A: 1, B: 1 },
    outputs: { match: 1 },
    variables: {
      sample: { oneOf: [0, 1] },
      test: { oneOf: [0, 1] },
      first: stimulus,
      delay: between(name, "delay", o.delay),
      second: stimulus,
    },
    trial: ({ sample, test, first, delay, second }) => [
      { name: "fixation", lasts: o.fixation },
      { name: "sample", lasts: first, inputs: shown(sample) },
      { name: "delay", lasts: delay },
      { name: "test", lasts: second, inputs: shown(test) },
      { name: "decision", lasts: o.decision, targets: { match: sample === test ? 1 : -1 }, weight: 1 },
    ],
    noise: { std: o.noise },
    score: {
      what: "fraction of choices (sign of the mean output in the decision) that tell match from non-match",
      of: ({ v, output, at }) => (mean(output("match", at("decision"))) > 0 === (v.sample === v.test) ? 1 : 0),
      parts: ["sample", "test"],
    },
  });
}
