/** Recursive least squares and local credit: ridge regression on frozen activity, FORCE with its feedback closed. */
import { inverse, Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { RandomStream } from "../../../src/engine/random.ts";
import { modelOf } from "../../../src/equations/model.ts";
import type { NetworkData } from "../../../src/equations/network.ts";
import { makeNetwork, valuesOf, withParameters } from "../../../src/networks/network.ts";
import type { Task, Trials } from "../../../src/tasks/trials.ts";
import { local } from "../../../src/training/credit/local.ts";
import type { Values } from "../../../src/training/rule.ts";
import { simulator } from "../../../src/training/simulate.ts";
import { type TrainState, train } from "../../../src/training/train.ts";
import { rls } from "../../../src/training/update/rls.ts";
import { sgd } from "../../../src/training/update/sgd.ts";

/** `argmin Σ |W r - f|² + α |W - W0|²` with an explicit inverse. */
function ridge(R: Matrix, F: Matrix, W0: Matrix, alpha: number): Matrix {
  const n = R.columns;
  const gram = R.transpose().mmul(R).add(Matrix.eye(n).mul(alpha));
  return F.transpose().mmul(R).add(W0.clone().mul(alpha)).mmul(inverse(gram));
}

test("pairs, however they are grouped: ridge regression", () => {
  const [n, rows, count, alpha] = [7, 2, 30, 0.3];
  const stream = new RandomStream(1, "rls");
  const before = stream.fillNormal(new Float64Array(count * n));
  const targets = stream.fillNormal(new Float64Array(count * rows));
  const W0 = stream.fillNormal(new Float64Array(rows * n));
  const matrix = (data: Float64Array, m: number, k: number) => Matrix.from1DArray(m, k, Array.from(data));
  const expected = ridge(
    matrix(before, count, n),
    matrix(targets, count, rows),
    matrix(W0, rows, n),
    alpha,
  ).to1DArray();
  for (const group of [1, 4, 30]) {
    const updater = rls({ alpha }).start({ W: { size: rows * n, shape: [rows, n] } });
    const W = W0.slice();
    for (let from = 0; from < count; from += group) {
      const m = Math.min(group, count - from);
      const r = before.subarray(from * n, (from + m) * n);
      const error = Float64Array.from({ length: m * rows }, (_, k) => {
        const [q, o] = [Math.floor(k / rows), k % rows];
        let e = -targets[(from + q) * rows + o]!;
        for (let j = 0; j < n; j++) e += W[o * n + j]! * r[q * n + j]!;
        return e;
      });
      const evidence = { loss: 0, error: 0, gradients: {}, pairs: { W: { before: r, error, count: m } } };
      const { W: change } = updater.changes({ W }, evidence, 1) as Values;
      for (let k = 0; k < W.length; k++) W[k]! += change![k]!;
    }
    W.forEach((w, k) => {
      expect(w).toBeCloseTo(expected[k]!, 11);
    });
  }
});

const [N, T] = [12, 25];
const frozen: NetworkData = {
  equations: "tau dx/dt = -x + J r + B u + 0.2 xi\nr = tanh(x)\nz = W r\nx[0] = x0",
  parameters: {
    tau: { value: 2 },
    x0: { shape: ["N"], init: { law: "gaussian", std: 0.5 }, tag: "pinned" },
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1.3 }, tag: "pinned" },
    B: { shape: ["N", "I"], tag: "pinned" },
    W: { shape: ["O", "N"] },
  },
  sizes: { N, I: 1, O: 2 },
};
/** Two sums of sines, with a masked beginning. */
const sines = (samples: number, outputs: number, masked = 0, period = 20): Task => ({
  name: "sines",
  description: "",
  inputs: ["u"],
  outputs: ["a", "b"].slice(0, outputs),
  dt: 1,
  unit: "sample",
  epochs: [],
  trials({ seed, count, firstTrial = 0 }): Trials {
    const fill = (width: number, f: (k: number, t: number, o: number) => number) => ({
      data: Float32Array.from({ length: count * samples * width }, (_, i) =>
        f(Math.floor(i / width / samples), Math.floor(i / width) % samples, i % width),
      ),
      shape: [count, samples, width],
    });
    const streams = Array.from({ length: count }, (_, k) => new RandomStream(seed, "sines", firstTrial + k).uniform());
    return {
      dt: 1,
      inputs: fill(1, (k, t) => (t < 3 ? streams[k]! : 0)),
      targets: fill(outputs, (_, t, o) => Math.sin((2 * Math.PI * t) / (period + 10 * o))),
      mask: fill(outputs, (_, t) => (t < masked ? 0 : 1)),
      conditions: {},
    };
  },
  behaviour: (outputs, { targets, mask }) => {
    let [error, n] = [0, 0];
    outputs.data.forEach((z: number, i: number) => {
      error += mask.data[i]! * Math.abs(z - targets.data[i]!);
      n += mask.data[i]!;
    });
    return { score: 1 - error / n, what: "", n: targets.shape[0]!, standardError: 0, parts: {} };
  },
});
const stage = (iterations: number, batch: number, rate = 1) => [
  { iterations, batch, rate: { kind: "constant" as const, rate } },
];

