/** Backpropagation through time in stages, with validation, checkpoints, interruption and a diagnosis where it diverges. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { modelOf } from "../equations/model.ts";
import type { Host } from "../host/host.ts";
import type { Network } from "../networks/network.ts";
import { matchTask } from "../tasks/matchTask.ts";
import type { Behaviour, Task } from "../tasks/trials.ts";
import { type Adam, type AdamOptions, adam } from "./adam.ts";
import { averageIn } from "./average.ts";
import { clipByGlobalNorm, norm } from "./clip.ts";
import { type GradientEngine, gradientEngine, inputName } from "./gradient.ts";
import { rateAt, type Schedule } from "./schedule.ts";
import { type Simulator, simulator } from "./simulate.ts";

/** A stretch of training with one time step, batch and rate. Plain data. */
export interface Stage {
  iterations: number;
  batch: number;
  rate: Schedule;
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
}

export interface TrainOptions {
  seed: number;
  stages: Stage[];
  adam?: AdamOptions;
  /** Penalties: weight of the mean square of the named parameters, and of a quantity's mean square. */
  penalties?: { weights?: { of: string[]; weight: number }; rates?: { of: string; weight: number } };
  /** Iterations between validations. Default 50. */
  validateEvery?: number;
  /** Held-out trials of a validation. Default 512. */
  validationTrials?: number;
  /** Trials of a shard. Default 32. */
  shard?: number;
  workers?: number;
  relaxed?: boolean;
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
  state: TrainState;
}

/**
 * Trains the free and bounded parameters of a network on a task by Adam on the gradient of the discrete dynamics.
 * Iteration k draws its trials by their numbers and its noise by the same numbers, so nothing random is kept in a state.
 * @throws NullclineError where task and network do not fit.
 */
