/** Training in stages by any learning rule, with validation, checkpoints, interruption and a diagnosis where it diverges. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { Network } from "../networks/network.ts";
import type { Behaviour, Task } from "../tasks/trials.ts";
import { averageIn } from "./average.ts";
import { clipByGlobalNorm } from "./clip.ts";
import { reverse } from "./credit/reverse.ts";
import { diagnosis, remaining } from "./diagnosis.ts";
import { defaultShard } from "./gradient.ts";
import { weightAt } from "./penalty.ts";
import {
  type CreditEngine,
  checkRule,
  stateOf,
  type TrainedParameter,
  type Updater,
  type Values,
  type Writer,
} from "./rule.ts";
import { rateAt } from "./schedule.ts";
import type { Metrics, TrainOptions, TrainResult, TrainState } from "./training.ts";
import { adam } from "./update/adam.ts";
import { taskModel, type Validator, validatorOf } from "./validate.ts";
import { ideal } from "./write/ideal.ts";

export type { Metrics, Progress, Stage, TrainOptions, TrainResult, TrainState } from "./training.ts";

/**
 * Trains the free and bounded parameters of a network on a task. Iteration k draws its trials by their numbers and its
 * noise by the same numbers, so nothing random is kept in a state.
 * @throws NullclineError where task, network, objective and rule do not fit.
 */
