/** The pictures and words of the report. */
import {
  type Color, equationsBlock,type Figure, fixedPointLayers, type Layer, type Network, normalCdf, type Section, type Stage, type StudyContext, stabilityLimit, trainingFigure, 
} from "../../index.ts"; // biome-ignore format: a list
import type { ContextBehaviour, ContextTask } from "./behaviour.ts";
import type { Anatomy } from "./dissection.ts";
import type { Regression } from "./regression.ts";

const colors = { motion: "blue", color: "vermilion" } as const satisfies Record<string, Color>;

export interface ContextFindings {
  network: Network;
  task: ContextTask;
  behaviour: ContextBehaviour;
  anatomy: Anatomy;
  regression: Regression;
  stages: Stage[];
  message: string;
}

export async function contextSections(run: StudyContext, found: ContextFindings): Promise<Section[]> {
  const { network, task, behaviour, anatomy, regression, stages, message } = found;
  const metrics = await run.metrics("training");
  return [
    {
      title: "The network",
      blocks: [
        equationsBlock(network),
        {
          kind: "text",
          text: "The evidence noise has standard deviation 1 in a sample of 1 ms and 1/√dt in a sample of dt: the same information per ms at any time step. The state noise adds (ρₓ/τ)√dt n per step.",
        },
        { kind: "figure", figure: trialFigure(task, run.seed) },
      ],
    },
    {
      title: "Training",
      blocks: [
        {
          kind: "text",
          text: `Backpropagation through time with Adam on the masked mean square plus ${run.number("rates")} times the mean square rate (${message}). Trials come in groups of four with the same noise and either sign of each stream. ${stages.map((s, i) => `Stage ${i + 1}: ${s.iterations} iterations of ${s.batch} trials at dt = ${s.dt} ms, rate ${inWords(s.rate)}, gradient norm clipped at ${s.clip}${s.average === undefined ? "" : ", ending at the mean of its iterates"}.`).join(" ")} The output is asked to be 0 in the first sample and the choice in the last.`,
        },
        { kind: "figure", figure: trainingFigure(metrics, "fraction correct on held-out trials") },
      ],
    },
    {
      title: "Behaviour",
      blocks: [{ kind: "figure", figure: psychometricFigure(behaviour), lead: true }, accuracyTable(behaviour)],
    },
    {
      title: "Fixed points and lines",
      blocks: [
        { kind: "list", items: anatomy.contexts.map((c) => `${c.context} context: ${c.fixed.summary}`) },
        { kind: "figure", figure: lineFigure(anatomy, regression) },
        { kind: "figure", figure: spectrumFigure(anatomy) },
        {
          kind: "text",
          text: `Tolerances refer to |F| with F = dx/dt per ms: a fixed point has |F| ≤ 10⁻¹², two closer than 10⁻³ are one. The line is traced by pinning the readout z to values v in turn (least |τF|² + 9 (z − v)²); its integrating mode is the one best aligned with the tangent. Effective time constants: ${anatomy.contexts.map((c) => `${c.context} ${c.attractor.tauEffective.toFixed(0)} ms`).join(", ")}. The tangents of the two lines have |cos| ${anatomy.lines.cosTangents.toFixed(3)} (${anatomy.lines.angle.toFixed(0)}°): what is claimed is that they are nearly parallel, along choice, and ${anatomy.lines.separation.toFixed(2)} line lengths apart along the context axis.`,
        },
      ],
    },
    { title: "Selection vectors", blocks: [{ kind: "figure", figure: selectionFigure(anatomy) }] },
    { title: "Targeted dimensionality reduction", blocks: [{ kind: "figure", figure: tdrFigure(regression) }] },
  ];
}

function inWords(rate: Stage["rate"]): string {
  if (rate.kind !== "cosine") return rate.kind;
  return rate.rate === rate.to ? `${rate.rate}` : `${rate.rate} to ${rate.to} along a cosine`;
}

