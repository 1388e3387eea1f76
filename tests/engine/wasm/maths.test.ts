import { setFlagsFromString } from "node:v8";
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../../src/engine/random.ts";
import { call, i32, ModuleBuilder } from "../../../src/engine/wasm/assembler.ts";
import { emitMaths, type MathsName, mathsInline } from "../../../src/engine/wasm/maths.ts";
import { type Precision, vector } from "../../../src/engine/wasm/vector.ts";

setFlagsFromString("--experimental-wasm-relaxed-simd");

const COUNT = 1 << 15;
const memory = new WebAssembly.Memory({ initial: 16 });
const [A, B, OUT] = [0, 8 * COUNT, 16 * COUNT];

/** Applies a function to arrays in the engine's memory, rounding the arguments to the precision in place. */
function apply(precision: Precision, relaxed: boolean, name: MathsName, form: "inline" | "call", ...args: number[][]) {
  const m = new ModuleBuilder({ relaxed });
  const v = vector(precision, relaxed);
  m.function(
    "run",
    ["i32"],
    [],
    (f, bytes) => {
      const i = f.local("i32");
      f.for(i, 0, bytes, 16, () => {
        const xs = args.map((_, k) => v.load(i, k === 0 ? A : B));
        const value = form === "inline" ? mathsInline(name, v, ...xs) : call(emitMaths(m, name, precision), ...xs);
        f.push(v.store(i32.add(i, OUT), value));
      });
    },
    { export: true },
  );
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory } }).exports;
  const Data = precision === "f32" ? Float32Array : Float64Array;
  const inputs = args.map((values, k) => {
    const data = new Data(memory.buffer, k === 0 ? A : B, values.length);
    data.set(values);
    return data;
  });
  (run as (bytes: number) => void)(Math.ceil((args[0]!.length * v.bytes) / 16) * 16);
  return { inputs, out: new Data(memory.buffer, OUT, args[0]!.length) };
}

/** erf by its Maclaurin series in fixed point with 400 bits, to full double precision. */
const erfExact = (() => {
  const BITS = 400n;
  const one = 1n << BITS;
  const arctanInverse = (n: bigint) => {
    let sum = 0n;
    for (let k = 0n, power = one / n; power > 0n; k++, power /= n * n)
      sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n);
    return sum;
  };
  const pi = 4n * (4n * arctanInverse(5n) - arctanInverse(239n));
  const sqrt = (n: bigint) => {
    let x = 1n << BigInt((n.toString(2).length >> 1) + 1);
    for (;;) {
      const next = (x + n / x) >> 1n;
      if (next >= x) return x;
      x = next;
    }
  };
  const factor = (2n * one * one) / sqrt(pi << BITS);
  return (x: number) => {
    if (Math.abs(x) > 6.5) return Math.sign(x);
    if (Math.abs(x) < 2 ** -40) return (2 / Math.sqrt(Math.PI)) * x;
    const exact = BigInt(x * 2 ** 93) << (BITS - 93n);
    const z = (exact * exact) >> BITS;
    let sum = exact;
    for (let k = 1n, term = exact; term !== 0n; k++) {
      term = (-term * z) / (k << BITS);
      sum += term / (2n * k + 1n);
    }
    return Number((sum * factor) >> (2n * BITS - 200n)) / 2 ** 200;
  };
})();

const sigmoid = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const references: Record<Exclude<MathsName, "pow">, (x: number) => number> = {
  tanh: Math.tanh,
  sigmoid,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  erf: erfExact,
};
const names = Object.keys(references) as Exclude<MathsName, "pow">[];

/** Error in units in the last place of the exact result, subnormal spacing where the result is. */
function units(precision: Precision, got: number, exact: number): number {
  const rounded = precision === "f32" ? Math.fround(exact) : exact;
  if (Object.is(got, rounded)) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Number.POSITIVE_INFINITY;
  const [bits, least] = precision === "f32" ? [23, -126] : [52, -1022];
  return Math.abs(got - exact) / 2 ** (Math.max(Math.floor(Math.log2(Math.abs(exact))), least) - bits);
}

/** Arguments over the whole range of a function: moderate ones, all magnitudes, and the neighbourhood of its limits. */
function argumentsOf(name: MathsName, precision: Precision, count: number): number[] {
  const stream = new RandomStream(4, name);
  const sign = () => (name === "log" || stream.uniform() < 0.5 ? 1 : -1);
  const trigonometric = name === "sin" || name === "cos";
  const [least, most] = precision === "f32" ? [-148, 127] : [-1073, 1023];
  return Array.from({ length: count }, (_, i) => {
    if (i % 4 === 0) return sign() * stream.uniform(0, 10);
    if (i % 4 === 1) return sign() * 2 ** stream.uniform(-12, 3);
    if (trigonometric) {
      // Also next to the zeros.
      const x = stream.uniform(-1e5, 1e5);
      return i % 4 === 2 ? x : Math.round((2 * x) / Math.PI) * (Math.PI / 2);
    }
    if (i % 4 === 2) return sign() * stream.uniform(0, precision === "f32" ? 110 : 760);
    return sign() * 2 ** stream.uniform(least, most);
  });
}

