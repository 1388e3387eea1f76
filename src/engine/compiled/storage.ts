/** Where values lie in the memory of a compiled program, and the code that finds them. */
import type { FunctionBuilder } from "../wasm/assembler.ts";
import { i32, type Local, load, type Operand, op } from "../wasm/fragments.ts";

/** Cells at fixed addresses that the host writes before a run. */
export const HEADER = {
  samples: 0,
  firstSample: 4,
  firstTrial: 8,
  key: 16,
  dt: 24,
  firstSampleAsNumber: 32,
  bytes: 64,
} as const;

/** Gives out memory from address 0 on, in whole cache lines. */
export class Arena {
  bytes: number = HEADER.bytes;

  allocate(bytes: number): number {
    const address = this.bytes;
    this.bytes += wholeLines(bytes);
    return address;
  }
}

/** Bytes that an array takes in the arena. */
export const wholeLines = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/**
 * The samples of a quantity: all of them, as many as its own pass looks back (a power of two, used in turn), or a
 * stretch that moves along the trial (`checkpoints.ts`).
 */
export interface History {
  base: number;
  /** Bytes of one sample. */
  stride: number;
  /** Number of samples kept, a power of two; absent where all are. */
  slots?: number;
  /** Address of the cell that holds the first sample of the stretch; absent where there is none. */
  window?: number;
  /** Address of the value outside the trial. */
  initial: number;
}

/** Where a quantity over lanes lies: `[entries][lanes]` from an address on. */
export type Place =
  | { kind: "fixed"; address: number }
  /** The sample at `t + offset`. */
  | { kind: "history"; history: History; offset: number }
  /** One sample, `index` from the first or back from the last. */
  | { kind: "pick"; history: History; from: "start" | "end"; index: number }
  /** One slot for each step since the gradients were last summed. */
  | { kind: "slot"; address: number; stride: number };

export const fixed = (address: number): Place => ({ kind: "fixed", address });

/** `condition ? a : b`. */
const choose = (condition: Operand, a: Operand, b: Operand) => op("select", a, b, condition);

/** The addresses that one function uses, each computed once. */
export class Addresses {
  private readonly f: FunctionBuilder;
  private readonly t: Local | undefined;
  private readonly slot: Local | undefined;
  private readonly known = new Map<string, Operand>();
  private samplesLocal: Local | undefined;

  /** `t` is the sample and `slot` the slot of gradients; outside the samples of a pass there is no `t` and one slot. */
  constructor(f: FunctionBuilder, t?: Local, slot?: Local) {
    this.f = f;
    this.t = t;
    this.slot = slot;
  }

  get samples(): Local {
    this.samplesLocal ??= this.f.local("i32", load("i32.load", 0, HEADER.samples));
    return this.samplesLocal;
  }

  of(place: Place): Operand {
    if (place.kind === "fixed") return place.address;
    const key = placeKey(place);
    let address = this.known.get(key);
    if (address === undefined) this.known.set(key, (address = this.f.local("i32", this.compute(place))));
    return address;
  }

  private compute(place: Exclude<Place, { kind: "fixed" }>): Operand {
    if (place.kind === "slot") return i32.add(this.slot ? i32.mul(this.slot, place.stride) : 0, place.address);
    const { history } = place;
    if (place.kind === "history") {
      if (place.offset === 0) return sampleAddress(history, this.t!);
      return this.inside(history, this.f.local("i32", i32.add(this.t!, place.offset)));
    }
    const { from, index } = place;
    return this.inside(history, from === "start" ? index : this.f.local("i32", i32.sub(this.samples, index + 1)));
  }

  private inside(history: History, sample: Operand): Operand {
    return choose(op("i32.lt_u", sample, this.samples), sampleAddress(history, sample), history.initial);
  }
}

/** The address of a sample inside the trial. */
export function sampleAddress({ base, stride, slots, window }: History, sample: Operand): Operand {
  let slot = sample;
  if (window !== undefined) slot = i32.sub(sample, load("i32.load", 0, window));
  else if (slots !== undefined) slot = op("i32.and", sample, slots - 1);
  return i32.add(i32.mul(slot, stride), base);
}

/** Two places with the same key are the same address. */
export function placeKey(place: Place): string {
  switch (place.kind) {
    case "fixed":
      return `fixed ${place.address}`;
    case "history":
      return `history ${place.history.base} ${place.offset}`;
    case "pick":
      return `pick ${place.history.base} ${place.from} ${place.index}`;
    case "slot":
      return `slot ${place.address}`;
  }
}
