/** What must hold of every network of the catalogue; a new one is tested here by being in it. */
import { describe, expect, test } from "vitest";
import type { NetworkData, Surrogate } from "../../src/equations/network.ts";
import * as networks from "../../src/networks/index.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";
import { caseOf, checkDerivatives, run, smooth, timed } from "./properties.ts";

const catalogue: [string, NetworkData][] = Object.entries(networks);

describe.each(catalogue)("%s", (name, data) => {
  test("is data under its own name: to JSON and back without loss", () => {
    expect(data.name).toBe(name);
    expect(data.description).toMatch(/^[A-Z].*\.$/);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
    const { sizes } = caseOf(data);
    const values = (of: NetworkData) => valuesOf(makeNetwork(of, { seed: 1, sizes }));
    expect(values(JSON.parse(JSON.stringify(data)))).toEqual(values(data));
  });

  test("gradient and tangent, compiled, against finite differences of the interpreter", () =>
    checkDerivatives(caseOf(smooth(data))));
});

describe("what is computed does not depend on the surrogate", () => {
  const surrogates: Surrogate[] = [
    { kind: "triangle", gain: 0.3, width: 0.1 },
    { kind: "gaussian", gain: 1, width: 0.5 },
    { kind: "multiGaussian", gain: 0.5, width: 0.5 },
    { kind: "fastSigmoid", gain: 1, width: 0.2 },
  ];
  const spiking = catalogue.filter(([, data]) => data.equations.includes("spike("));
  test.each(spiking)("%s", async (_, data) => {
    const lines = [...data.equations.matchAll(/(\w+) = spike\(/g)].map((m) => m[1]!);
    const runs = await Promise.all(
      surrogates.map((s) => {
        const of = caseOf({ ...data, surrogates: Object.fromEntries(lines.map((line) => [line, s])) });
        return run(of, timed(of));
      }),
    );
    expect(Object.values(runs[0]!).some((x) => x.some((v) => v !== 0))).toBe(true);
    for (const other of runs) expect(other).toEqual(runs[0]);
  });
});
