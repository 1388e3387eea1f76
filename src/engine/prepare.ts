/** The form of a program that executables run. */

import { type Node, topological } from "../equations/graph.ts";
import { prune } from "../equations/normalise.ts";
import type { Block, Program } from "../equations/program.ts";
import { quantitiesOf, unknownName } from "./quantities.ts";

/**
 * Only what `record` needs, and a block of level update or trial cut where a definition reads an earlier one of the
 * same block by name, so that a `value` is always of an earlier block.
 * @throws NullclineError where a name to record does not exist.
 */
export function prepareProgram(program: Program, record: readonly string[]): Program {
  const known = quantitiesOf(program);
  for (const name of record) if (!known.has(name)) unknownName("quantity to record", name, known.keys());
  const pruned = prune(program, record);
  return { ...pruned, blocks: pruned.blocks.flatMap((block) => (block.kind === "pass" ? [block] : cut(block))) };
}

function cut(block: Block): Block[] {
  const parts: Block[] = [];
  let part: Block = { ...block, definitions: [], sums: [] };
  const readsPart = (node: Node): boolean =>
    topological([node]).some(
      (n) => n.op === "leaf" && n.leaf.kind === "value" && part.definitions.some(({ name }) => name === leafName(n)),
    );
  const next = (node: Node): void => {
    if (!readsPart(node)) return;
    parts.push(part);
    part = { ...block, definitions: [], sums: [] };
  };
  for (const definition of block.definitions) {
    next(definition.node);
    part.definitions.push(definition);
  }
  for (const sum of block.sums) {
    next(sum.node);
    part.sums.push(sum);
  }
  return [...parts, part];
}

const leafName = (node: Node): string | undefined =>
  node.op === "leaf" && "name" in node.leaf ? node.leaf.name : undefined;
