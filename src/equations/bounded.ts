/**
 * Whether all motion ends in a ball: a decay plus a bounded drive. Then the degree of the vector field is +1 and the
 * sum of sign det over all fixed points must be +1 (Poincaré–Hopf, Lefschetz).
 */
import type { MapName, Node, Shape } from "./graph.ts";

const saturating = new Set<MapName>(["tanh", "sigmoid", "sin", "cos", "erf", "step", "spike"]);

/** Whether a node stays bounded whatever the states are. */
function bounded(n: Node): boolean {
  switch (n.op) {
    case "leaf":
      return n.level === "update";
    case "map": {
      if (saturating.has(n.fn)) return true;
      if (n.fn === "add" || n.fn === "sub" || n.fn === "mul" || n.fn === "neg" || n.fn === "fill" || n.fn === "detach" || n.fn === "abs" || n.fn === "relu" || n.fn === "max" || n.fn === "softplus" || n.fn === "exp" || n.fn === "min")
        return n.args.every(bounded);
      if (n.fn === "where") return n.args.slice(1).every(bounded);
      if (n.fn === "div") return bounded(n.args[0]!) && n.args[1]!.level === "update";
      if (n.fn === "pow") return bounded(n.args[0]!) && n.args[1]!.op === "leaf" && isWhole(n.args[1]!);
      return n.level === "update";
    }
    case "product":
      return bounded(n.a) && bounded(n.b);
    default:
      return bounded(n.a);
  }
}

const isWhole = (n: Node): boolean =>
  n.op === "leaf" && n.leaf.kind === "number" && Number.isInteger(n.leaf.value) && n.leaf.value > 0;

/** Terms of a sum with their signs and common divisors taken off. */
function terms(n: Node, sign: 1 | -1 = 1): { sign: 1 | -1; node: Node }[] {
  if (n.op === "map") {
    if (n.fn === "add") return [...terms(n.args[0]!, sign), ...terms(n.args[1]!, sign)];
    if (n.fn === "sub") return [...terms(n.args[0]!, sign), ...terms(n.args[1]!, sign === 1 ? -1 : 1)];
    if (n.fn === "neg") return terms(n.args[0]!, sign === 1 ? -1 : 1);
    if (n.fn === "div" && n.args[1]!.level === "update") return terms(n.args[0]!, sign);
    const [a] = n.args;
    if (n.fn === "mul" && a!.op === "leaf" && a!.leaf.kind === "number")
      return terms(n.args[1]!, a!.leaf.value > 0 ? sign : sign === 1 ? -1 : 1);
  }
  return [{ sign, node: n }];
}

const isState = (n: Node, name: string): boolean => n.op === "leaf" && n.leaf.kind === "input" && n.leaf.name === name;

/**
 * Of a flow: every coordinate is `-x` (times something positive, as time constants are) plus bounded terms.
 * Of a map: every next value is bounded. Anything else is not claimed: the answer errs on the side of "no".
 */
export function isBounded(kind: "flow" | "map", coordinates: { name: string; shape: Shape }[], rules: Node[]): boolean {
  return rules.every((node, i) => {
    if (kind === "map") return bounded(node);
    const { name } = coordinates[i]!;
    let decays = false;
    for (const { sign, node: term } of terms(node)) {
      if (isState(term, name)) {
        if (sign === 1) return false;
        decays = true;
      } else if (!bounded(term)) return false;
    }
    return decays;
  });
}
