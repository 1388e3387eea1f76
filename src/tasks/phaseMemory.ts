/**
 * Phase-coded memory: remember which stimulus there was by the phase at which to follow a reference oscillation.
 * @source Pals, Macke & Barak 2024, PLoS Comput. Biol. 20, e1011852, with the timing of their code
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { between } from "./law.ts";
import { withDefaults } from "./options.ts";
import { strongest, type TrialView } from "./score.ts";
import { oneHot } from "./signal.ts";
import type { Task } from "./trials.ts";

export interface PhaseMemoryOptions {
  /** Time step, ms. Default 2. */
  dt?: number;
  /** Of the reference, Hz. Default 8. */
  frequency?: number;
  /** How far behind the reference the output runs, in cycles, one for each stimulus. Default 0.1, 0.35, 0.6, 0.85. */
  offsets?: number[];
  /** Onset of the stimulus, ms: one number, or the limits of a uniform law. Default 125, 250. */
  onset?: number[];
  /** Its length, ms, likewise. Default 125, 197.5. */
  stimulus?: number[];
  /** How long the memory is asked for after the stimulus, ms. Default 375. */
  hold?: number;
  /** White noise of the reference: standard deviation in a sample of 1 ms; in one of dt this over sqrt(dt). Default 0. */
  noise?: number;
}

const defaults: Required<PhaseMemoryOptions> = {
  dt: 2,
  frequency: 8,
  offsets: [0.1, 0.35, 0.6, 0.85],
  onset: [125, 250],
  stimulus: [125, 197.5],
  hold: 375,
  noise: 0,
};

/**
 * The task. Inputs: `reference`, `sin(2π frequency t + phase)`, and `stimulus1 …`, 1 while on. Output `oscillation`:
 * `sin(2π frequency t + phase - 2π offset)` after the stimulus, free before. Conditions: `stimulus` (0, 1, …), `phase`
 * (of the reference, rad, uniform), `onset`, `length` (of the stimulus, ms).
 *
 * A trial is right where the output's phase behind the reference (projection on sine and cosine while the memory is
 * held) is nearest to its own stimulus's offset. That criterion is ours; the paper gives the squared error.
 * @throws NullclineError for options that make no sense
 */
export function phaseMemory(given: PhaseMemoryOptions = {}): Task {
  const name = "phaseMemory";
  const o = withDefaults(name, defaults, given);
  const n = o.offsets.length;
  if (n < 2 || !(o.frequency > 0) || !(o.hold > 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${n} offsets, a reference of ${o.frequency} Hz, held for ${o.hold} ms`,
      expected: "at least two offsets, a positive frequency and a positive time",
    });
  const cycles = o.frequency / 1000;
  const lag = ({ v, output, at, dt }: TrialView): number => {
    const z = output("oscillation", at("hold"));
    let [a, b] = [0, 0];
    z.forEach((value, t) => {
      const angle = 2 * Math.PI * cycles * (at("hold") + t * dt) + v.phase;
      a += value * Math.sin(angle);
      b -= value * Math.cos(angle);
    });
    return Math.atan2(b, a) / (2 * Math.PI);
  };
  return defineTask({
    name,
    description: `Follow an oscillation of ${o.frequency} Hz at one of ${n} phases, as a stimulus said.`,
    source: "Pals, Macke & Barak 2024, PLoS Comput. Biol. 20, e1011852",
    dt: o.dt,
    inputs: { reference: 1, stimulus: n },
    outputs: { oscillation: 1 },
    variables: {
      stimulus: { oneOf: o.offsets.map((_, i) => i) },
      phase: { uniform: [0, 2 * Math.PI] },
      onset: between(name, "onset", o.onset),
      length: between(name, "stimulus", o.stimulus),
    },
    trial: ({ stimulus, phase, onset, length }) => {
      const reference = { sine: cycles, phase };
      const behind = { sine: cycles, phase: phase - 2 * Math.PI * o.offsets[stimulus]! };
      return [
        { name: "before", lasts: onset, inputs: { reference } },
        { name: "stimulus", lasts: length, inputs: { reference, stimulus: oneHot(n, stimulus) } },
        { name: "hold", lasts: o.hold, inputs: { reference }, targets: { oscillation: behind }, weight: 1 },
      ];
    },
    noise: { std: o.noise, channels: ["reference"] },
    score: {
      what: "fraction of trials in which the output's phase behind the reference is nearest to that of its stimulus",
      of: (trial) => {
        const measured = lag(trial);
        return strongest(o.offsets.map((offset) => Math.cos(2 * Math.PI * (measured - offset)))) === trial.v.stimulus
          ? 1
          : 0;
      },
      parts: ["stimulus"],
      measures: {
        meanSquaredError: ({ output, target, at }) => {
          const y = target("oscillation", at("hold"));
          return output("oscillation", at("hold")).reduce((sum, z, t) => sum + (z - y[t]!) ** 2, 0) / y.length;
        },
      },
    },
  });
}
