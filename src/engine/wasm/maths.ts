/**
 * Elementwise functions of a vector, in two forms: `mathsInline` writes the code where it is pushed (V8 in Node 20 does
 * not inline wasm functions, and constants move out of the loop around it), `emitMaths` gives a function to be called.
 * Errors: at most 4 units in the last place in f32, 1e-14 relative in f64, over the whole range (sin, cos: |x| ≤ 10^5);
 * NaN stays NaN, infinities, zeros and subnormal numbers are as `Math` has them.
 *
 *     f.set(r, mathsInline("tanh", v, x));          // x: a local, fragment or number; evaluated once
 *     f.set(r, call(emitMaths(m, "tanh", "f32"), x));
 */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from "./assembler.ts";
import { erf } from "./erf.ts";
import { exp, sigmoid, tanh } from "./exponential.ts";
import type { Fragment, Local } from "./fragments.ts";
import { log, pow, softplus } from "./logarithm.ts";
import { cos, sin } from "./trigonometric.ts";
import { type Precision, type Value, type Vector, vector } from "./vector.ts";

const FUNCTIONS = { tanh, sigmoid, softplus, exp, log, sin, cos, erf, pow } as const;
export type MathsName = keyof typeof FUNCTIONS;

/** The function of its arguments (two for `pow`, else one), its code in place. */
export function mathsInline(name: MathsName, v: Vector, ...args: Value[]): Fragment {
  const write = FUNCTIONS[name] as (f: FunctionBuilder, v: Vector, ...args: Local[]) => Fragment;
  return (f) => {
    // The arguments come from outside the scope, whose locals are given back.
    for (const x of args) f.push(typeof x === "number" ? v.constant(x) : x);
    f.scope(() => {
      const locals = args.map(() => f.local("v128"));
      for (const local of locals.toReversed()) f.set(local, () => {});
      f.push(write(f, v, ...locals));
    });
  };
}

/** The function as a wasm function of one v128 (two for `pow`), one per module and precision. */
export function emitMaths(m: ModuleBuilder, name: MathsName, precision: Precision): FunctionRef {
  const params = name === "pow" ? (["v128", "v128"] as const) : (["v128"] as const);
  return m.once(`${name} ${precision}`, () =>
    m.function(name, params, ["v128"], (f, ...args) =>
      f.push(mathsInline(name, vector(precision, m.relaxed), ...args)),
    ),
  );
}
