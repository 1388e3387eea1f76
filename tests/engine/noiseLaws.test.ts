import { describe, expect, test } from "vitest";
import { type NoiseLaw, noiseLaws } from "../../src/engine/noiseLaws.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { printNode } from "../../src/equations/print.ts";
import { cells } from "../equations/cells.ts";

const sizes = { N: 2, R: 2, I: 1, O: 1 };
function laws(
  equations: string,
  parameters: NetworkData["parameters"],
  values: Record<string, number[]>,
  dt?: number,
): NoiseLaw[] {
  return noiseLaws(modelOf({ equations, parameters, sizes }), { parameters: values, sizes, dt });
}

describe("standard deviation of one step, against the law written by hand", () => {
  const tau = { tau: {}, s: {} };
  const values = { tau: [10], s: [0.3] };
  test.each<[string, string, number]>([
    ["white noise in a flow: (s/tau) sqrt(dt)", "tau dx/dt = -x + s xi", (0.3 / 10) * Math.sqrt(0.5)],
    ["Ornstein–Uhlenbeck: s sqrt(2 dt/tau)", "tau dx/dt = -x + s sqrt(2 tau) * xi", 0.3 * Math.sqrt(2 * 0.05)],
    ["per step: s", "x[t+1] = x + s eps - x/tau", 0.3],
    ["two sources of one line: each its own", "x[t+1] = x/tau + s eps", 0.3],
    ["through an intermediate of the same sample", "n = 2 s eps; tau dx/dt = -x + n", 0.05 * 0.6],
  ])("%s", (_, equations, expected) => {
    const [law, ...more] = laws(equations, tau, values, 0.5);
    expect(more).toEqual([]);
    expect(law).toMatchObject({ into: "x", additive: true, per: "sample" });
    expect(law!.deviation![0]).toBeCloseTo(expected, 14);
  });

  test("mixed by a matrix: the norm of each row", () => {
    const [law] = laws(
      "x[t+1] = A x + S eps",
      { A: { shape: ["N", "N"] }, S: { shape: ["N", "N"] } },
      { A: [0, 0, 0, 0], S: [3, 4, 0, 2] },
    );
    expect([...law!.deviation!]).toEqual([5, 2]);
  });

  test("a value once a trial", () => {
    const [law] = laws("x[t+1] = x; x[0] = y[0]; y[0] = s eps", { s: {} }, { s: [2] });
    expect(law).toMatchObject({ into: "y", per: "trial", additive: true });
    expect(law!.deviation![0]).toBe(2);
  });
});

test("what is not additive has no number: inside a function, times a state, through a threshold", () => {
  const parameters = { s: {} };
  for (const equations of ["x[t+1] = tanh(x + s eps)", "x[t+1] = x + s x * eps", "x[t+1] = x + step(s eps)"]) {
    const [law] = laws(equations, parameters, { s: [1] });
    expect(law!.additive, equations).toBe(false);
    expect(law!.deviation).toBeUndefined();
  }
});

test("no number where a parameter, a size or dt is not known", () => {
  const flow = { tau: {}, s: {} };
  expect(laws("tau dx/dt = -x + s xi", flow, { tau: [10], s: [1] })[0]!.deviation).toBeUndefined();
  expect(laws("tau dx/dt = -x + s xi", flow, { tau: [10] }, 1)[0]!.deviation).toBeUndefined();
  const open = modelOf({ equations: "x[t+1] = A x + s eps", parameters: { A: { shape: ["N", "N"] }, s: {} } });
  expect(noiseLaws(open, { parameters: { s: [1] } })[0]).toMatchObject({ additive: true });
  expect(noiseLaws(open, { parameters: { s: [1] } })[0]!.deviation).toBeUndefined();
});

test("every text of the language: each source is told, and the law prints", () => {
  for (const cell of cells) {
    const model = modelOf(cell);
    const found = noiseLaws(model);
    const told = new Set(found.map((l) => l.source));
    for (const source of Object.keys(model.program.noises))
      expect(told, cell.name).toContain(source.split("_").slice(1, -1).join("_"));
    for (const { slope } of found)
      for (const node of [slope?.diagonal, slope?.dense]) if (node) expect(printNode(node)).not.toBe("");
  }
});