export async function train(network: Network, task: Task, options: TrainOptions): Promise<TrainResult> {
  const { seed, stages, validateEvery = 50, validationTrials = 512, checkpointEvery = 100 } = options;
  const { data, sizes } = network;
  const first = task.trials({ seed, count: 1, dt: stages[0]?.dt ?? task.dt });
  const model = modelOf(data, {
    dt: stages[0]?.dt ?? task.dt,
    initialFromTrial: Object.keys(first.initialState ?? {}),
  });
  const u = inputName(model);
  const width = (shape: readonly (string | number)[]): number =>
    shape.map((d) => (typeof d === "number" ? d : sizes[d]!)).reduce((a, b) => a * b, 1);
  const port = (name: string, shape: readonly (string | number)[]) => ({
    name,
    width: width(shape),
    ...(typeof shape[0] === "string" && { size: shape[0] }),
  });
  matchTask(
    task,
    u === undefined ? [] : [port(u, model.text.inputs[u]!.shape)],
    model.outputs.slice(0, 1).map((name) => port(name, model.text.quantities.get(name)!.shape!)),
  );
  const output = model.outputs[0]!;

  const parameters: Record<string, Float64Array> = {};
  for (const [name, p] of Object.entries(network.parameters))
    parameters[name] = Float64Array.from(options.resume?.parameters[name]?.data ?? p.values.data);
  const trained = Object.entries(network.parameters)
    .filter(([, p]) => p.tag !== "pinned")
    .map(([name]) => name);
  if (trained.length === 0)
    throw new NullclineError({ code: "training", given: "every parameter is pinned", remedy: "tag one as free" });
  const { penalties = {} } = options;
  let updatable = trained;
  let optimiser: Adam | undefined;

  let { iteration, stage, inStage, trialsDrawn } = options.resume ?? {
    iteration: 0,
    stage: 0,
    inStage: 0,
    trialsDrawn: 0,
  };
  let recent: number[] = [...(options.resume?.recent ?? [])];
  let average = copies(options.resume?.average ?? {});
  const total = stages.reduce((n, s) => n + s.iterations, 0);
  let behaviour: Behaviour | undefined;
  let status: TrainResult["status"] = "iterations";
  let message = "";
  let lines: Metrics[] = [];
  const norms: number[] = [];

  const currentState = (): TrainState => ({
    iteration,
    stage,
    inStage,
    trialsDrawn,
    recent: [...recent],
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, data]) => [
        name,
        { data: data.slice(), shape: network.parameters[name]!.values.shape },
      ]),
    ),
    optimiser: optimiser?.state() ?? {},
    average: copies(average),
  });
  const flush = async (): Promise<void> => {
    if (lines.length > 0) await options.onMetrics?.(lines);
    lines = [];
  };
  const checkpoint = async (): Promise<void> => {
    await flush();
    await options.onCheckpoint?.(currentState());
  };

  // Resumed after its last iteration: nothing is left to do, and its checkpoint stays as it is.
  const ended = options.resume !== undefined && stage >= stages.length;
  let lastGood = currentState();
  const began = performance.now();
  const startIteration = iteration;
  let engine: GradientEngine | undefined;
  let validator: Simulator | undefined;
  try {
    training: for (; stage < stages.length; stage++, inStage = 0, recent = [], average = {}) {
      const now = stages[stage]!;
      const dt = now.dt ?? task.dt;
      const samples = task.trials({ seed, count: 1, dt }).inputs.shape[1]!;
      const shared = {
        sizes,
        samples,
        shard: options.shard,
        relaxed: options.relaxed,
        host: options.host,
        workers: options.workers,
      };
      engine?.close();
      validator?.close();
      engine = await gradientEngine(model, {
        ...shared,
        trained,
        ...(penalties.weights && { weights: penalties.weights.of, weightPenalty: penalties.weights.weight }),
        ...(penalties.rates && { rates: penalties.rates.of, ratePenalty: penalties.rates.weight }),
      });
      if (!optimiser) {
        updatable = trained.filter((name) => engine!.objective.gradients[name]);
        optimiser = adam(
          Object.fromEntries(
            updatable.map((name) => [
              name,
              {
                size: parameters[name]!.length,
                tag: network.parameters[name]!.tag,
                group: network.parameters[name]!.group,
              },
            ]),
          ),
          options.adam,
        );
        if (options.resume) optimiser.restore(options.resume.optimiser);
      }
      validator = await simulator(model, { ...shared, record: [output] });
      if (now.average !== undefined && inStage === 0) average = copies(currentState().parameters, updatable);
      while (inStage < now.iterations) {
        if (options.signal?.aborted) {
          status = "interrupted";
          message = `interrupted after ${iteration} iterations`;
          break training;
        }
        const trials = task.trials({ seed, count: now.batch, firstTrial: trialsDrawn, dt, purpose: "train" });
        const { loss, error, gradients } = await engine.of(parameters, trials, { seed, firstTrial: trialsDrawn });
        const used = Object.fromEntries(updatable.map((name) => [name, gradients[name]!]));
        const clipped = clipByGlobalNorm(used, now.clip ?? Number.POSITIVE_INFINITY);
        if (!Number.isFinite(loss) || clipped.nonFinite !== undefined) {
          status = "diverged";
          message = diagnosis(iteration, loss, clipped.nonFinite, norms, used, lastGood.iteration);
          break training;
        }
        norms.push(clipped.norm);
        if (norms.length > 5) norms.shift();
        const rate = rateAt(now.rate, inStage);
        optimiser.step(parameters, used, rate);
        trialsDrawn += now.batch;
        inStage++;
        iteration++;
        averageIn(average, parameters, inStage, now.average ?? 1);
        recent.push(error);
        const line: Metrics = { iteration, stage, loss, error, gradientNorm: clipped.norm, rate };
        const last = inStage === now.iterations;
        if (inStage % validateEvery === 0 || last) {
          const held = task.trials({ seed, count: validationTrials, dt, purpose: "validate" });
          const { [output]: z } = await validator.run({ ...parameters, ...values(average) }, held, {
            seed,
            purpose: 1,
          });
          behaviour = task.behaviour(z!, held);
          line.score = behaviour.score;
          line.parts = behaviour.parts;
        }
        lines.push(line);
        const done = iteration - startIteration;
        options.onProgress?.({
          iteration,
          of: total,
          stage,
          stages: stages.length,
          loss,
          behaviour,
          secondsLeft: remaining(
            stages,
            stage,
            inStage,
            done,
            task,
            (performance.now() - began) / 1000,
            startIteration,
          ),
        });
        let reached = false;
        if (line.score !== undefined) {
          const { until } = now;
          const mean = recent.reduce((a, b) => a + b, 0) / recent.length;
          recent = [];
          reached =
            (until?.score !== undefined && line.score >= until.score) ||
            (until?.error !== undefined && mean <= until.error);
        }
        if (reached) {
          // Before the checkpoint: whoever resumes from it must not go on with this stage.
          inStage = now.iterations;
          if (stage === stages.length - 1) {
            status = "criterion";
            message = `reached the criterion after ${iteration} iterations`;
          }
        }
        if (iteration % checkpointEvery === 0) {
          lastGood = currentState();
          await checkpoint();
        }
      }
      for (const [name, array] of Object.entries(average)) parameters[name]!.set(array.data);
    }
    if (status === "diverged") await flush();
    else if (!ended) await checkpoint();
  } finally {
    engine?.close();
    validator?.close();
  }
  const state = status === "diverged" ? lastGood : currentState();
  const found = copies({ ...state.parameters, ...state.average });
  return {
    network: {
      ...network,
      parameters: Object.fromEntries(
        Object.entries(network.parameters).map(([name, p]) => [name, { ...p, values: found[name]! }]),
      ),
    },
    status,
    message: message || `done after ${iteration} iterations`,
    iterations: iteration,
    behaviour,
    state,
  };
}

