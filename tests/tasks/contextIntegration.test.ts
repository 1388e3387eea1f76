import { describe, expect, test } from "vitest";
import { type NDArray, zeros } from "../../src/base/arrays.ts";
import { NullclineError } from "../../src/base/errors.ts";
import { checkTask } from "../../src/tasks/checkTask.ts";
import { contextIntegration, idealObserver } from "../../src/tasks/contextIntegration.ts";
import type { Trials } from "../../src/tasks/trials.ts";

/** A network that adds up one column of the inputs, sample k being what was integrated before it. */
function integrate({ inputs }: Trials, column: (trial: number) => number): NDArray<Float64Array> {
  const [n = 0, samples = 0, width = 0] = inputs.shape;
  const outputs = zeros(n, samples, 1);
  for (let k = 0; k < n; k++)
    for (let t = 1; t < samples; t++)
      outputs.data[k * samples + t] =
        outputs.data[k * samples + t - 1]! + inputs.data[(k * samples + t - 1) * width + column(k)]!;
  return outputs;
}

describe("a trial", () => {
  test("holds the mean evidence, the context and what is asked, at any time step", () => {
    for (const [dt, samples] of [
      [5, 151],
      [1, 751],
      [0.25, 3001],
    ] as const) {
      const { inputs, targets, mask, conditions, ...rest } = contextIntegration({ dt }).trials({ seed: 7, count: 20 });
      expect(rest.dt).toBe(dt);
      expect(inputs.shape).toEqual([20, samples, 4]);
      for (let k = 0; k < 20; k++) {
        const motionCounts = conditions.context![k] === 1;
        const [motion, color] = [Math.fround(conditions.motion![k]!), Math.fround(conditions.color![k]!)];
        for (const t of [0, 1, samples - 1])
          expect([...inputs.data.slice((k * samples + t) * 4, (k * samples + t + 1) * 4)]).toEqual([
            motion,
            color,
            motionCounts ? 1 : 0,
            motionCounts ? 0 : 1,
          ]);
        expect(conditions.relevant![k]).toBe(conditions[motionCounts ? "motion" : "color"]![k]);
        expect(conditions.irrelevant![k]).toBe(conditions[motionCounts ? "color" : "motion"]![k]);
        // Asked: 0 in the first sample, the choice in the last, nothing in between.
        const own = Float64Array.from(mask.data).slice(k * samples, (k + 1) * samples);
        expect([own[0], own[samples - 1], own.reduce((a, b) => a + b, 0)]).toEqual([1, 1, 2]);
        expect(targets.data[k * samples]).toBe(0);
        expect(targets.data[(k + 1) * samples - 1]).toBe(Math.sign(conditions.relevant![k]!));
      }
    }
  });

  test("antithetic ones share context and noise in fours, with either sign of each stream", () => {
    const options = { noise: "inputs", dt: 5 } as const;
    const plain = contextIntegration(options).trials({ seed: 7, count: 5 });
    const task = contextIntegration({ ...options, antithetic: true });
    const { inputs, targets, conditions } = task.trials({ seed: 7, count: 20 });
    const size = 151 * 4;
    for (let k = 0; k < 20; k++) {
      const group = Math.floor(k / 4);
      const [m, c] = [[1, 1], [-1, 1], [1, -1], [-1, -1]][k % 4]!; // biome-ignore format: signs of motion and color
      const own = plain.inputs.data.slice(group * size, (group + 1) * size);
      expect([...inputs.data.slice(k * size, (k + 1) * size)]).toEqual(
        [...own].map((v, i) => (i % 4 === 0 ? m! * v : i % 4 === 1 ? c! * v : v)),
      );
      expect(conditions.context![k]).toBe(plain.conditions.context![group]);
      expect(conditions.motion![k]).toBe(m! * plain.conditions.motion![group]!);
      expect(conditions.color![k]).toBe(c! * plain.conditions.color![group]!);
      expect(targets.data[k * 151 + 150]).toBe(Math.sign(conditions.relevant![k]!));
    }
    // Groups are counted from the first trial, whatever the batch; held-out trials are all different.
    const part = task.trials({ seed: 7, count: 7, firstTrial: 6 });
    expect([...part.inputs.data]).toEqual([...inputs.data.slice(6 * size, 13 * size)]);
    const held = { seed: 7, count: 5, purpose: "validate" as const };
    expect(task.trials(held)).toEqual(contextIntegration(options).trials(held));
    expect(() => contextIntegration({ antithetic: true })).toThrow(/cannot share/);
  });

  test("the widths of what is asked are in ms", () => {
    const { mask, targets } = contextIntegration({ dt: 5, startWidth: 20, endWidth: 50 }).trials({ seed: 1, count: 1 });
    expect([...mask.data.slice(0, 6)]).toEqual([1, 1, 1, 1, 1, 0]);
    expect([...mask.data.slice(-12)]).toEqual([0, ...Array(11).fill(1)]);
    expect([...targets.data.slice(-12)].map(Math.abs)).toEqual([0, ...Array(11).fill(1)]);
  });

  test("is the same in whatever batch and at whatever dt it is drawn; seeds and purposes differ", () => {
    const task = contextIntegration({ noise: "inputs", dt: 5 });
    const whole = task.trials({ seed: 3, count: 12 });
    const part = task.trials({ seed: 3, count: 4, firstTrial: 5 });
    const length = 151 * 4;
    expect(part.inputs.data).toEqual(whole.inputs.data.slice(5 * length, 9 * length));
    expect(task.trials({ seed: 3, count: 12, dt: 1 }).conditions).toEqual(whole.conditions);
    for (const other of [
      { seed: 4, count: 12 },
      { seed: 3, count: 12, purpose: "validate" as const },
    ])
      expect(task.trials(other).conditions.motion).not.toEqual(whole.conditions.motion);
    checkTask(task);
  });
});

