/**
 * Whether all motion ends in a ball: a decay plus a bounded drive. Then the degree of the vector field is +1 and the
 * sum of sign det over all fixed points must be +1 (Poincaré–Hopf, Lefschetz).
 */
import { type MapName, type Node, operands, type Shape, topological } from "./graph.ts";

const saturating = new Set<MapName>(["tanh", "sigmoid", "sin", "cos", "erf", "step", "spike"]);

/** Bounded where all that they read is. */
const preserving = new Set<MapName>([
  "add", "sub", "mul", "neg", "fill", "detach", "abs", "relu", "max", "min", "softplus", "exp",
]); // biome-ignore format: a list

/** Nodes below `root` that stay bounded whatever the states are. */
function boundedNodes(root: Node): Set<Node> {
  const bounded = new Set<Node>();
  const all = (nodes: readonly Node[]): boolean => nodes.every((n) => bounded.has(n));
  for (const n of topological([root])) if (n.level === "update" || rule(n)) bounded.add(n);
  return bounded;

  function rule(n: Node): boolean {
    if (n.op !== "map") return n.op !== "leaf" && all(operands(n));
    if (saturating.has(n.fn)) return true;
    if (preserving.has(n.fn)) return all(n.args);
    if (n.fn === "where") return all(n.args.slice(1));
    if (n.fn === "div") return bounded.has(n.args[0]!) && n.args[1]!.level === "update";
    return n.fn === "pow" && bounded.has(n.args[0]!) && isWhole(n.args[1]!);
  }
}

const isWhole = (n: Node): boolean =>
  n.op === "leaf" && n.leaf.kind === "number" && Number.isInteger(n.leaf.value) && n.leaf.value > 0;

/** More terms than any sum on paper: shared parts of a graph could multiply without end. */
const mostTerms = 10_000;

/** Terms of a sum with their signs and common divisors taken off; undefined where there are too many. */
function terms(root: Node): { sign: 1 | -1; node: Node }[] | undefined {
  const found: { sign: 1 | -1; node: Node }[] = [];
  const open: { sign: 1 | -1; node: Node }[] = [{ sign: 1, node: root }];
  for (let count = 0; open.length > 0; count++) {
    if (count > mostTerms) return undefined;
    const { sign, node } = open.pop()!;
    const other = sign === 1 ? -1 : 1;
    const [a, b] = (node.op === "map" ? node.args : []) as [Node, Node];
    const fn = node.op === "map" ? node.fn : undefined;
    if (fn === "add" || fn === "sub") open.push({ sign: fn === "add" ? sign : other, node: b }, { sign, node: a });
    else if (fn === "neg") open.push({ sign: other, node: a });
    else if (fn === "div" && b.level === "update") open.push({ sign, node: a });
    else if (fn === "mul" && a.op === "leaf" && a.leaf.kind === "number")
      open.push({ sign: a.leaf.value > 0 ? sign : other, node: b });
    else found.push({ sign, node });
  }
  return found;
}

const isState = (n: Node, name: string): boolean => n.op === "leaf" && n.leaf.kind === "input" && n.leaf.name === name;

/**
 * Of a flow: every coordinate is `-x` (times something positive, as time constants are) plus bounded terms.
 * Of a map: every next value is bounded. Anything else is not claimed: the answer errs on the side of "no".
 */
export function isBounded(kind: "flow" | "map", coordinates: { name: string; shape: Shape }[], rules: Node[]): boolean {
  return rules.every((node, i) => {
    const bounded = boundedNodes(node);
    if (kind === "map") return bounded.has(node);
    const { name } = coordinates[i]!;
    const parts = terms(node);
    const own = parts?.filter((part) => isState(part.node, name)) ?? [];
    return (
      own.length > 0 &&
      own.every(({ sign }) => sign === -1) &&
      parts!.every((part) => own.includes(part) || bounded.has(part.node))
    );
  });
}
