/** The twenty tasks of Yang et al. 2019 against the table of their code's parameters (its `task.py`). */
import { describe, expect, test } from "vitest";
import { angleBetween, populationVector, type Trials, tasks, trialLengths } from "../../src/tasks/index.ts";
import { rules } from "../../src/tasks/multitaskRules.ts";

const quiet = tasks.multitask({ noise: 0 });
const drawn = (rule: string, count: number, conditions: Record<string, number> = {}): Trials =>
  quiet.trials({ seed: 1, count, conditions: { ...conditions, rule: rules.indexOf(rule as (typeof rules)[number]) } });
const row = (trials: Trials, part: "inputs" | "targets" | "mask", k: number, time: number): number[] => {
  const [, samples, width] = trials[part].shape as [number, number, number];
  const first = (k * samples + Math.round(time / 20)) * width;
  return Array.from(trials[part].data.slice(first, first + width));
};
const rings = (inputs: number[]) => ({
  fixation: inputs[0]!,
  first: inputs.slice(1, 33),
  second: inputs.slice(33, 65),
  rule: inputs.slice(65),
});
const silent = (ring: number[]) => ring.every((u) => u === 0);

test("85 inputs, 33 outputs", () => {
  expect([quiet.inputs.length, quiet.outputs.length]).toEqual([85, 33]);
  expect(quiet.inputs.slice(65)).toEqual([...rules]);
});

/** Onset of the (first) stimulus, its length, the delay, the second stimulus, the wait: mean of the published laws, ms. */
const table: Record<string, [number, number, number, number, number]> = {
  fdgo: [500, 1000, 0, 0, 0], fdanti: [500, 1000, 0, 0, 0], reactgo: [1500, 0, 0, 0, 0], reactanti: [1500, 0, 0, 0, 0],
  delaygo: [500, 400, 750, 0, 0], delayanti: [500, 400, 750, 0, 0],
  dm1: [250, 2800 / 3, 0, 0, 0], dm2: [250, 2800 / 3, 0, 0, 0], contextdm1: [250, 2800 / 3, 0, 0, 0],
  contextdm2: [250, 2800 / 3, 0, 0, 0], multidm: [250, 2800 / 3, 0, 0, 0],
  delaydm1: [400, 400, 750, 400, 200], delaydm2: [400, 400, 750, 400, 200], contextdelaydm1: [400, 400, 750, 400, 200],
  contextdelaydm2: [400, 400, 750, 400, 200], multidelaydm: [400, 400, 750, 400, 200],
  dmsgo: [400, 400, 750, 0, 0], dmsnogo: [400, 400, 750, 0, 0], dmcgo: [400, 400, 750, 0, 0], dmcnogo: [400, 400, 750, 0, 0],
}; // biome-ignore format: a table

test.each([...rules])("%s has the published durations", (rule) => {
  const trials = tasks
    .multitask({ noise: 0, ring: 4 })
    .trials({ seed: 2, count: 600, conditions: { rule: rules.indexOf(rule) } });
  const [before, stimulus, delay, second, wait] = table[rule]!;
  const response = rule.startsWith("dmc") ? 400 : 500;
  for (const [name, expected] of Object.entries({ before, stimulus, delay, test: second, wait, response })) {
    const values = trials.conditions[name]!;
    const mean = values.reduce((a, b) => a + b, 0) / 600;
    const std = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / 600);
    expect(Math.abs(mean - expected), name).toBeLessThanOrEqual((5 * std) / Math.sqrt(600));
  }
});

