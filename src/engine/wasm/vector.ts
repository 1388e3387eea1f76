/**
 * One vocabulary for SIMD arithmetic in both precisions, so that kernels are written once.
 * A `Value` is a vector: a local, a fragment, or a number, which stands in all lanes. A mask is a vector of 0 and ~0.
 */
import {
  type Fragment,
  f32,
  f32x4,
  f64,
  f64x2,
  i32x4,
  i64x2,
  type Local,
  load,
  type Operand,
  op,
  shuffle32,
  shuffle64,
} from "./fragments.ts";
import type { Instruction } from "./instructions.ts";

export type Precision = "f32" | "f64";
export type Value = Local | Fragment | number;

type Binary = (a: Value, b: Value) => Fragment;
type Unary = (a: Value) => Fragment;

export interface Vector {
  readonly precision: Precision;
  readonly relaxed: boolean;
  /** Lanes of one vector: 4 or 2. */
  readonly width: number;
  /** Bytes of one number: 4 or 8. */
  readonly bytes: number;
  /** Number of stored bits of the significand: 23 or 52. */
  readonly significandBits: number;
  constant(value: number): Fragment;
  /** A scalar of this precision in all lanes. */
  splat(scalar: Operand): Fragment;
  /** A scalar constant. */
  scalar(value: number): Fragment;
  load(address: Operand, offset?: number): Fragment;
  /** One number of memory in all lanes. */
  loadSplat(address: Operand, offset?: number): Fragment;
  loadScalar(address: Operand, offset?: number): Fragment;
  /** Writes a vector; `f.push` it. */
  store(address: Operand, value: Value, offset?: number): Fragment;
  /** One number of memory in lane 0, zeros elsewhere. */
  loadFirst(address: Operand, offset?: number): Fragment;
  /** Writes lane 0; `f.push` it. */
  storeFirst(address: Operand, value: Value, offset?: number): Fragment;
  /** The sum of all lanes, in all lanes; overwrites `value`. */
  sumLanes(value: Local): Fragment;
  add: Binary;
  sub: Binary;
  mul: Binary;
  div: Binary;
  /** a b + c; one rounding in a relaxed module (where the processor has it), two otherwise. */
  madd(a: Value, b: Value, c: Value): Fragment;
  /** c - a b, likewise. */
  nmadd(a: Value, b: Value, c: Value): Fragment;
  /** NaN where either is NaN, and -0 < 0, as `Math.min` and `Math.max`. */
  min: Binary;
  max: Binary;
  /** `b < a ? b : a` and `a < b ? b : a`, one instruction: a NaN in `a` stays, a NaN in `b` is ignored. */
  pmin: Binary;
  pmax: Binary;
  neg: Unary;
  abs: Unary;
  sqrt: Unary;
  nearest: Unary;
  floor: Unary;
  trunc: Unary;
  eq: Binary;
  ne: Binary;
  lt: Binary;
  gt: Binary;
  le: Binary;
  ge: Binary;
  /** `a` where the mask is set, `b` elsewhere. */
  select(mask: Value, a: Value, b: Value): Fragment;
  /** `a` where the mask is set, +0 elsewhere. */
  keep(mask: Value, a: Value): Fragment;
  and: Binary;
  or: Binary;
  xor: Binary;
  /** `a` where the mask `b` is not set, +0 elsewhere. */
  andnot: Binary;
  /** The same bits in all lanes, e.g. a mask of the significand. */
  bits(value: bigint): Fragment;
  /** Arithmetic on the bits of the lanes as integers. */
  integer: {
    add: Binary;
    sub: Binary;
    eq: Binary;
    shl(a: Value, count: number): Fragment;
    /** Fills with zeros. */
    shr(a: Value, count: number): Fragment;
  };
}

const made = new Map<string, Vector>();

/** The vocabulary of a precision; `relaxed` as of the module (`ModuleBuilder.relaxed`). */
export function vector(precision: Precision, relaxed: boolean): Vector {
  const key = `${precision} ${relaxed}`;
  let v = made.get(key);
  if (!v) made.set(key, (v = make(precision, relaxed)));
  return v;
}

