import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { noise } from "../../src/engine/random.ts";
import { Graph } from "../../src/equations/build.ts";
import type { MapName, Node } from "../../src/equations/graph.ts";
import { block, leaves, program } from "./programs.ts";

const list = (from: { data: ArrayLike<number> }): number[] => Array.from(from.data);

describe("a forward pass", () => {
  it("iterates x[t+1] = a x[t] + u[t] from its initial value, per trial", () => {
    const g = new Graph();
    const { parameter, input, read, trialInput } = leaves(g);
    // x here is the value after the step: x[t] = a x[t-1] + u[t], x[-1] = s.
    const x = g.map("add", g.map("mul", parameter("a"), read("x", -1)), input("u"));
    const p = program({
      parameters: { a: { shape: [] } },
      inputs: { u: { shape: [], per: "sample" }, s: { shape: [], per: "trial" } },
      blocks: [block("pass", { definitions: { x }, initials: { x: trialInput("s") } })],
    });
    const e = interpretProgram(p, { sizes: {}, trials: 2, samples: 3, record: ["x"] });
    e.setParameter("a", [0.5]);
    e.setInput("u", [1, 2, 3, 0, 0, 0]);
    e.setInput("s", [4, 8]);
    e.run();
    expect(e.read("x")).toEqual({ data: Float64Array.from([3, 3.5, 4.75, 4, 2, 1]), shape: [2, 3] });
  });

  it("reads any lag, zero or the initial value before the trial, and time", () => {
    const g = new Graph();
    const { read, t, dt } = leaves(g);
    const x = g.map("add", read("x", -3), g.number(1));
    const y = g.map("add", read("y", -1), t(1));
    const p = program({
      blocks: [block("pass", { definitions: { x, y, h: g.fill(dt(), ["N"]) }, initials: { x: g.number(10) } })],
    });
    const e = interpretProgram(p, { sizes: { N: 2 }, trials: 1, samples: 7, record: ["x", "y", "h"] });
    e.run({ samples: 5, dt: 0.5, firstSample: 10 });
    expect(list(e.read("x"))).toEqual([11, 11, 11, 12, 12]);
    expect(list(e.read("y"))).toEqual([5.5, 11.5, 18, 25, 32.5]);
    expect(e.read("h")).toEqual({ data: new Float64Array(10).fill(0.5), shape: [1, 5, 2] });
  });
});

describe("a backward pass", () => {
  it("runs from the end, reads both ways into earlier passes, and is picked and summed", () => {
    const g = new Graph();
    const { input, read, pick, indicator, value } = leaves(g);
    const a = input("u");
    const b = g.map("add", read("b", 1), g.map("mul", read("a", 1), read("a", -1)));
    const p = program({
      inputs: { u: { shape: [], per: "sample" } },
      blocks: [
        block("pass", { definitions: { a }, initials: { a: g.number(100) } }),
        block("pass", {
          direction: -1,
          definitions: { b, mark: g.map("add", indicator("start", 1), g.map("mul", g.number(2), indicator("end", 0))) },
          initials: { b: g.number(-1) },
          sums: [
            { name: "perTrial", node: b, over: "trial", shape: [] },
            { name: "overall", node: b, over: "update", shape: [] },
          ],
        }),
        block("trial", {
          definitions: {
            first: pick("b", "start", 0),
            last: pick("b", "end", 0),
            before: pick("a", "start", -1),
            after: pick("b", "end", -1),
            double: g.map("mul", g.number(2), value("perTrial", [], "trial")),
          },
          sums: [{ name: "firsts", node: pick("b", "start", 0), over: "update", shape: [] }],
        }),
        block("update", {
          definitions: { ratio: g.map("div", value("overall", [], "update"), value("firsts", [], "update")) },
        }),
      ],
    });
    const record = ["a", "b", "mark", "first", "last", "before", "after", "double", "overall", "ratio"];
    const e = interpretProgram(p, { sizes: {}, trials: 2, samples: 4, record });
    e.setInput("u", [1, 2, 3, 5, 7, 11]);
    e.run({ samples: 3 });
    // b[2] = -1 + a[3] a[1], b[1] = b[2] + a[2] a[0], b[0] = b[1] + a[1] a[-1]
    expect(list(e.read("b"))).toEqual([402, 202, 199, 1454, 754, 699]);
    expect(list(e.read("mark"))).toEqual([0, 1, 2, 0, 1, 2]);
    expect(list(e.read("first"))).toEqual([402, 1454]);
    expect(list(e.read("last"))).toEqual([199, 699]);
    expect(list(e.read("before"))).toEqual([100, 100]);
    expect(list(e.read("after"))).toEqual([-1, -1]);
    expect(list(e.read("double"))).toEqual([1606, 5814]);
    expect(e.read("overall")).toEqual({ data: Float64Array.of(3710), shape: [] });
    expect(list(e.read("ratio"))).toEqual([3710 / 1856]);
  });
});

