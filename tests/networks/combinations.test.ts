/**
 * Every cell with every wiring of its recurrence and every noise at every place that it has. In each combination: gradient,
 * tangent, the compiled program, permutation of units, and the same bits however trials are put together, which any number
 * of workers rests on. The Jacobian, which noise does not enter, in each cell and wiring; worker threads themselves once for
 * each cell, with wirings and noises in turn.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NetworkData } from "../../src/equations/network.ts";
import type { Host } from "../../src/host/host.ts";
import * as cells from "../../src/networks/cells/index.ts";
import * as c from "../../src/networks/connectivity/index.ts";
import { type Noise, type NoiseSite, withNoise } from "../../src/networks/noise.ts";
import { rate } from "../../src/networks/rate.ts";
import { builtHost } from "../host/builtHost.ts";
import {
  bitsByWorkers,
  type Case,
  caseOf,
  checkDerivative,
  checkJacobian,
  checkPermutation,
  checkTogether,
  smooth,
} from "./properties.ts";

/** The recurrent matrix of a cell that is wired: square, over its units. */
const recurrent = (data: NetworkData): string | undefined =>
  ["J", "A_n", "A_i", "J_h", "J_A", "V", "C", "R_g"].find((name) => {
    const shape = data.parameters[name]?.shape;
    return shape?.length === 2 && shape[0] === shape[1];
  });

const wirings: [string, c.Wiring | undefined][] = [
  ["dense", undefined],
  ["sparse", c.sparse({ probability: 0.6 })],
  ["masked", c.masked({ init: { law: "bernoulli", probability: 0.5 } })],
  ["low rank", c.lowRank({ rank: "rank" })],
  ["mixture", c.mixture({ rank: 2, latents: 3, shares: [0.4, 0.6] })],
  ["mixture of rank 1", c.mixture({ rank: 1, latents: 2, shares: [0.4, 0.6] })],
  ["areas", c.blocks([0.4, 0.6], [[1, 0.5], [0, -1]])],
  ["pinned background and low rank", c.sum(c.scaled(0.8, c.pinned()), c.lowRank({ rank: 1 }))],
  ["inside a pinned subspace", c.product([2, 2], c.pinned(), c.dense(), (name, shape, network) => c.tied(name.replace(/3$/, "1"), true)(name, shape, network))],
  ["row-normalised", c.rowNormalised()],
  ["without self-connections", c.withoutSelf()],
]; // biome-ignore format: a table

const white: Noise = { kind: "white", sigma: 0.3 };
const coloured: Noise = { kind: "ornsteinUhlenbeck", sigma: 0.3, tau: 5 };
/** Every kind at every place, in networks with noise at several places at once: no place takes two. */
const noises: [string, [NoiseSite["at"], Noise][]][] = [
  ["white", [["input", { ...white, law: "perTime" }], ["drive", white], ["state", white]]],
  ["Ornstein–Uhlenbeck", [["input", coloured], ["drive", coloured], ["state", coloured]]],
  ["Poisson", [["input", { kind: "poisson", sigma: 0.2 }], ["drive", { kind: "poisson", sigma: 0.2 }]]],
  ["weights", [["weights", white]]],
]; // biome-ignore format: a table

/** A cell as it is wired, with noise where it has such a place; undefined where it has none. */
function made(
  data: NetworkData,
  matrix: string,
  wiring: c.Wiring | undefined,
  noise: [NoiseSite["at"], Noise][],
  seen: (at: NoiseSite["at"]) => void = () => {},
): NetworkData | undefined {
  const sized = { ...data, sizes: { ...data.sizes, N: 5 } };
  const wired = wiring ? c.wire(sized, matrix, wiring) : sized;
  if (wiring && wired.parameters[matrix]) throw new Error(`${matrix} is still a parameter`);
  let noisy = wired;
  for (const [at, kind] of noise) {
    const site = siteOf(data, matrix, at);
    if (!site) continue;
    noisy = withNoise(noisy, kind, site);
    seen(at);
  }
  return noisy === wired ? undefined : noisy;
}

