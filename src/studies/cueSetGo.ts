/** Cue-set-go: one trajectory, run at the speed that the cue says. */
import {
  check, equationsBlock, type Figure, kinet, lineFit, makeNetwork, meanSpeed, type Network, ndarray, networks, type Outcome, 
  type Study, type StudyContext, simulate,taskFigure, tasks, trainingFigure, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Wang, Narain, Hosseini & Jazayeri 2018, Nat. Neurosci. 21, 102–110";

export const cueSetGo: Study = {
  name: "cue-set-go",
  title: "Cue-set-go: time as the speed of one trajectory",
  description: "A network waits as long as a cue says; its states run along one path, faster for shorter intervals.",
  composition: "leaky rate units · dense · cue-set-go · backpropagation through time, Adam",
  minutes: 2,
  fast: { settings: { seeds: "1", iterations: "300" }, checks: [] },
  tiny: { seeds: "1", iterations: "2", units: "8", batch: "4" },
  settings: {
    seeds: { value: 3, what: "networks, of seeds --seed, + 1, …" },
    units: { value: 100, what: "number of units N (in the paper 200)" },
    tau: { value: 20, what: "time constant of the units, ms" },
    dt: { value: 10, what: "time step, ms" },
    noise: { value: 0.05, what: "state noise sigma during training; none when speeds are measured" },
    gain: { value: 1.2, what: "gain of the recurrent weights before training" },
    intervals: { value: [800, 975, 1150, 1325, 1500], what: "intervals, ms" },
    iterations: { value: 1500, what: "iterations of Adam" },
    batch: { value: 64, what: "trials per iteration" },
    rate: { value: 0.003, what: "learning rate at the start; it ends at a hundredth" },
    rates: { value: 0.01, what: "weight of the mean square rate in the objective" },
    begin: { value: 0.2, what: "speed is measured from this fraction of the interval to its end" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const intervals = run.numbers("intervals");
    const task = tasks.cueSetGo({ dt: run.number("dt"), intervals });
    const iterations = run.number("iterations");
    const { tau, sigma, J, ...others } = networks.rate.parameters;
    const cell = {
      ...networks.rate,
      parameters: {
        ...others,
        tau: { ...tau, value: run.number("tau") },
        sigma: { ...sigma, value: run.number("noise") },
        J: { ...J, init: { law: "gaussian" as const, gain: run.number("gain") } },
      },
    };
    const middle = intervals[intervals.length >> 1]!;
    const found: {
      network: Network;
      fit: ReturnType<typeof lineFit>;
      path: number;
      speed: Float64Array;
      score: number;
    }[] = [];
    for (let k = 0; k < run.number("seeds"); k++) {
      const seed = run.seed + k;
      const initial = makeNetwork(cell, { seed, sizes: { N: run.number("units"), I: 2, O: 1 } });
      const { network } = await run.train(`seed-${seed}`, initial, task, {
        seed,
        stages: [
          {
            iterations,
            batch: run.number("batch"),
            clip: 1,
            rate: { kind: "cosine", rate: run.number("rate"), to: run.number("rate") / 100, over: iterations },
          },
        ],
        penalties: [{ name: "rates", weight: run.number("rates"), terms: ["r * r"] }],
        validateEvery: 100,
      });
      const still = withValues(network, { sigma: ndarray([0], []) });
      const trials = task.trials({
        seed,
        count: intervals.length,
        purpose: "test",
        conditions: { interval: intervals },
      });
      const { r, z } = await simulate(still, trials, { seed, record: ["r", "z"] });
      const { set } = trials.events!;
      const speed = meanSpeed(r!, {
        dt: trials.dt,
        from: intervals.map((interval, i) => set![i]! + run.number("begin") * interval),
        to: intervals.map((interval, i) => set![i]! + interval),
      });
      const sample = (time: number) => Math.round(time / trials.dt);
      const { reference, ...matched } = kinet(r!, {
        windows: intervals.map((interval, i) => [sample(set![i]!), sample(set![i]! + 1.1 * interval)] as const),
        matched: [sample(run.number("begin") * middle), sample(middle)],
      });
      const fit = lineFit(intervals.map(Math.log), Array.from(matched.speed, Math.log));
      const path = lineFit(intervals.map(Math.log), Array.from(speed, Math.log)).slope;
      found.push({ network, fit, path, speed, score: task.behaviour(z!, trials).score });
    }
    const slopes = found.map(({ path }) => path);
    const inside = slopes.filter((slope) => Math.abs(slope + 1) <= 0.15).length;
    const mean = average(slopes);
    const spread = Math.sqrt(slopes.reduce((s, v) => s + (v - mean) ** 2, 0) / (slopes.length - 1) / slopes.length);
    const first = found[0]!.network;
    return {
      verdict: `The slope of log speed against log interval is within −1 ± 0.15 in ${inside} of ${slopes.length} networks.`,
      checks: [
        check({
          ...{ id: "produced", what: "intervals produced within the margin", source: "", criterion: "" },
          ...{ measured: average(found.map(({ score }) => score)), n: found.length * intervals.length },
        }),
        check({
          id: "matched",
          what: "slope where speed is that of passing the states of the middle interval's trajectory",
          ...{ source: "", criterion: "", measured: average(found.map(({ fit }) => fit.slope)), n: slopes.length },
        }),
        check({
          id: "slope",
          what: `slope of log speed (length of the path over the time) against log interval; networks: ${slopes.map((s) => s.toFixed(3)).join(", ")}`,
          ...{ paper: "−1: speed in inverse proportion to the interval", source },
          ...{ criterion: "−1 ± 0.15 in every network", ours: true, measured: mean, n: slopes.length },
          ...{ standardError: spread, holds: inside === slopes.length },
        }),
      ],
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(first),
            { kind: "figure", figure: taskFigure(task) },
            {
              kind: "figure",
              figure: trainingFigure(await run.metrics(`seed-${run.seed}`), "fraction of intervals right"),
            },
          ],
        },
        { title: "Speed", blocks: [{ kind: "figure", figure: speeds(intervals, found), lead: true }] },
      ],
      numbers: { slopes, speeds: found.map(({ speed }) => Array.from(speed)) },
      network: first,
    };
  },
};

const average = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function speeds(intervals: number[], found: { speed: Float64Array }[]): Figure {
  const reference = intervals.map((interval) => (found[0]!.speed[0]! * intervals[0]!) / interval);
  return {
    title: "Speed of the state against the interval",
    caption:
      "One line a network: length of the path over the time. Dashed: inverse proportion through the first network's first point.",
    panels: [
      {
        x: { label: "interval", unit: "ms", scale: "log", ticks: intervals },
        y: { label: "mean speed of r", unit: "1/ms", scale: "log", ticks: [0.003, 0.01, 0.03, 0.1] },
        layers: [
          ...found.map(({ speed }) => ({
            ...{ kind: "line" as const, name: "network", color: "blue" as const, shape: "circle" as const },
            ...{ x: intervals, y: Array.from(speed) },
          })),
          { kind: "line", name: "1 / interval", color: "gray", dash: "dashed", x: intervals, y: reference },
        ],
      },
    ],
  };
}
