/** Stages with tasks of their own: task A, then B, both scored; weights that mattered for A are held where asked. */
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import type { Host } from "../../src/host/host.ts";
import { makeNetwork } from "../../src/networks/network.ts";
import type { Task, Trials } from "../../src/tasks/trials.ts";
import { eligibility } from "../../src/training/credit/eligibility.ts";
import { crossEntropy } from "../../src/training/fit.ts";
import { near } from "../../src/training/importance.ts";
import type { Penalty } from "../../src/training/penalty.ts";
import { type Metrics, type TrainOptions, type TrainState, train } from "../../src/training/train.ts";
import { sgd } from "../../src/training/update/sgd.ts";
import { transpile } from "../host/transpiled.ts";

/** z = w1 u1 + w2 u2. A shows (a, 0) and asks for 2 a: w1 = 2. B shows (a, a) and asks for a: w1 + w2 = 1. */
const line: NetworkData = {
  equations: "z = W u",
  parameters: { W: { shape: ["O", "I"], value: [0, 0] } },
  sizes: { I: 2, O: 1 },
};
const taskOf = (name: string, second: number, gain: number): Task => ({
  name,
  description: "",
  inputs: ["a", "b"],
  outputs: ["y"],
  dt: 1,
  unit: "sample",
  epochs: [],
  trials({ seed, count, firstTrial = 0 }): Trials {
    const a = Array.from({ length: count }, (_, k) => new RandomStream(seed, name, firstTrial + k).normal());
    const shape = [count, 1, 1];
    return {
      dt: 1,
      inputs: { data: Float32Array.from(a.flatMap((v) => [v, second * v])), shape: [count, 1, 2] },
      targets: { data: Float32Array.from(a, (v) => gain * v), shape },
      mask: { data: new Float32Array(count).fill(1), shape },
      conditions: {},
    };
  },
  behaviour: (outputs, { targets }) => {
    let error = 0;
    outputs.data.forEach((z: number, i: number) => {
      error += (z - targets.data[i]!) ** 2 / outputs.data.length;
    });
    return { score: 1 - error, what: "", n: targets.shape[0]!, standardError: 0, parts: {} };
  },
});
const [A, B] = [taskOf("A", 0, 2), taskOf("B", 1, 1)];
const rate = { kind: "constant" as const, rate: 0.1 };
const stages = [
  { iterations: 100, batch: 32, rate },
  { iterations: 300, batch: 32, rate, task: B },
];
const learn = (penalties: Penalty[], more: Partial<TrainOptions> = {}) =>
  train(makeNetwork(line), A, { seed: 1, stages, rule: { update: sgd() }, penalties, validationTrials: 64, ...more });
const weights = (result: Awaited<ReturnType<typeof learn>>): number[] => [...result.network.parameters.W!.values.data];

test("B alone drags the weight of A along; both tasks are scored at every validation", async () => {
  const lines: Metrics[] = [];
  const result = await learn([], { onMetrics: (l) => void lines.push(...l) });
  // Both weights have the same gradient in B: from (2, 0) they move together to w1 + w2 = 1.
  weights(result).forEach((w, k) => {
    expect(w).toBeCloseTo([1.5, -0.5][k]!, 3);
  });
  const validated = lines.filter((l) => l.score !== undefined);
  expect(validated.find((l) => l.iteration === 100)!.tasks!.A).toBeGreaterThan(0.999);
  expect(result.behaviours!.A!.score).toBeLessThan(0.9);
  expect(result.behaviours!.B!.score).toBeGreaterThan(0.999);
  for (const l of validated) expect(Object.keys(l.tasks!)).toEqual(["A", "B"]);
});

test("with synaptic importance only the weight that A did not use moves: (2, -1) solves both", async () => {
  const penalty = near({ W: ["O", "I"] }, 1, { importance: "synaptic" });
  const states: TrainState[] = [];
  const result = await learn([penalty], { onCheckpoint: (s) => void states.push(structuredClone(s)) });
  weights(result).forEach((w, k) => {
    expect(w).toBeCloseTo([2, -1][k]!, 1);
  });
  expect(result.behaviours!.A!.score).toBeGreaterThan(0.99);
  expect(result.behaviours!.B!.score).toBeGreaterThan(0.99);
  // Going from 0 to 2 the loss of A fell by 4 E[a²] ≈ 4, along w1 alone: Ω = 4 / (2² + ξ).
  const importance = states.find((s) => s.iteration === 200)!.optimiser.objective_importance_W!.data;
  expect(Math.abs(importance[0]! - 1)).toBeLessThan(0.35);
  const resumed = await learn([penalty], { resume: states.find((s) => s.iteration === 200)! });
  expect(weights(resumed)).toEqual(weights(result));
});

