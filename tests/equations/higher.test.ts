/**
 * Jacobians in closed form for every text that has a step, and derivatives of derivatives: gradient of a Jacobian's
 * norm, Hessian times vector, adjoint of an adjoint. Reference interpreter, float64.
 */
import { describe, expect, it, test } from "vitest";
import { entriesOf } from "../../src/engine/shapes.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { Graph } from "../../src/equations/build.ts";
import type { Shape } from "../../src/equations/graph.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData, Surrogate } from "../../src/equations/network.ts";
import { emptyBlock, normalise } from "../../src/equations/normalise.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import type { Program } from "../../src/equations/program.ts";
import { type JacobianBlock, jacobianBlocks, NoClosedForm, partName, ruleOf } from "../../src/equations/rule.ts";
import { tangent } from "../../src/equations/tangent.ts";
import { cell, cells, sizes } from "./cells.ts";
import { declare } from "./declare.ts";
import { difference, directions, draw, evaluator, inner, norm, type Run, type Values } from "./values.ts";

/** A spike has no derivative to compare with: for finite differences a sigmoid stands in its place. */
const smoothed = (network: NetworkData): NetworkData => ({
  ...network,
  equations: network.equations.replace(/\bspike\(([^()]*)\)/g, "sigmoid(5 ($1))"),
});

const point: Run = { dt: 0.5, trials: 1, samples: 1 };

/** Rows of a Jacobian's column `j`, from the parts of a block. */
function column(
  block: JacobianBlock,
  parts: (part: "diagonal" | "dense") => Float64Array,
  rows: number,
  columns: number,
  j: number,
): Float64Array {
  const out = new Float64Array(rows);
  const dense = block.dense && parts("dense");
  const diagonal = block.diagonal && parts("diagonal");
  for (let i = 0; i < rows; i++)
    out[i] = (dense ? dense[i * columns + j]! : 0) + (diagonal && i === j ? diagonal[i]! : 0);
  return out;
}

describe("Jacobians in closed form by states, inputs and parameters, against central finite differences", () => {
  const withStep = cells.filter((c) => c.name !== "lfads");
  test("a text with a backward pass has no step", () => {
    expect(withStep.length).toBe(cells.length - 1);
    expect(() => ruleOf(cells.find((c) => c.name === "lfads")!)).toThrow(/needs whole trials/);
  });
  it.each(withStep.map((c) => [c.name!, smoothed(c)] as const))("%s", (_, network) => {
    const rule = ruleOf(network);
    const values = draw(rule.program, network, point);
    const of = [...rule.coordinates.map((c) => c.rule), ...Object.keys(rule.outputs)];
    const evaluate = evaluator(rule.program, of, point);
    const given: Record<string, { shape: Shape }> = { ...rule.program.inputs, ...rule.program.parameters };
    const rows = evaluate(values).map((v) => v.length);
    let closed = 0;
    for (const [by, { shape }] of Object.entries(given)) {
      const columns = entriesOf(shape, sizes);
      // What is a matrix has no closed form in the language: its tangent is compared, along two directions.
      const isMatrix = shape.length === 2;
      const forward = tangent(rule.program, [by]);
      const dots = of.map((name) => forward.dots[name]);
      const moving = dots.filter((name) => name !== undefined);
      const pushed = evaluator(forward.program, moving, point);
      const forms = isMatrix ? [] : of.map((name) => closedForm(rule, name, by, values));
      for (let k = 0; k < (isMatrix ? 2 : columns); k++) {
        const direction: Values = isMatrix
          ? directions(values, [by], k)
          : { [by]: Float64Array.from({ length: columns }, (_, j) => (j === k ? 1 : 0)) };
        const numeric = difference(evaluate, values, direction);
        const along = pushed({ ...values, [forward.seeds[by]!]: direction[by]! });
        of.forEach((name, r) => {
          const scale = Math.max(norm(numeric[r]!), 1e-2);
          const compare = (exact: ArrayLike<number>, what: string): void => {
            const off = numeric[r]!.map((x, i) => x - (exact[i] ?? 0));
            expect(norm(off) / scale, `${what} of ${name} by ${by}`).toBeLessThan(1e-6);
          };
          compare(dots[r] === undefined ? [] : along[moving.indexOf(dots[r]!)]!, "tangent");
          const form = forms[r];
          if (!form) return;
          closed++;
          compare(column(form.block, form.part, rows[r]!, columns, k), "closed form");
        });
      }
      // Only a matrix leaves the rest without a closed form: as a state, or made of the parameter.
      const matrices = [...rule.model.text.quantities.values()].filter((q) => q.shape!.length === 2);
      const isParameter = network.parameters[by] !== undefined;
      const spared = isMatrix || matrices.some((q) => q.level === "sample" || isParameter);
      if (!spared)
        expect(
          forms.every((form) => form !== undefined),
          `closed form by ${by}`,
        ).toBe(true);
    }
    expect(closed).toBeGreaterThan(0);
  });
});

