/** The pictures of the report. */
import {
  type Color,
  type Figure,
  fixedPointLayers,
  type Layer,
  type NDArray,
  type Panel,
  pca,
  project,
  type Recording,
  type Stability,
  stabilityLimit,
  timesOf,
} from "../../index.ts";
import type { Anatomy, Place } from "./dissection.ts";
import type { Fits } from "./fits.ts";
import type { Geometry } from "./geometry.ts";

const colors = { data: "ink", inSample: "blue", held: "vermilion" } as const satisfies Record<string, Color>;
/** Bars below this are cut off in the picture: a linear model may run away without bound. */
const lowest = -0.5;
const drawnTrials = 12;

/** R² of all models, in sample and held out. */
export function scoresFigure({ models, folds }: Fits): Figure {
  const scored = models.filter((m) => m.inSample);
  const clipped = scored.some((m) => (m.crossValidated?.pooled ?? 0) < lowest || m.inSample!.pooled < lowest);
  const bars = (
    name: string,
    color: Color,
    of: (m: (typeof scored)[number]) => { pooled: number; standardError: number } | undefined,
  ): Layer => ({
    kind: "bars",
    name,
    color,
    values: scored.map((m) => Math.max(lowest, of(m)?.pooled ?? Number.NaN)),
    error: scored.map((m) => (of(m) && of(m)!.pooled > lowest ? of(m)!.standardError : Number.NaN)),
    numbers: !clipped,
  });
  return {
    title: "Free runs of the network and of its baselines",
    caption: `R² of free runs from the first sample, pooled over neurons; 0 is each neuron's mean. Error bars: standard errors, jackknife over trials.${clipped ? ` Bars are cut off at ${lowest}; the table has the values.` : ""}`,
    panels: [
      {
        x: { label: "", categories: scored.map((m) => shortName[m.id]) },
        y: {
          label: "R² of free runs",
          include: [0],
          domain: [clipped ? lowest : Math.min(0, ...scored.map((m) => m.crossValidated?.pooled ?? 0)) - 0.05, 1],
        },
        layers: [
          bars("in sample", colors.inSample, (m) => m.inSample),
          ...(folds.length > 0 ? [bars("cross-validated", colors.held, (m) => m.crossValidated)] : []),
          { kind: "rule", axis: "y", at: 0 } as Layer,
        ],
      },
    ],
  };
}

const shortName = {
  network: "network",
  linearNetwork: "r = x",
  freeRun: "linear, free runs",
  oneStep: "linear, one step",
  constant: "neuron's mean",
  mean: "mean at each time",
} as const;

/** Six neurons, from the best to the worst fitted, in one trial. */
export function tracesFigure(recording: Recording, fits: Fits): Figure {
  const { activity, unit } = recording;
  const [, samples, neurons] = activity.shape as [number, number, number];
  const own = fits.models.find((m) => m.id === "network")!.inSample!.perNeuron;
  const ranked = [...own.keys()].filter((i) => Number.isFinite(own[i])).sort((a, b) => own[b]! - own[a]!);
  const count = Math.min(6, ranked.length);
  const chosen = Array.from(
    { length: count },
    (_, k) => ranked[Math.round((k * (ranked.length - 1)) / Math.max(1, count - 1))]!,
  );
  const trial = 0;
  const time = timesOf(recording);
  const line = (
    name: string,
    color: Color,
    { data }: NDArray,
    neuron: number,
    more: Partial<Extract<Layer, { kind: "line" }>> = {},
  ): Layer => ({
    kind: "line",
    name,
    color,
    x: time,
    y: Array.from(time, (_, t) => data[(trial * samples + t) * neurons + neuron]!),
    ...more,
  });
  return {
    title: "Single neurons",
    caption: `Six neurons from the best to the worst fitted, in the first ${recording.conditions.condition ? "condition" : "trial"}: the recording, the free run of the network that was fitted to it, and that of the network fitted without it.`,
    panels: chosen.map((neuron) => ({
      title: `neuron ${neuron + 1}, R² ${own[neuron]!.toFixed(2)}`,
      x: { label: "time", unit },
      y: { label: "activity" },
      layers: [
        line("recorded", colors.data, activity, neuron, { width: 2.2, opacity: 0.55 }),
        ...(fits.crossValidated
          ? [line("held out", colors.held, fits.crossValidated, neuron, { dash: "dashed" })]
          : []),
        line("in sample", colors.inSample, fits.inSample, neuron),
      ],
    })),
    columns: 3,
  };
}

