/**
 * Noise drawn in the engine: standard normal numbers of `src/engine/random.ts` (`noise`), computed four trials and four
 * entries at a time, in the precision of the module.
 *
 *     const fill = emitNoise(m, { precision, entries: N, lanes: L });
 *     // call(fill, target, key0, key1, source, firstTrial, sample): target[N][L], lane l being trial firstTrial + l
 *     // with (key0, key1) = randomKey(seed, purpose) and source = hashName(name)
 */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from "./assembler.ts";
import { type Fragment, i32, i32x4, type Local, type Operand, op, shuffle32, shuffle64 } from "./fragments.ts";
import { logModerate } from "./logarithm.ts";
import { cosSinQuarterTurns } from "./trigonometric.ts";
import { type Precision, type Vector, vector } from "./vector.ts";

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

type Counters = readonly [Local, Local, Local, Local];

/**
 * Philox4x32-10 of several sets of four counters, one vector for each of the four words; the results replace them. Two
 * sets together take little longer than one, which mostly waits for its own multiplications.
 */
function philoxRounds(f: FunctionBuilder, sets: readonly Counters[], key: readonly [Local, Local]) {
  const product = (c: Local, multiplier: number) => {
    const low = f.local("v128", op("i64x2.extmul_low_i32x4_u", c, i32x4(multiplier)));
    const high = f.local("v128", op("i64x2.extmul_high_i32x4_u", c, i32x4(multiplier)));
    return { low: shuffle32(low, high, [0, 2, 4, 6]), high: shuffle32(low, high, [1, 3, 5, 7]) };
  };
  const round = () => {
    for (const [c0, c1, c2, c3] of sets)
      f.scope(() => {
        const a = product(c0, MULTIPLIERS[0]);
        const b = product(c2, MULTIPLIERS[1]);
        f.set(c0, op("v128.xor", op("v128.xor", b.high, c1), key[0]));
        f.set(c2, op("v128.xor", op("v128.xor", a.high, c3), key[1]));
        f.set(c1, b.low);
        f.set(c3, a.low);
      });
  };
  round();
  f.repeat(9, () => {
    for (const i of [0, 1] as const) f.set(key[i], op("i32x4.add", key[i], i32x4(WEYL[i])));
    round();
  });
}

/** (floor(word / 2^9) + 1/2) 2^-23 of two or four of the words: those of lanes `half width` … . */
function uniform(v: Vector, word: Local, half: number) {
  const bits = op("i32x4.shr_u", word, 9);
  const number =
    v.precision === "f32"
      ? op("f32x4.convert_i32x4_s", bits)
      : op("f64x2.convert_low_i32x4_s", half === 0 ? bits : shuffle32(bits, i32x4(0), [2, 3, 4, 4]));
  return v.mul(v.add(number, 0.5), 2 ** -23);
}

/** sqrt(-2 ln u) (cos 2πw, sin 2πw). */
function boxMuller(f: FunctionBuilder, v: Vector, u: Fragment, w: Fragment): [Fragment, Fragment] {
  const radius = f.local("v128", v.sqrt(v.mul(logModerate(f, v, f.local("v128", u)), -2)));
  const [cos, sin] = cosSinQuarterTurns(f, v, f.local("v128", v.mul(w, 4)));
  return [v.mul(radius, cos), v.mul(radius, sin)];
}

export interface NoiseShape {
  precision: Precision;
  entries: number;
  /** A multiple of 4. */
  lanes: number;
}

/** `(target, key0, key1, source, firstTrial, sample)`: fills `target[entries][lanes]` with standard normal numbers. */
export function emitNoise(m: ModuleBuilder, shape: NoiseShape): FunctionRef {
  const { precision, entries, lanes } = shape;
  const blockBytes = 4 * lanes * vector(precision, m.relaxed).bytes;
  return m.once(`noise ${precision} ${entries} ${lanes}`, () =>
    m.function("noise", Array(6).fill("i32"), [], (f, target, ...address) => {
      const block = f.local("i32");
      const write = (block: Operand, count: number) =>
        f.call(emitBlock(m, precision, lanes, count), i32.add(target, i32.mul(block, blockBytes)), ...address, block);
      const whole = Math.floor(entries / 4);
      f.for(block, 0, whole, 1, () => write(block, 4));
      if (entries % 4 > 0) write(whole, entries % 4);
    }),
  );
}

export interface NoiseAcrossShape {
  precision: Precision;
  entries: number;
  trials: number;
  /** Bytes from one trial to the next, a multiple of 16 numbers that holds all entries. */
  stride: number;
}

/**
 * `(target, key0, key1, source, firstTrial, sample)`: the numbers of `emitNoise` for few trials, `target[trial][entry]`;
 * four blocks of four entries at a time. Entries beyond the last are filled up to a multiple of 16; a single one fills
 * its vector.
 */