function closedForm(rule: ReturnType<typeof ruleOf>, of: string, by: string, values: Values) {
  try {
    const { program, blocks } = jacobianBlocks(rule, [of], [by]);
    const parts = (["diagonal", "dense"] as const).filter((part) => blocks[0]![part]);
    const evaluated = evaluator(
      program,
      parts.map((part) => partName(of, by, part)),
      point,
    )(values);
    return { block: blocks[0]!, part: (part: "diagonal" | "dense") => evaluated[parts.indexOf(part)]! };
  } catch (error) {
    if (error instanceof NoClosedForm) return undefined;
    throw error;
  }
}

const five = ["rate", "gruBefore", "lstm", "gatedRate", "twoAreas"].map((name) => [name, cell(name)] as const);

/** The squared Frobenius norm of the Jacobian by all states, summed over the points, as one more quantity of a program. */
function jacobianNorm(network: NetworkData): { program: Program; penalty: string; states: string[] } {
  const rule = ruleOf(network);
  const states = rule.coordinates.map((c) => c.input);
  const { program, blocks } = jacobianBlocks(
    rule,
    rule.coordinates.map((c) => c.rule),
    states,
  );
  const g = new Graph();
  const trial = emptyBlock("trial");
  const update = emptyBlock("update");
  const parts: string[] = [];
  for (const block of blocks) {
    const part = (kind: "diagonal" | "dense") => {
      const node = block[kind];
      return node && g.leaf({ kind: "value", name: partName(block.of, block.by, kind) }, node.shape, node.level);
    };
    const [diagonal, dense] = [part("diagonal"), part("dense")];
    const whole = diagonal && dense ? g.map("add", g.diag(diagonal), dense) : (diagonal ?? dense);
    if (!whole) continue;
    const name = `norm ${block.of} ${block.by}`;
    parts.push(name);
    trial.sums.push({ name, node: g.total(g.map("mul", whole, whole)), over: "update", shape: [] });
  }
  const total = parts.map((name) => g.leaf({ kind: "value", name }, [], "update")).reduce((a, b) => g.map("add", a, b));
  update.definitions.push({ name: "penalty", node: total });
  return { program: normalise({ ...program, blocks: [...program.blocks, trial, update] }), penalty: "penalty", states };
}

describe("the gradient of a Jacobian's squared norm", () => {
  it.each(five)("%s", (_, network) => {
    const run: Run = { dt: 0.5, trials: 3, samples: 1 };
    const { program, penalty, states } = jacobianNorm(network);
    const values = draw(program, network, run);
    // The norm is that of the Jacobian by tangents.
    const rule = ruleOf(network);
    const forward = tangent(rule.program, states);
    const dots = rule.coordinates.map((c) => forward.dots[c.rule]).filter((d) => d !== undefined);
    const pushed = evaluator(forward.program, dots, run);
    const zero = Object.fromEntries(states.map((s) => [forward.seeds[s]!, new Float64Array(values[s]!.length)]));
    let squares = 0;
    for (const s of states) {
      const entries = values[s]!.length / run.trials;
      for (let j = 0; j < entries; j++) {
        const seed = values[s]!.map((_, i) => (i % entries === j ? 1 : 0));
        for (const d of pushed({ ...values, ...zero, [forward.seeds[s]!]: seed })) squares += inner(d, d);
      }
    }
    const evaluate = evaluator(program, [penalty], run);
    const [[value]] = evaluate(values) as [Float64Array];
    expect(Math.abs(value! / squares - 1)).toBeLessThan(1e-12);

    const given = [...Object.keys(program.parameters), ...Object.keys(program.inputs)];
    const back = adjoint(program, penalty, given);
    const names = Object.keys(back.gradients);
    const gradients = evaluator(
      back.program,
      names.map((n) => back.gradients[n]!),
      run,
    )(values);
    let checked = 0;
    names.forEach((name, k) => {
      const direction = directions(values, [name], 1);
      const [[numeric]] = difference(evaluate, values, direction) as [Float64Array];
      const scale = Math.max(norm(gradients[k]!) * norm(direction[name]!), 1e-3 * value!);
      expect(Math.abs(inner(gradients[k]!, direction[name]!) - numeric!) / scale, name).toBeLessThan(1e-6);
      checked++;
    });
    expect(checked).toBeGreaterThan(states.length);
  });
});

