/** What must hold of every network of the catalogue; a new one is tested here by being in it. */
import { describe, expect, test } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import type { Executable } from "../../src/engine/executable.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { prune } from "../../src/equations/normalise.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import * as networks from "../../src/networks/index.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";

const [trials, samples] = [2, 6];
const catalogue: [string, NetworkData][] = Object.entries(networks);
/** Numbers for the names of sizes, all different, so that a mixed-up shape cannot pass. */
const made = (data: NetworkData) => {
  const known: Record<string, number> = { N: 5, I: 4, O: 2 };
  const sizes = Object.fromEntries([...modelOf(data).text.sizes].map((name, k) => [name, known[name] ?? 6 + k]));
  return makeNetwork(data, { seed: 1, sizes });
};

describe.each(catalogue)("%s", (name, data) => {
  test("is data under its own name: to JSON and back without loss", () => {
    expect(data.name).toBe(name);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
    expect(valuesOf(made(JSON.parse(JSON.stringify(data))))).toEqual(valuesOf(made(data)));
  });

  test("gradient of the compiled step against central finite differences of the interpreter", async () => {
    const model = modelOf(data);
    const network = made(data);
    const { program, sum } = weightedSum(model.program, model.outputs);
    const free = Object.keys(network.parameters).filter((p) => network.parameters[p]!.tag !== "pinned");
    const back = adjoint(program, sum, free, data.surrogates);
    const record = free.map((p) => back.gradients[p]!);
    const normal = (length: number, key: string) => new RandomStream(7, key).fillNormal(new Float64Array(length));
    const parameters = valuesOf(network);
    // Where all is zero in the beginning, derivatives would be zero too.
    for (const p of free) parameters[p] = normal(parameters[p]!.length, p).map((x) => 0.5 * x);
    const run = (executable: Executable, values: Record<string, Float64Array>) => {
      for (const [p, v] of Object.entries(values)) executable.setParameter(p, v);
      for (const [input, { shape, per }] of Object.entries(executable.program.inputs))
        executable.setInput(
          input,
          normal(trials * (per === "sample" ? samples : 1) * entriesOf(shape, network.sizes), input),
        );
      executable.run({ seed: 3 });
      return executable;
    };
    const options = { sizes: network.sizes, trials, samples, precision: "f64" as const };
    const compiled = run(await compileProgram(prune(back.program, record), { ...options, record }), parameters);
    const reference = interpretProgram(prune(program, [sum]), { ...options, record: [sum] });
    const at = (p: string, moved: Float64Array): number =>
      run(reference, { ...parameters, [p]: moved }).read(sum).data[0]!;
    for (const p of free) {
      const gradient = compiled.read(back.gradients[p]!).data;
      const direction = normal(gradient.length, `direction ${p}`);
      const along = (step: number): number =>
        at(
          p,
          parameters[p]!.map((x, i) => x + step * direction[i]!),
        );
      const h = 1e-4;
      const numeric = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h);
      const exact = direction.reduce((s, d, i) => s + d * gradient[i]!, 0);
      const scale = Math.hypot(...gradient) * Math.hypot(...direction);
      expect(scale, p).toBeGreaterThan(0);
      expect(Math.abs(exact - numeric) / scale, p).toBeLessThan(1e-6);
    }
  });
});
