/**
 * Parametric working memory: which of two vibrations, a delay apart, was the faster one?
 * @source Romo, Brody, Hernández & Lemus 1999, Nature 399, 470–473; pairs and timing as in the model of Song, Yang & Wang
 * 2016, PLoS Comput. Biol. 12, e1004792; coding as in Valente, Pillow & Ostojic 2022, NeurIPS 35
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { between } from "./law.ts";
import { withDefaults } from "./options.ts";
import { mean } from "./score.ts";
import type { Task } from "./trials.ts";

export interface ParametricWorkingMemoryOptions {
  /** Time step, ms. Default 20. */
  dt?: number;
  /** Lower frequency of each pair, Hz; the other one is `difference` above. Default 10, 14, 18, 22, 26. */
  frequencies?: number[];
  /** Hz. Default 8. */
  difference?: number;
  /** ms. Default 100. */
  fixation?: number;
  /** Of each vibration, ms. Default 500. */
  stimulus?: number;
  /** ms: one number, or the limits of a uniform law. Default 2500, 3500. */
  delay?: number[];
  /** ms. Default 100. */
  decision?: number;
  /** Standard deviation of the input's noise in a sample of 1 ms. Default 0.01 √20: 0.01 in a sample of 20 ms. */
  noise?: number;
}

const defaults: Required<ParametricWorkingMemoryOptions> = {
  dt: 20,
  frequencies: [10, 14, 18, 22, 26],
  difference: 8,
  fixation: 100,
  stimulus: 500,
  delay: [2500, 3500],
  decision: 100,
  noise: 0.01 * Math.sqrt(20),
};

/**
 * The task. Input `frequency`: `(f - middle) / span` of all frequencies during each vibration. Output `comparison`:
 * `(f1 - f2) / span` in the decision, free before. A choice is the sign of the output's mean in the decision.
 *
 * Conditions: `f1`, `f2` (Hz; any pair may be asked for) and `delay`; computed: `pair`, the number of the pair in the
 * order of `frequencies`, first all with f1 < f2, then all with f1 > f2, -1 for others. `parts.worst` is the least
 * score of all pairs; Song et al. train until it is 0.85.
 * @throws NullclineError for options that make no sense
 */
export function parametricWorkingMemory(given: ParametricWorkingMemoryOptions = {}): Task {
  const name = "parametricWorkingMemory";
  const o = withDefaults(name, defaults, given);
  if (o.frequencies.length === 0 || !(o.difference > 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${o.frequencies.length} frequencies, difference ${o.difference}`,
      expected: "at least one frequency, and a positive difference",
    });
  const rising = o.frequencies.map((f) => [f, f + o.difference] as const);
  const pairs = [...rising, ...rising.map(([a, b]) => [b, a] as const)];
  const least = Math.min(...o.frequencies);
  const span = Math.max(...o.frequencies) + o.difference - least;
  const coded = (f: number) => (f - least) / span - 0.5;
  return defineTask({
    name,
    description: `Compare two frequencies, ${o.difference} Hz apart, over a delay of ${o.delay.join(" to ")} ms.`,
    source:
      "Romo, Brody, Hernández & Lemus 1999, Nature 399, 470–473; Song, Yang & Wang 2016, PLoS Comput. Biol. 12, e1004792",
    dt: o.dt,
    inputs: { frequency: 1 },
    outputs: { comparison: 1 },
    variables: {
      f1: { choice: pairs.map(([f]) => f) },
      f2: ({ f1 }) => {
        const partners = pairs.filter(([f]) => f === f1).map(([, f]) => f);
        return { choice: partners.length > 0 ? partners : [f1 - o.difference, f1 + o.difference] };
      },
      delay: between(name, "delay", o.delay),
    },
    derived: { pair: ({ f1, f2 }) => pairs.findIndex(([a, b]) => a === f1 && b === f2) },
    trial: ({ f1, f2, delay }) => [
      { name: "fixation", lasts: o.fixation },
      { name: "first", lasts: o.stimulus, inputs: { frequency: coded(f1) } },
      { name: "delay", lasts: delay },
      { name: "second", lasts: o.stimulus, inputs: { frequency: coded(f2) } },
      { name: "decision", lasts: o.decision, targets: { comparison: (f1 - f2) / span }, weight: 1 },
    ],
    noise: { std: o.noise },
    score: {
      what: "fraction of choices (sign of the mean output in the decision) that name the faster vibration",
      of: ({ v, output, at }) =>
        Math.sign(mean(output("comparison", at("decision")))) === Math.sign(v.f1 - v.f2) ? 1 : 0,
      parts: ["pair"],
      worst: "pair",
    },
    examples: [pairs[0]!, pairs[o.frequencies.length]!, pairs.at(-1)!].map(([f1, f2]) => ({ f1, f2 })),
  });
}