export function emitNoiseAcross(m: ModuleBuilder, shape: NoiseAcrossShape): FunctionRef {
  const { precision, entries, trials, stride } = shape;
  const v = vector(precision, m.relaxed);
  return m.once(`noise across ${JSON.stringify(shape)}`, () =>
    m.function("noiseAcross", Array(6).fill("i32"), [], (f, target, key0, key1, source, firstTrial, sample) => {
      const last = f.local("i32", i32.add(firstTrial, trials));
      const vectorLocal = () => f.local("v128");
      const sets = [0, 1].map((): Counters => [vectorLocal(), vectorLocal(), vectorLocal(), vectorLocal()]);
      const key = [vectorLocal(), vectorLocal()] as const;
      const splat = (x: Operand) => op("i32x4.splat", x);
      const block = f.local("i32");
      const to = f.local("i32");
      /** `count` sets of 16 entries from `block` on. */
      const fill = (count: number): void => {
        const used = sets.slice(0, count);
        for (const [i, words] of used.entries()) {
          f.set(words[0], op("i32x4.add", splat(block), i32x4(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3)));
          f.set(words[1], splat(sample));
          f.set(words[2], splat(firstTrial));
          f.set(words[3], splat(source));
        }
        f.set(key[0], splat(key0));
        f.set(key[1], splat(key1));
        philoxRounds(f, used, key);
        for (const [i, words] of used.entries()) storeSixteen(f, v, words, to, 16 * i * v.bytes);
        f.set(to, i32.add(to, 16 * count * v.bytes));
      };
      f.loop((again) => {
        f.set(to, target);
        f.for(block, 0, 8 * Math.floor(entries / 32), 8, () => fill(2));
        for (let from = 32 * Math.floor(entries / 32); from < entries; from += 16) {
          f.set(block, from / 4);
          fill(1);
        }
        if (entries === 1) f.push(v.store(target, v.loadSplat(target)));
        f.set(target, i32.add(target, stride));
        f.set(firstTrial, i32.add(firstTrial, 1));
        f.br(again, op("i32.ne", firstTrial, last));
      });
    }),
  );
}

/** The numbers of four blocks, whose words lie lane by lane, entry after entry. */
function storeSixteen(f: FunctionBuilder, v: Vector, words: Counters, to: Local, offset: number): void {
  for (let half = 0; half < 4 / v.width; half++)
    f.scope(() => {
      const normals: Local[] = [];
      for (let pair = 0; pair < 4; pair += 2)
        for (const value of boxMuller(f, v, uniform(v, words[pair]!, half), uniform(v, words[pair + 1]!, half)))
          normals.push(f.local("v128", value));
      const [a, b, c, d] = normals as [Local, Local, Local, Local];
      const put = (value: Fragment, at: number) => f.push(v.store(to, value, offset + at));
      if (v.precision === "f64")
        for (const lane of [0, 1] as const) {
          put(shuffle64(a, b, [lane, lane + 2]), 32 * (2 * half + lane));
          put(shuffle64(c, d, [lane, lane + 2]), 32 * (2 * half + lane) + 16);
        }
      else
        for (const high of [0, 1]) {
          const order = [2 * high, 4 + 2 * high, 1 + 2 * high, 5 + 2 * high] as const;
          const ab = f.local("v128", shuffle32(a, b, order));
          const cd = f.local("v128", shuffle32(c, d, order));
          put(shuffle64(ab, cd, [0, 2]), 32 * high);
          put(shuffle64(ab, cd, [1, 3]), 32 * high + 16);
        }
    });
}

/** `(target, key0, key1, source, firstTrial, sample, block)`: entries 4 block … of all lanes, `count` of them. */
function emitBlock(m: ModuleBuilder, precision: Precision, lanes: number, count: number): FunctionRef {
  const v = vector(precision, m.relaxed);
  const rowBytes = lanes * v.bytes;
  return m.once(`noise block ${precision} ${lanes} ${count}`, () =>
    m.function("noiseBlock", Array(7).fill("i32"), [], (f, target, key0, key1, source, firstTrial, sample, block) => {
      const vectorLocal = () => f.local("v128");
      const sets = Array.from(
        { length: lanes % 8 === 0 ? 2 : 1 },
        (): Counters => [vectorLocal(), vectorLocal(), vectorLocal(), vectorLocal()],
      );
      const key = [vectorLocal(), vectorLocal()] as const;
      const splat = (x: Operand) => op("i32x4.splat", x);
      const lane = f.local("i32");
      f.for(lane, 0, lanes, 4 * sets.length, () => {
        for (const [i, words] of sets.entries()) {
          const trials = i32x4(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3);
          f.set(words[0], splat(block));
          f.set(words[1], splat(sample));
          f.set(words[2], op("i32x4.add", splat(i32.add(firstTrial, lane)), trials));
          f.set(words[3], splat(source));
        }
        f.set(key[0], splat(key0));
        f.set(key[1], splat(key1));
        philoxRounds(f, sets, key);
        for (const [i, words] of sets.entries())
          for (let pair = 0; pair < count; pair += 2)
            for (let half = 0; half < 4 / v.width; half++) {
              const offset = pair * rowBytes + 4 * i * v.bytes + 16 * half;
              f.scope(() => {
                const [a, b] = boxMuller(f, v, uniform(v, words[pair]!, half), uniform(v, words[pair + 1]!, half));
                f.push(v.store(target, a, offset));
                if (pair + 1 < count) f.push(v.store(target, b, offset + rowBytes));
              });
            }
        f.set(target, i32.add(target, 4 * sets.length * v.bytes));
      });
    }),
  );
}