describe("lines of parameters", () => {
  it("may read each other, and be summed and picked from", () => {
    const g = new Graph();
    const { parameter, value } = leaves(g);
    const twice = g.map("mul", g.number(2), parameter("p", ["N"]));
    const more = g.map("add", value("twice", ["N"], "update"), g.number(1));
    const sums = [{ name: "all", node: value("more", ["N"], "update"), over: "update" as const, shape: [] }];
    const p = program({
      parameters: { p: { shape: ["N"] } },
      blocks: [block("update", { definitions: { twice, more }, sums })],
    });
    const e = interpretProgram(p, { sizes: { N: 2 }, trials: 1, samples: 1, record: ["more", "all"] });
    e.setParameter("p", [1, 10]);
    e.run();
    expect(list(e.read("more"))).toEqual([3, 21]);
    expect(e.read("all")).toEqual({ data: Float64Array.of(24), shape: [] });
  });
});

describe("products", () => {
  const A = [1, 2, 3, 4, 5, 6]; // [2, 3]
  const M = (rows: number, columns: number, data: number[]) => Matrix.from1DArray(rows, columns, data);
  const evaluate = (node: (g: Graph, of: ReturnType<typeof leaves>) => Node): number[] => {
    const g = new Graph();
    const of = leaves(g);
    const p = program({
      parameters: { A: { shape: ["a", "b"] }, v: { shape: ["b"] }, w: { shape: ["a"] } },
      blocks: [block("update", { definitions: { out: node(g, of) } })],
    });
    const e = interpretProgram(p, { sizes: { a: 2, b: 3 }, trials: 1, samples: 1, record: ["out"] });
    e.setParameter("A", A);
    e.setParameter("v", [7, 8, 9]);
    e.setParameter("w", [10, 11]);
    e.run();
    return list(e.read("out"));
  };
  const a = M(2, 3, A);
  const v = M(3, 1, [7, 8, 9]);
  const w = M(2, 1, [10, 11]);

  it.each<[string, (g: Graph, of: ReturnType<typeof leaves>) => Node, Matrix]>([
    ["A v", (g, of) => g.product(of.parameter("A", ["a", "b"]), of.parameter("v", ["b"])), a.mmul(v)],
    [
      "w' A",
      (g, of) => g.product(g.transpose(of.parameter("w", ["a"])), of.parameter("A", ["a", "b"])),
      w.transpose().mmul(a),
    ],
    [
      "A' A",
      (g, of) => g.product(g.transpose(of.parameter("A", ["a", "b"])), of.parameter("A", ["a", "b"])),
      a.transpose().mmul(a),
    ],
    [
      "w v'",
      (g, of) => g.product(of.parameter("w", ["a"]), g.transpose(of.parameter("v", ["b"]))),
      w.mmul(v.transpose()),
    ],
    [
      "v' v",
      (g, of) => g.product(g.transpose(of.parameter("v", ["b"])), of.parameter("v", ["b"])),
      v.transpose().mmul(v),
    ],
    [
      "diag(w) A",
      (g, of) => g.product(g.diag(of.parameter("w", ["a"])), of.parameter("A", ["a", "b"])),
      Matrix.diag([10, 11]).mmul(a),
    ],
    [
      "A diag(v)",
      (g, of) => g.product(of.parameter("A", ["a", "b"]), g.diag(of.parameter("v", ["b"]))),
      a.mmul(Matrix.diag([7, 8, 9])),
    ],
    [
      "diag(v) + A' A",
      (g, of) => {
        const A = of.parameter("A", ["a", "b"]);
        return g.map("add", g.diag(of.parameter("v", ["b"])), g.product(g.transpose(A), A));
      },
      Matrix.diag([7, 8, 9]).add(a.transpose().mmul(a)),
    ],
  ])("%s", (_, node, expected) => {
    expect(evaluate(node)).toEqual(expected.to1DArray());
  });
});