function copies(
  arrays: Record<string, NDArray<Float64Array>>,
  names = Object.keys(arrays),
): Record<string, NDArray<Float64Array>> {
  return Object.fromEntries(
    names.map((name) => [name, { data: arrays[name]!.data.slice(), shape: arrays[name]!.shape }]),
  );
}

const values = (arrays: Record<string, NDArray<Float64Array>>): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, data]));

/** Seconds that the rest takes, each stage's iterations weighed by trials times samples. */
function remaining(
  stages: Stage[],
  stage: number,
  inStage: number,
  done: number,
  task: Task,
  seconds: number,
  start: number,
): number {
  const cost = (s: Stage): number => s.batch / (s.dt ?? task.dt);
  let spent = 0;
  let left = 0;
  let k = 0;
  stages.forEach((s, i) => {
    const finished = i < stage ? s.iterations : i === stage ? inStage : 0;
    // Iterations before a resumption were not timed.
    spent += Math.max(0, finished - Math.max(0, start - k)) * cost(s);
    if (i >= stage) left += (s.iterations - finished) * cost(s);
    k += s.iterations;
  });
  return done === 0 || spent === 0 ? Number.NaN : (seconds * left) / spent;
}

function diagnosis(
  iteration: number,
  loss: number,
  culprit: string | undefined,
  norms: number[],
  gradients: Record<string, Float64Array>,
  good: number,
): string {
  const before = norms.length > 0 ? `; gradient norms before: ${norms.map((n) => n.toPrecision(3)).join(", ")}` : "";
  const largest = Object.entries(gradients)
    .map(([name, g]) => `${name} ${norm(g).toPrecision(3)}`)
    .join(", ");
  const what = culprit ? `the gradient of \`${culprit}\` is not finite` : `the loss is ${loss}`;
  return `diverged at iteration ${iteration}: ${what} (loss ${loss}; norms by parameter: ${largest})${before}. Kept the parameters of iteration ${good}; lower the rate, clip the gradient, or lower the gain`;
}
