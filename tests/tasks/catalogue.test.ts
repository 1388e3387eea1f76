/** What each task's source says of it: timing, laws, inputs, targets, and what counts as right. */
import { describe, expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { makeTask, type Task, type Trials, taskFigure, tasks, trialLengths } from "../../src/tasks/index.ts";

/** Values of one channel in trial k. */
function channel(task: Task, trials: Trials, k: number, part: "inputs" | "targets" | "mask", name: string): number[] {
  const names = part === "inputs" ? task.inputs : task.outputs;
  const [, samples, width] = trials[part].shape as [number, number, number];
  const at = names.indexOf(name);
  return Array.from({ length: samples }, (_, t) => trials[part].data[(k * samples + t) * width + at]!);
}
const scaled = ({ targets }: Trials, by: number) => ({ data: targets.data.map((z) => by * z), shape: targets.shape });
const close = (values: number[], expected: number[]) => {
  expect(values.length).toBe(expected.length);
  values.forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i]!, 5);
  });
};
const filled = (parts: [number, number][]): number[] => parts.flatMap(([n, value]) => Array(n).fill(value) as number[]);

describe.each(Object.keys(tasks))("%s", (name) => {
  const task = makeTask(name);

  test("its examples can be drawn, and its picture shows them", () => {
    const figure = taskFigure(task, { trials: 3 });
    expect(figure.panels.length % Math.min(3, task.examples?.length ?? 1)).toBe(0);
    expect(figure.panels.every((panel) => panel.layers.some((l) => l.kind === "line" || l.kind === "heat"))).toBe(true);
  });

  test("every condition that it names can be fixed, and leaves the others as they were", () => {
    const free = task.trials({ seed: 5, count: 2 });
    for (const condition of task.conditions ?? []) {
      const value = free.conditions[condition]![1]!;
      const fixed = task.trials({ seed: 5, count: 2, conditions: { [condition]: value } });
      expect([...fixed.conditions[condition]!]).toEqual([value, value]);
      // The second trial had that value: it is the same one.
      for (const other of Object.keys(free.conditions))
        expect(fixed.conditions[other]![1]).toBe(free.conditions[other]![1]);
    }
    expect(() => task.trials({ seed: 1, count: 1, conditions: { nothing: 1 } })).toThrow("`nothing` that can be fixed");
  });

  test("no epoch is left out, and no trial is longer than its arrays", () => {
    const { trial, epochs, samples, dt } = trialLengths(task, { count: 60 });
    expect(trial.most).toBeLessThanOrEqual(samples * dt + 1e-9);
    const total = Object.values(epochs).reduce((sum, e) => sum + e.n * e.mean, 0);
    if (total > 0) expect(total / 60).toBeCloseTo(trial.mean, 6);
  });
});

test("random dots: Song et al.'s stimulus, evidence 3.2 c, target in the decision; prior as often as it says", () => {
  const task = tasks.randomDots({ noise: 0, prior: [0.8] });
  const trials = task.trials({ seed: 1, count: 1000, conditions: { coherence: 16 } });
  const direction = trials.conditions.direction![0]!;
  close(
    channel(task, trials, 0, "inputs", "evidence"),
    filled([
      [5, 0],
      [40, 0.512 * direction],
      [15, 0],
    ]),
  );
  close(
    channel(task, trials, 0, "targets", "choice"),
    filled([
      [45, 0],
      [15, direction],
    ]),
  );
  close(
    channel(task, trials, 0, "mask", "choice"),
    filled([
      [5, 1],
      [40, 0],
      [15, 1],
    ]),
  );
  const positive = trials.conditions.direction!.filter((d) => d === 1).length / 1000;
  expect(Math.abs(positive - 0.8)).toBeLessThan(5 * Math.sqrt(0.16 / 1000));
  expect(task.behaviour(scaled(trials, -1), trials).score).toBe(0);
  // The observer who adds up all evidence: by simulation of the trials themselves.
  const noisy = tasks.randomDots({ noise: 1, coherences: [1] });
  const drawn = noisy.trials({ seed: 2, count: 2000 });
  let right = 0;
  for (let k = 0; k < 2000; k++) {
    const sum = channel(noisy, drawn, k, "inputs", "evidence")
      .slice(5, 45)
      .reduce((a, b) => a + b, 0);
    if (Math.sign(sum) === drawn.conditions.direction![k]) right++;
  }
  const ideal = noisy.behaviour(drawn.targets, drawn).parts.idealObserver!;
  expect(Math.abs(right / 2000 - ideal)).toBeLessThan(4 * Math.sqrt((ideal * (1 - ideal)) / 2000));
});

