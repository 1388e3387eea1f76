/**
 * Temporal exclusive-or: do two pulses, one after the other, have the same sign?
 * @source Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820, with the timing of their code (steps of 5 ms)
 */
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import type { Task } from "./trials.ts";

export interface XorOptions {
  /** Time step, ms. Default 5. */
  dt?: number;
  /** Before the first pulse, of each pulse, and between them, ms. Default 250, 250, 50. */
  before?: number;
  stimulus?: number;
  delay?: number;
  /** From the second pulse's end until the response, of the response, and after it, ms. Default 50, 500, 150. */
  pause?: number;
  response?: number;
  after?: number;
  /** Into the response, ms: from here on the output is looked at. Default 150. */
  settle?: number;
  /** Output beyond which there was a response of that sign. Default 0.7. */
  threshold?: number;
}

const defaults: Required<XorOptions> = {
  dt: 5,
  before: 250,
  stimulus: 250,
  delay: 50,
  pause: 50,
  response: 500,
  after: 150,
  settle: 150,
  threshold: 0.7,
};

/**
 * The task. Inputs `first`, `second`: ±1 during their pulse. Output `same`: 1 in the response where the signs agree,
 * -1 where they do not, 0 at all other times; every sample counts. Conditions: `first`, `second` (±1).
 *
 * A trial is right where the output passes `threshold` on the side of the answer, at any time from `settle` into the
 * response on.
 * @throws NullclineError for options that make no sense
 */
export function xor(given: XorOptions = {}): Task {
  const o = withDefaults("xor", defaults, given);
  return defineTask({
    name: "xor",
    description: "Say whether two pulses, one after the other, have the same sign.",
    source: "Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820",
    dt: o.dt,
    inputs: { first: 1, second: 1 },
    outputs: { same: 1 },
    variables: { first: { oneOf: [1, -1] }, second: { oneOf: [1, -1] } },
    trial: ({ first, second }) => [
      { name: "before", lasts: o.before, weight: 1 },
      { name: "first", lasts: o.stimulus, inputs: { first: first }, weight: 1 },
      { name: "delay", lasts: o.delay, weight: 1 },
      { name: "second", lasts: o.stimulus, inputs: { second: second }, weight: 1 },
      { name: "pause", lasts: o.pause, weight: 1 },
      { name: "response", lasts: o.response, targets: { same: first * second }, weight: 1 },
      { name: "after", lasts: o.after, weight: 1 },
    ],
    score: {
      what: `fraction of trials whose output passes ±${o.threshold} on the side of the answer`,
      of: ({ v, output, at }) => {
        const side = v.first * v.second;
        const z = output("same", at("response") + o.settle);
        return z.some((value) => side * value > o.threshold) ? 1 : 0;
      },
      parts: ["first", "second"],
    },
  });
}
