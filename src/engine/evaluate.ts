/** Evaluates graphs on float64 arrays: the interpreter's arithmetic, and that of everything computed once per update. */
import type { LeafNode, MapName, MapNode, Node, ProductNode } from "../equations/graph.ts";
import { isScalar, operands, topological } from "../equations/graph.ts";
import { block, ownGemm } from "./linalg/gemm.ts";
import { scalarFunction } from "./maps.ts";
import { entriesOf, rowsAndColumns, type Sizes, sizeNamed } from "./shapes.ts";

/** One node: `run` brings `value` (row-major) up to date from the values of its operands. */
export interface Step {
  node: Node;
  value: Float64Array;
  /** Absent where the value never changes, or is changed from outside. */
  run?: () => void;
}

/** The array of a leaf that is neither a number nor a size, and what brings it up to date. */
export type LeafSource = (node: LeafNode, entries: number) => Omit<Step, "node">;

/** The nodes below `roots`, operands first, each with an array for its value. A value already in `known` is read, not computed. */
export function evaluationSteps(
  roots: Iterable<Node>,
  sizes: Sizes,
  leafSource: LeafSource,
  known: ReadonlyMap<Node, Float64Array> = new Map(),
): { steps: Step[]; value: (node: Node) => Float64Array } {
  const rootSet = new Set(roots);
  const order = topological(rootSet);
  const formed = new Set(rootSet); // a diag that only scales rows or columns is never formed
  for (const node of order) {
    if (node.op !== "product") for (const operand of operands(node)) formed.add(operand);
    else if (node.a.op === "diag" && node.b.op === "diag") formed.add(node.b);
  }

  const values = new Map(known);
  const value = (node: Node): Float64Array => values.get(node)!;
  const steps: Step[] = [];
  for (const node of order) {
    if (values.has(node) || (node.op === "diag" && !formed.has(node))) continue;
    const step = { node, ...makeStep(node, sizes, value, leafSource) };
    values.set(node, step.value);
    steps.push(step);
  }
  return { steps, value };
}

function makeStep(
  node: Node,
  sizes: Sizes,
  arrayOf: (node: Node) => Float64Array,
  leafSource: LeafSource,
): Omit<Step, "node"> {
  const entries = entriesOf(node.shape, sizes);
  if (node.op === "leaf") {
    const { leaf } = node;
    if (leaf.kind === "number") return { value: new Float64Array(entries).fill(leaf.value) };
    if (leaf.kind === "size") return { value: new Float64Array(entries).fill(sizeNamed(leaf.name, sizes)) };
    return leafSource(node, entries);
  }
  const value = new Float64Array(entries);
  switch (node.op) {
    case "map":
      return { value, run: mapStep(node, node.args.map(arrayOf), value) };
    case "product":
      return { value, run: productStep(node, sizes, arrayOf, value) };
    case "transpose": {
      const [rows, columns] = rowsAndColumns(node.a.shape, sizes);
      const a = arrayOf(node.a);
      const run = () => {
        for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) value[j * rows + i] = a[i * columns + j]!;
      };
      return { value, run };
    }
    case "diag": {
      const a = arrayOf(node.a);
      const run = () => {
        for (let i = 0; i < a.length; i++) value[i * a.length + i] = a[i]!;
      };
      return { value, run };
    }
  }
}

type MapLoop = (out: Float64Array, x: Float64Array, sx: number, y: Float64Array, sy: number) => void;

/** Loops of their own for what large parameters are made of: the general one calls a function for every entry. */
const loops: Partial<Record<MapName, MapLoop>> = {
  add: (out, x, sx, y, sy) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i * sx]! + y[i * sy]!;
  },
  sub: (out, x, sx, y, sy) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i * sx]! - y[i * sy]!;
  },
  mul: (out, x, sx, y, sy) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i * sx]! * y[i * sy]!;
  },
  relu: (out, x, sx) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(x[i * sx]!, 0);
  },
  step: (out, x, sx) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i * sx]! > 0 ? 1 : 0;
  },
};

/** A scalar argument is spread: its stride is 0. */
function mapStep(node: MapNode, args: Float64Array[], out: Float64Array): () => void {
  const [x, y = x, z = x] = args as [Float64Array, Float64Array?, Float64Array?];
  const [sx, sy, sz] = [x, y, z].map((a) => (a.length === 1 ? 0 : 1)) as [number, number, number];
  const loop = loops[node.fn];
  if (loop) return () => loop(out, x, sx, y, sy);
  const f = scalarFunction(node);
  return () => {
    for (let i = 0; i < out.length; i++) out[i] = f(x[i * sx]!, y[i * sy]!, z[i * sz]!);
  };
}

function productStep(
  { a, b }: ProductNode,
  sizes: Sizes,
  arrayOf: (node: Node) => Float64Array,
  out: Float64Array,
): () => void {
  if (isScalar(a.shape) || isScalar(b.shape)) throw new Error("a product with a scalar is a map");
  const [m, inner] = rowsAndColumns(a.shape, sizes);
  const [, n] = rowsAndColumns(b.shape, sizes);
  if (a.op === "diag") {
    const d = arrayOf(a.a);
    const y = arrayOf(b);
    return () => {
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[i * n + j] = d[i]! * y[i * n + j]!;
    };
  }
  const x = arrayOf(a);
  if (b.op === "diag") {
    const d = arrayOf(b.a);
    return () => {
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[i * n + j] = x[i * n + j]! * d[j]!;
    };
  }
  const y = arrayOf(b);
  // The kernel copies to its memory and back, which small products do not repay.
  if (m * n * inner >= 4096) return () => ownGemm(block(out, n), block(x, inner), block(y, n), m, inner, n, 0);
  return () => {
    out.fill(0);
    for (let i = 0; i < m; i++)
      for (let k = 0; k < inner; k++) {
        const xik = x[i * inner + k]!;
        for (let j = 0; j < n; j++) out[i * n + j]! += xik * y[k * n + j]!;
      }
  };
}