test("random dots: exponential stimulus between Song et al.'s limits", () => {
  const { epochs } = trialLengths(tasks.randomDots({ stimulus: [80, 1500], stimulusScale: 330, noise: 0, dt: 5 }), {
    count: 3000,
  });
  const range = 1420;
  const expected = 80 + 330 - range / (Math.exp(range / 330) - 1);
  expect(Math.abs(epochs.stimulus!.mean - expected)).toBeLessThan((5 * epochs.stimulus!.std) / Math.sqrt(3000));
});

test("Romo: ten ordered pairs of Song et al., all equally likely, and the worst one is told", () => {
  const task = tasks.parametricWorkingMemory({ noise: 0 });
  const trials = task.trials({ seed: 1, count: 1000 });
  const pairs = new Map<string, number>();
  for (let k = 0; k < 1000; k++) {
    const key = `${trials.conditions.f1![k]},${trials.conditions.f2![k]}`;
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
  }
  expect([...pairs.keys()].sort()).toEqual([
    "10,18",
    "14,22",
    "18,10",
    "18,26",
    "22,14",
    "22,30",
    "26,18",
    "26,34",
    "30,22",
    "34,26",
  ]);
  for (const n of pairs.values()) expect(Math.abs(n / 1000 - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / 1000));
  const { epochs } = trialLengths(task);
  expect([epochs.first!.mean, epochs.second!.mean]).toEqual([500, 500]);
  expect(Math.abs(epochs.delay!.mean - 3000)).toBeLessThan(5 * (1000 / Math.sqrt(12 * 1000)));
  // Always "the second one was faster": right in half the trials, wrong in every pair of the other half.
  const always = { data: trials.targets.data.map(() => -1), shape: trials.targets.shape };
  expect(task.behaviour(always, trials).parts).toMatchObject({ "pair 0": 1, "pair 9": 0, worst: 0 });
});

test("match to sample: +1 for the same, -1 for others", () => {
  const task = tasks.delayedMatchToSample({ noise: 0 });
  const trials = task.trials({
    seed: 1,
    count: 4,
    conditions: { sample: [0, 0, 1, 1], test: [0, 1, 0, 1], delay: 500 },
  });
  for (const [k, match] of [1, -1, -1, 1].entries()) {
    const z = channel(task, trials, k, "targets", "match");
    expect(z.slice(80, 130)).toEqual(Array(50).fill(match));
    expect([...new Set(channel(task, trials, k, "mask", "match").slice(130))]).toEqual([0]);
  }
  expect(task.behaviour(scaled(trials, -1), trials).score).toBe(0);
});

