/**
 * Delayed addition: two of many numbers are marked; give their sum at the end.
 * @source Hochreiter & Schmidhuber 1997, Neural Computation 9, 1735–1780, experiment 4; as a test of second-order forward-mode
 * learning, Yu, Xia, Ma, Lengyel & Hennequin 2024, NeurIPS 37. Only the second was at hand, and not its code for this
 * task: where the marks may stand, and the criterion, are from memory
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import type { Task } from "./trials.ts";

export interface DelayedAdditionOptions {
  /** Number of steps. Default 100. */
  steps?: number;
  /** Greatest error of a right answer. Default 0.04. */
  tolerance?: number;
}

const defaults: Required<DelayedAdditionOptions> = { steps: 100, tolerance: 0.04 };

/**
 * The task. Inputs: `number`, uniform on [0, 1) in each step, and `mark`, 1 in two steps, one in each half of the trial.
 * Output `sum`: that of the marked numbers, in the last step; free before. Conditions: `first`, `second` (the marked
 * steps) and `a`, `b` (the marked numbers); all may be fixed. To answer 1 always has a mean squared error of 1/6.
 * @throws NullclineError for options that make no sense
 */
export function delayedAddition(given: DelayedAdditionOptions = {}): Task {
  const name = "delayedAddition";
  const o = withDefaults(name, defaults, given);
  const { steps } = o;
  if (!Number.isInteger(steps) || steps < 4)
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${steps} steps`,
      expected: "a whole number of at least 4",
    });
  const half = Math.floor(steps / 2);
  const from = (start: number, end: number) => ({ oneOf: Array.from({ length: end - start }, (_, i) => start + i) });
  return defineTask({
    name,
    description: `Add the two marked ones of ${steps} numbers.`,
    source: "Hochreiter & Schmidhuber 1997, Neural Computation 9, 1735–1780; Yu et al. 2024, NeurIPS 37",
    dt: 1,
    unit: "step",
    inputs: { number: 1, mark: 1 },
    outputs: { sum: 1 },
    variables: {
      first: from(0, half),
      second: from(half, steps - 1),
      a: { uniform: [0, 1] },
      b: { uniform: [0, 1] },
    },
    trial: ({ first, second, a, b }, random) => {
      const values = random.fillUniform(new Float64Array(steps));
      values[first] = a;
      values[second] = b;
      const mark = (time: number) => (time === first || time === second ? 1 : 0);
      return [
        { name: "numbers", lasts: steps - 1, inputs: { number: (time) => values[time]!, mark } },
        { name: "answer", lasts: 1, inputs: { number: values[steps - 1]! }, targets: { sum: a + b }, weight: 1 },
      ];
    },
    score: {
      what: `fraction of sums that are off by less than ${o.tolerance}`,
      of: ({ v, channels }) => (Math.abs(channels("sum")[0]! - v.a - v.b) < o.tolerance ? 1 : 0),
      measures: { meanSquaredError: ({ v, channels }) => (channels("sum")[0]! - v.a - v.b) ** 2 },
    },
    examples: [
      { first: Math.floor(half / 4), second: half },
      { first: 0, second: steps - 2 },
    ],
  });
}
