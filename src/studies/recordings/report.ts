/** The words and tables of the report. */
import {
  type Block,
  equationsBlock,
  type ReadRecording,
  type Recording,
  type Section,
  type StudyContext,
} from "../../index.ts";
import type { Anatomy, Place } from "./dissection.ts";
import { learningFigure, neuronsFigure, scoresFigure, tracesFigure } from "./figures.ts";
import type { Fits } from "./fits.ts";
import { type Geometry, quantiles } from "./geometry.ts";
import type { Score } from "./scores.ts";
import { pcaFigure, planeFigure, rotationFigure, spectraFigure, statesFigure, tanglingFigure } from "./stateFigures.ts";
import { fixed } from "./words.ts";

export interface Findings {
  file: string;
  read: ReadRecording;
  recording: Recording;
  fits: Fits;
  anatomy: Anatomy;
  geometry: Geometry;
  /** What could not be computed, and why. */
  missing: string[];
}

export async function recordingSections(run: StudyContext, found: Findings): Promise<Section[]> {
  const { read, recording, fits, anatomy, geometry, missing } = found;
  const rows = await run.metrics("fit");
  const parts = await Promise.all(fits.folds.map((_, k) => run.metrics(`fold-${k + 1}`)));
  const figure = (f: ReturnType<typeof rotationFigure>): Block[] => (f ? [{ kind: "figure", figure: f }] : []);
  return [
    {
      title: "The recording",
      blocks: [
        { kind: "list", items: [`file ${found.file}`, ...read.choices, ...recording.history].map(plain) },
        ...(missing.length > 0
          ? [
              { kind: "text", text: "What cannot be computed for this recording, and why:" } as Block,
              { kind: "list", items: missing.map(plain) } as Block,
            ]
          : []),
      ],
    },
    {
      title: "The network",
      blocks: [
        equationsBlock(fits.network.network),
        { kind: "text", text: trainingText(run, found) },
        { kind: "figure", figure: learningFigure(rows, parts) },
      ],
    },
    {
      title: "Free runs",
      blocks: [
        { kind: "figure", figure: scoresFigure(fits) },
        scoresTable(fits),
        { kind: "text", text: scoringText(run, found) },
        { kind: "figure", figure: tracesFigure(recording, fits) },
        { kind: "figure", figure: neuronsFigure(fits) },
      ],
    },
    {
      title: "The fitted network as a dynamical system",
      blocks: [
        { kind: "text", text: anatomyText(anatomy) },
        ...(anatomy.places.length > 0 ? [placesTable(anatomy.places)] : []),
        { kind: "figure", figure: statesFigure(anatomy) },
        ...(anatomy.places.length > 0 ? [{ kind: "figure", figure: spectraFigure(anatomy) } as Block] : []),
      ],
    },
    {
      title: "Recording and model side by side",
      blocks: [
        { kind: "text", text: geometryText(geometry) },
        { kind: "figure", figure: pcaFigure(geometry) },
        ...figure(planeFigure(geometry)),
        ...(geometry.rotations.length > 0 ? [rotationsTable(geometry)] : []),
        ...figure(rotationFigure(geometry)),
        ...(geometry.tangled.length > 0 ? [tanglingTable(geometry)] : []),
        ...figure(tanglingFigure(geometry)),
      ],
    },
  ];
}

/** Names stand in backquotes on a terminal; a report does without. */
const plain = (text: string): string => text.replaceAll("`", "");

function trainingText(run: StudyContext, { fits, recording }: Findings): string {
  const { dimensions, scaling } = fits.network.basis;
  const rank = run.number("rank");
  return `The state starts from the first sample of a trial, given as its ${dimensions} leading principal components (y₀, in units of the first one's standard deviation), through a linear map that is trained with the rest; nothing else of the trial is shown to the network. ${rank > 0 ? `The recurrence has rank ${rank}. ` : ""}Scaling of the activity: ${scaling.kind}${scaling.kind === "common" ? " (each neuron's mean removed, all divided by one number)" : ""}. The time step is the recording's, ${recording.dt} ${recording.unit}.

Backpropagation through time with Adam on the mean square error of whole free runs: ${run.number("iterations")} iterations of ${Math.min(run.number("batch"), recording.origin.length)} trials, rate ${run.number("rate")} falling to a hundredth, gradient norm clipped at 1, ${run.number("penalty")} Σ W² added for the recurrent, output and start weights (${fits.network.message}).`;
}

function scoringText(run: StudyContext, { fits, recording, read }: Findings): string {
  const lines = [
    `All models start from the same first samples and see nothing afterwards (no teacher forcing); the first sample itself is not counted. R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², ȳ the mean of each neuron over all samples that are counted; *median* is the median over neurons of each one's own. Cross-validation: ${fits.split}; scaling, principal components, baselines and networks are fitted anew without the held-out trials, and each trial is scored with the fit that did not see it.`,
    `The linear models live on ${fits.network.basis.dimensions} principal components with an offset, fitted either one sample ahead or, like the network, to whole free runs. *r = x* is the network itself without its nonlinearity, with as many units, trained in the same way: what it lacks is what the nonlinearity brings.`,
  ];
  if (read.counts)
    lines.push(
      "The activity is smoothed counts of single trials, so much of its variance is the irregularity of spikes, which no model of the dynamics can predict: R² stays far below 1 for the best of them. Smoothing looks ahead: the first sample knows a little of what follows.",
    );
  if (recording.conditions.condition === undefined && read.aligned)
    lines.push(
      "The file names no conditions: trials that repeat one may stand on both sides of a fold, which favours all models.",
    );
  if (run.number("penalty") === 0.0006)
    lines.push(
      "The default weight of the penalty was set with the motor-cortex recording of Churchland and Shenoy in view; for that recording the cross-validated figure of the network is a little favourable.",
    );
  return lines.join("\n\n").replaceAll("*", "");
}

