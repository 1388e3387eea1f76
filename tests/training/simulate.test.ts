import { expect, test } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import { modelOf } from "../../src/equations/model.ts";
import { lowRank, wire } from "../../src/networks/connectivity/index.ts";
import { makeNetwork } from "../../src/networks/network.ts";
import { rate } from "../../src/networks/rate.ts";
import type { Trials } from "../../src/tasks/trials.ts";
import { simulate, simulator } from "../../src/training/simulate.ts";

const samples = 30;
const sizes = { N: 19, I: 2, O: 1 };
const network = makeNetwork({ ...rate, sizes }, { seed: 4 });
const parameters = Object.fromEntries(Object.entries(network.parameters).map(([name, p]) => [name, p.values.data]));
/** The first trials of one batch. */
function trialsOf(count: number): Trials {
  const inputs = Float32Array.from({ length: 12 * samples * 2 });
  for (let k = 0; k < 12; k++) {
    const s = new RandomStream(1, "inputs", k);
    for (let i = 0; i < samples * 2; i++) inputs[k * samples * 2 + i] = s.normal();
  }
  const none = { data: new Float32Array(count * samples), shape: [count, samples, 1] };
  const shape = [count, samples, 2];
  return {
    dt: 1,
    inputs: { data: inputs.slice(0, count * samples * 2), shape },
    targets: none,
    mask: none,
    conditions: {},
  };
}

test("a few trials are simulated by themselves, with the numbers that they have in a batch", async () => {
  const options = { sizes, samples, record: ["r", "z"], last: ["r"] };
  const sim = await simulator(modelOf(network.data, { dt: 1 }), options);
  const whole = await sim.run(parameters, trialsOf(12), { seed: 7 });
  for (const count of [1, 3, 4, 1]) {
    const few = await sim.run(parameters, trialsOf(count), { seed: 7 });
    for (const name of ["r", "z", "r.last"]) {
      const width = whole[name]!.data.length / 12;
      expect(few[name]!.shape).toEqual([count, ...whole[name]!.shape.slice(1)]);
      expect(few[name]!.data).toEqual(whole[name]!.data.slice(0, count * width));
    }
  }
  sim.close();
  const once = await simulate(network, trialsOf(1), { seed: 7, record: ["z"] });
  expect(once.z!.data).toEqual(whole.z!.data.slice(0, samples));
});

test("what can be recorded: a matrix made of parameters is one matrix; a parameter, an input, a stranger are refused", async () => {
  const low = makeNetwork(wire({ ...rate, sizes }, "J", lowRank({ rank: 2 })), { seed: 4 });
  const [M, L] = ["J_M", "J_L"].map((name) => low.parameters[name]!.values.data);
  for (const count of [2, 12]) {
    const { J, z } = await simulate(low, trialsOf(count), { seed: 1, record: ["J", "z"], precision: "f64" });
    expect([J!.shape, z!.shape]).toEqual([
      [19, 19],
      [count, samples, 1],
    ]);
    J!.data.forEach((x, k) => {
      const [i, j] = [Math.floor(k / 19), k % 19];
      expect(x).toBeCloseTo((M![2 * i]! * L![2 * j]! + M![2 * i + 1]! * L![2 * j + 1]!) / 19, 12);
    });
  }
  const refused = (options: { record?: string[]; last?: string[] }, message: string) =>
    expect(simulate(network, trialsOf(2), { seed: 1, ...options })).rejects.toThrow(message);
  await refused(
    { record: ["r", "J"] },
    "`J` to record, which is a parameter; expected quantities: x, r, z; its values are network.parameters.J.values",
  );
  await refused({ last: ["J"] }, "`J` to record, which is a parameter");
  await refused({ record: ["u"] }, "`u` to record, which is an input; expected quantities: x, r, z");
  await refused({ record: ["rr"] }, "there is no quantity to record rr; did you mean r?");
  await expect(simulate(low, trialsOf(2), { seed: 1, last: ["J"] })).rejects.toThrow("the last sample of `J`");
});
