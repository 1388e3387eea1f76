/** Constraints in training: a projection as the write, a penalty of the objective. */
import { expect, test } from "vitest";
import { constrain, gridDistances } from "../../../src/networks/connectivity/index.ts";
import { makeNetwork } from "../../../src/networks/network.ts";
import { vanilla } from "../../../src/networks/vanilla.ts";
import { flipFlop } from "../../../src/tasks/flipFlop.ts";
import { reverse } from "../../../src/training/credit/reverse.ts";
import type { Penalty } from "../../../src/training/penalty.ts";
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
