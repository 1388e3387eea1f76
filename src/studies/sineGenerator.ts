/** A network that oscillates at the frequency a static input names, and the one fixed point that each input leaves it. */
import {
  check, correlation, equationsBlock, type Figure, type Layer, learning, lineFit, makeNetwork, mean, type Network, ndarray, networks, type Outcome, range, 
  type Study, type StudyContext, sampleStates, searchFixedPoints, simulate, stabilityLimit, standardError, systemOf, taskFigure, tasks, trainingFigure, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "Sussillo & Barak 2013, Neural Comput. 25, 626–649";
/** Limits of the angular frequencies, rad per tau. */
const limits = [0.1, 0.6] as const;
/** Of one static input: unstable modes of each fixed point found, and the leading eigenvalues of the first point. */
interface Found { omega: number; unstable: number[]; residual: number; re: number[]; im: number[] } // biome-ignore format: a line
const clean = ({ unstable, im }: Found) => unstable.length === 1 && unstable[0] === 2 && im[0]! > 0;

export const sineGenerator: Study = {
  name: "sine-generator",
  title: "Sine waves from one unstable fixed point per input",
  description:
    "A network oscillates at the frequency a static input names, around one fixed point whose unstable pair sets the frequency.",
  composition: "rate units · dense · sine generation · backpropagation through time with a penalty on rates, Adam",
  minutes: 10,
  fast: { settings: { seeds: "1", iterations: "300" }, checks: [] },
  tiny: { seeds: "1", frequencies: "3", units: "6", iterations: "2", duration: "10", starts: "4" },
  settings: {
    seeds: { value: 3, what: "networks, of seeds --seed, + 1, …" },
    frequencies: { value: 51, what: "static inputs, each naming a frequency; one trial of each per iteration" },
    units: { value: 100, what: "number of units N (in the paper 200)" },
    gain: {
      value: 0.5,
      what: "gain of J before training; with 0.8 a slow input may leave a stable point and a saddle beside the cycle",
    },
    duration: { value: 70, what: "length of a trial, tau: the slowest period is 63" },
    iterations: { value: 1800, what: "iterations of Adam" },
    rate: { value: 0.002, what: "learning rate at the start; it falls to a hundredth" },
    clip: {
      value: 0.3,
      what: "largest norm of the gradient: with 1 and a rate of 0.003 a network may lose what it learned",
    },
    rates: { value: 0.001, what: "weight of the mean square of the rates in the loss" },
    weights: { value: 0.2, what: "weight of the mean square of J in the loss" },
    starts: { value: 64, what: "starts of the search for fixed points, for each input: states of its own trajectory" },
    jitter: { value: 0.3, what: "standard deviation of the noise added to each coordinate of a start" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [count, duration, N] = [run.number("frequencies"), run.number("duration"), run.number("units")];
    const task = tasks.sineGeneration({ frequencies: count, duration, range: [...limits] });
    const omega = range(...limits, count);
    const trials = task.trials({ seed: run.seed, count, purpose: "test", conditions: { omega } });
    const initial = { J: { init: { law: "gaussian" as const, gain: run.number("gain") } } };
    const cell = withParameters(networks.rate, { ...initial, tau: { value: 1, unit: undefined }, sigma: { value: 0 } });
    const [found, scores]: [Found[][], number[]] = [[], []];
    let shown!: { network: Network; z: ArrayLike<number> };
    for (let seed = run.seed; seed < run.seed + run.number("seeds"); seed++) {
      const [iterations, rate] = [run.number("iterations"), run.number("rate")];
      const { network } = await run.train(`seed-${seed}`, makeNetwork(cell, { seed, sizes: { N, I: 1, O: 1 } }), task, {
        ...{ seed, penalties: [learning.square(["r"], run.number("rates")), learning.square(["J"], run.number("weights"))], validateEvery: 50, validationTrials: count },
        stages: [{ iterations, batch: count, clip: run.number("clip"), rate: { kind: "cosine", rate, to: rate / 100, over: iterations } }],
      });
      const { x, z } = await simulate(network, trials, { seed, record: ["x", "z"] });
      scores.push(task.behaviour(z!, trials).score);
      shown ??= { network, z: z!.data };
      const T = x!.shape[1]!;
      const own: Found[] = [];
      for (const [k, frequency] of omega.entries()) {
        const system = await systemOf(network, { inputs: { u: [trials.inputs.data[k * T]!] }, relaxed: run.relaxed });
        const trajectory = ndarray(x!.data.slice(k * T * N, (k + 1) * T * N), [1, T, N]);
        const starts = sampleStates(trajectory, { count: run.number("starts"), seed, jitter: run.number("jitter") });
        const { points } = await run.analyse(`fixed points, input ${k + 1}`, searchFixedPoints(system, starts, { seed }));
        const modes = points[0]?.eigenvalues;
        own.push({ omega: frequency, unstable: points.map((p) => p.indexUnstable), residual: Math.max(0, ...points.map((p) => p.residual)), re: Array.from(modes?.re ?? []).slice(0, 6), im: Array.from(modes?.im ?? []).slice(0, 6) });
      }
      found.push(own);
    }
    const cleans = found.map((own) => own.filter(clean).length);
    const usable = found.map((own) => own.filter(({ im }) => im.length > 0));
    const ofAll = (by: (omega: number[], im: number[]) => number) => usable.map((own) => by(own.map((f) => f.omega), own.map((f) => Math.abs(f.im[0]!))));
    const correlations = ofAll(correlation);
    const slopes = ofAll((w, im) => (w.length > 1 ? lineFit(w, im).slope : Number.NaN));
    const listed = (values: number[], digits: number) => values.map((v) => v.toFixed(digits)).join(", ");
    const networksOf = { n: found.length };
    return {
      verdict: `${listed(cleans, 0)} of ${count} static inputs have one fixed point with exactly two unstable eigenvalues; Im λ and frequency correlate with ${listed(correlations, 4)}.`,
      checks: [
        check({ id: "score", what: `R² of the sines, least of ${found.length} networks`, source: "", ours: true, criterion: "≥ 0.99", measured: Math.min(...scores), ...networksOf, holds: Math.min(...scores) >= 0.99 }),
        check({ id: "points", what: `static inputs with one fixed point found, of exactly two unstable eigenvalues, a complex pair; by network: ${listed(cleans, 0)}`, source, paper: "51 of 51", criterion: `${count} of ${count} in every network`, measured: Math.min(...cleans), ...networksOf, holds: cleans.every((n) => n === count) }),
        check({ id: "frequency", what: `correlation of |Im λ| of the leading eigenvalue with the angular frequency, all inputs; by network: ${listed(correlations, 4)}`, source, paper: "Im λ follows the frequency", ours: true, criterion: "≥ 0.99 in every network", measured: Math.min(...correlations), ...networksOf, holds: correlations.every((r) => r >= 0.99) }),
        check({ id: "slope", what: "slope of |Im λ| against the angular frequency (1: the cycle turns as fast as the linear system)", source: "", criterion: "", measured: mean(slopes), ...networksOf, standardError: standardError(slopes) }),
      ],
      sections: [
        { title: "Fixed points", blocks: [
          { kind: "figure", figure: picture(found), lead: true },
          { kind: "text", text: `For each input: ${run.number("starts")} starts on its own trajectory, jitter ${run.number("jitter")}, then rounds of new starts made from the points found. All points found count (largest |F| ${Math.max(...found.flat().map((f) => f.residual)).toExponential(1)}). λ are eigenvalues of the Jacobian of dx/dt with the input held, per tau.` },
        ] },
        { title: "The network", blocks: [
          equationsBlock(shown.network),
          { kind: "figure", figure: taskFigure(task) },
          { kind: "figure", figure: outputs(shown.z, trials.targets.data, omega, trials.dt) },
          { kind: "figure", figure: trainingFigure(await run.metrics(`seed-${run.seed}`), "R² on held-out trials") },
        ] },
      ],
      numbers: { scores, cleans, correlations, slopes, found },
      network: shown.network,
    };
  }, // biome-ignore format: tables
};

function picture(found: Found[][]): Figure {
  const colors = ["blue", "vermilion", "green", "purple"] as const;
  const points = found.flatMap((own, k): Layer[] =>
    [true, false].flatMap((good): Layer[] => {
      const which = own.filter((f) => f.im.length > 0 && clean(f) === good);
      const name = good ? `network ${k + 1}` : "several points, or not two unstable";
      return which.length === 0
        ? []
        : [{ kind: "points", name, color: good ? colors[k % 4]! : "ink", shape: good ? "circle" : "times", size: 3, x: which.map((f) => f.omega), y: which.map((f) => Math.abs(f.im[0]!)) }];
    }),
  );
  const first = found[0]!;
  const ticks = [0, 0.2, 0.4, 0.6];
  return {
    title: "Fixed points by static input",
    caption: "Left: imaginary part of the leading eigenvalue at each input's fixed point against the frequency that the input names; dashed: equal. Right: six leading eigenvalues at the fixed points of the first network, lighter to darker with frequency.",
    panels: [
      { x: { label: "angular frequency ω", unit: "rad/tau" }, y: { label: "|Im λ|", unit: "rad/tau", include: [0] }, aspect: 0.85, layers: [{ kind: "line", name: "equal", color: "gray", dash: "dashed", guide: true, x: [...limits], y: [...limits] }, ...points] },
      { x: { label: "Re λ", unit: "1/tau" }, y: { label: "Im λ", unit: "rad/tau", ticks: ticks.flatMap((t) => (t > 0 ? [-t, t] : [0])) }, aspect: 0.85, layers: [stabilityLimit("flow"), ...first.map((f, k): Layer => ({ kind: "points", color: { ordered: k / Math.max(1, first.length - 1) }, size: 2, x: f.re, y: f.im }))] },
    ],
  };
} // biome-ignore format: data

function outputs(z: ArrayLike<number>, targets: ArrayLike<number>, omega: number[], dt: number): Figure {
  const T = z.length / omega.length;
  const time = range(0, (T - 1) * dt, T);
  const trial = (data: ArrayLike<number>, k: number) => time.map((_, t) => data[k * T + t]!);
  return {
    title: "The slowest, a middle and the fastest sine",
    caption: "Output of the first network (solid) and target (dashed), test trials.",
    panels: [0, omega.length >> 1, omega.length - 1].map((k) => ({
      title: `ω = ${omega[k]!.toFixed(2)}`,
      x: { label: "time", unit: "tau" },
      y: { label: "output" },
      layers: [
        { kind: "line", name: "output", color: "blue", x: time, y: trial(z, k) },
        { kind: "line", name: "target", color: "ink", dash: "dashed", width: 1, x: time, y: trial(targets, k) },
      ] as Layer[],
    })),
    share: "both",
  };
} // biome-ignore format: data
