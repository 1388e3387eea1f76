/** A lesioned unit sends nothing, in every network of the catalogue: its own state makes no difference to the others. */
import { expect, test } from "vitest";
import { makeNetwork, modelOf, type NetworkData, networks, runModel, surgery, valuesOf } from "../../src/index.ts";

const N = 5;
const unit = 2;
const sizesOf = (data: NetworkData): Record<string, number> =>
  Object.fromEntries([...modelOf(data).text.sizes].map((name) => [name, name === "N" ? N : (data.sizes?.[name] ?? 3)]));
const catalogue = Object.entries(networks).filter(([, data]) =>
  modelOf(data).states.some(({ shape }) => shape.length === 1 && shape[0] === "N"),
);

/** The largest difference that another initial value of the unit makes to the other units and to the outputs. */
async function influence(data: NetworkData, lesioned: boolean): Promise<number> {
  const whole = makeNetwork({ ...data, sizes: sizesOf(data) }, { seed: 3 });
  const network = lesioned ? surgery.lesion(whole, { units: [unit] }) : whole;
  const states = modelOf(network.data).states.filter(({ shape }) => shape.length === 1 && shape[0] === "N");
  const names = states.map(({ name }) => name);
  const model = modelOf(network.data, { initialFromTrial: names });
  const record = [...names, ...model.outputs.filter((name) => !names.includes(name))];
  const run = (own: number) =>
    runModel(model, {
      parameters: valuesOf(network),
      sizes: network.sizes,
      samples: 12,
      dt: data.dt ?? 1,
      record,
      initial: Object.fromEntries(
        names.map((name) => [name, Array.from({ length: N }, (_, k) => (k === unit ? own : 0.3))]),
      ),
    });
  const [a, b] = [await run(0.2), await run(0.9)];
  let most = 0;
  for (const name of record) {
    const perUnit = model.text.quantities.get(name)?.shape?.[0] === "N";
    a[name]!.data.forEach((x, k) => {
      if (!(perUnit && k % N === unit)) most = Math.max(most, Math.abs(x - b[name]!.data[k]!));
    });
  }
  return most;
}

test("the catalogue has such networks", () => expect(catalogue.length).toBeGreaterThan(25));

test.each(catalogue)("%s", async (_, data) => {
  expect(await influence(data, true)).toBe(0);
});

test("without the lesion it does make a difference", async () => {
  for (const name of ["rate", "gruAfter", "lowRank", "mixtureLowRank", "learnedTau"] as const)
    expect(await influence(networks[name], false)).toBeGreaterThan(1e-6);
});
