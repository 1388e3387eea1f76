/**
 * Labelled sequences are a task: say which class.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { fixedConditions } from "./options.ts";
import { checkOutputs, mean, strongest } from "./score.ts";
import type { SequenceData } from "./sequenceData.ts";
import type { Behaviour, Task, Trials } from "./trials.ts";

export interface SequenceTaskOptions {
  /** Sequences that are held out (drawn as `validate` and `test`). Default: those trained on. */
  test?: SequenceData;
  /** Time between samples. Default 1. */
  dt?: number;
  /** Default `step`. */
  unit?: string;
  /** Samples at the start of which the outputs are free, where every sample has a label. Default 0. */
  skip?: number;
}

/**
 * The task. Inputs `channel1 …`; outputs `class1 …`: 1 for the class, else 0, so that a softmax with cross-entropy
 * learns it as well as squared errors. Where a sequence has one label, its last sample counts; where every sample has
 * one, all do after `skip`. Training sequences come in random order, each once before any comes again; held-out ones in their
 * own order. Conditions: `sequence`, its number, and `label`, where it is one for all samples. The score is the
 * fraction of samples that count whose strongest output is the class.
 * @throws NullclineError (code `sequences`) where held-out sequences have other channels, classes, or labels of another kind
 */
export function sequenceTask(data: SequenceData, options: SequenceTaskOptions = {}): Task {
  const { test = data, dt = 1, unit = "step", skip = 0 } = options;
  const { name, classes } = data;
  const [, samples, channels] = data.inputs.shape as [number, number, number];
  const perSample = data.labels.shape.length === 2;
  if (
    test.inputs.shape.slice(1).join() !== data.inputs.shape.slice(1).join() ||
    test.labels.shape.length !== data.labels.shape.length
  )
    throw new NullclineError({
      code: "sequences",
      given: `held-out sequences of [${test.inputs.shape.join(", ")}] for [${data.inputs.shape.join(", ")}]`,
      expected: "the same samples and channels, and labels of the same kind",
    });
  if (test.classes > classes || !(Number.isInteger(skip) && skip >= 0 && skip < samples))
    throw new NullclineError({
      code: "sequences",
      given: `${test.classes} classes held out of ${classes}, ${skip} samples skipped of ${samples}`,
      expected: "no class that is not trained, and fewer samples skipped than there are",
    });

  function behaviour(outputs: NDArray, trials: Trials): Behaviour {
    checkOutputs(outputs, trials);
    const n = outputs.shape[0]!;
    const right = Array.from({ length: n }, (_, k) => {
      let [hits, all] = [0, 0];
      for (let t = 0; t < samples; t++) {
        const at = (k * samples + t) * classes;
        if (trials.mask.data[at] === 0) continue;
        const of = ({ data: values }: NDArray) => strongest(values.subarray(at, at + classes));
        all++;
        if (of(outputs) === of(trials.targets)) hits++;
      }
      return hits / all;
    });
    const score = mean(right);
    return {
      score,
      what: `fraction of ${perSample ? "samples" : "sequences"} whose strongest output is the class`,
      n,
      standardError: Math.sqrt(right.reduce((s, r) => s + (r - score) ** 2, 0) / (n - 1) / n),
      parts: {},
    };
  }

  return {
    name,
    description: `Say which of ${classes} classes ${perSample ? "each sample of a sequence" : "a sequence"} is.`,
    inputs: Array.from({ length: channels }, (_, c) => `channel${c + 1}`),
    outputs: Array.from({ length: classes }, (_, c) => `class${c + 1}`),
    dt,
    unit,
    epochs: [["sequence", 0, samples * dt]],
    conditions: [],
    trials(request) {
      const { seed, count, firstTrial = 0, purpose = "train" } = request;
      fixedConditions(name, request, []);
      if (request.dt !== undefined && Math.abs(request.dt - dt) > 1e-9 * dt)
        throw new NullclineError({
          code: "dt",
          given: `a time step of ${request.dt} ${unit} for the sequences \`${name}\``,
          expected: `their own, ${dt} ${unit}`,
        });
      const set = purpose === "train" ? data : test;
      const total = set.inputs.shape[0]!;
      const orders = new Map<number, number[]>();
      const orderOf = (round: number): number[] => {
        let order = orders.get(round);
        if (!order) orders.set(round, (order = new RandomStream(seed, "order of sequences", round).permutation(total)));
        return order;
      };
      const which = Array.from({ length: count }, (_, j) => {
        const k = firstTrial + j;
        return purpose === "train" ? orderOf(Math.floor(k / total))[k % total]! : k % total;
      });
      const inputs = new Float32Array(count * samples * channels);
      const targets = new Float32Array(count * samples * classes);
      const mask = new Float32Array(count * samples * classes);
      which.forEach((sequence, k) => {
        const size = samples * channels;
        inputs.set(set.inputs.data.subarray(sequence * size, (sequence + 1) * size), k * size);
        for (let t = perSample ? skip : samples - 1; t < samples; t++) {
          const label = set.labels.data[perSample ? sequence * samples + t : sequence]!;
          const at = (k * samples + t) * classes;
          targets[at + label] = 1;
          mask.fill(1, at, at + classes);
        }
      });
      return {
        dt,
        inputs: { data: inputs, shape: [count, samples, channels] },
        targets: { data: targets, shape: [count, samples, classes] },
        mask: { data: mask, shape: [count, samples, classes] },
        conditions: {
          sequence: Float64Array.from(which),
          ...(!perSample && { label: Float64Array.from(which, (k) => set.labels.data[k]!) }),
        },
      };
    },
    behaviour,
  };
}
