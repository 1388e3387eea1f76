/**
 * Brings a program into the form that engines expect: in a pass, what does not change within a trial is computed once
 * per trial, what does not change within an update once per update.
 */
import { Graph, pending } from "./build.ts";
import { type Level, type Node, topological } from "./graph.ts";
import type { Block, Definition, Program, Sum } from "./program.ts";

const rank: Record<Level, number> = { update: 0, trial: 1, sample: 2 };

export const emptyBlock = (kind: Block["kind"], direction: 1 | -1 = 1): Block => ({
  kind,
  direction,
  definitions: [],
  sums: [],
  initials: {},
});

/** Whether an engine reads this node in place: leaves, and leaves transposed or on a diagonal. */
function inPlace(node: Node): boolean {
  if (node.op === "leaf") return node.leaf.kind !== "pick";
  return (node.op === "transpose" || node.op === "diag") && inPlace(node.a);
}

/**
 * Moves invariant parts out of passes and trial blocks, into definitions named `_1`, `_2`, … of a block before.
 * Empty blocks are dropped.
 */
export function normalise(program: Program): Program {
  const graph = new Graph();
  const taken = new Set(program.blocks.flatMap((b) => [...b.definitions, ...b.sums].map((d) => d.name)));
  let count = 0;
  const fresh = (): string => {
    let name: string;
    do name = `_${++count}`;
    while (taken.has(name));
    taken.add(name);
    return name;
  };
  // Sums of trials and passes are not known before their block has run, so hoisted update nodes go right before it.
  const blocks: Block[] = [];
  const moved = new Map<Node, Node>();
  const rewritten: Record<Level, Map<Node, Node>> = { update: new Map(), trial: new Map(), sample: new Map() };
  for (const block of program.blocks) {
    const update = emptyBlock("update");
    const trial = emptyBlock("trial");
    const level: Level = block.kind === "pass" ? "sample" : block.kind;
    const rewrite = (root: Node, at: Level): Node => {
      const imported = graph.rebuild(root);
      const out = rewritten[at];
      const hoist = (n: Node): Node => {
        const below = rank[n.level] < rank[at];
        if (!below || inPlace(n)) return n;
        const known = moved.get(n);
        if (known) return known;
        const target = n.level === "update" ? update : trial;
        const node = target === trial ? rewrite(n, "trial") : n;
        const name = fresh();
        target.definitions.push({ name, node });
        const value = graph.leaf({ kind: "value", name }, n.shape, n.level);
        moved.set(n, value);
        return value;
      };
      const visit = (n: Node): Node => {
        const known = out.get(n);
        if (known) return known;
        const hoisted = hoist(n);
        const result = hoisted !== n || inPlace(n) ? hoisted : graph.again(n, visit);
        out.set(n, result);
        return result;
      };
      for (const n of pending(imported, out)) if (rank[n.level] === rank[at]) visit(n);
      return visit(imported);
    };
    const definitions: Definition[] = block.definitions.map((d) => ({
      name: d.name,
      node: level === "update" ? d.node : rewrite(d.node, level),
    }));
    const sums: Sum[] = block.sums.map((s) => ({ ...s, node: rewrite(s.node, level) }));
    const initials: Record<string, Node> = {};
    for (const [name, node] of Object.entries(block.initials)) initials[name] = rewrite(node, "sample");
    const next: Block = { ...block, definitions, sums, initials };
    for (const b of [update, trial, next]) if (b.definitions.length + b.sums.length > 0) blocks.push(b);
  }
  return { ...program, blocks: merged(blocks) };
}

/** Neighbouring update blocks (and trial blocks) are one. */
function merged(blocks: Block[]): Block[] {
  const out: Block[] = [];
  for (const block of blocks) {
    const last = out[out.length - 1];
    if (last && last.kind === block.kind && block.kind === "update") last.definitions.push(...block.definitions);
    else out.push(block);
  }
  return out;
}

/** Only what some names need: definitions, sums and inputs that nothing reads are dropped. */
export function prune(program: Program, keep: Iterable<string>): Program {
  const needed = new Set(keep);
  const inputs = new Set<string>();
  const read = (node: Node): void => {
    for (const n of topological([node])) {
      if (n.op !== "leaf") continue;
      const { leaf } = n;
      if (leaf.kind === "read" || leaf.kind === "pick" || leaf.kind === "value") needed.add(leaf.name);
      if (leaf.kind === "input") inputs.add(leaf.name);
    }
  };
  const blocks: Block[] = [];
  for (const block of [...program.blocks].reverse()) {
    // Inside a pass definitions feed each other through the past: repeat until nothing is added.
    for (let size = -1; size !== needed.size; ) {
      size = needed.size;
      for (const d of [...block.definitions, ...block.sums]) if (needed.has(d.name)) read(d.node);
      for (const [name, node] of Object.entries(block.initials)) if (needed.has(name)) read(node);
    }
    const definitions = block.definitions.filter((d) => needed.has(d.name));
    const sums = block.sums.filter((s) => needed.has(s.name));
    const initials = Object.fromEntries(Object.entries(block.initials).filter(([name]) => needed.has(name)));
    if (definitions.length + sums.length > 0) blocks.unshift({ ...block, definitions, sums, initials });
  }
  const only = <V>(record: Record<string, V>, names: Set<string>): Record<string, V> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
  // Noise keeps its number among the sources, so that pruning does not change what is drawn.
  return { ...program, inputs: only(program.inputs, inputs), blocks };
}
