/** A network fitted to recorded activity, judged by free runs beside its baselines, and taken apart. */
import {
  type Check, check, NullclineError, type Outcome, openArrays, RandomStream, type Recording, readRecording, type Study, type StudyContext, subset,
} from "../../index.ts"; // biome-ignore format: a list
import { dissect } from "./dissection.ts";
import { type Fits, fitAll, type ModelResult } from "./fits.ts";
import { compare } from "./geometry.ts";
import { isMonkeyReach, referenceChecks, referenceWindows } from "./reference.ts";
import { recordingSections } from "./report.ts";

export const recordings: Study = {
  name: "recordings",
  title: "A network fitted to a recording",
  description:
    "Fits a network to recorded activity, scores its free runs beside baselines, and takes it apart (--data FILE).",
  settings: {
    data: { value: "", what: "file of the recording: .npy, .npz, .mat (v5) or .safetensors (--data)" },
    array: { value: "", what: "name of the array (--array); default: the one with most axes, of these the largest" },
    axes: {
      value: "",
      what: "its axes in order, e.g. time,neuron,trial (--axes); default: told from the file, and said",
    },
    dt: { value: "", what: "time between samples, e.g. 10ms (--dt); default: from the file" },
    bin: { value: "", what: "width of bins (--bin); default: as it is" },
    smooth: {
      value: "",
      what: "standard deviation of Gaussian smoothing (--smooth); default: 50ms for spike counts, else none",
    },
    window: {
      value: "",
      what: "FROM,TO: part of each trial; LENGTH: cuts a long recording; FROM,TO,LENGTH: both (--window)",
    },
    trials: { value: 200, what: "most trials or windows; more are thinned out at random" },
    rank: { value: 0, what: "rank of the recurrence (--rank); 0: full" },
    units: { value: 100, what: "number of units N" },
    dimensions: {
      value: 10,
      what: "principal components of the linear baselines and of the network's start; with a rank: the rank",
    },
    scaling: { value: "common", what: "scaling of neurons: common, zscore, soft, range, center, none" },
    tau: { value: 0, what: "time constant of the units in ms; 0: five samples" },
    gain: { value: 1, what: "gain of the recurrent weights before training" },
    iterations: { value: 1000, what: "iterations of Adam" },
    batch: { value: 32, what: "trials per iteration, at most" },
    rate: { value: 0.01, what: "learning rate at the start; it ends at a hundredth" },
    penalty: { value: 0.4, what: "λ in λ Σ W² / (trials × samples), over recurrent, output and start weights" },
    folds: { value: 5, what: "folds of the cross-validation; 0: none" },
    starts: { value: 256, what: "starts of the search for fixed points" },
  },
  async run(context: StudyContext): Promise<Outcome> {
    const file = context.text("data");
    if (file === "")
      throw new NullclineError({
        code: "data",
        given: "no recording",
        remedy: "name its file: nullcline run recordings --data FILE",
      });
    const bytes = await context.read(file);
    const given = (name: string): string | undefined => context.text(name) || undefined;
    const read = await readRecording(await openArrays(file, bytes), {
      file,
      array: given("array"),
      axes: given("axes"),
      dt: given("dt"),
      bin: given("bin"),
      smooth: given("smooth"),
      window: given("window"),
    });
    const recording = thinned(read.recording, context);
    const run = withTau(context, recording);
    for (const choice of read.choices) run.say(choice);
    for (const step of recording.history) run.say(step);

    const fits = await fitAll(run, recording, read.aligned);
    run.say("taking the fitted network apart");
    const anatomy = await dissect(run, recording, fits.network);
    const known = isMonkeyReach(recording);
    const geometry = compare(recording, fits.inSample, { aligned: read.aligned, ...(known && referenceWindows) });
    await run.keep("free-runs", {
      activity: single(recording.activity),
      inSample: single(fits.inSample),
      ...(fits.crossValidated && { crossValidated: single(fits.crossValidated) }),
    });
    const verdict = verdictOf(fits);
    const missing = [...missingOf(fits, read.aligned), ...geometry.missing];
    return {
      verdict: verdict.sentence,
      summary: verdict.overfitting,
      checks: [...checksOf(run, recording, fits), ...(known ? referenceChecks(recording) : [])],
      sections: await recordingSections(run, { file, read, recording, fits, anatomy, geometry, missing }),
      numbers: {
        file: { name: file, bytes: bytes.length, sha256: await sha256(bytes) },
        recording: {
          array: read.array,
          axes: read.axes,
          shape: recording.activity.shape,
          dt: recording.dt,
          history: recording.history,
          choices: read.choices,
        },
        split: fits.split,
        models: fits.models.map(({ inSample, crossValidated, ...rest }) => ({
          ...rest,
          inSample: short(inSample),
          crossValidated: short(crossValidated),
        })),
        best: verdict.best,
        dissection: anatomy.numbers,
        geometry: geometry.numbers,
        missing,
      },
      network: fits.network.network,
    };
  },
};

