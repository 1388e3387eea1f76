/** Rules as a space: every credit with every update it can feed and every write, resumed; parts from outside the package. */
import { describe, expect, test } from "vitest";
import { learning, makeNetwork, type NetworkData, networks, type Task, tasks, train } from "../../src/index.ts";
import type { TrainState } from "../../src/training/train.ts";

const { accumulated, adam, eligibility, forward, hessianFree, ideal, local, pcm, projected, reverse, rls, sgd, sofo } =
  learning;
const data: NetworkData = {
  equations: "x[t+1] = 0.7 x + J r + B u + 0.1 eps\nr = tanh(x)\nz = W r",
  parameters: {
    J: { shape: ["N", "N"], tag: "pinned" },
    B: { shape: ["N", "I"], tag: "pinned" },
    W: { shape: ["O", "N"], tag: { bounded: [-1, 1] }, init: { law: "uniform", low: -0.5, high: 0.5 } },
  },
  sizes: { N: 6, I: 2, O: 2 },
};
const task: Task = tasks.flipFlop({ bits: 2 });
const base = { seed: 1, validationTrials: 4, validateEvery: 3, checkpointEvery: 2 };
const stages = [{ iterations: 3, batch: 4, rate: { kind: "constant" as const, rate: 0.02 } }];

const credits = {
  reverse: () => reverse({ products: true }),
  truncated: () => reverse({ truncate: 4 }),
  eligibility: () => eligibility({ feedback: "learned" }),
  forward: () => forward({ tangents: 3 }),
  local: () => local({ every: 8 }),
};
const updates = { sgd: () => sgd({ momentum: 0.5 }), adam, sofo, hessianFree, rls };
const half = ({ W }: Record<string, Float64Array>): void => {
  W!.forEach((w, k) => {
    W![k] = Math.max(0, w);
  });
};
const writes = {
  ideal,
  projected: () => projected(half),
  accumulated: () => accumulated(1e-3),
  pcm: () => pcm({ scheme: "stochastic", scale: 20 }),
};

describe.each(Object.keys(credits) as (keyof typeof credits)[])("%s", (credit) => {
  test.each(Object.keys(updates) as (keyof typeof updates)[])(
    "→ %s → any write; resumed, the same bits",
    async (update) => {
      const [c, u] = [credits[credit](), updates[update]()];
      const network = makeNetwork(data, { seed: 2 });
      if (u.needs !== undefined && !c.gives.includes(u.needs)) {
        await expect(train(network, task, { ...base, stages, rule: { credit: c, update: u } })).rejects.toThrow(
          `the update \`${update}\` with the credit`,
        );
        return;
      }
      for (const write of Object.keys(writes) as (keyof typeof writes)[]) {
        const rule = { credit: c, update: u, write: writes[write]() };
        let saved: TrainState | undefined;
        const whole = await train(network, task, {
          ...base,
          stages,
          rule,
          onCheckpoint: (s) => void (saved ??= structuredClone(s)),
        });
        const W = [...whole.network.parameters.W!.values.data];
        expect(W).not.toEqual([...network.parameters.W!.values.data]);
        expect(Math.max(...W.map(Math.abs))).toBeLessThanOrEqual(1);
        if (write === "projected") expect(Math.min(...W)).toBeGreaterThanOrEqual(0);
        expect(saved!.iteration).toBe(2);
        const rest = await train(network, task, { ...base, stages, rule, resume: saved! });
        expect([...rest.network.parameters.W!.values.data]).toEqual(W);
        expect(rest.state.optimiser).toEqual(whole.state.optimiser);
      }
    },
  );
});

test("an update, a fit and a penalty of one's own, as docs/training.md shows them", async () => {
  const signs: learning.Update = {
    kind: "signs",
    start: () => ({
      changes: (_, { gradients }, rate) =>
        Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, g.map((v) => -rate * Math.sign(v))])),
      state: () => ({}),
      restore() {},
    }),
  };
  const absoluteError: learning.Fit = {
    kind: "absolute error",
    lines: ({ output, target, mask }) => `objective_fit = ${mask} * abs(${output} - ${target})`,
  };
  const network = makeNetwork(networks.rate, { seed: 1, sizes: { N: 20, I: 2, O: 2 } });
  const errors: number[] = [];
  const result = await train(network, task, {
    ...base,
    stages: [{ iterations: 100, batch: 16, rate: { kind: "constant", rate: 0.01 } }],
    rule: { update: signs },
    fit: absoluteError,
    penalties: [{ name: "high rates", weight: 0.1, terms: ["relu(r - 0.9)"] }],
    onMetrics: (lines) => void errors.push(...lines.map((l) => l.error)),
  });
  expect(result.status).toBe("iterations");
  const mean = (a: number[]): number => a.reduce((s, v) => s + v, 0) / a.length;
  expect(mean(errors.slice(-5))).toBeLessThan(0.8 * mean(errors.slice(0, 5)));
  // Steps of one size: every weight is a whole number of them away from where it was.
  const [J, J0] = [result.network.parameters.J!.values.data, network.parameters.J!.values.data];
  J.forEach((w, k) => {
    const steps = (w - J0[k]!) / 0.01;
    expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
  });
});
