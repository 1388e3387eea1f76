/**
 * One figure for each analysis of the project, from invented but realistic numbers: the kinds of picture that reports need, as
 * tests and to look at (tests/studies/gallery.ts).
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { fixedPointLayers, oblique, obliqueBox, stabilityLimit } from "../../src/figures/dynamics.ts";
import type { Figure, Layer, Panel } from "../../src/figures/figure.ts";

/** Numbers that look random and are always the same. */
export function generator(seed: number) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const list = <T>(n: number, f: (i: number) => T) => Array.from({ length: n }, (_, i) => f(i));
const erf = (x: number) => {
  // Abramowitz and Stegun 7.1.26
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - tail * Math.exp(-x * x));
};
const phi = (x: number) => 0.5 * (1 + erf(x / Math.SQRT2));
const strengths = [-0.15, -0.036, -0.009, 0.009, 0.036, 0.15];
const signedColor = (i: number) => ({ signed: [-1, -0.6, -0.25, 0.25, 0.6, 1][i]! });

export function training(): Figure {
  const r = generator(1);
  const loss = list(3000, (i) => 0.02 + 0.9 * Math.exp(-i / 350) * (1 + 0.12 * r.normal()) + 0.006 * r.uniform());
  const at = list(60, (i) => 50 * i);
  const score = (scale: number) => at.map((i) => 0.5 + 0.33 * (1 - Math.exp(-i / scale)) + 0.012 * r.normal());
  const iteration = { label: "iteration" };
  return {
    title: "Training",
    caption:
      "Left: masked mean square error on each batch. Right: share of correct choices on 500 held-out trials per context.",
    columns: 2,
    panels: [
      {
        title: "Loss",
        x: iteration,
        y: { label: "mean square error", scale: "log" },
        layers: [
          { kind: "line", name: "training", x: list(3000, (i) => i), y: loss, color: "blue", width: 1 },
          { kind: "rule", axis: "x", at: 2000, name: "dt: 5 ms → 1 ms", dash: "dashed" },
        ],
      },
      {
        title: "Behaviour",
        x: iteration,
        y: { label: "correct choices", domain: [0.45, 1] },
        layers: [
          { kind: "line", name: "motion context", x: at, y: score(500), color: "blue" },
          { kind: "line", name: "color context", x: at, y: score(700), color: "vermilion" },
          { kind: "rule", axis: "y", at: 0.838, name: "ideal observer", dash: "dashed" },
        ],
      },
    ],
  };
}

export function psychometric(): Figure {
  const r = generator(2);
  const fine = list(81, (i) => -0.16 + 0.004 * i);
  const panel = (title: string, relevant: string): Panel => ({
    title,
    x: { label: "evidence toward choice 1", unit: "mean input" },
    y: { label: "choice 1", unit: "share of trials", domain: [0, 1] },
    layers: [
      {
        kind: "line",
        name: "ideal observer",
        x: fine,
        y: fine.map((c) => phi(c * Math.sqrt(750))),
        color: "gray",
        dash: "dashed",
      },
      ...["motion", "color"].map((name): Layer => {
        const p = strengths.map((c) => (name === relevant ? phi(0.93 * c * Math.sqrt(750)) : 0.5) + 0.008 * r.normal());
        const error = p.map((v) => Math.sqrt(Math.max(v * (1 - v), 1e-4) / 600));
        const look =
          name === "motion"
            ? ({ color: "blue", shape: "circle" } as const)
            : ({ color: "vermilion", shape: "square" } as const);
        return {
          kind: "line",
          name: `${name} evidence`,
          x: strengths,
          y: p.map((v) => Math.max(0, Math.min(v, 1))),
          error,
          ...look,
        };
      }),
    ],
  });
  return {
    title: "Psychometric curves",
    caption:
      "Share of choice 1 against the strength of each evidence, 10 000 trials a strength. Error bars are standard errors.",
    panels: [panel("Motion context", "motion"), panel("Color context", "color")],
    share: "both",
  };
}

