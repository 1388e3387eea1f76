/** Writes standard normal numbers to where a noise leaf lies. */
import type { LeafNode } from "../../equations/graph.ts";
import type { FunctionBuilder } from "../wasm/assembler.ts";
import { i32, type Local, load, type Operand } from "../wasm/fragments.ts";
import { emitNoise } from "../wasm/philox.ts";
import type { Emission } from "./loops.ts";
import { HEADER } from "./storage.ts";

/** Sample in the key of noise that is drawn once per trial. */
const NO_SAMPLE = 0xffffffff;

/** `sources`: the noise sources in the order of their numbers; `t`: the sample, of noise per sample. */
export function emitNoiseLeaf(
  e: Emission,
  f: FunctionBuilder,
  node: LeafNode,
  to: Operand,
  sources: readonly string[],
  t: Local | undefined,
): void {
  const { leaf } = node;
  if (leaf.kind !== "noise") throw new Error(`a leaf ${leaf.kind} lies in memory`);
  const { v, rowBytes, module } = e;
  const fill = emitNoise(module, { precision: v.precision, entries: e.entries(node), lanes: rowBytes / v.bytes });
  const header = (address: number) => load("i32.load", 0, address);
  const sample = node.level === "trial" ? NO_SAMPLE : i32.add(i32.add(t!, header(HEADER.firstSample)), leaf.offset);
  const source = sources.indexOf(leaf.source);
  f.call(fill, to, header(HEADER.key), header(HEADER.key + 4), source, header(HEADER.firstTrial), sample);
}
