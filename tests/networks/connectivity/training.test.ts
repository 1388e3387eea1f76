/** Constraints in training: a projection as the write, a penalty of the objective. */
import { expect, test } from "vitest";
import { RandomStream } from "../../../src/engine/random.ts";
import { constrain, gridDistances } from "../../../src/networks/connectivity/index.ts";
import { makeNetwork } from "../../../src/networks/network.ts";
import { vanilla } from "../../../src/networks/vanilla.ts";
import { flipFlop } from "../../../src/tasks/flipFlop.ts";
import type { Task, Trials } from "../../../src/tasks/trials.ts";
import { reverse } from "../../../src/training/credit/reverse.ts";
import type { Penalty } from "../../../src/training/penalty.ts";
import type { Write } from "../../../src/training/rule.ts";
import { train } from "../../../src/training/train.ts";
import { adam } from "../../../src/training/update/adam.ts";
import { projected } from "../../../src/training/write/projected.ts";

test("signs projected after each update, and the budget with communicability as a penalty", async () => {
  const sizes = { N: 6, I: 1, O: 1 };
  const data = { ...vanilla, sizes };
  const signs = { init: { law: "shares" as const, values: [1, -1], shares: [0.5, 0.5] } };
  const { projection } = constrain(data, "J", { kind: "sign", signs }, "project");
  const distances = gridDistances([3, 2]);
  const budget = (weight: number): Penalty =>
    constrain(data, "J", { kind: "budget", distances: { value: distances }, communicability: true }, "penalise", {
      weight,
    }).penalty!;
  const task = flipFlop({ bits: 1, duration: 20 });
  const cost = async (penalties: Penalty[]): Promise<number> => {
    const { network } = await train(makeNetwork(data, { seed: 1, sizes }), task, {
      seed: 1,
      stages: [{ iterations: 30, batch: 8, rate: { kind: "constant", rate: 0.02 } }],
      penalties,
      rule: { credit: reverse(), update: adam(), write: projected(projection!) },
      validationTrials: 8,
      shard: 8,
    });
    const J = network.parameters.J!.values.data;
    J.forEach((x, k) => {
      expect(x * (k % 6 < 3 ? 1 : -1)).toBeGreaterThanOrEqual(0);
    });
    return distances.reduce((s, d, k) => s + d * Math.abs(J[k]!), 0);
  };
  const [free, dear] = [await cost([]), await cost([budget(0.1)])];
  expect(free).toBeGreaterThan(0);
  expect(dear).toBeLessThan(0.8 * free);
});

/** One input held for five samples; the targets' signs ask for couplings of both signs. */
const hold: Task = {
  name: "hold",
  description: "",
  inputs: ["u"],
  outputs: ["a", "b"],
  dt: 1,
  unit: "sample",
  epochs: [],
  trials({ seed, count, firstTrial = 0 }): Trials {
    const fill = (width: number, f: (k: number, o: number) => number) => ({
      data: Float32Array.from({ length: count * 5 * width }, (_, i) => f(Math.floor(i / width / 5), i % width)),
      shape: [count, 5, width],
    });
    const drawn = Array.from({ length: count }, (_, k) => new RandomStream(seed, "hold", firstTrial + k).normal());
    return {
      dt: 1,
      inputs: fill(1, (k) => drawn[k]!),
      targets: fill(2, (k, o) => (o === 0 ? drawn[k]! : -drawn[k]!)),
      mask: fill(2, () => 1),
      conditions: {},
    };
  },
  behaviour: (_, { targets }) => ({ score: 0, what: "", n: targets.shape[0]!, standardError: 0, parts: {} }),
};

test.each(["project", "reparametrise"] as const)(
  "law 12: no wrong sign in any of 10,000 updates of Adam, by %s",
  async (by) => {
    const sizes = { N: 4, I: 1, O: 2 };
    const data = { ...vanilla, sizes };
    const signs = { init: { law: "shares" as const, values: [1, -1], shares: [0.5, 0.5] } };
    const { network, projection } = constrain(data, "J", { kind: "sign", signs }, by);
    const name = by === "project" ? "J" : "J_K";
    let [updates, wrong, unlike, pushed] = [0, 0, 0, 0];
    let before = new Float64Array(16);
    const look = (values: Record<string, Float64Array>): void => {
      const K = values[name]!;
      updates++;
      const sign = (k: number): number => (projection === undefined || k % 4 < 2 ? 1 : -1);
      if (K.some((x, k) => x * sign(k) < 0)) pushed++;
      // What the network computes with: the matrix itself, or relu(K) diag(d).
      projection?.(values);
      const J = projection ? K : K.map((x, k) => Math.max(0, x) * (k % 4 < 2 ? 1 : -1));
      J.forEach((x, k) => {
        if (x * (k % 4 < 2 ? 1 : -1) < 0) wrong++;
      });
      if (J.some((x, k) => x !== before[k])) unlike++;
      before = J.slice();
    };
    await train(makeNetwork(network, { seed: 1, sizes }), hold, {
      seed: 1,
      stages: [{ iterations: 10_000, batch: 1, rate: { kind: "constant", rate: 0.05 } }],
      rule: { write: projected(look) },
      validationTrials: 1,
      validateEvery: 10_000,
      shard: 1,
    });
    expect([updates, wrong]).toEqual([10_000, 0]);
    expect(unlike).toBeGreaterThan(9000);
    // What was trained would have left the constraint by itself.
    expect(pushed).toBeGreaterThan(1000);
  },
  60_000,
);

test("law 12: where no update asks for a wrong sign, projection is plain Adam to the bit", async () => {
  const sizes = { N: 6, I: 1, O: 1 };
  const data = { ...vanilla, sizes };
  // Away from 0, so that no update crosses it.
  const value = Array.from({ length: 36 }, (_, k) => (k % 6 < 3 ? 1 : -1) * (0.5 + 0.01 * k));
  const network = makeNetwork(
    { ...data, parameters: { ...data.parameters, J: { shape: ["N", "N"], value } } },
    { seed: 1 },
  );
  const signs = { init: { law: "shares" as const, values: [1, -1], shares: [0.5, 0.5] } };
  const { projection } = constrain(data, "J", { kind: "sign", signs }, "project");
  const run = async (write?: Write) =>
    (
      await train(network, flipFlop({ bits: 1, duration: 20 }), {
        seed: 1,
        stages: [{ iterations: 60, batch: 8, rate: { kind: "constant", rate: 0.005 } }],
        rule: { credit: reverse(), update: adam(), ...(write && { write }) },
        validationTrials: 8,
        shard: 8,
      })
    ).network.parameters.J!.values.data;
  const [plain, inside] = [await run(), await run(projected(projection!))];
  expect(inside).toEqual(plain);
  expect(Math.max(...plain.map((x, k) => Math.abs(x - value[k]!)))).toBeGreaterThan(0.05);
  plain.forEach((x, k) => {
    expect(x * (k % 6 < 3 ? 1 : -1)).toBeGreaterThan(0);
  });
});
