/**
 * Orders the work of one section (what is computed once per trial, or at each sample): fused loops over everything
 * elementwise, and between them the kernels (products, noise, rearrangements) that need whole arrays.
 *
 * A node's stage is the number of loops that must have ended before it can be computed. In a stage, kernels run first,
 * then one loop for each number of entries, scalars before the rest. A map is computed as late as its readers allow,
 * so that little has to be stored from one loop to the next.
 */
import { type DiagNode, type MapNode, type Node, operands, type ProductNode } from "../../equations/graph.ts";
import { type Arena, fixed, type Place } from "./storage.ts";

/** The value of a node, to be stored with this many entries (a scalar fills them). */
export interface Store {
  node: Node;
  entries: number;
  place: Place;
  /** Zero in the lanes that are no trial. */
  masked?: boolean;
}

/** The value of a node, to be added to `[target][lanes]` at an address; `target` is `entries`, or 1: the sum of all. */
export interface Accumulation {
  node: Node;
  entries: number;
  target: number;
  address: number;
  /** Of a sum of all entries: a row of zeros in which those of one step are added first, so that less is rounded off. */
  partial?: number;
}

/** Elementwise work on arrays with the same number of entries. */
export interface Loop {
  kind: "loop";
  entries: number;
  /** Operands before what reads them. */
  maps: MapNode[];
  stores: Store[];
  accumulations: Accumulation[];
}

/** Work on whole arrays: a product, noise, a matrix transposed or a diagonal one formed. */
export interface Kernel {
  kind: "kernel";
  node: Node;
  place: Place;
}

export type Operation = Loop | Kernel;

/** What the planner asks about nodes. */
export interface Knowledge {
  /** The node that holds the same numbers in the same order, e.g. the column that a row is the transpose of. */
  resolve(node: Node): Node;
  /** Whether the node is the same in all lanes, and computed elsewhere. */
  isUniform(node: Node): boolean;
  /** Where the node already lies. */
  known(node: Node): Place | undefined;
  entries(node: Node): number;
  /** Bytes of so many entries. */
  bytes(entries: number): number;
  arena: Arena;
}

export interface Section {
  operations: Operation[];
  /** Where each node lies that is not only a value inside one loop. */
  place(node: Node): Place | undefined;
}

export function planSection(about: Knowledge, stores: Store[], accumulations: Accumulation[]): Section {
  const { resolve, isUniform, known, entries } = about;
  const given = (node: Node): boolean => isUniform(node) || known(node) !== undefined;
  const roots = [...stores, ...accumulations].map((item) => (item.node = resolve(item.node)));
  const order = nodesToCompute(roots, about);

  const readers = new Map<Node, Node[]>(order.map((node) => [node, []]));
  for (const node of order) for (const o of readsOf(node, about)) readers.get(o)?.push(node);

  const stage = new Map<Node, number>();
  const stageOf = (node: Node): number => stage.get(node) ?? 0;
  for (const node of order) {
    const after = node.op === "map" ? 0 : 1;
    stage.set(
      node,
      Math.max(0, ...readsOf(node, about).map((o) => stageOf(o) + (o.op === "map" && !given(o) ? after : 0))),
    );
  }
  for (const node of [...order].reverse()) {
    const by = readers.get(node)!;
    if (node.op === "map" && by.length > 0)
      stage.set(node, Math.min(...by.map((reader) => stageOf(reader) - (reader.op === "map" ? 0 : 1))));
  }

  const loops = new Map<string, Loop>();
  const loopAt = (at: number, count: number): Loop => {
    const key = `${at} ${count}`;
    let loop = loops.get(key);
    if (!loop) loops.set(key, (loop = { kind: "loop", entries: count, maps: [], stores: [], accumulations: [] }));
    return loop;
  };
  for (const node of order) if (node.op === "map") loopAt(stageOf(node), entries(node)).maps.push(node);
  const isLeftTo = (node: Node, loop: Loop): boolean => node.op === "map" && !loop.maps.includes(node);

  // Where each node that leaves its loop is put: the first store of it, or scratch, whose address is found at the end.
  const scratch = new Map<Node, Place>();
  const scratchFor = (node: Node): Place => {
    const place = fixed(0);
    scratch.set(node, place);
    places.set(node, place);
    return place;
  };
  const places = new Map<Node, Place>();
  const placed = new Set<Store>();
  for (const store of stores) {
    const { node } = store;
    if (places.has(node) || given(node) || store.masked || entries(node) !== store.entries) continue;
    places.set(node, store.place);
    if (node.op !== "map") placed.add(store);
  }
  const kernels: { at: number; kernel: Kernel }[] = [];
  for (const node of order) {
    if (node.op !== "map") {
      const place = places.get(node) ?? scratchFor(node);
      kernels.push({ at: stageOf(node), kernel: { kind: "kernel", node, place } });
      continue;
    }
    const own = loopAt(stageOf(node), entries(node));
    const leaves =
      readers.get(node)!.some((reader) => reader.op !== "map" || isLeftTo(reader, own)) ||
      [...stores, ...accumulations].some((item) => item.node === node && item.entries !== own.entries);
    if (!leaves || places.has(node)) continue;
    own.stores.push({ node, entries: own.entries, place: scratchFor(node) });
  }
  for (const store of stores) if (!placed.has(store)) loopAt(stageOf(store.node), store.entries).stores.push(store);
  for (const item of accumulations) loopAt(stageOf(item.node), item.entries).accumulations.push(item);

  const ranked: { at: number; rank: number; operation: Operation }[] = [
    ...kernels.map(({ at, kernel }) => ({ at, rank: -1, operation: kernel })),
    ...[...loops].map(([key, loop]) => ({
      at: Number(key.split(" ")[0]),
      rank: loop.entries === 1 ? 0 : 1,
      operation: loop,
    })),
  ];
  ranked.sort((a, b) => a.at - b.at || a.rank - b.rank);
  const operations = ranked.map(({ operation }) => operation);
  assignScratch(operations, scratch, about);
  return {
    operations,
    place: (node) => places.get(resolve(node)) ?? known(resolve(node)),
  };
}

