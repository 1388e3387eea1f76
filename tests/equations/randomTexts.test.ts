/** In any text the two derivatives agree: <v, adjoint(w)> = <tangent(v), w>. Reference interpreter, float64. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import type { Program } from "../../src/equations/program.ts";
import { functions } from "../../src/equations/syntax.ts";
import { tangent } from "../../src/equations/tangent.ts";
import { sizes } from "./cells.ts";
import { declare } from "./declare.ts";
import { randomTexts } from "./randomTexts.ts";

// FUZZ_RUNS and FUZZ_SEED look further than the test suite does.
const options = { numRuns: Number(process.env.FUZZ_RUNS ?? 40), seed: Number(process.env.FUZZ_SEED ?? 7) };

/** Each operation of the language over vectors and matrices; `y` is what is weighted. */
const operations = [
  ..."tanh sigmoid relu softplus exp sin cos erf abs step detach"
    .split(" ")
    .map((f) => `x[t+1] = 0.5 x + b; y = ${f}(x) * x`),
  "x[t+1] = 0.5 x + b; y = log(1 + x^2) + sqrt(1 + x^2)",
  "x[t+1] = 0.5 x + b; y = spike(x) * b",
  "x[t+1] = 0.5 x + b; y = min(x, b) + max(x, 2 b)",
  "x[t+1] = 0.5 x + b; y = where(x, b * x, x^3)",
  "x[t+1] = 0.5 x + b; y = x/(1 + b^2) - x^2 * b + 2^x",
  "x[t+1] = 0.5 x + b; y = a x - x/(2 + a^2)",
  "x[t+1] = 0.5 x + b; y = J x + J' x",
  "x[t+1] = 0.5 x + B u; y = M L' x/N + (x' b) x",
  "x[t+1] = 0.5 x + b; y = (J b) (b' x) + diag(b) J x + J diag(b^2) x",
  "x[t+1] = 0.5 x + b; y = rownorm(J * (b b')) x",
  "tau dx/dt = -x + J delay(x, a_d) + b; y = x",
  "x[t+1] = 0.5 x + b; y[t] = x[t-2] + x[t-1] * x",
  "x[t+1] = 0.5 x + 0.3 eps; y = x * b",
  "x[t+1] = 0.5 x + b; e[t] = 0.5 e[t+1] + x; e[T] = b; y = e * x",
  "x[0] = p_0 * b; x[t+1] = 0.5 x + b; y = x * x",
];
const table = "J[N,N] M[N,R] L[N,R] B[N,I] b[N] a tau=10 a_d=1";

test("law 9: every function is among the operations", () => {
  for (const name of Object.keys(functions))
    expect(
      operations.some((text) => text.includes(`${name}(`)),
      name,
    ).toBe(true);
});
test.each(operations)("law 9, <v, adjoint(w)> = <tangent(v), w>: %s", (text) => {
  const of = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  const network = declare(
    text,
    table
      .split(" ")
      .filter((word) => of(/^\w+/.exec(word)![0]))
      .join(" "),
    {
      dt: 0.5,
      inputs: Object.fromEntries(
        Object.entries({ u: { shape: ["I"] }, p_0: { shape: ["N"], per: "trial" as const } }).filter(([name]) =>
          of(name),
        ),
      ),
      states: { x: { shape: ["N"] }, ...(of("e") && { e: { shape: ["N"] } }) },
      ...(of("spike") && { surrogates: { y: { kind: "gaussian" as const, gain: 1, width: 1 } } }),
    },
  );
  expect(compareDerivatives(weightedSum(modelOf(network).program, ["y"]), network)).toBe(1);
});

test("in any text, <v, adjoint(w)> = <tangent(v), w>", () => {
  let compared = 0;
  const property = fc.property(randomTexts, ({ network, quantities }) => {
    compared += compareDerivatives(weightedSum(modelOf(network).program, quantities));
  });
  fc.assert(property, options);
  expect(compared).toBeGreaterThan(options.numRuns / 2);
});

/** Both derivatives along a random direction of everything that is given; 1 where they were compared. */
function compareDerivatives({ program, sum }: { program: Program; sum: string }, network?: NetworkData): 0 | 1 {
  const given = { ...program.parameters, ...program.inputs };
  const back = adjoint(program, sum, Object.keys(given), network?.surrogates);
  const names = Object.keys(back.gradients);
  const forward = tangent(program, names, network?.surrogates);
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
