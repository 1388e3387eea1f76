/** What is the same in all lanes: computed by the host before a block, or (time, indicators) at each sample. */
import type { LeafNode, Node } from "../../equations/graph.ts";
import { entriesOf, rowsAndColumns, type Sizes } from "../shapes.ts";
import type { FunctionBuilder, ModuleBuilder } from "../wasm/assembler.ts";
import { f64, i32, type Local, load, op } from "../wasm/fragments.ts";
import { emitPack } from "../wasm/gemm.ts";
import { emitRowPack, packedRows } from "../wasm/matrixVector.ts";
import type { Vector } from "../wasm/vector.ts";
import type { Arrangement } from "./arrangement.ts";
import { type Addresses, type Arena, HEADER } from "./storage.ts";

/** Uniform nodes that the blocks so far have brought into memory, and matrices packed: those of a later block are there. */
export interface Brought {
  addresses: Map<Node, number>;
  packed: Map<Node, Partial<Record<"plain" | "transposed", number>>>;
}

export interface Uniforms {
  isUniform(node: Node): boolean;
  /** Address of the row-major numbers of a uniform node. */
  uniformAddress(node: Node): number;
  /** Address of a uniform matrix packed for products, as it is or transposed. */
  packedAddress(matrix: Node, transposed: boolean): number;
  /** Nodes that the host computes before the block, with the address to write them to. */
  roots: { node: Node; address?: number }[];
  /** Matrices to be packed, and the code that does it. */
  packs: { node: Node; emit(f: FunctionBuilder): void }[];
  /** Writes the code that brings time and indicators to sample `t`. */
  emitClocks(f: FunctionBuilder, addresses: Addresses, t: Local): void;
}

/** Time, and the indicator of a sample. */
const isClock = (node: Node): node is LeafNode =>
  node.op === "leaf" && (node.leaf.kind === "t" || node.leaf.kind === "indicator");

export function uniformsOf(
  m: ModuleBuilder,
  v: Vector,
  sizes: Sizes,
  arena: Arena,
  brought: Brought,
  arrangement: Arrangement,
): Uniforms {
  const acrossEntries = arrangement.lanesAre === "entries";
  const roots: Uniforms["roots"] = [];
  const packs: Uniforms["packs"] = [];
  const clocks = new Map<LeafNode, number>();

  const uniformAddress = (node: Node): number => {
    const known = isClock(node) ? clocks.get(node) : brought.addresses.get(node);
    if (known !== undefined) return known;
    const address = arena.allocate(entriesOf(node.shape, sizes) * v.bytes);
    if (isClock(node)) clocks.set(node, address);
    else {
      brought.addresses.set(node, address);
      roots.push({ node, address });
    }
    return address;
  };

  return {
    roots,
    isUniform: (node) => node.level === "update" || isClock(node),
    uniformAddress,
    packedAddress(matrix, transposed) {
      const from = uniformAddress(matrix);
      const forms = brought.packed.get(matrix) ?? {};
      brought.packed.set(matrix, forms);
      const form = transposed ? "transposed" : "plain";
      if (forms[form] === undefined) {
        const [rows, columns] = rowsAndColumns(matrix.shape, sizes);
        const [outRows, inner] = transposed ? [columns, rows] : [rows, columns];
        const to = arena.allocate((acrossEntries ? packedRows(outRows, v.precision) : outRows) * inner * v.bytes);
        const shape = { precision: v.precision, rows, columns, transpose: transposed };
        forms[form] = to;
        packs.push({
          node: matrix,
          emit: (f) =>
            acrossEntries
              ? f.call(emitRowPack(m, { ...shape, trials: arrangement.lanes }), from, to)
              : f.call(emitPack(m, shape), from, to),
        });
      }
      return forms[form];
    },
    packs,
    emitClocks(f, addresses, t) {
      for (const [{ leaf }, cell] of clocks) {
        if (leaf.kind === "t") {
          const first = load("f64.load", 0, HEADER.firstSampleAsNumber);
          const sample = op("f64.add", op("f64.add", first, op("f64.convert_i32_s", t)), f64(leaf.offset));
          const time = op("f64.mul", sample, load("f64.load", 0, HEADER.dt));
          if (v.bytes === 4) f.store("f32.store", 0, op("f32.demote_f64", time), cell);
          else f.store("f64.store", 0, time, cell);
        } else if (leaf.kind === "indicator") {
          const sample = leaf.from === "start" ? leaf.index : i32.sub(addresses.samples, leaf.index + 1);
          const here = op("i32.eq", t, sample);
          if (v.bytes === 4) f.store("f32.store", 0, op("f32.convert_i32_u", here), cell);
          else f.store("f64.store", 0, op("f64.convert_i32_u", here), cell);
        }
      }
    },
  };
}