export function task(): Figure {
  const r = generator(3);
  const time = list(750, (i) => i);
  const trial = (title: string, motion: number, color: number, context: 0 | 1): Panel => ({
    title,
    x: { label: "time", unit: "ms" },
    y: {
      label: "channel",
      lanes: ["motion", "color", "motion context", "color context", "target", "mask"].map((name) => ({ name })),
    },
    layers: [
      { kind: "region", axis: "x", from: 0, to: 650, name: "evidence" },
      { kind: "region", axis: "x", from: 650, to: 750, name: "choice", color: "green" },
      ...[
        time.map(() => motion + r.normal()),
        time.map(() => color + r.normal()),
        time.map(() => 1 - context),
        time.map(() => context),
      ].map((y, lane): Layer => ({ kind: "line", x: time, y, lane, color: "blue", width: lane < 2 ? 0.6 : 1.6 })),
      {
        kind: "line",
        x: time,
        y: time.map((t) => (t < 650 ? 0 : Math.sign(context ? color : motion))),
        lane: 4,
        color: "vermilion",
        step: true,
      },
      { kind: "line", x: time, y: time.map((t) => (t < 1 || t >= 650 ? 1 : 0)), lane: 5, color: "gray", step: true },
    ],
  });
  return {
    title: "The task, one trial of each context",
    caption:
      "Inputs (blue), target (vermilion) and the weight of the error (gray). The context says which evidence decides.",
    panels: [
      trial("Motion context, motion +0.15", 0.15, -0.036, 0),
      trial("Color context, color −0.15", 0.036, -0.15, 1),
    ],
  };
}

export function trajectories(): Figure {
  const time = list(300, (i) => 2.5 * i);
  const lines = (lane: number, gain: number, curve: (t: number) => number): Layer[] =>
    strengths.map((c, i) => ({
      kind: "line",
      name: `motion ${c > 0 ? "+" : "−"}${Math.abs(c)}`,
      x: time,
      y: time.map((t) => Math.tanh(gain * c * curve(t))),
      lane,
      color: signedColor(i),
    }));
  return {
    title: "Averages over trials",
    caption: "The readout and three units, averaged over 200 trials of each motion strength.",
    panels: [
      {
        x: { label: "time", unit: "ms" },
        y: {
          label: "unit",
          lanes: [
            { name: "readout z", domain: [-1, 1] },
            { name: "unit 12" },
            { name: "unit 31" },
            { name: "unit 77" },
          ],
        },
        layers: [
          { kind: "region", axis: "x", from: 0, to: 650, name: "evidence" },
          ...lines(0, 0.03, (t) => t),
          ...lines(1, 9, (t) => 1 - Math.exp(-t / 80)),
          ...lines(2, -0.01, (t) => t * Math.exp(-t / 500)),
          ...lines(3, 14, (t) => Math.exp(-((t - 350) ** 2) / 2e4)),
        ],
      },
    ],
  };
}

export function stateSpace(): Figure {
  const r = generator(4);
  const panel = (title: string, bend: number): Panel => {
    const line = list(41, (i) => -2.2 + 0.11 * i);
    const paths = strengths.flatMap((c, i): Layer[] => {
      const t = list(60, (k) => k / 59);
      const x = t.map((s) => 2 * Math.tanh(24 * c) * s + 0.02 * r.normal());
      const y = t.map((s, k) => 6 * c * (1 - Math.exp(-6 * s)) + bend * x[k]! ** 2 + 0.02 * r.normal());
      return [
        {
          kind: "line",
          name: `${c > 0 ? "+" : "−"}${Math.abs(c)}`,
          x,
          y,
          color: signedColor(i),
          arrow: true,
          width: 1.3,
        },
      ];
    });
    return {
      title,
      x: { label: "choice axis", unit: "a.u." },
      y: { label: "motion axis", unit: "a.u." },
      equal: true,
      layers: [
        {
          kind: "line",
          name: "slow manifold",
          x: line,
          y: line.map((x) => bend * x * x),
          color: "gray",
          width: 4,
          opacity: 0.45,
        },
        ...paths,
        ...fixedPointLayers([-2, 0.1, 2], [4 * bend, 0, 4 * bend], ["stable", "saddle", "stable"]),
      ],
    };
  };
  return {
    title: "Trajectories in the plane of choice and motion",
    caption:
      "Averages over trials by motion strength, on axes from targeted dimensionality reduction; fixed points under the context's input.",
    panels: [panel("Motion context", 0.05), panel("Color context", -0.08)],
    share: "both",
  };
}

