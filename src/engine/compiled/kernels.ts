/**
 * Writes the work on whole arrays. A matrix that is the same for all trials times a quantity over lanes is a coupling
 * (the packed product of `wasm/gemm.ts`); all other products, and matrices transposed or formed from a diagonal, are
 * plain loops over entries with the lanes innermost.
 */
import type { Node, ProductNode } from "../../equations/graph.ts";
import { rowsAndColumns, type Sizes } from "../shapes.ts";
import type { FunctionBuilder } from "../wasm/assembler.ts";
import { type Fragment, i32, type Local, type Operand, op } from "../wasm/fragments.ts";
import { emitProduct } from "../wasm/gemm.ts";
import type { Emission } from "./loops.ts";
import { factors, type Kernel } from "./section.ts";
import type { Addresses, Place } from "./storage.ts";
import { emitSystemProduct } from "./systemProduct.ts";

export interface KernelEmission extends Emission {
  sizes: Sizes;
  /** Address of a matrix packed for `emitProduct`, as it is or transposed. */
  packedAddress(matrix: Node, transposed: boolean): number;
}

/** An array of a kernel: row-major, each entry one number (uniform) or a row of lanes. */
interface Operands {
  address: Operand;
  /** Bytes from one entry to the next. */
  stride: number;
  uniform: boolean;
}

/** Writes the code of a kernel into the function of its section. */
export function emitKernel(
  e: KernelEmission,
  f: FunctionBuilder,
  { node, place }: Kernel,
  addresses: Addresses,
  placeOf: (node: Node) => Place,
): void {
  const to = addresses.of(place);
  const array = (given: Node): Operands => {
    const node = e.resolve(given);
    if (e.isUniform(node)) return { address: e.uniformAddress(node), stride: e.v.bytes, uniform: true };
    return { address: addresses.of(placeOf(node)), stride: e.rowBytes, uniform: false };
  };
  if (node.op === "product") {
    emitProductOf(e, f, node, array, to);
    return;
  }
  const operand = node.op === "leaf" || node.op === "map" ? undefined : node.a;
  if (!operand) throw new Error(`no kernel for ${node.op}`);
  const x = array(operand);
  const [rows, columns] = rowsAndColumns(node.shape, e.sizes);
  if (node.op === "transpose")
    forEntries(e, f, rows, columns, to, (i, j, lane) => read(e, x, i32.add(i32.mul(j, rows), i), lane));
  else
    forEntries(e, f, rows, columns, to, (i, j, lane) => {
      const value = f.local("v128", e.v.constant(0));
      f.if(op("i32.eq", i, j), () => f.set(value, read(e, x, i, lane)));
      return value;
    });
}

function emitProductOf(
  e: KernelEmission,
  f: FunctionBuilder,
  node: ProductNode,
  array: (node: Node) => Operands,
  to: Operand,
): void {
  const { v, rowBytes } = e;
  const { left, right } = factors(node);
  const [rows, inner] = rowsAndColumns(node.a.shape, e.sizes);
  const [, columns] = rowsAndColumns(node.b.shape, e.sizes);
  if (left.diagonal || right.diagonal) {
    const d = array(left.diagonal ? left.node : right.node);
    const x = array(left.diagonal ? right.node : left.node);
    forEntries(e, f, rows, columns, to, (i, j, lane) =>
      v.mul(read(e, d, left.diagonal ? i : j, lane), read(e, x, i32.add(i32.mul(i, columns), j), lane)),
    );
    return;
  }
  const lanes = rowBytes / v.bytes;
  const { precision } = v;
  if (e.isUniform(left.node) && inner > 1) {
    // The lanes of all columns of the right factor stand side by side.
    const { matrix, transposed } = untransposed(left.node);
    const shape = { precision, rows, columns: inner, lanes: columns * lanes };
    const large = emitSystemProduct(e.module, { ...shape, transposed });
    const x = array(right.node).address;
    if (large) f.call(large, e.uniformAddress(matrix), x, to);
    else f.call(emitProduct(e.module, shape), e.packedAddress(matrix, transposed), x, to);
    return;
  }
  if (e.isUniform(right.node) && inner > 1) {
    // Each row of the left factor is a column: row' = B' x.
    const { matrix, transposed } = untransposed(right.node);
    const shape = { precision, rows: columns, columns: inner, lanes };
    const large = emitSystemProduct(e.module, { ...shape, transposed: !transposed });
    const product = large ?? emitProduct(e.module, shape);
    const from = large ? e.uniformAddress(matrix) : e.packedAddress(matrix, !transposed);
    const x = array(left.node).address;
    const row = f.local("i32");
    const at = (base: Operand, entries: number) => i32.add(base, i32.mul(row, entries * rowBytes));
    f.for(row, 0, rows, 1, () => f.call(product, from, at(x, inner), at(to, columns)));
    return;
  }
  const a = array(left.node);
  const b = array(right.node);
  const run = emitLaneProduct(e, { rows, inner, columns, a: a.uniform, b: b.uniform });
  f.call(run, a.address, b.address, to);
}

