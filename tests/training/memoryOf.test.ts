/** The memory that a rule says it needs: what a training under that limit needs, and how it grows with the trial. */
import { expect, test } from "vitest";
import type { NetworkData } from "../../src/equations/network.ts";
import { makeNetwork } from "../../src/networks/network.ts";
import { lorenzPrediction } from "../../src/tasks/lorenzPrediction.ts";
import { eligibility } from "../../src/training/credit/eligibility.ts";
import { forward } from "../../src/training/credit/forward.ts";
import { local } from "../../src/training/credit/local.ts";
import { memoryOf } from "../../src/training/memoryOf.ts";
import { train } from "../../src/training/train.ts";
import { rls } from "../../src/training/update/rls.ts";
import { sofo } from "../../src/training/update/sofo.ts";

const map: NetworkData = {
  equations: "h[t] = A z + W relu(C z + b)\nz = h[t-1] + u",
  inputs: { u: { shape: [3] } },
  parameters: {
    A: { shape: [3, 3], init: { law: "gaussian", gain: 0.3 } },
    W: { shape: [3, "N"] },
    C: { shape: ["N", 3] },
    b: { shape: ["N"] },
  },
  outputs: ["z"],
};
const networkOf = (N: number) => makeNetwork(map, { seed: 1, sizes: { N } });
const network = networkOf(40);
const forwardRule = { credit: forward({ tangents: 4 }), update: sofo() };

test("values kept per trial and sample: of a forward credit none, of BPTT one more for each unit", async () => {
  const kept = async (N: number, options: Parameters<typeof memoryOf>[2]): Promise<number> => {
    const [short, long] = await Promise.all(
      [2000, 3000].map((steps) => memoryOf(networkOf(N), lorenzPrediction({ steps }), { ...options, batch: 8 })),
    );
    return (long! - short!) / 1000 / 8 / 4;
  };
  expect(await kept(40, { rule: forwardRule })).toBe(0);
  expect(await kept(80, { rule: forwardRule })).toBe(0);
  const whole = { credit: forward({ tangents: 4, stretch: 4000 }), update: sofo() };
  // Input, target, mask, output, its tangent and what the curvature makes of it: three numbers each, at least.
  expect(await kept(40, { rule: whole })).toBeGreaterThanOrEqual(18);
  const back = await kept(40, {});
  expect(back).toBeGreaterThanOrEqual(9 + 40);
  expect(await kept(80, {})).toBeGreaterThanOrEqual(back + 40);
  expect(await kept(40, { rule: { credit: eligibility() } })).toBeGreaterThan(9);
});

test("a training has enough with exactly that, and not with less", async () => {
  const task = lorenzPrediction({ steps: 40 });
  const bytes = await memoryOf(network, task, { rule: forwardRule, batch: 8 });
  const run = (memory: number) =>
    train(network, task, {
      ...{ seed: 1, rule: forwardRule, memory, validationTrials: 1, shard: 8 },
      stages: [{ iterations: 1, batch: 8, rate: { kind: "constant", rate: 0.01 } }],
    });
  expect((await run(bytes)).iterations).toBe(1);
  await expect(run(bytes - 1024)).rejects.toThrow(/need \d+ bytes/);
});

test("a credit that does not say", async () => {
  const pinned = Object.fromEntries(
    Object.entries(map.parameters).map(([name, p]) => [name, name === "A" ? p : { ...p, tag: "pinned" as const }]),
  );
  const one = makeNetwork({ ...map, parameters: pinned }, { seed: 1, sizes: { N: 5 } });
  await expect(memoryOf(one, lorenzPrediction(), { rule: { credit: local(), update: rls() } })).rejects.toThrow(
    /reverse\(\), forward\(\) or eligibility\(\)/,
  );
});
