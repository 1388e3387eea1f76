/** The syntax tree of a text, and the words that are taken. */
import type { Place } from "./errors.ts";

/** `x[t-3]`, `e[T-1]`, `h[-1]`: a base (`t`, `T`, or nothing for an absolute index), a sign and a count, which may be a name. */
export interface Index {
  base: "t" | "T" | "";
  sign: 1 | -1;
  count: number | string;
}

export type Ast = { at: Place } & (
  | { type: "number"; value: number }
  | { type: "name"; name: string; index?: Index }
  | { type: "call"; fn: string; args: Ast[] }
  | { type: "sum"; terms: { sign: 1 | -1; term: Ast }[] }
  /** `*` and `/`, left to right; nested on the left. */
  | { type: "mul" | "div"; a: Ast; b: Ast }
  | { type: "chain"; factors: Ast[] }
  | { type: "power"; base: Ast; exponent: Ast }
  | { type: "transpose"; a: Ast }
);

export interface Line {
  /** `flow`: `scale d name/dt`; otherwise `name` with its index. */
  kind: "flow" | "plain";
  name: string;
  scale?: Ast;
  index?: Index;
  right: Ast;
  at: Place;
  /** Number of the line, for the names of its noise sources. */
  number: number;
}

/** Functions and how many arguments each takes. */
export const functions: Record<string, number> = {
  tanh: 1, sigmoid: 1, relu: 1, softplus: 1, exp: 1, log: 1, sqrt: 1, sin: 1, cos: 1, erf: 1, abs: 1, step: 1, spike: 1,
  detach: 1, min: 2, max: 2, where: 3, delay: 2, diag: 1, rownorm: 1,
}; // biome-ignore format: a table

export const isFunction = (name: string): boolean => Object.hasOwn(functions, name);

/** Names that mean something in the language. */
export const reserved = new Set(["t", "dt", "pi", "xi", "eps", ...Object.keys(functions)]);

/** Why a quantity, a parameter, an input or a size cannot have this name; undefined where it can. */
export function refusedName(name: string): string | undefined {
  if (reserved.has(name)) return "it is a function or a symbol of the language; use another name";
  // Tables of names are plain objects, which know these from birth.
  if (name in Object.prototype) return "it is a word of JavaScript; use another name";
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(name) ? undefined : "a name is a letter, then letters, digits and `_`";
}

/** The nodes directly below a node. */
export function children(ast: Ast): Ast[] {
  switch (ast.type) {
    case "number":
    case "name":
      return [];
    case "call":
      return ast.args;
    case "sum":
      return ast.terms.map((t) => t.term);
    case "mul":
    case "div":
      return [ast.a, ast.b];
    case "chain":
      return ast.factors;
    case "power":
      return [ast.base, ast.exponent];
    case "transpose":
      return [ast.a];
  }
}

/** Every node of a tree, outermost first. */
export function* walk(ast: Ast): Generator<Ast> {
  yield ast;
  for (const child of children(ast)) yield* walk(child);
}

/** Every node of a line, the factor before `dx/dt` included. */
export const nodesOf = (line: Line): Ast[] => [...walk(line.right), ...(line.scale ? walk(line.scale) : [])];

export const isNoise = (ast: Ast): boolean => ast.type === "name" && (ast.name === "xi" || ast.name === "eps");

/** An index as it is written, without its brackets. */
export const showIndex = (index: Index | undefined): string => {
  if (!index) return "t";
  if (index.base === "") return `${index.sign < 0 ? "-" : ""}${index.count}`;
  return index.count === 0 ? index.base : `${index.base}${index.sign < 0 ? "-" : "+"}${index.count}`;
};
