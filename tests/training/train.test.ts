/** Training against closed forms: least squares, penalties, shards; divergence, interruption, resumption. */
import { expect, test } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";
import type { Task, Trials } from "../../src/tasks/trials.ts";
import { gradientEngine } from "../../src/training/gradient.ts";
import { square } from "../../src/training/penalty.ts";
import { simulator } from "../../src/training/simulate.ts";
import { type Metrics, type TrainState, train } from "../../src/training/train.ts";

/** z = w u + c learns y = 2 u - 1 (no memory: least squares has a closed form). */
const line: NetworkData = {
  name: "line",
  equations: "z = W u + c",
  parameters: { W: { shape: ["O", "I"], value: [0.5] }, c: { shape: ["O"], value: [0.25] } },
  sizes: { I: 1, O: 1 },
};
const samples = 5;
const regression: Task = {
  name: "regression",
  description: "y = 2 u - 1",
  inputs: ["u"],
  outputs: ["y"],
  dt: 1,
  unit: "sample",
  epochs: [],
  trials({ seed, count, firstTrial = 0 }): Trials {
    const inputs = new Float32Array(count * samples);
    const targets = new Float32Array(count * samples);
    for (let k = 0; k < count; k++) {
      const s = new RandomStream(seed, "regression", firstTrial + k);
      for (let t = 0; t < samples; t++) {
        inputs[k * samples + t] = s.normal();
        targets[k * samples + t] = 2 * inputs[k * samples + t]! - 1;
      }
    }
    // The third sample does not count.
    const mask = Float32Array.from({ length: count * samples }, (_, i) => (i % samples === 2 ? 0 : 1));
    const shape = [count, samples, 1];
    return {
      dt: 1,
      inputs: { data: inputs, shape },
      targets: { data: targets, shape },
      mask: { data: mask, shape },
      conditions: {},
    };
  },
  behaviour: (outputs, { targets }) => {
    let error = 0;
    outputs.data.forEach((z: number, i: number) => {
      error += (z - targets.data[i]!) ** 2 / outputs.data.length;
    });
    return { score: 1 - error, what: "1 - mean square error", n: targets.shape[0]!, standardError: 0, parts: {} };
  },
};

/** Loss and gradient of the masked mean square by hand. */
function byHand(trials: Trials, W: number, c: number) {
  let [loss, gW, gc, n] = [0, 0, 0, 0];
  trials.inputs.data.forEach((u: number, i: number) => {
    if (trials.mask.data[i] === 0) return;
    const miss = W * u + c - trials.targets.data[i]!;
    loss += miss ** 2;
    gW += 2 * miss * u;
    gc += 2 * miss;
    n++;
  });
  return { loss: loss / n, gW: gW / n, gc: gc / n };
}

test.each([8, 16, 64])("loss and gradient are those of the masked mean square, in shards of %i", async (shard) => {
  const network = makeNetwork(line);
  const engine = await gradientEngine(modelOf(line), { sizes: network.sizes, trained: ["W", "c"], samples, shard });
  const trials = regression.trials({ seed: 1, count: 40 });
  const { loss, error, gradients } = await engine.of(valuesOf(network), trials, { seed: 1, firstTrial: 0 });
  engine.close();
  const expected = byHand(trials, 0.5, 0.25);
  expect(loss).toBeCloseTo(expected.loss, 5);
  expect(error).toBeCloseTo(expected.loss, 5);
  expect(gradients.W![0]!).toBeCloseTo(expected.gW, 5);
  expect(gradients.c![0]!).toBeCloseTo(expected.gc, 5);
});

