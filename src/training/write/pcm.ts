/** Weights as differences of memristive devices: phase-change memory, written by pulses that are never quite the same. */
import { NullclineError } from "../../base/errors.ts";
import { normalCdf, normalDensity } from "../../base/normal.ts";
import { RandomStream } from "../../engine/random.ts";
import { restoreInto, stateOf, type Values, type Write } from "../rule.ts";
import { clip } from "./ideal.ts";

/** Least and greatest conductance in µS, time constant of drift in s, its exponent, mean rise of a pulse in µS. */
export const pcmConstants = { low: 0.1, high: 12, reference: 38.6, drift: 0.04, rise: 0.75, memory: 2.6 } as const;
const range = pcmConstants.high - pcmConstants.low;

/**
 * One SET pulse on a device of conductance G (µS) with the memory `p = exp(-n/2.6)` of n pulses since its RESET:
 *
 *     p ← p exp(-1/2.6),   G ← G + N(-0.084 G + 0.880 + 1.40 p, (0.091 G + 0.260 + 2.15 p)²), kept in [0.1, 12]
 *
 * @source Nandakumar et al. 2018, as given by Demirag et al. 2021
 */
export function setPulse(G: number, p: number, random: RandomStream): { G: number; p: number } {
  const next = p * Math.exp(-1 / pcmConstants.memory);
  const mean = -0.084 * G + 0.88 + 1.4 * next;
  const deviation = 0.091 * G + 0.26 + 2.15 * next;
  return { G: Math.min(pcmConstants.high, Math.max(pcmConstants.low, G + random.normal(mean, deviation))), p: next };
}

/** What is read `age` seconds after the last pulse: `G (age/38.6)^-0.04 + N(0, (0.03 G + 0.13)²)`. */
export function readDevice(G: number, age: number, random: RandomStream): number {
  return drifted(G, age) + random.normal(0, deviationOf(G));
}

/** A device after RESET: `G = N(0.1, 0.01²)`, not below 0. Its memory p is 1. */
export function resetDevice(random: RandomStream): number {
  return Math.max(0, random.normal(0.1, 0.01));
}

export interface PcmOptions {
  /**
   * How a change becomes pulses.
   * - `sign`: one pulse where `|Δ| > threshold`.
   * - `stochastic`: one pulse with probability `|Δ| scale / probabilityScale`.
   * - `multi`: the nearest number of pulses, on several pairs in rotation; each counts for its share of the weight.
   * - `mixed` (default): changes add up in full precision and are flushed in whole quanta, as the nearest number of pulses.
   */
  scheme?: "sign" | "stochastic" | "multi" | "mixed";
  /** Conductance in µS of a weight of 1. Default 10. */
  scale?: number;
  /** Of `sign`, in units of the weight. Default 0. */
  threshold?: number;
  /** Of `stochastic`, in µS. Default 0.75. */
  probabilityScale?: number;
  /** Of `multi`: pairs of devices of a weight. Default 4. */
  pairs?: number;
  /** Of `mixed`, in units of the weight. Default 0.125. */
  quantum?: number;
  /**
   * Of `multi` and `mixed`: pulses are the `nearest` whole number (default) or the one `below`, as in the authors' program:
   * on a fresh device, which rises by more than the mean, that is closer to the change.
   */
  rounding?: "nearest" | "below";
  /** Seconds between two updates. Default 38.6. */
  interval?: number;
  /** Seconds after an update at which the network reads its devices: one just written has drifted so long. Default: `interval`. */
  age?: number;
  /**
   * Ideal devices of `2^bits` equal levels (the performance mode of the authors' program): a pulse raises by exactly one
   * level, RESET goes to the lowest, what is read is the level. From 1 to 32. Default: real devices.
   */
  bits?: number;
  /**
   * `update` (default): the noise of reading is drawn once per update, and stays until the next. `sample`: it is new at
   * every sample, so that it belongs to the network (`withNoise` at its weights, of deviation `pcmReadNoise`); what is
   * written into the network is without.
   */
  read?: "update" | "sample";
}

/**
 * Standard deviation of the noise of reading, as a weight: of a pair, each device read as `max(0.1, N(G, (0.03 G + 0.13)²))`
 * µS, over `scale`. Its low end is most of what a device near it shows.
 * @param G conductance of both devices in µS, drift included; by default the lowest.
 * @source Demirag et al. 2021, their program: what is read is kept within the range of a device
 */
