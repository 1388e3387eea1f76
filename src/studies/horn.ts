/** Networks of harmonic oscillators read strokes pixel by pixel, beside a plain network; and how one oscillator resonates. */
import {
  check, drawnStrokes, equationsBlock, type Figure, imageSequences, type LineLayer, learning, makeNetwork, mean, type Network, type NetworkData, 
  NullclineError, networks, type Outcome, range, readIdx, type SequenceData, type Study, type StudyContext, sequenceTask, simulate, standardError, taskFigure, trainingFigure, withParameters, zeros,
} from "../index.ts"; // biome-ignore format: a list

const source = "Effenberger, Carvalho, Dubinin & Singer 2025, PNAS 122, e2412830122";
const files = { train: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"], test: ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] } as const; // biome-ignore format: a line

export const hornStudy: Study = {
  name: "horn",
  title: "Harmonic oscillators that read strokes",
  description:
    "Networks of damped oscillators and a plain network learn to name drawings, a pixel a step; the resonance of one unit.",
  composition:
    "harmonic oscillators; maps through tanh · dense · drawn strokes or MNIST, pixel by pixel · cross-entropy at the last step, AdamW",
  minutes: 15,
  fast: { settings: { seeds: "1", iterations: "200" }, checks: ["resonance"] },
  tiny: {
    seeds: "1",
    units: "6",
    iterations: "2",
    batch: "2",
    drawn: "20",
    tested: "10",
    size: "6",
    plainRates: "0.01",
    frequencies: "5",
    duration: "200",
  },
  settings: {
    seeds: { value: 3, what: "networks of each kind, of seeds --seed, + 1, …" },
    units: { value: 32, what: "number of units N of either kind" },
    mnist: {
      value: "",
      what: `folder with MNIST's files (${[...files.train, ...files.test].join(", ")}, not compressed); empty: drawn strokes`,
    },
    size: { value: 28, what: "rows and columns of the drawings: 28 are 784 steps" },
    drawn: { value: 6000, what: "drawings to learn from (MNIST has 60,000)" },
    tested: { value: 1000, what: "new drawings" },
    alpha: { value: 0.04, what: "strength of an oscillator's drive" },
    omega: { value: 0.224, what: "natural angular frequency, rad per step (2π/28: a period is a row)" },
    gamma: { value: 0.01, what: "damping, per step" },
    iterations: { value: 600, what: "iterations of AdamW (10 epochs of MNIST would be 9,400)" },
    batch: { value: 64, what: "drawings per iteration" },
    rate: { value: 0.01, what: "learning rate of the oscillators" },
    plainRates: { value: [0.01, 0.001], what: "learning rates of the plain network; the best counts" },
    frequencies: { value: 61, what: "frequencies of the resonance curve" },
    duration: { value: 3000, what: "steps that an oscillator is driven, of which the last tenth is measured" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const task = sequenceTask(await drawings(run, "train"), { test: await drawings(run, "test") });
    const sizes = { N: run.number("units"), I: 1, O: 10 };
    const constants = Object.fromEntries(["alpha", "omega", "gamma"].map((name) => [name, { value: run.number(name), tag: "pinned" as const }]));
    const cells = { horn: withParameters(networks.horn, constants), plain: networks.vanilla };
    const trials = task.trials({ seed: run.seed, count: run.number("tested"), purpose: "test" });
    const fitted = async (kind: keyof typeof cells, rate: number, seed: number): Promise<{ network: Network; accuracy: number }> => {
      const { network } = await run.train(`${kind}-${rate}-${seed}`, makeNetwork(cells[kind], { seed, sizes }), task, {
        ...{ seed, fit: learning.crossEntropy(), rule: { update: learning.adam({ weightDecay: 0.01 }) }, validateEvery: 100, validationTrials: 200 },
        stages: [{ iterations: run.number("iterations"), batch: run.number("batch"), clip: 1, rate: { kind: "constant", rate } }],
      });
      await run.pause();
      return { network, accuracy: task.behaviour((await simulate(network, trials, { seed })).z!, trials).score };
    };
    const seeds = range(run.seed, run.seed + run.number("seeds") - 1, run.number("seeds"));
    const [horns, plain]: [number[], number[][]] = [[], []];
    let shown!: Network;
    for (const seed of seeds) {
      const found = await fitted("horn", run.number("rate"), seed);
      horns.push(found.accuracy);
      shown ??= found.network;
    }
    for (const rate of run.numbers("plainRates")) {
      const own: number[] = [];
      for (const seed of seeds) own.push((await fitted("plain", rate, seed)).accuracy);
      plain.push(own);
    }
    const best = plain.reduce((a, b) => (mean(b) > mean(a) ? b : a));
    const curve = await resonance(run, cells.horn);
    const off = curve.peak / curve.expected - 1;
    const n = run.number("tested") * seeds.length;
    const listed = (values: number[]) => values.map((v) => v.toFixed(3)).join(", ");
    return {
      verdict: `Oscillators name ${(100 * mean(horns)).toFixed(1)} % of new drawings, plain networks of as many units ${(100 * mean(best)).toFixed(1)} %; one oscillator resonates at ${curve.peak.toFixed(4)} rad per step.`,
      checks: [
        check({ id: "accuracy", what: `accuracy of oscillators on new drawings; by seed: ${listed(horns)}`, source, ours: true, paper: "higher than of plain networks", criterion: `at least the plain network's with the same seed (${listed(best)})`, measured: mean(horns), n, standardError: standardError(horns), holds: horns.every((a, k) => a >= best[k]!) }),
        ...run.numbers("plainRates").map((rate, k) =>
          check({ id: `plain-${rate}`, what: `accuracy of plain networks, learning rate ${rate}`, source: "", criterion: "", measured: mean(plain[k]!), n, standardError: standardError(plain[k]!) }),
        ),
        check({ id: "resonance", what: "frequency at which an oscillator answers most, rad per step", source: "closed form: √(omega² − 2 gamma²)", paper: curve.expected.toFixed(4), criterion: "within 2 %", measured: curve.peak, holds: Math.abs(off) <= 0.02 }),
      ],
      sections: [
        { title: "Learning and resonance", blocks: [{ kind: "figure", figure: await drawn(run, seeds, curve), lead: true }] },
        { title: "The network", blocks: [equationsBlock(shown), { kind: "figure", figure: taskFigure(task) }, { kind: "figure", figure: trainingFigure(await run.metrics(`horn-${run.number("rate")}-${run.seed}`), "fraction of drawings right") }] },
      ],
      numbers: { horns, plain, curve },
      network: shown,
    };
  }, // biome-ignore format: tables
};

async function drawings(run: StudyContext, part: keyof typeof files): Promise<SequenceData> {
  const folder = run.text("mnist");
  if (folder === "") {
    const count = run.number(part === "train" ? "drawn" : "tested");
    const { images, labels } = drawnStrokes({ seed: part === "train" ? 1 : 2, count, size: run.number("size") });
    return { ...imageSequences("strokes", images, labels), classes: 10 };
  }
  const [images, labels] = await Promise.all(files[part].map(async (name) => readIdx(await run.read(`${folder}/${name}`))));
  if (run.number("tested") > 10_000)
    throw new NullclineError({ code: "setting", given: `--set tested=${run.number("tested")}`, expected: "at most 10000, as MNIST has" });
  return { ...imageSequences("MNIST", images!, labels!), classes: 10 };
} // biome-ignore format: data

type Curve = { at: number[]; amplitude: number[]; closed: number[]; peak: number; expected: number };
/** One unit by itself under a weak sine: its amplitude by frequency, and `alpha ε / √((omega² − w²)² + (2 gamma w)²)`. */
async function resonance(run: StudyContext, cell: NetworkData): Promise<Curve> {
  const [omega, gamma, count, steps] = ["omega", "gamma", "frequencies", "duration"].map(run.number) as [number, number, number, number];
  const weak = 0.01;
  const alone = makeNetwork(withParameters(cell, { J: { value: 0 }, B: { value: 1 }, W: { value: 1 } }), { seed: run.seed, sizes: { N: 1, I: 1, O: 1 } });
  const at = range(0.5 * omega, 1.5 * omega, count);
  const inputs = { data: Float64Array.from({ length: count * steps }, (_, k) => weak * Math.sin(at[Math.floor(k / steps)]! * (k % steps))), shape: [count, steps, 1] };
  const empty = zeros(count, steps, 0);
  const { z } = await simulate(alone, { dt: 1, inputs, targets: empty, mask: empty, conditions: {} }, { seed: run.seed, precision: "f64" });
  const amplitude = at.map((_, k) =>
    range(Math.floor(0.9 * steps), steps - 1, Math.ceil(0.1 * steps)).reduce((most, t) => Math.max(most, Math.abs(z!.data[k * steps + Math.round(t)]!)), 0),
  );
  const closed = at.map((w) => (run.number("alpha") * weak) / Math.hypot(omega ** 2 - w ** 2, 2 * gamma * w));
  const top = amplitude.indexOf(Math.max(...amplitude));
  // The vertex of the parabola through the highest three.
  const [a, b, c] = [-1, 0, 1].map((d) => amplitude[Math.min(count - 1, Math.max(0, top + d))]!) as [number, number, number];
  const shift = a - 2 * b + c === 0 ? 0 : (a - c) / (2 * (a - 2 * b + c));
  return { at, amplitude, closed, peak: at[top]! + shift * (at[1]! - at[0]!), expected: Math.sqrt(omega ** 2 - 2 * gamma ** 2) };
} // biome-ignore format: data

async function drawn(run: StudyContext, seeds: number[], { at, amplitude, closed, expected }: Curve): Promise<Figure> {
  const learned = async (kind: string, name: string, rate: number, color: LineLayer["color"], dash: "solid" | "dashed"): Promise<LineLayer[]> =>
    Promise.all(seeds.map(async (seed): Promise<LineLayer> => {
      const lines = (await run.metrics(`${kind}-${rate}-${seed}`)).filter((l) => l.score !== undefined);
      return { kind: "line", name, color, dash, x: lines.map((l) => l.iteration as number), y: lines.map((l) => l.score as number) };
    }));
  const plain = await Promise.all(run.numbers("plainRates").map((rate, k) => learned("plain", `plain, rate ${rate}`, rate, "gray", k === 0 ? "solid" : "dashed")));
  return {
    title: "Drawings named, and the resonance of one oscillator",
    caption: "Left: fraction of 200 held-out drawings, a line a network. Right: amplitude under a weak sine, simulated (points) and in closed form; the line is at √(omega² − 2 gamma²).",
    panels: [
      { x: { label: "iteration" }, y: { label: "drawings right", domain: [0, 1] }, layers: [...(await learned("horn", "oscillators", run.number("rate"), "vermilion", "solid")), ...plain.flat()] },
      { x: { label: "frequency", unit: "rad per step" }, y: { label: "amplitude of x", include: [0] }, layers: [
        { kind: "line", name: "closed form", color: "blue", x: at, y: closed },
        { kind: "points", name: "simulated", color: "vermilion", x: at, y: amplitude },
        { kind: "rule", axis: "x", at: expected },
      ] },
    ],
  };
} // biome-ignore format: data
