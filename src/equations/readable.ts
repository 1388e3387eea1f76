/** Derivatives as people read them: names where the text has names, formulas where the compiler made names of its own. */
import { Graph } from "./build.ts";
import { type Node, operands } from "./graph.ts";
import type { Program } from "./program.ts";

/**
 * The node with `value(name)` replaced by what the program defines under that name, all the way down.
 * @param which default: names made by `normalise` (`_1`, `_2`, …)
 */
export function inlined(
  node: Node,
  program: Program,
  which: (name: string) => boolean = (name) => name.startsWith("_"),
  graph = new Graph(),
): Node {
  const definitions = new Map(program.blocks.flatMap((b) => b.definitions).map((d) => [d.name, d.node]));
  const done = new Map<string, Node | undefined>();
  const expand = (root: Node): Node =>
    graph.rebuild(root, (n) => {
      if (n.op !== "leaf" || n.leaf.kind !== "value" || !which(n.leaf.name)) return undefined;
      const { name } = n.leaf;
      if (!done.has(name)) done.set(name, definitions.has(name) ? expand(definitions.get(name)!) : undefined);
      return done.get(name);
    });
  return expand(node);
}

/**
 * The node with every expression that the program defines under a name of the text replaced by that name: a Jacobian
 * reads `J diag(1 - r * r)` where the text says `r = tanh(x)`.
 */
export function readable(node: Node, program: Program): Node {
  const graph = new Graph();
  const names = new Map<Node, string>();
  for (const { name, node: own } of program.blocks.flatMap((b) => b.definitions)) {
    if (!/^[A-Za-z]\w*$/.test(name)) continue;
    const whole = inlined(own, program, undefined, graph);
    if (operands(whole).length > 0 && !names.has(whole)) names.set(whole, name);
  }
  const whole = inlined(node, program, undefined, graph);
  const named = new Graph();
  return named.rebuild(whole, (n) =>
    names.has(n) ? named.leaf({ kind: "value", name: names.get(n)! }, n.shape, n.level) : undefined,
  );
}

/** Whether a vector has the same number in every entry: nothing below it is more than a number. */
export function uniform(node: Node): boolean {
  if (node.op === "leaf") return node.shape.length === 0 || node.leaf.kind === "number";
  return node.op === "map" && node.args.every(uniform);
}
