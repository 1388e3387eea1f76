/**
 * sin and cos: `x = n π/2 + r`, `|r| ≤ π/4`, and polynomials (Remez; 2^-28 in f32, 2^-58 in f64) of r, chosen by n.
 * Accurate for |x| ≤ 10^5 (relative to the result, also next to its zeros); beyond about 10^6 the result has no meaning.
 */
import type { FunctionBuilder } from "./assembler.ts";
import { polynomial } from "./exponential.ts";
import { type Fragment, type Local, op, shuffle64 } from "./fragments.ts";
import { type Precision, type Value, type Vector, vector } from "./vector.ts";

/** (sin(r) - r) / r³ in r². */
const SIN: Record<Precision, readonly number[]> = {
  f32: [-0.16666654060880623, 0.008332120928278378, -0.0001950939316102393],
  f64: [
    -0.16666666666666632, 0.00833333333332234, -0.00019841269829746718, 2.755731366982898e-6, -2.5050754526102723e-8,
    1.5896580500666816e-10,
  ],
}; // biome-ignore format: a table
/** (cos(r) - 1 + r²/2) / r⁴ in r². */
const COS: Record<Precision, readonly number[]> = {
  f32: [0.04166664537462219, -0.0013887292116901199, 2.4429582985060305e-5],
  f64: [
    0.0416666666666666, -0.0013888888888874025, 2.4801587289417627e-5, -2.755731433286819e-7, 2.087572052362572e-9,
    -1.135950037017759e-11,
  ],
}; // biome-ignore format: a table

/** π/2 in four parts; the first three have 33 bits, so that their products with n < 2^20 are exact. */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32]; // biome-ignore format: digits

/** x - n π/2 in f64. */
const subtract = (v: Vector, x: Value, n: Local): Fragment =>
  HALF_PI.reduce((rest: Value, part) => v.nmadd(n, part, rest), x) as Fragment;

/** In f32 the difference is taken in f64, where it is exact enough. */
function remainder(f: FunctionBuilder, v: Vector, x: Local, n: Local): Fragment {
  if (v.precision === "f64") return subtract(v, x, n);
  const wide = vector("f64", v.relaxed);
  const promote = (a: Value) => op("f64x2.promote_low_f32x4", a);
  const half = (a: (y: Local) => Value) =>
    op("f32x4.demote_f64x2_zero", subtract(wide, promote(a(x)), f.local("v128", promote(a(n)))));
  return shuffle64(
    half((y) => y),
    half((y) => shuffle64(y, y, [1, 1])),
    [0, 2],
  );
}

/** sin(r) and cos(r), |r| ≤ π/4. */
function onEighth(f: FunctionBuilder, v: Vector, r: Local): [Fragment, Fragment] {
  const z = f.local("v128", v.mul(r, r));
  return [
    v.madd(v.mul(r, z), polynomial(v, SIN[v.precision], z), r),
    v.madd(v.mul(z, z), polynomial(v, COS[v.precision], z), v.nmadd(z, 0.5, 1)),
  ];
}

const isEven = (v: Vector, n: Local) => v.integer.eq(v.and(n, v.bits(1n)), v.bits(0n));
/** Bit 1 of an integer as the sign bit. */
const signOf = (v: Vector, n: Value) => v.and(v.integer.shl(n, v.bytes * 8 - 2), -0);
/** Adding it to a small integer leaves that integer in the low bits. */
const magic = (v: Vector) => 1.5 * 2 ** v.significandBits;

/** sin(x + quarter π/2). */
function sine(f: FunctionBuilder, v: Vector, x: Local, quarter: 0 | 1): Fragment {
  const shifted = f.local("v128", v.madd(x, 2 / Math.PI, magic(v)));
  const n = f.local("v128", v.sub(shifted, magic(v)));
  const [sin, cos] = onEighth(f, v, f.local("v128", remainder(f, v, x, n)));
  if (quarter === 1) f.set(shifted, v.integer.add(shifted, v.bits(1n)));
  return v.xor(v.select(isEven(v, shifted), sin, cos), signOf(v, shifted));
}

export const sin = (f: FunctionBuilder, v: Vector, x: Local): Fragment => sine(f, v, x, 0);
export const cos = (f: FunctionBuilder, v: Vector, x: Local): Fragment => sine(f, v, x, 1);

/** cos(π/2 x) and sin(π/2 x), for 0 ≤ x ≤ 4. */
export function cosSinQuarterTurns(f: FunctionBuilder, v: Vector, x: Local): [Local, Local] {
  const shifted = f.local("v128", v.add(x, magic(v)));
  const r = f.local("v128", v.mul(v.sub(x, v.sub(shifted, magic(v))), Math.PI / 2));
  const [s, c] = onEighth(f, v, r);
  const sin = f.local("v128", s);
  const cos = f.local("v128", c);
  const even = f.local("v128", isEven(v, shifted));
  return [
    f.local("v128", v.xor(v.select(even, cos, sin), signOf(v, v.integer.add(shifted, v.bits(1n))))),
    f.local("v128", v.xor(v.select(even, sin, cos), signOf(v, shifted))),
  ];
}
