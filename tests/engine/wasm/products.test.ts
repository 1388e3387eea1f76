import { setFlagsFromString } from "node:v8";
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../../src/engine/random.ts";
import { ModuleBuilder } from "../../../src/engine/wasm/assembler.ts";
import { emitPack, emitProduct } from "../../../src/engine/wasm/gemm.ts";
import { emitBiasGradient, emitWeightGradient } from "../../../src/engine/wasm/gradients.ts";
import type { Precision } from "../../../src/engine/wasm/vector.ts";

setFlagsFromString("--experimental-wasm-relaxed-simd");

const memory = new WebAssembly.Memory({ initial: 64 });
type Exports = Record<string, (...args: number[]) => void>;
const instantiate = (m: ModuleBuilder) =>
  new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory } }).exports as Exports;

const modes = [
  ["f32", true],
  ["f32", false],
  ["f64", true],
  ["f64", false],
] as const satisfies readonly (readonly [Precision, boolean])[];

/** Small integers: every order of summation, and every precision, gives the exact result. */
const integers = (stream: RandomStream, n: number) => Array.from({ length: n }, () => stream.integer(15) - 7);
const view = (precision: Precision, address: number, length: number) =>
  precision === "f32"
    ? new Float32Array(memory.buffer, address, length)
    : new Float64Array(memory.buffer, address, length);

const A = 1 << 16;
const PACKED = 1 << 18;
const X = 1 << 19;
const Y = 1 << 20;
const G = 3 << 20;

