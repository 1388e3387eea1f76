/** A report with every kind of block, from invented but realistic numbers. Not a result of any run. */
import type { Report } from "../../src/studies/report.ts";
import { gallery } from "../figures/gallery.ts";

const source = "Mante et al. 2013, closed form of the task";

export const exampleReport: Report = {
  title: "Context-dependent integration",
  verdict:
    "A network of 100 units, trained on three lines of equations, selects and integrates the evidence that the context asks for; 5 of 6 checks hold.",
  summary:
    "This page shows invented numbers: it exists to look at the report's design.\n\nIn each context the network integrates along a line of slow points; what is integrated is decided by the selection vector, not by gating the input.",
  warnings: ["The numbers on this page are invented. They show the layout of a report, not a result."],
  checks: [
    {
      id: "accuracy-middle",
      what: "accuracy at evidence 0.036, motion context",
      paper: "0.838 (ideal observer)",
      source,
      criterion: "≥ 0.77",
      ours: true,
      measured: 0.8243,
      standardError: 0.0038,
      n: 10000,
      verdict: "pass",
    },
    {
      id: "accuracy-strong",
      what: "accuracy at evidence 0.15, motion context",
      paper: "0.99998 (ideal observer)",
      source,
      criterion: "≥ 0.99",
      ours: true,
      measured: 0.9997,
      standardError: 0.0002,
      n: 10000,
      verdict: "pass",
    },
    {
      id: "selection-motion",
      what: "|cos| of the selection vector with the relevant against the irrelevant input",
      paper: "relevant only",
      source: "Mante et al. 2013, fig. 6",
      criterion: "ratio > 4",
      ours: true,
      measured: 17.3,
      n: 15,
      verdict: "pass",
    },
    {
      id: "degree",
      what: "degree sum over the fixed points, color context",
      criterion: "+1",
      measured: 1,
      n: 3,
      verdict: "pass",
    },
    {
      id: "tangent",
      what: "|cos(right eigenvector, tangent)|, color context",
      criterion: "> 0.9",
      ours: true,
      measured: 0.873,
      standardError: 0.012,
      n: 15,
      verdict: "fail",
    },
    {
      id: "angle",
      what: "angle between the two lines of slow points",
      paper: "“orthogonal” attractors",
      source: "slides",
      measured: 15.8,
      unit: "°",
      verdict: "shown",
    },
    {
      id: "dt",
      what: "change of accuracy at dt/4",
      criterion: "< 3 s.e.",
      ours: true,
      measured: -0.0021,
      standardError: 0.0041,
      n: 10000,
      verdict: "pass",
    },
  ],
  sections: [
    {
      title: "The network",
      blocks: [
        {
          kind: "equations",
          source: "Mante, Sussillo, Shenoy & Newsome 2013, Nature 503",
          equations: [
            {
              text: "tau dx/dt = -x + J r + B u + b + sigma xi",
              mathml:
                '<math display="block"><mrow><mi>τ</mi><mfrac><mrow><mi>d</mi><mi>x</mi></mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac><mo>=</mo><mo>−</mo><mi>x</mi><mo>+</mo><mi>J</mi><mi>r</mi><mo>+</mo><mi>B</mi><mi>u</mi><mo>+</mo><mi>b</mi><mo>+</mo><mi>σ</mi><mi>ξ</mi></mrow></math>',
            },
            {
              text: "r = tanh(x)",
              mathml:
                '<math display="block"><mrow><mi>r</mi><mo>=</mo><mi>tanh</mi><mo>(</mo><mi>x</mi><mo>)</mo></mrow></math>',
            },
            { text: "z = W r + c" },
          ],
          parameters: [
            { symbol: "tau", mathml: "<math><mi>τ</mi></math>", value: 10, unit: "ms", tag: "pinned" },
            { symbol: "sigma", mathml: "<math><mi>σ</mi></math>", value: 0.1, tag: "pinned" },
            { symbol: "J", value: "normal, gain 1.2", shape: "100 × 100", tag: "free" },
            { symbol: "B", value: "normal", shape: "100 × 4", tag: "free" },
            { symbol: "W", value: "normal", shape: "1 × 100", tag: "free" },
          ],
        },
      ],
    },
    {
      title: "The task",
      blocks: [
        { kind: "figure", figure: gallery.task() },
        { kind: "figure", figure: gallery.conditions() },
      ],
    },
    {
      title: "Training",
      blocks: [
        { kind: "text", text: "Adam with a clipped gradient: 2 000 iterations at dt = 5 ms, then 1 000 at 1 ms." },
        { kind: "figure", figure: gallery.training() },
      ],
    },
    {
      title: "Behaviour",
      blocks: [
        { kind: "figure", figure: gallery.psychometric() },
        { kind: "figure", figure: gallery.trajectories() },
      ],
    },
    {
      title: "Dissection",
      blocks: [
        {
          kind: "list",
          items: [
            "kept 3 of 1024 starts: 1019 duplicates, 2 too fast",
            "degree sum +1 in both contexts: consistent with a complete set",
          ],
        },
        { kind: "figure", figure: gallery.stateSpace() },
        { kind: "figure", figure: gallery.spectra() },
        { kind: "figure", figure: gallery.selection() },
        { kind: "figure", figure: gallery.census() },
        {
          kind: "table",
          caption: "Modes on the slow manifold",
          columns: ["context", "λ₁ (1/τ)", "time constant (ms)", "λ₂ (1/τ)"],
          rows: [
            ["motion", 0.046, 217, -0.2],
            ["color", -0.031, null, -0.19],
          ],
        },
      ],
    },
    {
      title: "Data and model",
      blocks: [gallery.rotations, gallery.tangling, gallery.comparison, gallery.heat].map((make) => ({
        kind: "figure",
        figure: make(),
      })),
    },
    {
      title: "Using the network",
      blocks: [
        {
          kind: "command",
          command: "nullcline dissect runs/context-1",
          output: "3 fixed points per context (2 stable, 1 saddle), degree sum +1 ✓",
        },
      ],
    },
  ],
  run: {
    command: "npx nullcline run context --seed 1",
    seed: 1,
    version: "0.1.0",
    simd: "relaxed",
    runtime: "Node 20.20.2",
    processor: "Intel Xeon, 2 cores",
    more: { duration: "3 min 12 s", "trials for behaviour": 60000 },
  },
};
