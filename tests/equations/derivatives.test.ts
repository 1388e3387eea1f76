/**
 * For every text of the language's section 4: the gradient against central finite differences, the tangent against
 * finite differences, and adjoint against tangent. All with the reference interpreter, in float64.
 */
import { describe, expect, test } from "vitest";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import type { Shape } from "../../src/equations/graph.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { prune } from "../../src/equations/normalise.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import type { Program } from "../../src/equations/program.ts";
import { tangent } from "../../src/equations/tangent.ts";
import { cells, sizes } from "./cells.ts";

const trials = 2;
const samples = 6;
const count = (shape: Shape): number => shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : sizes[d]!), 1);

type Values = Record<string, Float64Array>;

/** Values for everything that a program is given. */
function draw(program: Program, network: NetworkData, seed: number, scale = 0.5): Values {
  const values: Values = {};
  const stream = (name: string): RandomStream => new RandomStream(seed, name, 0);
  for (const [name, { shape }] of Object.entries(program.parameters)) {
    const given = network.parameters[name]?.value;
    const positive = /^(tau|lambda|p_0|tau_m|tau_a)/.test(name);
    const s = stream(name);
    values[name] = Float64Array.from({ length: count(shape) }, () => {
      if (typeof given === "number") return given * (shape.length > 0 ? 1 + 0.2 * s.uniform() : 1);
      return positive ? 5 + 3 * s.uniform() : scale * s.normal();
    });
  }
  for (const [name, { shape, per }] of Object.entries(program.inputs)) {
    const s = stream(name);
    values[name] = Float64Array.from(
      { length: trials * (per === "sample" ? samples : 1) * count(shape) },
      () => 0.7 * s.normal(),
    );
  }
  return values;
}

function run(program: Program, values: Values, record: string[], dt: number): Values {
  const executable = interpretProgram(prune(program, record), { sizes, trials, samples, record });
  for (const [name, v] of Object.entries(values)) {
    if (executable.program.parameters[name]) executable.setParameter(name, v);
    else if (executable.program.inputs[name]) executable.setInput(name, v);
  }
  executable.run({ dt, seed: 3 });
  return Object.fromEntries(record.map((name) => [name, Float64Array.from(executable.read(name).data)]));
}

const norm = (v: Float64Array): number => Math.sqrt(v.reduce((s, x) => s + x * x, 0));
const inner = (a: Float64Array, b: Float64Array): number => a.reduce((s, x, i) => s + x * b[i]!, 0);

/** A spike has no derivative to compare with: for finite differences a sigmoid stands in its place. */
const smoothed = (network: NetworkData): NetworkData =>
  /\bspike\(/.test(network.equations)
    ? { ...network, equations: network.equations.replace(/\bspike\(([^()]*)\)/g, "sigmoid(5 ($1))") }
    : network;

function setUp(network: NetworkData) {
  const states = modelOf(network).states.map((s) => s.name);
  const model = modelOf(network, { initialFromTrial: states });
  const timed = [...model.text.quantities.values()].filter((q) => q.level === "sample").map((q) => q.name);
  const { program, sum, weights } = weightedSum(model.program, timed);
  const wrt = [...Object.keys(model.program.parameters), ...Object.keys(model.program.inputs)];
  return { model, program, sum, weights, wrt, timed, dt: network.dt ?? 1 };
}

describe.each(cells.map((network) => [network.name!, network] as const))("%s", (_, network) => {
  test("gradient and tangent against central finite differences", () => {
    const { program, sum, wrt, dt } = setUp(smoothed(network));
    const values = draw(program, network, 11);
    const back = adjoint(program, sum, wrt, network.surrogates);
    const names = Object.keys(back.gradients);
    const gradients = run(
      back.program,
      values,
      names.map((n) => back.gradients[n]!),
      dt,
    );
    const forward = tangent(program, names, network.surrogates);
    const h = 1e-5;
    let checked = 0;
    for (const name of names) {
      const gradient = gradients[back.gradients[name]!]!;
      expect(gradient.length).toBe(values[name]!.length);
      // Along two random directions: every entry takes part in each.
      for (const seed of [1, 2]) {
        const s = new RandomStream(seed, name, 1);
        const direction = Float64Array.from(gradient, () => s.normal());
        const at = (step: number): number =>
          run(program, { ...values, [name]: values[name]!.map((x, i) => x + step * direction[i]!) }, [sum], dt)[
            sum
          ]![0]!;
        // Fourth order, so that rounding and not the step limits the comparison.
        const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        const scale = Math.max(norm(gradient) * norm(direction), 1e-3 * Math.abs(at(0)), 1e-6);
        expect(Math.abs(inner(gradient, direction) - numeric) / scale, `gradient by ${name}`).toBeLessThan(1e-6);
        const seeds = Object.fromEntries(
          names.map((n) => [forward.seeds[n]!, n === name ? direction : new Float64Array(values[n]!.length)]),
        );
        const dot = run(forward.program, { ...values, ...seeds }, [forward.dots[sum]!], dt)[forward.dots[sum]!]![0]!;
        expect(Math.abs(dot - numeric) / scale, `tangent by ${name}`).toBeLessThan(1e-6);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(0);
  });

  test("<v, adjoint(w)> = <tangent(v), w>", () => {
    const { program, sum, weights, wrt, timed, dt } = setUp(network);
    const values = draw(program, network, 5);
    const back = adjoint(program, sum, wrt, network.surrogates);
    const names = Object.keys(back.gradients);
    const gradients = run(
      back.program,
      values,
      names.map((n) => back.gradients[n]!),
      dt,
    );
    const forward = tangent(program, names, network.surrogates);
    const s = new RandomStream(9, "v", 0);
    const v: Values = Object.fromEntries(names.map((n) => [n, Float64Array.from(values[n]!, () => s.normal())]));
    const seeds = Object.fromEntries(names.map((n) => [forward.seeds[n]!, v[n]!]));
    const moved = timed.filter((q) => forward.dots[q]);
    const dots = run(
      forward.program,
      { ...values, ...seeds },
      moved.map((q) => forward.dots[q]!),
      dt,
    );
    const left = names.reduce((t, n) => t + inner(v[n]!, gradients[back.gradients[n]!]!), 0);
    let right = 0;
    for (const q of moved) right += inner(dots[forward.dots[q]!]!, values[weights[q]!]!);
    // The weights are inputs as well: they are not moved here.
    const size = names.reduce((t, n) => t + norm(v[n]!) * norm(gradients[back.gradients[n]!]!), 0);
    expect(Math.abs(left - right) / size).toBeLessThan(1e-12);
    expect(size).toBeGreaterThan(0);
  });
});
