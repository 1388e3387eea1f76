/** Muscles of cycling at several speeds, from networks whose flow is kept smooth and from ones that are left free. */
import {
  check, equationsBlock, type Figure, learning, makeNetwork, mean, type NDArray, type Network, networks, type Outcome, pca, quantile,
  range, type Study, type StudyContext, selectTime, simulate, standardError, tangling, taskFigure, tasks, trainingFigure, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "Saxena, Russo, Cunningham & Churchland 2022, eLife 11, e67620";
/** Scores of the rates, and the tangling of rates and of muscles, all from the second cycle on. */
type Found = { network: Network; fit: number; scores: NDArray; q: Float64Array; muscles: Float64Array };

export const cycling: Study = {
  name: "cycling",
  title: "Cycling at several speeds from smooth dynamics",
  description:
    "Networks produce drawn rhythms of muscles by speed, with and without penalties on Jacobian and rates: tangling.",
  composition:
    "leaky rate units · dense · rhythms of muscles by speed · backpropagation, Adam, Jacobian and rate penalties",
  minutes: 5,
  fast: { settings: { seeds: "1", iterations: "300" }, checks: [] },
  tiny: { seeds: "1", iterations: "2", units: "8", speeds: "3", batch: "4", muscles: "2" },
  settings: {
    seeds: { value: 3, what: "pairs of networks, of seeds --seed, + 1, …; each seed draws its own muscles" },
    units: { value: 100, what: "number of units N (50 to 100 are common)" },
    tau: { value: 30, what: "time constant of the units, ms" },
    dt: { value: 10, what: "time step, ms" },
    gain: { value: 1.5, what: "gain of the recurrent weights before training" },
    speeds: { value: 8, what: "number of speeds, 0.8 to 2.1 cycles/s" },
    muscles: { value: 8, what: "number of muscles, drawn: three harmonics each, the same at every speed" },
    jacobian: { value: 0.0005, what: "weight of the squared norm of the Jacobian of a step" },
    rates: { value: 0.001, what: "weight of the mean square rate" },
    iterations: { value: 3000, what: "iterations of Adam" },
    batch: { value: 8, what: "trials per iteration" },
    rate: { value: 0.002, what: "learning rate at the start; it ends at a hundredth" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [dt, speeds, iterations] = [run.number("dt"), run.number("speeds"), run.number("iterations")];
    const J = { init: { law: "gaussian" as const, gain: run.number("gain") } };
    const cell = withParameters(networks.rate, { tau: run.number("tau"), sigma: 0, J });
    const rate = { kind: "cosine" as const, rate: run.number("rate"), to: run.number("rate") / 100, over: iterations };
    const both = [learning.jacobianNorm(run.number("jacobian")), learning.square(["r"], run.number("rates"))];
    const taskOf = (drawing: number) => tasks.cyclingMuscles({ dt, speeds, muscles: run.number("muscles"), drawing });
    const fitted = async (seed: number, smooth: boolean): Promise<Found> => {
      const task = taskOf(seed);
      const sizes = { N: run.number("units"), I: task.inputs.length, O: task.outputs.length };
      const initial = makeNetwork(cell, { seed, sizes });
      const { network } = await run.train(`${smooth ? "smooth" : "free"}-${seed}`, initial, task, {
        ...{ seed, validateEvery: 250, validationTrials: 16, penalties: smooth ? both : [] },
        stages: [{ iterations, batch: run.number("batch"), clip: 1, rate }],
      });
      const conditions = { frequency: range(0.8, 2.1, speeds) };
      const trials = task.trials({ seed, count: speeds, purpose: "test", conditions });
      const { r, z } = await simulate(network, trials, { seed, record: ["r", "z"] });
      const from = trials.events!.move![0]! / dt + Math.round(1000 / 0.8 / dt);
      const late = (a: NDArray) => window(a, from, r!.shape[1]! - 1);
      const scoresOf = (a: NDArray) => pca(late(a), { components: Math.min(8, a.shape[2]!) }).scores;
      const qOf = (a: NDArray) => tangling(a, { dt: dt / 1000 }).q.data;
      await run.pause();
      const [scores, muscles] = [scoresOf(r!), qOf(scoresOf(trials.targets))];
      return { network, fit: task.behaviour(z!, trials).score, scores, q: qOf(scores), muscles };
    };
    const [smooth, free]: [Found[], Found[]] = [[], []];
    for (let k = 0; k < run.number("seeds"); k++) {
      smooth.push(await fitted(run.seed + k, true));
      free.push(await fitted(run.seed + k, false));
    }
    const high = (q: Float64Array) => quantile(q, 0.9);
    const below = smooth.map(({ q, muscles }) => high(q) / high(muscles));
    const above = free.map(({ q }, k) => high(q) / high(smooth[k]!.q));
    const [first, fits, freeFits] = [smooth[0]!, smooth.map(({ fit }) => fit), free.map(({ fit }) => fit)];
    const judged = (id: string, what: string, values: number[], criterion = "", fits?: (value: number) => boolean) =>
      check({
        ...{ id, what: `${what}; by seed: ${values.map((v) => v.toFixed(3)).join(", ")}`, source, criterion },
        ...{ ours: fits !== undefined, measured: mean(values), n: values.length, standardError: standardError(values) },
        ...(fits && { holds: values.every(fits) }),
      });
    const p90 = "90th percentile of tangling";
    const figures = [taskFigure(taskOf(run.seed)), trainingFigure(await run.metrics(`smooth-${run.seed}`), "R²")];
    return {
      verdict: `R² ${mean(fits).toFixed(3)} under penalties; their ${p90} is ${mean(below).toFixed(2)} times the muscles', without penalties ${mean(above).toFixed(2)} times theirs.`,
      checks: [
        judged("fit", "R² of the muscles under both penalties", fits, "≥ 0.95 on every seed", (v) => v >= 0.95),
        judged("below", `${p90}, network over muscles`, below, "< 1 on every seed", (v) => v < 1),
        judged("penalties", `${p90}, without over with penalties`, above, "> 1 on every seed", (v) => v > 1),
        judged("free", "R² of the muscles without penalties", freeFits),
      ],
      sections: [
        {
          title: "The network",
          blocks: [equationsBlock(first.network), ...figures.map((figure) => ({ kind: "figure" as const, figure }))],
        },
        {
          title: "Tangling",
          blocks: [{ kind: "figure", figure: drawn(first, free[0]!), lead: true }],
        },
      ],
      numbers: { fits, freeFits, below, above },
      network: first.network,
    };
  },
};

/** Samples from one to another, both included. */
const window = (a: NDArray, from: number, to: number): NDArray<Float64Array> =>
  selectTime(a, range(0, a.shape[1]! - 1, a.shape[1]!), [from, to]).activity;

function drawn(smooth: Found, free: Found): Figure {
  const [speeds = 0, samples = 0, width = 0] = smooth.scores.shape;
  const y = range(0.01, 0.99, 99);
  const part = (name: string, color: "gray" | "blue" | "vermilion", q: Float64Array) => ({
    ...{ kind: "line" as const, name, color, x: y.map((p) => quantile(q, p)), y },
  });
  const all = [part("muscles", "gray", smooth.muscles), part("without penalties", "vermilion", free.q)];
  const along = (k: number, c: number) =>
    range(0, samples - 1, samples).map((t) => smooth.scores.data[(k * samples + t) * width + c]!);
  const path = (k: number) => ({ ...{ kind: "line" as const, width: 1 }, x: along(k, 0), y: along(k, 1) });
  return {
    title: "Tangling of muscles and networks, and the states by speed",
    caption:
      "First seed, from the end of the slowest first cycle on. Left: fraction of states that are less tangled. Right: rates of the network with penalties in their first two principal components, lighter to darker from slow to fast.",
    panels: [
      {
        x: { label: "tangling Q", unit: "1/s²", scale: "log" },
        y: { label: "fraction of states" },
        layers: [...all, part("with penalties", "blue", smooth.q)],
      },
      {
        ...{ x: { label: "PC 1" }, y: { label: "PC 2" }, equal: true },
        layers: range(0, speeds - 1, speeds).map((k) => ({ ...path(k), color: { ordered: k / (speeds - 1) } })),
      },
    ],
  };
}
