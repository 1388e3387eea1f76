/** Shape inference (section 2 of the language): declared shapes spread through the lines until every quantity has one. */
import { productShape, transposeShape } from "./build.ts";
import { isScalar, type Shape } from "./graph.ts";
import { checkProduct } from "./misfit.ts";
import { type Ast, children, nodesOf, walk } from "./syntax.ts";
import type { Quantity, Text } from "./text.ts";

/** `flexible`: only noise and scalars, so it takes the shape of what it meets. */
export type Guess = Shape | "unknown" | "flexible";

const known = (g: Guess): g is Shape => g !== "unknown" && g !== "flexible";

/** Shape of an elementwise combination. A vector with an unknown is that vector. */
function together(guesses: Guess[]): Guess {
  const full = guesses.find((g) => known(g) && !isScalar(g));
  if (full) return full;
  if (guesses.includes("unknown")) return "unknown";
  return guesses.includes("flexible") ? "flexible" : [];
}

/** The shape of an expression as far as it is known. Mismatches are left to the builder, which names the place. */
export function guess(text: Text, ast: Ast): Guess {
  switch (ast.type) {
    case "number":
      return [];
    case "name": {
      const m = text.meaning(ast.name, ast.at);
      if (m.kind === "quantity") return m.quantity.shape ?? "unknown";
      if (m.kind === "parameter" || m.kind === "input") return m.shape;
      return m.kind === "xi" || m.kind === "eps" ? "flexible" : [];
    }
    case "call": {
      const args = ast.args.map((a) => guess(text, a));
      if (ast.fn === "diag") return known(args[0]!) && args[0]!.length === 1 ? [args[0]![0]!, args[0]![0]!] : args[0]!;
      if (ast.fn === "delay") return args[0]!;
      return together(args);
    }
    case "sum":
    case "mul":
    case "div":
    case "power":
      return together(children(ast).map((c) => guess(text, c)));
    case "transpose": {
      const a = guess(text, ast.a);
      return known(a) ? transposeShape(a) : a;
    }
    case "chain":
      return ast.factors.map((f) => guess(text, f)).reduce(multiplied);
  }
}

function multiplied(a: Guess, b: Guess): Guess {
  if (a === "unknown" || b === "unknown") return "unknown";
  if (b === "flexible") return a === "flexible" || isScalar(a) ? "flexible" : isMatrix(a) ? columnOf(a) : a;
  if (a === "flexible") return isScalar(b) ? "flexible" : b;
  return productShape(a, b) ?? "unknown";
}

const isMatrix = (g: Guess): g is Shape => known(g) && g.length === 2;
const columnOf = (matrix: Shape): Shape => (matrix[0] === 1 ? [] : [matrix[0]!]);

/**
 * Gives every quantity its shape.
 * @throws EquationError `open shape` where the equations leave one open.
 */
export function inferShapes(text: Text): void {
  const unresolved = (): Quantity[] => [...text.quantities.values()].filter((q) => !q.shape);
  for (;;) {
    if (unresolved().length === 0) return;
    if (spread(text)) continue;
    if (afterMatrix(text)) continue;
    break;
  }
  for (const line of text.lines) for (const node of nodesOf(line)) if (node.type === "chain") refuseMisfit(text, node);
  const open = unresolved();
  if (text.declaredShapes().every(([, shape]) => isScalar(shape))) for (const q of open) q.shape = [];
  else {
    const q = open[0]!;
    text.fail(
      "open shape",
      (q.line ?? q.point)!.at,
      `the shape of \`${q.name}\` is open: one number, or one per unit`,
      `declare it: states: { ${q.name}: { shape: ["N"] } }, or shape: [] for one number`,
      [q.name],
    );
  }
}

/** A product of known shapes that do not fit leaves a shape open: then it is the mistake. */
function refuseMisfit(text: Text, chain: Ast & { type: "chain" }): void {
  const guesses = chain.factors.map((f) => guess(text, f));
  const end = guesses.findIndex((g) => !known(g));
  const shapes = guesses.slice(0, end < 0 ? undefined : end).filter(known);
  checkProduct(text, chain.factors.slice(0, shapes.length), shapes);
}

/** Goes through the lines until nothing changes; whether anything new is known. */
function spread(text: Text): boolean {
  let changed = false;
  const open = new Set(text.quantities.values());
  for (const q of open) {
    open.delete(q);
    const shape = q.shape ?? told(text, q);
    if (q.shape || !shape) continue;
    q.shape = shape;
    changed = true;
    for (const reader of text.readers(q.name)) open.add(reader);
  }
  return changed;
}

/** The shape that a quantity's lines tell. */
function told(text: Text, { line, point }: Quantity): Shape | undefined {
  const guesses = [guess(text, (line ?? point!).right)];
  if (line?.scale) guesses.push(guess(text, line.scale));
  // An initial value tells the shape too, but a scalar one only fills.
  if (line && point) {
    const initial = guess(text, point.right);
    if (known(initial) && !isScalar(initial)) guesses.push(initial);
  }
  const shape = together(guesses);
  return known(shape) ? shape : undefined;
}

/** If stuck: an unknown after a matrix is a vector of its columns, after a vector a scalar. */
function afterMatrix(text: Text): boolean {
  for (const line of text.lines)
    for (const node of [...walk(line.right), ...(line.scale ? walk(line.scale) : [])]) {
      if (node.type !== "chain") continue;
      for (let i = 1; i < node.factors.length; i++) {
        const before = guess(text, node.factors[i - 1]!);
        const here = node.factors[i]!;
        if (!known(before) || isScalar(before) || guess(text, here) !== "unknown") continue;
        const shape: Shape = isMatrix(before) ? (before[1] === 1 ? [] : [before[1]!]) : [];
        const name = [...walk(here)].find((n) => n.type === "name" && guess(text, n) === "unknown");
        const quantity = name?.type === "name" ? text.quantities.get(name.name) : undefined;
        if (!quantity || [...walk(here)].some((n) => n.type === "chain" || n.type === "transpose")) continue;
        quantity.shape = shape;
        return true;
      }
    }
  return false;
}
