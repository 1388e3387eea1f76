/**
 * Reverse-mode derivative of a program: the blocks in reverse order, each pass in reverse time. What a pass of the
 * result needs of the original it reads as a stored sequence, or computes again where that is cheap.
 */
import { dependencies, dependents, nameRead, namer, namesOf } from "./activity.ts";
import { Graph } from "./build.ts";
import { isScalar, type MapName, type MapNode, type Node, operands, topological } from "./graph.ts";
import { emptyBlock, normalise } from "./normalise.ts";
import type { Block, Program } from "./program.ts";
import { partial, type Surrogates } from "./rules.ts";

export interface Adjoint {
  program: Program;
  /** For each name of `wrt` that `of` depends on: the quantity that holds its gradient, of its shape and level. */
  gradients: Record<string, string>;
}

/** Cheaper to compute again than to keep at every sample. */
const cheap = new Set<MapName>([
  "add",
  "sub",
  "mul",
  "neg",
  "relu",
  "step",
  "min",
  "max",
  "where",
  "abs",
  "detach",
  "fill",
]);

/**
 * The gradient of a scalar of level update (a sum over samples and trials, or a definition) by parameters and inputs.
 * @param of the name of the scalar.
 * @param wrt names of parameters, inputs once per trial, and inputs per sample.
 */
export function adjoint(program: Program, of: string, wrt: string[], surrogates: Surrogates = {}): Adjoint {
  return new Reverse(program, of, wrt, surrogates).run();
}

/** A contribution to the cotangent of a quantity of a pass: definition `name` at the sample `offset` before. */
interface Contribution {
  name: string;
  offset: number;
}

class Reverse {
  private readonly g = new Graph();
  private readonly program: Program;
  private readonly surrogates: Surrogates;
  private readonly wrt: string[];
  private readonly of: string;
  private readonly involved: Set<string>;
  private readonly bar: (name: string) => string;
  private readonly keep: (name: string) => string;
  /** Cotangents of what is read once per update or trial, collected so far. */
  private readonly bars = new Map<string, Node[]>();
  private readonly reads = new Map<string, Contribution[]>();
  private readonly picks = new Map<string, { from: "start" | "end"; index: number; node: Node }[]>();
  private readonly initials = new Map<string, Node>();
  private readonly forward: Block[];
  private readonly reverse: Block[] = [];

  constructor(program: Program, of: string, wrt: string[], surrogates: Surrogates) {
    this.program = program;
    this.of = of;
    this.wrt = wrt;
    this.surrogates = surrogates;
    const active = dependents(program, wrt);
    const needed = dependencies(program, [of]);
    this.involved = new Set([...active].filter((name) => needed.has(name)));
    const taken = namesOf(program);
    this.bar = namer(taken, "bar");
    this.keep = namer(taken, "kept");
    this.forward = program.blocks.map((b) => ({
      ...b,
      definitions: b.definitions.map((d) => ({ ...d, node: this.g.rebuild(d.node) })),
      sums: b.sums.map((s) => ({ ...s, node: this.g.rebuild(s.node) })),
      initials: Object.fromEntries(Object.entries(b.initials).map(([name, node]) => [name, this.g.rebuild(node)])),
    }));
    for (const b of this.forward) for (const [name, node] of Object.entries(b.initials)) this.initials.set(name, node);
  }

  run(): Adjoint {
    const { g } = this;
    this.bars.set(this.of, [g.number(1)]);
    for (const block of [...this.forward].reverse()) {
      if (block.kind === "pass") this.pass(block);
      else this.once(block);
    }
    const gradients: Record<string, string> = {};
    const update = emptyBlock("update");
    const trial = emptyBlock("trial");
    const samples = emptyBlock("pass");
    for (const name of this.wrt) {
      if (!this.involved.has(name)) continue;
      const shape = (this.program.parameters[name] ?? this.program.inputs[name])!.shape;
      const input = this.program.inputs[name];
      const own = this.bar(name);
      gradients[name] = own;
      if (input?.per === "sample") {
        const terms = (this.reads.get(name) ?? []).map((c) =>
          g.leaf({ kind: "read", name: c.name, offset: -c.offset }, shape, "sample"),
        );
        samples.definitions.push({ name: own, node: this.sum(terms) ?? g.number(0, shape) });
      } else {
        const node = this.sum(this.bars.get(name) ?? []) ?? g.number(0, shape);
        (input ? trial : update).definitions.push({ name: own, node });
      }
    }
    const blocks = [...this.forward, ...this.reverse, update, trial, samples];
    return { program: normalise({ ...this.program, blocks }), gradients };
  }

