/**
 * The training step that every engine has run (leaky-rnn.md), through the public interface: the same module in Node and,
 * bundled, in a browser.
 */
import {
  type Host,
  makeNetwork,
  type NDArray,
  type Stage,
  type Task,
  type Trials,
  train,
  withValues,
} from "../../src/index.ts";
import { B, I, N, O, T, workload } from "../engine/leakyWorkload.ts";

export interface Outcome {
  /** Loss before each update. */
  losses: number[];
  /** SHA-256 of the parameters after 16 updates. */
  hash: string;
  /** Median time between two updates after the first 16, in ms; NaN where there are none. */
  ms: number;
  relaxed: boolean;
}

/** Trains for 16 iterations and as many more as are to be timed. */
export async function run(
  host: Host,
  options: { workers: number; relaxed: boolean; timed?: number },
): Promise<Outcome> {
  const { workers, timed = 0 } = options;
  const relaxed = options.relaxed && host.relaxedSimd();
  const { network, task } = draw();
  const losses: number[] = [];
  const times: number[] = [];
  let hash = "";
  const stage: Stage = { iterations: 16 + timed, batch: B, rate: { kind: "constant", rate: 1e-3 } };
  await train(network, task, {
    ...{
      seed: 1,
      stages: [stage],
      host,
      workers,
      relaxed,
      validateEvery: 1e9,
      validationTrials: B,
      checkpointEvery: 16,
    },
    onProgress: ({ loss }) => {
      losses.push(loss);
      times.push(host.now());
    },
    async onCheckpoint({ iteration, parameters }) {
      if (iteration === 16) hash = await hashOf(["W", "U", "R", "b", "c"].map((name) => parameters[name]!));
    },
  });
  const steps = times
    .slice(16)
    .map((time, k) => time - times[15 + k]!)
    .sort((a, b) => a - b);
  return { losses: losses.slice(0, 16), hash, ms: steps[steps.length >> 1] ?? Number.NaN, relaxed };
}

/** The network and the task, whose trials are the same whenever they are asked for. */
function draw() {
  const { parameters, inputs, targets } = workload();
  const network = makeNetwork({
    equations: "h[t] = 0.8 h[t-1] + 0.2 tanh(W h[t-1] + U u + b)\nz = R h + c",
    parameters: {
      W: { shape: ["N", "N"] },
      U: { shape: ["N", "I"] },
      R: { shape: ["O", "N"] },
      b: { shape: ["N"] },
      c: { shape: ["O"] },
    },
    sizes: { N, I, O },
  });
  const task: Task = {
    name: "leaky-rnn",
    description: "normal numbers to normal numbers",
    inputs: ["a", "b", "c"],
    outputs: ["a", "b", "c"],
    dt: 1,
    unit: "sample",
    epochs: [],
    trials({ count }): Trials {
      return {
        dt: 1,
        inputs: { data: inputs.subarray(0, count * T * I), shape: [count, T, I] },
        targets: { data: targets.subarray(0, count * T * O), shape: [count, T, O] },
        mask: { data: new Float32Array(count * T * O).fill(1), shape: [count, T, O] },
        conditions: {},
      };
    },
    behaviour: () => ({ score: 0, what: "nothing", n: B, standardError: 0, parts: {} }),
  };
  return { network: withValues(network, parameters), task };
}

async function hashOf(arrays: NDArray[]): Promise<string> {
  const bytes = arrays.flatMap(({ data }) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
