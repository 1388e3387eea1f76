/**
 * A recording is a task: its trials are the targets, and what is scored is how much of the activity is explained.
 */
import { type NDArray, sizeOf } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { quantile } from "../base/quantile.ts";
import { residuals } from "../base/residuals.ts";
import { RandomStream } from "../engine/random.ts";
import { fixedConditions } from "./options.ts";
import type { Recording } from "./recording.ts";
import { applyScaling, type Scaling } from "./scaling.ts";
import type { Behaviour, Task, Trials } from "./trials.ts";

export interface RecordingTrialsOptions {
  /** Which trials, in this order. Default: all. */
  trials?: readonly number[];
  /** Puts the activity into the network's units. Default: as it is. */
  scaling?: Scaling;
  /** The states that a network starts from, given the first sample `[trial, neuron]` (scaled). Default: the network's own. */
  initialState?: (first: NDArray<Float64Array>) => Record<string, NDArray>;
  /** Inputs per trial of a network that starts from the first sample by a map of its own, given the same. Default: none. */
  trialInputs?: (first: NDArray<Float64Array>) => Record<string, NDArray>;
}

/**
 * Trials of a recording: targets are the activity, every entry counts. `conditions.trial` is the number of the trial in
 * the recording, unless the recording has a condition of that name.
 * @throws NullclineError (code `trials`) where there is no such trial
 */
export function recordingTrials(recording: Recording, options: RecordingTrialsOptions = {}): Trials {
  const { activity, inputs, conditions, dt } = recording;
  const [total = 0, samples = 0, neurons = 0] = activity.shape;
  const trials = options.trials ?? Array.from({ length: total }, (_, k) => k);
  const wrong = trials.find((k) => !(Number.isInteger(k) && k >= 0 && k < total));
  if (wrong !== undefined || trials.length === 0)
    throw new NullclineError({
      code: "trials",
      given: wrong === undefined ? "no trials" : `trial ${wrong} of \`${recording.name}\``,
      expected: `numbers from 0 to ${total - 1}`,
    });
  const chosen = take(activity, trials);
  const targets = options.scaling ? applyScaling(chosen, options.scaling) : chosen;
  const first = { data: new Float64Array(trials.length * neurons), shape: [trials.length, neurons] };
  for (let k = 0; k < trials.length; k++)
    first.data.set(targets.data.subarray(k * samples * neurons, (k * samples + 1) * neurons), k * neurons);
  return {
    dt,
    inputs: take(inputs, trials),
    targets,
    mask: { data: new Float64Array(targets.data.length).fill(1), shape: [...targets.shape] },
    initialState: options.initialState?.(first),
    trialInputs: options.trialInputs?.(first),
    conditions: {
      trial: Float64Array.from(trials),
      ...Object.fromEntries(
        Object.entries(conditions).map(([name, values]) => [name, Float64Array.from(trials, (k) => values[k]!)]),
      ),
    },
  };
}

function take({ data, shape }: NDArray<Float64Array>, trials: readonly number[]): NDArray<Float64Array> {
  const length = sizeOf(shape.slice(1));
  const out = new Float64Array(trials.length * length);
  trials.forEach((k, at) => {
    out.set(data.subarray(k * length, (k + 1) * length), at * length);
  });
  return { data: out, shape: [trials.length, ...shape.slice(1)] };
}

export interface RecordingTaskOptions extends Omit<RecordingTrialsOptions, "trials"> {
  /** Trials to train on, and trials held out (drawn as `validate` and `test`). Default: all, and all. */
  train?: readonly number[];
  test?: readonly number[];
}

/**
 * The task of producing a recording. Training trials come in random order, each once before any comes again; held-out
 * trials come in their own order. The score is R², `1 - Σ (y - z)² / Σ (y - ȳ)²`, ȳ the mean of each neuron over the
 * trials scored; `parts.medianNeuron` is the median over the neurons that vary. Its standard error is the jackknife's
 * over trials (NaN for one trial).
 * @throws NullclineError where a trial does not exist
 */
export function recordingTask(recording: Recording, options: RecordingTaskOptions = {}): Task {
  const { activity, inputs, start, dt, unit, name } = recording;
  const [total = 0, samples = 0, neurons = 0] = activity.shape;
  const everyone = Array.from({ length: total }, (_, k) => k);
  const sets = { train: options.train ?? everyone, test: options.test ?? everyone };
  for (const trials of Object.values(sets)) recordingTrials(recording, { trials });
  // Trials are drawn many times: they are scaled once.
  const { scaling, initialState, trialInputs } = options;
  const scaled = scaling ? { ...recording, activity: applyScaling(activity, scaling) } : recording;

  return {
    name,
    description: `Produce the recorded activity. ${recording.history.join("; ")}.`,
    inputs: Array.from({ length: inputs.shape[2]! }, (_, c) => `input${c + 1}`),
    outputs: Array.from({ length: neurons }, (_, i) => `neuron${i + 1}`),
    dt,
    unit,
    epochs: [["recording", start, start + (samples - 1) * dt]],
    trials(request) {
      const { seed, count, firstTrial = 0, purpose = "train" } = request;
      fixedConditions(name, request, []);
      if (request.dt !== undefined && Math.abs(request.dt - dt) > 1e-9 * dt)
        throw new NullclineError({
          code: "dt",
          given: `a time step of ${request.dt} ${unit} for the recording \`${name}\``,
          expected: `its own, ${dt} ${unit}`,
          remedy: "bin the recording differently",
        });
      const set = purpose === "train" ? sets.train : sets.test;
      const n = set.length;
      const orders = new Map<number, number[]>();
      const orderOf = (round: number): number[] => {
        let order = orders.get(round);
        if (!order) orders.set(round, (order = new RandomStream(seed, "order of trials", round).permutation(n)));
        return order;
      };
      const trials = Array.from({ length: count }, (_, j) => {
        const k = firstTrial + j;
        return set[purpose === "train" ? orderOf(Math.floor(k / n))[k % n]! : k % n]!;
      });
      return recordingTrials(scaled, { initialState, trialInputs, trials });
    },
    behaviour: explained,
  };
}

function explained(outputs: NDArray, { targets }: Trials): Behaviour {
  if (outputs.shape.join() !== targets.shape.join())
    throw new Error(`outputs [${outputs.shape}] for targets [${targets.shape}]`);
  const [n = 0, samples = 0, neurons = 0] = targets.shape;
  const { mean, residual, variance, r2 } = residuals(targets.data, outputs.data, neurons);
  const [allResidual, allVariance] = [sum(residual), sum(variance)];
  // Leaving one trial out at a time.
  const size = samples * neurons;
  const without = Array.from({ length: n }, (_, k) => {
    let [ss, total] = [0, 0];
    for (let j = k * size; j < (k + 1) * size; j++) {
      ss += (targets.data[j]! - outputs.data[j]!) ** 2;
      total += (targets.data[j]! - mean[j % neurons]!) ** 2;
    }
    return 1 - (allResidual - ss) / (allVariance - total);
  });
  const center = sum(without) / n;
  return {
    score: 1 - allResidual / allVariance,
    what: "R² of the activity, pooled over neurons, relative to each neuron's mean",
    n,
    standardError: n > 1 ? Math.sqrt(((n - 1) / n) * without.reduce((s, r) => s + (r - center) ** 2, 0)) : Number.NaN,
    parts: { medianNeuron: quantile(r2, 0.5) },
  };
}

function sum(values: Float64Array | number[]): number {
  let total = 0;
  for (const v of values) total += v;
  return total;
}
