/** Syntax to graph: one expression, in the context of a sample, a shift in time and a pass. */
import type { Graph } from "./build.ts";
import { cheapestProduct } from "./chain.ts";
import type { Place } from "./errors.ts";
import { isScalar, type Level, type Node, type Shape, sameShape } from "./graph.ts";
import { checkProduct, refuseElementwise, showShape } from "./misfit.ts";
import { boundExpansion } from "./schedule.ts";
import { guess } from "./shapes.ts";
import { type Ast, type Index, isNoise, showIndex } from "./syntax.ts";
import type { Quantity, Text } from "./text.ts";
import { limits } from "./tokens.ts";

/** Name under which a quantity's values are kept: one that defines `t+1` is kept as its next value. */
export const storedName = (q: Quantity): string => (q.left === 1 ? `${q.name}.next` : q.name);

export interface Context {
  /** Samples by which the expression is moved: reading the past of an intermediate evaluates it in the past. */
  shift: number;
  level: Level;
  /** Stage of the pass that is being built. */
  stage: number;
  /** Shape that noise takes where nothing beside it tells. */
  expected: Shape;
  /** Quantity whose line this is. */
  owner: Quantity;
  inFlow: boolean;
}

export class Lowering {
  readonly text: Text;
  readonly graph: Graph;
  readonly noises: Record<string, { shape: Shape; per: "sample" | "trial" }> = {};
  private readonly stage: Map<Quantity, number>;
  private readonly dt: number | undefined;
  private readonly done = new Map<string, Node>();
  private readonly open = new Set<string>();
  private readonly sources = new Map<Ast, string>();

  constructor(text: Text, graph: Graph, stage: Map<Quantity, number>, dt: number | undefined) {
    this.text = text;
    this.graph = graph;
    this.stage = stage;
    this.dt = dt;
  }

  /** The value that a quantity's line defines, evaluated `shift` samples away, within the pass of `stage`. */
  definition(q: Quantity, stage: number, shift = 0): Node {
    const key = `${q.name} ${stage} ${shift}`;
    const found = this.done.get(key);
    if (found) return found;
    if (this.open.has(key))
      this.text.fail(
        "cycle",
        q.line!.at,
        `\`${q.name}\` depends on itself at the same sample`,
        "read a past value instead",
        [q.name],
      );
    this.open.add(key);
    boundExpansion(this.text, q, this.open.size + this.done.size);
    const line = q.line!;
    const context: Context = { shift, level: q.level, stage, expected: q.shape!, owner: q, inFlow: q.flow };
    let node = this.lower(line.right, context);
    if (q.flow) {
      // Euler: x + (dt / tau) R. Other integrators are built from `field`.
      const step = this.graph.leaf({ kind: "dt" }, [], "update");
      const rate = line.scale ? this.graph.map("div", step, this.scale(line.scale, q, context)) : step;
      const x = this.graph.leaf({ kind: "read", name: storedName(q), offset: shift - 1 }, q.shape!, "sample");
      node = this.graph.map("add", x, this.graph.map("mul", rate, this.fitting(node, q, line.right)));
    }
    node = this.filled(node, q, line.right);
    this.open.delete(key);
    this.done.set(key, node);
    return node;
  }

  /** dx/dt of a flow. */
  field(q: Quantity, stage: number): Node {
    const line = q.line!;
    const context: Context = { shift: 0, level: "sample", stage, expected: q.shape!, owner: q, inFlow: true };
    let node = this.fitting(this.lower(line.right, context), q, line.right);
    if (line.scale) node = this.graph.map("div", node, this.scale(line.scale, q, context));
    return this.filled(node, q, line.right);
  }

  /** The factor before `dx/dt`. */
  private scale(ast: Ast, q: Quantity, c: Context): Node {
    const node = this.lower(ast, c);
    if (!isScalar(node.shape) && !sameShape(node.shape, q.shape!))
      throw this.text.error("shape", ast.at, {
        given: `\`${q.name}\` is ${showShape(q.shape!)} and the factor before \`d${q.name}/dt\` is ${showShape(node.shape)}`,
        expected: `a scalar, or the shape of \`${q.name}\``,
        symbols: [q.name],
      });
    return node;
  }

