/** The rule of a system: the same motion as the text's program, the state it has, and whether its drive is bounded. */
import { describe, expect, it } from "vitest";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { entriesOf } from "../../src/engine/shapes.ts";
import { Graph } from "../../src/equations/build.ts";
import type { Node } from "../../src/equations/graph.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { Program } from "../../src/equations/program.ts";
import { ruleOf } from "../../src/equations/rule.ts";
import { cells, sizes } from "./cells.ts";
import { declare } from "./declare.ts";
import { draw, evaluator, norm, type Values } from "./values.ts";

/** A program without its noise, as a rule is. */
function silenced(program: Program): Program {
  const g = new Graph();
  const quiet = (node: Node): Node =>
    g.rebuild(node, (n) => (n.op === "leaf" && n.leaf.kind === "noise" ? g.number(0, n.shape) : undefined));
  const blocks = program.blocks.map((b) => ({
    ...b,
    definitions: b.definitions.map((d) => ({ ...d, node: quiet(d.node) })),
    initials: Object.fromEntries(Object.entries(b.initials).map(([name, node]) => [name, quiet(node)])),
  }));
  return { ...program, blocks };
}

describe("iterating the rule gives the trajectory of the program", () => {
  const withStep = cells.filter((c) => c.name !== "lfads");
  it.each(withStep.map((c) => [c.name!, c] as const))("%s", (_, network) => {
    const [samples, dt] = [6, 0.5];
    const states = modelOf(network).states.map((s) => s.name);
    const model = modelOf(network, { initialFromTrial: states });
    const rule = ruleOf(network);
    const values = draw(rule.program, network, { trials: 1, samples: 1, dt });
    const fresh = Object.fromEntries(states.map((name) => [name, values[name]!]));

    // The program, under an input that does not change, from the same state.
    const record = model.states.map((s) => s.stored);
    const executable = interpretProgram(silenced(model.program), { sizes, trials: 1, samples, record });
    for (const name of Object.keys(model.program.parameters)) executable.setParameter(name, values[name]!);
    for (const [name, { shape, per }] of Object.entries(model.program.inputs)) {
      const value = name.endsWith(".initial")
        ? fresh[name.slice(0, -".initial".length)]!
        : (values[name] ?? new Float64Array(entriesOf(shape, sizes)));
      executable.setInput(
        name,
        Float64Array.from(
          { length: per === "sample" ? samples * value.length : value.length },
          (_, i) => value[i % value.length]!,
        ),
      );
    }
    executable.run({ dt });

    const step = evaluator(
      rule.program,
      rule.coordinates.map((c) => c.rule),
      { trials: 1, samples: 1, dt },
    );
    // Before the trial a quantity has its initial value, in every past sample that a delay keeps.
    let at: Values = Object.fromEntries(rule.coordinates.map((c) => [c.name, fresh[c.name.replace(/\[.*/, "")]!]));
    for (let k = 0; k < samples; k++) {
      const moved = step({ ...values, ...at, t: Float64Array.of(k * dt) });
      at = Object.fromEntries(
        rule.coordinates.map((c, i) => [
          c.name,
          rule.kind === "map" ? moved[i]!.slice() : at[c.name]!.map((x, j) => x + dt * moved[i]![j]!),
        ]),
      );
      model.states.forEach((s, i) => {
        const { data } = executable.read(record[i]!);
        const n = at[s.name]!.length;
        const off = at[s.name]!.map((x, j) => x - data[k * n + j]!);
        expect(norm(off), `${s.name} after ${k + 1} steps`).toBeLessThanOrEqual(1e-12 * Math.max(1, norm(at[s.name]!)));
      });
    }
  });
});

describe("the state", () => {
  const coordinates = (...of: Parameters<typeof declare>): string[] =>
    ruleOf(declare(...of)).coordinates.map((c) => c.name);
  it("of flows alone is theirs, and the rule is dx/dt", () => {
    const rule = ruleOf(declare("dx/dt = y; dy/dt = -x"));
    expect([rule.kind, rule.coordinates.map((c) => c.name)]).toEqual(["flow", ["x", "y"]]);
  });
  it("with a map beside a flow the rule is one step", () => {
    expect(ruleOf(declare("dx/dt = y - x; y[t+1] = x")).kind).toBe("map");
  });
  it("a delay adds its buffer, of a map and of a flow, whose rule is then one step", () => {
    expect(coordinates("x[t+1] = x + x[t-2]")).toEqual(["x", "x[t-1]", "x[t-2]"]);
    expect(coordinates("dx/dt = -delay(x, 1)", "", { dt: 0.5 })).toEqual(["x", "x[t-1]", "x[t-2]"]);
    expect(ruleOf(declare("dx/dt = -delay(x, 1)", "", { dt: 0.5 })).kind).toBe("map");
  });
  it("what the trials give once is constant", () => {
    const rule = ruleOf(
      declare("y[0] = a p; x[t+1] = x/2 + 2 y[0]", "a", { inputs: { p: { shape: [], per: "trial" } } }),
    );
    const [next] = evaluator(rule.program, ["f.x"], { trials: 1, samples: 1, dt: 1 })({
      x: Float64Array.of(4),
      a: Float64Array.of(3),
      p: Float64Array.of(5),
    });
    expect([...next!]).toEqual([32]);
  });
  it.each([
    ["z = 2 a", /no state/],
    ["k[t] = k[t+1] + a", /needs whole trials/],
    ["x[t+1] = x; y[t+1] = y + x[t+2]", /needs whole trials/],
    ["x[t+1] = x; y[0] = x[T-1]; w[t+1] = w + y[0]", /needs whole trials/],
  ])("%s has none", (text, message) => {
    expect(() => ruleOf(declare(text, "a"))).toThrow(message);
  });
});

describe("a bounded drive is claimed only where there is one", () => {
  const table = "tau J[N,N] B[N,I] b[N] W[N,N]";
  it.each([
    ["tau dx/dt = -x + J r + B u + b; r = tanh(x)", true],
    ["tau dx/dt = -x + J (r * s) + b; r = sigmoid(x); s = sin(x)", true],
    ["tau dr/dt = -r + tanh(J r + B u + b)", true],
    ["dx/dt = (-x + J tanh(x))/tau", true],
    ["h[t] = tanh(J h[t-1] + B u + b)", true],
    ["tau dx/dt = -x + J relu(x) + b", false],
    ["tau dx/dt = -x + J x + b", false],
    ["tau dx/dt = x + J tanh(x) + b", false],
    ["tau dx/dt = J tanh(x) + b", false],
    ["dx/dt = -x + y + b; dy/dt = -y + tanh(x)", false],
    ["h[t] = h[t-1] + tanh(J h[t-1]) + b", false],
  ])("%s: %s", (text, bounded) => {
    const names = table
      .split(" ")
      .filter((w) => new RegExp(`\\b${w.replace(/\[.*/, "")}\\b`).test(text))
      .join(" ");
    expect(ruleOf(declare(text, names)).bounded).toBe(bounded);
  });
});
