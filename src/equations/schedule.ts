/**
 * Which quantities keep their past, in which direction each runs, and in which stage: the order of the passes.
 */
import type { Ast } from "./syntax.ts";
import { showIndex, walk } from "./syntax.ts";
import type { Quantity, Text } from "./text.ts";

/** A reference from one quantity to another, `offset` samples later (negative: earlier), as written. */
interface Reference {
  to: Quantity;
  offset: number;
  at: Ast["at"];
}

export interface Placement {
  /** Stage of each sample and trial quantity. Stage mod 3: 0 once per trial, 1 a forward pass, 2 a backward pass. */
  stage: Map<Quantity, number>;
}

/** References of a line to quantities of level sample, with offsets relative to the line's step. */
function referencesOf(text: Text, q: Quantity): Reference[] {
  const found: Reference[] = [];
  const line = q.line!;
  for (const node of [...walk(line.right), ...(line.scale ? walk(line.scale) : [])]) {
    if (node.type === "call" && node.fn === "delay")
      for (const inner of walk(node.args[0]!))
        if (inner.type === "name") {
          const m = text.meaning(inner.name);
          if (m.kind === "quantity" && m.quantity.level === "sample") found.push({ to: m.quantity, offset: -1, at: inner.at });
        }
    if (node.type !== "name" || (node.index && node.index.base !== "t")) continue;
    const m = text.meaning(node.name);
    if (m.kind !== "quantity" || m.quantity.level !== "sample") continue;
    found.push({ to: m.quantity, offset: node.index ? text.count(node.index, node.at) : 0, at: node.at });
  }
  return found;
}

/** Strongly connected parts of a graph, dependencies first (Tarjan). */
export function components<T>(nodes: Iterable<T>, edges: (node: T) => Iterable<T>): T[][] {
  const index = new Map<T, number>();
  const low = new Map<T, number>();
  const open: T[] = [];
  const parts: T[][] = [];
  const visit = (node: T): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    open.push(node);
    for (const next of edges(node)) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node)!, low.get(next)!));
      } else if (open.includes(next)) low.set(node, Math.min(low.get(node)!, index.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const part: T[] = [];
    let last: T;
    do part.push((last = open.pop()!));
    while (last !== node);
    parts.push(part);
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return parts;
}

/**
 * Decides memory, direction and stage.
 * @throws EquationError cycle, order, initial.
 */
export function schedule(text: Text): Placement {
  const sampled = [...text.quantities.values()].filter((q) => q.line && q.level === "sample");
  const references = new Map(sampled.map((q) => [q, referencesOf(text, q)]));
  refuseCycles(text, sampled, references);
  findMemory(text, sampled, references);
  return place(text, sampled, references);
}

/** No quantity may depend on itself at the same sample. */
function refuseCycles(text: Text, sampled: Quantity[], references: Map<Quantity, Reference[]>): void {
  // The step of a quantity that defines t+1 is one later than its name says.
  const now = (q: Quantity): Quantity[] =>
    references.get(q)!.filter((r) => r.offset - r.to.left === 0 && references.has(r.to)).map((r) => r.to);
  for (const part of components(sampled, now)) {
    const q = part[0]!;
    if (part.length === 1 && !now(q).includes(q)) continue;
    const names = part.map((p) => p.name).reverse();
    const before = q.left === 1 ? "t" : "t-1";
    text.fail(
      "cycle",
      q.line!.at,
      part.length === 1 ? `\`${q.name}\` depends on itself at the same sample` : `${[...names, names[0]].map((n) => `\`${n}\``).join(" → ")} depend on each other at the same sample`,
      `did you mean \`${q.name}[${before}]\`?`,
      names,
    );
  }
}

function findMemory(text: Text, sampled: Quantity[], references: Map<Quantity, Reference[]>): void {
  for (const q of sampled)
    q.memory = q.flow || q.left === 1 || q.point !== undefined || references.get(q)!.some((r) => r.to === q);
  const plain = (): Quantity[] => sampled.filter((q) => !q.memory);
  // A loop of intermediates through the past: the one whose past is read is kept.
  for (let changed = true; changed; ) {
    changed = false;
    const below = (q: Quantity): Quantity[] => references.get(q)!.filter((r) => !r.to.memory).map((r) => r.to);
    for (const part of components(plain(), below)) {
      if (part.length === 1) continue;
      for (const q of part)
        for (const r of references.get(q)!)
          if (part.includes(r.to) && r.offset !== 0 && !r.to.memory) {
            r.to.memory = true;
            changed = true;
          }
    }
  }
  // The past of an intermediate that needs an input or noise cannot be recomputed from the state.
  const outside = new Map<Quantity, boolean>();
  const needsOutside = (q: Quantity): boolean => {
    if (!outside.has(q)) {
      const direct = [...walk(q.line!.right)].some((node) => {
        if (node.type !== "name") return false;
        const m = text.meaning(node.name);
        return m.kind === "eps" || m.kind === "xi" || m.kind === "t" || (m.kind === "input" && m.per === "sample");
      });
      outside.set(q, direct || references.get(q)!.some((r) => !r.to.memory && needsOutside(r.to)));
    }
    return outside.get(q)!;
  };
  for (let changed = true; changed; ) {
    changed = false;
    outside.clear();
    const shifted = (q: Quantity, offset: number): void => {
      if (q.memory) return;
      if (offset < 0 && needsOutside(q)) {
        q.memory = true;
        changed = true;
        return;
      }
      if (offset !== 0) for (const r of references.get(q)!) shifted(r.to, offset + r.offset);
    };
    for (const q of sampled) for (const r of references.get(q)!) if (r.offset !== 0) shifted(r.to, r.offset);
  }
}