  /** A value at one sample: an initial value, or a quantity that exists once per trial. */
  point(q: Quantity): Node {
    const right = q.point!.right;
    const context: Context = { shift: 0, level: "trial", stage: -1, expected: q.shape!, owner: q, inFlow: false };
    return this.filled(this.lower(right, context), q, right);
  }

  private filled(node: Node, q: Quantity, at: Ast): Node {
    return this.graph.fill(this.fitting(node, q, at), q.shape!);
  }

  private fitting(node: Node, q: Quantity, { at }: Ast): Node {
    if (!isScalar(node.shape) && !sameShape(node.shape, q.shape!))
      throw this.text.error("shape", at, {
        given: `\`${q.name}\` is ${showShape(q.shape!)} and the right side is ${showShape(node.shape)}`,
        expected: "the same shape on both sides, or a scalar on the right",
        symbols: [q.name],
      });
    return node;
  }

  /** An elementwise function of what two places stand for. */
  private joined(
    fn: "add" | "sub" | "mul" | "div" | "pow",
    at: Place,
    [first, a]: [Ast, Node],
    [second, b]: [Ast, Node],
  ): Node {
    if (!isScalar(a.shape) && !isScalar(b.shape) && !sameShape(a.shape, b.shape))
      refuseElementwise(this.text, at, first, a, second, b);
    return this.graph.map(fn, a, b);
  }

  private lower(ast: Ast, c: Context): Node {
    const g = this.graph;
    switch (ast.type) {
      case "number":
        return g.number(ast.value);
      case "name":
        return this.name(ast, c);
      case "sum": {
        const inner = { ...c, expected: this.shapeAround(ast, c) };
        let total: Node | undefined;
        // The term that gave the sum its shape.
        let shaped = ast.terms[0]!.term;
        for (const { sign, term } of ast.terms) {
          const node = this.lower(term, inner);
          if (!total) total = sign > 0 ? node : g.map("neg", node);
          else {
            const scalar = isScalar(total.shape);
            total = this.joined(sign > 0 ? "add" : "sub", term.at, [shaped, total], [term, node]);
            if (scalar) shaped = term;
          }
        }
        return total!;
      }
      case "mul":
      case "div": {
        const inner = { ...c, expected: this.shapeAround(ast, c) };
        const a = this.lower(ast.a, inner);
        const b = this.lower(ast.b, inner);
        return this.joined(ast.type, ast.at, [ast.a, a], [ast.b, b]);
      }
      case "power": {
        const base = this.lower(ast.base, c);
        if (base.shape.length === 2)
          this.text.fail("shape", ast.at, "a power of a matrix", "`^` is elementwise, on numbers and vectors");
        return this.joined("pow", ast.at, [ast.base, base], [ast.exponent, this.lower(ast.exponent, c)]);
      }
      case "transpose":
        return g.transpose(this.lower(ast.a, c));
      case "chain":
        return this.chain(ast, c);
      case "call":
        return this.call(ast, c);
    }
  }

  private shapeAround(ast: Ast, c: Context): Shape {
    const shape = guess(this.text, ast);
    return typeof shape === "string" || isScalar(shape) ? c.expected : shape;
  }

  private call(ast: Ast & { type: "call" }, c: Context): Node {
    const g = this.graph;
    const { fn } = ast;
    if (fn === "delay") return this.delay(ast, c);
    const inner = { ...c, expected: this.shapeAround(ast, c) };
    const args = ast.args.map((a) => this.lower(a, inner));
    const [a] = args as [Node];
    if (fn === "diag" || fn === "rownorm") {
      if (fn === "diag" && a.shape.length !== 1)
        this.text.fail("shape", ast.at, `\`diag\` of ${showShape(a.shape)}`, "it takes a vector");
      if (fn === "diag") return g.diag(a);
      if (a.shape.length !== 2)
        this.text.fail("shape", ast.at, `\`rownorm\` of ${showShape(a.shape)}`, "it takes a matrix");
      const norms = g.product(g.map("mul", a, a), g.number(1, [a.shape[1]!]));
      if (isScalar(norms.shape)) return g.map("div", a, g.map("sqrt", norms));
      return g.product(g.diag(g.map("div", g.number(1), g.map("sqrt", norms))), a);
    }
    if (fn === "spike") return g.spike(a, c.owner.name);
    const shaped = args.findIndex((n) => !isScalar(n.shape));
    args.forEach((n, i) => {
      if (!isScalar(n.shape) && !sameShape(n.shape, args[shaped]!.shape))
        refuseElementwise(this.text, ast.at, ast.args[shaped]!, args[shaped]!, ast.args[i]!, n);
    });
    return g.map(fn as "tanh", ...args);
  }

