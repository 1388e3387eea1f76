/** What recurs in a program, and how the paths of its gradient are cut. Forward values stay as they are. */
import { type Graph, leavesOf } from "../../equations/build.ts";
import { components } from "../../equations/components.ts";
import type { Node } from "../../equations/graph.ts";
import type { Block, Program } from "../../equations/program.ts";

/** Names that a node reads with an index. */
const readsOf = (node: Node): string[] =>
  [...leavesOf([node])].flatMap(({ leaf }) => (leaf.kind === "read" ? leaf.name : []));

export const dependsOn = (node: Node, names: ReadonlySet<string>): boolean =>
  readsOf(node).some((name) => names.has(name));

/**
 * The parts of a pass in which states feed back on each other: for each state the names in its part. What the objective
 * itself accumulates is no part of the network.
 */
export function recurrentParts(block: Block): Map<string, ReadonlySet<string>> {
  const own = new Map(block.definitions.map((d) => [d.name, d.node]));
  const stored = new Set([...own.values()].flatMap(readsOf));
  const states = [...own.keys()].filter((name) => stored.has(name) && !name.startsWith("objective_"));
  const readers = (name: string): string[] => states.filter((other) => readsOf(own.get(other)!).includes(name));
  const parts = new Map<string, ReadonlySet<string>>();
  for (const part of components(states, readers)) for (const name of part) parts.set(name, new Set(part));
  return parts;
}

/**
 * The program with the nodes of its states rewritten, wherever they stand: what a state's line computes is part of every
 * line that reads it at the same sample.
 * @param rule what a node inside a state's line becomes; undefined: the same over what its operands become.
 */
export function rewriteStates(
  program: Program,
  g: Graph,
  rule: (node: Node, part: ReadonlySet<string>, block: Block) => Node | undefined,
): Program {
  return rewritePasses(program, g, (block) => {
    const parts = recurrentParts(block);
    const states = new Map<Node, ReadonlySet<string>>();
    for (const d of block.definitions) if (parts.has(d.name)) states.set(g.rebuild(d.node), parts.get(d.name)!);
    const done = new Map<Node, Node>();
    const inside = (state: Node, part: ReadonlySet<string>): Node => {
      const known =
        done.get(state) ??
        g.rebuild(state, (n) => {
          const other = n === state ? undefined : states.get(n);
          return other && other !== part ? inside(n, other) : rule(n, part, block);
        });
      done.set(state, known);
      return known;
    };
    return (node) =>
      g.rebuild(node, (n) => {
        const part = states.get(n);
        return part && inside(n, part);
      });
  });
}

/** The program with the nodes of its passes rewritten. */
export function rewritePasses(program: Program, g: Graph, of: (block: Block) => (node: Node) => Node): Program {
  const blocks = program.blocks.map((block) => {
    if (block.kind !== "pass") return block;
    const rewrite = of(block);
    return {
      ...block,
      definitions: block.definitions.map((d) => ({ ...d, node: rewrite(g.rebuild(d.node)) })),
      sums: block.sums.map((s) => ({ ...s, node: rewrite(g.rebuild(s.node)) })),
    };
  });
  return { ...program, blocks };
}