/** `C[rows, columns] = A[rows, inner] B[inner, columns]` in every lane: `(a, b, c)`. */
function emitLaneProduct(
  e: KernelEmission,
  shape: { rows: number; inner: number; columns: number; a: boolean; b: boolean },
) {
  const { v, rowBytes } = e;
  const { rows, inner, columns } = shape;
  const aStride = shape.a ? v.bytes : rowBytes;
  const bStride = shape.b ? v.bytes : rowBytes;
  return e.module.once(`lane product ${rowBytes} ${v.precision} ${JSON.stringify(shape)}`, () =>
    e.module.function("laneProduct", ["i32", "i32", "i32"], [], (f, a, b, c) => {
      const [j, lane, ak, bk] = [0, 1, 2, 3].map(() => f.local("i32")) as [Local, Local, Local, Local];
      const aEnd = f.local("i32");
      const last = f.local("i32", i32.add(a, rows * inner * aStride));
      const sum = f.local("v128");
      const get = (address: Local, uniform: boolean) => (uniform ? v.loadSplat(address) : v.load(address));
      f.for(a, a, last, inner * aStride, () =>
        f.for(j, 0, columns, 1, () => {
          f.for(lane, 0, rowBytes, 16, () => {
            f.set(sum, v.constant(0));
            f.set(bk, i32.add(b, i32.add(i32.mul(j, bStride), shape.b ? 0 : lane)));
            f.set(aEnd, i32.add(i32.add(a, inner * aStride), shape.a ? 0 : lane));
            f.for(ak, shape.a ? a : i32.add(a, lane), aEnd, aStride, () => {
              f.set(sum, v.madd(get(ak, shape.a), get(bk, shape.b), sum));
              f.set(bk, i32.add(bk, columns * bStride));
            });
            f.push(v.store(i32.add(c, lane), sum));
          });
          f.set(c, i32.add(c, rowBytes));
        }),
      );
    }),
  );
}

/** Writes every entry of a `[rows, columns]` array over lanes; `value` gives its code at row, column and lane. */
function forEntries(
  e: KernelEmission,
  f: FunctionBuilder,
  rows: number,
  columns: number,
  to: Operand,
  value: (row: Local, column: Local, lane: Local) => Local | Fragment,
): void {
  const [row, column, lane] = [0, 1, 2].map(() => f.local("i32")) as [Local, Local, Local];
  const at = f.local("i32", to);
  f.for(row, 0, rows, 1, () =>
    f.for(column, 0, columns, 1, () => {
      f.for(lane, 0, e.rowBytes, 16, () => f.push(e.v.store(i32.add(at, lane), value(row, column, lane))));
      f.set(at, i32.add(at, e.rowBytes));
    }),
  );
}

/** The vector of an operand at one entry. */
function read(e: KernelEmission, x: Operands, entry: Operand, lane: Local): Fragment {
  const address = i32.add(x.address, i32.mul(entry, x.stride));
  return x.uniform ? e.v.loadSplat(address) : e.v.load(i32.add(address, lane));
}

/** The matrix that a uniform factor is, or is the transpose of: no transpose is formed for a product. */
export function untransposed(node: Node): { matrix: Node; transposed: boolean } {
  return node.op === "transpose" ? { matrix: node.a, transposed: true } : { matrix: node, transposed: false };
}
