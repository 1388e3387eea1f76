/**
 * Builds graphs: every node is checked, typed and shared (two equal expressions are one node),
 * and simplified where that is exact (`x + 0`, `1 x`, `A'' = A`, `diag(v) w = v * w`).
 */
import type { Dim, Leaf, Level, MapName, Node, Shape } from "./graph.ts";
import { isScalar, operands, sameShape, showShape, topological } from "./graph.ts";

const rank: Record<Level, number> = { update: 0, trial: 1, sample: 2 };
/** The higher of two levels: what changes more often wins. */
export const higher = (a: Level, b: Level): Level => (rank[a] >= rank[b] ? a : b);

/** Thrown where shapes do not fit; the checker turns it into an error with a position. */
export class ShapeMismatch extends Error {
  readonly a: Shape;
  readonly b: Shape;
  constructor(what: string, a: Shape, b: Shape) {
    super(`${what}: ${showShape(a)} and ${showShape(b)}`);
    this.a = a;
    this.b = b;
  }
}

/** The shape of `A B`, or undefined where the two do not multiply. */
export function productShape(a: Shape, b: Shape): Shape | undefined {
  if (isScalar(a)) return b;
  if (isScalar(b)) return a;
  const rows: Dim = a[0]!;
  const inner: Dim = a.length === 1 ? 1 : a[1]!;
  const columns: Dim = b.length === 1 ? 1 : b[1]!;
  if (inner !== b[0]) return undefined;
  if (a.length === 1 && b.length === 1) return undefined; // two columns
  if (b.length === 1) return rows === 1 ? [] : [rows];
  return rows === 1 && columns === 1 ? [] : [rows, columns];
}

/** The shape of `A'`. */
export function transposeShape(a: Shape): Shape {
  if (a.length === 0) return a;
  if (a.length === 1) return [1, a[0]!];
  return a[0] === 1 ? [a[1]!] : [a[1]!, a[0]!];
}

const constant = (node: Node): number | undefined =>
  node.op === "leaf" && node.leaf.kind === "number" ? node.leaf.value : undefined;

/** The value of each function that takes one number, for folding constants. */
export const unary: Partial<Record<MapName, (x: number) => number>> = {
  neg: (x) => -x,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  relu: (x) => Math.max(x, 0),
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  abs: Math.abs,
  step: (x) => (x > 0 ? 1 : 0),
  detach: (x) => x,
};
const binary: Partial<Record<MapName, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  min: Math.min,
  max: Math.max,
};

export class Graph {
  private readonly table = new Map<string, Node>();
  private readonly imported = new Map<Node, Node>();
  private next = 0;

  private intern(key: string, make: (id: number) => Node): Node {
    const found = this.table.get(key);
    if (found) return found;
    const node = make(this.next++);
    this.table.set(key, node);
    return node;
  }

  leaf(leaf: Leaf, shape: Shape, level: Level): Node {
    const key = `leaf ${JSON.stringify(leaf)} ${shape.join(",")} ${level}`;
    return this.intern(key, (id) => ({ op: "leaf", id, leaf, shape, level }));
  }

  number(value: number, shape: Shape = []): Node {
    return this.leaf({ kind: "number", value }, shape, "update");
  }

  /** An elementwise function; a scalar goes with any shape. */
  map(fn: Exclude<MapName, "fill" | "spike">, ...args: Node[]): Node {
    let shape: Shape = [];
    for (const a of args) {
      if (isScalar(a.shape)) continue;
      if (isScalar(shape)) shape = a.shape;
      else if (!sameShape(shape, a.shape)) throw new ShapeMismatch(fn, shape, a.shape);
    }
    return this.simplified(fn, args, shape) ?? this.rawMap(fn, args, shape);
  }

  /** `spike(x)`: 1 where x > 0, with the surrogate derivative of the line `surrogate`. */
  spike(x: Node, surrogate: string): Node {
    return this.intern(`spike ${x.id} ${surrogate}`, (id) => ({
      op: "map", id, fn: "spike", args: [x], surrogate, shape: x.shape, level: x.level,
    })); // biome-ignore format: one line
  }

  /** A scalar spread over a shape. */
  fill(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    if (!isScalar(x.shape)) throw new ShapeMismatch("fill", x.shape, shape);
    const value = constant(x);
    return value === undefined ? this.rawMap("fill", [x], shape) : this.number(value, shape);
  }

  private rawMap(fn: MapName, args: readonly Node[], shape: Shape): Node {
    const level = args.reduce<Level>((l, a) => higher(l, a.level), "update");
    const key = `${fn} ${args.map((a) => a.id).join(" ")} ${fn === "fill" ? shape.join(",") : ""}`;
    return this.intern(key, (id) => ({ op: "map", id, fn, args, shape, level }));
  }