  private delay(ast: Ast & { type: "call" }, c: Context): Node {
    const [what, length] = ast.args as [Ast, Ast];
    const d = this.numeric(length);
    const { dt } = this;
    if (d === undefined || dt === undefined)
      this.text.fail(
        "time",
        ast.at,
        d === undefined ? "a delay without a number for its length" : "a delay without a number for `dt`",
        d === undefined ? "the length is a number, or a parameter with a value in the table" : "give `dt` in the table",
      );
    const samples = Math.round(d / dt);
    if (samples > limits.samples)
      this.text.fail("limit", ast.at, `a delay of ${samples} samples`, `at most ${limits.samples} are kept`);
    if (!(Math.abs(samples - d / dt) <= 1e-9 * Math.max(1, samples)) || samples < 1) {
      const low = Math.max(1, Math.floor(d / dt));
      const [near, next] = [low, low + 1].map((n) => Number((n * dt).toPrecision(12)));
      this.text.fail(
        "time",
        ast.at,
        `a delay of ${d}, which is no multiple of dt = ${dt}`,
        `the nearest delays are ${near} and ${next}`,
      );
    }
    return this.lower(what, { ...c, shift: c.shift - samples });
  }

  private numeric(ast: Ast): number | undefined {
    if (ast.type === "number") return ast.value;
    if (ast.type !== "name") return undefined;
    const value = this.text.parameter(ast.name)?.value;
    return typeof value === "number" ? value : undefined;
  }

  /** Scalars are gathered; the rest is multiplied in the order of least cost in which no matrix per sample is formed. */
  private chain(ast: Ast & { type: "chain" }, c: Context): Node {
    const g = this.graph;
    const scalars: Node[] = [];
    const factors: { ast: Ast; node: Node }[] = [];
    let before: Shape = [];
    for (const f of ast.factors) {
      const expected: Shape =
        before.length === 2 ? (before[1] === 1 ? [] : [before[1]!]) : before.length === 1 ? [] : c.expected;
      const node = this.lower(f, { ...c, expected: isNoise(f) ? expected : c.expected });
      if (isScalar(node.shape)) scalars.push(node);
      else {
        before = node.shape;
        factors.push({ ast: f, node });
      }
    }
    const scalar = scalars.length > 0 ? scalars.reduce((a, b) => g.map("mul", a, b)) : undefined;
    if (factors.length === 0) return scalar!;
    checkProduct(
      this.text,
      factors.map((f) => f.ast),
      factors.map((f) => f.node.shape),
      c.expected,
    );
    const product = cheapestProduct(
      g,
      factors.map((f) => f.node),
      this.text.network.sizes ?? {},
    );
    if (!product)
      this.text.fail(
        "matrix",
        ast.at,
        "a product of two quantities that change in time",
        "two such quantities meet elementwise (`a * b`) or in an inner product (`a' b`)",
      );
    return scalar ? g.product(scalar, product) : product;
  }