export async function train(network: Network, task: Task, options: TrainOptions): Promise<TrainResult> {
  const { seed, stages, validateEvery = 50, validationTrials = 512, checkpointEvery = 100, resume } = options;
  const { fit, penalties = [] } = options;
  const { credit = reverse(), update = adam(), write = ideal() } = options.rule ?? {};
  checkRule(credit, update);
  const parameters: Values = {};
  for (const [name, p] of Object.entries(network.parameters))
    parameters[name] = Float64Array.from(resume?.parameters[name]?.data ?? p.values.data);
  const trained = Object.keys(network.parameters).filter((name) => network.parameters[name]!.tag !== "pinned");
  if (trained.length === 0)
    throw new NullclineError({ code: "training", given: "every parameter is pinned", remedy: "tag one as free" });
  const initial = Object.fromEntries(
    Object.entries(network.parameters).map(([name, p]) => [name, Float64Array.from(p.values.data)]),
  );
  const remembered = penalties.flatMap((penalty) =>
    penalty.memory ? { penalty, memory: penalty.memory(initial) } : [],
  );
  const memories = remembered.map(({ memory }) => memory);
  const creditState: Values = Object.fromEntries(
    Object.entries(resume?.optimiser ?? {}).flatMap(([name, { data }]) =>
      name.startsWith("credit.") ? [[name, data.slice()]] : [],
    ),
  );
  let updatable = trained;
  let updater: Updater | undefined;
  let writer: Writer | undefined;

  let { iteration, stage, inStage, trialsDrawn } = resume ?? { iteration: 0, stage: 0, inStage: 0, trialsDrawn: 0 };
  let recent: number[] = [...(resume?.recent ?? [])];
  let average = copies(resume?.average ?? {});
  const total = stages.reduce((n, s) => n + s.iterations, 0);
  let behaviours: Record<string, Behaviour> = {};
  let behaviour: Behaviour | undefined;
  let status: TrainResult["status"] = "iterations";
  let message = "";
  let lines: Metrics[] = [];
  const norms: number[] = [];

  /** Of a stage that keeps the best: its score and parameters, in the checkpoints beside the optimiser's. */
  let best: { score: number; parameters: Values } | undefined = bestIn(resume?.optimiser ?? {});

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
    optimiser: Object.assign(
      stateOf(creditState),
      ...[updater, writer, ...memories].map((part) => part?.state() ?? {}),
      best && stateOf({ "best.score": Float64Array.of(best.score), ...prefixed(best.parameters) }),
    ),
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
  const startRule = (reached: string[]): void => {
    updatable = reached;
    const known = Object.fromEntries(
      updatable.map((name): [string, TrainedParameter] => {
        const { tag, group, values } = network.parameters[name]!;
        return [name, { size: values.data.length, shape: values.shape, tag, group }];
      }),
    );
    updater = update.start(known);
    writer = write.start(known, { seed, initial });
    if (resume) for (const part of [updater, writer, ...memories]) part.restore(resume.optimiser);
  };

  // Resumed after its last iteration: nothing is left to do, and its checkpoint stays as it is.
  const ended = resume !== undefined && stage >= stages.length;
  let lastGood = currentState();
  const began = performance.now();
  const startIteration = iteration;
  const shared = {
    sizes: network.sizes,
    shard: options.shard,
    relaxed: options.relaxed,
    memory: options.memory,
    host: options.host,
    workers: options.workers,
  };
  const tasks = [...new Set(stages.map((s) => s.task ?? task))];
  let engine: CreditEngine | undefined;
  let validators: Validator[] = [];
  const close = (): void => {
    engine?.close();
    for (const v of validators) v.close();
  };
  try {
    training: for (; stage < stages.length; stage++, inStage = 0, recent = [], average = {}, best = undefined) {
      const now = stages[stage]!;
      const own = now.task ?? task;
      const dt = now.dt ?? own.dt;
      const { model, samples } = taskModel(network, own, { seed, dt });
      close();
      validators = [];
      // No larger than the batch: lanes that only fill a shard cost as much as trials.
      const shard = Math.min(options.shard ?? defaultShard, now.batch);
      const setting = { ...shared, shard, model, trained, samples, seed, state: creditState, fit, penalties };
      engine = await credit.open(setting);
      if (!updater) startRule(engine.reached);
      for (const other of tasks)
        validators.push(
          await validatorOf(network, other, {
            ...shared,
            seed,
            dt: other === own ? dt : (stages.find((s) => (s.task ?? task) === other)!.dt ?? other.dt),
            trials: validationTrials,
          }),
        );
      if (now.average !== undefined && inStage === 0) average = copies(currentState().parameters, updatable);
      while (inStage < now.iterations) {
        if (options.signal?.aborted) {
          status = "interrupted";
          message = `interrupted after ${iteration} iterations`;
          break training;
        }
        const trials = own.trials({ seed, count: now.batch, firstTrial: trialsDrawn, dt, purpose: "train" });
        const rate = rateAt(now.rate, inStage);
        const constants = Object.assign({}, ...memories.map((m) => m.constants()));
        const batch = { trials, firstTrial: trialsDrawn, iteration, constants };
        let [loss, error, gradientNorm, updates] = [0, 0, 0, 0];
        for await (const evidence of engine.evidence(parameters, batch)) {
          const used = Object.fromEntries(updatable.map((name) => [name, evidence.gradients[name]!]));
          for (const { penalty, memory } of remembered) memory.before(parameters, used, weightAt(penalty, iteration));
          const clipped = clipByGlobalNorm(used, now.clip ?? Number.POSITIVE_INFINITY);
          if (!Number.isFinite(evidence.loss) || clipped.nonFinite !== undefined) {
            status = "diverged";
            message = diagnosis(iteration, evidence.loss, clipped.nonFinite, norms, used, lastGood.iteration);
            break training;
          }
          const changes = await updater!.changes(parameters, { ...evidence, gradients: used }, rate);
          writer!.apply(parameters, changes, iteration);
          for (const memory of memories) memory.after(parameters);
          [loss, error, gradientNorm] = [loss + evidence.loss, error + evidence.error, clipped.norm];
          updates++;
        }
        loss /= Math.max(1, updates);
        error /= Math.max(1, updates);
        norms.push(gradientNorm);
        if (norms.length > 5) norms.shift();
        trialsDrawn += now.batch;
        inStage++;
        iteration++;
        averageIn(average, parameters, inStage, now.average ?? 1);
        recent.push(error);
        const line: Metrics = { iteration, stage, loss, error, gradientNorm, rate };
        const last = inStage === now.iterations;
        if (inStage % validateEvery === 0 || last) {
          behaviours = {};
          for (const v of validators) behaviours[v.task.name] = await v.validate({ ...parameters, ...values(average) });
          behaviour = behaviours[own.name]!;
          line.score = behaviour.score;
          if (now.keep === "best" && !(best && behaviour.score <= best.score))
            best = { score: behaviour.score, parameters: values(copies({ ...currentState().parameters, ...average })) };
          line.parts = behaviour.parts;
          if (writer?.writes) line.writes = writer.writes();
          if (tasks.length > 1)
            line.tasks = Object.fromEntries(Object.entries(behaviours).map(([name, b]) => [name, b.score]));
        }
        lines.push(line);
        const seconds = (performance.now() - began) / 1000;
        options.onProgress?.({
          iteration,
          of: total,
          stage,
          stages: stages.length,
          loss,
          behaviour,
          secondsLeft: remaining(stages, stage, inStage, iteration - startIteration, task, seconds, startIteration),
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
      if (best) {
        for (const [name, array] of Object.entries(best.parameters)) parameters[name]!.set(array);
        for (const v of validators) behaviours[v.task.name] = await v.validate(parameters);
        behaviour = behaviours[own.name];
      }
      for (const memory of memories) memory.stage(parameters);
    }
    if (status === "diverged") await flush();
    else if (!ended) await checkpoint();
  } finally {
    close();
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
    ...(tasks.length > 1 && { behaviours }),
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

const prefixed = (of: Values): Values =>
  Object.fromEntries(Object.entries(of).map(([name, data]) => [`best.value.${name}`, data]));

/** What `keep: "best"` left in a checkpoint. */
function bestIn(saved: Record<string, NDArray<Float64Array>>): { score: number; parameters: Values } | undefined {
  const score = saved["best.score"]?.data[0];
  if (score === undefined) return undefined;
  const kept = Object.entries(saved).flatMap(([key, { data }]): [string, Float64Array][] =>
    key.startsWith("best.value.") ? [[key.slice(11), data.slice()]] : [],
  );
  return { score, parameters: Object.fromEntries(kept) };
}

const values = (arrays: Record<string, NDArray<Float64Array>>): Values =>
  Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, data]));
