/** The pictures of states: of the network, and of recording and network side by side. */
import {
  type Color,
  type Figure,
  fixedPointLayers,
  type Layer,
  type NDArray,
  type Panel,
  pca,
  project,
  type Stability,
  stabilityLimit,
} from "../../index.ts";
import type { Anatomy, Place } from "./dissection.ts";
import type { Geometry } from "./geometry.ts";
import { fixed } from "./words.ts";

const drawnTrials = 12;

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
    caption: `Free runs of ${trials.length === states.shape[0] ? "all" : `${trials.length} of ${states.shape[0]}`} trials and the fixed and slow points found from them, on the principal components of the network's states. A point drawn on a trajectory may be far from it in the other dimensions: the table has the distances.`,
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

/** Variance by component, of data and model. */
export function pcaFigure({ pca: both }: Geometry): Figure {
  const cumulative = (explained: Float64Array): number[] => {
    let sum = 0;
    return [...explained.slice(0, 15)].map((e) => (sum += e));
  };
  const curve = (name: string, color: Color, explained: Float64Array): Layer => {
    const y = cumulative(explained);
    return { kind: "line", name, color, shape: "circle", x: y.map((_, k) => k + 1), y };
  };
  return {
    title: "Principal components",
    caption: "Share of the variance that the first components hold, each of its own.",
    panels: [
      {
        x: { label: "components" },
        y: { label: "share of variance", include: [0, 1] },
        layers: [curve("recorded", "ink", both.data.explained), curve("network", "blue", both.model.explained)],
      },
    ],
  };
}

/** Data and model in the plane of the data's first two components. */
export function planeFigure({ pca: { data }, onData, conditions }: Geometry): Figure | undefined {
  if (data.components.shape[0]! < 2) return undefined;
  const axis = (c: number): string => `PC${c + 1} of the recording, ${fixed(100 * data.explained[c]!, 0)} %`;
  const panel = (title: string, scores: NDArray): Panel => ({
    title,
    x: { label: axis(0) },
    y: { label: axis(1) },
    layers: trajectories(scores, someTrials(scores.shape[0]!)),
    aspect: 0.9,
  });
  return {
    title: "The plane of the first two components",
    caption: `${conditions ? "Conditions" : "Trials"} of the recording and of the network's free runs (in sample) in the plane of the recording's first two components.`,
    panels: [panel("recorded", data.scores), panel("network", onData)],
    columns: 2,
    share: "both",
  };
}

/** The fastest rotation of data and model. */
export function rotationFigure({ rotations: [first], conditions }: Geometry): Figure | undefined {
  if (!first?.data.planes[0] || !first.model.planes[0]) return undefined;
  const panel = (title: string, { planes }: { planes: typeof first.data.planes }): Panel => ({
    title: `${title}: ${fixed(planes[0]!.frequency, 2)} Hz`,
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
