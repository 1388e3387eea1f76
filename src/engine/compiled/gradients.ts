/**
 * Sums over steps and trials of outer products `c x'`, the gradients of weights: no product is formed at a step. Both
 * factors are kept for some steps and multiplied in one go, with steps × lanes as the inner dimension.
 */
import type { Node, ProductNode } from "../../equations/graph.ts";
import { rowsAndColumns, type Sizes } from "../shapes.ts";
import type { FunctionBuilder, FunctionRef } from "../wasm/assembler.ts";
import { i32, type Local, type Operand, op } from "../wasm/fragments.ts";
import { emitWeightGradient } from "../wasm/gradients.ts";
import { emitOuterSum } from "../wasm/matrixVector.ts";
import { stridesOf } from "./arrangement.ts";
import type { Emission } from "./loops.ts";
import { Addresses, type History, type Place, sampleAddress } from "./storage.ts";
import { emitSystemGradient } from "./systemProduct.ts";

/** One outer product of a sum: `± factor * (c x')`. */
export interface OuterProduct {
  c: Node;
  x: Node;
  sign: 1 | -1;
  factor?: Node;
}

/** The outer products that a node is a sum of; undefined where it is anything else. */
export function outerProducts(node: Node, sizes: Sizes): OuterProduct[] | undefined {
  switch (node.op) {
    case "product":
      return isOuter(node, sizes) ? [{ c: node.a, x: node.b, sign: 1 }] : undefined;
    case "transpose": {
      const below = outerProducts(node.a, sizes);
      if (!below || below.some(({ factor }) => factor)) return undefined;
      return below.map(({ c, x, sign }) => ({ c: x, x: c, sign }));
    }
    case "map": {
      const [a, b] = node.args as [Node, Node];
      if (node.fn === "neg") return negated(outerProducts(a, sizes));
      if (node.fn === "add" || node.fn === "sub") {
        const left = outerProducts(a, sizes);
        const right = outerProducts(b, sizes);
        return left && right && [...left, ...(node.fn === "add" ? right : negated(right)!)];
      }
      if (node.fn !== "mul") return undefined;
      const [factor, rest] = a.level === "update" ? [a, b] : [b, a];
      const below = factor.level === "update" ? outerProducts(rest, sizes) : undefined;
      return below?.some((term) => term.factor) ? undefined : below?.map((term) => ({ ...term, factor }));
    }
    default:
      return undefined;
  }
}

const negated = (terms: OuterProduct[] | undefined): OuterProduct[] | undefined =>
  terms?.map((term) => ({ ...term, sign: term.sign === 1 ? -1 : 1 }));

function isOuter({ a, b }: ProductNode, sizes: Sizes): boolean {
  if (a.op === "diag" || b.op === "diag" || a.level === "update" || b.level === "update") return false;
  const [rows, inner] = rowsAndColumns(a.shape, sizes);
  return inner === 1 && rows * rowsAndColumns(b.shape, sizes)[1] > 1;
}

/** Where a factor lies at each step: in a history, in a slot per step, or at one place for all steps. */
export type Stream =
  | { kind: "history"; history: History; offset: number }
  | { kind: "slot"; address: number; stride: number }
  | { kind: "constant"; place: Place };

export interface GradientTerm {
  c: { stream: Stream; entries: number };
  x: { stream: Stream; entries: number };
  /** Where the sum is accumulated, row-major. */
  address: number;
}

/** As `emitWeightGradient`, for the arrangement of the program. */
function emitSum({ module, v, arrangement }: Emission, rows: number, columns: number): FunctionRef {
  const { precision } = v;
  const { lanes, width } = arrangement;
  if (arrangement.lanesAre === "trials") {
    const shape = { precision, rows, columns, lanes };
    return emitSystemGradient(module, shape) ?? emitWeightGradient(module, shape);
  }
  const trialBytes = (entries: number) => stridesOf(arrangement, entries).trial * width;
  const strides = { cTrial: trialBytes(rows), xTrial: trialBytes(columns) };
  return emitOuterSum(module, { precision, rows, columns, trials: lanes, ...strides });
}

/**
 * `(first, count)`: adds the terms of `count` steps, the first of which is sample `first`, in the direction of the pass.
 */
export function emitGradients(e: Emission, terms: GradientTerm[], direction: 1 | -1): FunctionRef {
  return e.module.function("gradients", ["i32", "i32"], [], (f, first, count) => {
    const addresses = new Addresses(f);
    for (const term of terms) emitTerm(e, f, term, direction, addresses, first, count);
  });
}

function emitTerm(
  e: Emission,
  f: FunctionBuilder,
  { c, x, address }: GradientTerm,
  direction: 1 | -1,
  addresses: Addresses,
  first: Local,
  count: Local,
): void {
  const gradient = emitSum(e, c.entries, x.entries);
  const { samples } = addresses;
  const step = f.local("i32", 0);
  const steps = f.local("i32");
  // As many steps at a time as have both factors inside the trial, or the same ones outside.
  f.loop((again) => {
    f.set(steps, i32.sub(count, step));
    const [from, stride] = operandOf(c.stream);
    const [xFrom, xStride] = operandOf(x.stream);
    f.call(gradient, address, from, stride, xFrom, xStride, steps);
    f.set(step, i32.add(step, steps));
    f.br(again, op("i32.lt_u", step, count));
  });

  function operandOf(stream: Stream): [Operand, Operand] {
    if (stream.kind === "constant") return [addresses.of(stream.place), 0];
    if (stream.kind === "slot") return [i32.add(stream.address, i32.mul(step, stream.stride)), stream.stride];
    const { history, offset } = stream;
    const moved = direction === 1 ? i32.add(step, first) : i32.sub(first, step);
    const sample = f.local("i32", i32.add(moved, offset));
    const from = f.local("i32", sampleAddress(history, sample));
    if (offset === 0) return [from, direction * history.stride];
    const stride = f.local("i32", direction * history.stride);
    const until = f.local("i32");
    const inside = op("i32.lt_u", sample, samples);
    // Steps until the sample crosses an end of the trial.
    f.if(
      inside,
      () => f.set(until, direction === 1 ? i32.sub(samples, sample) : i32.add(sample, 1)),
      () => {
        f.set(from, history.initial);
        f.set(stride, 0);
        f.set(until, direction === 1 ? i32.sub(0, sample) : i32.add(i32.sub(sample, samples), 1));
        f.if(op("i32.le_s", until, 0), () => f.set(until, steps));
      },
    );
    f.set(steps, op("select", steps, until, op("i32.lt_u", steps, until)));
    return [from, stride];
  }
}