  private sum(nodes: Node[]): Node | undefined {
    return nodes.length === 0 ? undefined : nodes.reduce((a, b) => this.g.map("add", a, b));
  }

  private add(name: string, node: Node): void {
    const list = this.bars.get(name);
    if (list) list.push(node);
    else this.bars.set(name, [node]);
  }

  /** Local reverse sweep: from the cotangents of some nodes to those of the leaves below them. */
  private sweep(seeds: Map<Node, Node>, primal: (node: Node) => Node): Map<Node, Node[]> {
    const { g } = this;
    const cotangents = new Map<Node, Node[]>();
    const push = (node: Node, c: Node): void => {
      const list = cotangents.get(node);
      if (list) list.push(c);
      else cotangents.set(node, [c]);
    };
    for (const [node, c] of seeds) push(node, c);
    const active = new Set<Node>();
    const order = topological(seeds.keys());
    for (const n of order) {
      const read = n.op === "leaf" ? nameRead(n.leaf) : undefined;
      const below = n.op === "leaf" ? [] : n.op === "map" ? n.args : n.op === "product" ? [n.a, n.b] : [n.a];
      if ((read !== undefined && this.involved.has(read)) || below.some((o) => active.has(o))) active.add(n);
    }
    const leaves = new Map<Node, Node[]>();
    for (const n of order.reverse()) {
      const list = cotangents.get(n);
      if (!list || !active.has(n)) continue;
      if (n.op === "leaf") {
        leaves.set(n, list);
        continue;
      }
      const c = this.sum(list)!;
      switch (n.op) {
        case "transpose":
          push(n.a, g.transpose(c));
          break;
        case "diag":
          push(n.a, this.diagonal(c));
          break;
        case "product":
          if (active.has(n.a)) this.productLeft(n.a, primal(n.b), c, push);
          if (active.has(n.b)) this.productRight(primal(n.a), n.b, c, push);
          break;
        case "map":
          n.args.forEach((arg, i) => {
            if (!active.has(arg)) return;
            const slope = this.slope(n, i, primal);
            if (!slope) return;
            const whole = g.map("mul", slope, c);
            push(arg, isScalar(arg.shape) && !isScalar(whole.shape) ? g.total(whole) : whole);
          });
      }
    }
    return leaves;
  }

  private slope(n: MapNode, i: number, primal: (node: Node) => Node): Node | undefined {
    const slope = partial(this.g, n, i, this.surrogates);
    return slope && primal(slope);
  }

  /** `Ā += C̄ B'`; of a diagonal A only the diagonal, without forming the matrix. */
  private productLeft(a: Node, b: Node, c: Node, push: (node: Node, c: Node) => void): void {
    const { g } = this;
    if (a.op === "diag") push(a.a, g.product(g.map("mul", c, b), g.number(1, [b.shape[1]!])));
    else push(a, g.product(c, g.transpose(b)));
  }

  /** `B̄ += A' C̄`. */
  private productRight(a: Node, b: Node, c: Node, push: (node: Node, c: Node) => void): void {
    const { g } = this;
    if (b.op === "diag") push(b.a, g.transpose(g.product(g.number(1, [1, a.shape[0]!]), g.map("mul", a, c))));
    else push(b, g.product(g.transpose(a), c));
  }

  private diagonal(c: Node): Node {
    const { g } = this;
    const n = c.shape[0]!;
    return g.product(g.map("mul", c, g.diag(g.number(1, [n]))), g.number(1, [n]));
  }