export function pcmReadNoise(scale: number, G: number = pcmConstants.low): number {
  const deviation = deviationOf(G);
  // Of max(Z, a), Z standard normal: mean φ(a) + a Φ(a), mean square 1 - Φ(a) + a φ(a) + a² Φ(a).
  const a = (pcmConstants.low - G) / deviation;
  const [density, below] = [normalDensity(a), normalCdf(a)];
  const square = 1 - below + a * density + a * a * below;
  return (Math.SQRT2 * deviation * Math.sqrt(square - (density + a * below) ** 2)) / scale;
}

const deviationOf = (G: number): number => 0.03 * G + 0.13;
const drifted = (G: number, age: number): number => G * (age / pcmConstants.reference) ** -pcmConstants.drift;

/**
 * Each trained weight is `Σ_pairs (G⁺ - G⁻) / (pairs scale)`. A change is written by SET pulses on one side; what the network computes
 * with next is read some time later (`age`), with drift and read noise, for every device. A pair with a device that can rise no
 * further is RESET and its difference written again. The initial weights are written exactly. State: conductances,
 * memories and times of the last pulse of every device, and the number of pulses so far, by parameter (`writes`).
 *
 * With `bits` the initial weights are those of the nearest levels. With many, `multi` writes every change as `ideal`
 * does, within the range of the devices, and `mixed` as `accumulated`.
 * @throws NullclineError (code `rule`) where `bits` is no whole number from 1 to 32
 * @source Demirag, Frenkel, Payvand & Indiveri 2021
 */
