/**
 * Choice by context: of two noisy streams the context names one; its sign is held after the streams have ended.
 * @source Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820, with the timing of their code (steps of 5 ms); the task of
 * Mante, Sussillo, Shenoy & Newsome 2013, Nature 503, 78–84
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import type { Task } from "./trials.ts";

export interface ContextChoiceOptions {
  /** Time step, ms. Default 5. */
  dt?: number;
  /** Before the streams, of the streams, and after them, ms. Default 250, 1000, 1250. */
  before?: number;
  stimulus?: number;
  response?: number;
  /** Mean of a stream, with its sign. Default 0.5. */
  evidence?: number;
  /** Standard deviation of a stream in a sample of 1 ms. Default √5: 1 in a sample of 5 ms. */
  noise?: number;
  /** Into the response, ms: from here on the output is looked at. Default 250. */
  settle?: number;
  /** Output beyond which there was a choice of that sign. Default 0.7. */
  threshold?: number;
}

const defaults: Required<ContextChoiceOptions> = {
  dt: 5,
  before: 250,
  stimulus: 1000,
  response: 1250,
  evidence: 0.5,
  noise: Math.sqrt(5),
  settle: 250,
  threshold: 0.7,
};

/**
 * The task. Inputs `first`, `second`: ±`evidence` and noise during the stimulus; `contextFirst`, `contextSecond`: 1 for
 * the stream that counts, through the trial. Output `choice`: the sign of that stream from the stimulus's end on, 0
 * before; every sample counts. Conditions: `first`, `second` (±1), `context` (1 or 2).
 *
 * A trial is right where the output passes `threshold` on the side of the answer, at any time from `settle` into the
 * response on.
 * @throws NullclineError for options that make no sense
 */
export function contextChoice(given: ContextChoiceOptions = {}): Task {
  const name = "contextChoice";
  const o = withDefaults(name, defaults, given);
  if (!(o.noise >= 0 && o.evidence > 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: evidence ${o.evidence}, noise ${o.noise}`,
      expected: "positive evidence, and noise of 0 or more",
    });
  const side = (v: Readonly<Record<string, number>>) => (v.context === 1 ? v.first! : v.second!);
  return defineTask({
    name,
    description: "Say the sign of one of two noisy streams, the one that the context names, after they have ended.",
    source: "Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820",
    dt: o.dt,
    inputs: { first: 1, second: 1, contextFirst: 1, contextSecond: 1 },
    outputs: { choice: 1 },
    variables: { first: { oneOf: [1, -1] }, second: { oneOf: [1, -1] }, context: { oneOf: [1, 2] } },
    trial: (v, random) => {
      const context = { contextFirst: v.context === 1 ? 1 : 0, contextSecond: v.context === 1 ? 0 : 1 };
      const stream = (sign: number) => (_: number, dt: number) =>
        sign * o.evidence + random.normal(0, o.noise / Math.sqrt(dt));
      return [
        { name: "before", lasts: o.before, inputs: context, weight: 1 },
        {
          name: "stimulus",
          lasts: o.stimulus,
          inputs: { ...context, first: stream(v.first), second: stream(v.second) },
          weight: 1,
        },
        { name: "response", lasts: o.response, inputs: context, targets: { choice: side(v) }, weight: 1 },
      ];
    },
    score: {
      what: `fraction of trials whose output passes ±${o.threshold} on the side of the answer`,
      of: ({ v, output, at }) =>
        output("choice", at("response") + o.settle).some((z) => side(v) * z > o.threshold) ? 1 : 0,
      parts: ["context"],
    },
    examples: [1, 2].flatMap((context) => [1, -1].map((first) => ({ context, first, second: -first }))),
  });
}
