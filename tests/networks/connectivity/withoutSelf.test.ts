import { expect, test } from "vitest";
import { runModel } from "../../../src/engine/runModel.ts";
import { modelOf } from "../../../src/equations/model.ts";
import { wire, withoutSelf } from "../../../src/networks/connectivity/index.ts";
import { makeNetwork, valuesOf } from "../../../src/networks/network.ts";

test("the matrix of `withoutSelf` is its factor with zeros on the diagonal", async () => {
  const data = wire(
    { equations: "z = J u", parameters: { J: { shape: ["N", "N"] } }, sizes: { N: 3 } },
    "J",
    withoutSelf(),
  );
  const network = makeNetwork({ ...data, inputs: { u: { shape: ["N"] } } }, { seed: 1 });
  const parameters = valuesOf(network);
  const expected = Array.from({ length: 9 }, (_, k) => (k % 4 === 0 ? 0 : parameters.J_K![k]!));
  // Unit vectors give the columns.
  for (let j = 0; j < 3; j++) {
    const { z } = await runModel(modelOf(network.data), {
      ...{ parameters, sizes: { N: 3 }, samples: 1, dt: 1, record: ["z"] },
      inputs: { u: [0, 1, 2].map((i) => (i === j ? 1 : 0)) },
    });
    for (let i = 0; i < 3; i++) expect(z!.data[i]).toBeCloseTo(expected[i * 3 + j]!, 6);
  }
  expect(expected.filter((x) => x !== 0).length).toBe(6);
  expect(() => wire({ equations: "z = B u", parameters: { B: { shape: ["N", "I"] } } }, "B", withoutSelf())).toThrow(
    "no self-connections in `B` [N, I]; expected a square matrix",
  );
});
