/** Every model fitted to all trials, and to all but a fold's for each fold. */
import { type Fold, folds, type NDArray, NullclineError, type Recording, type StudyContext } from "../../index.ts";
import {
  type Candidate,
  type Fitted,
  type FittedNetwork,
  fittedNetwork,
  freeRunDynamics,
  meanOfTrials,
  oneStepDynamics,
} from "./models.ts";
import { type Score, score } from "./scores.ts";
import { fixed } from "./words.ts";

export interface ModelResult {
  id: Candidate["id"];
  name: string;
  /** Absent where it could not be fitted, or there are no folds: `missing` then says why. */
  inSample?: Score;
  crossValidated?: Score;
  missing?: string;
  note?: string;
}

export interface Fits {
  network: FittedNetwork;
  /** Free runs `[trial, time, neuron]` of the network fitted to all trials, and of those that did not see the trial. */
  inSample: NDArray<Float64Array>;
  crossValidated?: NDArray<Float64Array>;
  /** The network first. */
  models: ModelResult[];
  folds: Fold[];
  /** What a fold holds out, in words; or why there are none. */
  split: string;
}

/**
 * Fits and scores the network and its baselines.
 * @param aligned whether trials share a course of time, so that their mean at each time means something
 */
export async function fitAll(run: StudyContext, recording: Recording, aligned: boolean): Promise<Fits> {
  const trials = [...recording.origin.keys()];
  const { list, split } = foldsOf(run, recording);
  // Training comes last: an interruption before it is met at its first iteration.
  const candidates: Candidate[] = [
    meanOfTrials(recording, "all times"),
    ...(aligned && trials.length > 1 ? [meanOfTrials(recording, "each time")] : []),
    oneStepDynamics(run, recording),
    freeRunDynamics(run, recording),
    fittedNetwork(run, recording, { linear: true }),
    fittedNetwork(run, recording),
  ];
  const models: ModelResult[] = [];
  let network: FittedNetwork | undefined;
  let inSample: NDArray<Float64Array> | undefined;
  let crossValidated: NDArray<Float64Array> | undefined;
  for (const candidate of candidates) {
    const { id, name } = candidate;
    const phases = {
      network: ["fit", "fold"],
      linearNetwork: ["linear", "linear-fold"],
      freeRun: ["free-runs", "free-runs-fold"],
    } as Record<string, string[]>;
    const [whole, fold] = phases[id] ?? [id, id];
    const fitted = async (train: readonly number[], test: readonly number[], phase: string): Promise<Fitted> => {
      run.progress(`${name}: ${phase}`);
      await run.pause();
      return candidate.fit(train, test, phase);
    };
    try {
      const all = await fitted(trials, trials, whole);
      const runs = await all.run(trials);
      const result: ModelResult = { id, name, inSample: score(recording.activity, runs), note: all.note };
      if (id === "network") [network, inSample] = [all as FittedNetwork, runs];
      if (list.length > 0) {
        const held = { data: new Float64Array(runs.data.length), shape: [...runs.shape] };
        const length = runs.data.length / trials.length;
        for (const [k, { train, test }] of list.entries()) {
          const part = await fitted(train, test, `${fold}-${k + 1}`);
          const { data } = await part.run(test);
          for (const [j, trial] of test.entries())
            held.data.set(data.subarray(j * length, (j + 1) * length), trial * length);
          result.note ??= part.note;
        }
        result.crossValidated = score(recording.activity, held);
        if (id === "network") crossValidated = held;
      }
      models.push(result);
      run.say(
        `${name}: R² of free runs ${fixed(result.inSample!.pooled, 3)} in sample${result.crossValidated ? `, ${fixed(result.crossValidated.pooled, 3)} cross-validated` : ""}`,
      );
    } catch (error) {
      // A baseline that this recording does not allow is a finding; anything else is not.
      if (id in phases || !(error instanceof NullclineError)) throw error;
      models.push({ id, name, missing: error.message });
    }
  }
  return { network: network!, inSample: inSample!, crossValidated, models: models.reverse(), folds: list, split };
}

/** Trials that repeat a condition are held out together; windows of one recording in contiguous blocks. */
function foldsOf(run: StudyContext, recording: Recording): { list: Fold[]; split: string } {
  const asked = run.number("folds");
  if (asked === 0) return { list: [], split: "no folds were asked for (--set folds=5)" };
  const trials = recording.origin.length;
  const { condition } = recording.conditions;
  const conditions = new Set(condition).size;
  const by = condition && conditions > 1 ? "condition" : undefined;
  const groups = by ? conditions : trials;
  if (groups < 2)
    return {
      list: [],
      split: `there is a single ${trials < 2 ? "window" : "condition"}: nothing is left to fit where it is held out${trials < 2 ? " (--window LENGTH cuts it into more)" : ""}`,
    };
  const cut = new Set(recording.origin.map(({ trial }) => trial)).size < trials;
  const { dt, unit, smoothing, activity } = recording;
  const gap = Math.max(4 * smoothing, activity.shape[1]! * dt);
  const count = Math.min(asked, groups);
  try {
    const list = folds(recording, count, { by, gap, seed: run.seed });
    const what = by
      ? `conditions, each held out once with all its trials`
      : cut
        ? `contiguous blocks of windows; windows within ${gap} ${unit} of a held-out one are not trained on`
        : "trials in random order";
    return { list, split: `${count} folds of ${what}` };
  } catch (error) {
    if (!(error instanceof NullclineError)) throw error;
    return { list: [], split: error.message };
  }
}
