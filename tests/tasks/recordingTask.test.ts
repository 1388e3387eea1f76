import { describe, expect, test } from "vitest";
import { ndarray, zeros } from "../../src/base/arrays.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { checkTask } from "../../src/tasks/checkTask.ts";
import { recordingFrom } from "../../src/tasks/recording.ts";
import { recordingTask, recordingTrials } from "../../src/tasks/recordingTask.ts";
import { fitScaling } from "../../src/tasks/scaling.ts";

const [trials, samples, neurons] = [6, 5, 3];
const activity = ndarray(new RandomStream(1, "test").fillNormal(new Float64Array(90), 4, 2), [
  trials,
  samples,
  neurons,
]);
const recording = recordingFrom(activity, {
  axes: "trial,time,neuron",
  dt: 10,
  conditions: { angle: [0, 60, 120, 180, 240, 300] },
});

describe("trials of a recording", () => {
  test("targets are the activity, every entry counts, there are no inputs", () => {
    const { dt, inputs, targets, mask, conditions } = recordingTrials(recording, { trials: [4, 1] });
    expect(dt).toBe(10);
    expect(inputs.shape).toEqual([2, samples, 0]);
    expect(targets.data.slice(0, 15)).toEqual(recording.activity.data.slice(60, 75));
    expect(targets.data.slice(15)).toEqual(recording.activity.data.slice(15, 30));
    expect(mask.data).toEqual(new Float64Array(30).fill(1));
    expect(conditions).toEqual({ trial: Float64Array.of(4, 1), angle: Float64Array.of(240, 60) });
  });

  test("the initial state is made of the scaled first sample", () => {
    const scaling = fitScaling(recording.activity, { kind: "zscore" });
    const { targets, initialState, trialInputs } = recordingTrials(recording, {
      scaling,
      initialState: (first) => ({ x: first }),
      trialInputs: (first) => ({ y_0: first }),
    });
    expect(trialInputs!.y_0).toEqual(initialState!.x);
    expect(initialState!.x!.shape).toEqual([trials, neurons]);
    for (let k = 0; k < trials; k++)
      expect(initialState!.x!.data.slice(k * 3, k * 3 + 3)).toEqual(targets.data.slice(k * 15, k * 15 + 3));
  });

  test("trials that do not exist are refused", () => {
    expect(() => recordingTrials(recording, { trials: [6] })).toThrow(
      "trial 6 of `recording`; expected numbers from 0 to 5",
    );
    expect(() => recordingTrials(recording, { trials: [] })).toThrow("no trials");
    expect(() => recordingTask(recording, { train: [0, 0.5] })).toThrow("trial 0.5");
  });
});

describe("the task", () => {
  const task = recordingTask(recording, { train: [0, 2, 4, 5], test: [1, 3] });

  test("is a task", () => {
    expect(checkTask(task)).toBe(task);
    expect(task.inputs).toEqual([]);
    expect(task.outputs).toEqual(["neuron1", "neuron2", "neuron3"]);
  });

  test("training trials come in random order, each once a round; held-out ones in their own", () => {
    const numbers = [...task.trials({ seed: 1, count: 12 }).conditions.trial!];
    for (const round of [0, 4, 8]) expect(numbers.slice(round, round + 4).sort()).toEqual([0, 2, 4, 5]);
    expect([...task.trials({ seed: 1, count: 5, firstTrial: 6 }).conditions.trial!]).toEqual(numbers.slice(6, 11));
    expect([...task.trials({ seed: 2, count: 12 }).conditions.trial!]).not.toEqual(numbers);
    for (const purpose of ["validate", "test"] as const)
      expect([...task.trials({ seed: 1, count: 2, purpose }).conditions.trial!]).toEqual([1, 3]);
  });

  test("a time step other than the recording's is refused", () => {
    expect(() => task.trials({ seed: 1, count: 1, dt: 5 })).toThrow("expected its own, 10 ms");
    expect(task.trials({ seed: 1, count: 1, dt: 10 }).dt).toBe(10);
  });

  test("the score is R² about each neuron's mean", () => {
    const all = recordingTrials(recording);
    expect(task.behaviour(all.targets, all)).toMatchObject({ score: 1, standardError: 0, parts: { medianNeuron: 1 } });

    // Each neuron's mean explains nothing; the overall mean is worse than nothing.
    const mean = [0, 1, 2].map(
      (i) =>
        Float64Array.from(all.targets.data)
          .filter((_, j) => j % 3 === i)
          .reduce((a, b) => a + b) / 30,
    );
    const guess = zeros(trials, samples, neurons);
    for (let j = 0; j < 90; j++) guess.data[j] = mean[j % 3]!;
    const { score, parts } = task.behaviour(guess, all);
    expect(score).toBeCloseTo(0, 12);
    expect(parts.medianNeuron).toBeCloseTo(0, 12);

    // Half of the way from the mean to the truth explains 1 - 1/4; one neuron left at its mean shows in the pool only.
    const half = zeros(trials, samples, neurons);
    const variance = [0, 0, 0];
    for (let j = 0; j < 90; j++) {
      half.data[j] = j % 3 === 0 ? mean[0]! : (mean[j % 3]! + all.targets.data[j]!) / 2;
      variance[j % 3]! += (all.targets.data[j]! - mean[j % 3]!) ** 2;
    }
    const partial = task.behaviour(half, all);
    const [v0, v1, v2] = variance as [number, number, number];
    expect(partial.parts.medianNeuron).toBeCloseTo(0.75, 12);
    expect(partial.score).toBeCloseTo((0.75 * (v1 + v2)) / (v0 + v1 + v2), 12);
  });
});
