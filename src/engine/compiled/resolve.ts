/** Nodes in the form in which they are computed. */
import type { MapNode, Node } from "../../equations/graph.ts";
import { entriesOf, rowsAndColumns, type Sizes } from "../shapes.ts";
import { factors } from "./section.ts";

/** Maps that stand for a product. They are rounded like one: no multiply-add is made of them. */
const scalings = new WeakSet<Node>();

export const isScaling = (node: Node): boolean => scalings.has(node);

/**
 * A column and the row that is its transpose are the same numbers, and so is a detached quantity; a vector times a
 * scalar or a diagonal matrix is elementwise, and fuses with what else is.
 */
export function resolver(sizes: Sizes): (node: Node) => Node {
  const made = new Map<Node, MapNode | undefined>();
  const asMap = (node: Node): MapNode | undefined => {
    if (node.op !== "product" || node.level === "update") return undefined;
    if (made.has(node)) return made.get(node);
    const { left, right } = factors(node);
    const args = [left.node, right.node];
    const elementwise = left.diagonal || right.diagonal || rowsAndColumns(node.a.shape, sizes)[1] === 1;
    const isVector = Math.min(...rowsAndColumns(node.shape, sizes)) === 1;
    const entries = entriesOf(node.shape, sizes);
    const fits = args.every((arg) => [1, entries].includes(entriesOf(arg.shape, sizes)));
    let map: MapNode | undefined;
    if (elementwise && isVector && fits) {
      map = { id: node.id, shape: node.shape, level: node.level, op: "map", fn: "mul", args };
      scalings.add(map);
    }
    made.set(node, map);
    return map;
  };
  return (given) => {
    let node = given;
    for (;;) {
      if (node.op === "transpose" && Math.min(...rowsAndColumns(node.shape, sizes)) === 1) node = node.a;
      else if (node.op === "map" && node.fn === "detach") node = node.args[0]!;
      else return asMap(node) ?? node;
    }
  };
}