describe("conditions", () => {
  test("are uniform in training and come from the test strengths in testing", () => {
    const n = 4000;
    const { motion, color, context } = contextIntegration({ dt: 750 }).trials({ seed: 1, count: n }).conditions;
    for (const values of [motion!, color!]) {
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.1875);
      const variance = values.reduce((s, d) => s + d * d, 0) / n;
      // Variance of a uniform number, a²/3; its estimate has a relative standard error of sqrt(0.8/n).
      expect(Math.abs(variance / (0.1875 ** 2 / 3) - 1)).toBeLessThan(5 * Math.sqrt(0.8 / n));
      expect(Math.abs(values.reduce((s, d) => s + d, 0) / n)).toBeLessThan((5 * 0.1875) / Math.sqrt(3 * n));
    }
    const correlation = motion!.reduce((s, d, k) => s + d * color![k]!, 0) / n / (0.1875 ** 2 / 3);
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(context!.reduce((s, c) => s + c, 0))).toBeLessThan(5 * Math.sqrt(n));

    const tested = contextIntegration({ dt: 750 }).trials({ seed: 1, count: n, purpose: "test" }).conditions;
    const cells = new Map<string, number>();
    for (let k = 0; k < n; k++) {
      const cell = `${tested.motion![k]} ${tested.color![k]} ${tested.context![k]}`;
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
    expect(cells.size).toBe(72);
    const expected = n / 72;
    const chi2 = [...cells.values()].reduce((s, c) => s + (c - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(71 + 5 * Math.sqrt(2 * 71));
  });

  test("can be fixed, and fixing one leaves the others as they were", () => {
    const task = contextIntegration({ dt: 50 });
    const free = task.trials({ seed: 2, count: 6 }).conditions;
    const fixed = task.trials({
      seed: 2,
      count: 6,
      conditions: { context: -1, motion: [0, 1, 2, 3, 4, 5] },
    }).conditions;
    expect([...fixed.motion!]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...fixed.context!]).toEqual(Array(6).fill(-1));
    expect(fixed.color).toEqual(free.color);
    expect(fixed.relevant).toEqual(free.color);

    const roles = task.trials({ seed: 2, count: 6, conditions: { relevant: 0.036 } }).conditions;
    expect([...roles.relevant!]).toEqual(Array(6).fill(0.036));
    for (let k = 0; k < 6; k++) {
      expect(roles.context![k] === 1 ? roles.motion![k] : roles.color![k]).toBe(0.036);
      expect(roles.irrelevant![k]).toBe(free.context![k] === 1 ? free.color![k] : free.motion![k]);
    }
  });

  test("what cannot be fixed is refused", () => {
    const { trials } = contextIntegration({ dt: 50 });
    const ask = (conditions: Record<string, number | number[]>) => () => trials({ seed: 1, count: 3, conditions });
    expect(ask({ contxt: 1 })).toThrow("no condition `contxt` that can be fixed");
    expect(ask({ motion: [0, 1] })).toThrow("2 values of `motion` for 3 trials");
    expect(ask({ context: 0.5 })).toThrow("expected 1 (motion) or -1 (color)");
    expect(ask({ motion: 0.1, relevant: 0.1, irrelevant: 0.1 })).toThrow("fixed twice");
    expect(ask({ motion: Number.NaN })).toThrow(NullclineError);
  });

  test("evidence 0 asks for either choice", () => {
    const { targets } = contextIntegration({ dt: 750 }).trials({ seed: 5, count: 400, conditions: { relevant: 0 } });
    const last = Float64Array.from(targets.data).filter((_, j) => j % 2 === 1);
    expect(new Set(last)).toEqual(new Set([1, -1]));
    expect(Math.abs(last.reduce((a, b) => a + b, 0))).toBeLessThan(5 * 20);
  });
});

