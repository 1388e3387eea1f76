/** What the host has to know of a compiled program: plain data, which can be sent to a worker with the module. */
import type { Level, Node, Shape } from "../../equations/graph.ts";
import type { Definition, Program } from "../../equations/program.ts";
import type { ExecutableOptions } from "../executable.ts";
import type { Arrangement } from "./arrangement.ts";

export interface InputLayout {
  per: "sample" | "trial";
  entries: number;
  address: number;
  /** Bytes of a sample. */
  stride: number;
}

/** An array of rows, with so many numbers from one to the next. */
export interface SumPart {
  address: number;
  columns: number;
  stride: number;
  sign: 1 | -1;
  factor?: Node;
}

/** How a sum over trials is finished once its block has run. */
export type SumLayout = { name: string; shape: Shape } & (
  | /** Trials of each entry still to be added; for a scalar, of all entries. */ {
      kind: "lanes";
      address: number;
      entries: number;
    }
  /** Sum of arrays, each with its sign and perhaps an elementwise factor. */
  | { kind: "parts"; parts: SumPart[] }
  /** Of a block that is computed by the host. */
  | { kind: "host"; node: Node }
);

export interface BlockLayout {
  /** Exported function; absent where the host computes the whole block. */
  run?: string;
  /** Exported functions that each pack a matrix, after its numbers have been written. */
  packs: { node: Node; name: string }[];
  /** What the host computes before the block: node and, where the code reads it, its address. */
  uniforms: { node: Node; address?: number }[];
  /** Definitions of level update. */
  definitions: Definition[];
  /** Bytes to be zeroed before the block runs: from, to. */
  clear: [number, number][];
  sums: SumLayout[];
}

/** Where a recorded quantity lies; of level update: with the host. */
export interface RecordLayout {
  level: Level;
  shape: Shape;
  address: number;
  /** Bytes of a sample. */
  stride: number;
}

export interface Layout {
  program: Program;
  options: Required<ExecutableOptions>;
  relaxed: boolean;
  /** The library of the system that large products are left to; absent where there are none. */
  blas?: string;
  arrangement: Arrangement;
  bytes: number;
  /** Samples between checkpoints, of each pass that is run again for its reverse; empty where everything is kept. */
  stretches: number[];
  /** Address of a row that is ~0 in the lanes that are trials; absent where all are. */
  maskAddress?: number;
  inputs: Record<string, InputLayout>;
  blocks: BlockLayout[];
  records: Record<string, RecordLayout>;
}

/** A program compiled for given sizes: can be cloned, stored and instantiated any number of times. */
export interface CompiledModule {
  wasm: WebAssembly.Module;
  layout: Layout;
}
