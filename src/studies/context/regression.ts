/** Targeted dimensionality reduction of the trained network's rates, as Mante et al. did with neurons. */
import {
  conditionAverage,
  manteOptions,
  modelOf,
  type NDArray,
  type Network,
  type StudyContext,
  simulator,
  type Tdr,
  tdr,
  valuesOf,
  varianceExplainedBy,
} from "../../index.ts";
import { type ContextName, type ContextTask, contexts } from "./behaviour.ts";

export interface Regression {
  tdr: Tdr;
  /** Share of the variance over the conditions of correct trials along an input's own axis that its strength explains, in each context. */
  explained: { context: ContextName; variable: "motion" | "color"; share: number; n: number }[];
  /** Averages by context, choice and strength of the relevant or irrelevant evidence, on the axes. */
  trajectories: { context: ContextName; by: "motion" | "color"; values: Float64Array; projections: NDArray }[];
  numbers: Record<string, unknown>;
}

export async function regressions(run: StudyContext, network: Network, task: ContextTask): Promise<Regression> {
  const dt = 5;
  const count = 4608;
  const model = modelOf(network.data);
  const sim = await simulator(model, {
    sizes: network.sizes,
    samples: task.duration / dt + 1,
    record: ["r", "z"],
    host: run.host,
    workers: run.workers,
    relaxed: run.relaxed,
  });
  const trials = task.trials({ seed: run.seed, count, dt, purpose: "test", firstTrial: 2_000_000 });
  const { r, z } = await sim.run(valuesOf(network), trials, { seed: run.seed, firstTrial: 2_000_000, purpose: 5 });
  sim.close();
  const samples = r!.shape[1]!;
  const { motion, color, context, relevant } = trials.conditions as Record<string, Float64Array>;
  const choice = Float64Array.from({ length: count }, (_, k) => Math.sign(z!.data[k * samples + samples - 1]!) || 1);
  const correct = choice.map((c, k) => (c === Math.sign(relevant![k]!) ? 1 : 0));
  const whole = dropLast(r!, 10 * Math.floor(samples / 10));
  const result = tdr(
    { activity: whole, conditions: { choice, motion: motion!, color: color!, context: context!, correct } },
    {
      ...manteOptions,
      windows: { choice: [550, 750], motion: [250, 450], color: [350, 550], context: [100, 700] },
      dt,
      correct: "correct",
    },
  );
  const cellsOf = (value: number): number[] =>
    Array.from(result.conditions.context!.keys()).filter(
      (k) => result.conditions.context![k] === value && result.conditions.correct![k] === 1,
    );
  const explained = contexts.flatMap(([name, value]) =>
    (["motion", "color"] as const).map((variable) => {
      const cells = cellsOf(value);
      const axis = result.variables.indexOf(variable);
      const [, T, V] = result.projections.shape as [number, number, number];
      // Sum over the stimulus: between-condition variance of the projection, and the part that the strength explains.
      const projection = new Float64Array(cells.length * T);
      cells.forEach((cell, i) => {
        for (let t = 0; t < T; t++) projection[i * T + t] = result.projections.data[(cell * T + t) * V + axis]!;
      });
      const share = varianceExplainedBy(
        { data: projection, shape: [cells.length, T, 1] },
        Float64Array.from(cells, (k) => result.conditions[variable]![k]!),
      );
      return { context: name, variable, share, n: cells.length };
    }),
  );
  const trajectories = contexts.flatMap(([name, value]) =>
    (["motion", "color"] as const).map((by) => {
      const cells = cellsOf(value);
      const [, T, V] = result.projections.shape as [number, number, number];
      const data = new Float64Array(cells.length * T * V);
      for (const [i, cell] of cells.entries())
        data.set(result.projections.data.subarray(cell * T * V, (cell + 1) * T * V), i * T * V);
      const averaged = conditionAverage(
        { data, shape: [cells.length, T, V] },
        { [by]: Float64Array.from(cells, (k) => result.conditions[by]![k]!) },
        { variables: [by] },
      );
      return { context: name, by, values: Float64Array.from(averaged.conditions[by]!), projections: averaged.activity };
    }),
  );
  return {
    tdr: result,
    explained,
    trajectories,
    numbers: { explained, axesExplained: Object.fromEntries(result.variables.map((v, i) => [v, result.explained[i]])) },
  };
}

/** The first `samples` samples. */
function dropLast(activity: NDArray, samples: number): NDArray {
  const [trials, all, units] = activity.shape as [number, number, number];
  const data = new Float64Array(trials * samples * units);
  for (let k = 0; k < trials; k++)
    data.set(activity.data.subarray(k * all * units, (k * all + samples) * units), k * samples * units);
  return { data, shape: [trials, samples, units] };
}