test("go/no-go and XOR: steps and criteria of Kim et al.", () => {
  const go = tasks.goNoGo();
  const trials = go.trials({ seed: 1, count: 2, conditions: { go: [1, 0] } });
  expect(trials.targets.shape).toEqual([2, 200, 1]);
  expect(channel(go, trials, 0, "inputs", "stimulus")).toEqual(
    filled([
      [50, 0],
      [25, 1],
      [125, 0],
    ]),
  );
  expect(channel(go, trials, 0, "targets", "response")).toEqual(
    filled([
      [75, 0],
      [125, 1],
    ]),
  );
  // 0.6 is neither a response (0.7) nor none (0.3).
  const half = { data: trials.targets.data.map(() => 0.6), shape: trials.targets.shape };
  expect(go.behaviour(half, trials).score).toBe(0);
  expect(go.behaviour(scaled(trials, 0.75), trials).score).toBe(1);

  const xor = tasks.xor();
  const four = xor.trials({ seed: 1, count: 4, conditions: { first: [1, 1, -1, -1], second: [1, -1, 1, -1] } });
  expect(four.targets.shape).toEqual([4, 300, 1]);
  expect(channel(xor, four, 1, "inputs", "first")).toEqual(
    filled([
      [50, 0],
      [50, 1],
      [200, 0],
    ]),
  );
  expect(channel(xor, four, 1, "inputs", "second")).toEqual(
    filled([
      [110, 0],
      [50, -1],
      [140, 0],
    ]),
  );
  expect(channel(xor, four, 1, "targets", "same")).toEqual(
    filled([
      [170, 0],
      [100, -1],
      [30, 0],
    ]),
  );
  expect(xor.behaviour(scaled(four, 0.69), four).score).toBe(0);
  expect(xor.behaviour(scaled(four, -1), four).score).toBe(0);
});

describe.each(["cueSetGo", "readySetGo", "intervalReproduction"] as const)("%s", (name) => {
  const task = makeTask(name);

  test("the output that follows its target produces the interval, at any time step", () => {
    for (const dt of [10, 2]) {
      const trials = task.trials({ seed: 3, count: 20, dt });
      const { score, parts } = task.behaviour(trials.targets, trials);
      expect(score).toBe(1);
      // Epochs begin at the nearest sample.
      expect(Math.abs(parts.bias!)).toBeLessThan(dt / 2);
    }
  });

  test("an interval is wrong outside a fifth of it and 25 ms", () => {
    const trials = task.trials({ seed: 3, count: 20, dt: 2 });
    // A ramp that is steeper by c ends after 1/c of the interval.
    expect(task.behaviour(scaled(trials, 1 / 0.85), trials).score).toBe(1);
    expect(task.behaviour(scaled(trials, 1 / 0.65), trials).score).toBe(0);
    expect(task.behaviour(scaled(trials, 0.5), trials).score).toBe(0);
  });
});

test("ready-set-go: what is to be produced is the gain times what was measured, from pulse onset to pulse onset", () => {
  const task = tasks.readySetGo();
  const trials = task.trials({ seed: 1, count: 2, conditions: { gain: [1, 1.5], measure: 900, wait: 200 } });
  const pulse = channel(task, trials, 1, "inputs", "pulse");
  const onsets = pulse.flatMap((u, t) => (u === 1 && pulse[t - 1] !== 1 ? [10 * t] : []));
  expect(onsets).toEqual([200, 1100]);
  expect([...trials.conditions.interval!]).toEqual([900, 1350]);
  expect(channel(task, trials, 1, "targets", "ramp").findIndex((z) => z >= 1)).toBe((1100 + 1350) / 10);
});

test("sine generation: the levels and frequencies of Sussillo & Barak", () => {
  const task = tasks.sineGeneration();
  const trials = task.trials({ seed: 1, count: 3, conditions: { omega: [0.1, 0.35, 0.6] } });
  for (const [k, [omega, level]] of [
    [0.1, 0.25],
    [0.35, 25 / 51 + 0.25],
    [0.6, 50 / 51 + 0.25],
  ].entries()) {
    expect(channel(task, trials, k, "inputs", "level")[7]).toBeCloseTo(level!, 6);
    close(
      channel(task, trials, k, "targets", "sine"),
      Array.from({ length: 200 }, (_, t) => Math.sin(omega! * 0.2 * t)),
    );
  }
  expect(task.behaviour(scaled(trials, 0), trials).score).toBeLessThan(0.05);
});

