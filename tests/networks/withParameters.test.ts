import { expect, it } from "vitest";
import { makeNetwork, networks, withParameters } from "../../src/index.ts";

it("replaces values and laws, and leaves the rest and the original", () => {
  const data = withParameters(networks.rate, {
    tau: 50,
    J: { init: { law: "orthogonal" }, tag: "pinned" },
    b: { value: 0.25 },
    W: { tag: "pinned" },
  });
  expect(data.parameters.tau).toEqual({ value: 50, unit: "ms", tag: "pinned" });
  expect(data.parameters.W).toEqual({ ...networks.rate.parameters.W, tag: "pinned" });
  expect(networks.rate.parameters.tau?.value).toBe(10);
  const { parameters } = makeNetwork(data, { seed: 1, sizes: { N: 3, I: 1, O: 1 } });
  const J = parameters.J!.values.data;
  expect(J[0]! ** 2 + J[1]! ** 2 + J[2]! ** 2).toBeCloseTo(1, 12);
  expect([...parameters.b!.values.data]).toEqual([0.25, 0.25, 0.25]);
});

it("puts a value in the place of a law", () => {
  const data = withParameters(networks.rate, { J: { value: [0, 1, 1, 0] } });
  expect([...makeNetwork(data, { sizes: { N: 2, I: 1, O: 1 } }).parameters.J!.values.data]).toEqual([0, 1, 1, 0]);
});

it("names the parameters that there are", () => {
  expect(() => withParameters(networks.rate, { Jrec: 1 })).toThrow(/no parameter `Jrec`.*tau/s);
});
