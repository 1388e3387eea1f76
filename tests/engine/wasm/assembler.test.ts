import { expect, test } from "vitest";
import {
  call,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i64,
  i64x2,
  lane,
  load,
  ModuleBuilder,
  type Operand,
  op,
  shuffle32,
  shuffle64,
  type Type,
} from "../../../src/engine/wasm/assembler.ts";
import { Bytes } from "../../../src/engine/wasm/bytes.ts";
import { INSTRUCTIONS, type Instruction, MEMORY_INSTRUCTIONS } from "../../../src/engine/wasm/instructions.ts";

const memory = new WebAssembly.Memory({ initial: 1 });
function instantiate(m: ModuleBuilder): Record<string, (...args: (number | bigint)[]) => number> {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory } });
  return instance.exports as Record<string, (...args: (number | bigint)[]) => number>;
}

test("LEB128 agrees with the examples of the DWARF and WebAssembly specifications", () => {
  const encode = (write: (b: Bytes) => void) => {
    const b = new Bytes();
    write(b);
    return [...b.view8()];
  };
  expect(encode((b) => b.unsigned(624485))).toEqual([0xe5, 0x8e, 0x26]);
  expect(encode((b) => b.unsigned(127))).toEqual([0x7f]);
  expect(encode((b) => b.unsigned(128))).toEqual([0x80, 1]);
  expect(encode((b) => b.signed(-123456))).toEqual([0xc0, 0xbb, 0x78]);
  expect(encode((b) => b.signed(64))).toEqual([0xc0, 0]);
  expect(encode((b) => b.signed(-65))).toEqual([0xbf, 0x7f]);
  expect(encode((b) => b.signed64(-123456n))).toEqual([0xc0, 0xbb, 0x78]);
});

test("integer constants of every length arrive unchanged", () => {
  const values = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)];
  const m = new ModuleBuilder();
  for (const v of values) {
    m.function(`a${v}`, [], ["i32"], (f) => f.push(v), { export: true });
    m.function(`b${v}`, [], ["i64"], (f) => f.push(i64(BigInt(v) << 32n)), { export: true });
  }
  const e = instantiate(m);
  for (const v of values) {
    expect(e[`a${v}`]!()).toBe(v);
    expect(e[`b${v}`]!()).toBe(BigInt(v) << 32n);
  }
});