  /** Reverse of an update or trial block. */
  private once(block: Block): void {
    const { g } = this;
    const level = block.kind === "update" ? "update" : "trial";
    const out = emptyBlock(block.kind);
    const named = new Map(block.definitions.map((d) => [d.node, d.name]));
    const primal = this.reuse((n) => {
      const name = named.get(n);
      return name !== undefined && n.op !== "leaf" ? g.leaf({ kind: "value", name }, n.shape, level) : undefined;
    });
    const follow = (node: Node, c: Node): void => {
      for (const [leaf, list] of this.sweep(new Map([[node, c]]), primal)) this.deliver(out, leaf, list, level);
    };
    for (const s of [...block.sums].reverse()) {
      const c = this.involved.has(s.name) && this.sum(this.bars.get(s.name) ?? []);
      if (c) follow(s.node, isScalar(s.shape) ? g.fill(c, s.node.shape) : c);
    }
    for (const d of [...block.definitions].reverse()) {
      const list = this.bars.get(d.name);
      if (!list || !this.involved.has(d.name)) continue;
      const name = this.bar(d.name);
      out.definitions.push({ name, node: this.sum(list)! });
      follow(d.node, g.leaf({ kind: "value", name }, d.node.shape, level));
    }
    if (out.definitions.length + out.sums.length > 0) this.reverse.push(out);
  }

  /** A rebuilt expression, with some nodes replaced by where their value is kept. */
  private reuse(kept: (node: Node) => Node | undefined): (node: Node) => Node {
    const memo = new Map<Node, Node>();
    const asked = new Set<Node>();
    return (root) => {
      // By a stack of its own: graphs are as deep as texts are long.
      const open = [root];
      for (let n = open[open.length - 1]; n; n = open[open.length - 1]) {
        if (!memo.has(n) && !asked.has(n)) {
          asked.add(n);
          const known = kept(n) ?? (n.op === "leaf" ? n : undefined);
          if (known) memo.set(n, known);
          else
            open.push(
              ...operands(n)
                .filter((o) => !memo.has(o))
                .reverse(),
            );
          continue;
        }
        open.pop();
        if (!memo.has(n))
          memo.set(
            n,
            this.g.again(n, (o) => memo.get(o)!),
          );
      }
      return memo.get(root)!;
    };
  }

  /** Cotangents that arrive at a leaf of an update or trial block. */
  private deliver(out: Block, leaf: Node, list: Node[], level: "update" | "trial"): void {
    if (leaf.op !== "leaf") return;
    const name = nameRead(leaf.leaf)!;
    const { leaf: l } = leaf;
    if (l.kind === "pick") {
      const c = this.sum(list)!;
      if (l.index < 0) this.toInitial(name, c);
      else {
        const picks = this.picks.get(name) ?? [];
        const own = this.bar(name);
        out.definitions.push({ name: own, node: c });
        picks.push({ from: l.from, index: l.index, node: this.g.leaf({ kind: "value", name: own }, c.shape, "trial") });
        this.picks.set(name, picks);
      }
      return;
    }
    for (const c of list) {
      if (leaf.level === level) this.add(name, c);
      else this.collect(out, name, leaf, c, "update");
    }
  }

  /** Sums a cotangent over samples (and trials), for what is read once per trial (or update). */
  private collect(out: Block, name: string, leaf: Node, c: Node, over: "update" | "trial"): void {
    const own = this.bar(name);
    out.sums.push({ name: own, node: c, over, shape: leaf.shape });
    this.add(name, this.g.leaf({ kind: "value", name: own }, leaf.shape, over));
  }

  /** A cotangent of a quantity's initial value goes on into the node of that value. */
  private toInitial(name: string, c: Node): void {
    const node = this.initials.get(name);
    if (!node) return;
    const out = emptyBlock("trial");
    const own = this.bar(name);
    out.definitions.push({ name: own, node: c });
    const seed = this.g.leaf({ kind: "value", name: own }, c.shape, "trial");
    const primal = this.reuse(() => undefined);
    for (const [leaf, list] of this.sweep(new Map([[node, seed]]), primal)) this.deliver(out, leaf, list, "trial");
    this.reverse.push(out);
  }

