/**
 * The elementwise functions of the language on single numbers, in float64: what the compiled kernels are held against.
 */
import { unary } from "../equations/build.ts";
import type { MapNode, Node } from "../equations/graph.ts";

/** Exponents up to this size are products; see `integerExponent`. */
const LARGEST_EXPONENT = 64;

/** `x^n` of an integer `n`, by repeated squaring. */
export function integerPower(x: number, n: number): number {
  let result = 1;
  for (let rest = Math.abs(n), square = x; rest > 0; rest >>= 1, square *= square) if (rest & 1) result *= square;
  return n < 0 ? 1 / result : result;
}

/** The exponent of a `pow` node where it is a small integer constant, which is evaluated by multiplication. */
export function integerExponent(node: Node): number | undefined {
  if (node.op !== "map" || node.fn !== "pow") return undefined;
  const exponent = node.args[1]!;
  if (exponent.op !== "leaf" || exponent.leaf.kind !== "number") return undefined;
  const n = exponent.leaf.value;
  return Number.isInteger(n) && Math.abs(n) <= LARGEST_EXPONENT ? n : undefined;
}

/** `log(1 + exp(x))` without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * The error function `2/sqrt(pi) ∫₀ˣ exp(-s²) ds`, to about 1e-15: a series of positive terms below 2.5, a continued
 * fraction above.
 * @source Abramowitz and Stegun 1964, 7.1.6 and 7.1.14
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (a < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let tail = a;
  for (let n = 60; n >= 1; n--) tail = a + n / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * tail));
}

const one = unary as Record<string, (x: number) => number>;

/** The function of a map node, on one number per argument. `step`, `spike`, `where`: positive counts as true. */
export function scalarFunction(node: MapNode): (x: number, y: number, z: number) => number {
  switch (node.fn) {
    case "add":
      return (x, y) => x + y;
    case "sub":
      return (x, y) => x - y;
    case "mul":
      return (x, y) => x * y;
    case "div":
      return (x, y) => x / y;
    case "pow": {
      const n = integerExponent(node);
      return n === undefined ? (x, y) => x ** y : (x) => integerPower(x, n);
    }
    case "min":
      return Math.min;
    case "max":
      return Math.max;
    case "where":
      return (c, x, y) => (c > 0 ? x : y);
    case "softplus":
      return softplus;
    case "erf":
      return erf;
    case "spike":
      return (x) => (x > 0 ? 1 : 0);
    case "fill":
      return (x) => x;
    default:
      return one[node.fn]!;
  }
}