/** The nodes that a node reads as arrays: a diagonal matrix inside a product is read as its column. */
export function readsOf(node: Node, { resolve }: Pick<Knowledge, "resolve">): Node[] {
  if (node.op !== "product") return operands(node).map(resolve);
  const { left, right } = factors(node);
  return [left.node, right.node].map(resolve);
}

/** The factors of a product; of a diagonal one (the first of two), its column. */
export function factors({ a, b }: ProductNode) {
  const diagonal = (node: DiagNode) => ({ node: node.a, diagonal: true });
  const full = (node: Node) => ({ node, diagonal: false });
  if (a.op === "diag") return { left: diagonal(a), right: full(b) };
  return { left: full(a), right: b.op === "diag" ? diagonal(b) : full(b) };
}

function nodesToCompute(roots: Node[], about: Knowledge): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: [Node, boolean][] = roots.map((root): [Node, boolean] => [root, false]).reverse();
  while (stack.length > 0) {
    const [node, ready] = stack.pop()!;
    if (ready) {
      order.push(node);
      continue;
    }
    if (seen.has(node) || about.isUniform(node) || about.known(node)) continue;
    seen.add(node);
    stack.push([node, true]);
    for (const operand of readsOf(node, about)) stack.push([operand, false]);
  }
  return order;
}

/** Gives scratch its addresses; memory is used again once the last operation that reads it has run. */
function assignScratch(operations: Operation[], scratch: Map<Node, Place>, about: Knowledge): void {
  const reads = operations.map((operation) => {
    if (operation.kind === "kernel") return readsOf(operation.node, about);
    const items = [...operation.stores, ...operation.accumulations].map(({ node }) => node);
    return [...items, ...operation.maps.flatMap((map) => readsOf(map, about))];
  });
  const lastUse = new Map<Node, number>();
  reads.forEach((nodes, i) => {
    for (const node of nodes) lastUse.set(node, i);
  });
  const free = new Map<number, number[]>();
  const freeOf = (size: number) => free.get(size) ?? free.set(size, []).get(size)!;
  operations.forEach((operation, i) => {
    const written = operation.kind === "kernel" ? [operation.node] : operation.stores.map(({ node }) => node);
    for (const node of new Set(written)) {
      const place = scratch.get(node);
      if (place?.kind !== "fixed" || place.address !== 0) continue;
      const size = about.entries(node);
      place.address = freeOf(size).pop() ?? about.arena.allocate(about.bytes(size));
    }
    for (const node of new Set(reads[i]!)) {
      const place = scratch.get(node);
      if (place?.kind === "fixed" && lastUse.get(node) === i) freeOf(about.entries(node)).push(place.address);
    }
  });
}