test("every scalar instruction computes what its name says", () => {
  const int = [7, -3, 0x7fffffff, 5, -(2 ** 31), 1];
  const real = [1.5, -2.25, 1e10, -0.5, 3, 0.125];
  const u = (x: number) => x >>> 0;
  const expected: Partial<Record<Instruction, (a: number, b: number) => number>> = {
    "i32.add": (a, b) => (a + b) | 0, "i32.sub": (a, b) => (a - b) | 0, "i32.mul": Math.imul,
    "i32.div_s": (a, b) => (a / b) | 0, "i32.div_u": (a, b) => (u(a) / u(b)) | 0,
    "i32.rem_s": (a, b) => (a % b) | 0, "i32.rem_u": (a, b) => (u(a) % u(b)) | 0,
    "i32.and": (a, b) => a & b, "i32.or": (a, b) => a | b, "i32.xor": (a, b) => a ^ b,
    "i32.shl": (a, b) => a << b, "i32.shr_s": (a, b) => a >> b, "i32.shr_u": (a, b) => (a >>> b) | 0,
    "i32.rotl": (a, b) => (a << b) | (a >>> -b), "i32.rotr": (a, b) => (a >>> b) | (a << -b),
    "i32.eq": (a, b) => +(a === b), "i32.ne": (a, b) => +(a !== b),
    "i32.lt_s": (a, b) => +(a < b), "i32.lt_u": (a, b) => +(u(a) < u(b)),
    "i32.gt_s": (a, b) => +(a > b), "i32.gt_u": (a, b) => +(u(a) > u(b)),
    "i32.le_s": (a, b) => +(a <= b), "i32.le_u": (a, b) => +(u(a) <= u(b)),
    "i32.ge_s": (a, b) => +(a >= b), "i32.ge_u": (a, b) => +(u(a) >= u(b)),
    "f64.add": (a, b) => a + b, "f64.sub": (a, b) => a - b, "f64.mul": (a, b) => a * b, "f64.div": (a, b) => a / b,
    "f64.min": Math.min, "f64.max": Math.max, "f64.copysign": (a, b) => Math.sign(b) * Math.abs(a),
    "f64.eq": (a, b) => +(a === b), "f64.ne": (a, b) => +(a !== b), "f64.lt": (a, b) => +(a < b),
    "f64.gt": (a, b) => +(a > b), "f64.le": (a, b) => +(a <= b), "f64.ge": (a, b) => +(a >= b),
  }; // biome-ignore format: a table
  const unary: Partial<Record<Instruction, (a: number) => number>> = {
    "f64.abs": Math.abs, "f64.neg": (a) => -a, "f64.ceil": Math.ceil, "f64.floor": Math.floor,
    "f64.trunc": Math.trunc, "f64.sqrt": Math.sqrt, "i32.clz": Math.clz32, "i32.eqz": (a) => +(a === 0),
    "i32.trunc_f64_s": Math.trunc, "f64.convert_i32_s": (a) => a, "f64.convert_i32_u": u,
  }; // biome-ignore format: a table
  const m = new ModuleBuilder();
  const resultType = (name: string): Type =>
    name.startsWith("i32") || /\.(eq|ne|[lg][te])$/.test(name) ? "i32" : "f64";
  const paramType = (name: string): Type =>
    name.endsWith("f64_s") ? "f64" : name.includes("convert_i32") ? "i32" : (name.slice(0, 3) as Type);
  for (const name of Object.keys(expected) as Instruction[])
    m.function(name, [paramType(name), paramType(name)], [resultType(name)], (f, a, b) => f.push(op(name, a, b)), {
      export: true,
    });
  for (const name of Object.keys(unary) as Instruction[])
    m.function(name, [paramType(name)], [resultType(name)], (f, a) => f.push(op(name, a)), { export: true });
  const e = instantiate(m);
  for (const [name, want] of Object.entries(expected))
    for (const a of name.startsWith("i32") ? int : real)
      for (const b of name.startsWith("i32") ? int : real) {
        if (name === "i32.div_s" && a === -(2 ** 31) && b === -1) continue;
        expect(e[name]!(a, b), `${name} ${a} ${b}`).toBe(want(a, b));
      }
  for (const [name, want] of Object.entries(unary))
    for (const a of paramType(name) === "i32" ? int : real.filter((x) => Math.abs(x) < 1e9))
      expect(e[name]!(a) + 0, `${name} ${a}`).toBe(want(a) + 0);
});

/** Runs one vector expression and reads its 16 bytes. */
function vector(value: Operand, relaxed = false): DataView {
  const m = new ModuleBuilder({ relaxed });
  m.function("run", [], [], (f) => f.store("v128.store", 0, value, 64), { export: true });
  instantiate(m).run!();
  return new DataView(memory.buffer.slice(64, 80));
}
const asF32 = (value: Operand) => [0, 4, 8, 12].map((i) => vector(value).getFloat32(i, true));
const asF64 = (value: Operand) => [0, 8].map((i) => vector(value).getFloat64(i, true));
const asI32 = (value: Operand) => [0, 4, 8, 12].map((i) => vector(value).getInt32(i, true));
const asI64 = (value: Operand) => [0, 8].map((i) => vector(value).getBigInt64(i, true));

