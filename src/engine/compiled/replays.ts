/**
 * Which passes can be run again in stretches, so that not all of what their reverse reads has to be kept, and how long
 * the stretches are under a limit of memory.
 *
 * A pass is run once over all samples; of its states a checkpoint is kept at the start of each stretch of `every`
 * samples (counted from the end of the trial, where the reverse begins). Before the reverse enters a stretch, the pass
 * is run over it again from its checkpoint. That costs one more forward pass and gives the same bits, noise included.
 */
import { type Node, topological } from "../../equations/graph.ts";
import type { Block, Program } from "../../equations/program.ts";
import { entriesOf, type Sizes } from "../shapes.ts";
import { type Arrangement, bytesOf } from "./arrangement.ts";
import { wholeLines } from "./storage.ts";

export interface Replay {
  /** Index of the pass, and of the reverse pass that alone reads the definitions in `windowed`. */
  pass: number;
  reader: number;
  windowed: Set<string>;
  /** Definitions that the pass reads of its own past, with how many samples back: what a checkpoint holds. */
  states: Map<string, number>;
  /** How many samples before and after its own one the reader looks. */
  before: number;
  after: number;
  /** Samples of a stretch. */
  every: number;
}

/** Samples of a definition that are kept at a time: a stretch, what the reader sees around it, and the past of its start. */
export function windowSamples({ windowed, states, before, after, every }: Replay): number {
  return pastOfWindow({ windowed, states }) + before + every + after;
}

export const pastOfWindow = ({ windowed, states }: Pick<Replay, "windowed" | "states">): number =>
  Math.max(0, ...[...states].map(([name, back]) => (windowed.has(name) ? back : 0)));

/** The passes forward in time whose definitions are read, sample by sample, by one reverse pass only. `every` is 0. */
export function replaysOf(program: Program, record: readonly string[]): Replay[] {
  const reads = program.blocks.map(readsOfBlock);
  return program.blocks.flatMap((block, pass): Replay[] => {
    if (block.kind !== "pass" || block.direction !== 1) return [];
    const own = block.definitions.map(({ name }) => name);
    const isRead = (by: Reads, name: string) => by.samples.has(name) || by.picked.has(name);
    const readers = (name: string) => reads.flatMap((by, index) => (index !== pass && isRead(by, name) ? [index] : []));
    const isReverse = (index: number) => program.blocks[index]!.direction === -1;
    const reader = Math.max(-1, ...own.flatMap(readers).filter(isReverse));
    if (reader < 0) return [];
    const windowed = new Set(
      own.filter((name) => {
        const by = readers(name);
        return by.length === 1 && by[0] === reader && !reads[reader]!.picked.has(name) && !record.includes(name);
      }),
    );
    if (windowed.size === 0) return [];
    const states = new Map<string, number>();
    for (const name of own) {
      const offsets = reads[pass]!.samples.get(name);
      const kept = !windowed.has(name) && (record.includes(name) || readers(name).length > 0);
      if (offsets && !kept) states.set(name, Math.max(...offsets.map((offset) => -offset)));
    }
    const offsets = [...windowed].flatMap((name) => reads[reader]!.samples.get(name) ?? []);
    const before = Math.max(0, ...offsets.map((offset) => -offset));
    const after = Math.max(0, ...offsets);
    return [{ pass, reader, windowed, states, before, after, every: 0 }];
  });
}

interface Reads {
  /** Offsets at which each name is read sample by sample. */
  samples: Map<string, number[]>;
  picked: Set<string>;
}

function readsOfBlock(block: Block): Reads {
  const reads: Reads = { samples: new Map(), picked: new Set() };
  const roots: Node[] = [...block.definitions, ...block.sums].map(({ node }) => node);
  for (const node of topological([...roots, ...Object.values(block.initials)])) {
    if (node.op !== "leaf") continue;
    if (node.leaf.kind === "pick") reads.picked.add(node.leaf.name);
    if (node.leaf.kind !== "read") continue;
    const { name, offset } = node.leaf;
    reads.samples.set(name, [...(reads.samples.get(name) ?? []), offset]);
  }
  return reads;
}

/** What the plan of a program without replays tells about its memory. */
export interface Whole {
  bytes: number;
  samples: number;
  /** Steps after which each block sums its gradients: a stretch ends where they have been summed. */
  slots: readonly number[];
  arrangement: Arrangement;
  sizes: Sizes;
}

/**
 * The replays with the longest stretches that fit `limit` bytes, or, where none do, the fewest bytes that can do.
 */
export function fitReplays(
  program: Program,
  replays: readonly Replay[],
  whole: Whole,
  limit: number,
): { replays: Replay[] } | { least: number } {
  const { samples, slots, arrangement, sizes } = whole;
  const stride = (replay: Replay, name: string): number => {
    const { node } = program.blocks[replay.pass]!.definitions.find((definition) => definition.name === name)!;
    return bytesOf(arrangement, entriesOf(node.shape, sizes));
  };
  const measured = replays.map((replay) => ({
    unit: slots[replay.reader]!,
    kept: [...replay.windowed].map((name) => stride(replay, name)),
    checkpoint: [...replay.states].reduce((sum, [name, back]) => sum + back * stride(replay, name), 0),
    replay,
  }));
  const all = measured.reduce((sum, { kept }) => sum + kept.reduce((s, k) => s + wholeLines(samples * k), 0), 0);
  /** Bytes with stretches of `units` times as many samples as the gradients are summed over. */
  const bytesWith = (units: number): number => {
    let bytes = whole.bytes - all;
    for (const { unit, kept, checkpoint, replay } of measured) {
      const every = units * unit;
      const window = windowSamples({ ...replay, every });
      for (const k of kept) bytes += wholeLines(window * k);
      bytes += 64 + wholeLines(Math.ceil(samples / every) * checkpoint);
    }
    return bytes;
  };
  const smallest = Math.min(...measured.map(({ unit }) => unit));
  let best = 0;
  let least = whole.bytes;
  for (let units = 1; units * smallest < samples; units++) {
    const bytes = bytesWith(units);
    least = Math.min(least, bytes);
    if (bytes <= limit) best = units;
  }
  if (best === 0) return { least };
  return { replays: measured.map(({ replay, unit }) => ({ ...replay, every: best * unit })) };
}
