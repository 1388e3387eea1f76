/** Predictive coding from energy: a network that only keeps its drives small learns to cancel the input it expects. */
import {
  check, correlation, defineTask, drawnStrokes, equationsBlock, type Figure, type Layer, type learning, makeNetwork, mean, median, type Network, 
  type NetworkData, type Outcome, type Study, type StudyContext, simulate, standardError, type Task, trainingFigure,
} from "../index.ts"; // biome-ignore format: a list

const source = "Ali, Ahmad, de Groot, van Gerven & Kietzmann 2022, Patterns 3, 100639";
/** A unit for each pixel: its drive `a` is the pixel `u` and what the units before it send, `p`. */
const map = (N: number): NetworkData => ({
  ...{ name: "energy", source, outputs: ["a"], inputs: { u: { shape: ["N"] } }, sizes: { N } },
  equations: "p = W h[t-1];  a = p + u;  h = relu(a)",
  parameters: { W: { shape: ["N", "N"], init: { law: "uniform", low: -1 / Math.sqrt(N), high: 1 / Math.sqrt(N) } } },
  states: { h: { shape: ["N"] } },
});
/** All that is minimised is the mean size of the drives. */
const energy: learning.Fit = {
  kind: "energy",
  lines: ({ output, mask }) => `objective_fit = ${mask} * abs(${output})`,
};
const size = (values: ArrayLike<number>): number => mean(Array.from(values, Math.abs));

/** Of one network, on held-out images. */
interface Found {
  /** Energy by position in the sequence: of the network; the least with constant drives, one for each pixel; or for each pixel and digit. */
  network: number[];
  constant: number[];
  digits: number[];
  /** Of the recurrent drive with the pixels that it meets; and with each pixel's mean taken out of both. */
  correlation: number;
  within: number;
  /** Energy of a digit out of order over that of the expected one. */
  surprise: number;
}

