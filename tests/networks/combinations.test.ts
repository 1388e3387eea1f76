/** Every cell with every wiring of its recurrence, and noise of every kind at every place: derivatives hold in all of them. */
import { describe, expect, test } from "vitest";
import type { NetworkData } from "../../src/equations/network.ts";
import * as cells from "../../src/networks/cells/index.ts";
import * as c from "../../src/networks/connectivity/index.ts";
import { type Noise, type NoiseSite, withNoise } from "../../src/networks/noise.ts";
import { rate } from "../../src/networks/rate.ts";
import { caseOf, checkDerivative, smooth } from "./properties.ts";

/** The recurrent matrix of a cell that is wired: square, over its units. */
const recurrent = (data: NetworkData): string | undefined =>
  ["J", "A_n", "A_i", "J_h", "J_A", "V", "C", "R_g"].find((name) => {
    const shape = data.parameters[name]?.shape;
    return shape?.length === 2 && shape[0] === shape[1];
  });

const wirings: [string, c.Wiring][] = [
  ["sparse", c.sparse({ probability: 0.6 })],
  ["masked", c.masked({ init: { law: "bernoulli", probability: 0.5 } })],
  ["low rank", c.lowRank({ rank: "rank" })],
  ["mixture", c.mixture({ rank: 2, latents: 3, shares: [0.4, 0.6] })],
  ["areas", c.blocks([0.4, 0.6], [[1, 0.5], [0, -1]])],
  ["pinned background and low rank", c.sum(c.scaled(0.8, c.pinned()), c.lowRank({ rank: 1 }))],
  ["inside a pinned subspace", c.product([2, 2], c.pinned(), c.dense(), (name, shape, network) => c.tied(name.replace(/3$/, "1"), true)(name, shape, network))],
  ["row-normalised", c.rowNormalised()],
  ["without self-connections", c.withoutSelf()],
]; // biome-ignore format: a table

const noises: [string, Noise, NoiseSite["at"]][] = [
  ["white, input", { kind: "white", sigma: 0.3, law: "perTime" }, "input"],
  ["white, drive", { kind: "white", sigma: 0.3 }, "drive"],
  ["white, state", { kind: "white", sigma: 0.3 }, "state"],
  ["white, weights", { kind: "white", sigma: 0.3 }, "weights"],
  ["Ornstein–Uhlenbeck, input", { kind: "ornsteinUhlenbeck", sigma: 0.3, tau: 5 }, "input"],
  ["Ornstein–Uhlenbeck, drive", { kind: "ornsteinUhlenbeck", sigma: 0.3, tau: 5 }, "drive"],
  ["Ornstein–Uhlenbeck, state", { kind: "ornsteinUhlenbeck", sigma: 0.3, tau: 5 }, "state"],
  ["Poisson, input", { kind: "poisson", sigma: 0.2 }, "input"],
  ["Poisson, drive", { kind: "poisson", sigma: 0.2 }, "drive"],
];

/** Noise at a place of a cell that has one. */
function noisy(data: NetworkData, matrix: string, noise: Noise, at: NoiseSite["at"]): NetworkData | undefined {
  if (at === "input" && (data.inputs ? !("u" in data.inputs) : !/\bu\b/.test(data.equations))) return undefined;
  const { model } = caseOf(data);
  // Adaptive integrators take no noise; a state that is a matrix takes none of these.
  const state = model.states.find((s) => s.shape.length === 1 && s.direction === 1 && !s.name.startsWith("w_"));
  const coupling = new RegExp(`(?<!\\w)${matrix} (delay\\([^()]*\\)|[A-Za-z]\\w*(\\[[^\\]]*\\])?)(?![\\w(])`).test(
    data.equations,
  );
  if (at === "state") return state && withNoise(data, noise, { at, state: state.name });
  if (at === "input") return withNoise(data, noise, { at });
  return coupling ? withNoise(data, noise, { at, matrix }) : undefined;
}

const all = [rate, ...Object.values(cells)].flatMap((data) => {
  const matrix = recurrent(data);
  return matrix === undefined ? [] : [[data.name!, data, matrix] as const];
});

describe.each(all)("%s", (_, data, matrix) => {
  test.each(wirings)("%s", async (_name, wiring) => {
    const wired = c.wire({ ...data, sizes: { ...data.sizes, N: 5 } }, matrix, wiring);
    expect(wired.parameters[matrix]).toBeUndefined();
    await checkDerivative(caseOf(smooth(wired)));
  });
  test.each(noises)("%s", async (_name, noise, at) => {
    const made = noisy(data, matrix, noise, at);
    if (made) await checkDerivative(caseOf(smooth(made)));
  });
});

test("a delay in a coupling", async () => {
  const delayed = c.delayed(rate, "J", 1.5);
  expect(delayed.equations).toContain("J delay(r, J_d)");
  await checkDerivative(caseOf(delayed));
  expect(() => c.delayed(rate, "S", 1)).toThrow(/no coupling `S …` to delay/);
});
