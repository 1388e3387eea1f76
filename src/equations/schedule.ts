/**
 * Which quantities keep their past, in which direction each runs, and in which stage: the order of the passes.
 */
import { components } from "./components.ts";
import type { Place } from "./errors.ts";
import { type Ast, children, nodesOf, showIndex, walk } from "./syntax.ts";
import type { Quantity, Text } from "./text.ts";
import { limits } from "./tokens.ts";

/** A reference from one quantity to another, `offset` samples later (negative: earlier), as written. */
interface Reference {
  to: Quantity;
  offset: number;
  at: Place;
}

type References = Map<Quantity, Reference[]>;

export interface Placement {
  /** Stage of each sample and trial quantity. Stage mod 3: 0 once per trial, 1 a forward pass, 2 a backward pass. */
  stage: Map<Quantity, number>;
  /** All quantities, each after what it reads at its own sample. */
  order: Quantity[];
}

/** The names that an expression reads, each with whether it stands inside a `delay`. */
function* namesIn(ast: Ast, delayed = false): Generator<{ node: Ast & { type: "name" }; delayed: boolean }> {
  if (ast.type === "name") yield { node: ast, delayed };
  for (const child of children(ast)) yield* namesIn(child, delayed || (ast.type === "call" && ast.fn === "delay"));
}

/** References of a line to quantities of level sample, with offsets relative to the line's step. */
function referencesOf(text: Text, q: Quantity): Reference[] {
  const found: Reference[] = [];
  const line = q.line!;
  for (const part of line.scale ? [line.right, line.scale] : [line.right])
    for (const { node, delayed } of namesIn(part)) {
      if (node.index && node.index.base !== "t") continue;
      const m = text.meaning(node.name);
      if (m.kind !== "quantity" || m.quantity.level !== "sample") continue;
      // However long a delay is, it reads the past.
      const offset = delayed ? -1 : node.index ? text.count(node.index, node.at) : 0;
      found.push({ to: m.quantity, offset, at: node.at });
    }
  return found;
}

/**
 * Decides memory, direction and stage.
 * @throws EquationError cycle, order, initial.
 */
export function schedule(text: Text): Placement {
  const sampled = [...text.quantities.values()].filter((q) => q.line && q.level === "sample");
  const references = new Map(sampled.map((q) => [q, referencesOf(text, q)]));
  const fixed = new Map([...text.quantities.values()].map((q) => [q, fixedReferences(text, q)]));
  const order = refuseCycles(text, references, fixed);
  findMemory(text, sampled, references);
  return { stage: place(text, sampled, references, fixed), order };
}

/** No quantity may depend on itself at the same sample, nor on a sample of a pass that needs it. The order that is left. */
function refuseCycles(text: Text, references: References, fixed: References): Quantity[] {
  const quantities = [...text.quantities.values()];
  const now = new Map<Quantity, Reference[]>();
  for (const q of quantities) {
    // The step of a quantity that defines t+1 is one later than its name says.
    const sampled = (references.get(q) ?? []).filter((r) => r.offset - r.to.left === 0);
    const once = fixed.get(q)!.filter((r) => r.to.level !== "sample");
    now.set(q, [...sampled, ...once]);
  }
  const parts = components(quantities, (q) => now.get(q)!.map((r) => r.to));
  for (const part of parts) {
    if (part.length === 1 && !now.get(part[0]!)!.some((r) => r.to === part[0])) continue;
    const first = quantities.find((q) => part.includes(q))!;
    const cycle = shortestCycle(first, now);
    const { to, offset, at } = cycle[0]!;
    const names = [first, ...cycle.map((r) => r.to)].map((q) => q.name);
    text.fail(
      "cycle",
      at,
      cycle.length === 1
        ? `\`${first.name}\` depends on itself at the same sample`
        : `${names.map((n) => `\`${n}\``).join(" → ")} depend on each other at the same sample`,
      to.line ? `did you mean \`${to.name}[${offset > 0 ? "t" : "t-1"}]\`?` : "give one of them a value of its own",
      names.slice(0, -1),
    );
  }
  const any = (q: Quantity): Reference[] => [...(references.get(q) ?? []), ...fixed.get(q)!];
  for (const part of components(quantities, (q) => any(q).map((r) => r.to)))
    for (const q of part)
      for (const { to, at } of fixed.get(q)!)
        if (part.includes(to) && to.level === "sample")
          text.fail(
            "order",
            at,
            q === to
              ? `\`${q.name}\` reads one of its own samples by number`
              : `\`${q.name}\` needs one sample of \`${to.name}\`, which is known when its pass has run, and \`${to.name}\` needs \`${q.name}\``,
            "a pass cannot read its own samples by number; give an initial value a name: `y[0] = …; x[0] = y[0]`",
            [q.name, to.name],
          );
  return parts.flat();
}

/** What a quantity's lines read that is not at the sample of the step: one sample, or what does not change in time. */
function fixedReferences(text: Text, q: Quantity): Reference[] {
  const found: Reference[] = [];
  for (const line of [q.line, q.point])
    for (const node of line ? nodesOf(line) : []) {
      const m = node.type === "name" ? text.meaning(node.name) : undefined;
      if (node.type !== "name" || m?.kind !== "quantity") continue;
      if (m.quantity.level !== "sample" || (node.index && node.index.base !== "t"))
        found.push({ to: m.quantity, offset: 0, at: node.at });
    }
  return found;
}