/** Offsets, relative to the step, at which the line of `q` reads memory quantities, intermediates expanded. */
function memoryReads(q: Quantity, references: Map<Quantity, Reference[]>): { to: Quantity; offset: number }[] {
  const found: { to: Quantity; offset: number }[] = [];
  const seen = new Set<string>();
  const expand = (p: Quantity, shift: number): void => {
    for (const r of references.get(p)!) {
      const offset = shift + r.offset;
      const key = `${r.to.name} ${offset}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (r.to.memory) found.push({ to: r.to, offset: offset - r.to.left });
      else expand(r.to, offset);
    }
  };
  expand(q, 0);
  return found;
}

function place(text: Text, sampled: Quantity[], references: Map<Quantity, Reference[]>): Placement {
  const reads = new Map(sampled.map((q) => [q, memoryReads(q, references)]));
  const direction = new Map<Quantity, 1 | -1>();
  const memory = sampled.filter((q) => q.memory);
  for (const part of components(memory, (q) => reads.get(q)!.map((r) => r.to))) {
    const inner = part.flatMap((q) => reads.get(q)!.filter((r) => part.includes(r.to) && r.offset !== 0));
    const future = inner.some((r) => r.offset > 0);
    if (future && inner.some((r) => r.offset < 0)) {
      const names = part.map((q) => q.name);
      text.fail("order", part[0]!.line!.at, `\`${names.join("`, `")}\` needs both its past and its future`, "split it into a forward and a backward quantity", names);
    }
    if (inner.length > 0) for (const q of part) direction.set(q, future ? -1 : 1);
  }

  // The least stages that satisfy every reference, by repetition: stages only grow.
  const kindOf = (q: Quantity): number => (!q.line || q.level === "trial" ? 0 : direction.get(q) === -1 ? 2 : 1);
  const timed = [...text.quantities.values()].filter((q) => q.level !== "update");
  const stage = new Map<Quantity, number>(timed.map((q) => [q, kindOf(q)]));
  const single = new Map(timed.map((q) => [q, oneSampleReads(text, q, references)]));
  const least = (from: number, kind: number): number => from + ((kind - (from % 3) + 3) % 3);
  const neededAs = (q: Quantity, kind: number): number => {
    let at = stage.get(q)!;
    for (const other of single.get(q)!) {
      const dep = stage.get(other)!;
      at = Math.max(at, kind === 0 && kindOf(other) === 0 ? dep : dep + 1);
    }
    for (const r of reads.get(q) ?? []) {
      if (r.to === q) continue;
      const dep = stage.get(r.to)!;
      const legal = dep % 3 === kind && (r.offset === 0 || r.offset > 0 === (kind === 2));
      at = Math.max(at, legal ? dep : dep + 1);
    }
    return least(at, kind);
  };
  // An intermediate has no direction of its own: it goes where it can be computed first.
  const needed = (q: Quantity): number =>
    q.memory || kindOf(q) === 0 ? neededAs(q, kindOf(q)) : Math.min(neededAs(q, 1), neededAs(q, 2));
  const loops = components(memory, (q) => reads.get(q)!.map((r) => r.to));
  for (let changed = true, round = 0; changed; round++) {
    changed = false;
    if (round > 3 * timed.length + 6) throw new Error("stages do not settle");
    for (const q of timed) {
      const at = needed(q);
      if (at > stage.get(q)!) {
        stage.set(q, at);
        changed = true;
      }
    }
    for (const loop of loops) {
      const most = Math.max(...loop.map((q) => stage.get(q)!));
      for (const q of loop) stage.set(q, most);
    }
  }

  for (const q of text.quantities.values()) {
    if (!q.line || !q.point || q.level !== "sample") continue;
    const index = q.point.index!;
    const expected = stage.get(q)! % 3 === 2 ? "T" : q.left === 1 ? "0" : "-1";
    if (showIndex(index) !== expected)
      text.fail("initial", q.point.at, `\`${q.name}[${showIndex(index)}]\` is not an initial value: \`${q.name}\` is produced from sample ${expected === "T" ? "T-1" : q.left} on`, `its initial value is \`${q.name}[${expected}]\``, [q.name]);
  }
  return { stage };
}

/** Quantities that a line, what it expands to, or its initial line reads at one sample (or that exist once per trial). */
function oneSampleReads(text: Text, q: Quantity, references: Map<Quantity, Reference[]>, seen = new Set<Quantity>()): Quantity[] {
  if (seen.has(q)) return [];
  seen.add(q);
  const found: Quantity[] = [];
  for (const line of [q.line, q.point])
    for (const node of line ? walk(line.right) : []) {
      if (node.type !== "name") continue;
      const m = text.meaning(node.name);
      if (m.kind !== "quantity" || m.quantity === q) continue;
      if (m.quantity.level === "trial" || (node.index && node.index.base !== "t")) found.push(m.quantity);
    }
  for (const r of references.get(q) ?? []) if (!r.to.memory) found.push(...oneSampleReads(text, r.to, references, seen));
  return found;
}