describe("go tasks", () => {
  const conditions = { angle: 1, modality: 2, before: 500, stimulus: 600, delay: 400 };

  test.each([
    ["fdgo", { 400: false, 700: true, 1300: true }, 1, true],
    ["delayanti", { 400: false, 700: true, 1300: false }, 1 + Math.PI, false],
  ] as const)("%s shows its stimulus when it should", (rule, when, answer, stays) => {
    const trials = drawn(rule, 1, conditions);
    for (const [time, shown] of Object.entries(when)) {
      const { first, second } = rings(row(trials, "inputs", 0, Number(time)));
      expect(silent(first)).toBe(true);
      expect(silent(second)).toBe(!shown);
      if (shown) expect(angleBetween(populationVector(second), 1)).toBeLessThan(1e-6);
    }
    const end = trials.events!.end![0]! - 20;
    const target = row(trials, "targets", 0, end);
    expect(target[0]).toBeCloseTo(0.05, 6);
    expect(angleBetween(populationVector(target.slice(1)), answer)).toBeLessThan(1e-6);
    expect(rings(row(trials, "inputs", 0, end)).fixation).toBe(0);
    expect(silent(rings(row(trials, "inputs", 0, end)).second)).toBe(!stays);
    expect(row(trials, "targets", 0, 300)[0]).toBeCloseTo(0.8, 6);
  });

  test("in reaction the fixation stays on, and the stimulus is the signal to go", () => {
    const trials = drawn("reactgo", 1, { before: 1000, modality: 1 });
    expect(silent(rings(row(trials, "inputs", 0, 980)).first)).toBe(true);
    expect(silent(rings(row(trials, "inputs", 0, 1000)).first)).toBe(false);
    expect(rings(row(trials, "inputs", 0, 1480)).fixation).toBe(1);
  });
});

test("weights are squared, as the published loss has them, or not", () => {
  for (const [task, of] of [
    [quiet, [4, 1, 100, 25]],
    [tasks.multitask({ noise: 0, squaredMask: false }), [2, 1, 10, 5]],
  ] as const) {
    const trials = task.trials({ seed: 1, count: 1, conditions: { rule: 0, before: 500, stimulus: 500 } });
    const weights = (time: number) => row(trials, "mask", 0, time).slice(0, 2);
    expect(weights(80)).toEqual([0, 0]);
    expect(weights(100)).toEqual(of.slice(0, 2));
    expect(weights(980)).toEqual(of.slice(0, 2));
    expect(weights(1000)).toEqual([0, 0]);
    expect(weights(1080)).toEqual([0, 0]);
    expect(weights(1100)).toEqual(of.slice(2));
    expect(weights(1480)).toEqual(of.slice(2));
    expect(weights(1500)).toEqual([0, 0]);
  }
});

describe("decisions", () => {
  const shown = {
    angle: 1,
    distance: 2,
    before: 200,
    stimulus: 400,
    strength: 1,
    evidence: 0.08,
    otherStrength: 1.1,
    otherEvidence: -0.04,
  };
  const peak = (ring: number[], angle: number) => ring[Math.round((angle * 32) / (2 * Math.PI))]!;

  test("context: the rule's modality decides, both are shown", () => {
    for (const [rule, answer] of [
      ["contextdm1", 1],
      ["contextdm2", 3],
    ] as const) {
      const trials = drawn(rule, 1, shown);
      const { first, second } = rings(row(trials, "inputs", 0, 300));
      expect(peak(first, 1) > peak(first, 3)).toBe(true);
      expect(peak(second, 1) < peak(second, 3)).toBe(true);
      expect(trials.conditions.answer![0]).toBeCloseTo(answer, 12);
    }
  });

  test("both modalities: their sum is what counts, 2 strength (± evidence)", () => {
    const trials = drawn("multidm", 40, { angle: 1, distance: Math.PI, before: 200, stimulus: 400 });
    for (let k = 0; k < 40; k++) {
      const { first, second } = rings(row(trials, "inputs", k, 300));
      const sum = (angle: number) => peak(first, angle) + peak(second, angle);
      const [a, b] = [sum(1), sum(1 + Math.PI)];
      expect(a > b ? 1 : 1 + Math.PI).toBeCloseTo(trials.conditions.answer![k]!, 12);
      expect((a - b) / (a + b)).toBeCloseTo(trials.conditions.evidence![k]! / trials.conditions.strength![k]!, 5);
    }
  });

  test("delayed: one stimulus after the other", () => {
    const trials = drawn("delaydm2", 1, { ...shown, stimulus: 200, delay: 400, test: 200, wait: 200 });
    const at = (time: number) => rings(row(trials, "inputs", 0, time));
    expect(silent(at(300).first)).toBe(true);
    expect(angleBetween(populationVector(at(300).second), 1)).toBeLessThan(1e-6);
    expect(silent(at(500).second)).toBe(true);
    expect(angleBetween(populationVector(at(900).second), 3)).toBeLessThan(1e-6);
    expect(silent(at(1100).second)).toBe(true);
  });
});

