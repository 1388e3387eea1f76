/** What a text means: products, levels, shapes, passes, the past, noise, initial values, JSON. */
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import { type Node, topological } from "../../src/equations/graph.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import type { Program } from "../../src/equations/program.ts";
import { cells } from "./cells.ts";
import { declare } from "./declare.ts";
import { run, shown } from "./meaning.ts";

/** Products below some nodes, as shapes. */
const products = (node: Node): string[] =>
  topological([node]).flatMap((n) => (n.op === "product" ? [`[${n.shape}] ${n.level}`] : []));
const definition = ({ blocks }: Program, name: string): Node =>
  blocks.flatMap((b) => b.definitions).find((d) => d.name === name)!.node;

describe("products", () => {
  const table = "M[N,R] L[N,R] P[R,R] W[O,N]";
  it.each([
    ["M L' r", ["[R] sample", "[N] sample"]],
    ["M P L' r", ["[R] sample", "[R] sample", "[N] sample"]],
    // W M is small: it is formed once per update.
    ["W' W M L' r", ["[R] sample", "[O] sample", "[N] sample"]],
    ["M M' r", ["[R] sample", "[N] sample"]],
  ])("%s forms no matrix", (chain, shapes) => {
    const { program: made } = modelOf(
      declare(`x[t+1] = ${chain}; r = tanh(x)`, table, { sizes: { N: 50, R: 2, O: 1 } }),
    );
    expect(products(definition(made, "x.next"))).toEqual(shapes);
  });
  it("a named matrix is formed once per update", () => {
    const { program: made } = modelOf(declare("J = M L'; x[t+1] = J r; r = tanh(x)", table));
    expect(made.blocks.map((b) => [b.kind, b.definitions.map((d) => d.name)])).toEqual([
      ["update", ["J"]],
      ["pass", ["x.next", "x", "r"]],
    ]);
    expect(products(definition(made, "J"))).toEqual(["[N,N] update"]);
    expect(products(definition(made, "x.next"))).toEqual(["[N] sample"]);
  });
  it("an inner product of two quantities in time is a number", () => {
    const value = run(declare("k = x' r; x[t+1] = x + k b; r = 2 x; x[0] = b", "b[N]", { sizes: { N: 2 } }), ["k"], {
      b: [1, 2],
    });
    // x = (1, 2), k = 2 |x|² = 10; x = 11 (1, 2), k = 10 · 121; …
    expect(value.k!.slice(0, 2)).toEqual([10, 1210]);
  });
  it("diag scales rows, rownorm makes rows of length 1", () => {
    const network = declare("A = diag(v) K; F = rownorm(K); x[t] = A b", "K[N,M] v[N] b[M]", { sizes: { N: 2, M: 2 } });
    const { A, F } = run(network, ["A", "F"], { K: [3, 4, 1, 2], v: [2, -1] });
    expect(A).toEqual([6, 8, -1, -2]);
    for (const [i, x] of [0.6, 0.8, 1 / Math.sqrt(5), 2 / Math.sqrt(5)].entries()) expect(F![i]).toBeCloseTo(x, 15);
  });
});

describe("levels", () => {
  it("a quantity has the highest level among what it reads", () => {
    const text =
      "a = exp(-dt/tau) N; e = 2 a; s = p_0 e; y[0] = s + x[0]; q = y[0]^2; v = sin(t); w = u; n = eps; m = 3; h[t] = m; x[t+1] = s";
    const { text: made } = modelOf(
      declare(text, "tau", {
        inputs: { u: { shape: [] }, p_0: { shape: ["N"], per: "trial" } },
        states: Object.fromEntries(["y", "n"].map((k) => [k, { shape: [] }])),
        equations: text.replace("s + x[0]", "1 + 0 e"),
      }),
    );
    expect(Object.fromEntries([...made.quantities.values()].map((q) => [q.name, q.level]))).toEqual({
      a: "update", e: "update", m: "update", s: "trial", y: "trial", q: "trial",
      v: "sample", w: "sample", n: "sample", h: "sample", x: "sample",
    }); // biome-ignore format: a table
  });
});