test("held to the initial weights, all alike: the ridge solution", async () => {
  const penalty = near({ W: ["O", "I"] }, 0.5, { anchor: "initial" });
  const result = await learn([penalty], { stages: [{ iterations: 400, batch: 500, rate }] });
  // argmin E[a²] (w1 - 2)² + 0.5 (w1² + w2²), with E[a²] ≈ 1: w1 = 2/1.5
  expect(Math.abs(weights(result)[0]! - 2 / 1.5)).toBeLessThan(0.1);
  expect(weights(result)[1]!).toBeCloseTo(0, 6);
});

test("the best validated iterate is kept: that of a training which stopped there; resumed, the same", async () => {
  // Steps that are too large from iteration 60 on undo what was learned; the next stage begins at the best.
  const steps = { kind: "piecewise" as const, points: [[0, 0.05], [60, 1.2]] as [number, number][] }; // biome-ignore format: a schedule
  const stage = { iterations: 120, batch: 32, rate: steps };
  const lines: Metrics[] = [];
  const states: TrainState[] = [];
  const more = { validateEvery: 10, checkpointEvery: 10, onMetrics: (l: Metrics[]) => void lines.push(...l) };
  const options = { ...more, onCheckpoint: (s: TrainState) => void states.push(structuredClone(s)) };
  const kept = await learn([], { ...options, stages: [{ ...stage, keep: "best" }] });
  const scores = lines.flatMap(({ iteration, score }) => (score === undefined ? [] : [{ iteration, score }]));
  const best = scores.reduce((a, b) => (b.score > a.score ? b : a));
  expect(best.iteration).toBeGreaterThan(10);
  expect(best.iteration).toBeLessThan(120);
  expect(scores.at(-1)!.score).toBeLessThan(best.score - 1e-3);
  const stopped = await learn([], { stages: [{ ...stage, iterations: best.iteration }] });
  expect(weights(kept)).toEqual(weights(stopped));
  expect(kept.behaviour!.score).toBe(best.score);
  const last = await learn([], { stages: [stage] });
  expect(weights(last)).not.toEqual(weights(kept));
  const resumed = await learn([], {
    ...more,
    stages: [{ ...stage, keep: "best" }],
    resume: states.find((s) => s.iteration === 110)!,
  });
  expect(weights(resumed)).toEqual(weights(kept));
});

test("a coefficient follows its schedule over the whole training", async () => {
  const penalty: Penalty = {
    name: "pull",
    weight: { kind: "piecewise", points: [[0, 0], [100, 1000]] }, // biome-ignore format: a schedule
    terms: ["W * W"],
  };
  const slow = stages.map((s) => ({ ...s, rate: { kind: "constant" as const, rate: 1e-3 } }));
  const lines: Metrics[] = [];
  await learn([penalty], { stages: slow, onMetrics: (l) => void lines.push(...l) });
  for (const l of lines) expect(l.loss > l.error).toBe(l.iteration > 100);
});

test("the same bits in place and with two workers, e-prop with random feedback and cross-entropy", async () => {
  const data: NetworkData = {
    equations: "x[t+1] = 0.5 x + J r + B u + 0.1 eps\nr = tanh(x)\nz = W r",
    parameters: { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } },
    sizes: { N: 8, I: 2, O: 3 },
  };
  const choice: Task = {
    ...A,
    outputs: ["p", "q", "r"],
    trials: ({ seed, count, firstTrial = 0 }) => {
      const s = (k: number) => new RandomStream(seed, "choice", firstTrial + k);
      const targets = new Float32Array(count * 6 * 3);
      for (let k = 0; k < count * 6; k++) targets[k * 3 + (k % 3)] = 1;
      return {
        dt: 1,
        inputs: { data: Float32Array.from({ length: count * 12 }, (_, i) => s(i).normal()), shape: [count, 6, 2] },
        targets: { data: targets, shape: [count, 6, 3] },
        mask: { data: new Float32Array(count * 18).fill(1), shape: [count, 6, 3] },
        conditions: {},
      };
    },
  };
  const built = transpile("base", "host", "equations", "engine", "engine/linalg", "engine/wasm", "engine/compiled");
  const { nodeHost } = await import(/* @vite-ignore */ pathToFileURL(`${built.folder}/host/node.js`).href);
  const host: Host = nodeHost();
  let started = 0;
  const counting: Host = {
    ...host,
    startWorker() {
      started++;
      return host.startWorker();
    },
  };
  const run = async (workers: number) =>
    train(makeNetwork(data, { seed: 2 }), choice, {
      ...{ seed: 1, stages: [{ iterations: 4, batch: 40, rate }], shard: 8, validationTrials: 8 },
      rule: { credit: eligibility({ feedback: "random" }), update: sgd({ momentum: 0.5 }) },
      fit: crossEntropy({ last: true }),
      ...(workers > 1 && { host: counting }),
      workers,
    });
  const [one, two] = [await run(1), await run(2)];
  built.remove();
  expect(started).toBeGreaterThanOrEqual(2);
  expect(two.network.parameters).toEqual(one.network.parameters);
  expect(one.network.parameters.J!.values).not.toEqual(makeNetwork(data, { seed: 2 }).parameters.J!.values);
});