test("a trained readout of a frozen network with noise: ridge regression on its activity", async () => {
  const network = makeNetwork(frozen, { seed: 1 });
  const task = sines(T, 2, 5);
  const rule = { credit: local(), update: rls({ alpha: 0.5 }) };
  const { network: after } = await train(network, task, { seed: 2, stages: stage(1, 3), rule, validationTrials: 2 });
  const trials = task.trials({ seed: 2, count: 3 });
  const simulation = await simulator(modelOf(frozen, { dt: 1 }), { sizes: network.sizes, samples: T, record: ["r"] });
  const { r } = await simulation.run(valuesOf(network), trials, { seed: 2 });
  simulation.close();
  const kept: number[][] = [];
  const targets: number[][] = [];
  for (let t = 5; t < T; t++)
    for (let k = 0; k < 3; k++) {
      kept.push(Array.from(r!.data.subarray((k * T + t) * N, (k * T + t + 1) * N)));
      targets.push(Array.from(trials.targets.data.subarray((k * T + t) * 2, (k * T + t + 1) * 2)));
    }
  const W0 = Matrix.from1DArray(2, N, Array.from(valuesOf(network).W!));
  const expected = ridge(new Matrix(kept), new Matrix(targets), W0, 0.5).to1DArray();
  after.parameters.W!.values.data.forEach((w, k) => {
    expect(w).toBeCloseTo(expected[k]!, 4); // activity in f32
  });
});

const feedback: NetworkData = {
  equations: "tau dx/dt = -x + J r + F z + B u\nr = tanh(x)\nz = W r",
  parameters: {
    tau: { value: 10 },
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1.5 }, tag: "pinned" },
    F: { shape: ["N", "O"], init: { law: "uniform", low: -1, high: 1 }, tag: "pinned" },
    B: { shape: ["N", "I"], tag: "pinned" },
    W: { shape: ["O", "N"], init: { law: "constant", value: 0 } },
  },
  sizes: { N: 150, I: 1, O: 1 },
};

test("FORCE: with its feedback closed, a chaotic network follows a sine; resumed, the same bits", async () => {
  const long = sines(600, 1, 0, 120);
  const rule = { credit: local({ every: 2 }), update: rls({ alpha: 1 }) };
  const states: TrainState[] = [];
  const options = { seed: 1, stages: stage(2, 1), rule, validationTrials: 1, checkpointEvery: 1, validateEvery: 1 };
  const lines: number[] = [];
  const network = makeNetwork(feedback, { seed: 3 });
  const whole = await train(network, long, {
    ...options,
    onMetrics: (all) => void lines.push(...all.map((l) => l.error)),
    onCheckpoint: (s) => void states.push(structuredClone(s)),
  });
  // While it learns, the error is small from the first updates on (Sussillo & Abbott 2009): the sine's own is 1/2.
  expect(lines[0]!).toBeLessThan(0.05);
  expect(lines[1]!).toBeLessThan(0.01);
  const rest = await train(network, long, { ...options, resume: states[0]! });
  expect(rest.network.parameters.W!.values).toEqual(whole.network.parameters.W!.values);
});

test("carried on, two iterations of half a trial are one of the whole: to the bit, resumed between them too", async () => {
  // No input, which would begin anew with a trial.
  const data = withParameters({ ...feedback, equations: `${feedback.equations}\nx[0] = x0` }, { B: 0 });
  data.parameters.x0 = { shape: ["N"], init: { law: "gaussian", std: 0.5 }, tag: "pinned" };
  const network = makeNetwork(data, { seed: 3 });
  const run = async (length: number, iterations: number, resume?: TrainState) => {
    const states: TrainState[] = [];
    const rule = { credit: local({ every: 2, carry: true }), update: rls() };
    const task = sines(length, 1); // of whole periods
    const onCheckpoint = (s: TrainState): void => void states.push(structuredClone(s));
    const options = { seed: 1, stages: stage(iterations, 1), rule, validationTrials: 1, checkpointEvery: 1, resume };
    return { ...(await train(network, task, { ...options, onCheckpoint })), states };
  };
  const whole = await run(200, 1);
  const halves = await run(100, 2);
  expect(halves.network.parameters.W!.values).toEqual(whole.network.parameters.W!.values);
  expect(Math.max(...whole.network.parameters.W!.values.data)).toBeGreaterThan(0.01);
  expect((await run(100, 2, halves.states[0])).network.parameters.W!.values).toEqual(
    whole.network.parameters.W!.values,
  );
});

test("the delta rule learns a readout; what does not fit is refused", async () => {
  const network = makeNetwork(frozen, { seed: 1 });
  const rule = { credit: local({ every: 3 }), update: sgd() };
  const lines: number[] = [];
  await train(network, sines(T, 2), {
    seed: 2,
    stages: stage(80, 4, 0.1),
    rule,
    validationTrials: 2,
    onMetrics: (all) => void lines.push(...all.map((l) => l.error)),
  });
  const mean = (a: number[]) => a.reduce((s, v) => s + v, 0) / a.length;
  expect(mean(lines.slice(-10))).toBeLessThan(0.7 * mean(lines.slice(0, 10)));
  const free = { ...frozen, parameters: { ...frozen.parameters, J: { ...frozen.parameters.J, tag: "free" as const } } };
  const refused = train(makeNetwork(free, { seed: 1 }), sines(T, 2), { seed: 2, stages: stage(1, 1), rule });
  await expect(refused).rejects.toThrow(/`J` with the credit `local`.*2 rows/);
});