function make(precision: Precision, relaxed: boolean): Vector {
  const single = precision === "f32";
  const type = single ? "f32x4" : "f64x2";
  const integers = single ? "i32x4" : "i64x2";
  const constant = (value: number) => (single ? f32x4(value) : f64x2(value));
  const splat = `${type}.splat` as Instruction;
  const madd = `${type}.relaxed_madd` as Instruction;
  const nmadd = `${type}.relaxed_nmadd` as Instruction;
  const lift = (value: Value): Operand => (typeof value === "number" ? constant(value) : value);
  const unary =
    (name: string): Unary =>
    (a) =>
      op(name as Instruction, lift(a));
  const binary =
    (name: string): Binary =>
    (a, b) =>
      op(name as Instruction, lift(a), lift(b));
  const of = (name: string) => `${type}.${name}`;
  const ofIntegers = (name: string) => `${integers}.${name}`;
  const shift = (name: string) => {
    const instruction = ofIntegers(name) as Instruction;
    return (a: Value, count: number): Fragment => op(instruction, lift(a), count);
  };
  const add = binary(of("add"));
  const sub = binary(of("sub"));
  const mul = binary(of("mul"));
  const and = binary("v128.and");
  return {
    precision,
    relaxed,
    width: single ? 4 : 2,
    bytes: single ? 4 : 8,
    significandBits: single ? 23 : 52,
    constant,
    splat: (scalar) => op(splat, scalar),
    scalar: (value) => (single ? f32(value) : f64(value)),
    load: (address, offset) => load("v128.load", address, offset),
    loadSplat: (address, offset) => load(single ? "v128.load32_splat" : "v128.load64_splat", address, offset),
    loadScalar: (address, offset) => load(single ? "f32.load" : "f64.load", address, offset),
    store: (address, value, offset) => (f) => f.store("v128.store", address, lift(value), offset),
    loadFirst: (address, offset) => load(single ? "v128.load32_zero" : "v128.load64_zero", address, offset),
    storeFirst:
      (address, value, offset = 0) =>
      (f) =>
        f
          .push(address)
          .push(lift(value))
          .memory(single ? "v128.store32_lane" : "v128.store64_lane", offset, 0),
    sumLanes: (value) => (f) => {
      if (single) f.set(value, add(value, shuffle32(value, value, [2, 3, 0, 1])));
      f.push(add(value, single ? shuffle32(value, value, [1, 0, 3, 2]) : shuffle64(value, value, [1, 0])));
    },
    add,
    sub,
    mul,
    div: binary(of("div")),
    madd: (a, b, c) => (relaxed ? op(madd, lift(a), lift(b), lift(c)) : add(mul(a, b), c)),
    nmadd: (a, b, c) => (relaxed ? op(nmadd, lift(a), lift(b), lift(c)) : sub(c, mul(a, b))),
    min: binary(of("min")),
    max: binary(of("max")),
    pmin: binary(of("pmin")),
    pmax: binary(of("pmax")),
    neg: unary(of("neg")),
    abs: unary(of("abs")),
    sqrt: unary(of("sqrt")),
    nearest: unary(of("nearest")),
    floor: unary(of("floor")),
    trunc: unary(of("trunc")),
    eq: binary(of("eq")),
    ne: binary(of("ne")),
    lt: binary(of("lt")),
    gt: binary(of("gt")),
    le: binary(of("le")),
    ge: binary(of("ge")),
    select: (mask, a, b) => op("v128.bitselect", lift(a), lift(b), lift(mask)),
    keep: (mask, a) => and(a, mask),
    and,
    or: binary("v128.or"),
    xor: binary("v128.xor"),
    andnot: binary("v128.andnot"),
    bits: (value) => (single ? i32x4(Number(BigInt.asIntN(32, value))) : i64x2(BigInt.asUintN(64, value))),
    integer: {
      add: binary(ofIntegers("add")),
      sub: binary(ofIntegers("sub")),
      eq: binary(ofIntegers("eq")),
      shl: shift("shl"),
      shr: shift("shr_u"),
    },
  };
}