test("vector arithmetic, comparison, conversion and lanes", () => {
  const a = f32x4(1, -2, 3.5, 100);
  const b = f32x4(4, 0.5, -1, 7);
  expect(asF32(op("f32x4.add", a, b))).toEqual([5, -1.5, 2.5, 107]);
  expect(asF32(op("f32x4.sub", a, b))).toEqual([-3, -2.5, 4.5, 93]);
  expect(asF32(op("f32x4.mul", a, b))).toEqual([4, -1, -3.5, 700]);
  expect(asF32(op("f32x4.div", a, f32x4(2)))).toEqual([0.5, -1, 1.75, 50]);
  expect(asF32(op("f32x4.min", a, b))).toEqual([1, -2, -1, 7]);
  expect(asF32(op("f32x4.max", a, b))).toEqual([4, 0.5, 3.5, 100]);
  expect(asF32(op("f32x4.abs", a))).toEqual([1, 2, 3.5, 100]);
  expect(asF32(op("f32x4.neg", a))).toEqual([-1, 2, -3.5, -100]);
  expect(asF32(op("f32x4.sqrt", f32x4(4, 9, 16, 25)))).toEqual([2, 3, 4, 5]);
  expect(asF32(op("f32x4.nearest", f32x4(0.5, 1.5, -2.6, 2.4)))).toEqual([0, 2, -3, 2]);
  expect(asF32(op("f32x4.floor", f32x4(0.5, 1.5, -2.6, 2.4)))).toEqual([0, 1, -3, 2]);
  expect(asF32(op("f32x4.ceil", f32x4(0.5, 1.5, -2.6, 2.4)))).toEqual([1, 2, -2, 3]);
  expect(asF32(op("f32x4.trunc", f32x4(0.5, 1.5, -2.6, 2.4)))).toEqual([0, 1, -2, 2]);
  expect(asI32(op("f32x4.lt", a, b))).toEqual([-1, -1, 0, 0]);
  expect(asI32(op("f32x4.ge", a, b))).toEqual([0, 0, -1, -1]);
  expect(asI32(op("f32x4.eq", a, f32x4(1)))).toEqual([-1, 0, 0, 0]);
  expect(asF32(op("v128.bitselect", a, b, op("f32x4.gt", a, b)))).toEqual([4, 0.5, 3.5, 100]);
  const c = f64x2(1.5, -7);
  const d = f64x2(0.25, 2);
  expect(asF64(op("f64x2.add", c, d))).toEqual([1.75, -5]);
  expect(asF64(op("f64x2.sub", c, d))).toEqual([1.25, -9]);
  expect(asF64(op("f64x2.mul", c, d))).toEqual([0.375, -14]);
  expect(asF64(op("f64x2.div", c, d))).toEqual([6, -3.5]);
  expect(asF64(op("f64x2.nearest", f64x2(2.5, -1.5)))).toEqual([2, -2]);
  expect(asF64(op("f64x2.floor", f64x2(2.5, -1.5)))).toEqual([2, -2]);
  expect(asF64(op("f64x2.ceil", f64x2(2.5, -1.5)))).toEqual([3, -1]);
  expect(asF64(op("f64x2.trunc", f64x2(2.5, -1.5)))).toEqual([2, -1]);
  expect(asF64(op("f64x2.sqrt", f64x2(2.25, 49)))).toEqual([1.5, 7]);
  expect(asF64(op("f64x2.max", c, d))).toEqual([1.5, 2]);
  expect(asI64(op("f64x2.le", c, d))).toEqual([0n, -1n]);
  const i = i32x4(1, -2, 0x7fffffff, 12);
  expect(asI32(op("i32x4.add", i, i32x4(1)))).toEqual([2, -1, -(2 ** 31), 13]);
  expect(asI32(op("i32x4.sub", i, i32x4(3)))).toEqual([-2, -5, 0x7ffffffc, 9]);
  expect(asI32(op("i32x4.mul", i, i32x4(3)))).toEqual([3, -6, 0x7ffffffd, 36]);
  expect(asI32(op("i32x4.shl", i, 4))).toEqual([16, -32, -16, 192]);
  expect(asI32(op("i32x4.shr_u", i, 4))).toEqual([0, 0x0fffffff, 0x07ffffff, 0]);
  expect(asI32(op("i32x4.shr_s", i, 1))).toEqual([0, -1, 0x3fffffff, 6]);
  expect(asI32(op("i32x4.gt_s", i, i32x4(0)))).toEqual([-1, 0, -1, -1]);
  expect(asI32(op("i32x4.lt_u", i, i32x4(5)))).toEqual([-1, 0, 0, 0]);
  expect(asF32(op("f32x4.convert_i32x4_s", i32x4(1, -2, 3, -4)))).toEqual([1, -2, 3, -4]);
  expect(asF32(op("f32x4.convert_i32x4_u", i32x4(1, -1, 3, 4)))).toEqual([1, 2 ** 32, 3, 4]);
  expect(asI32(op("i32x4.trunc_sat_f32x4_s", f32x4(1.9, -2.9, 1e20, NaN)))).toEqual([1, -2, 0x7fffffff, 0]);
  expect(asI32(op("i32x4.trunc_sat_f64x2_s_zero", f64x2(1.9, -2.9)))).toEqual([1, -2, 0, 0]);
  expect(asF64(op("f64x2.convert_low_i32x4_s", i32x4(5, -6, 0, 0)))).toEqual([5, -6]);
  expect(asF64(op("f64x2.convert_low_i32x4_u", i32x4(5, -1, 0, 0)))).toEqual([5, 2 ** 32 - 1]);
  expect(asF64(op("f64x2.promote_low_f32x4", a))).toEqual([1, -2]);
  expect(asF32(op("f32x4.demote_f64x2_zero", f64x2(0.5, 7)))).toEqual([0.5, 7, 0, 0]);
  expect(asI64(op("i64x2.extmul_low_i32x4_u", i32x4(-1, 7, 0, 0), i32x4(-1, 6, 0, 0)))).toEqual([
    BigInt.asIntN(64, 0xffffffffn * 0xffffffffn),
    42n,
  ]);
  expect(asI64(op("i64x2.extmul_high_i32x4_s", i32x4(0, 0, -3, 7), i32x4(0, 0, 5, 6)))).toEqual([-15n, 42n]);
  expect(asI64(op("i64x2.add", i64x2(1n, -1n), i64x2(1n << 40n)))).toEqual([(1n << 40n) + 1n, (1n << 40n) - 1n]);
  expect(asI64(op("i64x2.shl", i64x2(3n), 40))).toEqual([3n << 40n, 3n << 40n]);
  expect(asI64(op("i64x2.mul", i64x2(3n, -4n), i64x2(5n)))).toEqual([15n, -20n]);
  expect(asI64(op("i64x2.extend_low_i32x4_u", i32x4(-1, 2, 3, 4)))).toEqual([0xffffffffn, 2n]);
  expect(asF32(shuffle32(a, b, [3, 4, 0, 7]))).toEqual([100, 4, 1, 7]);
  expect(asF64(shuffle64(c, d, [1, 2]))).toEqual([-7, 0.25]);
  expect(asF32(lane("f32x4.replace_lane", 2, a, f32(9)))).toEqual([1, -2, 9, 100]);
  expect(asF64(op("f64x2.splat", lane("f64x2.extract_lane", 1, c)))).toEqual([-7, -7]);
  expect(asF64(op("f64x2.splat", f64(0.1)))).toEqual([0.1, 0.1]);
  expect(asI32(op("v128.andnot", i32x4(7), i32x4(2)))).toEqual([5, 5, 5, 5]);
  expect(asI32(op("v128.xor", i32x4(7), i32x4(2)))).toEqual([5, 5, 5, 5]);
});

