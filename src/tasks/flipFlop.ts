/**
 * k-bit flip-flop: each output remembers the sign of the last pulse of its own input.
 * @source Sussillo & Barak 2013, Neural Computation 25, 626–649, section 4; timing as in the example of Golub &
 * Sussillo 2018, JOSS 3(31), 1003
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { fixedConditions, stepsIn, withDefaults } from "./options.ts";
import type { Behaviour, Task, TrialRequest, Trials } from "./trials.ts";

export interface FlipFlopOptions {
  /** Default 3. */
  bits?: number;
  /** Time step. Default 1. */
  dt?: number;
  /** Unit of all times. Default `sample`: for maps, with dt = 1. */
  unit?: string;
  /** Length of a trial. Default 64. */
  duration?: number;
  /** Pulses begin at multiples of this time. Default 1. */
  every?: number;
  /** Length of a pulse, at most `every`. Default 1. */
  pulse?: number;
  /** Probability of a pulse, for each bit at each multiple of `every`. Default 0.5. */
  probability?: number;
  /** Every trial begins with a pulse on every bit. Without, the target is 0 until a bit's first pulse. Default true. */
  firstPulse?: boolean;
  /** The target follows its pulse after this time: dt for a network whose output does not see the input of its own sample. Default 0. */
  lag?: number;
  /** The output is free for this time from where the target was set by a pulse. Default 0. */
  settle?: number;
  /** White noise on the inputs: standard deviation in a sample of unit length; in a sample of dt this over sqrt(dt). Default 0. */
  noise?: number;
}

const defaults: Required<FlipFlopOptions> = {
  bits: 3,
  dt: 1,
  unit: "sample",
  duration: 64,
  every: 1,
  pulse: 1,
  probability: 0.5,
  firstPulse: true,
  lag: 0,
  settle: 0,
  noise: 0,
};

const name = "flipFlop";

/**
 * The task. Inputs `pulse1 …`: +1 or -1 with equal probability during a pulse, 0 otherwise. Outputs `bit1 …`: the sign
 * of the bit's last pulse. Sample k is at time k dt, `duration / dt` samples. Conditions: `bit1 …`, what each bit
 * holds at the end; none can be fixed.
 *
 * The behaviour's score is the fraction of samples, where the output counts and the target is not 0, that have the
 * target's sign; its standard error is over trials. `parts`: each bit, and `meanSquaredError` where the output counts.
 * @throws NullclineError where an option is unknown or dt does not divide a time
 */