describe("shapes", () => {
  const shapes = (...of: Parameters<typeof declare>) =>
    Object.fromEntries([...modelOf(declare(...of)).text.quantities.values()].map((q) => [q.name, q.shape]));
  it("1: a sum or an elementwise product of a vector and an unknown is that vector", () => {
    expect(shapes("dx/dt = -x + y; dy/dt = (w * x) + a; w = tanh(y) * b", "a b[N]")).toEqual({
      x: ["N"],
      y: ["N"],
      w: ["N"],
    });
    expect(shapes("x[t+1] = a x; x[0] = b", "a b[N]")).toEqual({ x: ["N"] });
    expect(shapes("tau dx/dt = -x", "tau[N]")).toEqual({ x: ["N"] });
    expect(shapes("x[t+1] = x + 2^b", "b[N]")).toEqual({ x: ["N"] });
  });
  it("2: an unknown after a matrix is a vector of its columns, after a vector a number", () => {
    expect(shapes("dr/dt = -r + J tanh(x); dx/dt = -x + a", "J[N,M] a")).toEqual({ r: ["N"], x: ["M"] });
    expect(shapes("dx/dt = -x + b k; dk/dt = -k", "b[N]")).toEqual({ x: ["N"], k: [] });
  });
  it("3: where every declared shape is a number, the rest are", () => {
    expect(shapes("dx/dt = s (y - x); dy/dt = x - y + xi", "s")).toEqual({ x: [], y: [] });
  });
  it("rows, columns, matrices", () => {
    expect(shapes("x[t+1] = x + b; a = b'; c = b b'; d = b' b; G[t] = tanh(x w' + G[t-1] Q)", "b[N] w[K] Q[K,K]")).toEqual({
      x: ["N"], a: [1, "N"], c: ["N", "N"], d: [], G: ["N", "K"],
    }); // biome-ignore format: a table
  });
  it("noise has the shape of what it is added to, or of the columns before it, or of the left side", () => {
    const { noises } = modelOf(
      declare("dx/dt = -x + S xi + b * xi + 2 xi + b xi; w = tanh(0.1 eps + k); y[0] = eps", "b[N] S[N,R] k[K]", {
        states: { y: { shape: ["P"] } },
      }),
    ).program;
    expect(noises).toEqual({
      xi_x_1: { shape: ["R"], per: "sample" },
      xi_x_2: { shape: ["N"], per: "sample" },
      xi_x_3: { shape: ["N"], per: "sample" },
      // A vector before it leaves room for one number.
      xi_x_4: { shape: [], per: "sample" },
      eps_w_1: { shape: ["K"], per: "sample" },
      eps_y_1: { shape: ["P"], per: "trial" },
    });
  });
});

describe("passes", () => {
  it("LFADS: encoders forward and backward, the code, the generator with its controller", () => {
    const { program: made, states } = modelOf(cells.find((c) => c.name === "lfads")!);
    const blocks = made.blocks.map((b) => ({
      kind: b.kind === "pass" ? (b.direction === 1 ? "forward" : "backward") : b.kind,
      names: b.definitions.map((d) => d.name),
    }));
    const order = blocks.map((b) => b.kind).filter((kind, i) => i === 0 || kind !== blocks[i - 1]!.kind);
    expect(order).toEqual(["update", "forward", "backward", "trial", "forward"]);
    const where = (name: string): number => blocks.findIndex((b) => b.names.includes(name));
    const [forward, backward, last] = [where("e_1"), where("e_2"), where("g")];
    expect([where("e_3"), where("e_4"), where("c"), where("f"), where("i")]).toEqual([
      forward,
      backward,
      last,
      last,
      last,
    ]);
    expect(
      [where("mu_0"), where("v_0"), where("y")].every((i) => blocks[i]!.kind === "trial" && i > backward && i < last),
    ).toBe(true);
    expect(states.map((s) => [s.name, s.direction]).sort()).toEqual([
      ["c", 1],
      ["e_1", 1],
      ["e_2", -1],
      ["e_3", 1],
      ["e_4", -1],
      ["g", 1],
    ]);
  });
  it("reverse time, one sample of a pass, sums over both", () => {
    const text =
      "a[t] = a[t-1] + u; k[t] = 2 k[t+1] + a; k[T] = 1; y[0] = k[0] + a[T-1]; z[t] = z[t-1] + y[0] + k[t+1]";
    const { a, k, y, z } = run(
      declare(text, "", { inputs: { u: { shape: [] } } }),
      ["a", "k", "y", "z"],
      { u: [1, 2, 3] },
      { samples: 3 },
    );
    expect(a).toEqual([1, 3, 6]);
    expect(k).toEqual([1 + 2 * (3 + 2 * (6 + 2)), 3 + 2 * (6 + 2), 6 + 2]);
    expect(y).toEqual([k![0]! + 6]);
    expect(z).toEqual([y![0]! + k![1]!, 2 * y![0]! + k![1]! + k![2]!, 3 * y![0]! + k![1]! + k![2]! + 1]);
  });
  it("a chain of passes in both directions", () => {
    const text = "f[t] = f[t-1] + u; b[t] = b[t+1] + f; g[t] = g[t-1] + b[t+1]; c[t] = c[t+1] + g[t-1]";
    const { program: made } = modelOf(declare(text, "", { inputs: { u: { shape: [] } } }));
    expect(made.blocks.map((b) => [b.kind, b.direction, b.definitions.map((d) => d.name).join()])).toEqual([
      ["pass", 1, "f"], ["pass", -1, "b"], ["pass", 1, "g"], ["pass", -1, "c"],
    ]); // biome-ignore format: a table
    const { c } = run(declare(text, "", { inputs: { u: { shape: [] } } }), ["c"], { u: [1, 0, 0] }, { samples: 3 });
    // f = 1 1 1, b = 3 2 1, g = b[1] b[1]+b[2] … = 2 3 3, c from the end: g[1] + g[0] + 0.
    expect(c).toEqual([5, 5, 3]);
  });
});

