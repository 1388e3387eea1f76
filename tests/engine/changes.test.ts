/** Before a run only what has changed is computed again: the bits are those of an instance that computes all anew. */
import { expect, it } from "vitest";
import { compileModule, instantiate } from "../../src/engine/compiled/index.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/index.ts";
import { lossOf, withGradient } from "../../src/training/objective.ts";

const data: NetworkData = {
  equations: "tau dx/dt = -x + M r + B u\nM = g relu(J) diag(s) + K K' / N\nr = tanh(x)\nz = W r",
  parameters: {
    tau: { value: 10 },
    g: { value: 1 },
    s: { shape: ["N"] },
    J: { shape: ["N", "N"] },
    K: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    W: { shape: ["O", "N"] },
  },
  dt: 1,
};
const sizes = { N: 20, I: 2, O: 3 };

it("after any one parameter or the time step changed", async () => {
  const model = modelOf(data);
  const loss = lossOf(model, { penalties: [{ name: "small", weight: 0.1, terms: ["M * M"] }] });
  const objective = withGradient(model, loss, ["J", "K", "s", "W"]);
  const [trials, samples] = [4, 6];
  const record = ["z", objective.loss, ...Object.values(objective.gradients)];
  const module = await compileModule(objective.program, { sizes, trials, samples, record, precision: "f32" });
  const random = new RandomStream(1, "values");
  const draw = (count: number) => Float64Array.from({ length: count }, () => 0.5 * random.normal());
  const inputs = Object.entries(objective.program.inputs).map(([name, { shape, per }]) => ({
    name,
    values: draw(trials * (per === "sample" ? samples : 1) * entriesOf(shape, sizes)),
  }));
  const given = objective.given?.(trials, samples) ?? {};
  const values = new Map(
    Object.entries(objective.program.parameters).map(([name, { shape }]) => [name, draw(entriesOf(shape, sizes))]),
  );
  values.set("tau", Float64Array.of(10));
  const start = () => {
    const executable = instantiate(module);
    for (const { name, values } of inputs) executable.setInput(name, values);
    for (const [name, v] of Object.entries(given)) executable.setInput(name, v);
    for (const [name, v] of values) executable.setParameter(name, v);
    return executable;
  };
  const bits = (executable: ReturnType<typeof start>, dt: number) => {
    executable.run({ seed: 3, dt });
    return record.map((name) => Array.from(executable.read(name).data));
  };
  const kept = start();
  bits(kept, 1);
  const seen = new Set<string>();
  for (const [step, name] of [...values.keys(), "dt", "J", "W"].entries()) {
    if (name !== "dt") {
      values.set(name, name === "tau" ? Float64Array.of(20) : draw(values.get(name)!.length));
      kept.setParameter(name, values.get(name)!);
    }
    const dt = step > values.size - 1 ? 2 : 1;
    const now = bits(kept, dt);
    expect(now, name).toEqual(bits(start(), dt));
    seen.add(JSON.stringify(now));
  }
  expect(seen.size).toBe(values.size + 3);
});