test("matching: go on match or on non-match, of places or of categories", () => {
  for (const [rule, onMatch] of [
    ["dmsgo", true],
    ["dmsnogo", false],
    ["dmcgo", true],
    ["dmcnogo", false],
  ] as const) {
    const trials = drawn(rule, 200);
    let matches = 0;
    for (let k = 0; k < 200; k++) {
      const { angle, delay, before, stimulus } = Object.fromEntries(
        Object.entries(trials.conditions).map(([n, v]) => [n, v[k]!]),
      ) as Record<string, number>;
      const second = rings(row(trials, "inputs", k, before! + stimulus! + delay! + 20));
      const shownAt = populationVector(second.first.map((u, i) => u + second.second[i]!));
      const isMatch = rule.startsWith("dms")
        ? angleBetween(shownAt, angle!) < 1e-3
        : shownAt < Math.PI === angle! < Math.PI;
      if (isMatch) matches++;
      const target = row(trials, "targets", k, trials.events!.end![k]! - 20);
      const goes = target[0]! < 0.5;
      expect(goes).toBe(isMatch === onMatch);
      if (goes) expect(angleBetween(populationVector(target.slice(1)), shownAt)).toBeLessThan(1e-5);
      expect(second.fixation).toBe(1);
    }
    expect(Math.abs(matches / 200 - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 200));
  }
});

test("right within 36 degrees of the answer, and only without fixation", () => {
  const trials = drawn("delaygo", 20);
  const at = (turn: number, fixation: number) => {
    const data = trials.targets.data.slice();
    const [, samples, width] = trials.targets.shape as [number, number, number];
    for (let k = 0; k < 20; k++)
      for (let t = 0; t < samples; t++) {
        const first = (k * samples + t) * width;
        data[first] = fixation;
        for (let i = 0; i < 32; i++)
          data[first + 1 + i] = 1 + Math.cos((2 * Math.PI * i) / 32 - trials.conditions.answer![k]! - turn);
      }
    return quiet.behaviour({ data, shape: trials.targets.shape }, trials);
  };
  const degree = Math.PI / 180;
  expect(at(35 * degree, 0).score).toBe(1);
  expect(at(-35 * degree, 0).parts.delaygo).toBe(1);
  expect(at(37 * degree, 0).score).toBe(0);
  expect(at(0, 0.6).score).toBe(0);
});

test("context rules are drawn five times as often; a list of rules draws these alone", () => {
  const all = quiet.trials({ seed: 3, count: 1500 }).conditions.rule!;
  const share = all.filter((rule) => rule === rules.indexOf("contextdm1")).length / 1500;
  expect(Math.abs(share - 5 / 28)).toBeLessThan(5 * Math.sqrt(((5 / 28) * (23 / 28)) / 1500));
  const two = tasks.multitask({ rules: "fdgo, dm1" }).trials({ seed: 3, count: 50 }).conditions.rule!;
  expect([...new Set(two)].sort((a, b) => a - b)).toEqual([0, 6]);
  expect(() => tasks.multitask({ rules: "fdgo,dms" })).toThrow("no rule is called `dms`");
});

test("noise of each input: 0.01 √(2/α) a step at α = dt/100 ms", () => {
  const task = tasks.multitask();
  const [noisy, plain] = [task, quiet].map((t) => t.trials({ seed: 4, count: 10 }).inputs) as [
    Trials["inputs"],
    Trials["inputs"],
  ];
  const differences = Float64Array.from(noisy.data, (u, j) => u - plain.data[j]!).filter((d) => d !== 0);
  const variance = differences.reduce((s, d) => s + d * d, 0) / differences.length;
  expect(Math.abs(variance / (0.01 ** 2 * 2 * 5) - 1)).toBeLessThan(5 * Math.sqrt(2 / differences.length));
});

test("the longest trial is that of the rule with the longest one", () => {
  // Delayed decision: 600 + 600 + 1600 + 600 + 300 + 500.
  expect(trialLengths(quiet, { count: 1 }).samples * 20).toBe(4200);
  // Of those that are drawn: 700 + 1500 + 500.
  expect(trialLengths(tasks.multitask({ rules: "fdgo" }), { count: 1 }).samples * 20).toBe(2700);
});
