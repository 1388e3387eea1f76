import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { i32x4, load, ModuleBuilder, type Operand, op } from "../../../src/engine/wasm/assembler.ts";
import { INSTRUCTIONS, type Instruction } from "../../../src/engine/wasm/instructions.ts";
import { vector } from "../../../src/engine/wasm/vector.ts";

setFlagsFromString("--experimental-wasm-relaxed-simd");
const memory = new WebAssembly.Memory({ initial: 1 });

/** Runs `value` of the vectors at 0 and 16 and leaves it at 32. */
function run(value: (a: Operand, b: Operand) => Operand): void {
  const m = new ModuleBuilder();
  m.function("run", [], [], (f) => f.store("v128.store", 0, value(load("v128.load", 0), load("v128.load", 16)), 32), {
    export: true,
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory } });
  (exports.run as () => void)();
}

type Model = (a: number, b: number) => number;
const even = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
const floats: Record<string, Model> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b,
  min: Math.min, max: Math.max, pmin: (a, b) => [a, b][+(b < a)]!, pmax: (a, b) => [a, b][+(a < b)]!,
  abs: Math.abs, neg: (a) => -a, sqrt: Math.sqrt, ceil: Math.ceil, floor: Math.floor, trunc: Math.trunc, nearest: even,
}; // biome-ignore format: a table
const comparisons: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b, ne: (a, b) => a !== b, lt: (a, b) => a < b, gt: (a, b) => a > b, le: (a, b) => a <= b, ge: (a, b) => a >= b,
}; // biome-ignore format: a table

const samples = [1.5, -2, 0, -0, 3.25, -0.5, 2.5, 1e10, -7, Number.POSITIVE_INFINITY, Number.NaN, 0.5];

test.each(["f32x4", "f64x2"] as const)("%s: every lane-wise instruction computes what its name says", (type) => {
  const Data = type === "f32x4" ? Float32Array : Float64Array;
  const Mask = type === "f32x4" ? Int32Array : BigInt64Array;
  const width = type === "f32x4" ? 4 : 2;
  const a = new Data(memory.buffer, 0, width);
  const b = new Data(memory.buffer, 16, width);
  const out = new Data(memory.buffer, 32, width);
  const mask = new Mask(memory.buffer, 32, width);
  const round = (x: number) => (type === "f32x4" ? Math.fround(x) : x);
  for (const [name, model] of Object.entries(floats)) {
    const instruction = `${type}.${name}` as Instruction;
    const operands = ["abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"].includes(name) ? 1 : 2;
    for (let i = 0; i < samples.length; i++)
      for (let j = 0; j < samples.length; j += width) {
        a.fill(samples[i]!);
        b.set(samples.slice(j, j + width));
        run((x, y) => op(instruction, ...(operands === 1 ? [x] : [x, y])));
        out.forEach((got, k) => {
          expect(got, `${instruction} ${a[k]} ${b[k]}`).toBe(round(model(a[k]!, b[k]!)));
        });
      }
  }
  for (const [name, model] of Object.entries(comparisons))
    for (let i = 0; i < samples.length; i++) {
      a.fill(samples[i]!);
      b.set(samples.slice(i % 3, (i % 3) + width));
      run((x, y) => op(`${type}.${name}` as Instruction, x, y));
      mask.forEach((got, k) => {
        expect(Number(got), `${type}.${name} ${a[k]} ${b[k]}`).toBe(model(a[k]!, b[k]!) ? -1 : 0);
      });
    }
});

test("i32x4 and i64x2: every lane-wise instruction of two operands computes what its name says", () => {
  const signed: Record<string, (a: bigint, b: bigint) => bigint> = {
    add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b,
    min_s: (a, b) => [a, b][+(b < a)]!, max_s: (a, b) => [a, b][+(a < b)]!,
    eq: (a, b) => -BigInt(a === b), ne: (a, b) => -BigInt(a !== b), lt_s: (a, b) => -BigInt(a < b),
    gt_s: (a, b) => -BigInt(a > b), le_s: (a, b) => -BigInt(a <= b), ge_s: (a, b) => -BigInt(a >= b),
  }; // biome-ignore format: a table
  let checked = 0;
  for (const [bits, width] of [
    [32, 4],
    [64, 2],
  ] as const) {
    const type = bits === 32 ? "i32x4" : "i64x2";
    const values = [0n, 1n, -1n, 12345n, -777n, 2n ** BigInt(bits - 1) - 1n, -(2n ** BigInt(bits - 1))];
    const view = new DataView(memory.buffer);
    const write = (at: number, x: bigint) =>
      bits === 32 ? view.setInt32(at, Number(x), true) : view.setBigInt64(at, x, true);
    const read = (at: number) => (bits === 32 ? BigInt(view.getInt32(at, true)) : view.getBigInt64(at, true));
    for (const name of Object.keys(INSTRUCTIONS) as Instruction[]) {
      const [prefix, operation = ""] = name.split(".");
      const unsigned = operation.endsWith("_u");
      const model = signed[operation] ?? signed[operation.replace("_u", "_s")];
      if (prefix !== type || !model) continue;
      checked++;
      for (const a of values)
        for (const b of values) {
          for (let k = 0; k < width; k++) {
            write((k * bits) / 8, a);
            write(16 + (k * bits) / 8, b);
          }
          run((x, y) => op(name, x, y));
          const view = (x: bigint) => (unsigned ? BigInt.asUintN(bits, x) : x);
          expect(read(32 + 16 - bits / 8), `${name} ${a} ${b}`).toBe(BigInt.asIntN(bits, model(view(a), view(b))));
        }
    }
  }
  expect(checked).toBe(26);
});

test("relaxed multiply-add is a b + c and c - a b, relaxed selection selects", () => {
  for (const precision of ["f32", "f64"] as const)
    for (const relaxed of [true, false]) {
      const v = vector(precision, relaxed);
      const Data = precision === "f32" ? Float32Array : Float64Array;
      const out = new Data(memory.buffer, 32, v.width);
      run(() => v.madd(3, 5, 0.5));
      expect([...out]).toEqual(Array(v.width).fill(15.5));
      run(() => v.nmadd(3, 5, 0.5));
      expect([...out]).toEqual(Array(v.width).fill(-14.5));
      run(() => v.select(v.lt(1, 2), 7, 8));
      expect([...out]).toEqual(Array(v.width).fill(7));
      run(() => v.andnot(v.bits(7n), v.bits(2n)));
      expect(new Int32Array(memory.buffer)[8]).toBe(5);
      run((x) => (f) => {
        const sum = f.local("v128", x);
        f.push(v.sumLanes(sum));
      });
      const input = [...new Data(memory.buffer, 0, v.width)];
      expect([...out]).toEqual(Array(v.width).fill(input.reduce((s, x) => s + x)));
    }
  run(() => op("i32x4.relaxed_laneselect", i32x4(1), i32x4(2), i32x4(-1, 0, -1, 0)));
  expect([...new Int32Array(memory.buffer, 32, 4)]).toEqual([1, 2, 1, 2]);
});
