import { describe, expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { checkTask } from "../../src/tasks/checkTask.ts";
import { flipFlop } from "../../src/tasks/flipFlop.ts";

test("each output is the sign of the last pulse of its own input", () => {
  const task = flipFlop();
  checkTask(task);
  const { inputs, targets, mask, conditions } = task.trials({ seed: 1, count: 50 });
  expect(inputs.shape).toEqual([50, 64, 3]);
  expect(mask.data.every((w) => w === 1)).toBe(true);
  let pulses = 0;
  for (let k = 0; k < 50; k++)
    for (let b = 0; b < 3; b++) {
      let memory = 0;
      for (let t = 0; t < 64; t++) {
        const pulse = inputs.data[(k * 64 + t) * 3 + b]!;
        expect([-1, 0, 1]).toContain(pulse);
        if (t === 0) expect(pulse).not.toBe(0);
        if (pulse !== 0) memory = pulse;
        if (pulse !== 0 && t > 0) pulses++;
        expect(targets.data[(k * 64 + t) * 3 + b]).toBe(memory);
      }
      expect(conditions[`bit${b + 1}`]![k]).toBe(memory);
    }
  const slots = 50 * 3 * 63;
  expect(Math.abs(pulses / slots - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / slots));
});

test("without a first pulse the target is 0 until there is one", () => {
  const { inputs, targets } = flipFlop({ bits: 1, firstPulse: false, probability: 0.1 }).trials({ seed: 1, count: 30 });
  for (let k = 0; k < 30; k++) {
    const own = inputs.data.slice(k * 64, (k + 1) * 64);
    const first = own.findIndex((u) => u !== 0);
    expect(targets.data.slice(k * 64, (k + 1) * 64).findIndex((z) => z !== 0)).toBe(first);
  }
});

describe("times", () => {
  const timed = { bits: 1, unit: "ms", duration: 300, every: 50, pulse: 20, lag: 10, settle: 30, dt: 10 };

  test("pulses, lag and settling are in the task's unit", () => {
    const { inputs, targets, mask } = flipFlop({ ...timed, probability: 0 }).trials({ seed: 2, count: 1 });
    const sign = inputs.data[0]!;
    expect([...inputs.data]).toEqual([sign, sign, ...Array(28).fill(0)]);
    expect([...targets.data]).toEqual([0, ...Array(29).fill(sign)]);
    expect([...mask.data]).toEqual([1, 0, 0, 0, ...Array(26).fill(1)]);
  });

  test("a finer dt gives the same trial, sampled more often", () => {
    const task = flipFlop(timed);
    const coarse = task.trials({ seed: 3, count: 4 });
    const fine = task.trials({ seed: 3, count: 4, dt: 2.5 });
    for (const part of ["inputs", "targets", "mask"] as const)
      expect(fine[part].data.filter((_, j) => j % 4 === 0)).toEqual(coarse[part].data);
  });

  test("a time that dt does not divide is refused", () => {
    expect(() => flipFlop({ ...timed, dt: 7 })).toThrow("a time step of 7 ms");
    expect(() => flipFlop({ ...timed, pulse: 60 })).toThrow("a pulse no longer than `every`");
    expect(() => flipFlop({ bits: 1.5 })).toThrow(NullclineError);
    expect(() => flipFlop({ probability: 2 })).toThrow(NullclineError);
    expect(() => flipFlop().trials({ seed: 1, count: 1, conditions: { bit1: 1 } })).toThrow("no condition `bit1`");
  });
});

test("noise on the inputs has the stated scale and leaves pulses and targets as they were", () => {
  const request = { seed: 4, count: 40, dt: 0.25 };
  const plain = flipFlop().trials(request);
  const noisy = flipFlop({ noise: 0.3 }).trials(request);
  expect(noisy.targets).toEqual(plain.targets);
  const n = plain.inputs.data.length;
  const variance =
    Float64Array.from(noisy.inputs.data).reduce((s, u, j) => s + (u - plain.inputs.data[j]!) ** 2, 0) / n;
  expect(Math.abs((variance * 0.25) / 0.09 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
});

test("behaviour: the targets score 1, a bit that is always wrong counts for its share", () => {
  const task = flipFlop();
  const trials = task.trials({ seed: 1, count: 10 });
  expect(task.behaviour(trials.targets, trials)).toMatchObject({
    score: 1,
    n: 10,
    standardError: 0,
    parts: { bit1: 1, bit2: 1, bit3: 1, meanSquaredError: 0 },
  });
  const wrong = { data: trials.targets.data.map((z, j) => (j % 3 === 1 ? -z : z)), shape: trials.targets.shape };
  const { score, parts } = task.behaviour(wrong, trials);
  expect(score).toBeCloseTo(2 / 3, 12);
  expect(parts).toMatchObject({ bit1: 1, bit2: 0, bit3: 1 });
  expect(parts.meanSquaredError).toBeCloseTo(4 / 3, 12);
});
