/**
 * A sum of sinusoids from spikes: the input is Poisson noise in many channels, each trial has a curve of its own. A network
 * can only learn it on trials that come again, `frozen(tasks.sumOfSines())`.
 * @source Bellec et al. 2020, Nat. Commun. 11, 3625; numbers of Demirag, Frenkel, Payvand & Indiveri 2021, arXiv 2108.01804
 */
import { NullclineError } from "../base/errors.ts";
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { explainedWhereCounted } from "./score.ts";
import type { Task } from "./trials.ts";

export interface SumOfSinesOptions {
  /** Time step, ms. Default 1. */
  dt?: number;
  /** Channels of spikes, and their rate in Hz. Default 100 of 50. */
  channels?: number;
  rate?: number;
  /** Length of a trial, ms. Default 1000. */
  duration?: number;
  /** Frequencies, Hz. Default 1, 2, 3, 5. */
  frequencies?: number[];
  /** Limits of the amplitudes before the sum is scaled. Default 0.5, 2. */
  amplitudes?: number[];
}

const defaults: Required<SumOfSinesOptions> = {
  dt: 1,
  channels: 100,
  rate: 50,
  duration: 1000,
  frequencies: [1, 2, 3, 5],
  amplitudes: [0.5, 2],
};

/**
 * The task. Inputs `spikes1 …`: counts in each sample. Output `sum`: `Σ_i A_i sin(2π f_i t + φ_i)` with amplitudes and phases
 * drawn in each trial, divided by its largest absolute value (on a grid of 1 ms). The score is R²; `parts.meanSquaredError`
 * is what the papers give.
 * @throws NullclineError (code `option`) for options that make no sense
 */
export function sumOfSines(given: SumOfSinesOptions = {}): Task {
  const name = "sumOfSines";
  const o = withDefaults(name, defaults, given);
  const [low, high] = o.amplitudes as [number, number];
  const fits =
    Number.isInteger(o.channels) && o.channels > 0 && o.rate > 0 && o.duration >= 1 && o.frequencies.length > 0;
  if (!fits || o.amplitudes.length !== 2 || !(low > 0 && low <= high) || !o.frequencies.every((f) => f > 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${o.channels} channels of ${o.rate} Hz for ${o.duration} ms, frequencies ${o.frequencies.join(", ")}, amplitudes ${o.amplitudes.join(", ")}`,
      expected: "a whole number of channels, and positive numbers, the lower amplitude first",
    });
  return defineTask({
    name,
    description: `Follow a sum of ${o.frequencies.length} sinusoids that belongs to spikes in ${o.channels} channels.`,
    source: "Bellec et al. 2020, Nat. Commun. 11, 3625; Demirag, Frenkel, Payvand & Indiveri 2021, arXiv 2108.01804",
    dt: o.dt,
    inputs: { spikes: o.channels },
    outputs: { sum: 1 },
    trial: (_, random) => {
      const parts = o.frequencies.map((f) => ({
        f,
        amplitude: low + (high - low) * random.uniform(),
        phase: 2 * Math.PI * random.uniform(),
      }));
      const sum = (t: number): number =>
        parts.reduce((s, { f, amplitude, phase }) => s + amplitude * Math.sin((2 * Math.PI * f * t) / 1000 + phase), 0);
      let largest = 0;
      for (let t = 0; t < o.duration; t++) largest = Math.max(largest, Math.abs(sum(t)));
      const inputs = { spikes: Array.from({ length: o.channels }, () => ({ poisson: o.rate / 1000 })) };
      return [{ name: "pattern", lasts: o.duration, inputs, targets: { sum: (t) => sum(t) / largest }, weight: 1 }];
    },
    score: explainedWhereCounted,
  });
}
