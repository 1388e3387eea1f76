/** Writes the elementwise functions on vectors. */
import type { MapNode } from "../../equations/graph.ts";
import { integerExponent } from "../maps.ts";
import type { FunctionBuilder } from "../wasm/assembler.ts";
import type { Fragment } from "../wasm/fragments.ts";
import { mathsInline } from "../wasm/maths.ts";
import type { Value, Vector } from "../wasm/vector.ts";

/** The value of a map; arguments are locals or constants. Semantics are those of `maps.ts`. */
export function emitMap(f: FunctionBuilder, v: Vector, node: MapNode, args: Value[]): Fragment {
  const [x, y, z] = args as [Value, Value, Value];
  switch (node.fn) {
    case "add":
      return v.add(x, y);
    case "sub":
      return v.sub(x, y);
    case "mul":
      return v.mul(x, y);
    case "div":
      return v.div(x, y);
    case "neg":
      return v.neg(x);
    case "abs":
      return v.abs(x);
    case "sqrt":
      return v.sqrt(x);
    case "relu":
      return v.max(x, 0);
    case "min":
      return v.min(x, y);
    case "max":
      return v.max(x, y);
    case "step":
    case "spike":
      return v.keep(v.gt(x, 0), v.constant(1));
    case "where":
      return v.select(v.gt(x, 0), y, z);
    case "detach":
    case "fill":
      return (g) => g.push(x as Fragment);
    case "pow": {
      const n = integerExponent(node);
      return n === undefined ? mathsInline("pow", v, x, y) : integerPower(f, v, x, n);
    }
    default:
      return mathsInline(node.fn, v, x);
  }
}

/** `x^n` by repeated squaring, in the order of `integerPower` in `maps.ts`. */
function integerPower(f: FunctionBuilder, v: Vector, x: Value, n: number): Fragment {
  let result: Value | undefined;
  let square: Value = x;
  for (let rest = Math.abs(n); rest > 0; rest >>= 1) {
    if (rest & 1) result = result === undefined ? square : f.local("v128", v.mul(result, square));
    if (rest > 1) square = f.local("v128", v.mul(square, square));
  }
  if (n < 0) return v.div(1, result!);
  return result === undefined ? v.constant(1) : (g) => g.push(result as Fragment);
}