test("loads and stores with offsets", () => {
  const m = new ModuleBuilder();
  m.function(
    "splat",
    ["i32"],
    [],
    (f, p) => {
      f.store("v128.store", p, load("v128.load32_splat", p, 4), 1000);
      f.store("v128.store", p, load("v128.load64_splat", p, 8), 1016);
      f.store("v128.store", p, load("v128.load32_zero", p, 4), 1032);
      f.store("i32.store8", p, load("i32.load8_u", p, 4), 1048);
      f.store("f64.store", p, load("f64.load", p, 8), 1056);
    },
    { export: true },
  );
  const view = new DataView(memory.buffer);
  view.setInt32(204, 0x01020304, true);
  view.setFloat64(208, 0.3, true);
  instantiate(m).splat!(200);
  expect([1200, 1204, 1208, 1212].map((p) => view.getInt32(p, true))).toEqual(Array(4).fill(0x01020304));
  expect([1216, 1224].map((p) => view.getFloat64(p, true))).toEqual([0.3, 0.3]);
  expect([1232, 1236, 1244].map((p) => view.getInt32(p, true))).toEqual([0x01020304, 0, 0]);
  expect(view.getUint8(1248)).toBe(4);
  expect(view.getFloat64(1256, true)).toBe(0.3);
});