export function spectra(): Figure {
  const r = generator(5);
  const n = 60;
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(
    new Matrix(list(n, () => list(n, () => r.normal() / Math.sqrt(n)))),
  );
  const map: Panel = {
    title: "Map: step of 1 ms",
    x: { label: "Re λ" },
    y: { label: "Im λ" },
    equal: true,
    layers: [
      stabilityLimit("map"),
      { kind: "points", name: "eigenvalue", x: realEigenvalues, y: imaginaryEigenvalues, color: "blue", size: 3 },
    ],
  };
  const flow: Panel = {
    ...map,
    title: "Flow at the saddle",
    x: { label: "Re λ", unit: "1/τ" },
    y: { label: "Im λ", unit: "1/τ" },
    layers: [
      stabilityLimit("flow"),
      {
        kind: "points",
        name: "eigenvalue",
        x: realEigenvalues.map((v) => 0.85 * v - 1),
        y: imaginaryEigenvalues.map((v) => 0.85 * v),
        color: "blue",
        size: 3,
      },
      { kind: "points", name: "integrating mode", x: [0.05], y: [0], color: "vermilion", shape: "diamond", size: 5 },
    ],
  };
  return { title: "Spectra", caption: "Eigenvalues of the Jacobian.", panels: [flow, map] };
}

export function selection(): Figure {
  return {
    title: "Selection vectors",
    caption:
      "|cos| between the selection vector and each input, averaged over the slow manifold; error bars are standard deviations over its points.",
    panels: [
      {
        x: { label: "context", categories: ["motion context", "color context"] },
        y: { label: "|cos(selection vector, input)|" },
        layers: [
          { kind: "bars", name: "motion input", values: [0.516, 0.116], error: [0.03, 0.02], color: "blue" },
          { kind: "bars", name: "color input", values: [0.013, 0.666], error: [0.01, 0.04], color: "vermilion" },
        ],
      },
    ],
  };
}

export function census(): Figure {
  const s = 1.9150080481545375;
  const axis = [-s, 0, s];
  const points = axis.flatMap((a) => axis.flatMap((b) => axis.map((c) => [a, b, c])));
  const column = (k: number) => points.map((p) => p[k]!);
  const at = oblique(column(0), column(1), column(2));
  const stability = points.map((p) => {
    const zeros = p.filter((v) => v === 0).length;
    return zeros === 0 ? ("stable" as const) : zeros === 3 ? ("unstable" as const) : ("saddle" as const);
  });
  return {
    title: "Fixed points of the 3-bit memory",
    caption:
      "All 27 fixed points, drawn obliquely over the three readouts: 8 stable corners, 18 saddles, 1 source; degree sum +1.",
    panels: [
      {
        x: { label: "readout 1", ticks: [] },
        y: { label: "readout 2", ticks: [] },
        equal: true,
        layers: [...obliqueBox(s, "readout 3"), ...fixedPointLayers(at.x, at.y, stability)],
      },
    ],
  };
}

export function rotations(): Figure {
  const plane = (title: string, turn: number, share: number): Panel => ({
    title,
    x: { label: `jPC1, ${share} %`, unit: "a.u." },
    y: { label: "jPC2", unit: "a.u." },
    equal: true,
    layers: list(10, (k): Layer => {
      const t = list(25, (i) => i / 24);
      const r = 0.4 + 0.06 * k;
      const angle = (s: number) => 0.3 * k + turn * s;
      const color = { ordered: k / 9 };
      return {
        kind: "line",
        name: `condition ${k + 1}`,
        x: t.map((s) => r * Math.cos(angle(s))),
        y: t.map((s) => r * Math.sin(angle(s))),
        color,
        arrow: true,
      };
    }),
  });
  return {
    title: "jPCA, data and model side by side",
    caption: "First jPC plane of recorded and of modelled activity, 10 conditions.",
    panels: [plane("Recording", 2.6, 31), plane("Network", 2.4, 34)],
    share: "both",
  };
}

