import { expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { checkTask } from "../../src/tasks/checkTask.ts";
import { defineTask, type TaskSpec } from "../../src/tasks/defineTask.ts";
import { mean } from "../../src/tasks/score.ts";
import { angleBetween, populationVector, ring } from "../../src/tasks/signal.ts";
import { trialLengths } from "../../src/tasks/trialLengths.ts";

const spec = (changes: Partial<TaskSpec> = {}): TaskSpec => ({
  name: "own",
  description: "Remembers a side.",
  dt: 10,
  inputs: { stimulus: 1, cue: 3 },
  outputs: { choice: 1 },
  variables: { side: { oneOf: [1, -1] }, delay: { uniform: [200, 600] } },
  trial: ({ side, delay }) => [
    { name: "stimulus", lasts: 100, inputs: { stimulus: side, cue: [1, 0, { ramp: [0, 1] }] } },
    { name: "delay", lasts: delay },
    { name: "response", lasts: 50, targets: { choice: side }, weight: 2 },
  ],
  score: {
    what: "fraction right",
    of: ({ v, output, at }) => Number(Math.sign(mean(output("choice", at("response")))) === v.side),
    parts: ["side"],
  },
  ...changes,
});

test("a trial is its epochs one after the other, and nothing after its end", () => {
  const task = defineTask(spec());
  checkTask(task);
  expect(task.inputs).toEqual(["stimulus", "cue1", "cue2", "cue3"]);
  expect(task.epochs).toEqual([
    ["stimulus", 0, 100],
    ["delay", 100, 500],
    ["response", 500, 550],
  ]);
  expect(task.examples).toEqual([{ side: 1 }, { side: -1 }]);
  const trials = task.trials({ seed: 1, count: 3, conditions: { side: [1, -1, 1], delay: [200, 400, 600] } });
  expect(trials.targets.shape).toEqual([3, 75, 1]);
  expect([...trials.events!.response!]).toEqual([300, 500, 700]);
  expect([...trials.events!.end!]).toEqual([350, 550, 750]);
  for (const [k, side] of [1, -1, 1].entries()) {
    const own = (t: number, i: number) => trials.inputs.data[(k * 75 + t) * 4 + i]!;
    for (let t = 0; t < 75; t++) {
      expect(own(t, 0)).toBe(t < 10 ? side : 0);
      expect(own(t, 1)).toBe(t < 10 ? 1 : 0);
      expect(own(t, 2)).toBe(0);
      expect(own(t, 3)).toBeCloseTo(t < 10 ? t / 10 : 0, 6);
      const responds = t >= [30, 50, 70][k]! && t < [35, 55, 75][k]!;
      expect(trials.targets.data[k * 75 + t]).toBe(responds ? side : 0);
      expect(trials.mask.data[k * 75 + t]).toBe(responds ? 2 : 0);
    }
  }
});

test("lengths follow their law, to half a sample", () => {
  const { trial, epochs, samples } = trialLengths(defineTask(spec()), { count: 2000 });
  expect(samples).toBe(75);
  expect(epochs.stimulus).toEqual({ n: 2000, mean: 100, std: 0, least: 100, most: 100 });
  // Uniform on 200 … 600: mean 400, standard deviation 400/√12.
  expect(Math.abs(trial.mean - 550)).toBeLessThan(5 * (400 / Math.sqrt(12 * 2000)));
  expect(Math.abs(trial.std / (400 / Math.sqrt(12)) - 1)).toBeLessThan(0.06);
  expect([trial.least, trial.most].map((x) => Math.abs(x - 550) <= 200)).toEqual([true, true]);
});

test("another time step samples the same trial", () => {
  const task = defineTask(
    spec({
      trial: (v) => [
        {
          name: "pulses",
          lasts: 100 * (2 + v.side),
          inputs: {
            stimulus: { poisson: 0.2 },
            cue: [{ sine: 0.01, phase: 1 }, { pulse: 3, width: 40, at: 20 }, (t) => t],
          },
          weight: 1,
        },
      ],
    }),
  );
  const request = { seed: 4, count: 5, conditions: { side: 1 } };
  const coarse = task.trials(request);
  const fine = task.trials({ ...request, dt: 2 });
  expect(fine.conditions).toEqual(coarse.conditions);
  expect(fine.inputs.shape).toEqual([5, 150, 4]);
  for (let k = 0; k < 5; k++)
    for (let t = 0; t < 30; t++) {
      const at = (i: number) => coarse.inputs.data[(k * 30 + t) * 4 + i]!;
      const finer = (i: number, s = 0) => fine.inputs.data[(k * 150 + 5 * t + s) * 4 + i]!;
      for (const i of [1, 2, 3]) expect(finer(i)).toBe(at(i));
      // Spikes are where they are: those of five short samples are those of the long one.
      expect([0, 1, 2, 3, 4].reduce((sum, s) => sum + finer(0, s), 0)).toBe(at(0));
      expect(at(1)).toBeCloseTo(Math.sin(2 * Math.PI * 0.01 * 10 * t + 1), 6);
    }
});

test("Poisson spikes have the mean and the variance of their rate", () => {
  const task = defineTask(
    spec({ trial: () => [{ name: "spikes", lasts: 1000, inputs: { stimulus: { poisson: 0.05 } }, weight: 1 }] }),
  );
  const { inputs } = task.trials({ seed: 5, count: 400 });
  const counts = Array.from({ length: 400 }, (_, k) => {
    let sum = 0;
    for (let t = 0; t < 100; t++) sum += inputs.data[(k * 100 + t) * 4]!;
    return sum;
  });
  const center = mean(counts);
  expect(Math.abs(center - 50)).toBeLessThan(5 * Math.sqrt(50 / 400));
  expect(Math.abs(mean(counts.map((c) => (c - center) ** 2)) / 50 - 1)).toBeLessThan(5 * Math.sqrt(2 / 400));
});

test("noise has the stated scale at any time step, ends with the trial and changes nothing else", () => {
  const quiet = defineTask(spec()).trials({ seed: 6, count: 200, dt: 5 });
  const noisy = defineTask(spec({ noise: { std: 2, channels: ["stimulus"] } })).trials({ seed: 6, count: 200, dt: 5 });
  expect(noisy.conditions).toEqual(quiet.conditions);
  const differences: number[] = [];
  const [, samples] = noisy.inputs.shape as [number, number];
  for (let k = 0; k < 200; k++)
    for (let t = 0; t < samples; t++) {
      const at = (k * samples + t) * 4;
      const d = noisy.inputs.data[at]! - quiet.inputs.data[at]!;
      if (t * 5 < noisy.events!.end![k]!) differences.push(d);
      else expect(d).toBe(0);
      expect(noisy.inputs.data[at + 1]).toBe(quiet.inputs.data[at + 1]);
    }
  const n = differences.length;
  expect(Math.abs((mean(differences.map((d) => d * d)) * 5) / 4 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
});

test("fixing one variable leaves the others as they were", () => {
  const task = defineTask(spec());
  const free = task.trials({ seed: 7, count: 50 });
  const fixed = task.trials({ seed: 7, count: 50, conditions: { side: 1 } });
  expect(fixed.conditions.delay).toEqual(free.conditions.delay);
  expect([...new Set(fixed.conditions.side)]).toEqual([1]);
});

test("a batch grows where a condition asks for a longer trial", () => {
  const task = defineTask(spec());
  expect(task.trials({ seed: 1, count: 2, conditions: { delay: 900 } }).targets.shape).toEqual([2, 105, 1]);
});

test("what makes no sense is refused in a sentence", () => {
  const task = defineTask(spec());
  const draw = (conditions: Record<string, number>, dt?: number) => () =>
    task.trials({ seed: 1, count: 1, conditions, dt });
  expect(draw({ side: 0 })).toThrow("task `own`: `side` is 0; expected 1 or -1");
  expect(draw({ sides: 1 })).toThrow(
    "task `own` has no condition `sides` that can be fixed; expected side, delay; did you mean `side`?",
  );
  expect(draw({ delay: -1 })).toThrow("task `own`: the epoch `delay` would last -1 ms; expected 0 or more");
  expect(draw({}, 300)).toThrow("task `own`: a time step of 300 ms, and the epoch `stimulus` of 100 ms");
  expect(draw({}, 0)).toThrow(NullclineError);
  expect(() => defineTask(spec({ noise: { std: -1 } }))).toThrow("task `own`: noise -1");
  expect(() => defineTask(spec({ variables: { side: { choice: [] } } }))).toThrow(NullclineError);
  const lying = defineTask(spec({ longest: 300 }));
  expect(() => lying.trials({ seed: 1, count: 20 })).toThrow("`longest` is 300");
});

test("the score and its parts count what is right", () => {
  const task = defineTask(spec());
  const trials = task.trials({ seed: 8, count: 100 });
  const right = trials.conditions.side!.filter((side) => side === 1).length;
  const positive = { data: trials.targets.data.map(() => 1), shape: trials.targets.shape };
  const p = right / 100;
  expect(task.behaviour(positive, trials)).toMatchObject({ score: p, n: 100, parts: { "side -1": 0, "side 1": 1 } });
  expect(task.behaviour(positive, trials).standardError).toBeCloseTo(Math.sqrt((p * (1 - p)) / 99), 12);
});

test("a ring's population vector is the angle that its bump is at", () => {
  for (const angle of [0, 1, 3, 6.2]) {
    const bump = ring(32, angle);
    expect(angleBetween(populationVector(bump), angle)).toBeLessThan(1e-6);
    expect(Math.max(...bump)).toBeLessThanOrEqual(0.8);
  }
  expect(ring(32, 0)[0]).toBe(0.8);
  // One width (π/8 = two channels) away: exp(-1/2).
  expect(ring(32, 0)[2]).toBeCloseTo(0.8 * Math.exp(-0.5), 12);
  expect(angleBetween(0.1, 2 * Math.PI - 0.1)).toBeCloseTo(0.2, 12);
});