test("loops, branches, calls, memoised and nested declarations", () => {
  const m = new ModuleBuilder();
  const square = (module: ModuleBuilder) =>
    module.once("square", () => module.function("square", ["i32"], ["i32"], (f, x) => f.push(i32.mul(x, x))));
  m.function(
    "sumOfSquares",
    ["i32"],
    ["i32"],
    (f, n) => {
      const i = f.local("i32");
      const sum = f.local("i32");
      f.for(i, 0, n, 1, () => f.set(sum, i32.add(sum, call(square(m), i))));
      f.push(sum);
    },
    { export: true },
  );
  m.function(
    "collatz",
    ["i32"],
    ["i32"],
    (f, n) => {
      const steps = f.local("i32");
      f.block((done) =>
        f.loop((again) => {
          f.br(done, op("i32.le_u", n, 1));
          f.if(
            op("i32.and", n, 1),
            () => f.set(n, i32.add(i32.mul(n, 3), 1)),
            () => f.set(n, op("i32.shr_u", n, 1)),
          );
          f.set(steps, i32.add(steps, 1));
          f.br(again);
        }),
      );
      f.push(steps);
    },
    { export: true },
  );
  m.function(
    "constantLoops",
    [],
    ["i32"],
    (f) => {
      const i = f.local("i32");
      const sum = f.local("i32");
      for (const [from, to] of [
        [0, 10],
        [3, 4],
        [5, 5],
      ] as const)
        f.for(i, from, to, 3, () => f.set(sum, i32.add(sum, i)));
      f.return(sum);
    },
    { export: true },
  );
  expect(square(m)).toBe(square(m));
  m.export("squareOf", square(m));
  const e = instantiate(m);
  expect(e.sumOfSquares!(0)).toBe(0);
  expect(e.sumOfSquares!(11)).toBe(385);
  expect(e.collatz!(27)).toBe(111);
  expect(e.constantLoops!()).toBe(0 + 3 + 6 + 9 + 3);
  expect(e.squareOf!(12)).toBe(144);
});

test("locals of one scope serve the next, not those around it", () => {
  const m = new ModuleBuilder();
  m.function(
    "run",
    ["i32"],
    ["i32"],
    (f, x) => {
      const outer = f.local("i32", x);
      const used: number[] = [];
      for (const add of [1, 10])
        f.scope(() => {
          const inner = f.local("i32", i32.add(outer, add));
          const nested = f.local("i32");
          used.push(inner.index, nested.index);
          f.scope(() => expect(used).not.toContain(f.local("f32").index));
          f.set(outer, inner);
        });
      expect(new Set(used).size).toBe(2);
      expect(used).not.toContain(f.local("i32").index);
      f.push(outer);
    },
    { export: true },
  );
  expect(instantiate(m).run!(5)).toBe(16);
});

test("shared memory with a maximum is imported", () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  const m = new ModuleBuilder({ memory: { initial: 1, maximum: 4, shared: true } });
  m.function("set", [], [], (f) => f.store("i32.store", 0, 42, 8), { export: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory: shared } });
  (exports.set as () => void)();
  expect(new Int32Array(shared.buffer)[2]).toBe(42);
});

test("no two instructions share an opcode, and a large module is written in milliseconds", () => {
  const codes = [...Object.values(INSTRUCTIONS), ...Object.values(MEMORY_INSTRUCTIONS).map(([code]) => code)];
  expect(new Set(codes).size).toBe(codes.length);
  const write = () => {
    const m = new ModuleBuilder();
    for (let k = 0; k < 20; k++)
      m.function(`f${k}`, ["i32"], [], (f, p) => {
        for (let i = 0; i < 75; i++)
          f.store(
            "v128.store",
            p,
            op("f32x4.mul", load("v128.load", p, 16 * i), load("v128.load", p, 16 * i + 16)),
            16 * i,
          );
      });
    return m.finish();
  };
  for (let k = 0; k < 20; k++) write();
  const bytes = write();
  expect(bytes.length).toBeGreaterThan(15000);
  expect(WebAssembly.validate(bytes)).toBe(true);
});

test("repeated code runs as often as it was asked for, also with locals of a scope", () => {
  const m = new ModuleBuilder();
  m.function(
    "powers",
    ["i32"],
    ["i32"],
    (f, x) => {
      const power = f.local("i32", 1);
      f.repeat(5, () =>
        f.scope(() => {
          const next = f.local("i32", i32.mul(power, x));
          f.set(power, next);
        }),
      );
      f.push(power);
    },
    { export: true },
  );
  expect(instantiate(m).powers!(3)).toBe(243);
});
