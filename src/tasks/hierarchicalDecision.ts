/**
 * Hierarchical decision: evidence for a rule, and evidence that is judged by the rule.
 * @source two-level perceptual decisions as in Purcell & Kiani 2016, PNAS 113, E4531–E4540. The form used by work on orthogonal
 * line attractors is known by its title only: this form, and all defaults, are ours
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { mean, type TrialView } from "./score.ts";
import type { Task } from "./trials.ts";

export interface HierarchicalDecisionOptions {
  /** Time step, ms. Default 10. */
  dt?: number;
  /** Strengths of the evidence (mean), each of ± these equally likely. Default 0.05, 0.1, 0.2. */
  strengths?: number[];
  /** ms. Default 100, 800, 200. */
  fixation?: number;
  stimulus?: number;
  decision?: number;
  /** Standard deviation of the evidence in a sample of 1 ms. Default 1. */
  noise?: number;
}

const defaults: Required<HierarchicalDecisionOptions> = {
  dt: 10,
  strengths: [0.05, 0.1, 0.2],
  fixation: 100,
  stimulus: 800,
  decision: 200,
  noise: 1,
};

/**
 * The task. Inputs `rule`, `first`, `second`: noisy evidence during the stimulus. Where the mean of `rule` is positive,
 * the first stream is to be judged, else the second. Outputs in the decision: `chosenRule`, the sign of the rule's evidence,
 * and `choice`, the sign of the stream that it names; free during the stimulus, 0 before. Conditions: `rule`, `first`, `second`
 * (means). A trial is right where both outputs have the right sign in the mean of the decision.
 * @throws NullclineError for options that make no sense
 */
export function hierarchicalDecision(given: HierarchicalDecisionOptions = {}): Task {
  const name = "hierarchicalDecision";
  const o = withDefaults(name, defaults, given);
  if (o.strengths.length === 0 || o.strengths.some((s) => !(s > 0)))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: strengths ${JSON.stringify(o.strengths)}`,
      expected: "at least one, all positive",
    });
  const strength = { choice: [...o.strengths, ...o.strengths.map((s) => -s)] };
  const judged = (v: Readonly<Record<string, number>>) => Math.sign(v.rule > 0 ? v.first : v.second);
  const rightRule = ({ v, output, at }: TrialView) =>
    Math.sign(mean(output("chosenRule", at("decision")))) === Math.sign(v.rule);
  const rightChoice = ({ v, output, at }: TrialView) => Math.sign(mean(output("choice", at("decision")))) === judged(v);
  const most = Math.max(...o.strengths);
  return defineTask({
    name,
    description: "Decide by the sign of one of two noisy streams, and by a third one which of them counts.",
    source: "our own form of two-level decisions (Purcell & Kiani 2016, PNAS 113, E4531–E4540)",
    dt: o.dt,
    inputs: { rule: 1, first: 1, second: 1 },
    outputs: { chosenRule: 1, choice: 1 },
    variables: { rule: strength, first: strength, second: strength },
    trial: (v) => [
      { name: "fixation", lasts: o.fixation, weight: 1 },
      { name: "stimulus", lasts: o.stimulus, inputs: { rule: v.rule, first: v.first, second: v.second } },
      {
        name: "decision",
        lasts: o.decision,
        targets: { chosenRule: Math.sign(v.rule), choice: judged(v) },
        weight: 1,
      },
    ],
    noise: { std: o.noise },
    score: {
      what: "fraction of trials in which both the rule and the choice are right",
      of: (trial) => (rightRule(trial) && rightChoice(trial) ? 1 : 0),
      measures: { rule: (trial) => Number(rightRule(trial)), choice: (trial) => Number(rightChoice(trial)) },
    },
    examples: [1, -1].flatMap((rule) =>
      [1, -1].map((first) => ({ rule: rule * most, first: first * most, second: -first * most })),
    ),
  });
}