describe("the rule of time", () => {
  const input = { inputs: { u: { shape: [] } } };
  it("x[t+1] = … reads the input of the sample before, h[t] = … that of the same sample", () => {
    const { x, h } = run(declare("x[t+1] = u; h[t] = u", "", input), ["x", "h"], { u: [1, 2, 3, 4] });
    expect(x).toEqual([0, 1, 2, 3]);
    expect(h).toEqual([1, 2, 3, 4]);
  });
  it("new values within a step", () => {
    const { x, y } = run(declare("y[t+1] = y - x; x[t+1] = x + y[t+1]; x[0] = 1"), ["x", "y"]);
    expect(y).toEqual([0, -1, -1, 0]);
    expect(x).toEqual([1, 0, -1, -1]);
  });
  it("t is k dt", () => {
    expect(run(declare("x = t; y[t] = 0", "", { dt: 0.25 }), ["x"]).x).toEqual([0, 0.25, 0.5, 0.75]);
  });
  it("the names of sizes are numbers", () => {
    expect(run(declare("x = N/2; y[t] = x + b' b", "b[N]", { sizes: { N: 6 } }), ["y"]).y).toEqual([3, 3, 3, 3]);
  });
});

describe("the past", () => {
  const kept = (...of: Parameters<typeof declare>): string[] => modelOf(declare(...of)).states.map((s) => s.name);
  const input = { inputs: { u: { shape: [] } } };
  it("of an intermediate is computed again from the past state", () => {
    expect(kept("x[t+1] = x + s[t-1]; s = tanh(v); v = 2 x")).toEqual(["x"]);
    const { x, s } = run(declare("x[t+1] = x + s[t-1]; s = 3 x; x[0] = 1"), ["x", "s"], {}, { samples: 5 });
    // Before the trial x is its initial value.
    expect(x).toEqual([1, 4, 7, 19, 40]);
    expect(s).toEqual([3, 12, 21, 57, 120]);
  });
  it.each([
    ["an input", "s = x + u"],
    ["noise", "s = x + 0.1 eps"],
    ["time", "s = x + t"],
    ["an intermediate that does", "s = x + v; v = 2 u"],
    ["an initial line of its own", "s = 2 x; s[-1] = 0"],
  ])("is stored where it needs %s", (_, line) => {
    expect(kept(`x[t+1] = x + s[t-1]; ${line}`, "", input)).toEqual(["x", "s"]);
  });
  it("a loop of intermediates through the past keeps the one whose past is read", () => {
    expect(kept("a = b[t-1] + 1; b = 2 a")).toEqual(["b"]);
    expect(run(declare("a = b[t-1] + 1; b = 2 a"), ["a"]).a).toEqual([1, 3, 7, 15]);
  });
  it("a delay reads the past in units of time, in flows and in maps", () => {
    const delayed = declare("r = u; x = delay(r, 1.5); y[t] = r[t-3]; w = delay(u, 0.5)", "", { ...input, dt: 0.5 });
    const { x, y, w } = run(delayed, ["x", "y", "w"], { u: [1, 2, 3, 4, 5] }, { samples: 5 });
    expect(x).toEqual([0, 0, 0, 1, 2]);
    expect(y).toEqual(x);
    expect(w).toEqual([0, 1, 2, 3, 4]);
    // An intermediate that reads its own past through a delay is a map with memory.
    expect(run(declare("r = 2 delay(r, 2) + 1"), ["r"], {}, { samples: 6 }).r).toEqual([1, 1, 3, 3, 7, 7]);
  });
});

