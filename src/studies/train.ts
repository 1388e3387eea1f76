/** Any network trained on any task, for `nullcline train`. */
import {
  check,
  equationsBlock,
  type Figure,
  formatNumber,
  type Layer,
  modelOf,
  type Network,
  NullclineError,
  type Outcome,
  type Stage,
  type Study,
  type StudyContext,
  simulator,
  type Task,
  type Trials,
  timeUnit,
  trainingFigure,
  valuesOf,
} from "../index.ts";

/** The study of one network on one task. */
export function trainStudy(network: Network, task: Task): Study {
  return {
    name: "train",
    title: `${network.data.name ?? "network"} learns ${task.name}`,
    description: "Trains a network on a task.",
    settings: {
      iterations: { value: 1000, what: "most iterations" },
      rate: { value: 0.005, what: "learning rate at the start; it falls to a tenth along a cosine" },
      batch: { value: 64, what: "trials per iteration" },
      clip: { value: 1, what: "greatest norm of the gradient" },
      dt: { value: 0, what: "time step; 0: the task's" },
      score: { value: 0, what: "training ends once the score on held-out trials is this good; 0: never" },
      error: { value: 0, what: "training ends once the mean square error is this small; 0: never" },
      validateEvery: { value: 50, what: "iterations between validations" },
      trials: { value: 512, what: "test trials, and held-out trials of a validation" },
      weights: { value: 0, what: "weight of the mean square of the trained matrices in the loss" },
    },
    run: (run) => learn(run, network, task),
  };
}

async function learn(run: StudyContext, initial: Network, task: Task): Promise<Outcome> {
  const unit = timeUnit(initial.data);
  if (unit !== undefined && unit !== task.unit)
    throw new NullclineError({
      code: "unit",
      given: `the times of task \`${task.name}\` are in ${task.unit}, those of the network in ${unit}`,
      remedy: "give the network's time constants in the task's unit",
    });
  const [iterations, rate, score, error] = [
    run.number("iterations"),
    run.number("rate"),
    run.number("score"),
    run.number("error"),
  ];
  const dt = run.number("dt") || task.dt;
  const stage: Stage = {
    iterations,
    batch: run.number("batch"),
    rate: { kind: "cosine", rate, to: rate / 10, over: iterations },
    clip: run.number("clip"),
    dt,
    ...((score > 0 || error > 0) && { until: { ...(score > 0 && { score }), ...(error > 0 && { error }) } }),
  };
  const weights = run.number("weights");
  const matrices = Object.entries(initial.parameters)
    .filter(([, p]) => p.tag !== "pinned" && p.values.shape.length === 2)
    .map(([name]) => name);
  const { network, message, status } = await run.train("training", initial, task, {
    stages: [stage],
    validateEvery: run.number("validateEvery"),
    validationTrials: run.number("trials"),
    ...(weights > 0 && {
      penalties: [{ name: "weights", weight: weights, terms: matrices.map((m) => `${m} * ${m}`) }],
    }),
  });

  const trials = task.trials({ seed: run.seed, count: run.number("trials"), dt, purpose: "test" });
  const model = modelOf(network.data, { dt, initialFromTrial: Object.keys(trials.initialState ?? {}) });
  const output = model.outputs[0]!;
  const sim = await simulator(model, {
    sizes: network.sizes,
    samples: trials.inputs.shape[1]!,
    record: [output],
    relaxed: run.relaxed,
    host: run.host,
    workers: run.workers,
  });
  const { [output]: z } = await sim.run(valuesOf(network), trials, { seed: run.seed, purpose: 2 });
  sim.close();
  const behaviour = task.behaviour(z!, trials);
  return {
    verdict: `After ${message.replace(/^(done|reached the criterion) after /, "")}: ${behaviour.what} ${formatNumber(behaviour.score, 4)} on ${trials.targets.shape[0]} test trials.`,
    checks: [
      check({
        ...{ id: "score", what: `${behaviour.what}, test trials`, source: "", measured: behaviour.score },
        ...{ n: behaviour.n, standardError: behaviour.standardError, ours: true },
        ...(score > 0 ? { criterion: `≥ ${score}`, holds: behaviour.score >= score } : { criterion: "" }),
      }),
      ...Object.entries(behaviour.parts)
        .slice(0, 12)
        .map(([part, value]) =>
          check({ id: `part-${part}`, what: part, source: "", criterion: "", measured: value, n: behaviour.n }),
        ),
    ],
    sections: [
      { title: "The network", blocks: [equationsBlock(network)] },
      {
        title: "The task",
        blocks: [
          { kind: "text", text: `${task.description}${task.source ? ` (${task.source})` : ""}` },
          { kind: "figure", figure: trialFigure(task, trials, z!.data, dt) },
        ],
      },
      {
        title: "Training",
        blocks: [
          { kind: "text", text: `Backpropagation through time with Adam: ${message}.` },
          { kind: "figure", figure: trainingFigure(await run.metrics("training"), behaviour.what) },
        ],
      },
    ],
    warnings: model.warnings,
    network,
    numbers: { status, score: behaviour.score, parts: behaviour.parts },
  };
}

/** The first test trial: inputs, and outputs beside their targets where these count. */
function trialFigure(task: Task, trials: Trials, z: ArrayLike<number>, dt: number): Figure {
  const [, samples, outputs] = trials.targets.shape as [number, number, number];
  const width = task.inputs.length;
  const time = Float64Array.from({ length: samples }, (_, t) => t * dt);
  const of = (data: ArrayLike<number>, channels: number, i: number): Float64Array =>
    Float64Array.from({ length: samples }, (_, t) => data[t * channels + i]!);
  const [shownIn, shownOut] = [task.inputs.slice(0, 6), task.outputs.slice(0, 6)];
  return {
    title: "One test trial",
    caption: "Inputs, and outputs with their targets (dashed, where the output counts).",
    panels: [
      {
        x: { label: "time", unit: task.unit },
        y: { label: "", lanes: [...shownIn, ...shownOut].map((name) => ({ name })) },
        layers: [
          ...shownIn.map(
            (_, i): Layer => ({
              kind: "line",
              lane: i,
              name: "input",
              color: "gray",
              step: true,
              x: time,
              y: of(trials.inputs.data, width, i),
            }),
          ),
          ...shownOut.flatMap((_, i): Layer[] => {
            const lane = shownIn.length + i;
            const mask = of(trials.mask.data, outputs, i);
            const target = of(trials.targets.data, outputs, i).map((v, t) => (mask[t]! > 0 ? v : Number.NaN));
            return [
              { kind: "line", lane, name: "output", color: "blue", x: time, y: of(z, outputs, i) },
              { kind: "line", lane, name: "target", color: "ink", dash: "dashed", width: 1.2, x: time, y: target },
            ];
          }),
        ],
      },
    ],
  };
}