describe.each(modes)("%s, relaxed %s", (precision, relaxed) => {
  test("Y = A X, Y += A X and X += A' Y equal the exact sums, for every remainder of rows, columns and lanes", () => {
    const stream = new RandomStream(1, "products");
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 25];
    for (const rows of sizes)
      for (const [columns, lanes] of [
        [1, 8],
        [2, 4],
        [3, 32],
        [7, 24],
        [10, 5],
        [16, 7],
        [33, 40],
        [5, 1],
      ] as const) {
        const m = new ModuleBuilder({ relaxed });
        const shape = { precision, rows, columns, lanes };
        m.export("pack", emitPack(m, shape));
        m.export("packT", emitPack(m, { ...shape, transpose: true }));
        m.export("product", emitProduct(m, shape));
        m.export("add", emitProduct(m, { ...shape, accumulate: true }));
        m.export("adjoint", emitProduct(m, { precision, rows: columns, columns: rows, lanes, accumulate: true }));
        const e = instantiate(m);
        const a = integers(stream, rows * columns);
        const x = integers(stream, columns * lanes);
        view(precision, A, a.length).set(a);
        view(precision, X, x.length).set(x);
        const y = view(precision, Y, rows * lanes + 8).fill(99);
        const expected = Array.from({ length: rows * lanes }, (_, i) => {
          const [r, l] = [Math.floor(i / lanes), i % lanes];
          let sum = 0;
          for (let k = 0; k < columns; k++) sum += a[r * columns + k]! * x[k * lanes + l]!;
          return sum;
        });
        const where = `${rows} × ${columns}, ${lanes} lanes`;
        const border = Array(8).fill(99);
        e.pack!(A, PACKED);
        e.product!(PACKED, X, Y);
        expect([...y], where).toEqual([...expected, ...border]);
        e.add!(PACKED, X, Y);
        expect([...y], where).toEqual([...expected.map((v) => 2 * v), ...border]);
        const adjoint = x.map((v, i) => {
          const [k, l] = [Math.floor(i / lanes), i % lanes];
          let sum = v;
          for (let r = 0; r < rows; r++) sum += a[r * columns + k]! * 2 * expected[r * lanes + l]!;
          return sum;
        });
        e.packT!(A, PACKED);
        e.adjoint!(PACKED, Y, X);
        expect([...view(precision, X, x.length)], where).toEqual(adjoint);
      }
  });

  test("G += Σ C X' and g += Σ C over steps and lanes equal the exact sums, forwards and backwards in time", () => {
    const stream = new RandomStream(2, "gradients");
    for (const [rows, columns] of [
      [1, 1],
      [1, 9],
      [9, 1],
      [2, 5],
      [5, 2],
      [3, 3],
      [4, 4],
      [7, 8],
      [10, 13],
      [6, 17],
    ] as const)
      for (const [lanes, steps] of [
        [8, 3],
        [4, 1],
        [24, 5],
        [32, 0],
      ] as const) {
        const m = new ModuleBuilder({ relaxed });
        m.export("weights", emitWeightGradient(m, { precision, rows, columns, lanes }));
        m.export("bias", emitBiasGradient(m, { precision, rows, lanes }));
        const e = instantiate(m);
        const bytes = precision === "f32" ? 4 : 8;
        const c = integers(stream, steps * rows * lanes);
        const x = integers(stream, steps * columns * lanes);
        view(precision, X, c.length).set(c);
        view(precision, Y, x.length).set(x);
        const g0 = integers(stream, rows * columns);
        const g = view(precision, G, rows * columns + 4);
        g.set([...g0, 99, 99, 99, 99]);
        const expected = g0.map((start, i) => {
          const [r, k] = [Math.floor(i / columns), i % columns];
          let sum = start;
          for (let t = 0; t < steps; t++)
            for (let l = 0; l < lanes; l++)
              sum += c[(t * rows + r) * lanes + l]! * x[((steps - 1 - t) * columns + k) * lanes + l]!;
          return sum;
        });
        // C runs forwards, X backwards.
        const xStride = columns * lanes * bytes;
        e.weights!(G, X, rows * lanes * bytes, Y + (steps - 1) * xStride, -xStride, steps);
        const where = `${rows} × ${columns}, ${lanes} lanes, ${steps} steps`;
        expect([...g], where).toEqual([...expected, 99, 99, 99, 99]);
        g.fill(5);
        e.bias!(G, X, rows * lanes * bytes, steps);
        const sums = Array.from({ length: rows }, (_, r) =>
          c.reduce((sum, v, i) => sum + (Math.floor(i / lanes) % rows === r ? v : 0), 5),
        );
        expect([...g.subarray(0, rows + 1)], where).toEqual([...sums, 5]);
      }
  });

  test("long gradients are cut into chunks of steps without losing one", () => {
    const [rows, columns, lanes, steps] = [3, 200, 8, 100];
    const bytes = precision === "f32" ? 4 : 8;
    const m = new ModuleBuilder({ relaxed });
    m.export("weights", emitWeightGradient(m, { precision, rows, columns, lanes }));
    const c = view(precision, X, steps * rows * lanes).fill(1);
    const x = view(precision, Y, steps * columns * lanes);
    for (let i = 0; i < x.length; i++) x[i] = (i / (columns * lanes)) | 0;
    const g = view(precision, A, rows * columns).fill(0);
    instantiate(m).weights!(A, X, rows * lanes * bytes, Y, columns * lanes * bytes, steps);
    expect(c.length * bytes).toBeLessThan(Y - X);
    expect([...g]).toEqual(Array(rows * columns).fill((lanes * steps * (steps - 1)) / 2));
  });

  test("rounding stays within that of a chain of multiply-adds", () => {
    const [rows, columns, lanes] = [17, 300, 16];
    const stream = new RandomStream(3, "rounding");
    const shape = { precision, rows, columns, lanes };
    const m = new ModuleBuilder({ relaxed });
    m.export("pack", emitPack(m, shape));
    m.export("product", emitProduct(m, shape));
    const e = instantiate(m);
    const a = view(precision, A, rows * columns);
    const x = view(precision, X, columns * lanes);
    for (const array of [a, x]) for (let i = 0; i < array.length; i++) array[i] = stream.normal();
    e.pack!(A, PACKED);
    e.product!(PACKED, X, Y);
    const y = view(precision, Y, rows * lanes);
    const unit = precision === "f32" ? 2 ** -24 : 2 ** -53;
    for (let r = 0; r < rows; r++)
      for (let l = 0; l < lanes; l++) {
        // Exact products of two f32 and nearly exact sums; for f64 the reference rounds as much as what it checks.
        let sum = 0;
        let size = 0;
        for (let k = 0; k < columns; k++) {
          const term = a[r * columns + k]! * x[k * lanes + l]!;
          sum += term;
          size += Math.abs(term);
        }
        expect(Math.abs(y[r * lanes + l]! - sum)).toBeLessThan(2 * columns * unit * size);
      }
  });
});