describe("noise", () => {
  test("has standard deviation 1/sqrt(dt in ms), on the evidence only", () => {
    for (const dt of [5, 1, 0.25]) {
      const task = contextIntegration({ dt, noise: "inputs" });
      const { inputs } = task.trials({ seed: 1, count: 20, conditions: { motion: 0, color: 0, context: 1 } });
      const n = inputs.data.length / 4;
      for (const channel of [0, 1]) {
        const values = Float64Array.from(inputs.data).filter((_, j) => j % 4 === channel);
        const variance = values.reduce((s, v) => s + v * v, 0) / n;
        expect(Math.abs(variance * dt - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
      }
      expect(new Set(inputs.data.filter((_, j) => j % 4 === 2))).toEqual(new Set([1]));
    }
  });

  test("is left to the equations by default, and the law is in print", () => {
    const task = contextIntegration();
    expect(task.noisePerInput).toEqual([1, 1, 0, 0]);
    expect(task.description).toContain("u + (s/sqrt(dt)) * eps, s = [1, 1, 0, 0]");
    expect(contextIntegration({ noise: "inputs" }).noisePerInput).toEqual([0, 0, 0, 0]);
  });
});

describe("behaviour", () => {
  test("adding up all relevant evidence performs as the ideal observer, Φ(d sqrt(750))", () => {
    // recipes.md section 2: .5973, .8379, .99998
    expect(idealObserver(0.009)).toBeCloseTo(0.5973, 4);
    expect(idealObserver(0.036)).toBeCloseTo(0.8379, 4);
    expect(idealObserver(0.15)).toBeCloseTo(0.99998, 5);
    // Four times the time is twice the strength, and twice the noise is half of it.
    expect(idealObserver(0.036, 3000, 2)).toBeCloseTo(idealObserver(0.036, 750, 1), 14);
    const task = contextIntegration({ dt: 5, noise: "inputs" });
    const count = 1500;
    for (const strength of [0.009, 0.036, 0.15]) {
      const trials = task.trials({ seed: 9, count, purpose: "test", conditions: { relevant: strength } });
      const outputs = integrate(trials, (k) => (trials.conditions.context![k] === 1 ? 0 : 1));
      const { score, n, standardError, parts } = task.behaviour(outputs, trials);
      const p = idealObserver(strength);
      expect(n).toBe(count);
      expect(parts.idealObserver).toBeCloseTo(p, 12);
      expect(Math.abs(score - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / count));
      expect(standardError).toBeCloseTo(Math.sqrt((score * (1 - score)) / count), 12);
    }
  });

  test("adding up the irrelevant evidence is chance; partial scores add up", () => {
    const task = contextIntegration({ dt: 5, noise: "inputs" });
    const trials = task.trials({ seed: 9, count: 1000, purpose: "test" });
    const outputs = integrate(trials, (k) => (trials.conditions.context![k] === 1 ? 1 : 0));
    const { score, parts } = task.behaviour(outputs, trials);
    expect(Math.abs(score - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 1000));
    const inMotion = trials.conditions.context!.filter((c) => c === 1).length;
    expect((parts.motion! * inMotion + parts.color! * (1000 - inMotion)) / 1000).toBeCloseTo(score, 12);
    expect(Object.keys(parts)).toEqual(expect.arrayContaining(["motion 0.009", "color 0.15"]));
    // Silence and NaN are no choices.
    expect(task.behaviour(zeros(1000, 151, 1), trials).score).toBe(0);
    outputs.data.fill(Number.NaN);
    expect(task.behaviour(outputs, trials).score).toBe(0);
  });
});

test("options are checked", () => {
  expect(() => contextIntegration({ dt: 7 })).toThrow("a time step of 7 ms in a trial of 750 ms");
  expect(() => contextIntegration().trials({ seed: 1, count: 1, dt: 0 })).toThrow(NullclineError);
  expect(() => contextIntegration({ nois: 1 } as object)).toThrow("did you mean `noise`?");
  expect(() => contextIntegration({ noise: "none" } as object)).toThrow("expected equations or inputs");
  expect(() => contextIntegration({ strengths: [] })).toThrow(NullclineError);
  expect(contextIntegration().contextInput("color")).toEqual([0, 0, 0, 1]);
});
