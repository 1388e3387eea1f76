/** What the paper reports, and the criteria that a faithful reproduction meets. */
import { type Check, check } from "../../index.ts";
import type { ContextBehaviour } from "./behaviour.ts";
import type { Anatomy } from "./dissection.ts";
import type { Regression } from "./regression.ts";

const mante = "Mante et al. 2013";
const least = [0.55, 0.77, 0.99];

export function contextChecks(behaviour: ContextBehaviour, anatomy: Anatomy, regression: Regression): Check[] {
  const { tau } = anatomy;
  const perTau = (rate: number): number => rate * tau;
  const meanError = (values: number[]): number => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / Math.max(1, values.length - 1) / values.length);
  };
  return [
    ...behaviour.accuracies.map((a, i) =>
      check({
        id: `accuracy-${a.context}-${a.strength}`,
        what: `${a.context} context, evidence ${a.strength}: fraction correct`,
        paper: a.ideal.toFixed(3),
        source: "ideal observer, Φ(c √750)",
        criterion: `≥ ${least[i % 3]} and not above the ideal observer by more than 3 standard errors`,
        ours: true,
        measured: a.accuracy,
        n: a.n,
        standardError: a.standardError,
        holds:
          a.accuracy >= least[i % 3]! &&
          a.accuracy <= a.ideal + 3 * Math.max(a.standardError, Math.sqrt((a.ideal * (1 - a.ideal)) / a.n)),
      }),
    ),
    ...behaviour.leak.map((l) =>
      check({
        id: `irrelevant-${l.context}`,
        what: `${l.context} context, weakest relevant evidence: largest shift of choice over the irrelevant strengths`,
        paper: "0 (task symmetry)",
        source: mante,
        criterion: "≤ 0.03",
        ours: true,
        measured: l.shift,
        n: l.n,
        standardError: l.standardError,
        holds: l.shift <= 0.03,
      }),
    ),
    ...anatomy.contexts.flatMap(({ context, attractor, selection, fixed }) => {
      const slow = perTau(attractor.worst.rate);
      const next = perTau(attractor.worst.nextRate);
      const n = attractor.points.length;
      const cosines = (input: string): number[] => selection.points.map((p) => p.cosines[input]!);
      const [relevant, irrelevant] = context === "motion" ? ["motion", "color"] : ["color", "motion"];
      return [
        check({
          id: `slow-mode-${context}`,
          what: `${context} context: largest |λ| of the integrating mode along the line, |z| ≤ 0.6, in 1/τ`,
          paper: "≈ 0",
          source: mante,
          criterion: "< 0.2",
          ours: true,
          measured: slow,
          n,
          holds: slow < 0.2,
        }),
        check({
          id: `gap-${context}`,
          what: `${context} context: largest Re λ of any other mode there, in 1/τ; ratio of the two ${attractor.worst.ratio.toFixed(2)}`,
          paper: "clearly negative",
          source: mante,
          criterion: "< −0.15, and every other mode at least twice as fast",
          ours: true,
          measured: next,
          n,
          holds:
            next < -0.15 &&
            attractor.points.every((p) => Math.abs(p.nextRate) >= 2 * Math.abs(p.rate) && p.nextRate < 0),
        }),
        check({
          id: `tangent-${context}`,
          what: `${context} context: |cos| between the slow right eigenvector and the line's tangent, average`,
          paper: "≈ 1",
          source: mante,
          criterion: "> 0.9",
          ours: true,
          measured: attractor.mean.alignment,
          n,
          standardError: meanError(attractor.points.map((p) => p.alignment)),
          holds: attractor.mean.alignment > 0.9,
        }),
        check({
          id: `selection-${context}`,
          what: `${context} context: |cos| of the selection vector with the ${relevant} input, ${selection.mean[relevant!]!.toFixed(2)}, over that with the ${irrelevant} input, ${selection.mean[irrelevant!]!.toFixed(3)}`,
          paper: "relevant only",
          source: `${mante}, fig. 6`,
          criterion: "ratio > 4",
          ours: true,
          measured: selection.ratio ?? Number.NaN,
          n: selection.points.length,
          standardError:
            (selection.ratio ?? 0) *
            Math.hypot(
              meanError(cosines(relevant!)) / selection.mean[relevant!]!,
              meanError(cosines(irrelevant!)) / selection.mean[irrelevant!]!,
            ),
          holds: (selection.ratio ?? 0) > 4,
        }),
        check({
          id: `degree-${context}`,
          what: `${context} context: sum over ${fixed.points.length} fixed points (${fixed.points.filter((p) => p.stable).length} stable) of sign det(−J)`,
          paper: "+1 where none is missing",
          source: "Poincaré–Hopf theorem",
          criterion: "+1",
          measured: fixed.degreeSum,
          n: fixed.points.length,
          holds: fixed.degreeSum === 1,
        }),
      ];
    }),
    check({
      id: "lines-angle",
      what: "angle between the lines of the two contexts (|cos| of their mean tangents). Claimed here: nearly parallel, along choice",
      paper: null,
      source: mante,
      criterion: "",
      measured: anatomy.lines.cosTangents,
      n: 2,
    }),
    check({
      id: "lines-separation",
      what: "separation of the two lines along the context axis, in lengths of a line",
      paper: null,
      source: mante,
      criterion: "",
      measured: anatomy.lines.separation,
      n: 2,
    }),
    ...behaviour.accuracies.map((a) => {
      const error = Math.hypot(a.standardError, a.refinedError);
      return check({
        id: `dt-${a.context}-${a.strength}`,
        what: `${a.context} context, evidence ${a.strength}: change of accuracy when simulated again at dt/4`,
        paper: "0 (the network is a flow)",
        source: "",
        criterion: "less than 3 standard errors",
        ours: true,
        measured: a.refined - a.accuracy,
        n: a.refinedN,
        standardError: error,
        // With all trials correct in both, the error is zero and so is the change.
        holds: Math.abs(a.refined - a.accuracy) < 3 * Math.max(error, 1 / a.refinedN),
      });
    }),
    ...regression.explained.map((e) =>
      check({
        id: `tdr-${e.context}-${e.variable}`,
        what: `${e.context} context: share of the condition variance along the ${e.variable} axis that ${e.variable} strength explains`,
        paper: "both inputs are present in both contexts",
        source: `${mante}, fig. 2`,
        criterion: "≥ 0.5",
        ours: true,
        measured: e.share,
        n: e.n,
        holds: e.share >= 0.5,
      }),
    ),
  ];
}