describe.each([
  ["f32", true],
  ["f32", false],
  ["f64", true],
  ["f64", false],
] as const)("%s, relaxed %s", (precision, relaxed) => {
  // f64: 1e-14 is 45 units; the reference itself may be wrong by two.
  const allowed = precision === "f32" ? 4 : 8;

  test.each(names)("%s over its whole range", (name) => {
    const args = argumentsOf(name, precision, name === "erf" ? 2000 : COUNT);
    const { inputs, out } = apply(precision, relaxed, name, "inline", args);
    let worst = 0;
    let where = "";
    out.forEach((got, i) => {
      const x = inputs[0]![i]!;
      const error = units(precision, got, references[name](x));
      if (error > worst) {
        worst = error;
        where = `${name}(${x}) = ${got}, not ${references[name](x)}`;
      }
    });
    expect(worst, where).toBeLessThanOrEqual(allowed);
  });

  test.each(names)("%s at zeros, infinities, NaN and the ends of the range, in both forms", (name) => {
    const trigonometric = name === "sin" || name === "cos";
    const tiny = precision === "f32" ? [2 ** -149, 2 ** -126, 1e-20] : [5e-324, 2 ** -1022, 1e-200];
    const huge = precision === "f32" ? [88.7, 88.8, 103.9, 104.1, 1e30] : [709.7, 709.9, 745.1, 745.3, 1e300];
    const special = [0, ...tiny, ...(trigonometric ? [] : huge), Number.POSITIVE_INFINITY];
    const args = [...special, ...special.map((x) => -x), Number.NaN];
    const { inputs, out } = apply(precision, relaxed, name, "inline", args);
    const inline = [...out];
    inline.forEach((got, i) => {
      const x = inputs[0]![i]!;
      const exact = Number.isNaN(x) ? x : references[name](x);
      expect(units(precision, got, exact), `${name}(${x}) = ${got}, not ${exact}`).toBeLessThanOrEqual(allowed);
    });
    expect([...apply(precision, relaxed, name, "call", args).out]).toEqual(inline);
  });

  test("tanh and erf do not leave [-1, 1], the logistic function not [0, 1]", () => {
    const args = Array.from({ length: COUNT }, (_, i) => -40 + (80 * i) / COUNT);
    for (const name of ["tanh", "erf", "sigmoid"] as const) {
      const { out } = apply(precision, relaxed, name, "inline", args);
      expect(Math.max(...out), name).toBe(1);
      expect(Math.min(...out) >= (name === "sigmoid" ? 0 : -1), name).toBe(true);
    }
  });

  test("pow of random bases and exponents", () => {
    const stream = new RandomStream(5, "pow");
    const a: number[] = [];
    const b: number[] = [];
    const range = precision === "f32" ? 126 : 1022;
    for (let i = 0; i < COUNT; i++) {
      const log2 = i % 2 === 0 ? stream.uniform(-4, 4) : stream.uniform(-range, range);
      const whole = i % 3 === 0;
      const exponent = stream.uniform(-range, range) / Math.max(Math.abs(log2), 0.1);
      a.push((whole && stream.uniform() < 0.5 ? -1 : 1) * 2 ** log2);
      b.push(whole ? Math.round(exponent) : exponent);
    }
    const { inputs, out } = apply(precision, relaxed, "pow", "call", a, b);
    let worst = 0;
    let where = "";
    out.forEach((got, i) => {
      const [x, y] = [inputs[0]![i]!, inputs[1]![i]!];
      const error = units(precision, got, x ** y);
      if (error > worst) {
        worst = error;
        where = `${x} ^ ${y} = ${got}, not ${x ** y}`;
      }
    });
    expect(worst, where).toBeLessThanOrEqual(precision === "f32" ? 4 : 22);
  });

  test("pow of special values, as IEEE 754", () => {
    const inf = Number.POSITIVE_INFINITY;
    const values = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 4, inf, -inf, Number.NaN, 1.5, -1.5, 1e30, -1e30];
    const a = values.flatMap((x) => values.map(() => x));
    const b = values.flatMap(() => values);
    const { inputs, out } = apply(precision, relaxed, "pow", "inline", a, b);
    out.forEach((got, i) => {
      const [x, y] = [inputs[0]![i]!, inputs[1]![i]!];
      // ECMAScript has NaN for 1^±infinity, IEEE 754 has 1; and -1^±infinity likewise.
      const exact = Math.abs(x) === 1 && Math.abs(y) === inf ? 1 : x ** y;
      expect(units(precision, got, exact), `${x} ^ ${y} = ${got}, not ${exact}`).toBeLessThanOrEqual(4);
    });
  });
});

test("erf reference agrees with tabulated values (DLMF / Abramowitz & Stegun table 7.1)", () => {
  expect(erfExact(0.5)).toBeCloseTo(0.5204998778130465, 15);
  expect(erfExact(1)).toBeCloseTo(0.8427007929497149, 15);
  expect(erfExact(2)).toBeCloseTo(0.9953222650189527, 15);
});