function trialFigure(task: ContextTask, seed: number): Figure {
  const dt = 5;
  const trials = task.trials({
    seed,
    count: 4,
    dt,
    purpose: "test",
    conditions: { motion: [0.15, 0.15, -0.15, -0.15], color: [0.15, -0.15, 0.15, -0.15], context: [1, -1, 1, -1] },
  });
  const [, samples] = trials.inputs.shape as [number, number];
  const time = Array.from({ length: samples }, (_, t) => t * dt);
  const lanes = [...task.inputs.map((name) => ({ name })), { name: "target" }];
  return {
    title: "One trial of four conditions",
    caption:
      "Inputs and target of four of the conditions; evidence is drawn without its noise. Dots: samples that count in the error (the first and the last).",
    panels: Array.from({ length: 4 }, (_, k) => ({
      title: `${trials.conditions.context![k] === 1 ? "motion" : "color"} context`,
      x: { label: "time", unit: "ms" },
      y: { label: "", lanes },
      layers: [
        ...task.inputs.map(
          (_, i): Layer => ({
            kind: "line",
            lane: i,
            x: time,
            y: time.map((_, t) => trials.inputs.data[(k * samples + t) * 4 + i]!),
            color: i % 2 === 0 ? "blue" : "vermilion",
          }),
        ),
        {
          kind: "points",
          lane: 4,
          x: [0, time[samples - 1]!],
          y: [trials.targets.data[k * samples]!, trials.targets.data[(k + 1) * samples - 1]!],
          color: "ink",
        } as Layer,
      ],
      aspect: 1.1,
    })),
    columns: 4,
  };
}

function psychometricFigure({ relevant, irrelevant }: ContextBehaviour): Figure {
  const fine = Array.from({ length: 81 }, (_, k) => -0.16 + 0.004 * k);
  const ideal = (c: number): number => normalCdf(c * Math.sqrt(750));
  return {
    title: "Choice against evidence",
    caption:
      "Fraction of positive choices against the relevant and the irrelevant evidence, test trials at dt = 1 ms; bars are standard errors (most are smaller than the marks). Dashed: the ideal observer, Φ(c √750).",
    panels: (["motion", "color"] as const).map((context, c) => ({
      title: `${context} context`,
      x: { label: "evidence c" },
      y: { label: "fraction of positive choices", domain: [0, 1] as [number, number] },
      layers: [
        { kind: "line", x: fine, y: fine.map(ideal), color: "ink", dash: "dashed", name: "ideal observer" } as Layer,
        ...(
          [
            ["relevant", relevant, "green"],
            ["irrelevant", irrelevant, "gray"],
          ] as const
        ).map(
          ([name, curves, color]): Layer => ({
            kind: "line",
            name: `${name} evidence`,
            color,
            shape: name === "relevant" ? "circle" : "square",
            x: curves[c]!.curve.map((p) => p.evidence),
            y: curves[c]!.curve.map((p) => p.fraction),
            error: curves[c]!.curve.map((p) => p.standardError),
          }),
        ),
      ],
      aspect: 0.8,
    })),
    share: "both",
  };
}

function accuracyTable({ accuracies }: ContextBehaviour): Section["blocks"][number] {
  return {
    kind: "table",
    caption: "Accuracy at dt = 1 ms and at dt/4; ± standard errors.",
    columns: ["context", "evidence", "ideal observer", "this network", "n", "at dt/4", "n"],
    rows: accuracies.map((a) => [
      a.context,
      a.strength,
      a.ideal.toFixed(4),
      `${a.accuracy.toFixed(4)} ± ${a.standardError.toFixed(4)}`,
      a.n,
      `${a.refined.toFixed(4)} ± ${a.refinedError.toFixed(4)}`,
      a.refinedN,
    ]),
  };
}

function lineFigure(anatomy: Anatomy, regression: Regression): Figure {
  const { tdr } = regression;
  const units = tdr.axes.shape[1]!;
  const axis = (name: string): Float64Array =>
    tdr.axes.data.subarray(tdr.variables.indexOf(name) * units, (tdr.variables.indexOf(name) + 1) * units);
  const on = (name: string, x: Float64Array): number => axis(name).reduce((s, a, i) => s + a * Math.tanh(x[i]!), 0);
  const layers = (vertical: string): Layer[] => [
    ...anatomy.contexts.map(
      ({ context, line }): Layer => ({
        kind: "line",
        name: `slow line, ${context} context`,
        color: colors[context],
        x: line.points.map((p) => on("choice", p.x)),
        y: line.points.map((p) => on(vertical, p.x)),
        width: 2,
      }),
    ),
    ...fixedPointLayers(
      anatomy.contexts.flatMap((c) => c.fixed.points.map((p) => on("choice", p.x))),
      anatomy.contexts.flatMap((c) => c.fixed.points.map((p) => on(vertical, p.x))),
      anatomy.contexts.flatMap((c) =>
        c.fixed.points.map(
          (p) =>
            (p.stable ? "stable" : p.indexUnstable === 1 ? "saddle" : "unstable") as "stable" | "saddle" | "unstable",
        ),
      ),
    ),
  ];
  return {
    title: "Slow lines and fixed points",
    caption:
      "Rates at the slow points of both contexts (evidence off, context on), projected on the TDR axes of choice and context. Along each line stable fixed points and saddles alternate.",
    panels: [
      {
        x: { label: "choice axis", unit: "a.u." },
        y: { label: "context axis", unit: "a.u." },
        layers: layers("context"),
      },
    ],
  };
}

