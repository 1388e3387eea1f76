/**
 * exp, tanh and the logistic function. `exp(y) = 2^n (1 + p)` with `n` the integer next to `y / ln 2` and `p = expm1(r)`
 * of the rest `|r| ≤ ln 2 / 2`, a polynomial with the least greatest relative error (Remez; 2^-26 in f32, 2^-55 in f64).
 */
import type { FunctionBuilder } from "./assembler.ts";
import type { Fragment, Local } from "./fragments.ts";
import type { Precision, Value, Vector } from "./vector.ts";

/** The value of `c[0] + c[1] z + c[2] z² + …`, by Horner's rule. */
export function polynomial(v: Vector, c: readonly number[], z: Local): Fragment {
  let sum = v.constant(c.at(-1)!);
  for (let k = c.length - 2; k >= 0; k--) sum = v.madd(sum, z, c[k]!);
  return sum;
}

/** The absolute value of `a` with the sign of `b`. */
export const withSign = (v: Vector, a: Value, b: Value): Fragment => v.or(v.abs(a), v.and(b, -0));

/** ln 2 in two parts: the first has so few bits that its product with an exponent is exact. */
export const LN2: Record<Precision, readonly [number, number]> = {
  f32: [0.693359375, -0.00021219444005469057],
  f64: [0.6931471803691238, 1.9082149292705877e-10],
};

/** (expm1(r) - r) / r² for |r| ≤ ln 2 / 2. */
const EXPM1: Record<Precision, readonly number[]> = {
  f32: [0.4999999809924219, 0.1666654119482986, 0.04166721035674434, 0.008366846581789465, 0.001388246063560731],
  f64: [
    0.5000000000000006, 0.16666666666666585, 0.04166666666657319, 0.008333333333391797, 0.0013888888932829932,
    0.00019841269715354282, 2.4801503658882997e-5, 2.7557409302901335e-6, 2.7626711694845344e-7, 2.50537853650371e-8,
  ],
}; // biome-ignore format: a table

/** Adding it to a small integer leaves that integer in the low bits of the significand. */
const magic = (v: Vector) => 1.5 * 2 ** v.significandBits;
/** 2^n, of `magic + n`. */
const powerOfTwo = (v: Vector, n: Value) => v.integer.add(v.integer.shl(n, v.significandBits), v.constant(1));

interface Reduced {
  /** magic + n. */
  shifted: Local;
  n: Local;
  /** expm1 of the rest. */
  p: Local;
}

/** `correction`: a small number to be added to `y`, beyond its precision. */
function reduce(f: FunctionBuilder, v: Vector, y: Local, correction?: Value): Reduced {
  const [high, low] = LN2[v.precision];
  const shifted = f.local("v128", v.madd(y, Math.LOG2E, magic(v)));
  const n = f.local("v128", v.sub(shifted, magic(v)));
  const r = f.local("v128", v.nmadd(n, low, v.nmadd(n, high, y)));
  if (correction !== undefined) f.set(r, v.add(r, correction));
  return { shifted, n, p: f.local("v128", v.madd(v.mul(r, r), polynomial(v, EXPM1[v.precision], r), r)) };
}

/** exp(y) of -85 ≤ y ≤ 85: no overflow, no subnormal results. */
export function expModerate(f: FunctionBuilder, v: Vector, y: Local): Fragment {
  const { shifted, p } = reduce(f, v, y);
  return v.mul(v.add(p, 1), powerOfTwo(v, shifted));
}

/** exp(y + correction) over the whole range, to 1 unit in the last place. */
export function exp(f: FunctionBuilder, v: Vector, y: Local, correction?: Value): Fragment {
  // Beyond these, the result is 0 and infinity; a NaN stays.
  const [least, most] = v.precision === "f32" ? [-104, 89] : [-746, 710];
  const bounded = f.local("v128", v.pmax(v.pmin(y, most), least));
  const { n, p } = reduce(f, v, bounded, correction);
  // 2^n in two factors, since it may be out of range where the result is not.
  const half = f.local("v128", v.madd(n, 0.5, magic(v)));
  const rest = v.add(v.sub(n, v.sub(half, magic(v))), magic(v));
  return v.mul(v.mul(v.add(p, 1), powerOfTwo(v, half)), powerOfTwo(v, rest));
}

/** tanh(x) = -e / (2 + e) · sign(x) with e = expm1(-2|x|). */
export function tanh(f: FunctionBuilder, v: Vector, x: Local): Fragment {
  // From here on the result rounds to 1.
  const most = v.precision === "f32" ? 9.1 : 19.1;
  const y = f.local("v128", v.mul(v.pmin(v.abs(x), most), -2));
  const { shifted, p } = reduce(f, v, y);
  const power = f.local("v128", powerOfTwo(v, shifted));
  const e = f.local("v128", v.madd(p, power, v.sub(power, 1)));
  return withSign(v, v.div(e, v.add(e, 2)), x);
}

/** 1 / (1 + exp(-x)), with the relative error of exp also where it is small. */
export function sigmoid(f: FunctionBuilder, v: Vector, x: Local): Fragment {
  const y = f.local("v128", v.neg(v.abs(x)));
  const e = f.local("v128", exp(f, v, y));
  return v.div(v.select(v.lt(x, 0), e, 1), v.add(e, 1));
}
