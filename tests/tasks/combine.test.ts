import { expect, test } from "vitest";
import { zeros } from "../../src/base/arrays.ts";
import { NullclineError } from "../../src/base/errors.ts";
import { checkTask, disjoint, inSequence, mix, type Task, type Trials, tasks } from "../../src/tasks/index.ts";

const first = () => tasks.goNoGo({ dt: 5 });
const second = () => tasks.xor({ dt: 5 });

/** The part of an array that one trial's channels are in. */
function cut(array: Trials["inputs"], k: number, from: number, to: number, channels: number[]): number[] {
  const [, samples, width] = array.shape as [number, number, number];
  const values: number[] = [];
  for (let t = from; t < to; t++) for (const c of channels) values.push(array.data[(k * samples + t) * width + c]!);
  return values;
}
const whole = (array: Trials["inputs"]): number[] => [...array.data];

test("a mix draws one task a trial, the same one in any batch, and the cue says which", () => {
  const [a, b] = [first(), second()];
  const task = mix([a, b], { cue: true, weights: [1, 3] });
  checkTask(task);
  expect(task.inputs).toEqual(["stimulus", "first", "second", "rule goNoGo", "rule xor"]);
  expect(task.outputs).toEqual(["response", "same"]);
  const trials = task.trials({ seed: 2, count: 400 });
  expect(trials.targets.shape).toEqual([400, 300, 2]);
  const share = trials.conditions.task!.reduce((x, y) => x + y, 0) / 400;
  expect(Math.abs(share - 0.75)).toBeLessThan(5 * Math.sqrt(0.1875 / 400));
  for (let k = 0; k < 20; k++) {
    const number = trials.conditions.task![k]!;
    const own = [a, b][number]!.trials({ seed: 2, count: 1, firstTrial: k });
    const samples = own.targets.shape[1]!;
    expect(cut(trials.inputs, k, 0, samples, number === 0 ? [0] : [1, 2])).toEqual(whole(own.inputs));
    expect(cut(trials.targets, k, 0, samples, [number])).toEqual(whole(own.targets));
    expect(cut(trials.mask, k, 0, 300, [1 - number]).every((w) => w === 0)).toBe(true);
    expect(cut(trials.inputs, k, 0, samples, [3 + number]).every((u) => u === 1)).toBe(true);
    expect(cut(trials.inputs, k, 0, 300, [4 - number]).every((u) => u === 0)).toBe(true);
  }
});

test("conditions are fixed by the task's name and theirs", () => {
  const task = mix([first(), second()]);
  expect(task.conditions).toEqual(["task", "goNoGo.go", "xor.first", "xor.second"]);
  const trials = task.trials({ seed: 1, count: 10, conditions: { task: 1, "xor.first": -1 } });
  expect([...new Set(trials.conditions["xor.first"])]).toEqual([-1]);
  expect(trials.conditions["goNoGo.go"]!.every(Number.isNaN)).toBe(true);
  expect(() => task.trials({ seed: 1, count: 1, conditions: { go: 1 } })).toThrow(
    "no condition `go` that can be fixed",
  );
  expect(() => task.trials({ seed: 1, count: 1, conditions: { task: 2 } })).toThrow(
    "task number 2; expected a whole number from 0 to 1",
  );
});

test("disjoint tasks run at once on channels of their own, and are scored one by one", () => {
  const [a, b] = [first(), second()];
  const task = disjoint([a, b]);
  checkTask(task);
  expect(task.inputs).toEqual(["goNoGo.stimulus", "xor.first", "xor.second"]);
  const trials = task.trials({ seed: 3, count: 30 });
  const [left, right] = [a, b].map((own) => own.trials({ seed: 3, count: 30 })) as [Trials, Trials];
  for (let k = 0; k < 30; k++) {
    expect(cut(trials.inputs, k, 0, 200, [0])).toEqual(cut(left.inputs, k, 0, 200, [0]));
    expect(cut(trials.targets, k, 0, 300, [1])).toEqual(cut(right.targets, k, 0, 300, [0]));
    expect(cut(trials.mask, k, 200, 300, [0]).every((w) => w === 0)).toBe(true);
  }
  const silent = task.behaviour(zeros(...trials.targets.shape), trials);
  const alone = a.behaviour(zeros(...left.targets.shape), left);
  expect(silent.parts).toEqual({ goNoGo: alone.score, xor: 0 });
  expect(silent.score).toBeCloseTo(alone.score / 2, 12);
});

test("tasks in sequence begin where the one before ends, and are scored there", () => {
  const delayed = tasks.delayedMatchToSample({ dt: 20, noise: 0 });
  const task = inSequence([delayed, delayed]);
  checkTask(task);
  const trials = task.trials({ seed: 4, count: 20 });
  const alone = delayed.trials({ seed: 4, count: 20 });
  for (let k = 0; k < 20; k++) {
    const begin = trials.events!.delayedMatchToSample2![k]!;
    expect(begin).toBe(alone.events!.end![k]);
    const samples = Math.round(begin / 20);
    expect(cut(trials.inputs, k, 0, samples, [0, 1])).toEqual(cut(alone.inputs, k, 0, samples, [0, 1]));
    const delay = trials.conditions["delayedMatchToSample2.delay"]![k]!;
    expect(trials.events!.end![k]! - begin).toBe(20 * Math.round((100 + 500 + delay + 500 + 1000) / 20));
  }
  // The second one is another trial.
  expect(trials.conditions["delayedMatchToSample2.delay"]).not.toEqual(trials.conditions["delayedMatchToSample.delay"]);
  expect(task.behaviour(trials.targets, trials)).toMatchObject({ score: 1, n: 40 });
  // Right answers in the first part alone.
  const half = { data: trials.targets.data.slice(), shape: trials.targets.shape };
  const samples = trials.targets.shape[1]!;
  for (let k = 0; k < 20; k++)
    for (let t = Math.round(trials.events!.delayedMatchToSample2![k]! / 20); t < samples; t++)
      half.data[k * samples + t]! *= -1;
  expect(task.behaviour(half, trials)).toMatchObject({
    score: 0.5,
    parts: { delayedMatchToSample: 1, delayedMatchToSample2: 0 },
  });
});

test("tasks that say nothing of epochs or conditions can be combined too", () => {
  const context = tasks.contextIntegration({ dt: 5, duration: 100, noise: "inputs" });
  const task = mix([context, tasks.hierarchicalDecision({ dt: 5 })]);
  checkTask(task);
  const trials = task.trials({ seed: 1, count: 6, conditions: { task: 0, "contextIntegration.context": 1 } });
  expect([...trials.conditions["contextIntegration.context"]!]).toEqual([1, 1, 1, 1, 1, 1]);
  expect(task.behaviour(trials.targets, trials)).toMatchObject({ score: 1, n: 6 });
});

test("what cannot be combined is refused", () => {
  expect(() => mix([first()])).toThrow(
    "1 tasks, with times in ms; expected at least two tasks with the same unit of time",
  );
  expect(() => disjoint([first(), tasks.oneChoiceMaze()])).toThrow("with times in ms and step");
  expect(() => mix([first(), second()], { weights: [1] })).toThrow(NullclineError);
  expect(() => inSequence([] as Task[])).toThrow(NullclineError);
});
