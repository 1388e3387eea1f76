/**
 * Random-dot motion: noisy evidence, integrated to a choice; one direction may be more likely than the other.
 * @source Roitman & Shadlen 2002, J. Neurosci. 22, 9475–9489; timing, coherences and scale as in the models of Song,
 * Yang & Wang 2016, PLoS Comput. Biol. 12, e1004792; choice read out as in Valente, Pillow & Ostojic 2022, NeurIPS 35
 */

import { NullclineError } from "../base/errors.ts";
import { normalCdf } from "../base/normal.ts";
import { defineTask } from "./defineTask.ts";
import { between, type Law } from "./law.ts";
import { withDefaults } from "./options.ts";
import { mean } from "./score.ts";
import type { Task } from "./trials.ts";

export interface RandomDotsOptions {
  /** Time step, ms. Default 20. */
  dt?: number;
  /** Coherences, %, each equally likely. Default 1, 2, 4, 8, 16. */
  coherences?: number[];
  /** Mean of the evidence at a coherence of 100 %. Default 3.2. */
  scale?: number;
  /** Probability of the positive direction, one for all trials or several, each equally likely. Default 0.5. */
  prior?: number[];
  /** An input tells the trial's prior, as `2 prior - 1`. Default: where there are several. */
  cue?: boolean;
  /** Before the stimulus, ms. Default 100. */
  fixation?: number;
  /** Of the stimulus, ms: one number, or the limits of a uniform law. Default 800. */
  stimulus?: number[];
  /** Scale of an exponential law between the limits of `stimulus`, ms; 0: uniform. Song et al.: 330, between 80 and 1500. Default 0. */
  stimulusScale?: number;
  /** Between stimulus and decision, ms. Default 0. */
  delay?: number[];
  /** Default 300 ms. */
  decision?: number;
  /** Standard deviation of the evidence's noise in a sample of 1 ms. Default 0.01 √200, that of Song et al. */
  noise?: number;
}

const defaults: Required<Omit<RandomDotsOptions, "cue">> & { cue: boolean } = {
  dt: 20,
  coherences: [1, 2, 4, 8, 16],
  scale: 3.2,
  prior: [0.5],
  cue: false,
  fixation: 100,
  stimulus: [800],
  stimulusScale: 0,
  delay: [0],
  decision: 300,
  noise: 0.01 * Math.sqrt(200),
};

/**
 * The task. Input `evidence`: `scale × coherence / 100` with the direction's sign, and noise, during the stimulus.
 * Output `choice`: 0 before the decision's time, ±1 in it; free during stimulus and delay. A choice is the sign of the
 * output's mean in the decision.
 *
 * Conditions: `prior`, `direction` (±1), `coherence`, and `stimulus` and `delay` where they vary. `idealObserver` is
 * `Φ(√stimulus scale coherence / noise)`, which holds for a prior of 1/2.
 * @throws NullclineError for options that make no sense
 */
export function randomDots(given: RandomDotsOptions = {}): Task {
  const name = "randomDots";
  const o = withDefaults(name, defaults, given);
  const cued = given.cue ?? o.prior.length > 1;
  if (o.prior.some((p) => !(p >= 0 && p <= 1)) || o.coherences.some((c) => c < 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: prior ${JSON.stringify(o.prior)}, coherences ${JSON.stringify(o.coherences)}`,
      expected: "probabilities from 0 to 1, and coherences of 0 or more",
    });
  const stimulus: Law =
    o.stimulusScale > 0
      ? { exponential: o.stimulusScale, between: [o.stimulus[0]!, o.stimulus[1]!] }
      : between(name, "stimulus", o.stimulus);
  return defineTask({
    name,
    description:
      "Decide in which direction dots move: integrate noisy evidence and give the sign of its mean. " +
      `Coherences ${o.coherences.join(", ")} %, probability of the positive direction ${o.prior.join(" or ")}.`,
    source:
      "Roitman & Shadlen 2002, J. Neurosci. 22, 9475–9489; Song, Yang & Wang 2016, PLoS Comput. Biol. 12, e1004792",
    dt: o.dt,
    inputs: { evidence: 1, ...(cued && { prior: 1 }) },
    outputs: { choice: 1 },
    variables: {
      prior: { choice: o.prior },
      direction: ({ prior }) => ({ oneOf: [1, -1], weights: [prior, 1 - prior] }),
      coherence: { choice: o.coherences },
      stimulus,
      delay: between(name, "delay", o.delay),
    },
    trial: ({ prior, direction, coherence, ...v }) => {
      const known = cued ? { prior: 2 * prior - 1 } : {};
      return [
        { name: "fixation", lasts: o.fixation, inputs: known, weight: 1 },
        {
          name: "stimulus",
          lasts: v.stimulus,
          inputs: { ...known, evidence: (direction * o.scale * coherence) / 100 },
        },
        { name: "delay", lasts: v.delay, inputs: known },
        { name: "decision", lasts: o.decision, inputs: known, targets: { choice: direction }, weight: 1 },
      ];
    },
    noise: { std: o.noise, channels: ["evidence"] },
    score: {
      what: "fraction of choices (sign of the mean output in the decision) in the dots' direction",
      of: ({ v, output, at }) => (Math.sign(mean(output("choice", at("decision")))) === v.direction ? 1 : 0),
      parts: ["coherence", "prior"],
      measures: {
        idealObserver: ({ v }) =>
          v.prior === 0.5 && o.noise > 0
            ? normalCdf((Math.sqrt(v.stimulus) * o.scale * v.coherence) / 100 / o.noise)
            : Number.NaN,
      },
    },
    examples: [
      { direction: 1, coherence: Math.max(...o.coherences) },
      { direction: -1, coherence: Math.max(...o.coherences) },
      { direction: 1, coherence: Math.min(...o.coherences) },
    ],
  });
}
