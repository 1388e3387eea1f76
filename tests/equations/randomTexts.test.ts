/** In any text the two derivatives agree: <v, adjoint(w)> = <tangent(v), w>. Reference interpreter, float64. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import type { Program } from "../../src/equations/program.ts";
import { tangent } from "../../src/equations/tangent.ts";
import { sizes } from "./cells.ts";
import { randomTexts } from "./randomTexts.ts";

// FUZZ_RUNS and FUZZ_SEED look further than the test suite does.
const options = { numRuns: Number(process.env.FUZZ_RUNS ?? 40), seed: Number(process.env.FUZZ_SEED ?? 7) };

test("in any text, <v, adjoint(w)> = <tangent(v), w>", () => {
  let compared = 0;
  const property = fc.property(randomTexts, ({ network, quantities }) => {
    compared += compareDerivatives(weightedSum(modelOf(network).program, quantities));
  });
  fc.assert(property, options);
  expect(compared).toBeGreaterThan(options.numRuns / 2);
});

/** Both derivatives along a random direction of everything that is given; 1 where they were compared. */
function compareDerivatives({ program, sum }: { program: Program; sum: string }): 0 | 1 {
  const given = { ...program.parameters, ...program.inputs };
  const back = adjoint(program, sum, Object.keys(given));
  const names = Object.keys(back.gradients);
  const forward = tangent(program, names);
  const entries = (name: string): number => {
    const per = program.inputs[name]?.per;
    return entriesOf(given[name]!.shape, sizes) * (per === undefined ? 1 : per === "trial" ? 2 : 2 * 5);
  };
  const draw = (name: string, what: string): Float64Array =>
    new RandomStream(3, `${what} ${name}`).fillNormal(new Float64Array(entries(name)), name === "tau" ? 9 : 0, 0.5);
  const evaluate = (of: Program, record: string[], more: Record<string, Float64Array>) => {
    const run = interpretProgram(of, { sizes, trials: 2, samples: 5, record });
    const values = { ...Object.fromEntries(Object.keys(given).map((name) => [name, draw(name, "value")])), ...more };
    for (const [name, value] of Object.entries(values))
      if (of.parameters[name]) run.setParameter(name, value);
      else run.setInput(name, value);
    run.run({ dt: 0.5, seed: 4 });
    return record.map((name) => run.read(name).data as Float64Array);
  };
  const directions = names.map((name) => draw(name, "direction"));
  const gradients = evaluate(
    back.program,
    names.map((name) => back.gradients[name]!),
    {},
  );
  const seeds = Object.fromEntries(names.map((name, i) => [forward.seeds[name]!, directions[i]!]));
  const [[moved] = [0]] = evaluate(forward.program, [forward.dots[sum]!], seeds) as [Float64Array];
  const along = gradients.map((g, i) => g.reduce((t, x, j) => t + x * directions[i]![j]!, 0));
  const size = gradients.reduce((t, g, i) => t + Math.hypot(...g) * Math.hypot(...directions[i]!), 1e-9);
  // Exponents and products of squares may overflow: then there is nothing to compare.
  if (!Number.isFinite(size)) return 0;
  expect(Math.abs(along.reduce((t, x) => t + x, 0) - moved!) / size).toBeLessThan(1e-12);
  return 1;
}
