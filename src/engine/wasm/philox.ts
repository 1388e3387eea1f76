/**
 * Noise drawn in the engine: standard normal numbers of `src/engine/random.ts` (`noise`), computed four trials and four
 * entries at a time, in the precision of the module.
 *
 *     const fill = emitNoise(m, { precision, entries: N, lanes: L });
 *     // call(fill, target, key0, key1, source, firstTrial, sample): target[N][L], lane l being trial firstTrial + l
 *     // with (key0, key1) = randomKey(seed, purpose) and source = hashName(name)
 */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from "./assembler.ts";
import { i32, i32x4, type Local, type Operand, op, shuffle32 } from "./fragments.ts";
import { logModerate } from "./logarithm.ts";
import { cosSinQuarterTurns } from "./trigonometric.ts";
import { type Precision, type Vector, vector } from "./vector.ts";

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

/** Philox4x32-10 of four counters at once: the counter's words, one vector each, are replaced by the result. */
function philoxRounds(
  f: FunctionBuilder,
  counter: readonly [Local, Local, Local, Local],
  key: readonly [Local, Local],
) {
  const [c0, c1, c2, c3] = counter;
  const product = (c: Local, multiplier: number) => {
    const low = f.local("v128", op("i64x2.extmul_low_i32x4_u", c, i32x4(multiplier)));
    const high = f.local("v128", op("i64x2.extmul_high_i32x4_u", c, i32x4(multiplier)));
    return { low: shuffle32(low, high, [0, 2, 4, 6]), high: shuffle32(low, high, [1, 3, 5, 7]) };
  };
  for (let round = 0; round < 10; round++) {
    if (round > 0) for (const i of [0, 1] as const) f.set(key[i], op("i32x4.add", key[i], i32x4(WEYL[i])));
    f.scope(() => {
      const a = product(c0, MULTIPLIERS[0]);
      const b = product(c2, MULTIPLIERS[1]);
      f.set(c0, op("v128.xor", op("v128.xor", b.high, c1), key[0]));
      f.set(c2, op("v128.xor", op("v128.xor", a.high, c3), key[1]));
      f.set(c1, b.low);
      f.set(c3, a.low);
    });
  }
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

export interface NoiseShape {
  precision: Precision;
  entries: number;
  /** A multiple of 4. */
  lanes: number;
}

/** `(target, key0, key1, source, firstTrial, sample)`: fills `target[entries][lanes]` with standard normal numbers. */
export function emitNoise(m: ModuleBuilder, shape: NoiseShape): FunctionRef {
  const { precision, entries, lanes } = shape;
  const v = vector(precision, m.relaxed);
  const rowBytes = lanes * v.bytes;
  return m.once(`noise ${precision} ${entries} ${lanes}`, () =>
    m.function("noise", Array(6).fill("i32"), [], (f, target, key0, key1, source, firstTrial, sample) => {
      const block = f.local("i32");
      const lane = f.local("i32");
      const to = f.local("i32");
      const counter = [f.local("v128"), f.local("v128"), f.local("v128"), f.local("v128")] as const;
      const key = [f.local("v128"), f.local("v128")] as const;
      const splat = (x: Operand) => op("i32x4.splat", x);
      /** Entries 4 block … of all lanes, `count` of them. */
      const write = (block: Operand, count: number) =>
        f.for(lane, 0, lanes, 4, () => {
          f.set(counter[0], splat(block));
          f.set(counter[1], splat(sample));
          f.set(counter[2], op("i32x4.add", splat(i32.add(firstTrial, lane)), i32x4(0, 1, 2, 3)));
          f.set(counter[3], splat(source));
          f.set(key[0], splat(key0));
          f.set(key[1], splat(key1));
          philoxRounds(f, counter, key);
          f.set(to, i32.add(target, i32.add(i32.mul(block, 4 * rowBytes), i32.mul(lane, v.bytes))));
          for (let pair = 0; pair < count; pair += 2)
            for (let half = 0; half < 4 / v.width; half++)
              f.scope(() => {
                const u = f.local("v128", uniform(v, counter[pair]!, half));
                const radius = f.local("v128", v.sqrt(v.mul(logModerate(f, v, u), -2)));
                const quarters = f.local("v128", v.mul(uniform(v, counter[pair + 1]!, half), 4));
                const [cos, sin] = cosSinQuarterTurns(f, v, quarters);
                f.push(v.store(to, v.mul(radius, cos), pair * rowBytes + 16 * half));
                if (pair + 1 < count) f.push(v.store(to, v.mul(radius, sin), (pair + 1) * rowBytes + 16 * half));
              });
        });
      const whole = Math.floor(entries / 4);
      f.for(block, 0, whole, 1, () => write(block, 4));
      if (entries % 4 > 0) write(whole, entries % 4);
    }),
  );
}
