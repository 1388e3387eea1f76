/** What goes into a training, what it reports on the way, and what comes out. */
import type { NDArray } from "../base/arrays.ts";
import type { Host } from "../host/host.ts";
import type { Network } from "../networks/network.ts";
import type { Behaviour, Task } from "../tasks/trials.ts";
import type { Fit } from "./fit.ts";
import type { Penalty } from "./penalty.ts";
import type { Rule } from "./rule.ts";
import type { Schedule } from "./schedule.ts";

/** A stretch of training with one time step, batch and rate. Plain data. */
export interface Stage {
  iterations: number;
  batch: number;
  rate: Schedule;
  /** Default: the task of the training. Validations score the tasks of all stages. */
  task?: Task;
  /** Default: the task's. */
  dt?: number;
  /** Greatest common norm of the gradient. Default: not clipped. */
  clip?: number;
  /** Ends the stage early: once the score on held-out trials, or the error of a batch averaged over `validateEvery` iterations, is this good. */
  until?: { score?: number; error?: number };
  /**
   * The stage ends at the average of its iterates over this many iterations instead of at the last one, and its
   * validations are of the average. Default: the last one.
   */
  average?: number;
  /**
   * `best`: the stage ends at the validated iterate with the highest score (the first of several), instead of the last.
   * Held-out trials then have chosen it: judge it by others. Default `last`.
   */
  keep?: "last" | "best";
}

export interface TrainOptions {
  seed: number;
  stages: Stage[];
  /** Default: reverse → Adam → ideal. */
  rule?: Rule;
  /** How outputs are compared with targets. Default: masked mean square. */
  fit?: Fit;
  penalties?: Penalty[];
  /** Iterations between validations. Default 50. */
  validateEvery?: number;
  /** Held-out trials of a validation. Default 512. */
  validationTrials?: number;
  /** Trials of a shard. Default 32. */
  shard?: number;
  workers?: number;
  relaxed?: boolean;
  /**
   * Most bytes of memory of each worker. What does not fit is computed again from checkpoints along the trial, with the
   * same bits, in the time of one more forward pass. Default 1 GiB.
   */
  memory?: number;
  host?: Host;
  /** Iterations between checkpoints. Default 100. */
  checkpointEvery?: number;
  /** Where to go on; from `TrainState`. */
  resume?: TrainState;
  onProgress?: (progress: Progress) => void;
  /** Lines for `metrics.jsonl`, in order; awaited. They are the same for the same specification and seed. */
  onMetrics?: (lines: Metrics[]) => Promise<void> | void;
  /** Called every `checkpointEvery` iterations and on interruption, after the metrics up to there. */
  onCheckpoint?: (state: TrainState) => Promise<void> | void;
  signal?: AbortSignal;
}

/** All that is needed to go on exactly. */
export interface TrainState {
  iteration: number;
  stage: number;
  /** Iterations done in this stage, and trials drawn in all. */
  inStage: number;
  trialsDrawn: number;
  /** Errors since the last validation, for `until.error`. */
  recent: number[];
  parameters: Record<string, NDArray<Float64Array>>;
  /** What the rule and the penalties keep between updates. */
  optimiser: Record<string, NDArray<Float64Array>>;
  /** Averages of the trained parameters in this stage; empty where it does not average. */
  average: Record<string, NDArray<Float64Array>>;
}

export interface Metrics {
  iteration: number;
  stage: number;
  loss: number;
  error: number;
  gradientNorm: number;
  rate: number;
  /** Behaviour on held-out trials, where this iteration was validated. */
  score?: number;
  parts?: Record<string, number>;
  /** Scores by task, where the stages have several. */
  tasks?: Record<string, number>;
  /** Of a write on devices: pulses so far by parameter, where this iteration was validated. */
  writes?: Record<string, number>;
}

export interface Progress {
  iteration: number;
  of: number;
  stage: number;
  stages: number;
  loss: number;
  behaviour?: Behaviour;
  /** Estimate; stages may end sooner. */
  secondsLeft: number;
}

export interface TrainResult {
  network: Network;
  status: "criterion" | "iterations" | "interrupted" | "diverged";
  /** One sentence: what happened, and what to do where it went wrong. */
  message: string;
  iterations: number;
  behaviour?: Behaviour;
  /** By task, where the stages have several: as last validated. */
  behaviours?: Record<string, Behaviour>;
  state: TrainState;
}
