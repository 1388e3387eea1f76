/** A low-rank network trained on what the original does comes closer to it than the truncated matrix. */
import { expect, test } from "vitest";
import {
  makeNetwork,
  type Network,
  type NetworkData,
  networks,
  simulate,
  surgery,
  type Task,
  train,
} from "../../src/index.ts";
import { whiteTrials } from "./trials.ts";

const N = 24;
/** Read out unit by unit; recurrence and input weights are what a fit may change. */
const data: NetworkData = {
  ...networks.rate,
  parameters: {
    ...networks.rate.parameters,
    sigma: { value: 0, tag: "pinned" },
    W: { shape: ["O", "N"], init: { law: "identity" }, tag: "pinned" },
    c: { shape: ["O"], tag: "pinned" },
  },
  sizes: { N, I: 2, O: N },
};
const original = makeNetwork(data, { seed: 8 });
const driven = whiteTrials(16, 60, 2, N);
const error = async (network: Network, target: Float32Array | Float64Array): Promise<number> => {
  const { z } = await simulate(network, driven, { seed: 1, record: ["z"] });
  return Float64Array.from(z!.data, (x, k) => (x - target[k]!) ** 2 / target.length).reduce((a, b) => a + b);
};

test("fitted at rank 2, from the truncated matrix", async () => {
  const { z } = await simulate(original, driven, { seed: 1, record: ["z"] });
  const targets = { data: Float32Array.from(z!.data), shape: [16, 60, N] };
  const mask = { data: new Float32Array(targets.data.length).fill(1), shape: targets.shape };
  const task: Task = {
    name: "activity",
    description: "What the original did.",
    inputs: ["u_1", "u_2"],
    outputs: Array.from({ length: N }, (_, k) => `unit ${k}`),
    dt: 1,
    unit: "ms",
    epochs: [],
    // Always the same sixteen trials, as of a recording.
    trials: ({ count }) => {
      const first = (a: { data: ArrayLike<number>; shape: number[] }) => ({
        data: Float32Array.from(a.data).subarray(0, (count * a.data.length) / 16),
        shape: [count, ...a.shape.slice(1)],
      });
      return { ...driven, inputs: first(driven.inputs), targets: first(targets), mask: first(mask) };
    },
    behaviour: (_, trials) => ({ score: 0, what: "none", n: trials.inputs.shape[0]!, standardError: 0, parts: {} }),
  };
  const start = surgery.refit(original, "J", 2);
  const truncated = await error(surgery.truncate(original, "J", 2), z!.data);
  expect((await error(start, z!.data)) / truncated).toBeCloseTo(1, 4);
  const { network } = await train(start, task, {
    seed: 1,
    stages: [{ iterations: 150, batch: 16, rate: { kind: "constant", rate: 0.02 } }],
    validationTrials: 16,
  });
  const fitted = await error(network, z!.data);
  expect(fitted).toBeLessThan(truncated / 2);
});
