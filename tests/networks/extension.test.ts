/** A cell, a transfer function, a wiring and a constraint of a user's own, through the public interface only. */
import { expect, test } from "vitest";
import { connectivity, leaky, makeNetwork, modelOf, type NetworkData, runModel, valuesOf } from "../../src/index.ts";

test("a cell of one's own takes wirings, constraints and noise like the catalogue's", async () => {
  const cell: NetworkData = {
    name: "bistable",
    equations: "tau dx/dt = x - x^3 + J tanh(x) + B u; z = W x",
    parameters: {
      tau: { value: 10, unit: "ms" },
      J: { shape: ["N", "N"] },
      B: { shape: ["N", "I"] },
      W: { shape: ["O", "N"] },
    },
    sizes: { N: 4, I: 1, O: 1 },
  };
  // Each unit hears its neighbours on a ring only: a wiring written here.
  const ring: connectivity.Wiring = (name, shape) => ({
    text: `(${name}_ring * ${name}_K)`,
    parameters: {
      [`${name}_ring`]: { shape: [...shape], value: [0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0], tag: "pinned" },
      [`${name}_K`]: { shape: [...shape], init: { law: "constant", value: 0.1 } },
    },
  });
  const network = makeNetwork(connectivity.wire(cell, "J", ring));
  const model = modelOf(network.data, { initialFromTrial: ["x"] });
  const { x, J } = await runModel(model, {
    parameters: valuesOf(network),
    sizes: network.sizes,
    samples: 400,
    dt: 1,
    record: ["x", "J"],
    initial: { x: [1, 1, 1, 1] },
  });
  expect([...J!.data.subarray(0, 4)]).toEqual([0, 0.1, 0, 0.1]);
  // All alike: x - x³ + 0.2 tanh x = 0.
  const end = x!.data.at(-1)!;
  expect(end - end ** 3 + 0.2 * Math.tanh(end)).toBeCloseTo(0, 12);
  expect(end).toBeGreaterThan(1);
});

test("a transfer function and a projection of one's own", () => {
  const swish = leaky({ transfer: { text: (x) => `${x} * sigmoid(b_s * ${x})`, parameters: { b_s: { value: 1 } } } });
  expect(modelOf(swish).warnings).toEqual([]);
  // Rows that sum to zero.
  const balanced: connectivity.Projection = ({ J }) => {
    for (let i = 0; J && i < 2; i++) {
      const mean = (J[2 * i]! + J[2 * i + 1]!) / 2;
      for (let j = 0; j < 2; j++) J[2 * i + j]! -= mean;
    }
  };
  const J = Float64Array.of(1, -2, 3, 4);
  const signs = connectivity.constrain(
    { ...swish, sizes: { N: 2 } },
    "J",
    { kind: "range", low: -1, high: 1 },
    "project",
  );
  connectivity.projectAll([signs.projection!, balanced])({ J });
  expect([...J]).toEqual([1, -1, 0, 0]);
});
