/** Pieces of WebAssembly code as values, and the constants and address arithmetic made of them. */
import type { FunctionBuilder } from "./assembler.ts";
import { type Instruction, LANE_INSTRUCTIONS, type LaneInstruction, type MemoryInstruction } from "./instructions.ts";

export type Type = "i32" | "i64" | "f32" | "f64" | "v128";

export interface Local {
  readonly index: number;
  readonly type: Type;
}
/** Writes code that leaves one value on the stack (or none, for a call without a result). */
export type Fragment = (f: FunctionBuilder) => void;
export type Operand = Local | Fragment | number;
/** A function of the module. */
export interface FunctionRef {
  readonly index: number;
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}
/** Where `br` goes: the end of a block, the start of a loop. */
export interface Label {
  readonly depth: number;
}

/** Any instruction without an immediate, applied to its operands. */
export const op =
  (name: Instruction, ...operands: Operand[]): Fragment =>
  (f) => {
    for (const operand of operands) f.push(operand);
    f.emit(name);
  };
/** A load from `address + offset`; the offset is a constant. */
export const load =
  (name: MemoryInstruction, address: Operand, offset = 0): Fragment =>
  (f) =>
    f.push(address).memory(name, offset);
/** `extract_lane` of a vector, or `replace_lane` of a vector and a value. */
export const lane =
  (name: LaneInstruction, index: number, ...operands: Operand[]): Fragment =>
  (f) => {
    for (const operand of operands) f.push(operand);
    f.opcode(LANE_INSTRUCTIONS[name]).byte(index);
  };
/** Bytes of `a` (0…15) and `b` (16…31), chosen by 16 constants. */
export const shuffle =
  (a: Operand, b: Operand, bytes: readonly number[]): Fragment =>
  (f) => {
    f.push(a).push(b).opcode(0xfd000d);
    for (const byte of bytes) f.byte(byte);
  };
/** Four 32-bit lanes of `a` (0…3) and `b` (4…7). */
export const shuffle32 =
  (a: Operand, b: Operand, lanes: readonly [number, number, number, number]): Fragment =>
  (f) => {
    f.push(a).push(b).opcode(0xfd000d);
    for (const lane of lanes) f.word(0x03020100 + 0x04040404 * lane);
  };
/** Two 64-bit lanes of `a` (0, 1) and `b` (2, 3). */
export const shuffle64 = (a: Operand, b: Operand, [x, y]: readonly [number, number]): Fragment =>
  shuffle32(a, b, [2 * x, 2 * x + 1, 2 * y, 2 * y + 1]);
export const call =
  (target: FunctionRef, ...operands: Operand[]): Fragment =>
  (f) => {
    for (const operand of operands) f.push(operand);
    f.byte(0x10).index(target.index);
  };
/** Sets a local and leaves the value. */
export const tee =
  (local: Local, value: Operand): Fragment =>
  (f) =>
    f.push(value).byte(0x22).index(local.index);

/** Constants. The vectors take one number for all lanes, or one for each. */
export const i64 =
  (value: bigint): Fragment =>
  (f) =>
    f.constant64(value);
export const f32 =
  (value: number): Fragment =>
  (f) =>
    f.byte(0x43).float32(value);
export const f64 =
  (value: number): Fragment =>
  (f) =>
    f.byte(0x44).float64(value);
const VECTOR_CONSTANT = 0xfd000c;
const four = (v: readonly number[]) => (v.length === 1 ? [v[0]!, v[0]!, v[0]!, v[0]!] : v);
export const f32x4 =
  (...v: number[]): Fragment =>
  (f) => {
    f.opcode(VECTOR_CONSTANT);
    for (const x of four(v)) f.float32(x);
  };
export const f64x2 =
  (a: number, b = a): Fragment =>
  (f) =>
    f.opcode(VECTOR_CONSTANT).float64(a).float64(b);
export const i32x4 =
  (...v: number[]): Fragment =>
  (f) => {
    f.opcode(VECTOR_CONSTANT);
    for (const x of four(v)) f.word(x);
  };
export const i64x2 =
  (a: bigint, b = a): Fragment =>
  (f) => {
    f.opcode(VECTOR_CONSTANT);
    for (const x of [a, b]) f.word(Number(x & 0xffffffffn)).word(Number((x >> 32n) & 0xffffffffn));
  };

const fold =
  (name: Instruction, compute: (a: number, b: number) => number, neutral: number) =>
  (a: Operand, b: Operand): Operand => {
    if (typeof a === "number" && typeof b === "number") return compute(a, b);
    return b === neutral ? a : op(name, a, b);
  };
/** Address arithmetic; constants are folded. */
export const i32 = {
  add: fold("i32.add", (a, b) => (a + b) | 0, 0),
  sub: fold("i32.sub", (a, b) => (a - b) | 0, 0),
  mul: fold("i32.mul", Math.imul, 1),
};
