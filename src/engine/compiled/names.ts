/** Where every named quantity of a program lies. */
import { type LeafNode, type Shape, topological } from "../../equations/graph.ts";
import type { Program } from "../../equations/program.ts";
import { entriesOf, type Sizes } from "../shapes.ts";
import { type Arrangement, bytesOf } from "./arrangement.ts";
import { type Checkpoints, placeCheckpoints } from "./checkpoints.ts";
import type { InputLayout } from "./layout.ts";
import { type Replay, windowSamples } from "./replays.ts";
import { type Arena, fixed, type History, type Place } from "./storage.ts";

export interface Names {
  inputs: Record<string, InputLayout>;
  /** Definitions of passes. */
  histories: Map<string, History>;
  /** Definitions and sums of level trial. */
  trialAddresses: Map<string, number>;
  /** Of the passes that are run again for their reverse. */
  checkpoints: Checkpoints[];
  /** The place of a leaf that lies in memory; undefined for any other. */
  place(node: LeafNode): Place | undefined;
}

export interface NamesOptions {
  sizes: Sizes;
  samples: number;
  record: readonly string[];
  arrangement: Arrangement;
  /** Passes to run again instead of keeping what they compute. */
  replays: Replay[];
}

/** Gives memory to the inputs and named quantities of a prepared program. */
export function placeNames(program: Program, arena: Arena, options: NamesOptions): Names {
  const { sizes, samples, arrangement, replays } = options;
  const bytesFor = (shape: Shape) => bytesOf(arrangement, entriesOf(shape, sizes));
  const allShapes = [
    ...Object.values(program.inputs).map(({ shape }) => shape),
    ...program.blocks.flatMap((block) => block.definitions.map(({ node }) => node.shape)),
  ];
  /** What is read where a quantity has no initial value. */
  const zeros = arena.allocate(Math.max(bytesOf(arrangement, 1), ...allShapes.map(bytesFor)));

  const inputs: Record<string, InputLayout> = {};
  const inputHistories = new Map<string, History>();
  for (const [name, { shape, per }] of Object.entries(program.inputs)) {
    const stride = bytesFor(shape);
    const address = arena.allocate(per === "sample" ? samples * stride : stride);
    inputs[name] = { per, entries: entriesOf(shape, sizes), address, stride };
    inputHistories.set(name, { base: address, stride, initial: zeros });
  }

  const lookback = lookbacks(program, options.record);
  const histories = new Map<string, History>();
  const trialAddresses = new Map<string, number>();
  const windows = new Map<string, { window: number; samples: number }>();
  const cells = replays.map((replay) => {
    const window = arena.allocate(4);
    for (const name of replay.windowed) windows.set(name, { window, samples: windowSamples(replay) });
    return window;
  });
  for (const block of program.blocks) {
    for (const { name, node } of block.definitions) {
      const stride = bytesFor(node.shape);
      if (block.kind === "trial") trialAddresses.set(name, arena.allocate(stride));
      if (block.kind !== "pass") continue;
      const slots = 2 ** Math.ceil(Math.log2((lookback.get(name) ?? 0) + 1));
      const initial = block.initials[name] ? arena.allocate(stride) : zeros;
      const moving = windows.get(name);
      if (moving) {
        const { window } = moving;
        histories.set(name, { base: arena.allocate(moving.samples * stride), stride, window, initial });
      } else if (slots < samples) histories.set(name, { base: arena.allocate(slots * stride), stride, slots, initial });
      else histories.set(name, { base: arena.allocate(samples * stride), stride, initial });
    }
    for (const { name, over, shape } of block.sums)
      if (over === "trial") trialAddresses.set(name, arena.allocate(bytesFor(shape)));
  }

  const checkpoints = replays.map((replay, i) => placeCheckpoints(replay, cells[i]!, histories, arena, samples));

  const place = ({ leaf }: LeafNode): Place | undefined => {
    switch (leaf.kind) {
      case "input":
        if (inputs[leaf.name]!.per === "trial") return fixed(inputs[leaf.name]!.address);
        return { kind: "history", history: inputHistories.get(leaf.name)!, offset: leaf.offset };
      case "read":
        return { kind: "history", history: histories.get(leaf.name)!, offset: leaf.offset };
      case "pick":
        return { kind: "pick", history: histories.get(leaf.name)!, from: leaf.from, index: leaf.index };
      case "value":
        return trialAddresses.has(leaf.name) ? fixed(trialAddresses.get(leaf.name)!) : undefined;
      default:
        return undefined;
    }
  };
  return { inputs, histories, trialAddresses, checkpoints, place };
}

/**
 * How many samples before the present one each definition of a pass is read: infinite where a later block reads it at
 * every sample, or at one that is not among the last of the pass.
 */
function lookbacks(program: Program, record: readonly string[]): Map<string, number> {
  const back = new Map<string, number>(record.map((name) => [name, Number.POSITIVE_INFINITY]));
  const last = new Map<string, "start" | "end">();
  for (const { definitions, direction } of program.blocks)
    for (const { name } of definitions) last.set(name, direction === 1 ? "end" : "start");
  const look = (name: string, far: number) => back.set(name, Math.max(back.get(name) ?? 0, far));
  for (const block of program.blocks) {
    const own = new Set(block.definitions.map(({ name }) => name));
    const roots = [...block.definitions, ...block.sums].map(({ node }) => node);
    for (const node of topological([...roots, ...Object.values(block.initials)])) {
      if (node.op !== "leaf") continue;
      const { leaf } = node;
      if (leaf.kind === "pick")
        look(leaf.name, leaf.from === last.get(leaf.name) ? leaf.index : Number.POSITIVE_INFINITY);
      if (leaf.kind === "read") look(leaf.name, own.has(leaf.name) ? Math.abs(leaf.offset) : Number.POSITIVE_INFINITY);
    }
  }
  return back;
}
