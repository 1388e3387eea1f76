/** Writes the code of a pass that is run again in stretches for its reverse (`replays.ts`): checkpoints and stretches. */
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from "../wasm/assembler.ts";
import { call, i32, type Local, load, type Operand, op } from "../wasm/fragments.ts";
import { pastOfWindow, type Replay } from "./replays.ts";
import { type Arena, HEADER, type History, sampleAddress } from "./storage.ts";

/** A replay with its places. */
export interface Checkpoints {
  replay: Replay;
  /** Holds the first sample of the present window. */
  cell: number;
  base: number;
  /** Bytes of one checkpoint. */
  stride: number;
  states: { history: History; back: number; at: number }[];
  /** `(stretch)`: runs the pass over a stretch again; there once the pass has been written. */
  again?: FunctionRef;
}

/** Gives memory to the checkpoints of a pass. */
export function placeCheckpoints(
  replay: Replay,
  cell: number,
  histories: ReadonlyMap<string, History>,
  arena: Arena,
  samples: number,
): Checkpoints {
  let stride = 0;
  const states = [...replay.states].flatMap(([name, back]) => {
    const history = histories.get(name)!;
    // A trial so short that the history holds it all: nothing is lost of it.
    if (history.slots === undefined && history.window === undefined) return [];
    const state = { history, back, at: stride };
    stride += back * history.stride;
    return [state];
  });
  const base = arena.allocate(Math.ceil(samples / replay.every) * stride);
  return { replay, cell, base, stride, states };
}

/** The first sample of a stretch that is run: the reader looks some samples further back. Stretch 0 is the last one. */
const startOf =
  ({ replay }: Checkpoints, samples: Local, stretch: Operand): Operand =>
  (f: FunctionBuilder) => {
    const start = f.local("i32", i32.sub(samples, i32.mul(stretch, replay.every)));
    f.set(start, i32.sub(start, replay.every + replay.before));
    f.push(op("select", start, 0, op("i32.gt_s", start, 0)));
  };

const samplesOf = (f: FunctionBuilder): Local => f.local("i32", load("i32.load", 0, HEADER.samples));

/** `(stretch, start)`: copies the states before sample `start` to the checkpoint (`save`) or back. */
function emitCopies(m: ModuleBuilder, c: Checkpoints, save: boolean): FunctionRef {
  return m.once(`checkpoint ${c.base} ${save}`, () =>
    m.function("checkpoint", ["i32", "i32"], [], (f, stretch, start) => {
      const i = f.local("i32");
      for (const { history, back, at } of c.states)
        f.for(i, 0, back, 1, () => {
          const kept = i32.add(i32.mul(stretch, c.stride), i32.add(i32.mul(i, history.stride), c.base + at));
          const live = sampleAddress(history, f.local("i32", i32.sub(i32.sub(start, 1), i)));
          f.call(emitCopy(m), save ? kept : live, save ? live : kept, history.stride);
        });
    }),
  );
}

/** `(to, from, bytes)`, a multiple of 16. */
function emitCopy(m: ModuleBuilder): FunctionRef {
  return m.once("copy", () =>
    m.function("copy", ["i32", "i32", "i32"], [], (f, to, from, bytes) => {
      const at = f.local("i32");
      f.for(at, 0, bytes, 16, () => f.store("v128.store", i32.add(to, at), load("v128.load", i32.add(from, at))));
    }),
  );
}

/** `(stretch)`: moves the window to a stretch and brings the states before it there; answers its first sample. */
function emitEnter(m: ModuleBuilder, c: Checkpoints): FunctionRef {
  return m.once(`enter stretch ${c.cell}`, () =>
    m.function("enter", ["i32"], ["i32"], (f, stretch) => {
      const start = f.local("i32", startOf(c, samplesOf(f), stretch));
      f.store("i32.store", 0, i32.sub(start, pastOfWindow(c.replay)), c.cell);
      f.call(emitCopies(m, c, false), stretch, start);
      f.push(start);
    }),
  );
}

/** Runs a pass stretch by stretch, and keeps the states at the start of each. `each` writes a sample's code. */
export function emitStretches(f: FunctionBuilder, c: Checkpoints, samples: Local, t: Local, each: () => void): void {
  const { every } = c.replay;
  const stretch = f.local("i32", op("i32.div_u", i32.add(samples, every - 1), every));
  const next = f.local("i32");
  f.loop((again) => {
    f.set(stretch, i32.sub(stretch, 1));
    f.set(next, startOf(c, samples, i32.sub(stretch, 1)));
    f.set(next, op("select", next, samples, stretch));
    f.for(t, call(emitEnter(f.module, c), stretch), next, 1, each);
    f.if(stretch, () => f.call(emitCopies(f.module, c, true), i32.sub(stretch, 1), next));
    f.br(again, stretch);
  });
}

/** `(stretch)`: runs the pass over a stretch again, as far as its reader looks; `step` takes the sample and a slot. */
export function emitAgain(m: ModuleBuilder, c: Checkpoints, step: FunctionRef): FunctionRef {
  return m.function("again", ["i32"], [], (f, stretch) => {
    const samples = samplesOf(f);
    const end = f.local("i32", i32.add(i32.sub(samples, i32.mul(stretch, c.replay.every)), c.replay.after));
    f.set(end, op("select", end, samples, op("i32.lt_s", end, samples)));
    const t = f.local("i32");
    f.for(t, call(emitEnter(m, c), stretch), end, 1, () => f.call(step, t, 0));
  });
}

/** The result writes, at the start of a sample of the reader, the replay of the stretch that it enters. */
export function emitReader(f: FunctionBuilder, c: Checkpoints): () => void {
  const done = f.local("i32", 0);
  const stretch = f.local("i32", 0);
  return () => {
    f.if(op("i32.eq", done, c.replay.every), () => {
      f.set(stretch, i32.add(stretch, 1));
      f.call(c.again!, stretch);
      f.set(done, 0);
    });
    f.set(done, i32.add(done, 1));
  };
}