test("phase memory: the output runs behind the reference by its stimulus's part of a cycle", () => {
  const task = tasks.phaseMemory();
  const trials = task.trials({ seed: 1, count: 4, conditions: { stimulus: [0, 1, 2, 3], onset: 200, phase: 0.7 } });
  for (const [k, offset] of [0.1, 0.35, 0.6, 0.85].entries()) {
    const from = trials.events!.hold![k]! / 2;
    const z = channel(task, trials, k, "targets", "oscillation");
    const later = channel(task, trials, k, "inputs", "reference");
    // 8 Hz: a cycle is 62.5 samples of 2 ms.
    for (let t = Math.ceil(from); t < from + 100; t++)
      expect(z[t]).toBeCloseTo(Math.sin(2 * Math.PI * (t / 62.5 - offset) + 0.7), 5);
    expect(later[30]).toBeCloseTo(Math.sin((2 * Math.PI * 30) / 62.5 + 0.7), 5);
  }
  const other = task.trials({ seed: 1, count: 4, conditions: { stimulus: [1, 2, 3, 0], onset: 200, phase: 0.7 } });
  expect(task.behaviour(other.targets, { ...other, conditions: trials.conditions }).score).toBe(0);
});

test("pattern memory: one pattern alone for a stage, both can be asked for", () => {
  const task = tasks.patternMemory({ patterns: "B" });
  expect([...new Set(task.trials({ seed: 1, count: 30 }).conditions.pattern)]).toEqual([1]);
  const trials = task.trials({ seed: 1, count: 2, conditions: { pattern: [0, 1] } });
  expect(task.behaviour(trials.targets, trials).score).toBe(1);
  expect(task.behaviour(scaled(trials, 0.4), trials).score).toBe(0);
});

test("choice by context: the streams are noisy while they last, and the named one's sign is asked for after them", () => {
  const task = tasks.contextChoice();
  const conditions = { first: [1, 1, -1, -1], second: [1, -1, 1, -1], context: [1, 2, 1, 2] };
  const four = task.trials({ seed: 1, count: 4, conditions });
  expect(four.targets.shape).toEqual([4, 500, 1]);
  expect([0, 1, 2, 3].map((k) => channel(task, four, k, "targets", "choice").at(-1))).toEqual([1, -1, -1, -1]);
  expect(channel(task, four, 1, "targets", "choice").filter((z) => z !== 0).length).toBe(250);
  expect(channel(task, four, 1, "inputs", "contextSecond")).toEqual(filled([[500, 1]]));
  const first = channel(task, four, 0, "inputs", "first");
  expect([...first.slice(0, 50), ...first.slice(250)].every((x) => x === 0)).toBe(true);
  // 1,000 trials of 200 samples of mean 0.5 and deviation 1 in a step of 5 ms.
  const many = task.trials({ seed: 2, count: 1000, conditions: { first: 1 } });
  const shown = Array.from({ length: 1000 }, (_, k) => [
    ...channel(task, many, k, "inputs", "first").slice(50, 250),
  ]).flat();
  const average = shown.reduce((a, b) => a + b, 0) / shown.length;
  expect(Math.abs(average - 0.5)).toBeLessThan(5 / Math.sqrt(shown.length));
  const variance = shown.reduce((a, b) => a + (b - average) ** 2, 0) / shown.length;
  expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / shown.length));
  expect(task.behaviour(scaled(four, 0.69), four).score).toBe(0);
  expect(task.behaviour(scaled(four, 0.71), four).score).toBe(1);
});

