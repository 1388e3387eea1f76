/**
 * What runs a program: the interpreter (reference) and the compiled engine implement this one interface.
 */
import type { NDArray } from "../base/arrays.ts";
import type { Program } from "../equations/program.ts";

export interface ExecutableOptions {
  /** Number for every size name of the program. */
  sizes: Record<string, number>;
  /** Trials run together. */
  trials: number;
  /** Most samples of one run. */
  samples: number;
  /** Names of definitions and sums to be read after a run. A definition of a pass is then kept at every sample. */
  record: string[];
  precision?: "f32" | "f64";
}

export interface RunOptions {
  /** Samples of this run, at most `samples` of the options; default all. */
  samples?: number;
  /** Time step, in the network's unit of time; default 1. */
  dt?: number;
  /** Seed of the noise; default 0. */
  seed?: number;
  /** What the noise is for, e.g. training or evaluation: another independent stream; default 0. */
  purpose?: number;
  /** Number of the first trial: noise is keyed by (seed, purpose, source, trial, sample, entry), default 0. */
  firstTrial?: number;
  /** Number of the first sample, for runs that go on from an earlier one; default 0. */
  firstSample?: number;
}

/** A program made ready for given sizes. Setting parameters or inputs and running allocates nothing in the engine. */
export interface Executable {
  readonly program: Program;
  readonly options: Required<ExecutableOptions>;
  /** Sets a parameter, row-major in its own shape. @throws Error where the length does not fit. */
  setParameter(name: string, values: ArrayLike<number>): void;
  /** Sets an input: `[trial, sample, ...shape]`, or `[trial, ...shape]` where it is given per trial. Fewer samples than the maximum are allowed. */
  setInput(name: string, values: ArrayLike<number>): void;
  run(options?: RunOptions): void;
  /** A recorded quantity: `[trial, sample, ...shape]` of a pass, `[trial, ...shape]` of level trial, its shape of level update. A copy. */
  read(name: string): NDArray;
}
