/**
 * A program: what a text, and every derivative of a text, becomes. It is plain data (it can be cloned to a worker).
 * Blocks run in order. Tangent and adjoint take a program and return a program, so they nest.
 */
import type { Node, Shape } from "./graph.ts";

/** A quantity of a block. In a pass it has one value per sample. */
export interface Definition {
  name: string;
  node: Node;
}

/**
 * `node` summed over the samples of the pass (in a pass), and over the trials too where `over` is `"update"`.
 * A node of a larger shape than `shape` (which is then scalar) is summed over its entries as well.
 * Read by later blocks as `value(name)`.
 */
export interface Sum {
  name: string;
  node: Node;
  over: "trial" | "update";
  shape: Shape;
}

/**
 * - `update`: definitions of level update, once per parameter update.
 * - `trial`: definitions of level trial, once per trial.
 * - `pass`: definitions of level sample, at every sample `t = 0 … T-1` (direction 1) or `T-1 … 0` (direction -1).
 *   Inside a sample, definitions refer to each other's nodes directly; the past is a `read` leaf.
 */
export interface Block {
  kind: "update" | "trial" | "pass";
  direction: 1 | -1;
  definitions: Definition[];
  sums: Sum[];
  /** Of a pass: what `read(name, …)` gives outside the trial, a node of level trial or update. Absent: zero. */
  initials: Record<string, Node>;
}

export interface Program {
  /** Every size name that occurs, with its number where it is known. */
  sizes: Record<string, number | undefined>;
  parameters: Record<string, { shape: Shape }>;
  /** What the trials give. */
  inputs: Record<string, { shape: Shape; per: "sample" | "trial" }>;
  noises: Record<string, { shape: Shape; per: "sample" | "trial" }>;
  blocks: Block[];
}