function siteOf(data: NetworkData, matrix: string, at: NoiseSite["at"]): NoiseSite | undefined {
  const { model } = ownCase(data);
  if (at === "input") return model.program.inputs.u && { at };
  if (at === "state") {
    // A state that is a matrix takes no noise.
    const state = model.states.find((s) => s.shape.length === 1 && s.direction === 1);
    return state && { at, state: state.name };
  }
  const coupling = `(?<!\\w)${matrix} (delay\\([^()]*\\)|[A-Za-z]\\w*(\\[[^\\]]*\\])?)(?![\\w(])`;
  return new RegExp(coupling).test(data.equations) ? { at, matrix } : undefined;
}
const cases = new Map<NetworkData, Case>();
function ownCase(data: NetworkData): Case {
  const known = cases.get(data) ?? caseOf(data);
  cases.set(data, known);
  return known;
}

/** What reads ahead in time is no rule from one sample to the next. */
const hasStep = (data: NetworkData): boolean => ownCase(data).model.states.every((s) => s.direction === 1);

const all = [rate, ...Object.values(cells)].flatMap((data) => {
  const matrix = recurrent(data);
  return matrix === undefined ? [] : [[data.name!, data, matrix] as const];
});
/** How many combinations there were of each noise and place. */
const counts = new Map<string, number>();

describe.each(all)("%s", (cell, data, matrix) => {
  test.each(wirings)("%s, with every noise", async (wiring, how) => {
    if (!how) await checkDerivative(caseOf(smooth({ ...data, sizes: { ...data.sizes, N: 5 } })));
    for (const [name, noise] of noises) {
      const combined = made(data, matrix, how, noise, (at) =>
        counts.set(`${name}, ${at}`, (counts.get(`${name}, ${at}`) ?? 0) + 1),
      );
      if (!combined) continue;
      await named(name, async () => {
        await checkDerivative(caseOf(smooth(combined)));
        await checkPermutation(caseOf(combined));
        await checkTogether(caseOf(combined));
      });
    }
    const [name, combined] = combinationOf(cell, wiring);
    if (hasStep(data)) await named(name, () => checkJacobian(caseOf(smooth(combined))));
  });
});

/** A failure says in which noise it was. */
async function named(noise: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw new Error(`${noise}: ${(error as Error).message}`, { cause: error });
  }
}

/** Of a cell and a wiring one noise, another for each neighbour. */
function combinationOf(cell: string, wiring: string): [string, NetworkData] {
  const [k, w] = [all.findIndex(([name]) => name === cell), wirings.findIndex(([name]) => name === wiring)];
  const [, data, matrix] = all[k]!;
  for (let n = 0; n < noises.length; n++) {
    const [name, noise] = noises[(k + w + n) % noises.length]!;
    const found = made(data, matrix, wirings[w]![1], noise);
    if (found) return [name, found];
  }
  throw new Error(`${cell} has no place for noise`);
}

describe("workers", () => {
  let host: Host;
  let remove: () => void;
  beforeAll(async () => ({ host, remove } = await builtHost()));
  afterAll(() => remove?.());
  test.each(all)("%s: the same bits in place and with two workers", async (cell) => {
    const [wiring] = wirings[all.findIndex(([name]) => name === cell) % wirings.length]!;
    const of = caseOf(combinationOf(cell, wiring)[1]);
    const here = await bitsByWorkers(of, host, 1);
    expect(await bitsByWorkers(of, host, 2)).toBe(here);
  });
});

test("each noise was at each of its places in many combinations", () => {
  for (const [name, noise] of noises)
    for (const [at] of noise) expect(counts.get(`${name}, ${at}`) ?? 0, `${name}, ${at}`).toBeGreaterThan(150);
});

test("a delay in a coupling", async () => {
  const delayed = c.delayed(rate, "J", 1.5);
  expect(delayed.equations).toContain("J delay(r, J_d)");
  await checkDerivative(caseOf(delayed));
  expect(() => c.delayed(rate, "S", 1)).toThrow(/no coupling `S …` to delay/);
});