/** Neurons in order of their R². */
export function neuronsFigure({ models, folds }: Fits): Figure {
  const network = models.find((m) => m.id === "network")!;
  const sorted = (values: number[]): number[] =>
    values
      .filter(Number.isFinite)
      .sort((a, b) => b - a)
      .map((v) => Math.max(-1, v));
  const line = (name: string, color: Color, values: number[]): Layer => ({
    kind: "line",
    name,
    color,
    x: values.map((_, i) => i + 1),
    y: values,
  });
  return {
    title: "R² by neuron",
    caption:
      "R² of each neuron's free runs by the network, neurons in falling order (each curve in its own); values below −1 are drawn at −1.",
    panels: [
      {
        x: { label: "neuron, by rank" },
        y: { label: "R² of free runs", include: [0, 1] },
        layers: [
          line("in sample", colors.inSample, sorted(network.inSample!.perNeuron)),
          ...(folds.length > 0
            ? [line("cross-validated", colors.held, sorted(network.crossValidated!.perNeuron))]
            : []),
          { kind: "rule", axis: "y", at: 0 },
        ],
      },
    ],
  };
}

/** Error and R² over the iterations: of the trials fitted, and of those held out. */
export function learningFigure(whole: Record<string, unknown>[], parts: Record<string, unknown>[][]): Figure {
  const scored = (lines: Record<string, unknown>[]) =>
    lines.filter((l) => typeof l.score === "number") as { iteration: number; score: number }[];
  const inSample = scored(whole);
  const held = parts.map(scored);
  const common = held.length > 0 ? held[0]!.filter((_, i) => held.every((h) => h[i] !== undefined)) : [];
  const mean = common.map((_, i) => held.reduce((s, h) => s + h[i]!.score, 0) / held.length);
  return {
    title: "Learning",
    caption:
      "Left: mean square error of each iteration's trials in the fit to all of them. Right: R² of free runs of the trials fitted, and of the trials held out (mean over the folds, each relative to the means of its own trials). Nothing is chosen by the second: it is there to show where learning turns into memory.",
    panels: [
      {
        x: { label: "iteration" },
        y: { label: "mean square error", scale: "log" },
        layers: [
          {
            kind: "line",
            color: colors.inSample,
            width: 1,
            x: whole.map((l) => l.iteration as number),
            y: whole.map((l) => l.error as number),
          },
        ],
      },
      {
        x: { label: "iteration" },
        y: { label: "R² of free runs", include: [0, 1] },
        layers: [
          {
            kind: "line",
            name: "in sample",
            color: colors.inSample,
            x: inSample.map((l) => l.iteration),
            y: inSample.map((l) => l.score),
          },
          ...(mean.length > 0
            ? [
                {
                  kind: "line",
                  name: "held out",
                  color: colors.held,
                  x: common.map((l) => l.iteration),
                  y: mean.map((v) => Math.max(-1, v)),
                } as Layer,
              ]
            : []),
          { kind: "rule", axis: "y", at: 0 } as Layer,
        ],
      },
    ],
  };
}

/** At most so many trials, evenly chosen. */
const someTrials = (n: number): number[] => {
  const count = Math.min(n, drawnTrials);
  return Array.from({ length: count }, (_, k) => Math.floor((k * n) / count));
};

/** Trajectories in two columns of `[trial, time, column]`, each with a mark at its start. */
function trajectories({ data, shape }: NDArray, trials: number[], columns: [number, number] = [0, 1]): Layer[] {
  const [, samples, width] = shape as [number, number, number];
  const at = (trial: number, t: number, c: number): number => data[(trial * samples + t) * width + c]!;
  return [
    ...trials.map(
      (trial, k): Layer => ({
        kind: "line",
        color: { ordered: trials.length > 1 ? k / (trials.length - 1) : 0.5 },
        width: 1.3,
        arrow: true,
        x: Array.from({ length: samples }, (_, t) => at(trial, t, columns[0])),
        y: Array.from({ length: samples }, (_, t) => at(trial, t, columns[1])),
      }),
    ),
    {
      kind: "points",
      name: "first sample",
      color: "gray",
      size: 2.5,
      x: trials.map((trial) => at(trial, 0, columns[0])),
      y: trials.map((trial) => at(trial, 0, columns[1])),
    },
  ];
}

const stabilityOf = ({ kind, unstable }: Place): Stability =>
  kind === "slow" ? "slow" : unstable === 0 ? "stable" : unstable === 1 ? "saddle" : "unstable";

/** States of the network with its fixed and slow points, on the principal components of the states. */
export function statesFigure({ states, places }: Anatomy): Figure {
  const D = states.shape[2]!;
  const base = pca(states);
  const axis = (c: number): string => `PC${c + 1}, ${(100 * base.explained[c]!).toFixed(0)} %`;
  const all = new Float64Array(places.length * D);
  places.forEach(({ x }, k) => {
    all.set(x, k * D);
  });
  const scores = places.length > 0 ? project(base, { data: all, shape: [places.length, 1, D] }) : undefined;
  const width = base.components.shape[0]!;
  const on = (c: number): number[] => places.map((_, k) => scores!.data[k * width + c]!);
  const trials = someTrials(states.shape[0]!);
  const panel = (a: number, b: number): Panel => ({
    x: { label: axis(a) },
    y: { label: axis(b) },
    layers: [
      ...trajectories(base.scores, trials, [a, b]),
      ...fixedPointLayers(places.length > 0 ? on(a) : [], places.length > 0 ? on(b) : [], places.map(stabilityOf)),
    ],
    aspect: 0.9,
  });
  return {
    title: "States of the network",
    caption: `Free runs of ${trials.length === states.shape[0] ? "all" : `${trials.length} of ${states.shape[0]}`} trials and the fixed and slow points found from them, on the principal components of the network's states. Points far from the trajectories in the table lie outside these planes, too.`,
    panels: width > 2 ? [panel(0, 1), panel(1, 2)] : width > 1 ? [panel(0, 1)] : [],
  };
}