  private simplified(fn: MapName, args: readonly Node[], shape: Shape): Node | undefined {
    const [a, b] = args as [Node, Node];
    const x = constant(a);
    const y = b === undefined ? undefined : constant(b);
    if (args.length === 1 && x !== undefined && unary[fn]) return this.number(unary[fn](x), shape);
    if (args.length === 2 && x !== undefined && y !== undefined && binary[fn])
      return this.number(binary[fn](x, y), shape);
    const whole = (node: Node): Node | undefined => (sameShape(node.shape, shape) ? node : this.fill(node, shape));
    switch (fn) {
      case "add":
        if (x === 0) return whole(b);
        if (y === 0) return whole(a);
        if (b.op === "map" && b.fn === "neg") return this.map("sub", a, b.args[0]!);
        return undefined;
      case "sub":
        if (y === 0) return whole(a);
        if (x === 0) return whole(this.map("neg", b));
        return undefined;
      case "neg":
        return a.op === "map" && a.fn === "neg" ? a.args[0] : undefined;
      case "mul":
        if (x === 0 || y === 0) return this.number(0, shape);
        if (x === 1) return whole(b);
        if (y === 1) return whole(a);
        if (x === -1) return whole(this.map("neg", b));
        if (y === -1) return whole(this.map("neg", a));
        return undefined;
      case "div":
        if (x === 0) return this.number(0, shape);
        if (y === 1) return whole(a);
        return undefined;
      case "pow":
        if (y === 1) return whole(a);
        if (y === 0) return this.number(1, shape);
        return undefined;
      default:
        return undefined;
    }
  }

  /** `A B` of linear algebra; a scalar scales. */
  product(a: Node, b: Node): Node {
    const shape = productShape(a.shape, b.shape);
    if (!shape) throw new ShapeMismatch("product", a.shape, b.shape);
    if (isScalar(a.shape) || isScalar(b.shape)) return this.scale(a, b);
    if (constant(a) === 0 || constant(b) === 0) return this.number(0, shape);
    for (const [identity, other] of [[a, b], [b, a]] as const) // biome-ignore format: pairs
      if (identity.op === "diag" && constant(identity.a) === 1) return other;
    if (a.op === "diag" && b.op === "diag") return this.diag(this.map("mul", a.a, b.a));
    if (a.op === "diag" && b.shape.length === 1) return this.map("mul", a.a, b);
    if (b.op === "diag" && a.shape[0] === 1) return this.transpose(this.map("mul", this.transpose(a), b.a));
    const level = higher(a.level, b.level);
    return this.intern(`product ${a.id} ${b.id}`, (id) => ({ op: "product", id, a, b, shape, level }));
  }

  private scale(a: Node, b: Node): Node {
    for (const [scalar, other] of [[a, b], [b, a]] as const) // biome-ignore format: pairs
      if (isScalar(scalar.shape) && other.op === "diag") return this.diag(this.map("mul", scalar, other.a));
    return this.map("mul", a, b);
  }

  transpose(a: Node): Node {
    if (isScalar(a.shape) || a.op === "diag") return a;
    if (a.op === "transpose") return a.a;
    if (a.op === "product") return this.product(this.transpose(a.b), this.transpose(a.a));
    const shape = transposeShape(a.shape);
    const value = constant(a);
    if (value !== undefined) return this.number(value, shape);
    return this.intern(`transpose ${a.id}`, (id) => ({ op: "transpose", id, a, shape, level: a.level }));
  }

  diag(a: Node): Node {
    if (a.shape.length !== 1) throw new ShapeMismatch("diag", a.shape, []);
    const shape = [a.shape[0]!, a.shape[0]!];
    if (constant(a) === 0) return this.number(0, shape);
    return this.intern(`diag ${a.id}`, (id) => ({ op: "diag", id, a, shape, level: a.level }));
  }

  /** Sum over the entries of a node, as a scalar. */
  total(a: Node): Node {
    if (isScalar(a.shape)) return a;
    const ones = (n: Dim): Node => this.number(1, [1, n]);
    if (a.shape.length === 1) return this.product(ones(a.shape[0]!), a);
    if (a.shape[0] === 1) return this.total(this.transpose(a));
    return this.product(this.product(ones(a.shape[0]!), a), this.number(1, [a.shape[1]!]));
  }

  /** The same expression in this graph, with some leaves (or other nodes) replaced. */
  rebuild(node: Node, replace?: (leaf: Node) => Node | undefined): Node {
    const done = replace ? new Map<Node, Node>() : this.imported;
    for (const n of pending(node, done)) done.set(n, replace?.(n) ?? this.again(n, (o) => done.get(o)!));
    return done.get(node)!;
  }

  /** One node over other operands. */
  again(n: Node, of: (operand: Node) => Node): Node {
    switch (n.op) {
      case "leaf":
        return this.leaf(n.leaf, n.shape, n.level);
      case "product":
        return this.product(of(n.a), of(n.b));
      case "transpose":
        return this.transpose(of(n.a));
      case "diag":
        return this.diag(of(n.a));
      case "map":
        if (n.fn === "spike") return this.spike(of(n.args[0]!), n.surrogate!);
        if (n.fn === "fill") return this.fill(of(n.args[0]!), n.shape);
        return this.map(n.fn, ...n.args.map(of));
    }
  }
}

/** The nodes below `root` that are not done yet, operands before what reads them. */
export function pending(root: Node, done: { has(node: Node): boolean }): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const finished = new Set<Node>();
  const stack = [root];
  for (let n = stack[stack.length - 1]; n; n = stack[stack.length - 1]) {
    if (done.has(n)) stack.pop();
    else if (!seen.has(n)) {
      seen.add(n);
      const below = operands(n);
      for (let i = below.length - 1; i >= 0; i--) if (!seen.has(below[i]!)) stack.push(below[i]!);
    } else {
      stack.pop();
      if (!finished.has(n)) {
        finished.add(n);
        order.push(n);
      }
    }
  }
  return order;
}

/** All leaves below some nodes. */
export function* leavesOf(roots: Iterable<Node>): Generator<{ node: Node; leaf: Leaf }> {
  for (const node of topological(roots)) if (node.op === "leaf") yield { node, leaf: node.leaf };
}
