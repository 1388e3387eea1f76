/** Muscles of reaches and of cycling, each from networks whose flow is kept smooth and from ones that are left free. */
import {
  check, equationsBlock, type Figure, jpca, learning, makeNetwork, mean, type NDArray, type Network, networks, type Outcome, type Panel, pca,
  quantile, range, type Study, type StudyContext, selectTime, simulate, standardError, type Task, type Trials, tangling, taskFigure, tasks, 
  trainingFigure, withParameters,
} from "../index.ts"; // biome-ignore format: a list

/** Rates, their scores and the tangling of rates and of muscles, all in the stretch judged. */
type Found = { network: Network; fit: number; rates: NDArray; scores: NDArray; q: Float64Array; muscles: Float64Array };

/** What differs between the two movements. */
interface Movement extends Pick<Study, "name" | "title" | "description" | "composition" | "settings"> {
  source: string;
  tiny: Record<string, string>;
  caption: string;
  muscles(run: StudyContext, drawing: number): Task;
  /** Conditions of the test, one trial each. */
  conditions(run: StudyContext): Record<string, number | number[]>;
  /** First sample that is judged. */
  from(run: StudyContext, trials: Trials): number;
  /** Beside the tangling: the states of the first network with penalties. */
  states(run: StudyContext, smooth: Found): Panel;
  shown?(run: StudyContext, smooth: Found[]): { id: string; what: string; values: number[] };
}

const reaching: Movement = {
  name: "muscle",
  title: "Muscles of reaches from smooth dynamics",
  description: "Networks produce drawn muscle activity, with and without penalties on Jacobian and rates: tangling.",
  source: "Sussillo, Churchland, Kaufman & Shenoy 2015, Nat. Neurosci. 18, 1025–1033",
  composition:
    "leaky rate units · dense · muscles of planned reaches · backpropagation, Adam, Jacobian and rate penalties",
  settings: {
    units: { value: 100, what: "number of units N (in the paper 300)" },
    reaches: { value: 27, what: "number of reaches, each with a plan of its own" },
    muscles: { value: 8, what: "number of muscles, drawn: five bumps each, with heights linear in the plan" },
    jacobian: { value: 0.0005, what: "weight of the squared norm of the Jacobian of a step" },
  },
  tiny: { reaches: "8" },
  caption:
    "First seed, from the go on. Left: fraction of states that are less tangled. Right: the network with penalties in the plane of its fastest rotation (jPCA), 50–500 ms after the go, a line a reach.",
  muscles: (run, drawing) =>
    tasks.reachingMuscles({ dt: run.number("dt"), reaches: run.number("reaches"), muscles: run.number("muscles"), drawing }), // biome-ignore format: a line
  conditions: (run) => ({ reach: range(0, run.number("reaches") - 1, run.number("reaches")), hold: 500 }),
  from: (run) => 500 / run.number("dt"),
  states: (run, smooth) => ({
    ...{ x: { label: "jPC 1" }, y: { label: "jPC 2" }, equal: true },
    layers: paths(rotation(run, smooth).planes[0]!.projections).map((path) => ({
      ...{ kind: "line", arrow: true, width: 1, name: "reach", color: "blue", ...path },
    })),
  }),
  shown: (run, smooth) => ({
    id: "rotation",
    what: "jPCA: R² of rotation over that of any linear flow",
    values: smooth.map((found) => rotation(run, found).ratio),
  }),
};

const pedalling: Movement = {
  name: "cycling",
  title: "Cycling at several speeds from smooth dynamics",
  description:
    "Networks produce drawn rhythms of muscles by speed, with and without penalties on Jacobian and rates: tangling.",
  source: "Saxena, Russo, Cunningham & Churchland 2022, eLife 11, e67620",
  composition:
    "leaky rate units · dense · rhythms of muscles by speed · backpropagation, Adam, Jacobian and rate penalties",
  settings: {
    units: { value: 100, what: "number of units N (50 to 100 are common)" },
    speeds: { value: 8, what: "number of speeds, 0.8 to 2.1 cycles/s" },
    muscles: { value: 8, what: "number of muscles, drawn: three harmonics each, the same at every speed" },
    jacobian: { value: 0.002, what: "weight of the squared norm of the Jacobian of a step" },
  },
  tiny: { speeds: "3" },
  caption:
    "First seed, from the end of the slowest first cycle on. Left: fraction of states that are less tangled. Right: rates of the network with penalties in their first two principal components, lighter to darker from slow to fast.",
  muscles: (run, drawing) =>
    tasks.cyclingMuscles({ dt: run.number("dt"), speeds: run.number("speeds"), muscles: run.number("muscles"), drawing }), // biome-ignore format: a line
  conditions: (run) => ({ frequency: range(0.8, 2.1, run.number("speeds")) }),
  from: (run, trials) => trials.events!.move![0]! / run.number("dt") + Math.round(1000 / 0.8 / run.number("dt")),
  states: (run, { scores }) => ({
    ...{ x: { label: "PC 1" }, y: { label: "PC 2" }, equal: true },
    layers: paths(scores).map((path, k) => ({
      ...{ kind: "line", width: 1, color: { ordered: k / (run.number("speeds") - 1) }, ...path },
    })),
  }),
};