export const predictiveCoding: Study = {
  name: "predictive-coding",
  title: "Predictive coding from energy efficiency",
  description:
    "A network that only keeps its drives small, on digits in ascending order, learns to cancel what comes next.",
  composition: "relu map, a unit for each pixel · dense · drawn digits in ascending order · energy alone, Adam",
  minutes: 5,
  fast: { settings: { seeds: "1", iterations: "800" }, checks: ["energy", "correlation"] },
  tiny: { seeds: "1", iterations: "2", side: "5", images: "60", batch: "2", trials: "4" },
  settings: {
    seeds: { value: 3, what: "networks and sets of images, of seeds --seed, + 1, …" },
    side: { value: 10, what: "pixels along a side of an image; units are pixels (28 in the paper, of MNIST)" },
    stroke: { value: 0.08, what: "half the width of a stroke, in sides of an image" },
    images: { value: 4000, what: "images drawn to train with, and as many held out" },
    length: { value: 10, what: "images of a sequence, from a random digit on, 0 after 9, as published" },
    iterations: { value: 3000, what: "iterations of Adam (about 37,000 in the published code)" },
    batch: { value: 32, what: "sequences per iteration, as published" },
    rate: {
      value: 0.002,
      what: "learning rate at the start; it ends at a hundredth (0.0001 throughout in the published code)",
    },
    trials: { value: 300, what: "held-out sequences" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [N, T, iterations, rate] = [run.number("side") ** 2, run.number("length"), run.number("iterations"), run.number("rate")];
    const found: Found[] = [];
    let shown: { network: Network; input: Float64Array; drive: Float64Array } | undefined;
    for (let seed = run.seed; seed < run.seed + run.number("seeds"); seed++) {
      const task = (set: number, odd = false) => {
        const drawn = { seed: 2 * seed + set, count: run.number("images"), size: run.number("side"), width: run.number("stroke") };
        return ascending(drawnStrokes(drawn), T, odd);
      };
      const { network } = await run.train(`seed-${seed}`, makeNetwork(map(N), { seed }), task(0), {
        ...{ seed, fit: energy, validateEvery: 200 },
        stages: [{ iterations, batch: run.number("batch"), rate: { kind: "cosine", rate, to: rate / 100, over: iterations } }],
      });
      const seen = async (odd: boolean) => {
        const trials = task(1, odd).trials({ seed, count: run.number("trials"), purpose: "test" });
        const { a, p } = await simulate(network, trials, { seed, record: ["a", "p"] });
        await run.pause();
        return { a: a!.data, p: p!.data, u: trials.inputs.data, first: trials.conditions.first! };
      };
      const [{ a, p, u, first }, odd] = [await seen(false), await seen(true)];
      // Entry j: pixel j % N at this position, of this digit.
      const at = Uint8Array.from(u, (_, j) => Math.floor(j / N) % T);
      const digit = at.map((t, j) => (first[Math.floor(j / (T * N))]! + t) % 10);
      const by = (values: ArrayLike<number>) => Array.from({ length: T }, (_, t) => size(picked(values, (j) => at[j] === t)));
      const pixel = (j: number) => j % N;
      const pixelOfDigit = (j: number) => 10 * pixel(j) + digit[j]!;
      const later = (values: ArrayLike<number>) => picked(values, (j) => at[j]! > 0);
      const [drive, input] = [later(p), later(u)];
      found.push({
        ...{ network: by(a), constant: by(less(u, pixel, median)), digits: by(less(u, pixelOfDigit, median)) },
        correlation: correlation(drive, input),
        within: correlation(less(drive, pixel, mean), less(input, pixel, mean)),
        surprise: by(odd.a)[T - 2]! / by(a)[T - 2]!,
      });
      const means = (values: ArrayLike<number>) => {
        const sums = new Float64Array(10 * N);
        const counts = new Float64Array(10 * N);
        for (let j = 0; j < u.length; j++)
          if (at[j]! > 0) {
            sums[pixelOfDigit(j)]! += values[j]!;
            counts[pixelOfDigit(j)]! += 1;
          }
        return sums.map((sum, k) => sum / Math.max(1, counts[k]!));
      };
      shown ??= { network, input: means(u), drive: means(p) };
    }
    const whole = (what: "network" | "constant" | "digits") => found.map((f) => mean(f[what]));
    const gains = found.map((f) => 1 - mean(f.network) / mean(f.constant));
    const [correlations, within] = [found.map((f) => f.correlation), found.map((f) => f.within)];
    const surprises = found.map((f) => f.surprise);
    const facts = { source, ours: true, n: found.length };
    return {
      verdict: `The energy is ${mean(whole("network")).toFixed(3)}, at best ${mean(whole("constant")).toFixed(3)} without recurrence; the recurrent drive and the coming input correlate by ${mean(correlations).toFixed(2)}.`,
      summary: `Without recurrence, a constant drive for each unit leaves the mean absolute deviation from each pixel's median, here of the held-out images themselves. Were the digit known, it would be ${mean(whole("digits")).toFixed(3)}. The network pays the whole first image, of which it knows nothing.`,
      checks: [
        check({ id: "energy", what: "energy below the least without recurrence, as a fraction of it, least of all networks", ...facts, paper: "lower", criterion: "> 0 in every network", measured: Math.min(...gains), standardError: standardError(gains), holds: gains.every((g) => g > 0) }),
        check({ id: "correlation", what: "correlation of the recurrent drive with the coming input, largest", ...facts, paper: "input is cancelled", criterion: "≤ −0.5 in every network", measured: Math.max(...correlations), standardError: standardError(correlations), holds: correlations.every((r) => r <= -0.5) }),
        check({ id: "within", what: "the same with each pixel's mean taken out of both, so that constant drives have none, largest", ...facts, criterion: "≤ −0.5 in every network", measured: Math.max(...within), standardError: standardError(within), holds: within.every((r) => r <= -0.5) }),
        check({ id: "surprise", what: "energy of a digit out of order over that of the expected one, least", ...facts, paper: "> 1", criterion: "> 1 in every network", measured: Math.min(...surprises), standardError: standardError(surprises), holds: surprises.every((s) => s > 1) }),
      ],
      sections: [
        { title: "Energy and predictions", blocks: [{ kind: "figure", figure: drawn(found, shown!.input, shown!.drive), lead: true }] },
        { title: "The network", blocks: [equationsBlock(shown!.network), { kind: "figure", figure: trainingFigure(await run.metrics(`seed-${run.seed}`), "1 − energy / input") }] },
      ],
      numbers: { found },
      network: shown!.network,
    };
  }, // biome-ignore format: tables
};

const picked = (values: ArrayLike<number>, wanted: (j: number) => boolean) =>
  Float64Array.from(Array.from(values).filter((_, j) => wanted(j)));

/** Values less the center of their group. */
function less(values: ArrayLike<number>, group: (j: number) => number, center: (of: number[]) => number): Float64Array {
  const groups: number[][] = [];
  for (let j = 0; j < values.length; j++) (groups[group(j)] ??= []).push(values[j]!);
  const centers = groups.map(center);
  return Float64Array.from(values, (value, j) => value - centers[group(j)]!);
}

/** The task: images of digits in ascending order; with `odd`, the last but one is a digit out of order. */
function ascending({ images, labels }: ReturnType<typeof drawnStrokes>, length: number, odd: boolean): Task {
  const N = images.shape[1]! * images.shape[2]!;
  const of = Array.from({ length: 10 }, (_, d) => [...labels.data.keys()].filter((k) => labels.data[k] === d));
  return defineTask({
    ...{ name: "ascending digits", description: "Keep the drives small while digits ascend.", source, dt: 1, unit: "step" },
    ...{ inputs: { pixel: N }, outputs: { drive: N }, longest: length },
    variables: { first: { oneOf: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } },
    trial: ({ first }, random) =>
      Array.from({ length }, (_, t) => {
        const digit = (first! + t + (odd && t === length - 2 ? 1 + random.integer(9) : 0)) % 10;
        const image = of[digit]![random.integer(of[digit]!.length)]!;
        const pixel = Array.from(images.data.subarray(image * N, (image + 1) * N), (ink) => ink / 255);
        return { name: `${t + 1}`, lasts: 1, inputs: { pixel }, weight: 1 };
      }),
    score: (outputs, { inputs }) => {
      const [n, left, before] = [inputs.shape[0]!, size(outputs.data), size(inputs.data)];
      const each = Array.from({ length: n }, (_, k) => size(outputs.data.subarray(k * length * N, (k + 1) * length * N)));
      const what = "1 less the mean size of the drives over that of the input";
      return { score: 1 - left / before, what, n, standardError: standardError(each) / before, parts: { energy: left } };
    },
  });
} // biome-ignore format: data

function drawn(found: Found[], input: Float64Array, drive: Float64Array): Figure {
  const times = found[0]!.network.map((_, t) => t + 1);
  const line = (name: string, of: "network" | "constant" | "digits", color: "blue" | "vermilion" | "green", more = {}): Layer => ({
    ...{ kind: "line", name, color, x: times, y: times.map((_, t) => mean(found.map((f) => f[of][t]!))) },
    ...more,
  });
  const side = Math.sqrt(input.length / 10);
  // Side by side, upside down: rows of a heat map go up.
  const row = (means: Float64Array) => Array.from({ length: 10 * side * side }, (_, k) => {
    const [y, x] = [side - 1 - Math.floor(k / (10 * side)), k % (10 * side)];
    return means[10 * (y * side + (x % side)) + Math.floor(x / side)]!;
  });
  const heat = (title: string, means: Float64Array): Figure["panels"][number] => ({
    ...{ title, x: { label: "digit", ticks: [] }, y: { label: "", ticks: [] }, aspect: 0.1 },
    layers: [{ kind: "heat", values: row(means), rows: side, columns: 10 * side, label: "mean", scale: "signed", domain: [-1, 1] }],
  });
  return {
    title: "Energy along the sequence, and what the network predicts",
    caption: "Above: means and standard errors of networks on held-out images. Below: the first network; means over the images of each digit, 0 to 9, from the second position on.",
    columns: 1,
    panels: [
      {
        ...{ x: { label: "position in the sequence" }, y: { label: "mean size of the drives", include: [0] } },
        layers: [
          line("network", "network", "blue", { shape: "circle", error: times.map((_, t) => standardError(found.map((f) => f.network[t]!))) }),
          line("best without recurrence", "constant", "vermilion"),
          line("digit known", "digits", "green", { dash: "dashed" }),
        ],
      },
      heat("Input", input),
      heat("Recurrent drive", drive),
    ],
  };
} // biome-ignore format: data
