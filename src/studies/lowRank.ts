/** Low-rank networks fitted to the rates of full-rank ones, beside full-rank ones whose weights are truncated. */
import {
  check, connectivity, equationsBlock, type Figure, type Layer, makeNetwork, mean, type Network, ndarray, networks, type Outcome, RandomStream,r2, 
  recordingFrom, recordingTask, type Study, type StudyContext, selectUnits, simulate, standardError, surgery, type Task, type Trials, taskFigure,
  tasks, trainingFigure, withParameters, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Valente, Pillow & Ostojic 2022, NeurIPS 35";
/** Means of 10 teachers by rank 1 … 5, from the arrays stored with the published code. */
const published = { fit: [0.922, 0.946, 0.963, 0.966, 0.967], truncated: [0.684, 0.767, 0.923, 0.974, 0.999] };
const [tau, dt, noise] = [100, 20, 0.05];

/** How well a network does what its teacher does: R² of the rates, fraction of choices right. */
interface Copy { r2: number; accuracy: number } // biome-ignore format: a line
interface Found { teacher: Network; accuracy: number; fitted: Copy[]; truncated: Copy[]; observed: number[] } // biome-ignore format: a line
/** A teacher, and what is asked of it. */
interface Plan { task: Task; units: number; gain: number; iterations: number; rate: number; ranks: number[]; shares: number[] } // biome-ignore format: a line

export const lowRank: Study = {
  name: "low-rank",
  title: "Low-rank networks inferred from rates",
  description:
    "Networks of rank 1 to 5 are fitted to the rates of full-rank ones: few ranks do, where truncated weights do not.",
  composition: "rate units · full rank; rank R fitted to their rates · decision by context, match to sample · Adam",
  minutes: 90,
  fast: {
    settings: { teachers: "1", units: "256", matches: "1", iterations: "500", fits: "200" },
    checks: ["accuracy", "truncated"],
  },
  tiny: {
    ...{ teachers: "1", units: "20", matches: "1", matchUnits: "10", iterations: "2", matchIterations: "2", fits: "2" },
    ...{ trials: "8", tested: "8", batch: "4", shares: "0.5,0.2" },
  },
  settings: {
    teachers: { value: 3, what: "teachers that decide by context (in the paper 10, each fitted three times)" },
    units: { value: 1024, what: "their units N, as published" },
    gain: { value: 1, what: "gain of their weights before training, as published" },
    iterations: { value: 750, what: "iterations of Adam, as published: 30 epochs of 800 trials" },
    rate: { value: 0.0001, what: "their learning rate, as published" },
    ranks: { value: [1, 2, 3, 4, 5], what: "ranks that are fitted and truncated to" },
    shares: {
      value: [0.15, 0.1, 0.05, 0.02, 0.01],
      what: "shares of the units whose rates a network of rank 1 is fitted to",
    },
    matches: { value: 2, what: "teachers that match to sample (in the paper 10)" },
    matchUnits: { value: 256, what: "their units (in the published code 512)" },
    matchGain: { value: 1.2, what: "gain of their weights before training, as published" },
    matchIterations: { value: 1250, what: "iterations, as published: 50 epochs" },
    matchRate: { value: 0.0003, what: "their learning rate (0.0001 published, for twice the units)" },
    matchDelay: { value: [500, 1500], what: "delays, ms (published: 500 to 3,000)" },
    trials: { value: 320, what: "trials whose rates are fitted (published 800)" },
    tested: { value: 200, what: "new trials on which R² and accuracy are taken" },
    fits: { value: 500, what: "iterations of each fit: 50 epochs (published 500)" },
    fitRate: { value: 0.01, what: "learning rate of the fits at the start, as published; it ends at a hundredth" },
    batch: { value: 32, what: "trials per iteration" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const ranks = run.numbers("ranks");
    const decide: Plan = {
      ...{ task: tasks.contextDecision({ dt }), units: run.number("units"), gain: run.number("gain"), ranks },
      ...{ iterations: run.number("iterations"), rate: run.number("rate"), shares: run.numbers("shares") },
    };
    const match: Plan = {
      task: tasks.delayedMatchToSample({ dt, delay: run.numbers("matchDelay") }),
      ...{ units: run.number("matchUnits"), gain: run.number("matchGain"), ranks: ranks.slice(0, 2), shares: [] },
      ...{ iterations: run.number("matchIterations"), rate: run.number("matchRate") },
    };
    const [found, matched]: [Found[], Found[]] = [[], []];
    for (let k = 0; k < run.number("teachers"); k++) found.push(await inferred(run, decide, run.seed + k));
    for (let k = 0; k < run.number("matches"); k++) matched.push(await inferred(run, match, run.seed + k));
    const by = (pick: (f: Found) => number[], of = found) => pick(of[0]!).map((_, i) => of.map((f) => pick(f)[i]!));
    const fit = by((f) => f.fitted.map((c) => c.r2));
    const cut = by((f) => f.truncated.map((c) => c.r2));
    const [right, cutRight] = [by((f) => f.fitted.map((c) => c.accuracy)), by((f) => f.truncated.map((c) => c.accuracy))];
    const shared = by((f) => f.observed);
    const flat = shared.map(mean);
    const same = by((f) => f.fitted.map((c) => c.accuracy), matched);
    const low = ranks.map((_, i) => i).filter((i) => ranks[i]! < 5);
    const below = low.every((i) => mean(cut[i]!) < mean(fit[i]!) && mean(cutRight[i]!) < mean(right[i]!));
    const rising = [cut, cutRight].every((all) => all.every((v, i) => i === 0 || mean(v) > mean(all[i - 1]!)));
    const of = (values: number[]) => ({ measured: mean(values), n: values.length, standardError: standardError(values) });
    const list = (all: number[][]) => all.map((v) => mean(v).toFixed(3)).join(", ");
    return {
      verdict: `Fits of rank ${ranks.join(", ")} explain ${list(fit)} of the rates and are right in ${list(right)}; truncated weights in ${list(cutRight)}. Match to sample: ${list(same)} at ranks 1 and 2.`,
      checks: [
        ...ranks.map((rank, i) => {
          const paper = published.fit[rank - 1];
          return check({ id: `fit-${rank}`, what: `R² of the rates on new trials, fit of rank ${rank}`, source, ...(paper !== undefined && { paper, holds: Math.abs(mean(fit[i]!) - paper) <= 0.03 }), criterion: "within 0.03 of the published mean", ...of(fit[i]!) });
        }),
        check({ id: "accuracy", what: "choices right on new trials, fit of rank 1, with the teacher's readout", source, paper: 0.999, criterion: "≥ 0.99", ...of(right[0]!), holds: mean(right[0]!) >= 0.99 }),
        check({ id: "truncated", what: `accuracy of truncated weights at rank 1; by rank ${list(cutRight)} (published ${published.truncated.join(", ")}); R² ${list(cut)}`, source, paper: published.truncated[0], criterion: "R² and accuracy below the fit's at ranks 1–4, and rising with rank", ...of(cutRight[0]!), holds: below && rising }),
        check({ id: "subsampled", what: `R² of rank-1 fits to ${run.numbers("shares").map((s) => `${100 * s} %`).join(", ")} of the units: ${list(shared)}`, source, paper: "0.912 to 0.907", criterion: "largest minus smallest mean ≤ 0.02", measured: Math.max(...flat) - Math.min(...flat), n: found.length, holds: Math.max(...flat) - Math.min(...flat) <= 0.02 }),
        check({ id: "match-1", what: `match to sample, choices right, fit of rank 1 (teachers ${matched.map((f) => f.accuracy.toFixed(2)).join(", ")})`, source, paper: 0.745, ours: true, criterion: "< 0.85", ...of(same[0]!), holds: mean(same[0]!) < 0.85 }),
        check({ id: "match-2", what: "match to sample, choices right, fit of rank 2", source, paper: 0.971, ours: true, criterion: "≥ 0.95", ...of(same[1]!), holds: mean(same[1]!) >= 0.95 }),
      ],
      sections: [
        { title: "Fitted and truncated", blocks: [{ kind: "figure", figure: picture(ranks, [fit, cut], [right, cutRight], run.numbers("shares"), shared), lead: true }] },
        { title: "The teacher", blocks: [equationsBlock(found[0]!.teacher), { kind: "figure", figure: taskFigure(decide.task) }, { kind: "figure", figure: trainingFigure(await run.metrics(`${decide.task.name}-${run.seed}`), "fraction right") }] },
      ],
      numbers: Object.fromEntries(Object.entries({ found, matched }).map(([key, all]) => [key, all.map(({ teacher: _, ...numbers }) => numbers)])),
      network: found[0]!.teacher,
    };
  }, // biome-ignore format: tables
};

/** Trains a teacher, then fits networks of each rank to its rates, truncates its weights, and fits shares of its units. */
async function inferred(run: StudyContext, plan: Plan, seed: number): Promise<Found> {
  const { task, units: N, gain } = plan;
  const [batch, sizes] = [run.number("batch"), { N, I: task.inputs.length, O: 1 }];
  const pinned = { tag: "pinned" as const };
  const cell = withParameters(networks.rate, {
    ...{ tau, sigma: (noise * tau) / Math.sqrt(dt), J: { init: { law: "gaussian", gain } }, b: pinned, c: pinned },
    ...{ B: { init: { law: "gaussian", std: 1 } }, W: { init: { law: "gaussian", std: 1 / N } } },
  });
  const phase = `${task.name}-${seed}`;
  const { network: teacher } = await run.train(phase, makeNetwork(cell, { seed, sizes }), task, {
    ...{ seed, validateEvery: 50, validationTrials: 200 },
    stages: [{ iterations: plan.iterations, batch, clip: 1, rate: { kind: "constant", rate: plan.rate } }],
  });
  const trialsOf = (count: number, purpose: "train" | "test") => task.trials({ seed, count, purpose });
  const [shown, test] = [trialsOf(run.number("trials"), "train"), trialsOf(run.number("tested"), "test")];
  // The noise of teachers and copies is of different streams: one that was shared would be explained for nothing.
  const ratesOf = async (of: Network, trials: Trials, purpose: number) =>
    simulate(of, trials, { seed, purpose, record: ["r", "z"], workers: run.workers, relaxed: run.relaxed });
  const [{ r: rates }, { r: truth, z }] = [await ratesOf(teacher, shown, 2), await ratesOf(teacher, test, 2)];
  const scored = async (of: Network): Promise<Copy> => {
    const { r, z: choices } = await ratesOf(of, test, 1);
    await run.pause();
    return { r2: r2(truth!, r!).pooledGrandMean, accuracy: task.behaviour(choices!, test).score };
  };
  const inputs = { array: shown.inputs, axes: "trial,time,channel" };
  const fitted = async (name: string, rank: number, units?: number[]): Promise<Network> => {
    const activity = units ? selectUnits(rates!, units) : rates!;
    const recorded = recordingTask(recordingFrom(activity, { axes: "trial,time,neuron", dt, inputs }), { test: [0, 1, 2, 3] });
    const observed = { ...withParameters(cell, { W: pinned }), outputs: ["r"] };
    const data = connectivity.wire(observed, "J", connectivity.lowRank({ rank }));
    const [iterations, rate] = [run.number("fits"), run.number("fitRate")];
    const initial = makeNetwork(data, { seed, sizes: { ...sizes, N: units?.length ?? N } });
    const { network } = await run.train(`${phase}-${name}`, initial, recorded, {
      ...{ seed, validateEvery: iterations, validationTrials: 4 },
      stages: [{ iterations, batch, clip: 1, rate: { kind: "cosine", rate, to: rate / 100, over: iterations } }],
    });
    return network;
  };
  const found: Found = { teacher, accuracy: task.behaviour(z!, test).score, fitted: [], truncated: [], observed: [] };
  const W = { W: teacher.parameters.W!.values };
  const still = withValues(teacher, { sigma: ndarray([0], []) });
  for (const rank of plan.ranks) {
    found.fitted.push(await scored(withValues(await fitted(`rank-${rank}`, rank), W)));
    found.truncated.push(await scored(surgery.truncate(still, "J", rank)));
  }
  const order = [...new RandomStream(seed, "units observed").permutation(N)];
  for (const share of plan.shares) {
    const units = order.slice(0, Math.max(1, Math.round(share * N))).sort((a, b) => a - b);
    const { r } = await ratesOf(await fitted(`share-${share}`, 1, units), test, 1);
    found.observed.push(r2(selectUnits(truth!, units), r!).pooledGrandMean);
  }
  return found;
} // biome-ignore format: data

function picture(ranks: number[], r2s: number[][][], right: number[][][], shares: number[], shared: number[][]): Figure {
  const line = (name: string, color: "blue" | "vermilion" | "green", x: number[], values: number[][]): Layer => ({
    ...{ kind: "line", name, color, shape: "circle", x, y: values.map(mean), error: values.map((v) => standardError(v)) },
  });
  const both = ([fit, cut]: number[][][]) => [line("fitted", "blue", ranks, fit!), line("truncated", "vermilion", ranks, cut!)];
  const paper = (y: number[]): Layer => ({ kind: "line", name: "published", color: "gray", dash: "dashed", guide: true, x: [1, 2, 3, 4, 5], y });
  return {
    title: "Networks of low rank: fitted to rates, and truncated",
    caption: "Means and standard errors of teachers, new trials; dashed: published means. Left: R² of the rates. Middle: fraction of choices right. Right: fits of rank 1 to some of the units.",
    panels: [
      { x: { label: "rank", ticks: ranks }, y: { label: "R² of rates" }, aspect: 1, layers: [paper(published.fit), ...both(r2s)] },
      { x: { label: "rank", ticks: ranks }, y: { label: "choices right" }, aspect: 1, layers: [paper(published.truncated), ...both(right)] },
      { x: { label: "units observed", unit: "%", scale: "log", ticks: shares.map((s) => 100 * s) }, y: { label: "R² of rates", domain: [0, 1] }, aspect: 1, layers: [line("rank 1", "green", shares.map((s) => 100 * s), shared)] },
    ],
  };
} // biome-ignore format: data