test("decision by context: 68 samples; a mean in the stimulus, noise throughout, the sign asked for at the end", () => {
  const task = tasks.contextDecision();
  const conditions = { first: [0.1, 0.1, -0.4, -0.4], second: [0.2, -0.2, 0.2, -0.2], context: [1, 2, 1, 2] };
  const four = task.trials({ seed: 1, count: 4, conditions });
  expect([0, 1, 2, 3].map((k) => channel(task, four, k, "targets", "choice").at(-1))).toEqual([1, -1, -1, -1]);
  expect(channel(task, four, 0, "inputs", "contextFirst").filter((u) => u > 0).length).toBe(63);
  const many = task.trials({ seed: 2, count: 500, conditions: { first: 0.4 } });
  const samples = many.inputs.shape[1]!;
  const of = (from: number, to: number): number[] =>
    Array.from({ length: 500 }, (_, k) => [...channel(task, many, k, "inputs", "first").slice(from, to)]).flat();
  for (const [from, to, expected] of [
    [0, 22, 0],
    [23, 62, 0.4],
    [63, samples, 0],
  ] as const) {
    const shown = of(from, to);
    const average = shown.reduce((a, b) => a + b, 0) / shown.length;
    expect(Math.abs(average - expected)).toBeLessThan((5 * 0.1) / Math.sqrt(shown.length));
    const variance = shown.reduce((a, b) => a + (b - average) ** 2, 0) / shown.length;
    expect(Math.abs(variance / 0.01 - 1)).toBeLessThan(5 * Math.sqrt(2 / shown.length));
  }
  expect([...Float64Array.from(four.mask.data)].filter((weight) => weight === 1).length).toBe(4);
  expect(task.behaviour(four.targets, four).score).toBe(1);
  expect(task.behaviour(scaled(four, -1), four).score).toBe(0);
});

test("hierarchical decision: the rule's sign says whose sign is the choice", () => {
  const task = tasks.hierarchicalDecision({ noise: 0 });
  const conditions = { rule: [0.1, -0.1, 0.1, -0.1], first: [0.2, 0.2, -0.2, -0.2], second: [-0.1, -0.1, 0.1, 0.1] };
  const trials = task.trials({ seed: 1, count: 4, conditions });
  expect([0, 1, 2, 3].map((k) => channel(task, trials, k, "targets", "choice").at(-1))).toEqual([1, -1, -1, 1]);
  expect([0, 1, 2, 3].map((k) => channel(task, trials, k, "targets", "chosenRule").at(-1))).toEqual([1, -1, 1, -1]);
});

test("maze: eight problems; who sees only the directions is right in five of eight", () => {
  const task = tasks.oneChoiceMaze();
  const trials = task.trials({ seed: 1, count: 8, conditions: { problem: [0, 1, 2, 3, 4, 5, 6, 7] } });
  expect(trials.inputs.shape).toEqual([8, 50, 8]);
  const answers = new Map<string, string[]>();
  const both = new Set<string>();
  for (let k = 0; k < 8; k++) {
    const shown = (t: number) => task.inputs.filter((name) => channel(task, trials, k, "inputs", name)[t] === 1);
    expect([shown(0).length, shown(25).length, shown(49).length]).toEqual([1, 0, 2]);
    const answer = task.outputs.filter((name) => channel(task, trials, k, "targets", name)[49] === 1);
    expect(shown(49)).toContain(answer[0]);
    answers.set(shown(49).join(), [...(answers.get(shown(49).join()) ?? []), answer[0]!]);
    both.add(`${shown(0)} ${shown(49)}`);
  }
  expect(both.size).toBe(8);
  const best = [...answers.values()].map((list) => Math.max(...list.map((a) => list.filter((b) => a === b).length)));
  expect(best.reduce((a, b) => a + b, 0)).toBe(5);
});