function spectrumFigure(anatomy: Anatomy): Figure {
  return {
    title: "Spectra along the lines",
    caption:
      "Eigenvalues of the Jacobian at the slow points with |z| ≤ 0.6, in units of 1/τ; the integrating mode (best aligned with the line) stands apart from all others.",
    panels: anatomy.contexts.map(({ context, line }) => {
      const points = line.points.filter((p) => Math.abs(p.readout) <= 0.6);
      const others = points.flatMap((p) =>
        Array.from(p.modes.eigenvalues.re, (re, k) => ({
          re: re * anatomy.tau,
          im: p.modes.eigenvalues.im[k]! * anatomy.tau,
          k,
        })).filter((e) => e.k !== p.integrating),
      );
      return {
        title: `${context} context`,
        x: { label: "Re λ", unit: "1/τ" },
        y: { label: "Im λ", unit: "1/τ" },
        equal: true,
        layers: [
          stabilityLimit("flow"),
          {
            kind: "points",
            name: "other modes",
            color: "gray",
            x: others.map((e) => e.re),
            y: others.map((e) => e.im),
            size: 1.8,
            opacity: 0.6,
          } as Layer,
          {
            kind: "points",
            name: "integrating mode",
            color: colors[context],
            shape: "diamond",
            x: points.map((p) => p.modes.eigenvalues.re[p.integrating]! * anatomy.tau),
            y: points.map((p) => p.modes.eigenvalues.im[p.integrating]! * anatomy.tau),
          } as Layer,
        ],
      };
    }),
    share: "both",
  };
}

function selectionFigure(anatomy: Anatomy): Figure {
  return {
    title: "Selection vectors",
    caption:
      "|cos| between the selection vector (left eigenvector of the integrating mode) and each input vector, averaged over the slow points with |z| ≤ 0.6. In each context it is aligned with the input that counts.",
    panels: [
      {
        x: { label: "context", categories: anatomy.contexts.map((c) => c.context) },
        y: { label: "|cos| with the input vector", include: [0] },
        layers: (["motion", "color"] as const).map(
          (input): Layer => ({
            kind: "bars",
            name: `${input} input`,
            color: colors[input],
            values: anatomy.contexts.map((c) => c.selection.mean[input]!),
          }),
        ),
      },
    ],
  };
}

function tdrFigure({ tdr, trajectories }: Regression): Figure {
  const choice = tdr.variables.indexOf("choice");
  return {
    title: "Condition averages on the task's axes",
    caption:
      "Average rates of correct trials by the strength of one input, projected on the TDR axes of choice and of that input, less what all conditions share; vermilion to blue: from strongly negative to strongly positive evidence.",
    panels: trajectories.map(({ context, by, values, projections }) => {
      const [cells, T, V] = projections.shape as [number, number, number];
      const at = tdr.variables.indexOf(by);
      return {
        title: `${context} context, by ${by}`,
        x: { label: "choice axis", unit: "a.u." },
        y: { label: `${by} axis`, unit: "a.u." },
        aspect: 0.8,
        layers: Array.from(
          { length: cells },
          (_, k): Layer => ({
            kind: "line",
            arrow: true,
            name: `c = ${values[k]}`.replace("-", "−"),
            color: { signed: values[k]! > 0 ? 0.3 + 0.7 * (values[k]! / 0.15) : -0.3 + 0.7 * (values[k]! / 0.15) },
            x: Array.from({ length: T }, (_, t) => projections.data[(k * T + t) * V + choice]!),
            y: Array.from({ length: T }, (_, t) => projections.data[(k * T + t) * V + at]!),
          }),
        ),
      };
    }),
    columns: 2,
  };
}
