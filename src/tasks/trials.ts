/**
 * Trials: what a task and a recording both become. Training, simulation and analysis know nothing else.
 */
import type { NDArray } from "../base/arrays.ts";

export interface Trials {
  /** Time between samples, in ms unless the task says otherwise. */
  dt: number;
  /** `[trial, time, channel]`. */
  inputs: NDArray;
  /** `[trial, time, output]`. */
  targets: NDArray;
  /** Weight of the squared error, `[trial, time, output]`; 0 where the output is free. */
  mask: NDArray;
  /** Initial value of states by name, `[trial, unit]`; a state not named starts where the network says. */
  initialState?: Record<string, NDArray>;
  /** Values of the network's inputs that are given per trial, by name, `[trial, entry]`; one not named is 0. */
  trialInputs?: Record<string, NDArray>;
  /** One value per trial for each condition variable, e.g. `motion`, `context`. */
  conditions: Record<string, Float64Array>;
  /**
   * When each epoch of a trial begins, by name, and its `end`, in time: one value per trial, NaN where a trial has no such
   * epoch. Trials that end before the last sample are followed by samples of weight 0. Tasks of a fixed course have none.
   */
  events?: Record<string, Float64Array>;
}

export interface TrialRequest {
  seed: number;
  count: number;
  /** Default: the task's own. */
  dt?: number;
  /** Number of the first trial: trial k of a seed is the same trial in whatever batch it is drawn. Default 0. */
  firstTrial?: number;
  /** `train`, `validate`, `test`: independent streams of trials under one seed. Default `train`. */
  purpose?: "train" | "validate" | "test";
  /** Fixes condition variables, one value for all trials or one per trial; the others are drawn. */
  conditions?: Record<string, number | ArrayLike<number>>;
}

/** What a network did on trials, with the number of trials that it rests on. */
export interface Behaviour {
  /** Fraction correct, or another score in which 1 is perfect. */
  score: number;
  /** What `score` is, in words. */
  what: string;
  n: number;
  standardError: number;
  /** Partial scores, e.g. by context. */
  parts: Record<string, number>;
}

/** A task. A user's own module exports an object of this shape. */
export interface Task {
  name: string;
  /** One sentence. */
  description: string;
  /** Where it is from. */
  source?: string;
  /** Names of input channels and outputs, in order. */
  inputs: readonly string[];
  outputs: readonly string[];
  /** Default time step, and the unit of all its times. */
  dt: number;
  unit: string;
  /** Names of the epochs with their limits in time, for pictures: `[name, from, to]`. */
  epochs: readonly (readonly [string, number, number])[];
  /** Names of the condition variables that may be fixed, where the task says so. */
  conditions?: readonly string[];
  /** Conditions to show the task by: one trial of each makes its picture. Default: one trial as it is drawn. */
  examples?: readonly Readonly<Record<string, number>>[];
  trials(request: TrialRequest): Trials;
  /** Scores outputs `[trial, time, output]` on the trials that they belong to. */
  behaviour(outputs: NDArray, trials: Trials): Behaviour;
}
