/**
 * log, softplus and the general power. `log(m 2^k) = k ln 2 + log m`, `m` within sqrt 2 of 1, and with
 * `s = f / (2 + f)`, `f = m - 1`: `log m = 2 atanh s = 2s + s R(s²)`, R a polynomial (Remez; 2^-30 in f32, 2^-59 in f64).
 */
import type { FunctionBuilder } from "./assembler.ts";
import { exp, LN2, polynomial } from "./exponential.ts";
import type { Fragment, Local } from "./fragments.ts";
import type { Precision, Value, Vector } from "./vector.ts";

/** R(z) / z, z = s². */
const ATANH: Record<Precision, readonly number[]> = {
  f32: [0.6666677715978805, 0.39977434937663336, 0.29874845178367376],
  f64: [
    0.6666666666666735, 0.39999999999406344, 0.28571428744420513, 0.2222219834751299, 0.18183576887627872,
    0.15313708972607623, 0.14799560169104614,
  ],
}; // biome-ignore format: a table

/** log(1 + f) + k ln 2, for 1 + f within sqrt 2 of 1. */
function logOnePlus(f: FunctionBuilder, v: Vector, x: Local, k: Local): Fragment {
  const [high, low] = LN2[v.precision];
  const s = f.local("v128", v.div(x, v.add(x, 2)));
  const z = f.local("v128", v.mul(s, s));
  const halfSquare = f.local("v128", v.mul(v.mul(x, x), 0.5));
  const r = v.mul(z, polynomial(v, ATANH[v.precision], z));
  // 2s = x - s x, and s x = x²/2 - s x²/2: what is rounded is small beside x.
  const small = v.madd(s, v.add(halfSquare, r), v.mul(k, low));
  return v.madd(k, high, v.sub(x, v.sub(halfSquare, small)));
}

/** x = m 2^k for positive finite x that is not subnormal. */
function decompose(f: FunctionBuilder, v: Vector, x: Value): { m: Local; k: Local } {
  // The lower end of m, so that the exponent field counts from there.
  const [least, one, bias] =
    v.precision === "f32" ? [0x3f3504f3n, 0x3f800000n, 127] : [0x3fe6a09e667f3bcdn, 0x3ff0000000000000n, 1023];
  const i = f.local("v128", v.integer.add(x, v.bits(one - least)));
  const significand = v.bits(2n ** BigInt(v.significandBits) - 1n);
  const m = f.local("v128", v.integer.add(v.and(i, significand), v.bits(least)));
  // A small integer in the low bits of 2^23 or 2^52 is a float once that is subtracted.
  const unit = 2 ** v.significandBits;
  return { m, k: f.local("v128", v.sub(v.or(v.integer.shr(i, v.significandBits), unit), unit + bias)) };
}

/** The same, subnormal x included. */
function decomposeAny(f: FunctionBuilder, v: Vector, x: Local): { m: Local; k: Local } {
  const [least, shift] = v.precision === "f32" ? [2 ** -126, 24] : [2 ** -1022, 54];
  const subnormal = f.local("v128", v.lt(x, least));
  const { m, k } = decompose(f, v, v.select(subnormal, v.mul(x, 2 ** shift), x));
  f.set(k, v.sub(k, v.keep(subnormal, shift)));
  return { m, k };
}

/** log(x) of positive finite x that is not subnormal. */
export function logModerate(f: FunctionBuilder, v: Vector, x: Local): Fragment {
  const { m, k } = decompose(f, v, x);
  f.set(m, v.sub(m, 1));
  return logOnePlus(f, v, m, k);
}

/** log(x): -infinity at 0, NaN below. */
export function log(f: FunctionBuilder, v: Vector, x: Local): Fragment {
  const { m, k } = decomposeAny(f, v, x);
  f.set(m, v.sub(m, 1));
  const positive = v.select(v.lt(x, Number.POSITIVE_INFINITY), logOnePlus(f, v, m, k), x);
  return v.select(v.gt(x, 0), positive, v.select(v.eq(x, 0), Number.NEGATIVE_INFINITY, Number.NaN));
}

/** log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)). */
export function softplus(f: FunctionBuilder, v: Vector, x: Local): Fragment {
  const y = f.local("v128", v.neg(v.abs(x)));
  const e = f.local("v128", exp(f, v, y));
  // Above sqrt 2, (1 + e) / 2 = 1 + (e - 1) / 2 is near 1.
  const halve = f.local("v128", v.gt(e, Math.SQRT2 - 1));
  const k = f.local("v128", v.keep(halve, 1));
  f.set(e, v.select(halve, v.mul(v.sub(e, 1), 0.5), e));
  return v.add(v.pmax(x, 0), logOnePlus(f, v, e, k));
}

