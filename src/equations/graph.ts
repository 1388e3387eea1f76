/**
 * The graph that a text becomes: five kinds of node (leaf, map, product, transpose, diag).
 * Derivatives are graphs of the same kind, so everything that works on a graph works on its derivatives.
 */

/** A size: its name, or a number. Equal only if they are the same name or number. */
export type Dim = string | number;
/** `[]` scalar, `[a]` column, `[1, a]` row, `[a, b]` matrix. */
export type Shape = readonly Dim[];
/** How often a quantity changes: once per parameter update, once per trial, at every sample. */
export type Level = "update" | "trial" | "sample";

/** The elementwise functions; every derivative rule stays inside this list. */
export type MapName =
  | "add" | "sub" | "mul" | "div" | "pow" | "neg"
  | "tanh" | "sigmoid" | "relu" | "softplus" | "exp" | "log" | "sqrt" | "sin" | "cos" | "erf" | "abs"
  | "step" | "spike" | "detach" | "min" | "max" | "where" | "fill"; // biome-ignore format: a table

export type Leaf =
  /** A constant; with a shape, an array filled with it. */
  | { kind: "number"; value: number }
  /** The number behind the name of a size. */
  | { kind: "size"; name: string }
  /** Time step, and time of the sample (`k dt`). */
  | { kind: "dt" }
  | { kind: "t"; offset: number }
  /** Given from outside, the same for all trials. */
  | { kind: "parameter"; name: string }
  /** Given with the trials; at sample `t + offset` when it is given per sample (0 outside the trial). */
  | { kind: "input"; name: string; offset: number }
  /** A standard normal number, drawn per sample or per trial and per entry. The same source at the same sample is the same number. */
  | { kind: "noise"; source: string; offset: number }
  /** Quantity `name` at sample `t + offset`, of this pass (its past, in the pass's own direction) or of an earlier pass.
   *  Outside the trial: the quantity's initial value. */
  | { kind: "read"; name: string; offset: number }
  /** Quantity `name` of an earlier pass at one sample: `index` counted from the first (`start`) or back from the last (`end`). */
  | { kind: "pick"; name: string; from: "start" | "end"; index: number }
  /** A quantity of level update or trial that an earlier block computed. */
  | { kind: "value"; name: string }
  /** 1 at one sample, 0 elsewhere. */
  | { kind: "indicator"; from: "start" | "end"; index: number };

interface Common {
  readonly id: number;
  readonly shape: Shape;
  readonly level: Level;
}
export type LeafNode = Common & { readonly op: "leaf"; readonly leaf: Leaf };
export type MapNode = Common & {
  readonly op: "map";
  readonly fn: MapName;
  readonly args: readonly Node[];
  /** For `spike`: the line whose surrogate derivative applies. */
  readonly surrogate?: string;
};
export type ProductNode = Common & { readonly op: "product"; readonly a: Node; readonly b: Node };
export type TransposeNode = Common & { readonly op: "transpose"; readonly a: Node };
/** The diagonal matrix of a column; never formed, it scales rows or columns. */
export type DiagNode = Common & { readonly op: "diag"; readonly a: Node };
export type Node = LeafNode | MapNode | ProductNode | TransposeNode | DiagNode;

/** The nodes that `node` reads directly. */
export function operands(node: Node): readonly Node[] {
  switch (node.op) {
    case "leaf":
      return [];
    case "map":
      return node.args;
    case "product":
      return [node.a, node.b];
    default:
      return [node.a];
  }
}

/** Every node below `roots`, each once, operands before what reads them. */
export function topological(roots: Iterable<Node>): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: [Node, boolean][] = [...roots].reverse().map((root) => [root, false]);
  while (stack.length > 0) {
    const [node, expanded] = stack.pop()!;
    if (expanded) {
      order.push(node);
      continue;
    }
    if (seen.has(node)) continue;
    seen.add(node);
    stack.push([node, true]);
    const below = operands(node);
    for (let i = below.length - 1; i >= 0; i--) if (!seen.has(below[i]!)) stack.push([below[i]!, false]);
  }
  return order;
}

export const isScalar = (shape: Shape): boolean => shape.length === 0;
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
export const showShape = (shape: Shape): string => (shape.length === 0 ? "scalar" : `[${shape.join(", ")}]`);