test("addition: two marks, one in each half, and the sum of their numbers", () => {
  const task = tasks.delayedAddition({ steps: 40 });
  const trials = task.trials({ seed: 1, count: 300 });
  const errors: number[] = [];
  for (let k = 0; k < 300; k++) {
    const marks = channel(task, trials, k, "inputs", "mark").flatMap((u, t) => (u === 1 ? [t] : []));
    expect(marks.length).toBe(2);
    expect(marks[0]! < 20 && marks[1]! >= 20).toBe(true);
    const numbers = channel(task, trials, k, "inputs", "number");
    const sum = numbers[marks[0]!]! + numbers[marks[1]!]!;
    expect(channel(task, trials, k, "targets", "sum")[39]).toBeCloseTo(sum, 5);
    errors.push((sum - 1) ** 2);
  }
  // Variance of the sum of two uniform numbers: 1/6.
  expect(Math.abs(errors.reduce((a, b) => a + b, 0) / 300 - 1 / 6)).toBeLessThan(0.06);
  const one = { data: trials.targets.data.map(() => 1), shape: trials.targets.shape };
  expect(task.behaviour(one, trials).parts.meanSquaredError).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / 300, 5);
});

test("Lorenz: the prediction goes on where what was shown ends, along a solution of the equations", () => {
  const task = tasks.lorenzPrediction({ noise: 0, shown: 2 });
  const trials = task.trials({ seed: 1, count: 40, dt: 0.0025 });
  const [, samples] = trials.targets.shape as [number, number];
  expect(samples).toBe(34 * 4);
  // Scale and mean of z from the equation of dx: 10 (y - x), in units of the attractor, for all trials at once.
  let [xx, xy, yy] = [0, 0, 0];
  const slopes: [number, number, number][] = [];
  for (let k = 0; k < 40; k++) {
    const [x, y] = ["x", "y"].map((axis) => channel(task, trials, k, "targets", axis)) as [number[], number[]];
    // Samples on the grid of 0.01, where values are not between steps.
    for (let t = 12; t < samples - 4; t += 4) slopes.push([(x[t + 4]! - x[t - 4]!) / 0.02, x[t]!, y[t]!]);
  }
  for (const [d, x, y] of slopes) {
    xx += x * x;
    xy += x * y;
    yy += y * y;
    expect(Number.isFinite(d)).toBe(true);
  }
  const [dx, dy] = [slopes.reduce((s, [d, x]) => s + d * x, 0), slopes.reduce((s, [d, , y]) => s + d * y, 0)];
  const determinant = xx * yy - xy * xy;
  // dx/dt = -10 x + 10 (std y / std x) y: the first coefficient by least squares.
  expect(Math.abs((dx * yy - dy * xy) / determinant + 10)).toBeLessThan(0.3);
  const last = channel(task, trials, 0, "inputs", "x")[7]!;
  const next = channel(task, trials, 0, "targets", "x")[8]!;
  expect(Math.abs(next - last)).toBeLessThan(0.15);
  expect(task.behaviour(scaled(trials, 0), trials).score).toBeLessThan(0.5);
});

test("muscles of a reach: silent until the go, then linear in the plan, in Gaussian bumps", () => {
  const task = tasks.reachingMuscles({ reaches: 9, plans: 2, muscles: 3, phases: 2, width: 10, hold: [200] });
  expect(task.inputs).toEqual(["plan1", "plan2", "hold"]);
  const trials = task.trials({ seed: 1, count: 9, conditions: { reach: [0, 1, 2, 3, 4, 5, 6, 7, 8] } });
  for (let k = 0; k < 9; k++) {
    const [p, q, hold] = ["plan1", "plan2", "hold"].map((c) => channel(task, trials, k, "inputs", c)) as number[][];
    expect(p![0]! ** 2 + q![0]! ** 2).toBeCloseTo(1, 6);
    close(
      hold!,
      filled([
        [20, 1],
        [p!.length - 20, 0],
      ]),
    );
    expect(p!.slice(20).every((v) => v === 0)).toBe(true);
    for (const m of ["muscle1", "muscle2", "muscle3"]) {
      const y = channel(task, trials, k, "targets", m);
      expect(y.slice(0, 20)).toEqual(Array(20).fill(0));
      // Bumps 150 and 250 ms after the go, ten standard deviations apart: each alone near its middle.
      for (const at of [35, 45]) expect(y[at + 1]! / y[at]!).toBeCloseTo(Math.exp(-0.5), 5);
      // Heights are linear in the plan: those of reaches 0 and 1 give all others.
      const basis = [0, 1].map((j) => channel(task, trials, j, "targets", m)[35]!);
      const [a, b] = [0, 1].map((j) => ["plan1", "plan2"].map((c) => channel(task, trials, j, "inputs", c)[0]!));
      const det = a![0]! * b![1]! - a![1]! * b![0]!;
      const u = (p![0]! * b![1]! - q![0]! * b![0]!) / det;
      const v = (q![0]! * a![0]! - p![0]! * a![1]!) / det;
      expect(y[35]).toBeCloseTo(u * basis[0]! + v * basis[1]!, 4);
    }
  }
  expect(task.behaviour(trials.targets, trials).score).toBe(1);
  const other = tasks.reachingMuscles({ drawing: 2, hold: [200] }).trials({ seed: 1, count: 1 });
  const same = tasks.reachingMuscles({ hold: [200] }).trials({ seed: 1, count: 1 });
  expect([...other.targets.data]).not.toEqual([...same.targets.data]);
});