test("penalties: mean square of weights and of a quantity, whatever the shards", async () => {
  const network = makeNetwork(line);
  const trials = regression.trials({ seed: 1, count: 40 });
  const plain = byHand(trials, 0.5, 0.25);
  const engine = await gradientEngine(modelOf(line), {
    sizes: network.sizes,
    trained: ["W", "c"],
    samples,
    shard: 16,
    penalties: [square(["W"], 3), square(["z"], 0.5)],
  });
  const { loss, gradients } = await engine.of(valuesOf(network), trials, { seed: 1, firstTrial: 0 });
  engine.close();
  let squares = 0;
  let slope = 0;
  trials.inputs.data.forEach((u: number) => {
    const z = 0.5 * u + 0.25;
    squares += z * z;
    slope += 2 * z * u;
  });
  const n = trials.inputs.data.length;
  // A short shard is filled with copies of its last trial, which must not count.
  expect(loss).toBeCloseTo(plain.loss + 3 * 0.25 + (0.5 * squares) / n, 4);
  expect(gradients.W![0]!).toBeCloseTo(plain.gW + 3 * 2 * 0.5 + (0.5 * slope) / n, 4);
});

test("training finds the least-squares solution and stops at its criterion", async () => {
  const result = await train(makeNetwork(line), regression, {
    seed: 3,
    stages: [{ iterations: 2000, batch: 32, rate: { kind: "constant", rate: 0.05 }, until: { error: 1e-6 } }],
    validateEvery: 50,
    validationTrials: 16,
  });
  expect(result.status).toBe("criterion");
  expect(result.iterations).toBeLessThan(2000);
  expect(result.network.parameters.W!.values.data[0]!).toBeCloseTo(2, 2);
  expect(result.network.parameters.c!.values.data[0]!).toBeCloseTo(-1, 2);
  expect(result.behaviour!.score).toBeGreaterThan(0.9999);
});

test("a loss that explodes stops with a diagnosis and keeps the last good parameters", async () => {
  const unstable: NetworkData = {
    name: "unstable",
    equations: "h[t] = a h[t-1] * h[t-1] + B u + 3\nz = h",
    parameters: { a: { shape: ["O"], value: [1] }, B: { shape: ["O", "I"], value: [1] } },
    sizes: { I: 1, O: 1 },
  };
  const long = { ...unstable, equations: unstable.equations.replace("a h[t-1]", "a * h[t-1]") };
  const task: Task = { ...regression, trials: (request) => repeat(regression.trials(request), 20) };
  const result = await train(makeNetwork(long), task, {
    seed: 1,
    stages: [{ iterations: 5, batch: 8, rate: { kind: "constant", rate: 0.1 } }],
  });
  expect(result.status).toBe("diverged");
  expect(result.message).toMatch(
    /diverged at iteration 0: .*(not finite|the loss is).*Kept the parameters of iteration 0/,
  );
  expect(result.network.parameters.a!.values.data[0]!).toBe(1);
});

function repeat(trials: Trials, times: number): Trials {
  const [count, T] = trials.inputs.shape as [number, number];
  const longer = (data: ArrayLike<number>) => {
    const out = new Float32Array(count * T * times);
    for (let k = 0; k < count; k++) for (let t = 0; t < T * times; t++) out[k * T * times + t] = data[k * T + (t % T)]!;
    return { data: out, shape: [count, T * times, 1] };
  };
  return {
    ...trials,
    inputs: longer(trials.inputs.data),
    targets: longer(trials.targets.data),
    mask: longer(trials.mask.data),
  };
}

test("a stage that averages ends at the mean of its iterates, and the next one starts there", async () => {
  const rate = { kind: "constant" as const, rate: 0.1 };
  const iterates: number[] = [];
  const first = { iterations: 30, batch: 4, rate, average: 30 };
  const options = { seed: 4, validationTrials: 4, checkpointEvery: 1 };
  const { network, state } = await train(makeNetwork(line), regression, {
    ...options,
    stages: [first],
    onCheckpoint: (s) => void (iterates[s.iteration - 1] ??= s.parameters.W!.data[0]!),
  });
  const mean = iterates.reduce((a, b) => a + b, 0) / 30;
  expect(iterates).toHaveLength(30);
  expect(network.parameters.W!.values.data[0]!).toBeCloseTo(mean, 12);
  expect(state.average).toEqual({});
  const { network: onwards } = await train(makeNetwork(line), regression, {
    ...options,
    stages: [first, { iterations: 1, batch: 4, rate: { kind: "constant", rate: 0 } }],
  });
  expect(onwards.parameters.W!.values.data[0]!).toBeCloseTo(mean, 12);
});

