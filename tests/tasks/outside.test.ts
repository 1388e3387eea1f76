/** A task of one's own, written with the public interface alone: CONTRIBUTING shows it. */
import { expect, test } from "vitest";
import { checkTask, defineTask, mix, taskFigure, trialLengths } from "../../src/index.ts";

const remember = defineTask({
  name: "remember",
  description: "Say after a delay on which side a stimulus was.",
  source: "one's own",
  dt: 10,
  inputs: { left: 1, right: 1 },
  outputs: { side: 1 },
  variables: { side: { oneOf: [-1, 1] }, delay: { exponential: 300, between: [200, 1500] } },
  trial: ({ side, delay }) => [
    { name: "stimulus", lasts: 200, inputs: side < 0 ? { left: 1 } : { right: 1 } },
    { name: "delay", lasts: delay },
    { name: "response", lasts: 100, targets: { side }, weight: 1 },
  ],
  noise: { std: 0.3 },
  score: {
    what: "fraction of responses on the right side",
    of: ({ v, output }) => Number(Math.sign(output("side").at(-1)!) === v.side),
    parts: ["side"],
  },
});

test("a task from outside is a task like any other", () => {
  checkTask(remember);
  const trials = remember.trials({ seed: 1, count: 20 });
  expect(trials.targets.shape).toEqual([20, 180, 1]);
  expect(remember.behaviour(trials.targets, trials).score).toBe(1);
  expect(taskFigure(remember).panels.length).toBe(2);
  expect(trialLengths(remember).trial.least).toBeGreaterThanOrEqual(500);
  checkTask(mix([remember, { ...remember, name: "again" }], { cue: true }));
});