export function flipFlop(given: FlipFlopOptions = {}): Task {
  const options = withDefaults(name, defaults, given);
  const { bits, unit, duration, every, pulse, probability, firstPulse, lag, settle, noise } = options;
  if (!(Number.isInteger(bits) && bits >= 1 && probability >= 0 && probability <= 1 && pulse <= every))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: ${bits} bits, pulses of ${pulse} every ${every}, probability ${probability}`,
      expected: "a whole number of bits, a pulse no longer than `every`, a probability from 0 to 1",
    });
  if (lag < 0 || settle < 0 || noise < 0)
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: lag ${lag}, settle ${settle}, noise ${noise}`,
      expected: "nothing negative",
    });
  timing(options.dt);

  /** All times in samples. */
  function timing(dt: number) {
    const steps = (time: number, what: string) => (time === 0 ? 0 : stepsIn(name, time, dt, what, unit));
    return {
      samples: stepsIn(name, duration, dt, "a trial", unit),
      slot: stepsIn(name, every, dt, "the time between pulses", unit),
      length: stepsIn(name, pulse, dt, "a pulse", unit),
      delay: steps(lag, "the lag"),
      free: steps(settle, "the time to settle"),
    };
  }

  const bitNames = Array.from({ length: bits }, (_, b) => `bit${b + 1}`);

  function trials(request: TrialRequest): Trials {
    const { seed, count, firstTrial = 0, dt = options.dt, purpose = "train" } = request;
    const { samples, slot, length, delay, free } = timing(dt);
    fixedConditions(name, request, []);
    const shape = () => [count, samples, bits];
    const inputs = { data: new Float32Array(count * samples * bits), shape: shape() };
    const targets = { data: new Float32Array(count * samples * bits), shape: shape() };
    const mask = { data: new Float32Array(count * samples * bits).fill(1), shape: shape() };
    const conditions = Object.fromEntries(bitNames.map((bit) => [bit, new Float64Array(count)]));
    for (let k = 0; k < count; k++) {
      const random = new RandomStream(seed, `trials ${purpose}`, firstTrial + k);
      for (let start = 0; start < samples; start += slot)
        for (let b = 0; b < bits; b++) {
          const chance = start === 0 && firstPulse ? 1 : probability;
          const u = random.uniform();
          if (u >= chance) continue;
          const sign = u < chance / 2 ? 1 : -1;
          const at = (t: number) => (k * samples + t) * bits + b;
          for (let t = start; t < Math.min(samples, start + length); t++) inputs.data[at(t)] = sign;
          const set = Math.min(samples, start + delay);
          for (let t = set; t < samples; t++) targets.data[at(t)] = sign;
          for (let t = set; t < Math.min(samples, set + free); t++) mask.data[at(t)] = 0;
        }
      bitNames.forEach((bit, b) => {
        conditions[bit]![k] = targets.data[((k + 1) * samples - 1) * bits + b]!;
      });
      if (noise > 0) {
        for (let j = k * samples * bits; j < (k + 1) * samples * bits; j++)
          inputs.data[j]! += random.normal(0, noise / Math.sqrt(dt));
      }
    }
    return { dt, inputs, targets, mask, conditions };
  }

  function behaviour(outputs: NDArray, { targets, mask }: Trials): Behaviour {
    if (outputs.shape.join() !== targets.shape.join())
      throw new Error(`outputs [${outputs.shape}] for targets [${targets.shape}]`);
    const n = targets.shape[0]!;
    const entries = targets.data.length / n;
    const correct = new Float64Array(bits);
    const counted = new Float64Array(bits);
    const perTrial: number[] = [];
    let squares = 0;
    let weight = 0;
    for (let k = 0; k < n; k++) {
      let right = 0;
      let all = 0;
      for (let j = k * entries; j < (k + 1) * entries; j++) {
        const w = mask.data[j]!;
        if (w === 0) continue;
        const target = targets.data[j]!;
        squares += w * (outputs.data[j]! - target) ** 2;
        weight += w;
        if (target === 0) continue;
        const hit = Math.sign(outputs.data[j]!) === target ? 1 : 0;
        right += hit;
        all++;
        correct[j % bits]! += hit;
        counted[j % bits]!++;
      }
      if (all > 0) perTrial.push(right / all);
    }
    const total = counted.reduce((a, b) => a + b, 0);
    const mean = perTrial.reduce((a, b) => a + b, 0) / perTrial.length;
    const variance = perTrial.reduce((sum, f) => sum + (f - mean) ** 2, 0) / (perTrial.length - 1);
    return {
      score: correct.reduce((a, b) => a + b, 0) / total,
      what: "fraction of samples in which a bit has the sign of its last pulse",
      n,
      standardError: Math.sqrt(variance / perTrial.length),
      parts: {
        ...Object.fromEntries(bitNames.map((bit, b) => [bit, correct[b]! / counted[b]!])),
        meanSquaredError: squares / weight,
      },
    };
  }

  return {
    name,
    description:
      `Hold ${bits} bits: each output is the sign of the last pulse of its own input. ` +
      `Pulses of ${pulse} ${unit} with probability ${probability} every ${every} ${unit}` +
      `${firstPulse ? ", one on every bit at the start" : ""}, in trials of ${duration} ${unit}.`,
    source: "Sussillo & Barak 2013, Neural Computation 25, 626–649",
    inputs: bitNames.map((_, b) => `pulse${b + 1}`),
    outputs: bitNames,
    dt: options.dt,
    unit,
    epochs: [["pulses", 0, duration]],
    conditions: [],
    trials,
    behaviour,
  };
}