describe("maps", () => {
  const values: [MapName, number[], number][] = [
    ["add", [2, 3], 5],
    ["sub", [2, 3], -1],
    ["mul", [2, 3], 6],
    ["div", [3, 2], 1.5],
    ["pow", [2, 0.5], Math.SQRT2],
    ["neg", [2], -2],
    ["tanh", [0.5], 0.4621171572600097],
    ["sigmoid", [-800], 0],
    ["sigmoid", [0.5], 0.6224593312018546],
    ["relu", [-1], 0],
    ["softplus", [800], 800],
    ["softplus", [0], Math.LN2],
    ["exp", [1], Math.E],
    ["log", [10], Math.LN10],
    ["sqrt", [2], Math.SQRT2],
    ["sin", [1], 0.8414709848078965],
    ["cos", [1], 0.5403023058681398],
    ["erf", [0.5], 0.5204998778130465], // Abramowitz and Stegun, table 7.1
    ["erf", [-2], -0.9953222650189527],
    ["erf", [3], 0.9999779095030014],
    ["abs", [-3], 3],
    ["step", [0], 0],
    ["step", [0.1], 1],
    ["detach", [4], 4],
    ["min", [2, 3], 2],
    ["max", [2, 3], 3],
    ["where", [1, 5, 6], 5],
    ["where", [0, 5, 6], 6],
  ];
  it.each(values)("%s %j = %f", (fn, args, expected) => {
    const g = new Graph();
    const parameters = Object.fromEntries(args.map((_, i) => [`p${i}`, { shape: [] }]));
    const nodes = args.map((_, i) => leaves(g).parameter(`p${i}`));
    const p = program({
      parameters,
      blocks: [block("update", { definitions: { out: g.map(fn as "add", ...nodes) } })],
    });
    const e = interpretProgram(p, { sizes: {}, trials: 1, samples: 1, record: ["out"] });
    args.forEach((x, i) => {
      e.setParameter(`p${i}`, [x]);
    });
    e.run();
    expect(list(e.read("out"))[0]).toBeCloseTo(expected, 14);
  });

  it("takes integer powers of negative numbers and spikes above zero", () => {
    const g = new Graph();
    const x = leaves(g).parameter("x", ["N"]);
    const definitions = {
      cube: g.map("pow", x, g.number(3)),
      inverse: g.map("pow", x, g.number(-2)),
      spike: g.spike(x, "s"),
      total: g.total(x),
    };
    const p = program({ parameters: { x: { shape: ["N"] } }, blocks: [block("update", { definitions })] });
    const e = interpretProgram(p, { sizes: { N: 2 }, trials: 1, samples: 1, record: Object.keys(definitions) });
    e.setParameter("x", [-2, 4]);
    e.run();
    expect(list(e.read("cube"))).toEqual([-8, 64]);
    expect(list(e.read("inverse"))).toEqual([0.25, 0.0625]);
    expect(list(e.read("spike"))).toEqual([0, 1]);
    expect(list(e.read("total"))).toEqual([2]);
  });
});

describe("noise", () => {
  it("is keyed by seed, purpose, source, trial, sample and entry", () => {
    const g = new Graph();
    const { noise: xi, trialNoise } = leaves(g);
    const p = program({
      noises: { a: { shape: ["N"], per: "trial" }, b: { shape: ["N"], per: "sample" } },
      blocks: [
        block("pass", { definitions: { b: xi("b", ["N"], 2) } }),
        block("trial", { definitions: { a: trialNoise("a", ["N"]) } }),
      ],
    });
    const e = interpretProgram(p, { sizes: { N: 3 }, trials: 2, samples: 2, record: ["a", "b"] });
    e.run({ seed: 7, purpose: 3, firstTrial: 5, firstSample: 40 });
    const draw = (source: number, trial: number, sample: number) =>
      Array.from(noise({ seed: 7, purpose: 3, source, trial, sample }, new Float64Array(3)));
    expect(list(e.read("b"))).toEqual([...draw(1, 5, 42), ...draw(1, 5, 43), ...draw(1, 6, 42), ...draw(1, 6, 43)]);
    expect(list(e.read("a"))).toEqual([...draw(0, 5, 0xffffffff), ...draw(0, 6, 0xffffffff)]);
  });
});

describe("mistakes", () => {
  const g = new Graph();
  const { parameter, input } = leaves(g);
  const p = program({
    parameters: { J: { shape: ["N"] } },
    inputs: { u: { shape: ["N"], per: "sample" } },
    blocks: [block("pass", { definitions: { rate: g.map("mul", parameter("J", ["N"]), input("u", ["N"])) } })],
  });
  const options = { sizes: { N: 2 }, trials: 2, samples: 3, record: ["rate"] };

  it.each<[string, () => unknown, RegExp]>([
    ["a size without a number", () => interpretProgram(p, { ...options, sizes: {} }), /size N has no number/],
    ["no such quantity", () => interpretProgram(p, { ...options, record: ["rat"] }), /did you mean rate/],
    ["no trials", () => interpretProgram(p, { ...options, trials: 0 }), /0 trials/],
    [
      "parameter length",
      () => interpretProgram(p, options).setParameter("J", [1]),
      /1 values for parameter J; expected 2/,
    ],
    ["input length", () => interpretProgram(p, options).setInput("u", [1, 2, 3]), /3 values for input u/],
    ["parameter name", () => interpretProgram(p, options).setParameter("K", [1]), /no parameter K/],
    ["too many samples", () => interpretProgram(p, options).run({ samples: 4 }), /4 samples/],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(NullclineError);
    expect(act).toThrow(message);
  });
});