export function pcm(options: PcmOptions = {}): Write {
  const { scheme = "mixed", scale = 10, threshold = 0, probabilityScale = 0.75, quantum = 0.125 } = options;
  const whole = options.rounding === "below" ? Math.floor : Math.round;
  const { interval = pcmConstants.reference, age = interval, read = "update", bits } = options;
  const reading = read === "sample" ? drifted : readDevice;
  const pairs = scheme === "multi" ? (options.pairs ?? 4) : 1;
  if (bits !== undefined && !(Number.isInteger(bits) && bits >= 1 && bits <= 32))
    throw new NullclineError({
      code: "rule",
      given: `devices of ${bits} bits`,
      expected: "a whole number from 1 to 32",
    });
  const level = bits === undefined ? undefined : range / (2 ** bits - 1);
  /** Mean rise of a pulse, which changes are divided by, µS. */
  const rise = level ?? pcmConstants.rise;
  return {
    kind: bits === undefined ? `pcm, ${scheme}` : `pcm, ${scheme}, ${bits} bits`,
    start(parameters, { seed, initial }) {
      const kept: Values = {};
      const devices = new Map<string, ReturnType<typeof devicesOf>>();
      for (const [name, { tag }] of Object.entries(parameters)) {
        if (tag === "pinned") continue;
        const own = devicesOf(initial[name]!, pairs, scale, level);
        devices.set(name, own);
        kept[`pcm.pulses.${name}`] = new Float64Array(1);
        for (const [key, array] of Object.entries(own)) kept[`pcm.${key}.${name}`] = array;
      }
      return {
        apply(values, changes, iteration) {
          const now = iteration * interval;
          for (const [name, own] of devices) {
            const random = new RandomStream(seed, `pcm.${name}`, iteration);
            const change = changes[name]!;
            const value = values[name]!;
            const pulses = kept[`pcm.pulses.${name}`]!;
            for (let k = 0; k < value.length; k++) {
              const signed = pulsesOf(change[k]!, own, k, random);
              if (level !== undefined) pulses[0]! += raise(own, k, signed, level);
              else
                for (let n = 0; n < Math.abs(signed); n++) {
                  const pair = k * pairs + (pairs === 1 ? 0 : own.turn[k]!++ % pairs);
                  pulses[0]! += pulse(own, signed > 0 ? 2 * pair : 2 * pair + 1, now, random);
                }
              let sum = 0;
              for (let d = 2 * k * pairs; d < 2 * (k + 1) * pairs; d++) {
                const G = own.G[d]!;
                const found = level === undefined ? reading(G, now + age - own.time[d]!, random) : G;
                sum += d % 2 === 0 ? found : -found;
              }
              value[k] = sum / pairs / scale;
            }
            clip(value, parameters[name]!);
          }
        },
        writes: () => Object.fromEntries([...devices.keys()].map((name) => [name, kept[`pcm.pulses.${name}`]![0]!])),
        state: () => stateOf(kept),
        restore: (saved) => restoreInto(kept, saved),
      };

      /** How many pulses a change asks for; negative: on the other side. */
      function pulsesOf(change: number, own: ReturnType<typeof devicesOf>, k: number, random: RandomStream): number {
        const sign = Math.sign(change);
        const size = Math.abs(change);
        switch (scheme) {
          case "sign":
            return size > threshold ? sign : 0;
          case "stochastic":
            return random.uniform() < (size * scale) / probabilityScale ? sign : 0;
          case "multi":
            return sign * whole((size * scale * pairs) / rise);
          case "mixed": {
            const total = own.sum[k]! + change;
            const flushed = Math.trunc(total / quantum) * quantum;
            own.sum[k] = total - flushed;
            return Math.sign(flushed) * whole((Math.abs(flushed) * scale) / rise);
          }
        }
      }

      /**
       * Pulses on ideal devices, in rotation; a pair at its upper end is RESET and its difference written again.
       * @returns how many pulses it took
       */
      function raise(own: ReturnType<typeof devicesOf>, k: number, signed: number, by: number): number {
        const count = Math.abs(signed);
        for (let n = 0; n < Math.min(count, pairs); n++) {
          const pair = 2 * (k * pairs + (pairs === 1 ? 0 : (own.turn[k]! + n) % pairs));
          const device = signed > 0 ? pair : pair + 1;
          own.G[device]! += by * Math.ceil((count - n) / pairs);
          if (own.G[device]! <= pcmConstants.high) continue;
          const whole = Math.min(range, Math.abs(own.G[pair]! - own.G[pair + 1]!));
          own.G[pair] = own.G[pair + 1] = pcmConstants.low;
          own.G[device] = pcmConstants.low + whole;
        }
        if (pairs > 1) own.turn[k]! += count;
        return count;
      }

      /** @returns how many pulses it took */
      function pulse(own: ReturnType<typeof devicesOf>, device: number, now: number, random: RandomStream): number {
        let pulses = 0;
        const set = (d: number): void => {
          const after = setPulse(own.G[d]!, own.p[d]!, random);
          own.G[d] = after.G;
          own.p[d] = after.p;
          own.time[d] = now;
          pulses++;
        };
        if (own.G[device]! >= pcmConstants.high) {
          const plus = device - (device % 2);
          const difference = own.G[plus]! - own.G[plus + 1]!;
          for (const d of [plus, plus + 1]) {
            own.G[d] = resetDevice(random);
            own.p[d] = 1;
            own.time[d] = now;
          }
          const count = Math.round(Math.abs(difference) / pcmConstants.rise);
          for (let n = 0; n < count && own.G[plus + (difference < 0 ? 1 : 0)]! < Math.abs(difference); n++)
            set(plus + (difference < 0 ? 1 : 0));
        }
        set(device);
        return pulses;
      }
    },
  };
}

/** Devices of some weights, G⁺ and G⁻ of each pair beside each other, with the weights written exactly. */
function devicesOf(weights: Float64Array, pairs: number, scale: number, level?: number) {
  const size = weights.length;
  const G = new Float64Array(2 * pairs * size).fill(pcmConstants.low);
  weights.forEach((w, k) => {
    const exact = Math.min(range, Math.abs(w) * scale);
    const written = level === undefined ? exact : Math.round(exact / level) * level;
    for (let n = 0; n < pairs; n++) G[2 * (k * pairs + n) + (w < 0 ? 1 : 0)]! += written;
  });
  return {
    G,
    p: G.map((g) => Math.exp(-Math.round((g - pcmConstants.low) / pcmConstants.rise) / pcmConstants.memory)),
    // One interval before the first update reads them.
    time: new Float64Array(G.length).fill(0),
    turn: new Float64Array(size),
    sum: new Float64Array(size),
  };
}
