/** Training under a limit of memory: the same as with everything kept, or refused before it starts. */
import { expect, test } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import { makeNetwork } from "../../src/networks/network.ts";
import { rate } from "../../src/networks/rate.ts";
import type { Task } from "../../src/tasks/trials.ts";
import { train } from "../../src/training/train.ts";

const samples = 600;
/** z follows u. */
const follow: Task = {
  name: "follow",
  description: "z = u",
  inputs: ["u"],
  outputs: ["z"],
  dt: 1,
  unit: "ms",
  epochs: [],
  trials({ seed, count, firstTrial = 0 }) {
    const u = new Float32Array(count * samples);
    for (let k = 0; k < count; k++) {
      const s = new RandomStream(seed, "follow", firstTrial + k);
      for (let t = 0; t < samples; t++) u[k * samples + t] = t % 50 === 0 ? s.normal() : u[k * samples + t - 1]!;
    }
    const shape = [count, samples, 1];
    const ones = new Float32Array(u.length).fill(1);
    return {
      dt: 1,
      inputs: { data: u, shape },
      targets: { data: u.slice(), shape },
      mask: { data: ones, shape },
      conditions: {},
    };
  },
  behaviour: (_, { targets }) => ({ score: 0, what: "nothing", n: targets.shape[0]!, standardError: 0, parts: {} }),
};

const run = (memory?: number) =>
  train(makeNetwork({ ...rate, sizes: { N: 64, I: 1, O: 1 } }, { seed: 1 }), follow, {
    seed: 2,
    stages: [{ iterations: 3, batch: 40, rate: { kind: "constant", rate: 1e-3 }, clip: 1 }],
    validationTrials: 1,
    memory,
  });

test("a limit of memory changes no bit of what is trained", async () => {
  const [whole, limited] = [await run(), await run(3 * 2 ** 20)];
  expect(whole.iterations).toBe(3);
  expect(limited.state.parameters).toEqual(whole.state.parameters);
  expect(limited.state.parameters.J!.data).not.toEqual(new Float64Array(64 * 64));
});

test("what cannot fit is refused with the bytes that it needs and those that it was given", async () => {
  await expect(run(2 ** 20)).rejects.toThrow(
    /32 trials of 600 samples need \d+ bytes \(.*\); expected at most 1048576 bytes \(1.0 MiB\); .*give more `memory`/,
  );
});