describe("noise", () => {
  const samples = 4000;
  const correlation = (a: number[], b: number[]): number => {
    const dot = (p: number[], q: number[]): number => p.reduce((s, x, i) => s + x * q[i]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  it("each one written is a source of its own; a name shares it", () => {
    const { a, b, c, d } = run(
      declare("n = eps; a = n; b = n; c = eps; d = eps; x[t] = 0"),
      ["a", "b", "c", "d"],
      {},
      { samples, seed: 5 },
    );
    expect(a).toEqual(b);
    // Independent: |correlation| below 4 standard errors.
    for (const [p, q] of [[a, c], [c, d], [a, d]]) expect(Math.abs(correlation(p!, q!))).toBeLessThan(4 / Math.sqrt(samples)); // biome-ignore format: pairs
  });
  it("of the past is the same number", () => {
    const { n, m } = run(declare("n = eps; m = n[t-1]; x[t] = 0"), ["n", "m"], {}, { seed: 5 });
    expect(m).toEqual([0, ...n!.slice(0, -1)]);
  });
  it("eps is never rescaled; xi adds (sigma/tau) sqrt(dt) n", () => {
    const network = declare("tau dx/dt = sigma xi; w[t] = sigma eps", "tau=5 sigma=2", { dt: 0.01 });
    const { x, w } = run(network, ["x", "w"], {}, { samples, seed: 9 });
    const variance = (v: number[]): number => v.reduce((s, y) => s + y * y, 0) / v.length;
    const steps = x!.slice(1).map((y, i) => y - x![i]!);
    // A variance of n normal numbers has a relative standard error of sqrt(2/n).
    const near = 4 * Math.sqrt(2 / samples);
    expect(Math.abs(variance(w!) / 4 - 1)).toBeLessThan(near);
    expect(Math.abs(variance(steps) / ((2 / 5) ** 2 * 0.01) - 1)).toBeLessThan(near);
  });
  it("in a line for one sample is drawn once a trial", () => {
    const { y, x } = run(declare("y[0] = eps; x[t] = y[0]"), ["y", "x"], {}, { trials: 3, samples: 2, seed: 1 });
    expect(x).toEqual(y!.flatMap((v) => [v, v]));
    expect(new Set(y).size).toBe(3);
  });
});

describe("initial values", () => {
  it("are zero, or given by a line, or by the trial, which wins", () => {
    const text = "x[t+1] = 2 x; x[0] = a; h[t] = 2 h[t-1] + 1; h[-1] = a; k[t] = 2 k[t+1]; k[T] = a";
    const network = declare(text, "a=3");
    expect(run(network, ["x", "h", "k"], {}, { samples: 2 })).toEqual({ x: [3, 6], h: [7, 15], k: [12, 6] });
    expect(run(declare("x[t+1] = 2 x + 1"), ["x"], {}, { samples: 3 }).x).toEqual([0, 1, 3]);
    const given = { "x.initial": [5, 6], "k.initial": [1, 2] };
    const fromTrial = run(network, ["x", "h", "k"], given, { trials: 2, samples: 2, initial: ["x", "k"] });
    expect(fromTrial).toEqual({ x: [5, 10, 6, 12], h: [7, 15, 7, 15], k: [4, 2, 8, 4] });
    expect(() => modelOf(network, { initialFromTrial: ["a"] })).toThrow(
      /`a`, which is no state; the states are `x`, `h`, `k`/,
    );
  });
  it("a number fills the shape", () => {
    expect(
      run(declare("q[t+1] = q + b; q[0] = 1", "b[N]", { sizes: { N: 2 } }), ["q"], { b: [1, 2] }, { samples: 2 }).q,
    ).toEqual([1, 1, 2, 3]);
  });
});

describe("a network is data", () => {
  it.each(cells.map((c) => [c.name!, c] as const))("%s: JSON and back", (_, network) => {
    const again = JSON.parse(JSON.stringify(network)) as NetworkData;
    expect(again).toEqual(network);
    const { program: made } = modelOf(network);
    expect(shown(modelOf(again).program)).toBe(shown(made));
    // A program is data too: it can be sent to a worker.
    expect(shown(structuredClone(made))).toBe(shown(made));
  });
  it("and the copy computes the same", () => {
    const network = cells[0]!;
    const given = Object.fromEntries(
      Object.entries(modelOf(network).program.parameters).map(([name, { shape }]) => {
        const entries = shape.reduce<number>((n, d) => n * network.sizes![d]!, 1);
        return [name, name === "tau" ? [10] : new RandomStream(1, name).fillNormal(new Float64Array(entries))];
      }),
    );
    expect(run(JSON.parse(JSON.stringify(network)), ["z"], given, { seed: 2 })).toEqual(
      run(network, ["z"], given, { seed: 2 }),
    );
  });
});