describe("Hessian times vector of a sum over samples and trials", () => {
  const run: Run = { dt: 0.5, trials: 2, samples: 5 };
  it.each(five)("%s", (_, network) => {
    const states = modelOf(network).states.map((s) => s.name);
    const model = modelOf(network, { initialFromTrial: states });
    const quantities = [...model.text.quantities.values()].filter((q) => q.level === "sample").map((q) => q.name);
    const { program, sum } = weightedSum(model.program, quantities);
    const wrt = [...Object.keys(model.program.parameters), ...Object.keys(model.program.inputs)];
    const back = adjoint(program, sum, wrt);
    const names = Object.keys(back.gradients);
    const values = draw(program, network, run);
    const gradients = evaluator(
      back.program,
      names.map((n) => back.gradients[n]!),
      run,
    );

    // Tangent of the adjoint.
    const second = tangent(back.program, names);
    const dots = names.map((n) => second.dots[back.gradients[n]!]);
    const moving = dots.filter((d) => d !== undefined);
    const product = evaluator(second.program, moving, run);
    const hessianTimes = (v: Values): Values => {
      const seeds = Object.fromEntries(names.map((n) => [second.seeds[n]!, v[n]!]));
      const result = product({ ...values, ...seeds });
      return Object.fromEntries(
        names.map((n, k) => [
          n,
          dots[k] === undefined ? new Float64Array(v[n]!.length) : result[moving.indexOf(dots[k]!)]!.slice(),
        ]),
      );
    };
    const [v, w] = [directions(values, names, 1), directions(values, names, 2)];
    const [Hv, Hw] = [hessianTimes(v), hessianTimes(w)];
    const along = (a: Values, b: Values): number => names.reduce((t, n) => t + inner(a[n]!, b[n]!), 0);
    const size = (a: Values): number => Math.sqrt(along(a, a));
    expect(size(Hv)).toBeGreaterThan(0);
    expect(Math.abs(along(w, Hv) - along(v, Hw)) / (size(w) * size(Hv))).toBeLessThan(1e-12);

    const numeric = difference(gradients, values, v, 1e-4);
    names.forEach((name, k) => {
      const off = numeric[k]!.map((x, i) => x - Hv[name]![i]!);
      expect(norm(off) / Math.max(norm(Hv[name]!), 1e-3 * size(Hv)), name).toBeLessThan(1e-6);
    });

    // Adjoint of the adjoint: the gradient of <gradient, v> by the parameters.
    const parameters = names.filter((n) => program.parameters[n]);
    const g = new Graph();
    const update = emptyBlock("update");
    const terms = parameters.map((n) => {
      const { shape } = program.parameters[n]!;
      const gradient = g.leaf({ kind: "value", name: back.gradients[n]! }, shape, "update");
      return g.total(g.map("mul", gradient, g.leaf({ kind: "parameter", name: `v ${n}` }, shape, "update")));
    });
    update.definitions.push({ name: "slope", node: terms.reduce((a, b) => g.map("add", a, b)) });
    const slope: Program = {
      ...back.program,
      parameters: {
        ...back.program.parameters,
        ...Object.fromEntries(parameters.map((n) => [`v ${n}`, program.parameters[n]!])),
      },
      blocks: [...back.program.blocks, update],
    };
    const twice = adjoint(slope, "slope", parameters);
    const again = Object.keys(twice.gradients);
    const reversed = evaluator(
      twice.program,
      again.map((n) => twice.gradients[n]!),
      run,
    );
    const only = Object.fromEntries(
      names.map((n) => [n, parameters.includes(n) ? v[n]! : new Float64Array(v[n]!.length)]),
    );
    const expected = hessianTimes(only);
    const result = reversed({ ...values, ...Object.fromEntries(parameters.map((n) => [`v ${n}`, v[n]!])) });
    expect(again.length).toBeGreaterThan(3);
    again.forEach((name, k) => {
      const off = result[k]!.map((x, i) => x - expected[name]![i]!);
      expect(norm(off) / size(expected), name).toBeLessThan(1e-12);
    });
  });
});