/** The sum of `a` and `b`, and exactly what it rounds off. */
function twoSum(f: FunctionBuilder, v: Vector, a: Local, b: Local): [Local, Local] {
  const sum = f.local("v128", v.add(a, b));
  const bPart = f.local("v128", v.sub(sum, a));
  return [sum, f.local("v128", v.add(v.sub(a, v.sub(sum, bPart)), v.sub(b, bPart)))];
}

/**
 * a^b as exp(b log|a|), the logarithm and its product with b in twice the precision. A negative `a` needs an integer `b`
 * (else NaN), as in IEEE 754; a^0 = 1.
 */
export function pow(f: FunctionBuilder, v: Vector, a: Local, b: Local): Fragment {
  const [log2High, log2Low] = LN2[v.precision];
  const infinity = Number.POSITIVE_INFINITY;
  /** The upper half of the bits: products of two such numbers are exact. */
  const upper = (x: Value) => v.and(x, v.bits(v.precision === "f32" ? 0xfffff000n : 0xfffffffff8000000n));
  const local = (x: Fragment) => f.local("v128", x);

  const base = local(v.abs(a));
  const { m, k } = decomposeAny(f, v, base);
  const x = local(v.sub(m, 1));
  const d = local(v.add(m, 1));
  const s = local(v.div(x, d));
  const sHigh = local(upper(s));
  const dHigh = local(upper(d));
  const dLow = v.sub(m, v.sub(dHigh, 1));
  const sLow = local(v.div(v.sub(v.sub(x, v.mul(sHigh, dHigh)), v.mul(sHigh, dLow)), d));
  // log m = 2/3 s (3 + s² + r), r of the order s⁴.
  const z = local(v.mul(s, s));
  const [first, ...higher] = ATANH[v.precision].map((c) => 1.5 * c);
  const r = local(v.madd(v.mul(z, z), polynomial(v, higher, z), v.mul(z, first! - 1)));
  f.set(r, v.add(r, v.mul(sLow, v.add(sHigh, s))));
  const square = local(v.mul(sHigh, sHigh));
  const t = local(upper(v.add(v.add(square, r), 3)));
  const tLow = v.sub(r, v.sub(v.sub(t, 3), square));
  const u = local(v.mul(sHigh, t));
  const uLow = local(v.add(v.mul(sLow, t), v.mul(tLow, s)));
  const uHigh = local(upper(v.add(u, uLow)));
  f.set(uLow, v.sub(uLow, v.sub(uHigh, u)));
  // 2/3 = (whole part of 2/3 half) / half + 2/3 / half, since half is an even power of 2.
  const half = v.precision === "f32" ? 2 ** 12 : 2 ** 26;
  const factor = Math.floor((2 / 3) * half) / half;

  const [high, low] = twoSum(f, v, local(v.mul(k, log2High)), local(v.mul(uHigh, factor)));
  const rounded = v.add(v.mul(uHigh, 2 / 3 / half), v.mul(uLow, 2 / 3));
  f.set(low, v.add(low, v.add(v.mul(k, log2Low), rounded)));
  const [log1, log2] = twoSum(f, v, high, low);

  // Beyond this exponent every base but 1 gives 0 or infinity.
  const most = v.precision === "f32" ? 2 ** 32 : 2 ** 64;
  const e = local(v.pmax(v.pmin(b, most), -most));
  const eHigh = local(upper(e));
  const eLow = local(v.sub(e, eHigh));
  const logHigh = local(upper(log1));
  const logLow = local(v.sub(log1, logHigh));
  const y = local(v.mul(e, log1));
  const products = [v.mul(eHigh, logLow), v.mul(eLow, logHigh), v.mul(eLow, logLow), v.mul(e, log2)];
  const rest = local(products.reduce((sum, p) => v.add(sum, p), v.sub(v.mul(eHigh, logHigh), y)));
  f.set(rest, v.pmax(v.pmin(rest, 0.01), -0.01));
  const size = local(exp(f, v, y, rest));

  const isInfinite = v.eq(base, infinity);
  const toInfinity = v.keep(v.xor(isInfinite, v.lt(b, 0)), infinity);
  f.set(size, v.select(v.or(isInfinite, v.eq(base, 0)), toInfinity, size));
  const whole = local(v.eq(v.trunc(b), b));
  const halved = v.mul(b, 0.5);
  const odd = v.and(whole, v.ne(v.trunc(halved), halved));
  f.set(size, v.or(size, v.and(v.and(a, -0), odd)));
  const invalid = v.andnot(v.and(v.lt(a, 0), v.lt(base, infinity)), whole);
  const nan = v.or(v.ne(a, a), v.ne(b, b));
  return v.select(v.eq(b, 0), 1, v.select(v.or(invalid, nan), Number.NaN, size));
}
