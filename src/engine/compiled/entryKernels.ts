/** Writes the work on whole arrays where the lanes are entries: all arrays are vectors or scalars of each trial. */
import type { Node, ProductNode } from "../../equations/graph.ts";
import { rowsAndColumns } from "../shapes.ts";
import type { FunctionBuilder } from "../wasm/assembler.ts";
import { i32, type Local, type Operand } from "../wasm/fragments.ts";
import { emitMatrixVector } from "../wasm/matrixVector.ts";
import { stridesOf } from "./arrangement.ts";
import { type KernelEmission, untransposed } from "./kernels.ts";
import type { Emission } from "./loops.ts";
import { factors, type Kernel } from "./section.ts";
import type { Addresses, Place } from "./storage.ts";

/** An array of each trial, or (uniform) one for all. */
interface Operands {
  address: Operand;
  entries: number;
  /** Bytes from one trial to the next; 0: the same for all. */
  trial: number;
}

const trialBytes = ({ arrangement }: Emission, entries: number): number =>
  stridesOf(arrangement, entries).trial * arrangement.width;

/** As `emitKernel`. */
export function emitEntryKernel(
  e: KernelEmission,
  f: FunctionBuilder,
  { node, place }: Kernel,
  addresses: Addresses,
  placeOf: (node: Node) => Place,
): void {
  if (node.op !== "product") throw new Error(`no kernel for ${node.op} where the lanes are entries`);
  const array = (given: Node): Operands => {
    const node = e.resolve(given);
    const entries = e.entries(node);
    if (e.isUniform(node)) return { address: e.uniformAddress(node), entries, trial: 0 };
    return { address: addresses.of(placeOf(node)), entries, trial: trialBytes(e, entries) };
  };
  const entries = e.entries(node);
  emitProductOf(e, f, node, array, { address: addresses.of(place), entries, trial: trialBytes(e, entries) });
}

function emitProductOf(
  e: KernelEmission,
  f: FunctionBuilder,
  node: ProductNode,
  array: (node: Node) => Operands,
  to: Operands,
): void {
  const { left, right } = factors(node);
  const [rows, inner] = rowsAndColumns(node.a.shape, e.sizes);
  const [, columns] = rowsAndColumns(node.b.shape, e.sizes);
  const product = (matrix: Node, x: Operands, transposed: boolean, shape: { rows: number; columns: number }): void => {
    const strides = { xStride: x.trial, yStride: to.trial };
    const trials = e.arrangement.lanes;
    const run = emitMatrixVector(e.module, { precision: e.v.precision, ...shape, trials, ...strides });
    f.call(run, e.packedAddress(matrix, transposed), x.address, to.address);
    if (to.entries > 1) return;
    // A scalar fills its vector.
    forTrials(e, f, (trial) => {
      const y = i32.add(to.address, i32.mul(trial, to.trial));
      f.push(e.v.store(y, e.v.loadSplat(y)));
    });
  };
  if (e.isUniform(e.resolve(left.node))) {
    const { matrix, transposed } = untransposed(left.node);
    product(matrix, array(right.node), transposed, { rows, columns: inner });
  } else if (e.isUniform(e.resolve(right.node))) {
    const { matrix, transposed } = untransposed(right.node);
    product(matrix, array(left.node), !transposed, { rows: columns, columns: inner });
  } else emitDot(e, f, array(left.node), array(right.node), to);
}

/** `y = Σ a_k b_k`, in ascending order. */
function emitDot(e: Emission, f: FunctionBuilder, a: Operands, b: Operands, to: Operands): void {
  const { v } = e;
  const k = f.local("i32");
  const sum = f.local("v128");
  forTrials(e, f, (trial) => {
    const get = (x: Operands) => v.loadSplat(i32.add(i32.add(x.address, i32.mul(trial, x.trial)), k));
    f.set(sum, v.constant(0));
    f.for(k, 0, a.entries * v.bytes, v.bytes, () => f.set(sum, v.madd(get(a), get(b), sum)));
    f.push(v.store(i32.add(to.address, i32.mul(trial, to.trial)), sum));
  });
}

/** Forms the sums of all entries of some arrays, for each trial, in ascending order. */
export function emitTotals(
  e: Emission,
  f: FunctionBuilder,
  totals: readonly { entries: number; from: number; to: number }[],
): void {
  const { v } = e;
  for (const { entries, from, to } of totals) {
    const k = f.local("i32");
    const sum = f.local("v128");
    forTrials(e, f, (trial) => {
      f.set(sum, v.constant(0));
      f.for(k, 0, entries * v.bytes, v.bytes, () =>
        f.set(sum, v.add(sum, v.loadSplat(i32.add(i32.mul(trial, trialBytes(e, entries)), k), from))),
      );
      f.push(v.store(i32.mul(trial, trialBytes(e, 1)), sum, to));
    });
  }
}

function forTrials(e: Emission, f: FunctionBuilder, each: (trial: Local) => void): void {
  const trial = f.local("i32");
  f.for(trial, 0, e.arrangement.lanes, 1, () => each(trial));
}
