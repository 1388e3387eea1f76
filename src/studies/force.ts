/** FORCE learning: a chaotic network is taught a pattern by recursive least squares on its readout, and goes on alone. */
import {
  check, defineTask, equationsBlock, explainedWhereCounted, type Figure, learning, makeNetwork, mean, median, networks, type Outcome, type Study, type StudyContext, 
  standardError, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "Sussillo & Abbott 2009, Neuron 63, 544–557";

export const force: Study = {
  name: "force",
  title: "FORCE: order from chaos",
  description:
    "Recursive least squares on a readout that is fed back turns a chaotic network into a generator of a pattern.",
  composition:
    "rate units with feedback from the readout · sparse, pinned · four sines · local error, recursive least squares",
  minutes: 8,
  fast: { settings: { units: "300", seeds: "1" }, checks: [] },
  tiny: { units: "12", seeds: "1", periods: "1", alone: "1", period: "40" },
  settings: {
    seeds: { value: 5, what: "networks, of seeds --seed, + 1, …" },
    units: { value: 1000, what: "number of units N" },
    probability: { value: 0.1, what: "fraction of recurrent weights that are not 0" },
    gain: { value: 1.5, what: "gain g of the recurrent weights: without learning, chaos" },
    alpha: { value: 1, what: "P starts as I / alpha" },
    every: { value: 2, what: "samples between two updates" },
    dt: { value: 1, what: "time step, ms (tau is 10 ms)" },
    period: { value: 1200, what: "period of the pattern, ms" },
    amplitudes: { value: [0.867, 0.433, 0.144, 0.289], what: "amplitudes of the sines of 1, 2, … cycles a period" },
    periods: {
      value: 24,
      what: "periods of training: after 12, the learning error is as small, but half the networks drift from the pattern",
    },
    alone: { value: 12, what: "periods of the run alone after it" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [dt, period, periods] = [run.number("dt"), run.number("period"), run.number("periods")];
    const tau = (run.number("alone") * period) / 10;
    const pattern = (t: number) =>
      run.numbers("amplitudes").reduce((sum, a, k) => sum + a * Math.sin((2 * Math.PI * (k + 1) * t) / period), 0);
    const task = defineTask({
      ...{ name: "pattern", description: "One period of a sum of sines.", source, dt, inputs: {}, outputs: { z: 1 } },
      trial: () => [{ name: "period", lasts: period, targets: { z: pattern }, weight: 1 }],
      score: explainedWhereCounted,
    });
    const cell = withParameters(
      { ...networks.feedback, equations: `${networks.feedback.equations}\nx[0] = x0`, 
        parameters: { ...networks.feedback.parameters, x0: { shape: ["N"], init: { law: "gaussian", std: 0.5 }, tag: "pinned" } } },
      { g: run.number("gain"), J: { init: { law: "sparse", probability: run.number("probability") } } },
    ); // biome-ignore format: data
    const rule = { credit: learning.local({ every: run.number("every"), carry: true }), update: learning.rls({ alpha: run.number("alpha") }) }; // biome-ignore format: data
    const stage = (iterations: number, rate: number) => ({
      iterations,
      batch: 1,
      rate: { kind: "constant" as const, rate },
    });
    const seeds = Array.from({ length: run.number("seeds") }, (_, k) => run.seed + k);
    const errors: { learning: number[]; alone: number[] }[] = [];
    let shown: ReturnType<typeof makeNetwork> | undefined;
    for (const seed of seeds) {
      const initial = makeNetwork(cell, { seed, sizes: { N: run.number("units"), O: 1 } });
      // A rate of 0: the network runs on alone from where learning left it.
      const options = {
        seed,
        rule,
        stages: [stage(periods, 1), stage(run.number("alone"), 0)],
        validationTrials: 1,
        validateEvery: periods,
      };
      const { network } = await run.train(`seed-${seed}`, initial, task, options);
      const rms = (await run.metrics(`seed-${seed}`)).map((line) => Math.sqrt(line.error as number));
      errors.push({ learning: rms.slice(0, periods), alone: rms.slice(periods) });
      shown ??= network;
    }
    const end = errors.map((e) => e.learning.at(-1)!);
    const alone = errors.map((e) => Math.sqrt(mean(e.alone.map((v) => v * v))));
    return {
      verdict: `While it learns the error falls to ${Math.max(...end).toFixed(4)} or less; alone it is ${median(alone).toFixed(3)} (median of ${seeds.length}) over ${tau} tau.`,
      checks: [
        check({ id: "learning", what: "root mean square error in the last period of learning, largest", source, criterion: "< 0.01 in every network", ours: true, measured: Math.max(...end), n: seeds.length, holds: end.every((e) => e < 0.01) }),
        check({ id: "alone", what: `root mean square error alone, over ${tau} tau, median`, source, criterion: "< 0.1", ours: true, measured: median(alone), n: seeds.length, standardError: standardError(alone), holds: median(alone) < 0.1 }),
      ],
      sections: [
        { title: "The network", blocks: [equationsBlock(shown!)] },
        { title: "Errors", blocks: [{ kind: "figure", figure: errorsFigure(errors, period / 10), lead: true }] },
      ],
      numbers: { errors },
      network: shown!,
    }; // biome-ignore format: a table
  },
};

function errorsFigure(errors: { learning: number[]; alone: number[] }[], period: number): Figure {
  const lines = errors.map(({ learning, alone }) => [...learning, ...alone]);
  const times = lines[0]!.map((_, k) => (k + 1) * period);
  const border = period * (errors[0]!.learning.length + 0.5);
  return {
    title: "Error of each period, while the readout learns and after it",
    caption: "One line a network. Right of the dashed line nothing learns: the network runs on its own output.",
    panels: [
      {
        x: { label: "time", unit: "tau" },
        y: { label: "root mean square error", scale: "log" },
        layers: [
          ...lines.map((y) => ({ kind: "line" as const, name: "network", color: "blue" as const, x: times, y })),
          { kind: "line", name: "learning ends", color: "gray", dash: "dashed", x: [border, border], y: [Math.min(...lines.flat()), Math.max(...lines.flat())] },
        ],
      },
    ],
  }; // biome-ignore format: data
}