  private name(ast: Ast & { type: "name" }, c: Context): Node {
    const g = this.graph;
    const m = this.text.meaning(ast.name, ast.at);
    switch (m.kind) {
      case "pi":
        return g.number(Math.PI);
      case "dt":
        return g.leaf({ kind: "dt" }, [], "update");
      case "t":
        if (c.level === "trial")
          this.text.fail("time", ast.at, "`t` in a line for one sample", "write the time of that sample as a number");
        return g.leaf({ kind: "t", offset: c.shift }, [], "sample");
      case "size":
        return g.leaf({ kind: "size", name: ast.name }, [], "update");
      case "parameter":
        return g.leaf({ kind: "parameter", name: ast.name }, m.shape, "update");
      case "input":
        if (m.per === "trial") return g.leaf({ kind: "input", name: ast.name, offset: 0 }, m.shape, "trial");
        if (c.level === "trial")
          this.text.fail(
            "time",
            ast.at,
            `the input \`${ast.name}\` in a line for one sample`,
            "an input that such a line reads is given once per trial",
          );
        return g.leaf(
          { kind: "input", name: ast.name, offset: c.shift + this.offset(ast.index, ast) },
          m.shape,
          "sample",
        );
      case "xi":
      case "eps":
        return this.noise(ast, m.kind, c);
      case "quantity":
        return this.quantity(ast, m.quantity, c);
    }
  }

  private offset(index: Index | undefined, ast: Ast): number {
    return index ? this.text.count(index, ast.at) : 0;
  }

  private noise(ast: Ast, kind: "xi" | "eps", c: Context): Node {
    const g = this.graph;
    let source = this.sources.get(ast);
    if (!source) {
      source = `${kind}_${c.owner.name}_${[...this.sources.values()].filter((s) => s.startsWith(`${kind}_${c.owner.name}_`)).length + 1}`;
      this.sources.set(ast, source);
      this.noises[source] = { shape: c.expected, per: c.level === "trial" ? "trial" : "sample" };
    }
    const level = this.noises[source]!.per;
    const n = g.leaf(
      { kind: "noise", source, offset: level === "sample" ? c.shift : 0 },
      this.noises[source]!.shape,
      level,
    );
    // White noise of unit intensity over a step of dt, so that (dt/tau)(… + sigma xi) is Euler–Maruyama.
    return kind === "xi" ? g.map("div", n, g.map("sqrt", g.leaf({ kind: "dt" }, [], "update"))) : n;
  }

  private quantity(ast: Ast & { type: "name" }, q: Quantity, c: Context): Node {
    const g = this.graph;
    if (q.level === "update") return g.leaf({ kind: "value", name: q.name }, q.shape!, "update");
    if (q.level === "trial") return g.leaf({ kind: "value", name: q.name }, q.shape!, "trial");
    const { index } = ast;
    if (index && index.base !== "t") {
      const count = this.text.count(index, ast.at);
      const [from, at] =
        index.base === "T" ? (["end", -count - 1 + q.left] as const) : (["start", count - q.left] as const);
      // Outside the trial a quantity has its initial value only: before a forward pass, behind a backward one.
      const outside = at === -1 && !(q.memory && (from === "start") === (this.stage.get(q)! % 3 === 1));
      if (at < -1 || outside)
        this.text.fail(
          "time",
          ast.at,
          `\`${q.name}[${showIndex(index)}]\` does not exist`,
          `the first sample is \`${q.name}[${q.left}]\`, the last \`${q.name}[${q.left === 1 ? "T" : "T-1"}]\``,
        );
      return g.leaf({ kind: "pick", name: storedName(q), from, index: at }, q.shape!, "trial");
    }
    if (c.level === "trial")
      this.text.fail(
        "time",
        ast.at,
        `\`${q.name}\` in a line for one sample`,
        `say at which: \`${q.name}[T-1]\`, \`${q.name}[0]\``,
      );
    const shift = c.shift + this.offset(index, ast);
    const ownPass = this.stage.get(q) === c.stage;
    if (q.memory) {
      const offset = shift - q.left;
      if (ownPass && offset === 0) return this.definition(q, c.stage);
      const forward = c.stage % 3 === 1;
      if (ownPass && offset > 0 === forward)
        this.text.fail("time", ast.at, `\`${q.name}\` is read before it is computed`, "only its past is known here");
      return g.leaf({ kind: "read", name: storedName(q), offset }, q.shape!, "sample");
    }
    if (shift === 0 && this.stage.get(q)! < c.stage)
      return g.leaf({ kind: "read", name: q.name, offset: 0 }, q.shape!, "sample");
    return this.definition(q, c.stage, shift);
  }
}