export function tangling(): Figure {
  const r = generator(6);
  const data = list(400, () => Math.exp(5 + 1.2 * r.normal()));
  return {
    title: "Tangling",
    caption: "Tangling Q of each state, recorded against modelled.",
    panels: [
      {
        x: { label: "Q, recording", scale: "log" },
        y: { label: "Q, network", scale: "log" },
        equal: false,
        aspect: 0.8,
        layers: [
          { kind: "rule", axis: "identity", name: "equal", dash: "dashed" },
          {
            kind: "points",
            name: "state",
            x: data,
            y: data.map((q) => q * Math.exp(-0.4 + 0.5 * r.normal())),
            color: "blue",
            size: 2,
            opacity: 0.6,
          },
        ],
      },
    ],
  };
}

export function comparison(): Figure {
  return {
    title: "Variance explained on free runs",
    caption:
      "R² pooled over neurons, on runs from the first sample; cross-validated over conditions with everything refitted in each fold.",
    panels: [
      {
        x: { label: "R²" },
        y: {
          label: "model",
          categories: [
            "network, 50 units",
            "condition-independent mean",
            "linear dynamics, 6 dimensions, one-step fit",
            "linear dynamics, 6 dimensions, free-run fit",
          ],
        },
        layers: [
          { kind: "bars", name: "in sample", values: [0.962, 0.553, 0.61, 0.744], color: "gray" },
          {
            kind: "bars",
            name: "cross-validated",
            values: [0.581, 0.552, -0.21, 0.402],
            error: [0.03, 0.02, 0.2, 0.05],
            color: "blue",
          },
        ],
      },
    ],
  };
}

export function heat(): Figure {
  const r = generator(7);
  const rates = list(50, (i) =>
    list(61, (t) => Math.exp(-((t - 10 - 0.8 * i) ** 2) / 60) * 40 + 2 * r.uniform()),
  ).flat();
  const weights = list(900, () => 0.2 * r.normal());
  weights[31] = Number.NaN;
  return {
    title: "Activity and weights",
    caption: "Left: rates of 50 neurons, sorted by their peak. Right: recurrent weights.",
    panels: [
      {
        title: "Rates",
        x: { label: "time", unit: "ms" },
        y: { label: "neuron" },
        layers: [
          { kind: "heat", values: rates, rows: 50, columns: 61, x: [-50, 560], label: "rate", unit: "spikes/s" },
        ],
      },
      {
        title: "Recurrent weights J",
        x: { label: "from unit" },
        y: { label: "to unit" },
        equal: true,
        layers: [{ kind: "heat", values: weights, rows: 30, columns: 30, label: "J", scale: "signed" }],
      },
    ],
  };
}

/** Many narrow panels with lanes, whose y axis is named by its lanes alone. */
export function conditions(): Figure {
  const time = list(151, (i) => 5 * i);
  const panels = [0, 1, 2, 3].map((k): Panel => {
    const [motion, color, context] = [k & 1 ? -0.15 : 0.15, k & 2 ? -0.15 : 0.15, k >> 1];
    const inputs = [motion, color, 1 - context, context];
    return {
      title: `${context ? "color" : "motion"} context`,
      x: { label: "time", unit: "ms" },
      y: {
        label: "",
        lanes: ["motion", "color", "motion context", "color context", "target"].map((name) => ({ name })),
      },
      layers: [
        ...inputs.map(
          (v, lane): Layer => ({
            kind: "line",
            lane,
            x: time,
            y: time.map(() => v),
            color: lane % 2 ? "vermilion" : "blue",
          }),
        ),
        { kind: "points", lane: 4, x: [0, 750], y: [0, Math.sign(context ? color : motion)] },
      ],
    };
  });
  return {
    title: "One trial of four conditions",
    caption: "Inputs and target. Dots: samples that count.",
    panels,
    columns: 4,
  };
}

export const gallery = {
  conditions,
  training,
  psychometric,
  task,
  trajectories,
  stateSpace,
  spectra,
  selection,
  census,
  rotations,
  tangling,
  comparison,
  heat,
};
