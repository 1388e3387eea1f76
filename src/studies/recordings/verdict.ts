/** What follows from the scores: who predicts best, how much of the fit is memory, and what could not be computed. */
import { type Check, check, type Recording } from "../../index.ts";
import type { Fits, ModelResult } from "./fits.ts";
import { jackknife } from "./scores.ts";
import { fixed } from "./words.ts";

export interface Verdict {
  sentence: string;
  overfitting: string;
  /** The model with the greatest R² of held-out trials, in sample where there are none. */
  best: ModelResult["id"];
}

const percent = (x: number): string => `${fixed(100 * x, 1)} %`;

/** Who predicts best, in one sentence, and how much of the fit is memory. */
export function verdictOf({ models, folds }: Pick<Fits, "models" | "folds">): Verdict {
  const scored = models.filter((m) => m.inSample);
  const network = models.find((m) => m.id === "network")!;
  const own = network.inSample!.pooled;
  const before = `Run freely from the first sample, the network explains ${percent(own)} of the variance`;
  const bestBy = (list: ModelResult[], of: (m: ModelResult) => number): ModelResult =>
    list.reduce((a, b) => (of(b) > of(a) ? b : a));
  if (folds.length === 0)
    return {
      sentence: `${before} of the trials that it was fitted to; how much of others, this recording does not tell.`,
      overfitting: "Without held-out trials, a good fit may be memory.",
      best: bestBy(scored, (m) => m.inSample!.pooled).id,
    };
  const held = (m: ModelResult): number => m.crossValidated?.pooled ?? Number.NEGATIVE_INFINITY;
  const rival = bestBy(
    scored.filter((m) => m.id !== "network"),
    held,
  );
  const wins = held(network) > held(rival);
  const [a, b] = [network.crossValidated!.without, rival.crossValidated!.without];
  const error = jackknife(a.map((v, k) => v - b[k]!));
  const difference = held(network) - held(rival);
  const unsure =
    Math.abs(difference) < 2 * error
      ? `, a difference of ${(Math.abs(difference) / error).toFixed(1)} standard errors`
      : "";
  const gap = own - held(network);
  return {
    sentence: `${before} in sample and ${percent(held(network))} of held-out trials: ${wins ? "more" : "less"} than the best baseline (${rival.name}, ${percent(held(rival))})${unsure}.`,
    overfitting:
      `In sample minus held out: ${percent(gap)} of the variance. So much of the fit is memory of the trials that it saw. ${gap > 0.2 ? "It is a large part: the in-sample figure says that the network can produce this activity, not that it predicts it." : ""}`.trim(),
    best: wins ? "network" : rival.id,
  };
}

/** What could not be computed, and why. */
export function missingOf({ models, folds, split }: Fits, recording: Recording, aligned: boolean): string[] {
  const mean = !aligned
    ? "windows begin anywhere in the recording, so there is nothing that all share at a time"
    : recording.origin.length < 2
      ? "there is one trial"
      : recording.conditions.condition
        ? undefined
        : "the file names no conditions; the mean over trials at each time takes its place";
  return [
    ...(folds.length === 0 ? [`cross-validation: ${split}`] : []),
    ...(mean === undefined ? [] : [`condition-independent mean: ${mean}`]),
    ...models.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`])),
  ];
}

/**
 * The figures as checks.
 * @param required whether the in-sample figure must reach 0.95
 */
export function checksOf({ models, folds }: Fits, required: boolean): Check[] {
  const network = models.find((m) => m.id === "network")!;
  const rival = models
    .filter((m) => m.id !== "network" && m.crossValidated)
    .sort((a, b) => b.crossValidated!.pooled - a.crossValidated!.pooled)[0];
  const row = (id: string, what: string, score: NonNullable<ModelResult["inSample"]>, holds?: boolean): Check =>
    check({
      id,
      what,
      source: "",
      ours: holds !== undefined,
      criterion: holds === undefined ? "" : "≥ 0.95",
      measured: score.pooled,
      n: score.trials,
      standardError: score.standardError,
      ...(holds !== undefined && { holds }),
    });
  const inSample = network.inSample!;
  return [
    row(
      "in-sample",
      "R² of free runs of the network, in sample (pooled)",
      inSample,
      required ? inSample.pooled >= 0.95 : undefined,
    ),
    ...(folds.length > 0 ? [row("cross-validated", "the same, held-out trials", network.crossValidated!)] : []),
    ...(folds.length > 0 && rival
      ? [row("best-baseline", `held-out trials, the best baseline: ${rival.name}`, rival.crossValidated!)]
      : []),
  ];
}
