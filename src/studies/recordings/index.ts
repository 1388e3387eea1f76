/** A network fitted to recorded activity, judged by free runs beside its baselines, and taken apart. */
import {
  NullclineError,
  type Outcome,
  openArrays,
  RandomStream,
  type Recording,
  readRecording,
  type Study,
  type StudyContext,
  subset,
} from "../../index.ts";
import { dissect } from "./dissection.ts";
import { fitAll, type ModelResult } from "./fits.ts";
import { compare } from "./geometry.ts";
import { isMonkeyReach, referenceChecks, referenceWindows } from "./reference.ts";
import { recordingSections } from "./report.ts";
import { checksOf, missingOf, verdictOf } from "./verdict.ts";

export const recordings: Study = {
  name: "recordings",
  title: "A network fitted to a recording",
  description:
    "Fits a network to recorded activity, scores its free runs beside baselines, and takes it apart (--data FILE).",
  composition: "leaky rate units · dense or low rank · a recording · backpropagation through time, Adam",
  minutes: 3,
  fast: { settings: { iterations: "300", folds: "0", starts: "64" }, checks: [] },
  tiny: { units: "8", iterations: "2", folds: "0", starts: "4", trials: "4" },
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
    iterations: {
      value: 0,
      what: "iterations of Adam; 0: 1000, fewer (not below 300) where that is more than 1.5 million samples",
    },
    batch: { value: 32, what: "trials per iteration, at most" },
    rate: { value: 0.01, what: "learning rate at the start; it ends at a hundredth" },
    penalty: { value: 0.0006, what: "λ in mean square error + λ Σ W², W the recurrent, output and start weights" },
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
    const run = settled(context, recording);
    for (const choice of read.choices) run.say(choice);
    for (const step of recording.history) run.say(step);

    const fits = await fitAll(run, recording, read.aligned);
    run.say("taking the fitted network apart");
    const anatomy = await dissect(run, recording, fits.network);
    await run.pause();
    const known = isMonkeyReach(recording);
    const geometry = compare(recording, fits.inSample, { aligned: read.aligned, ...(known && referenceWindows) });
    await run.keep("free-runs", {
      activity: single(recording.activity),
      inSample: single(fits.inSample),
      ...(fits.crossValidated && { crossValidated: single(fits.crossValidated) }),
    });
    const verdict = verdictOf(fits);
    const missing = [...missingOf(fits, recording, read.aligned), ...geometry.missing];
    for (const reason of missing) run.say(`not computed: ${reason}`);
    return {
      verdict: verdict.sentence,
      summary: verdict.overfitting,
      checks: [...checksOf(fits, known && run.number("rank") === 0), ...(known ? referenceChecks(recording) : [])],
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

/** The settings with what they leave to the recording filled in. */
function settled(run: StudyContext, { dt, activity }: Recording): StudyContext {
  const [trials, samples] = activity.shape as [number, number, number];
  const seen = Math.min(run.number("batch"), trials) * samples;
  const filled: Record<string, number> = {
    tau: 5 * dt,
    iterations: Math.max(300, Math.min(1000, Math.round(1.5e6 / seen))),
  };
  return { ...run, number: (name) => run.number(name) || (filled[name] ?? 0) };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}
