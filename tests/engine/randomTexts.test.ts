/** Random texts with their gradients, compiled in both precisions against interpreted; noise included. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import { prune } from "../../src/equations/normalise.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import { sizes } from "../equations/cells.ts";
import { randomTexts } from "../equations/randomTexts.ts";

// FUZZ_RUNS and FUZZ_SEED look further than the test suite does.
const options = { numRuns: Number(process.env.FUZZ_RUNS ?? 25), seed: Number(process.env.FUZZ_SEED ?? 7) };
const shape = { sizes, trials: 2, samples: 5 };

test("values and gradients of any text, f64 to 1e-11, f32 to 1e-4 of the largest entry", async () => {
  let compared = 0;
  const property = fc.asyncProperty(randomTexts, async ({ network, quantities }) => {
    const { program, sum } = weightedSum(modelOf(network).program, quantities);
    const given = { ...program.parameters, ...program.inputs };
    const back = adjoint(program, sum, Object.keys(given));
    const record = [sum, ...quantities, ...Object.values(back.gradients)];
    const pruned = prune(back.program, record);
    const values = (executable: Awaited<ReturnType<typeof compileProgram>>): Float64Array[] => {
      for (const [name, input] of Object.entries(given)) {
        const per = "per" in input ? (input.per === "sample" ? shape.trials * shape.samples : shape.trials) : 1;
        const numbers = new Float64Array(per * entriesOf(input.shape, sizes));
        new RandomStream(3, name).fillNormal(numbers, name === "tau" ? 9 : 0, 0.5);
        if (pruned.parameters[name]) executable.setParameter(name, numbers);
        else if (pruned.inputs[name]) executable.setInput(name, numbers);
      }
      executable.run({ dt: 0.5, seed: 4 });
      return record.map((name) => Float64Array.from(executable.read(name).data));
    };
    const expected = values(interpretProgram(pruned, { ...shape, record }));
    const largest = (v: Float64Array): number => v.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    // A gradient is as exact as the largest: small ones may be differences of large numbers.
    const overall = Math.max(...expected.map(largest));
    if (!(overall < 1e6)) return;
    compared++;
    for (const [precision, tolerance] of [
      ["f64", 1e-11],
      ["f32", 1e-4],
    ] as const) {
      // biome-ignore format: a list
      const compiled = values(await compileProgram(pruned, { ...shape, record, precision }));
      record.forEach((name, k) => {
        const off = largest(compiled[k]!.map((x, i) => x - expected[k]![i]!));
        expect(off / Math.max(largest(expected[k]!), 1e-2 * overall), `${name} in ${precision}`).toBeLessThan(
          tolerance,
        );
      });
    }
  });
  await fc.assert(property, options);
  expect(compared).toBeGreaterThan(options.numRuns / 2);
});
