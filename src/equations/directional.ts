/** Forward-mode derivative of one expression: along derivatives of some of the nodes that it is made of. */
import { type Graph, pending } from "./build.ts";
import type { Node } from "./graph.ts";
import { partial, type Surrogates } from "./rules.ts";

/**
 * A function from nodes of a graph to their derivatives along a direction; undefined where that is zero.
 * @param seed the derivative of a node that is given, e.g. of a leaf; undefined: of a leaf zero, of anything else that
 *   which follows from its operands.
 */
export function directional(
  g: Graph,
  seed: (node: Node) => Node | undefined,
  surrogates: Surrogates = {},
): (root: Node) => Node | undefined {
  const memo = new Map<Node, Node | undefined>();
  const plus = (a: Node | undefined, b: Node | undefined): Node | undefined => (a && b ? g.map("add", a, b) : (a ?? b));
  const rule = (n: Node): Node | undefined => {
    switch (n.op) {
      case "leaf":
        return undefined;
      case "transpose":
        return memo.get(n.a) && g.transpose(memo.get(n.a)!);
      case "diag":
        return memo.get(n.a) && g.diag(memo.get(n.a)!);
      case "product": {
        const [da, db] = [memo.get(n.a), memo.get(n.b)];
        return plus(da && g.product(da, n.b), db && g.product(n.a, db));
      }
      case "map": {
        let sum: Node | undefined;
        n.args.forEach((arg, i) => {
          const da = memo.get(arg);
          const slope = da && partial(g, n, i, surrogates);
          if (da && slope) sum = plus(sum, g.map("mul", slope, da));
        });
        return sum && g.fill(sum, n.shape);
      }
    }
  };
  return (root) => {
    for (const n of pending(root, memo)) memo.set(n, seed(n) ?? rule(n));
    return memo.get(root);
  };
}