describe("each function of the language: first and second derivative", () => {
  const points = [-1.7, -0.4, 0.3, 0.9, 2.2];
  const positive = [0.2, 0.7, 1.3, 2.9];
  const one = (text: string, at: number[], rest: Partial<NetworkData> = {}) => {
    const { program } = modelOf(declare(`y = ${text}; x[t] = y`, "p", rest));
    const first = tangent(program, ["p"], rest.surrogates);
    const dot = first.dots.y;
    const second = dot === undefined ? undefined : tangent(first.program, ["p"], rest.surrogates);
    const f = evaluator(program, ["y"], point);
    return at.map((p) => {
      const values: Values = { p: Float64Array.of(p), [first.seeds.p!]: Float64Array.of(1) };
      const d = dot === undefined ? undefined : evaluator(first.program, [dot], point);
      const slope = d ? d(values)[0]![0]! : 0;
      const name = second && dot !== undefined ? second.dots[dot] : undefined;
      const curve =
        name === undefined
          ? 0
          : evaluator(second!.program, [name], point)({ ...values, [second!.seeds.p!]: Float64Array.of(1) })[0]![0]!;
      const numeric = difference(f, values, { p: Float64Array.of(1) }, 1e-3)[0]![0]!;
      const numericCurve = d ? difference(d, values, { p: Float64Array.of(1) }, 1e-3)[0]![0]! : 0;
      return { p, slope, numeric, curve, numericCurve };
    });
  };
  it.each([
    ["tanh(p)", points], ["sigmoid(p)", points], ["relu(p)", points], ["softplus(p)", points], ["exp(p)", points],
    ["log(p)", positive], ["sqrt(p)", positive], ["sin(p)", points], ["cos(p)", points], ["erf(p)", points], ["abs(p)", points],
    ["step(p)", points], ["min(p, p^2 - 1)", points], ["max(p, p^2 - 1)", points], ["where(p - 0.5, p^3, sin(p))", points],
    ["p^3", points], ["p^-2", points], ["p^2.5", positive], ["2^p", points], ["p^p", positive], ["1/p", points], ["(p + 1)/(p^2 + 1)", points],
    ["-p - 2 p", points], ["tanh(sin(p) exp(p/2))", points],
  ] as [string, number[]][])("%s", (text, at) => {
    for (const { p, slope, numeric, curve, numericCurve } of one(text, at)) {
      expect(Math.abs(slope - numeric), `slope at ${p}`).toBeLessThan(1e-7 * Math.max(1, Math.abs(numeric)));
      expect(Math.abs(curve - numericCurve), `curvature at ${p}`).toBeLessThan(1e-7 * Math.max(1, Math.abs(numericCurve)));
    }
  }); // biome-ignore format: a table

  it("detach has none", () => {
    for (const { slope } of one("detach(p)", points)) expect(slope).toBe(0);
    for (const { p, slope } of one("p detach(p)", points)) expect(slope).toBe(p);
  });

  it("ties of min and max go to the first argument", () => {
    expect(one("min(p, 2 p)", [0])[0]!.slope).toBe(1);
    expect(one("max(2 p, p)", [0])[0]!.slope).toBe(2);
  });

  const surrogates: [Surrogate, (v: number) => number][] = [
    [{ kind: "triangle", gain: 0.3, width: 0.8 }, (v) => 0.3 * Math.max(0, 1 - Math.abs(v) / 0.8)],
    [{ kind: "gaussian", gain: 0.5, width: 0.6 }, (v) => 0.5 * Math.exp(-(v * v) / (2 * 0.6 ** 2))],
    [{ kind: "fastSigmoid", gain: 2, width: 0.4 }, (v) => 2 / (1 + Math.abs(v) / 0.4) ** 2],
    [
      { kind: "multiGaussian", gain: 0.5, width: 0.5 },
      (v) => {
        const density = (mean: number, sd: number): number =>
          Math.exp(-((v - mean) ** 2) / (2 * sd ** 2)) / Math.sqrt(2 * Math.PI * sd ** 2);
        return 0.5 * (1.15 * density(0, 0.5) - 0.15 * density(0.5, 3) - 0.15 * density(-0.5, 3));
      },
    ],
  ];
  it.each(surrogates)("spike has its surrogate's: %o", (surrogate, psi) => {
    for (const { p, slope, numeric } of one("spike(p - 0.2)", points, { surrogates: { y: surrogate } })) {
      expect(slope).toBeCloseTo(psi(p - 0.2), 14);
      expect(numeric).toBe(0);
    }
  });
});
