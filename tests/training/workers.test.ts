/** Training and simulation give the same bits with 1, 2 and 8 worker threads, whatever the shards fill. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelOf } from "../../src/equations/model.ts";
import type { Host } from "../../src/host/host.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";
import { flipFlop } from "../../src/tasks/flipFlop.ts";
import { simulator } from "../../src/training/simulate.ts";
import { train } from "../../src/training/train.ts";
import { builtHost } from "../host/builtHost.ts";

const network = makeNetwork(
  {
    equations: "tau dx/dt = -x + J r + B u + 0.1 sqrt(2 tau) * xi\nr = tanh(x)\nz = W r",
    parameters: { tau: { value: 10 }, J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } },
    sizes: { N: 12, I: 2, O: 2 },
    dt: 1,
  },
  { seed: 3 },
);
const task = flipFlop({ bits: 2 });
const counts = [1, 2, 8];
/** As unsigned words: NaN and the sign of zero count. */
const bits = (data: Float32Array | Float64Array) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");

let host: Host;
let remove: () => void;
beforeAll(async () => ({ host, remove } = await builtHost()));
afterAll(() => remove?.());

test("training: noise, ten shards of which the last is short, validations", async () => {
  const results = [];
  for (const workers of counts) {
    const stages = [{ iterations: 4, batch: 75, rate: { kind: "constant", rate: 0.01 } } as const];
    const given = { seed: 5, stages, shard: 8, validateEvery: 2, validationTrials: 20 };
    const { network: trained, behaviour } = await train(network, task, { ...given, host, workers });
    results.push([bits(trained.parameters.J!.values.data), bits(trained.parameters.W!.values.data), behaviour?.score]);
  }
  expect(results[0]![0]).not.toBe(bits(network.parameters.J!.values.data));
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test("simulation", async () => {
  const trials = task.trials({ seed: 1, count: 45 });
  const [, samples] = trials.inputs.shape as [number, number];
  const results = [];
  for (const workers of counts) {
    const options = { sizes: network.sizes, samples, record: ["x"], last: ["r"], shard: 4, host, workers };
    const run = await simulator(modelOf(network.data, { dt: trials.dt }), options);
    const { x, "r.last": r } = await run.run(valuesOf(network), trials, { seed: 2 });
    run.close();
    expect(x!.shape).toEqual([45, samples, 12]);
    results.push([bits(x!.data), bits(r!.data)]);
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});
