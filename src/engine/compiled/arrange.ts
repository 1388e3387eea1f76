/** Chooses what the lanes of a vector are. */
import type { Node } from "../../equations/graph.ts";
import type { Program } from "../../equations/program.ts";
import { entriesOf, rowsAndColumns, type Sizes } from "../shapes.ts";
import type { Vector } from "../wasm/vector.ts";
import type { Arrangement } from "./arrangement.ts";
import { outerProducts } from "./gradients.ts";
import { factors } from "./section.ts";

/** More trials than this fill the lanes better than entries do. */
const fewTrials = (v: Vector): number => (v.precision === "f32" ? 4 : 3);

/** The arrangement for so many trials: entries where they are few and the program is all vectors and scalars. */
export function arrange(program: Program, trials: number, v: Vector, sizes: Sizes): Arrangement {
  if (trials <= fewTrials(v) && allVectors(program, sizes))
    return { lanesAre: "entries", lanes: trials, width: v.bytes };
  const together = 2 * v.width;
  return { lanesAre: "trials", lanes: Math.ceil(trials / together) * together, width: v.bytes };
}

/** Whether no trial has a matrix of its own, apart from outer products that are only summed. */
function allVectors(program: Program, sizes: Sizes): boolean {
  const isVector = (node: Node): boolean =>
    node.level === "update" || Math.min(...rowsAndColumns(node.shape, sizes)) === 1;
  const seen = new Set<Node>();
  const below = (root: Node): boolean => {
    const stack = [root];
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      if (!isVector(node)) return false;
      if (node.op === "map") stack.push(...node.args);
      else if (node.op === "product") stack.push(...Object.values(factors(node)).map((factor) => factor.node));
      else if (node.op !== "leaf") stack.push(node.a);
    }
    return true;
  };
  return program.blocks.every(
    (block) =>
      block.kind === "update" ||
      ([...block.definitions.map(({ node }) => node), ...Object.values(block.initials)].every(below) &&
        block.sums.every(({ node, over, shape }) => {
          const outer = over === "update" && entriesOf(shape, sizes) > 1 ? outerProducts(node, sizes) : undefined;
          return outer ? outer.every(({ c, x }) => below(c) && below(x)) : below(node);
        })),
  );
}
