/** Ready-set-go with two gains: the measured interval sets where the state starts, the gain where it runs. */
import {
  axisAngle, check, equationsBlock, type Figure, makeNetwork, type Network, ndarray, networks, type Outcome, 
  type Study, type StudyContext, simulate,taskFigure, tasks, trainingFigure, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Remington, Narain, Hosseini & Jazayeri 2018, Neuron 98, 1005–1019";
interface Found {
  network: Network;
  /** Per gain: measured and produced intervals. */
  curves: { gain: number; measured: number[]; produced: number[]; ratio: number }[];
  angle: number;
}

export const readySetGo: Study = {
  name: "ready-set-go",
  title: "Ready-set-go: intervals measured and multiplied",
  description: "A network measures an interval and produces it times a gain: initial condition and input are two axes.",
  composition: "leaky rate units · dense · ready-set-go with two gains · backpropagation through time, Adam",
  minutes: 2,
  fast: { settings: { seeds: "1", iterations: "400" }, checks: [] },
  tiny: { seeds: "1", iterations: "2", units: "8", batch: "4" },
  settings: {
    seeds: { value: 3, what: "networks, of seeds --seed, + 1, …" },
    units: { value: 100, what: "number of units N (in the paper 200)" },
    tau: { value: 40, what: "time constant of the units, ms" },
    dt: { value: 20, what: "time step, ms" },
    noise: { value: 0.02, what: "state noise sigma during training; none in the tests" },
    gain: { value: 1.2, what: "gain of the recurrent weights before training" },
    gains: { value: [1, 1.5], what: "what the measured interval is multiplied by" },
    measure: { value: [500, 1000], what: "limits of the measured interval, ms" },
    iterations: { value: 2500, what: "iterations of Adam" },
    batch: { value: 64, what: "trials per iteration" },
    rate: { value: 0.003, what: "learning rate at the start; it ends at a hundredth" },
    tested: { value: 9, what: "intervals tested per gain, evenly between the limits" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [gains, limits] = [run.numbers("gains"), run.numbers("measure")] as [number[], [number, number]];
    const task = tasks.readySetGo({ dt: run.number("dt"), gains, measure: limits });
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
    const tested = run.number("tested");
    const measured = Array.from({ length: tested }, (_, i) => limits[0] + ((limits[1] - limits[0]) * i) / (tested - 1));
    const iterations = run.number("iterations");
    const found: Found[] = [];
    for (let k = 0; k < run.number("seeds"); k++) {
      const seed = run.seed + k;
      const initial = makeNetwork(cell, { seed, sizes: { N: run.number("units"), I: 2, O: 1 } });
      const rate = {
        kind: "cosine" as const,
        rate: run.number("rate"),
        to: run.number("rate") / 100,
        over: iterations,
      };
      const { network } = await run.train(`seed-${seed}`, initial, task, {
        ...{ seed, validateEvery: 100 },
        stages: [{ iterations, batch: run.number("batch"), clip: 1, rate }],
      });
      const still = withValues(network, { sigma: ndarray([0], []) });
      const at: Float64Array[][] = [];
      const curves: Found["curves"] = [];
      for (const gain of gains) {
        const trials = task.trials({ seed, count: tested, purpose: "test", conditions: { gain, measure: measured } });
        const { r, z } = await simulate(still, trials, { seed, record: ["r", "z"] });
        const [, samples, units] = r!.shape as [number, number, number];
        // The state at which the second pulse finds the network.
        at.push(
          measured.map((_, i) => {
            const from = (i * samples + Math.round(trials.events!.set![i]! / trials.dt)) * units;
            return Float64Array.from(r!.data.subarray(from, from + units));
          }),
        );
        const produced = measured.map((_, i) =>
          crossing(z!.data, i * samples, samples, trials.events!.set![i]!, trials.dt),
        );
        const ratio = average(produced.map((value, i) => value / measured[i]!));
        curves.push({ gain, measured, produced, ratio });
      }
      const between = (a: Float64Array[], b: Float64Array[]) => mean(a).map((v, i) => v - mean(b)[i]!);
      const half = Math.floor(tested / 2);
      const long = at.flatMap((states) => states.slice(-half));
      const short = at.flatMap((states) => states.slice(0, half));
      found.push({ network, curves, angle: axisAngle(between(long, short), between(at.at(-1)!, at[0]!)) });
    }
    const [angles, first] = [found.map(({ angle }) => angle), found[0]!.network];
    return {
      verdict: `Produced over measured interval: ${gains.map((gain, g) => `${average(found.map((f) => f.curves[g]!.ratio)).toFixed(2)} at gain ${gain}`).join(", ")}; the two axes are ${average(angles).toFixed(0)}° apart.`,
      checks: [
        ...gains.map((gain, g) => {
          const ratios = found.map(({ curves }) => curves[g]!.ratio);
          return check({
            ...{
              id: `ratio-${gain}`,
              what: `produced over measured interval, gain ${gain}`,
              paper: String(gain),
              source,
            },
            ...{ criterion: "within 10 % of the gain in every network", ours: true, measured: average(ratios) },
            ...{ n: ratios.length, holds: ratios.every((ratio) => Math.abs(ratio / gain - 1) <= 0.1) },
          });
        }),
        check({
          ...{
            id: "axes",
            what: "least angle between initial-condition and input axis at the second pulse, degrees",
            source,
          },
          ...{
            paper: "two separate axes",
            criterion: "> 60 in every network",
            ours: true,
            measured: Math.min(...angles),
          },
          ...{ n: angles.length, holds: angles.every((angle) => angle > 60) },
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
        { title: "Produced intervals", blocks: [{ kind: "figure", figure: produced(found), lead: true }] },
      ],
      numbers: { angles, curves: found.map(({ curves }) => curves) },
      network: first,
    };
  },
};

const average = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const mean = (states: Float64Array[]): number[] => Array.from(states[0]!, (_, i) => average(states.map((s) => s[i]!)));

/** From the second pulse to where the output passes 1, ms; NaN where it does not. */
function crossing(z: ArrayLike<number>, from: number, samples: number, set: number, dt: number): number {
  for (let t = Math.round(set / dt); t < samples; t++) {
    const [before, now] = [z[from + t - 1]!, z[from + t]!];
    if (now >= 1) return (t - (now - 1) / (now - before)) * dt - set;
  }
  return Number.NaN;
}

function produced(found: Found[]): Figure {
  const colors = ["blue", "vermilion", "green"] as const;
  return {
    title: "Produced against measured intervals",
    caption: "One line a network and gain; dashed: the gain times the measured interval.",
    panels: [
      {
        x: { label: "measured interval", unit: "ms" },
        y: { label: "produced interval", unit: "ms" },
        layers: found.flatMap(({ curves }) =>
          curves.flatMap(({ gain, measured, produced }, g) => [
            { kind: "line" as const, name: `gain ${gain}`, color: colors[g % 3]!, x: measured, y: produced },
            {
              ...{ kind: "line" as const, name: "asked for", color: "gray" as const, dash: "dashed" as const },
              ...{ x: measured, y: measured.map((interval) => gain * interval) },
            },
          ]),
        ),
      },
    ],
  };
}
