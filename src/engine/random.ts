/**
 * Random numbers by counter: Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"). A number is a function of what it is for, so it does not depend on order, batch or number of workers.
 *
 * Noise of the engine (`noise` here, `wasm/philox.ts` compiled):
 * - key = (seed mod 2^32, purpose xor floor(seed / 2^32)), purpose < 2^31;
 * - counter = (floor(entry / 4), sample, trial, source): one call gives four words, for entries 4b … 4b+3;
 * - word x becomes u = (floor(x / 2^9) + 1/2) 2^-23, exact in f32, and Box–Muller makes of the words' u_0 … u_3
 *   sqrt(-2 ln u_0) · (cos 2πu_1, sin 2πu_1), sqrt(-2 ln u_2) · (cos 2πu_3, sin 2πu_3).
 *
 * `RandomStream` is a sequence, for trials and initial values: 53-bit uniforms, keys disjoint from those of noise.
 */
import { NullclineError } from "../base/errors.ts";

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + (cross >>> 16)) >>> 0;
}

/**
 * Philox4x32-10 of a counter (four words) and a key (two words).
 * @param out receives the four words; a new array by default.
 */
export function philox(counter: ArrayLike<number>, key: ArrayLike<number>, out = new Uint32Array(4)): Uint32Array {
  let c0 = counter[0]! >>> 0;
  let c1 = counter[1]! >>> 0;
  let c2 = counter[2]! >>> 0;
  let c3 = counter[3]! >>> 0;
  let k0 = key[0]! | 0;
  let k1 = key[1]! | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const low0 = Math.imul(M0, c0);
    const high1 = multiplyHigh(M1, c2);
    const low1 = Math.imul(M1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
  return out;
}

/** 32-bit FNV-1a hash of a name's UTF-16 code units: the number of a noise source or purpose given by name. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * The two words of the key of a seed and a purpose.
 * @throws NullclineError where the seed is not an integer from 0 to 2^53 - 1.
 */
export function randomKey(seed: number, purpose: number): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new NullclineError({ code: "seed", given: `seed ${seed}`, expected: "an integer from 0 to 2^53 - 1" });
  return [seed >>> 0, (purpose ^ Math.floor(seed / 2 ** 32)) >>> 0];
}

/** Which noise: all but the entry of the quantity. `source` is a number, or a name that `hashName` turns into one. */
export interface NoiseAddress {
  seed: number;
  /** What the noise is for, below 2^31; default 0. */
  purpose?: number;
  source: number | string;
  trial: number;
  /** Of noise given per trial: 0. */
  sample: number;
}

/**
 * Standard normal numbers, entries 0 … `out.length` - 1 of one source at one sample of one trial, in double precision.
 * The compiled engine's f32 numbers are the same up to rounding. All but about 10^-8 of the mass: |x| < 5.77.
 */
export function noise<Out extends Float64Array | Float32Array | number[]>(address: NoiseAddress, out: Out): Out {
  const { seed, purpose = 0, source, trial, sample } = address;
  const key = randomKey(seed, purpose);
  const counter = [0, sample, trial, typeof source === "string" ? hashName(source) : source];
  const words = new Uint32Array(4);
  for (let entry = 0; entry < out.length; entry += 2) {
    const pair = entry & 2;
    if (pair === 0) {
      counter[0] = entry >>> 2;
      philox(counter, key, words);
    }
    const radius = Math.sqrt(-2 * Math.log(unit(words[pair]!)));
    const angle = 2 * Math.PI * unit(words[pair + 1]!);
    out[entry] = radius * Math.cos(angle);
    if (entry + 1 < out.length) out[entry + 1] = radius * Math.sin(angle);
  }
  return out;
}

const unit = (word: number): number => ((word >>> 9) + 0.5) * 2 ** -23;

/** A sequence of random numbers, determined by seed, purpose and index (of the trial, the parameter, …). */
export class RandomStream {
  private readonly key: [number, number];
  private readonly counter: [number, number, number, number];
  private readonly words = new Uint32Array(4);
  private used = 4;
  private spare: number | undefined;

  constructor(seed: number, purpose: string | number, index = 0) {
    // The high bit keeps these keys apart from those of the engine's noise.
    this.key = randomKey(seed, (hashName(String(purpose)) | 0x80000000) >>> 0);
    this.counter = [0, 0, index >>> 0, Math.floor(index / 2 ** 32)];
  }

  /** 32 random bits. */
  word(): number {
    if (this.used === 4) {
      philox(this.counter, this.key, this.words);
      this.counter[0] = (this.counter[0] + 1) >>> 0;
      if (this.counter[0] === 0) this.counter[1]++;
      this.used = 0;
    }
    return this.words[this.used++]!;
  }

  /** Uniform in [low, high), a multiple of 2^-53 before scaling. */
  uniform(low = 0, high = 1): number {
    const a = this.word() >>> 5;
    const b = this.word() >>> 6;
    return low + (high - low) * ((a * 2 ** 26 + b) * 2 ** -53);
  }

  normal(mean = 0, std = 1): number {
    let z = this.spare;
    this.spare = undefined;
    if (z === undefined) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      const angle = 2 * Math.PI * this.uniform();
      z = radius * Math.cos(angle);
      this.spare = radius * Math.sin(angle);
    }
    return mean + std * z;
  }

  /** Uniform among 0 … n - 1, n at most 2^32; unbiased. */
  integer(n: number): number {
    const bound = Math.floor(2 ** 32 / n) * n;
    let word = this.word();
    while (word >= bound) word = this.word();
    return word % n;
  }

  choice<T>(list: readonly T[]): T {
    return list[this.integer(list.length)]!;
  }

  /** 0 … n - 1 in random order. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  fillNormal<Out extends Float64Array | Float32Array>(out: Out, mean = 0, std = 1): Out {
    for (let i = 0; i < out.length; i++) out[i] = this.normal(mean, std);
    return out;
  }

  fillUniform<Out extends Float64Array | Float32Array>(out: Out, low = 0, high = 1): Out {
    for (let i = 0; i < out.length; i++) out[i] = this.uniform(low, high);
    return out;
  }
}
