/** Which named things depend on others: what derivatives need to touch. */
import { leavesOf } from "./build.ts";
import type { Leaf, Node } from "./graph.ts";
import type { Program } from "./program.ts";

/** The name that a leaf reads, with a prefix for what the trials and the parameters give. */
export function nameRead(leaf: Leaf): string | undefined {
  switch (leaf.kind) {
    case "read":
    case "pick":
    case "value":
    case "parameter":
    case "input":
      return leaf.name;
    default:
      return undefined;
  }
}

interface Edge {
  name: string;
  reads: Set<string>;
}

function edgesOf(program: Program): Edge[] {
  const edges: Edge[] = [];
  const readsOf = (nodes: Node[]): Set<string> => {
    const set = new Set<string>();
    for (const { leaf } of leavesOf(nodes)) {
      const name = nameRead(leaf);
      if (name !== undefined) set.add(name);
    }
    return set;
  };
  for (const block of program.blocks) {
    for (const d of [...block.definitions, ...block.sums]) {
      const initial = block.initials[d.name];
      edges.push({ name: d.name, reads: readsOf(initial ? [d.node, initial] : [d.node]) });
    }
  }
  return edges;
}

/** Everything that depends on `sources`, they included. */
export function dependents(program: Program, sources: Iterable<string>): Set<string> {
  const active = new Set(sources);
  const edges = edgesOf(program);
  for (let size = -1; size !== active.size; ) {
    size = active.size;
    for (const { name, reads } of edges)
      if (!active.has(name) && [...reads].some((r) => active.has(r))) active.add(name);
  }
  return active;
}

/** Everything that `targets` depend on, they included. */
export function dependencies(program: Program, targets: Iterable<string>): Set<string> {
  const needed = new Set(targets);
  const edges = edgesOf(program);
  for (let size = -1; size !== needed.size; ) {
    size = needed.size;
    for (const { name, reads } of edges) if (needed.has(name)) for (const r of reads) needed.add(r);
  }
  return needed;
}

/** Every name of a program. */
export const namesOf = (program: Program): Set<string> =>
  new Set([
    ...Object.keys(program.parameters),
    ...Object.keys(program.inputs),
    ...program.blocks.flatMap((b) => [...b.definitions, ...b.sums].map((d) => d.name)),
  ]);

/** A naming function: `name.suffix`, numbered where that is taken. */
export function namer(taken: Set<string>, suffix: string): (name: string) => string {
  return (name) => {
    let candidate = `${name}.${suffix}`;
    for (let k = 2; taken.has(candidate); k++) candidate = `${name}.${suffix}${k}`;
    taken.add(candidate);
    return candidate;
  };
}