/** The references along the shortest way from a quantity, which is part of a cycle, back to itself. */
function shortestCycle(from: Quantity, references: References): Reference[] {
  const ways = references.get(from)!.map((r) => [r]);
  const seen = new Set<Quantity>();
  for (const way of ways) {
    const { to } = way[way.length - 1]!;
    if (to === from) return way;
    if (seen.has(to)) continue;
    seen.add(to);
    for (const r of references.get(to)!) ways.push([...way, r]);
  }
  throw new Error(`${from.name} is not part of a cycle`);
}

function findMemory(text: Text, sampled: Quantity[], references: References): void {
  for (const q of sampled)
    q.memory = q.flow || q.left === 1 || q.point !== undefined || references.get(q)!.some((r) => r.to === q);
  const plain = (): Quantity[] => sampled.filter((q) => !q.memory);
  // A loop of intermediates through the past: the one whose past is read is kept.
  for (let changed = true; changed; ) {
    changed = false;
    const below = (q: Quantity): Quantity[] =>
      references
        .get(q)!
        .filter((r) => !r.to.memory)
        .map((r) => r.to);
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
    const seen = new Set<string>();
    const shifted = (q: Quantity, offset: number): void => {
      const key = `${q.name} ${offset}`;
      if (q.memory || seen.has(key)) return;
      seen.add(key);
      boundExpansion(text, q, seen.size);
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

/** Intermediates at other samples are written out; a text must not write out without end. */
export function boundExpansion(text: Text, q: Quantity, count: number): void {
  if (count > limits.expansions)
    text.fail(
      "limit",
      q.line!.at,
      `past values of \`${q.name}\` and others are read at more than ${limits.expansions} samples`,
      "give one of them an initial value: then its past is stored",
      [q.name],
    );
}

/** Offsets, relative to the step, at which the line of `q` reads memory quantities, intermediates expanded. */
function memoryReads(text: Text, q: Quantity, references: References): { to: Quantity; offset: number }[] {
  const found: { to: Quantity; offset: number }[] = [];
  const seen = new Set<string>();
  const expand = (p: Quantity, shift: number): void => {
    for (const r of references.get(p)!) {
      const offset = shift + r.offset;
      const key = `${r.to.name} ${offset}`;
      if (seen.has(key)) continue;
      seen.add(key);
      boundExpansion(text, r.to, seen.size);
      if (r.to.memory) found.push({ to: r.to, offset: offset - r.to.left });
      else expand(r.to, offset);
    }
  };
  expand(q, 0);
  return found;
}

function place(text: Text, sampled: Quantity[], references: References, fixed: References): Map<Quantity, number> {
  const reads = new Map(sampled.map((q) => [q, memoryReads(text, q, references)]));
  const direction = new Map<Quantity, 1 | -1>();
  const memory = sampled.filter((q) => q.memory);
  for (const part of components(memory, (q) => reads.get(q)!.map((r) => r.to))) {
    const inner = part.flatMap((q) => reads.get(q)!.filter((r) => part.includes(r.to) && r.offset !== 0));
    const future = inner.some((r) => r.offset > 0);
    if (future && inner.some((r) => r.offset < 0)) {
      const names = part.map((q) => q.name);
      const what = `\`${names.join("`, `")}\` ${names.length > 1 ? "need both their" : "needs both its"} past and ${names.length > 1 ? "their" : "its"} future`;
      text.fail("order", part[0]!.line!.at, what, "split it into a forward and a backward quantity", names);
    }
    if (inner.length > 0) for (const q of part) direction.set(q, future ? -1 : 1);
    const next = future && part.find((q) => q.left === 1);
    if (next)
      text.fail(
        "left",
        next.line!.at,
        `\`${next.name}\` runs from the end of the trial`,
        `write \`${next.name}[t] = …\``,
      );
  }

  // The least stages that satisfy every reference, by repetition: stages only grow.
  const kindOf = (q: Quantity): number => (!q.line || q.level === "trial" ? 0 : direction.get(q) === -1 ? 2 : 1);
  const timed = [...text.quantities.values()].filter((q) => q.level !== "update");
  const stage = new Map<Quantity, number>(timed.map((q) => [q, kindOf(q)]));
  const single = new Map(timed.map((q) => [q, oneSampleReads(q, references, fixed)]));
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
      text.fail(
        "initial",
        q.point.at,
        `\`${q.name}[${showIndex(index)}]\` is not an initial value: \`${q.name}\` is produced from sample ${expected === "T" ? "T-1" : q.left} on`,
        `its initial value is \`${q.name}[${expected}]\``,
        [q.name],
      );
  }
  return stage;
}

/** Quantities that a line, what it expands to, or its initial line reads at one sample (or that exist once per trial). */
function oneSampleReads(from: Quantity, references: References, fixed: References): Set<Quantity> {
  const found = new Set<Quantity>();
  const open = new Set([from]);
  for (const q of open) {
    for (const { to } of fixed.get(q)!) if (to.level !== "update") found.add(to);
    for (const { to } of references.get(q) ?? []) if (!to.memory) open.add(to);
  }
  return found;
}
