/** What of a program has to be computed for what will be read. */
import { closest, NullclineError } from "../base/errors.ts";
import { type Node, operands } from "../equations/graph.ts";
import type { Block, Program } from "../equations/program.ts";

/** The same program without the definitions, sums and initial values that no recorded quantity depends on. */
export function pruneProgram(program: Program, record: readonly string[]): Program {
  const nodes = new Map<string, Node>();
  const initials = new Map<string, Node>();
  for (const block of program.blocks) {
    for (const { name, node } of [...block.definitions, ...block.sums]) nodes.set(name, node);
    for (const [name, node] of Object.entries(block.initials)) initials.set(name, node);
  }
  for (const name of record)
    if (!nodes.has(name)) {
      const meant = closest(name, nodes.keys());
      throw new NullclineError({
        code: "name",
        given: `the program has no quantity ${name} to record`,
        remedy: meant ? `did you mean ${meant}?` : `it has ${[...nodes.keys()].join(", ")}`,
      });
    }

  const needed = new Set<string>();
  const neededInitials = new Set<string>();
  const waiting: Node[] = [];
  const need = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    const node = nodes.get(name);
    if (!node) throw new Error(`the program reads ${name}, which it does not define`);
    waiting.push(node);
  };
  record.forEach(need);
  const seen = new Set<Node>();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    waiting.push(...operands(node));
    if (node.op !== "leaf") continue;
    const { leaf } = node;
    if (leaf.kind !== "read" && leaf.kind !== "pick" && leaf.kind !== "value") continue;
    need(leaf.name);
    const initial = initials.get(leaf.name);
    if (leaf.kind === "value" || !initial) continue;
    neededInitials.add(leaf.name);
    waiting.push(initial);
  }

  const kept = (block: Block): Block => ({
    ...block,
    definitions: block.definitions.filter(({ name }) => needed.has(name)),
    sums: block.sums.filter(({ name }) => needed.has(name)),
    initials: Object.fromEntries(Object.entries(block.initials).filter(([name]) => neededInitials.has(name))),
  });
  const blocks = program.blocks.map(kept).filter((block) => block.definitions.length + block.sums.length > 0);
  return { ...program, blocks };
}
