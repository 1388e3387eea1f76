import { expect, test } from "vitest";
import {
  connectivity,
  joinAreas,
  makeNetwork,
  type NDArray,
  type Network,
  NullclineError,
  networks,
  simulate,
  surgery,
  tasks,
  train,
  withValues,
} from "../../src/index.ts";
import { weightOf, whiteTrials } from "./trials.ts";

const { lesion } = surgery;
const memory = tasks.flipFlop({ bits: 1 });
const sizes = { N: 12, I: 2, O: 1 };
const rate = makeNetwork({ ...networks.rate, sizes }, { seed: 4 });
const trials = whiteTrials(3, 40, 2);
const run = (network: Network, record: string[]): Promise<Record<string, NDArray>> =>
  simulate(network, trials, { seed: 1, record, precision: "f64" });
const zeroed = (network: Network, name: string, gone: (i: number, j: number) => boolean): Network => {
  const { data, shape } = network.parameters[name]!.values;
  const columns = shape[1] ?? 1;
  const left = data.map((w, k) => (gone(Math.floor(k / columns), k % columns) ? 0 : w));
  return withValues(network, { [name]: { data: left, shape } });
};

test("lesioned units give to the bit what zeros written into the weights give", async () => {
  const units = [0, 5, 11];
  const out = (k: number): boolean => units.includes(k);
  let byHand = zeroed(rate, "J", (i, j) => out(i) || out(j));
  byHand = zeroed(byHand, "B", out);
  byHand = zeroed(byHand, "W", (_, j) => out(j));
  const [cut, zeros, whole] = await Promise.all([
    run(lesion(rate, { units }), ["x", "z"]),
    run(byHand, ["x", "z"]),
    run(rate, ["x", "z"]),
  ]);
  expect(cut.x!.data).toEqual(zeros.x!.data);
  expect(cut.z!.data).toEqual(zeros.z!.data);
  expect(cut.z!.data).not.toEqual(whole.z!.data);
});

test("law 19: all units of a wire inactivated are that wire under a mask of 0", async () => {
  const cell = { ...networks.rate, sizes };
  const data = joinAreas(
    { V1: { network: cell, sends: "r" }, PFC: { network: cell, sends: "r", input: false } },
    [["V1", "PFC"]],
    { outputs: ["z_PFC"] },
  );
  const two = makeNetwork({ ...data, sizes: { ...data.sizes, I: 2 } }, { seed: 2 });
  const [units, wire, mask] = await Promise.all([
    run(lesion(two, { area: "V1" }), ["x_PFC", "z_PFC"]),
    run(lesion(two, { wires: "B_PFC_V1" }), ["x_PFC", "z_PFC"]),
    run(
      makeNetworkWith(
        two,
        connectivity.constrain(two.data, "B_PFC_V1", { kind: "mask", mask: { value: 0 } }, "reparametrise").network,
      ),
      ["x_PFC", "z_PFC"],
    ),
  ]);
  for (const name of ["x_PFC", "z_PFC"]) {
    expect(units[name]!.data).toEqual(wire[name]!.data);
    expect(units[name]!.data).toEqual(mask[name]!.data);
  }
  const whole = await run(two, ["z_PFC"]);
  expect(units.z_PFC!.data).not.toEqual(whole.z_PFC!.data);
});

/** Another text with the old network's values where names are the same. */
function makeNetworkWith(old: Network, data: Network["data"]): Network {
  const made = makeNetwork(data, { sizes: old.sizes, seed: 9 });
  const same = Object.keys(made.parameters).filter((name) => old.parameters[name]);
  return withValues(made, Object.fromEntries(same.map((name) => [name, old.parameters[name]!.values])));
}

test("a second lesion joins the first in one mask", async () => {
  const first = lesion(rate, { wires: "J", entries: [[1, 2]] });
  const both = lesion(first, { wires: "J", entries: [[3, 4]] });
  expect(both.data.equations).toBe(first.data.equations);
  const J = await weightOf(both, "J");
  const expected = zeroed(rate, "J", (i, j) => (i === 1 && j === 2) || (i === 3 && j === 4)).parameters.J!.values.data;
  expect(J).toEqual([...expected]);
  expect(both.parameters.J_S!.tag).toBe("pinned");
  expect(both.parameters.J_K!.tag).toBe("free");
});

test("what is cut stays 0 in training, and the rest learns", async () => {
  const oneInput = makeNetwork({ ...networks.rate, sizes: { N: 12, I: 1, O: 1 } }, { seed: 4 });
  const [cutting, before] = [lesion(oneInput, { units: [2, 7] }), oneInput.parameters.J!.values.data];
  const { network, status } = await train(cutting, memory, {
    seed: 1,
    stages: [{ iterations: 5, batch: 8, rate: { kind: "constant", rate: 0.01 } }],
    validationTrials: 8,
  });
  expect(status).not.toBe("diverged");
  const J = await weightOf(network, "J");
  for (let k = 0; k < 144; k++) {
    const gone = [2, 7].includes(Math.floor(k / 12)) || [2, 7].includes(k % 12);
    if (gone) expect(Math.abs(J[k]!)).toBe(0);
    else expect(J[k]).not.toBe(before[k]);
  }
});

test.each([1, 2])("a population of a mixture, and weights made of parameters, of rank %i", async (rank) => {
  const wired = connectivity.wire(networks.rate, "J", connectivity.mixture({ rank, latents: 2, shares: [0.5, 0.5] }));
  const network = makeNetwork({ ...wired, sizes }, { seed: 1 });
  const J = await weightOf(lesion(network, { population: "J_s1" }), "J");
  const before = await weightOf(network, "J");
  for (let k = 0; k < 144; k++) {
    const inside = Math.floor(k / 12) < 6 && k % 12 < 6;
    expect(Math.abs(J[k]!)).toBe(inside ? Math.abs(before[k]!) : 0);
  }
});

test("a bad request says what there is", () => {
  const said = (what: surgery.Lesion): string => {
    try {
      lesion(rate, what);
    } catch (e) {
      if (e instanceof NullclineError) return e.message;
      throw e;
    }
    return "nothing";
  };
  expect(said({ units: [3, 12] })).toMatch(/unit 12 of 12; expected whole numbers from 0 to 11/);
  expect(said({ units: [0], size: "M" })).toMatch(/no size `M`; expected sizes .*N/);
  expect(said({ area: "V1" })).toMatch(/no area `V1`/);
  expect(said({ population: "J" })).toMatch(/no population `J`/);
  expect(said({ wires: "Q" })).toMatch(/no weight `Q`; expected J, B, W, b, c/);
  expect(said({ wires: "J", entries: [[0, 12]] })).toMatch(/entry \[0, 12\] of `J` \[12, 12\]/);
});
