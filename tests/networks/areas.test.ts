import { expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { modelOf } from "../../src/equations/model.ts";
import { joinAreas } from "../../src/networks/areas.ts";
import { adaptation, gruBefore, rateForm, twoAreas } from "../../src/networks/cells/index.ts";
import { leaky } from "../../src/networks/leaky.ts";
import { makeNetwork, withValues } from "../../src/networks/network.ts";
import { rate } from "../../src/networks/rate.ts";
import { caseOf, checkDerivative, difference, run } from "./properties.ts";

test("two areas joined do what the catalogue's two areas do", async () => {
  const joined = joinAreas(
    { A: { network: rate, sends: "r" }, B: { network: rate, sends: "r", input: false } },
    [["B", "A"], ["A", "B"]],
  ); // biome-ignore format: wires
  expect(joined.equations).toContain("(B_A u + B_A_B r_B)");
  expect(joined.equations).toContain("tau_B dx_B/dt");
  const text = (equations: string): string => equations.replace(/\s/g, "");
  const [one, two] = [caseOf(joined), caseOf(twoAreas)];
  one.sizes = { ...one.sizes, N_A: 5, N_B: 7, O_A: 2, O_B: 2, I: 4 };
  two.sizes = { ...two.sizes, N: 5, P: 7, O: 2, I: 4 };
  const { values } = two;
  const zeros = (n: number) => new Float64Array(n);
  one.values = {
    ...values,
    ...{ J_A: values.J_A!, B_A: values.B!, B_A_B: values.J_AB!, J_B: values.J_B!, B_B_A: values.J_BA! },
    ...{ sigma_A: zeros(1), sigma_B: zeros(1), W_A: zeros(10), c_A: zeros(2), W_B: values.W!, c_B: zeros(2) },
  };
  two.values = { ...values, sigma_A: zeros(1), sigma_B: zeros(1) };
  const [a, b] = [await run(one, ["x_A", "x_B", "z_B"]), await run(two, ["x_A", "x_B", "z"])];
  expect(difference(a.x_A!, b.x_A!)).toBeLessThan(1e-13);
  expect(difference(a.x_B!, b.x_B!)).toBeLessThan(1e-13);
  expect(difference(a.z_B!, b.z!)).toBeLessThan(1e-13);
  expect(text(joined.equations)).not.toContain("@");
});

test("areas of different cells: each gate of a gated area hears the others", async () => {
  const joined = joinAreas(
    {
      sensory: { network: leaky({ form: "rate", transfer: "relu" }), sends: "r" },
      motor: { network: adaptation, sends: "r", input: false },
      memory: { network: gruBefore, sends: "h", input: false },
    },
    [["sensory", "memory"], ["memory", "motor"], ["motor", "sensory"]],
  ); // biome-ignore format: wires
  for (const gate of ["q", "p", "n"])
    expect(joined.parameters[`B_${gate}_memory_sensory`]!.shape).toEqual(["N_memory", "N_sensory"]);
  expect(modelOf(joined).warnings).toEqual([]);
  await checkDerivative(caseOf(joined));
});

test.each<[string, () => unknown, RegExp]>([
  ["a wire to nowhere", () => joinAreas({ A: { network: rate, sends: "r" } }, [["A", "C"]]), /a wire from or to `C`; expected areas A/],
  ["what is no vector", () => joinAreas({ A: { network: rate, sends: "J" } }, []), /`A` sends `J`; expected a vector/],
  ["an area that nothing reaches", () => joinAreas({ A: { network: rateForm, sends: "r", input: false } }, []), /`A` has no input and hears no area/],
])("%s is refused", (_, act, message) => {
  expect(act).toThrow(message);
}); // biome-ignore format: a table

test("a wire between sizes that do not match is refused in a sentence, transposed ones too", () => {
  const joined = joinAreas({ A: { network: rate, sends: "r" }, B: { network: rate, sends: "r", input: false } }, [
    ["A", "B"],
  ]);
  const sizes = { N_A: 3, N_B: 4, O_A: 1, O_B: 1, I: 2 };
  const network = makeNetwork(joined, { sizes });
  const wireOf = (shape: number[]) => ndarray(new Float64Array(shape.reduce((a, b) => a * b)), shape);
  expect(() => withValues(network, { B_B_A: wireOf([3, 4]) })).toThrow("`B_B_A` of shape [3, 4]; expected [4, 3]");
  expect(() => withValues(network, { B_B_A: wireOf([3, 3]) })).toThrow("`B_B_A` of shape [3, 3]; expected [4, 3]");
  expect(withValues(network, { B_B_A: wireOf([4, 3]) }).parameters.B_B_A!.values.data).toEqual(new Float64Array(12));
  const given = {
    ...joined,
    parameters: { ...joined.parameters, B_B_A: { shape: ["N_B", "N_A"], value: [1, 2, 3, 4] } },
  };
  expect(() => makeNetwork(given, { sizes })).toThrow(
    "parameter `B_B_A` has 4 values; expected 12 finite numbers for [4, 3]",
  );
});