  private pass(block: Block): void {
    const { g } = this;
    const own = new Map(block.definitions.map((d) => [d.name, d]));
    const out = emptyBlock("pass", block.direction === 1 ? -1 : 1);
    const primal = this.stored(block);
    // The past that this pass reads of itself comes back as contributions from the samples after.
    const ownReads = new Map<string, Contribution[]>();
    const barOf = new Map<Node, string>();
    for (const n of topological(
      [...block.definitions, ...block.sums].filter((d) => this.involved.has(d.name)).map((d) => d.node),
    )) {
      if (n.op !== "leaf" || n.leaf.kind !== "read" || !own.has(n.leaf.name) || !this.involved.has(n.leaf.name))
        continue;
      const name = this.bar(n.leaf.name);
      barOf.set(n, name);
      const list = ownReads.get(n.leaf.name) ?? [];
      list.push({ name, offset: n.leaf.offset });
      ownReads.set(n.leaf.name, list);
    }
    const seeds = new Map<Node, Node>();
    const seed = (node: Node, c: Node): void => {
      const before = seeds.get(node);
      seeds.set(node, before ? g.map("add", before, c) : c);
    };
    for (const d of block.definitions) {
      if (!this.involved.has(d.name)) continue;
      const terms: Node[] = [...(ownReads.get(d.name) ?? []), ...(this.reads.get(d.name) ?? [])].map((c) =>
        g.leaf({ kind: "read", name: c.name, offset: -c.offset }, d.node.shape, "sample"),
      );
      for (const p of this.picks.get(d.name) ?? [])
        terms.push(g.map("mul", g.leaf({ kind: "indicator", from: p.from, index: p.index }, [], "sample"), p.node));
      const c = this.sum(terms);
      if (c) seed(d.node, c);
    }
    for (const s of block.sums) {
      const c = this.involved.has(s.name) && this.sum(this.bars.get(s.name) ?? []);
      if (c) seed(s.node, isScalar(s.shape) ? g.fill(c, s.node.shape) : c);
    }
    const arrived = this.sweep(seeds, primal);
    const toInitial: { name: string; node: Node }[] = [];
    for (const [leaf, list] of arrived) {
      if (leaf.op !== "leaf") continue;
      const { leaf: l } = leaf;
      const name = nameRead(l)!;
      if (l.kind === "read" || (l.kind === "input" && leaf.level === "sample")) {
        const bar = barOf.get(leaf) ?? this.bar(name);
        barOf.delete(leaf);
        out.definitions.push({ name: bar, node: this.sum(list)! });
        const { offset } = l;
        if (!own.has(name)) {
          const contributions = this.reads.get(name) ?? [];
          contributions.push({ name: bar, offset });
          this.reads.set(name, contributions);
        }
        if (l.kind === "read" && this.initials.has(name))
          for (let i = 0; i < Math.abs(offset); i++) {
            const pick = { kind: "pick", name: bar, from: offset < 0 ? "start" : "end", index: i } as const;
            toInitial.push({ name, node: g.leaf(pick, leaf.shape, "trial") });
          }
      } else for (const c of list) this.collect(out, name, leaf, c, leaf.level === "trial" ? "trial" : "update");
    }
    // Reads whose cotangent turned out to be zero still have a name that others refer to.
    for (const [leaf, name] of barOf) out.definitions.push({ name, node: g.number(0, leaf.shape) });
    if (out.definitions.length + out.sums.length > 0) this.reverse.push(out);
    for (const { name, node } of toInitial) this.toInitial(name, node);
  }

  /** Access to a pass's values from its reverse: read where kept, computed again where cheap, else kept from now on. */
  private stored(block: Block): (node: Node) => Node {
    const { g } = this;
    const named = new Map<Node, string>();
    for (const d of block.definitions) if (!named.has(d.node)) named.set(d.node, d.name);
    const computed = new Set(topological([...block.definitions, ...block.sums].map((d) => d.node)));
    return this.reuse((n) => {
      if (n.level !== "sample" || n.op === "leaf") return n.op === "leaf" ? n : undefined;
      let name = named.get(n);
      if (name === undefined) {
        const again =
          !computed.has(n) || n.op === "transpose" || n.op === "diag" || (n.op === "map" && cheap.has(n.fn));
        if (again) return undefined;
        name = this.keep(n.op === "map" ? n.fn : n.op);
        block.definitions.push({ name, node: n });
        named.set(n, name);
      }
      return g.leaf({ kind: "read", name, offset: 0 }, n.shape, "sample");
    });
  }
}