const shown = (s: Score | undefined, key: "pooled" | "median"): string =>
  s === undefined
    ? "–"
    : key === "pooled"
      ? `${fixed(s.pooled, 3)}${Number.isFinite(s.standardError) ? `\u00a0±\u00a0${fixed(s.standardError, 3)}` : ""}`
      : fixed(s.median, 3);

function scoresTable({ models, folds }: Fits): Block {
  const remark = (m: Fits["models"][number]): string => m.missing ?? m.note ?? "";
  const remarks = models.some((m) => remark(m) !== "");
  return {
    kind: "table",
    caption: "R² of free runs (± standard error, jackknife over trials).",
    columns: [
      "",
      "in sample",
      "median neuron",
      ...(folds.length > 0 ? ["cross-validated", "median neuron"] : []),
      ...(remarks ? ["remark"] : []),
    ],
    rows: models.map((m) => [
      m.name,
      shown(m.inSample, "pooled"),
      shown(m.inSample, "median"),
      ...(folds.length > 0 ? [shown(m.crossValidated, "pooled"), shown(m.crossValidated, "median")] : []),
      ...(remarks ? [remark(m)] : []),
    ]),
  };
}

function anatomyText({ found, starts }: Anatomy): string {
  return `${found.summary} Starts: ${starts} states of free runs. Fixed points of the flow are those of its Euler step, which is what was fitted; growth and frequency are those of the step's multipliers 1 + dt λ. A point says how the network moves only where trajectories come near it: distances are in units of the trajectories' spread.`;
}

function placesTable(places: Place[]): Block {
  return {
    kind: "table",
    caption: `Fixed and slow points, the nearest to the trajectories first${places.length > 12 ? ` (12 of ${places.length})` : ""}. Speed is relative to the median along the trajectories; oscillations are the three slowest to decay.`,
    columns: ["point", "distance", "speed", "unstable modes", "leading growth (1/s)", "oscillations: Hz (growth, 1/s)"],
    rows: places.slice(0, 12).map((p) => [
      p.kind,
      fixed(p.distance, 2),
      p.kind === "fixed" ? "0" : p.speed.toPrecision(2),
      p.unstable,
      fixed(p.modes[0]!.growth, 2),
      p.modes
        .filter((m) => m.frequency > 0)
        .slice(0, 3)
        .map((m) => `${fixed(m.frequency, 2)} (${fixed(m.growth, 1)})`)
        .join(", ") || "none",
    ]),
  };
}

function geometryText({ participation, shared, conditions, data }: Geometry): string {
  return `The same analyses of the recording and of the network's free runs (in sample)${conditions ? "" : "; trials take the place of conditions"}. Effective number of dimensions (participation ratio): ${participation.data.toFixed(1)} recorded, ${participation.model.toFixed(1)} of the network. The recording's first ${Math.min(10, data.shape[2]!)} components hold ${(100 * shared).toFixed(1)} % of the network's variance.`;
}

function rotationsTable({ rotations }: Geometry): Block {
  const remove = rotations[0]!.remove === "mean" ? "each neuron's mean" : "the mean across conditions at each time";
  return {
    kind: "table",
    caption: `jPCA, ${rotations[0]!.data.M.shape[0]} components, ${remove} removed. R² of differences between samples, about 0; skew: pure rotation.`,
    columns: ["window", "", "R²", "R² skew", "ratio", "frequencies (Hz)"],
    rows: rotations.flatMap(({ window, data, model }) =>
      (
        [
          ["recorded", data],
          ["network", model],
        ] as const
      ).map(([name, { r2, r2Skew, ratio, planes }]) => [
        window,
        name,
        r2.toFixed(3),
        r2Skew.toFixed(3),
        ratio.toFixed(3),
        planes.map((p) => p.frequency.toFixed(2)).join(", "),
      ]),
    ),
  };
}

function tanglingTable({ tangled, data }: Geometry): Block {
  return {
    kind: "table",
    caption: `Tangling Q in s⁻², ${tangled[0]!.components} components${tangled[0]!.trials < data.shape[0]! ? `, ${tangled[0]!.trials} of ${data.shape[0]} trials` : ""}.`,
    columns: ["window", "", "median", "90th percentile", "maximum"],
    rows: tangled.flatMap(({ window, data: d, model }) =>
      (
        [
          ["recorded", d],
          ["network", model],
        ] as const
      ).map(([name, q]) => {
        const { median, p90, maximum } = quantiles(q);
        return [window, name, Math.round(median), Math.round(p90), Math.round(maximum)];
      }),
    ),
  };
}
