/**
 * Sine generation: a constant input says at which frequency to oscillate.
 * @source Sussillo & Barak 2013, Neural Computation 25, 626–649, with the inputs and frequencies of its example
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { explainedWhereCounted } from "./score.ts";
import type { Task } from "./trials.ts";

export interface SineGenerationOptions {
  /** Time step, in units of the network's tau. Default 0.2. */
  dt?: number;
  /** Number of frequencies, evenly spaced. Default 51. */
  frequencies?: number;
  /** Lowest and highest angular frequency, rad per tau. Default 0.1, 0.6. */
  range?: number[];
  /** Length of a trial, tau. Default 40. */
  duration?: number;
  /** From the start, for which the output is free, tau. Default 0. */
  settle?: number;
}

const defaults: Required<SineGenerationOptions> = {
  dt: 0.2,
  frequencies: 51,
  range: [0.1, 0.6],
  duration: 40,
  settle: 0,
};

/**
 * The task. Input `level`: `j / frequencies + 0.25` for frequency j = 0, 1, …, constant. Output `sine`: `sin(ω t)`, t from
 * the trial's start. Condition: `omega` (rad per tau); one between those trained has the level between theirs. The score
 * is R².
 * @throws NullclineError for options that make no sense
 */
export function sineGeneration(given: SineGenerationOptions = {}): Task {
  const name = "sineGeneration";
  const o = withDefaults(name, defaults, given);
  const [low, high] = o.range as [number, number];
  const n = o.frequencies;
  if (!(Number.isInteger(n) && n >= 2 && o.range.length === 2 && low > 0 && high > low))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${n} frequencies from ${o.range.join(" to ")}`,
      expected: "a whole number of at least 2, and two positive limits, the lower one first",
    });
  if (!(o.settle >= 0 && o.settle < o.duration))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: a free start of ${o.settle} in trials of ${o.duration} tau`,
      expected: "a start that is shorter than the trial",
    });
  const omegas = Array.from({ length: n }, (_, j) => low + ((high - low) * j) / (n - 1));
  return defineTask({
    name,
    description: `Oscillate at one of ${n} frequencies from ${low} to ${high} rad per tau, named by a constant input.`,
    source: "Sussillo & Barak 2013, Neural Computation 25, 626–649",
    dt: o.dt,
    unit: "tau",
    inputs: { level: 1 },
    outputs: { sine: 1 },
    variables: { omega: { choice: omegas } },
    trial: ({ omega }) => {
      const inputs = { level: (((omega - low) / (high - low)) * (n - 1)) / n + 0.25 };
      const targets = { sine: { sine: omega / (2 * Math.PI) } };
      return [
        { name: "settling", lasts: o.settle, inputs, targets },
        { name: "oscillation", lasts: o.duration - o.settle, inputs, targets, weight: 1 },
      ];
    },
    score: explainedWhereCounted,
    examples: [low, omegas[Math.floor(n / 2)]!, high].map((omega) => ({ omega })),
  });
}
