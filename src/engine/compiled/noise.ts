/** Writes standard normal numbers to where a noise leaf lies. */
import type { LeafNode } from "../../equations/graph.ts";
import type { FunctionBuilder } from "../wasm/assembler.ts";
import { i32, type Local, load, type Operand } from "../wasm/fragments.ts";
import { emitNoise, emitNoiseAcross } from "../wasm/philox.ts";
import { bytesOf } from "./arrangement.ts";
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
  const { v, module, arrangement } = e;
  const { precision } = v;
  const entries = e.entries(node);
  const { lanes } = arrangement;
  const fill =
    arrangement.lanesAre === "trials"
      ? emitNoise(module, { precision, entries, lanes })
      : emitNoiseAcross(module, { precision, entries, trials: lanes, stride: bytesOf(arrangement, entries) / lanes });
  const header = (address: number) => load("i32.load", 0, address);
  const sample = node.level === "trial" ? NO_SAMPLE : i32.add(i32.add(t!, header(HEADER.firstSample)), leaf.offset);
  const source = sources.indexOf(leaf.source);
  f.call(fill, to, header(HEADER.key), header(HEADER.key + 4), source, header(HEADER.firstTrial), sample);
}
