/** Cue-set-go: one trajectory, run at the speed that the cue says. */
import {
  check, equationsBlock, type Figure, kinet, learning, lineFit, makeNetwork, mean, meanSpeed, type Network, ndarray, networks, type Outcome,
  type Study, type StudyContext, simulate, standardError, taskFigure, tasks, trainingFigure, withParameters, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Wang, Narain, Hosseini & Jazayeri 2018, Nat. Neurosci. 21, 102–110";
interface Found { network: Network; slope: number; matched: number; speed: number[]; score: number } // biome-ignore format: a line

export const cueSetGo: Study = {
  name: "cue-set-go",
  title: "Cue-set-go: time as the speed of one trajectory",
  description: "A network waits as long as a cue says; its states run along one path, faster for shorter intervals.",
  composition: "leaky rate units · dense · cue-set-go · backpropagation through time, Adam",
  minutes: 6,
  fast: { settings: { seeds: "1", iterations: "300" }, checks: [] },
  tiny: { seeds: "1", iterations: "2", units: "8", batch: "4" },
  settings: {
    seeds: { value: 3, what: "networks, of seeds --seed, + 1, …" },
    units: {
      value: 200,
      what: "number of units N, as in the paper; with 100 the slope differs more from network to network",
    },
    tau: { value: 20, what: "time constant of the units, ms" },
    dt: { value: 10, what: "time step, ms" },
    noise: { value: 0.15, what: "state noise sigma during training; none when speeds are measured" },
    gain: { value: 0.3, what: "gain of the recurrent weights before training; small, so that the motion is learned" },
    intervals: { value: [800, 975, 1150, 1325, 1500], what: "intervals, ms" },
    iterations: { value: 2000, what: "iterations of Adam" },
    batch: { value: 32, what: "trials per iteration" },
    rate: { value: 0.003, what: "learning rate at the start; it ends at a hundredth" },
    rates: { value: 0.01, what: "weight of the mean square rate in the objective" },
    begin: { value: 0.2, what: "speed is measured from this fraction of the interval to its end" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [intervals, iterations, begin] = [run.numbers("intervals"), run.number("iterations"), run.number("begin")];
    const task = tasks.cueSetGo({ dt: run.number("dt"), intervals });
    const J = { init: { law: "gaussian" as const, gain: run.number("gain") } };
    const cell = withParameters(networks.rate, { tau: run.number("tau"), sigma: run.number("noise"), J });
    const rate = { kind: "cosine" as const, rate: run.number("rate"), to: run.number("rate") / 100, over: iterations };
    const middle = intervals[intervals.length >> 1]!;
    const logs = intervals.map(Math.log);
    const found: Found[] = [];
    for (let k = 0; k < run.number("seeds"); k++) {
      const seed = run.seed + k;
      const initial = makeNetwork(cell, { seed, sizes: { N: run.number("units"), I: 2, O: 1 } });
      const { network } = await run.train(`seed-${seed}`, initial, task, {
        ...{ seed, validateEvery: 100, stages: [{ iterations, batch: run.number("batch"), clip: 1, rate }] },
        penalties: [learning.square(["r"], run.number("rates"))],
      });
      const conditions = { interval: intervals };
      const trials = task.trials({ seed, count: intervals.length, purpose: "test", conditions });
      const still = withValues(network, { sigma: ndarray([0], []) });
      const { r, z } = await simulate(still, trials, { seed, record: ["r", "z"] });
      const set = Array.from(trials.events!.set!);
      const from = intervals.map((interval, i) => set[i]! + begin * interval);
      const speed = meanSpeed(r!, { dt: trials.dt, from, to: intervals.map((interval, i) => set[i]! + interval) });
      const sample = (time: number) => Math.round(time / trials.dt);
      const matched = kinet(r!, {
        windows: intervals.map((interval, i) => [sample(set[i]!), sample(set[i]! + 1.1 * interval)] as const),
        matched: [sample(0.2 * middle), sample(middle)],
      });
      const slopeOf = (speeds: Float64Array) => lineFit(logs, speeds.map(Math.log)).slope;
      const [slope, along] = [slopeOf(speed), slopeOf(matched.speed)];
      const { score } = task.behaviour(z!, trials);
      found.push({ network, slope, matched: along, speed: Array.from(speed), score });
    }
    const [slopes, first] = [found.map(({ slope }) => slope), found[0]!.network];
    const inside = slopes.filter((slope) => Math.abs(slope + 1) <= 0.15).length;
    const metrics = await run.metrics(`seed-${run.seed}`);
    return {
      verdict: `The slope of log speed against log interval is within −1 ± 0.15 in ${inside} of ${slopes.length} networks.`,
      checks: [
        check({
          ...{ id: "produced", what: "intervals produced within the margin, no noise", source: "", criterion: "" },
          ...{ measured: mean(found.map(({ score }) => score)), n: found.length * intervals.length },
        }),
        check({
          ...{
            id: "matched",
            source: "Remington, Narain, Hosseini & Jazayeri 2018, Neuron 98, 1005–1019",
            criterion: "",
          },
          what: "slope where speed is that of passing the states of the middle interval's trajectory (KiNeT), after its first fifth",
          ...{ measured: mean(found.map(({ matched }) => matched)), n: slopes.length },
          standardError: standardError(found.map(({ matched }) => matched)),
        }),
        check({
          ...{ id: "slope", paper: "−1: speed in inverse proportion to the interval", source },
          what: `slope of log speed (length of the path over the time) against log interval; networks: ${slopes.map((s) => s.toFixed(3)).join(", ")}`,
          ...{ criterion: "−1 ± 0.15 in every network", ours: true, measured: mean(slopes), n: slopes.length },
          ...{ standardError: standardError(slopes), holds: inside === slopes.length },
        }),
      ],
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(first),
            { kind: "figure", figure: taskFigure(task) },
            { kind: "figure", figure: trainingFigure(metrics, "fraction of intervals right") },
          ],
        },
        { title: "Speed", blocks: [{ kind: "figure", figure: speeds(intervals, found), lead: true }] },
      ],
      numbers: { slopes, matched: found.map(({ matched }) => matched), speeds: found.map(({ speed }) => speed) },
      network: first,
    };
  },
};

function speeds(intervals: number[], found: Found[]): Figure {
  const reference = intervals.map((interval) => (found[0]!.speed[0]! * intervals[0]!) / interval);
  return {
    title: "Speed of the state against the interval",
    caption:
      "One line a network: length of the path over the time. Dashed: inverse proportion through the first network's first point.",
    panels: [
      {
        x: { label: "interval", unit: "ms", scale: "log", ticks: intervals },
        y: { label: "mean speed of r", unit: "1/ms", scale: "log" },
        layers: [
          ...found.map(({ speed }) => ({
            ...{ kind: "line" as const, name: "network", color: "blue" as const, shape: "circle" as const },
            ...{ x: intervals, y: speed },
          })),
          { kind: "line", name: "1 / interval", color: "gray", dash: "dashed", x: intervals, y: reference },
        ],
      },
    ],
  };
}