test.each([
  ["without an average", {}],
  ["with one", { average: 25 }],
])("interrupted and resumed: the same numbers as in one go, %s", async (_, average) => {
  const rate = { kind: "linear" as const, rate: 0.1, to: 0.01, over: 40 };
  const options = {
    seed: 5,
    stages: [
      { iterations: 20, batch: 16, rate, ...average },
      { iterations: 40, batch: 16, rate, ...average },
    ],
    validateEvery: 20,
    validationTrials: 8,
    checkpointEvery: 10,
  };
  const whole: Metrics[] = [];
  const straight = await train(makeNetwork(line), regression, {
    ...options,
    onMetrics: (lines) => void whole.push(...lines),
  });
  const parts: Metrics[] = [];
  const abort = new AbortController();
  let state: TrainState | undefined;
  const first = await train(makeNetwork(line), regression, {
    ...options,
    signal: abort.signal,
    onMetrics: (lines) => void parts.push(...lines),
    onProgress: ({ iteration }) => iteration === 37 && abort.abort(),
    onCheckpoint: (s) => {
      state = structuredClone(s);
    },
  });
  expect(first.status).toBe("interrupted");
  expect(state!.iteration).toBe(37);
  const rest = await train(makeNetwork(line), regression, {
    ...options,
    resume: state!,
    onMetrics: (lines) => void parts.push(...lines),
  });
  expect(rest.status).toBe("iterations");
  expect(parts).toEqual(whole);
  expect([...rest.network.parameters.W!.values.data]).toEqual([...straight.network.parameters.W!.values.data]);
});

test("a simulation of shards is the simulation of the whole, and the noise of a trial is its own", async () => {
  const noisy: NetworkData = {
    equations: "x[t+1] = 0.9 x + B u + 0.1 eps\nz = x",
    parameters: { B: { shape: ["N", "I"] } },
    sizes: { N: 3, I: 1 },
  };
  const network = makeNetwork(noisy, { seed: 2 });
  const trials = regression.trials({ seed: 1, count: 21 });
  const run = async (shard: number) => {
    const sim = await simulator(modelOf(noisy), { sizes: network.sizes, samples, shard, record: ["z"], last: ["z"] });
    const result = await sim.run(valuesOf(network), trials, { seed: 7 });
    sim.close();
    return result;
  };
  const [a, b] = [await run(8), await run(32)];
  expect([...a.z!.data]).toEqual([...b.z!.data]);
  expect(a.z!.shape).toEqual([21, samples, 3]);
  for (let k = 0; k < 21; k++)
    for (let i = 0; i < 3; i++)
      expect(a["z.last"]!.data[k * 3 + i]).toBe(a.z!.data[(k * samples + samples - 1) * 3 + i]);
});

test("what cannot be trained is refused", async () => {
  const pinned = {
    ...line,
    parameters: {
      W: { ...line.parameters.W, tag: "pinned" as const },
      c: { ...line.parameters.c, tag: "pinned" as const },
    },
  };
  const stages = [{ iterations: 1, batch: 2, rate: { kind: "constant" as const, rate: 0.1 } }];
  await expect(train(makeNetwork(pinned), regression, { seed: 1, stages })).rejects.toThrow(/pinned/);
  await expect(
    train(
      makeNetwork({ ...line, sizes: { I: 2, O: 1 }, parameters: { W: { shape: ["O", "I"] }, c: { shape: ["O"] } } }),
      regression,
      { seed: 1, stages },
    ),
  ).rejects.toThrow(/1 input/);
  await expect(
    train(makeNetwork({ equations: "y = W u", parameters: line.parameters, sizes: line.sizes }), regression, {
      seed: 1,
      stages,
    }),
  ).rejects.toThrow();
});