const single = ({ data, shape }: Recording["activity"]) => ({ data: Float32Array.from(data), shape });
const short = (s: ModelResult["inSample"]) =>
  s && { pooled: s.pooled, standardError: s.standardError, median: s.median, trials: s.trials };

/** At most as many trials as asked for; those of a condition stay in proportion only by chance. */
function thinned(recording: Recording, run: StudyContext): Recording {
  const most = run.number("trials");
  const n = recording.origin.length;
  if (!(most >= 1) || n <= most) return recording;
  const chosen = new RandomStream(run.seed, "trials of the recording").permutation(n).slice(0, most);
  return subset(
    recording,
    chosen.sort((a, b) => a - b),
  );
}

/** The setting `tau`, five samples where it is not given. */
function withTau(run: StudyContext, { dt }: Recording): StudyContext {
  return { ...run, number: (name) => (name === "tau" ? run.number("tau") || 5 * dt : run.number(name)) };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

function missingOf({ models, folds, split }: Fits, aligned: boolean): string[] {
  return [
    ...(folds.length === 0 ? [`cross-validation: ${split}`] : []),
    ...(aligned
      ? []
      : [
          "a condition-independent mean: windows begin anywhere in the recording, so there is nothing that all share at a time",
        ]),
    ...models.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`])),
  ];
}

/** Who predicts best, in one sentence, and how much of the fit is memory. */
export function verdictOf({ models, folds }: Pick<Fits, "models" | "folds">): {
  sentence: string;
  overfitting: string;
  best: string;
} {
  const scored = models.filter((m) => m.inSample);
  const network = models.find((m) => m.id === "network")!;
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const own = network.inSample!.pooled;
  if (folds.length === 0) {
    const best = scored.reduce((a, b) => (b.inSample!.pooled > a.inSample!.pooled ? b : a));
    return {
      sentence: `Run freely from the first sample, the network explains ${percent(own)} of the variance of the trials it was fitted to; this recording does not allow to say how much of others.`,
      overfitting: "Without held-out trials, a good fit may be memory.",
      best: best.id,
    };
  }
  const held = (m: ModelResult): number => m.crossValidated?.pooled ?? Number.NEGATIVE_INFINITY;
  const best = scored.reduce((a, b) => (held(b) > held(a) ? b : a));
  const others = scored.filter((m) => m.id !== "network").reduce((a, b) => (held(b) > held(a) ? b : a));
  const comparison =
    best.id === "network"
      ? `more than the best baseline (${others.name}: ${percent(held(others))})`
      : `less than ${best.name} (${percent(held(best))})`;
  const nobody = held(best) <= 0 ? "; no model here predicts held-out trials better than each neuron's mean" : "";
  return {
    sentence: `Run freely from the first sample, the network explains ${percent(own)} of the variance in sample and ${percent(held(network))} of held-out trials, ${comparison}${nobody}.`,
    overfitting: `The difference between the two, ${percent(own - held(network))} of the variance, is what the fit remembers of the trials it saw and not what it knows about others. ${own - held(network) > 0.2 ? "It is large: the in-sample figure says that the network can produce this activity, not that it predicts it." : ""}`,
    best: best.id,
  };
}

function checksOf(run: StudyContext, recording: Recording, { models, folds }: Fits): Check[] {
  const network = models.find((m) => m.id === "network")!;
  const required = isMonkeyReach(recording) && run.number("rank") === 0;
  const baseline = models
    .filter((m) => m.id !== "network" && m.crossValidated)
    .sort((a, b) => b.crossValidated!.pooled - a.crossValidated!.pooled)[0];
  const inSample = network.inSample!;
  return [
    check({
      id: "in-sample",
      what: "R² of free runs of the network, in sample (pooled)",
      source: "",
      ours: true,
      criterion: required ? "≥ 0.95" : "",
      measured: inSample.pooled,
      n: inSample.trials,
      standardError: inSample.standardError,
      ...(required && { holds: inSample.pooled >= 0.95 }),
    }),
    ...(folds.length > 0
      ? [network, ...(baseline ? [baseline] : [])].map((m) =>
          check({
            id: m === network ? "cross-validated" : "best-baseline",
            what: `the same of held-out trials: ${m === network ? m.name : `the best baseline, ${m.name}`}`,
            source: "",
            ours: true,
            criterion: "",
            measured: m.crossValidated!.pooled,
            n: m.crossValidated!.trials,
            standardError: m.crossValidated!.standardError,
          }),
        )
      : []),
  ];
}