/** Growth and frequency of all modes at the points nearest to the trajectories. */
export function spectraFigure({ places }: Anatomy): Figure {
  return {
    title: "Modes at the points nearest to the trajectories",
    caption:
      "Each mark is a mode of the step that was fitted (one of each complex pair): how fast it grows or decays and how fast it turns. Right of the dashed line modes grow.",
    panels: places.slice(0, 3).map((p) => ({
      title: `${p.kind} point, ${p.unstable} unstable`,
      x: { label: "growth", unit: "1/s" },
      y: { label: "frequency", unit: "Hz" },
      layers: [
        stabilityLimit("flow"),
        {
          kind: "points",
          name: "mode",
          color: "blue",
          size: 2.6,
          opacity: 0.75,
          x: p.modes.map((m) => m.growth),
          y: p.modes.map((m) => m.frequency),
        } as Layer,
      ],
    })),
    share: "both",
  };
}

/** Variance by component, and the first plane, of data and model. */
export function pcaFigure({ pca: both, onData, conditions }: Geometry): Figure {
  const cumulative = (explained: Float64Array): number[] => {
    let sum = 0;
    return [...explained.slice(0, 15)].map((e) => (sum += e));
  };
  const trials = someTrials(onData.shape[0]!);
  const axis = (c: number): string => `PC${c + 1} of the data`;
  const curve = (name: string, color: Color, explained: Float64Array): Layer => {
    const y = cumulative(explained);
    return { kind: "line", name, color, shape: "circle", x: y.map((_, k) => k + 1), y };
  };
  const plane = (title: string, scores: NDArray): Panel => ({
    title,
    x: { label: axis(0) },
    y: { label: axis(1) },
    layers: trajectories(scores, trials),
    aspect: 0.9,
  });
  return {
    title: "Principal components",
    caption: `Left: share of the variance that the first components hold, each of its own. Middle and right: ${conditions ? "conditions" : "trials"} of the recording and of the network's free runs (in sample) in the plane of the recording's first two components.`,
    panels: [
      {
        x: { label: "components" },
        y: { label: "share of variance", include: [0, 1] },
        layers: [curve("recorded", "ink", both.data.explained), curve("network", "blue", both.model.explained)],
        aspect: 0.9,
      },
      ...(both.data.components.shape[0]! > 1 ? [plane("recorded", both.data.scores), plane("network", onData)] : []),
    ],
    columns: 3,
  };
}

/** The fastest rotation of data and model. */
export function rotationFigure({ rotations: [first], conditions }: Geometry): Figure | undefined {
  if (!first?.data.planes[0] || !first.model.planes[0]) return undefined;
  const panel = (title: string, { planes }: { planes: typeof first.data.planes }): Panel => ({
    title: `${title}: ${planes[0]!.frequency.toFixed(2)} Hz`,
    x: { label: "jPC1" },
    y: { label: "jPC2" },
    equal: true,
    layers: trajectories(planes[0]!.projections, someTrials(planes[0]!.projections.shape[0]!)),
  });
  return {
    title: "The fastest plane of jPCA",
    caption: `${conditions ? "Conditions" : "Trials"} in the plane in which the skew-symmetric fit rotates fastest, ${first.window}; each with its own plane.`,
    panels: [panel("recorded", first.data), panel("network", first.model)],
    columns: 2,
    share: "both",
  };
}

/** Tangling of the model against that of the data at the same condition and time. */
export function tanglingFigure({ tangled: [first] }: Geometry): Figure | undefined {
  if (!first) return undefined;
  const every = Math.ceil(first.data.length / 1500);
  const some = (q: Float64Array): number[] => [...q].filter((_, k) => k % every === 0);
  return {
    title: "Tangling",
    caption: `Tangling Q of the network's free runs against that of the recording at the same trial and time, ${first.window}, ${first.components} components. Points below the line: the model moves on a smoother flow than the recording shows.`,
    panels: [
      {
        x: { label: "Q, recorded", unit: "s⁻²", scale: "log" },
        y: { label: "Q, network", unit: "s⁻²", scale: "log" },
        equal: true,
        layers: [
          { kind: "rule", axis: "identity" },
          {
            kind: "points",
            name: "trial and time",
            color: "blue",
            size: 2,
            opacity: 0.5,
            x: some(first.data),
            y: some(first.model),
          },
        ],
      },
    ],
  };
}