const studyOf = (own: Movement): Study => ({
  ...own,
  minutes: 5,
  fast: { settings: { seeds: "1", iterations: "300" }, checks: [] },
  tiny: { seeds: "1", iterations: "2", units: "8", batch: "4", muscles: "2", ...own.tiny },
  settings: {
    seeds: { value: 3, what: "pairs of networks, of seeds --seed, + 1, …; each seed draws its own muscles" },
    ...own.settings,
    tau: { value: 30, what: "time constant of the units, ms (50 is common)" },
    dt: { value: 10, what: "time step, ms" },
    gain: { value: 1.5, what: "gain of the recurrent weights before training" },
    rates: { value: 0.0001, what: "weight of the mean square rate" },
    iterations: { value: 3000, what: "iterations of Adam" },
    batch: { value: 8, what: "trials per iteration" },
    rate: { value: 0.002, what: "learning rate at the start; it ends at a hundredth" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [dt, iterations, { source }] = [run.number("dt"), run.number("iterations"), own];
    const J = { init: { law: "gaussian" as const, gain: run.number("gain") } };
    const cell = withParameters(networks.rate, { tau: run.number("tau"), sigma: 0, J });
    const rate = { kind: "cosine" as const, rate: run.number("rate"), to: run.number("rate") / 100, over: iterations };
    const both = [learning.jacobianNorm(run.number("jacobian")), learning.square(["r"], run.number("rates"))];
    const fitted = async (seed: number, smooth: boolean): Promise<Found> => {
      const task = own.muscles(run, seed);
      const sizes = { N: run.number("units"), I: task.inputs.length, O: task.outputs.length };
      const { network } = await run.train(`${smooth ? "smooth" : "free"}-${seed}`, makeNetwork(cell, { seed, sizes }), task, {
        ...{ seed, validateEvery: 250, validationTrials: 32, penalties: smooth ? both : [] },
        stages: [{ iterations, batch: run.number("batch"), clip: 1, rate }],
      }); // biome-ignore format: data
      const conditions = own.conditions(run);
      const count = Math.max(...Object.values(conditions).map((c) => (Array.isArray(c) ? c.length : 1)));
      const trials = task.trials({ seed, count, purpose: "test", conditions });
      const { r, z } = await simulate(network, trials, { seed, record: ["r", "z"] });
      const late = (a: NDArray) => window(a, own.from(run, trials), a.shape[1]! - 1);
      const scoresOf = (a: NDArray) => pca(late(a), { components: Math.min(8, a.shape[2]!) }).scores;
      const qOf = (scores: NDArray) => tangling(scores, { dt: dt / 1000 }).q.data;
      await run.pause();
      const [scores, muscles] = [scoresOf(r!), qOf(scoresOf(trials.targets))];
      return { network, fit: task.behaviour(z!, trials).score, rates: late(r!), scores, q: qOf(scores), muscles };
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
    const figures = [
      taskFigure(own.muscles(run, run.seed)),
      trainingFigure(await run.metrics(`smooth-${run.seed}`), "R²"),
    ];
    const also = own.shown?.(run, smooth);
    return {
      verdict: `R² ${mean(fits).toFixed(3)} under penalties; their ${p90} is ${mean(below).toFixed(2)} times the muscles', without penalties ${mean(above).toFixed(2)} times theirs.`,
      checks: [
        judged("fit", "R² of the muscles under both penalties", fits, "≥ 0.95 on every seed", (v) => v >= 0.95),
        judged("below", `${p90}, network over muscles`, below, "< 1 on every seed", (v) => v < 1),
        judged("penalties", `${p90}, without over with penalties`, above, "> 1 on every seed", (v) => v > 1),
        judged("free", "R² of the muscles without penalties", freeFits),
        ...(also ? [judged(also.id, also.what, also.values)] : []),
      ],
      sections: [
        {
          title: "The network",
          blocks: [equationsBlock(first.network), ...figures.map((figure) => ({ kind: "figure" as const, figure }))],
        },
        {
          title: "Tangling",
          blocks: [{ kind: "figure", figure: drawn(first, free[0]!, own.caption, own.states(run, first)), lead: true }],
        },
      ],
      numbers: { fits, freeFits, below, above },
      network: first.network,
    };
  },
});

export const muscle = studyOf(reaching);
export const cycling = studyOf(pedalling);

/** Samples from one to another, both included. */
const window = (a: NDArray, from: number, to: number): NDArray<Float64Array> =>
  selectTime(a, range(0, a.shape[1]! - 1, a.shape[1]!), [from, to]).activity;

const rotation = (run: StudyContext, { rates }: Found) =>
  jpca(window(rates, 50 / run.number("dt"), 500 / run.number("dt")), { dt: run.number("dt") });

/** The first two coordinates of each trial. */
const paths = ({ data, shape: [trials = 0, samples = 0, width = 0] }: NDArray) =>
  Array.from({ length: trials }, (_, k) => {
    const along = (c: number) => Array.from({ length: samples }, (_, t) => data[(k * samples + t) * width + c]!);
    return { x: along(0), y: along(1) };
  });

function drawn(smooth: Found, free: Found, caption: string, states: Panel): Figure {
  const y = range(0.01, 0.99, 99);
  const part = (name: string, color: "gray" | "blue" | "vermilion", q: Float64Array) => ({
    ...{ kind: "line" as const, name, color, x: y.map((p) => quantile(q, p)), y },
  });
  return {
    title: "Tangling of muscles and networks, and the states",
    caption,
    panels: [
      {
        x: { label: "tangling Q", unit: "1/s²", scale: "log" },
        y: { label: "fraction of states" },
        layers: [
          part("muscles", "gray", smooth.muscles),
          part("without penalties", "vermilion", free.q),
          part("with penalties", "blue", smooth.q),
        ],
      },
      states,
    ],
  };
}