test("muscles of cycling: one pattern of the phase at every speed, of mean square 1/2, silent at rest", () => {
  const task = tasks.cyclingMuscles({ range: [1, 2], speeds: 3, muscles: 2, rest: 100, duration: 3000 });
  expect(task.examples).toEqual([{ frequency: 1 }, { frequency: 2 }]);
  const trials = task.trials({ seed: 1, count: 2, conditions: { frequency: [1, 2] } });
  for (const [k, height] of [0.5, 1].entries())
    close(
      channel(task, trials, k, "inputs", "speed"),
      filled([
        [10, 0],
        [300, height],
      ]),
    );
  for (const m of ["muscle1", "muscle2"]) {
    const [slow, fast] = [0, 1].map((k) => channel(task, trials, k, "targets", m)) as [number[], number[]];
    expect(slow.slice(0, 11)).toEqual(Array(11).fill(0));
    // From the second cycle on, when the rise is over.
    for (let t = 0; t < 100; t++) {
      expect(slow[110 + t]).toBeCloseTo(slow[210 + t]!, 5);
      if (t % 2 === 0) expect(fast[110 + t / 2]).toBeCloseTo(slow[110 + t]!, 5);
    }
    const square = slow.slice(110, 210).reduce((sum, y) => sum + y * y, 0) / 100;
    expect(square).toBeCloseTo(0.5, 5);
  }
});

test.each([
  ["randomDots", { prior: [1.2] }],
  ["randomDots", { coherences: [-1] }],
  ["parametricWorkingMemory", { difference: 0 }],
  ["delayedMatchToSample", { delay: [3000, 500] }],
  ["goNoGo", { go: 2 }],
  ["xor", { before: -10 }],
  ["cueSetGo", { intervals: [10] }],
  ["cueSetGo", { cue: [1] }],
  ["readySetGo", { gains: [] }],
  ["readySetGo", { margin: [0.2] }],
  ["intervalReproduction", { interval: [20, 1000] }],
  ["sineGeneration", { range: [0.6, 0.1] }],
  ["phaseMemory", { offsets: [0.1] }],
  ["patternMemory", { patterns: "C" }],
  ["contextChoice", { evidence: 0 }],
  ["contextDecision", { strengths: [0] }],
  ["hierarchicalDecision", { strengths: [0] }],
  ["oneChoiceMaze", { goal: -5 }],
  ["delayedAddition", { steps: 3 }],
  ["lorenzPrediction", { horizon: 50 }],
  ["multitask", { rules: "fdgoo" }],
  ["pathIntegration", { agents: 3 }],
  ["reachingMuscles", { phases: 0 }],
  ["cyclingMuscles", { range: [2, 1] }],
  ["cyclingMuscles", { rise: 0 }],
])("%s refuses %j", (name, options) => {
  expect(() => makeTask(name, options)).toThrow(NullclineError);
});
