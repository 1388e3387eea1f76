/**
 * Decision by context after a delay: of two noisy streams the context, known before, names one.
 * @source Valente, Pillow & Ostojic 2022, NeurIPS 35; Dubreuil, Valente, Beiran, Mastrogiuseppe & Ostojic 2022, Nat.
 * Neurosci. 25, 783–794, with the parameters of their code; after Mante et al. 2013, Nature 503, 78–84
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { mean } from "./score.ts";
import type { Task } from "./trials.ts";

export interface ContextDecisionOptions {
  /** Time step, ms. Default 20. */
  dt?: number;
  /** ms. Default 100. */
  fixation?: number;
  /** Context alone, ms. Default 350. */
  before?: number;
  /** ms. Default 800. */
  stimulus?: number;
  /** Context alone again, ms. Default 100. */
  delay?: number;
  /** ms. Default 20: one sample. */
  decision?: number;
  /** Mean of a stream is one of these or minus it. Default 0.1, 0.2, 0.4. */
  strengths?: number[];
  /** The input of the context that holds. Default 0.1. */
  context?: number;
  /** Standard deviation of the streams' noise in a sample of 1 ms. Default 0.1 √20: 0.1 in a sample of 20 ms. */
  noise?: number;
}

const defaults: Required<ContextDecisionOptions> = {
  dt: 20,
  fixation: 100,
  before: 350,
  stimulus: 800,
  delay: 100,
  decision: 20,
  strengths: [0.1, 0.2, 0.4],
  context: 0.1,
  noise: 0.1 * Math.sqrt(20),
};

/**
 * The task. Inputs `first`, `second`: streams that are noise through the trial, with their means in the stimulus;
 * `contextFirst`, `contextSecond`: `context` for the stream that counts, from the end of fixation to the decision.
 * Output `choice`: the sign of that stream's mean in the decision, free before. A choice is the sign of the output's
 * mean in the decision.
 *
 * Conditions: `first`, `second` (means, ± one of `strengths`), `context` (1 or 2). Parts: each context.
 * @throws NullclineError for options that make no sense
 */
export function contextDecision(given: ContextDecisionOptions = {}): Task {
  const name = "contextDecision";
  const o = withDefaults(name, defaults, given);
  if (o.strengths.length === 0 || o.strengths.some((s) => !(s > 0)))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: strengths ${JSON.stringify(o.strengths)}`,
      expected: "numbers above 0",
    });
  const law = { choice: [...o.strengths, ...o.strengths.map((s) => -s)] };
  const side = (v: Readonly<Record<string, number>>) => Math.sign(v.context === 1 ? v.first! : v.second!);
  return defineTask({
    name,
    description: "Say the sign of one of two noisy streams, the one that the context names.",
    source: "Valente, Pillow & Ostojic 2022, NeurIPS 35; Dubreuil et al. 2022, Nat. Neurosci. 25, 783–794",
    dt: o.dt,
    inputs: { first: 1, second: 1, contextFirst: 1, contextSecond: 1 },
    outputs: { choice: 1 },
    variables: { first: law, second: law, context: { oneOf: [1, 2] } },
    trial: (v) => {
      const context = { contextFirst: v.context === 1 ? o.context : 0, contextSecond: v.context === 1 ? 0 : o.context };
      return [
        { name: "fixation", lasts: o.fixation },
        { name: "before", lasts: o.before, inputs: context },
        { name: "stimulus", lasts: o.stimulus, inputs: { ...context, first: v.first, second: v.second } },
        { name: "delay", lasts: o.delay, inputs: context },
        { name: "decision", lasts: o.decision, targets: { choice: side(v) }, weight: 1 },
      ];
    },
    noise: { std: o.noise, channels: ["first", "second"] },
    score: {
      what: "fraction of choices (sign of the mean output in the decision) that agree with the stream that counts",
      of: ({ v, output, at }) => (mean(output("choice", at("decision"))) * side(v) > 0 ? 1 : 0),
      parts: ["context"],
    },
    examples: [1, 2].flatMap((context) =>
      [1, -1].map((sign) => ({ context, first: Math.max(...o.strengths), second: sign * Math.max(...o.strengths) })),
    ),
  });
}
