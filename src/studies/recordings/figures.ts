/** The pictures of the fits: scores, single neurons, learning. */
import { type Color, type Figure, type Layer, type NDArray, type Recording, timesOf } from "../../index.ts";
import type { Fits } from "./fits.ts";
import { fixed } from "./words.ts";

const colors = { data: "ink", inSample: "blue", held: "vermilion" } as const satisfies Record<string, Color>;
/** Bars below this are cut off in the picture: a linear model may run away without bound. */
const lowest = -1;

/** R² of all models, in sample and held out. */
export function scoresFigure({ models, folds }: Fits): Figure {
  const scored = models.filter((m) => m.inSample);
  const all = scored.flatMap((m) => [m.inSample!, ...(m.crossValidated ? [m.crossValidated] : [])]);
  const foot = ({ pooled, standardError }: (typeof all)[number]): number => pooled - (standardError || 0);
  const least = Math.min(0, ...all.map(foot));
  const clipped = least < lowest;
  const bars = (
    name: string,
    color: Color,
    of: (m: (typeof scored)[number]) => (typeof all)[number] | undefined,
  ): Layer => ({
    kind: "bars",
    name,
    color,
    values: scored.map((m) => Math.max(lowest, of(m)?.pooled ?? Number.NaN)),
    error: scored.map((m) => (of(m) && foot(of(m)!) >= lowest ? of(m)!.standardError : Number.NaN)),
    numbers: false,
  });
  return {
    title: "Free runs of the network and of its baselines",
    caption: `R² of free runs from the first sample, pooled over neurons; 0 is each neuron's mean. Error bars: standard errors, jackknife over trials.${clipped ? ` What lies below ${fixed(lowest, 0)} is cut off; the table has the values.` : ""}`,
    panels: [
      {
        x: { label: "", categories: scored.map((m) => shortName[m.id]) },
        y: {
          label: "R² of free runs",
          include: [0],
          domain: [Math.max(lowest, least) - 0.05, 1],
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
      title: `neuron ${neuron + 1}, R² ${fixed(own[neuron]!, 2)}`,
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
