/**
 * Equations from a stranger: whatever the text and the table are, the answer is a program or a sentence, soon.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { adjoint } from "../../src/equations/adjoint.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { weightedSum } from "../../src/equations/objective.ts";
import { printNode, toLatex, toMathml } from "../../src/equations/print.ts";
import { jacobianBlocks, NoClosedForm, ruleOf } from "../../src/equations/rule.ts";
import { tangent } from "../../src/equations/tangent.ts";
import { cells, sizes } from "./cells.ts";
import { declare } from "./declare.ts";

// FUZZ_RUNS and FUZZ_SEED look further than the test suite does.
const options = { numRuns: Number(process.env.FUZZ_RUNS ?? 120), seed: Number(process.env.FUZZ_SEED ?? 7) };

/** Takes a network through everything that is made of a text; whether it got through. Throws what is no user's error. */
function goThrough(network: NetworkData, run = true): boolean {
  const start = process.cpuUsage().user;
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  let through = true;
  try {
    toLatex(network);
    toMathml(network);
    const model = modelOf(network);
    const quantities = [...model.text.quantities.values()].filter((q) => q.level === "sample").map((q) => q.name);
    if (quantities.length > 0) {
      const { program, sum } = weightedSum(model.program, quantities);
      const wrt = [...Object.keys(model.program.parameters), ...Object.keys(model.program.inputs)];
      const back = adjoint(program, sum, wrt, network.surrogates);
      tangent(program, wrt, network.surrogates);
      const record = [sum, ...Object.values(back.gradients)];
      if (run) interpretProgram(back.program, { sizes, trials: 1, samples: 3, record }).run();
    }
    const rule = ruleOf(network);
    const [row] = rule.coordinates;
    const { program } = jacobianBlocks(rule, [row!.rule], [row!.input]);
    for (const { definitions } of program.blocks) for (const { node } of definitions) printNode(node);
  } catch (error) {
    if (!(error instanceof NullclineError) && !(error instanceof NoClosedForm)) throw error;
    through = false;
    if (error instanceof NullclineError) expect(error.facts.given).not.toBe("");
  }
  expect(Object.getOwnPropertyNames(Object.prototype).length).toBe(before);
  // Seconds of the processor, not of the clock: other work shares the machine.
  expect((process.cpuUsage().user - start) / 1e6).toBeLessThan(10);
  return through;
}

const words = [
  "x", "y", "h", "r", "u", "J", "B", "b", "a", "tau", "sigma", "xi", "eps", "t", "T", "dt", "pi", "N", "dx/dt", "dy/dt", "n",
  "tanh", "relu", "spike", "step", "where", "min", "delay", "diag", "rownorm", "detach", "tanh(", "delay(", "where(",
  "(", ")", "[", "]", "[t]", "[t-1]", "[t+1]", "[0]", "[T-1]", "[-1]", "[t-n]", "'", "^", "*", "/", "+", "-", "=", ",", ";", "\n", "#",
  "0", "1", "2.5", "1e3", ".5", "τ", "⊙", "ᵀ", "−", "€", "{", "constructor", "__proto__",
]; // biome-ignore format: a list

const table = "J[N,N] B[N,I] b[N] a tau=10 sigma=0.3 n=2";

test("token soup", () => {
  const soup = fc.array(fc.tuple(fc.constantFrom(...words), fc.constantFrom("", " ", " ")), { maxLength: 40 });
  fc.assert(
    fc.property(soup, fc.boolean(), (tokens, led) => {
      const text = tokens.map(([word, space]) => word + space).join("");
      goThrough(declare(led ? `x[t+1] = ${text}` : text, table, { dt: 0.5 }));
    }),
    options,
  );
});

/** Expressions that the grammar accepts; types and times may not fit. */
const expression = fc.letrec<{ e: string; atom: string }>((tie) => ({
  atom: fc.constantFrom(
    "x",
    "x[t-1]",
    "y",
    "r",
    "u",
    "b",
    "a",
    "J",
    "B",
    "eps",
    "N",
    "2",
    "0.5",
    "t",
    "pi",
    "x[0]",
    "y[T-1]",
  ),
  e: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("atom"),
    fc.tuple(tie("e"), fc.constantFrom(" + ", " - ", " * "), tie("e")).map(([a, o, b]) => `(${a}${o}${b})`),
    fc.tuple(tie("e"), tie("e")).map(([a, b]) => `(${a})/(${b})`),
    fc.tuple(tie("atom"), tie("e")).map(([a, b]) => `${a} (${b})`),
    fc
      .tuple(fc.constantFrom("tanh", "relu", "exp", "sqrt", "spike", "step", "detach", "diag", "rownorm"), tie("e"))
      .map(([f, a]) => `${f}(${a})`),
    tie("e").map((a) => `where(${a}, x, 0)`),
    tie("e").map((a) => `delay(${a}, 1.5)`),
    tie("e").map((a) => `(${a})'`),
    tie("e").map((a) => `(${a})^2`),
  ),
})).e;

test("texts that the grammar accepts", () => {
  let through = 0;
  const left = fc.constantFrom("x[t+1]", "x[t]", "dx/dt", "tau dx/dt");
  fc.assert(
    fc.property(left, expression, expression, expression, fc.boolean(), (state, x, y, r, future) => {
      const text = `${state} = ${x}\ny = ${y}\nr[t] = ${r}${future ? " + r[t+1]" : ""}\nz = y`;
      if (goThrough(declare(text, table, { dt: 0.5, states: { x: { shape: ["N"] } } }))) through++;
    }),
    options,
  );
  expect(through).toBeGreaterThan(0);
});

test("mutated texts of the catalogue", () => {
  let through = 0;
  const mutation = fc.record({
    kind: fc.constantFrom("cut", "double", "put", "swap", "forget", "reshape"),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    length: fc.nat(12),
    word: fc.constantFrom(...words),
  });
  fc.assert(
    fc.property(fc.constantFrom(...cells), fc.array(mutation, { minLength: 1, maxLength: 3 }), (cell, mutations) => {
      let text = cell.equations;
      const parameters = { ...cell.parameters };
      for (const { kind, at, length, word } of mutations) {
        const i = Math.floor(at * text.length);
        const [head, part, tail] = [text.slice(0, i), text.slice(i, i + length), text.slice(i + length)];
        const name = Object.keys(parameters)[Math.floor(at * Object.keys(parameters).length)];
        if (kind === "cut") text = head + tail;
        else if (kind === "double") text = head + part + part + tail;
        else if (kind === "put") text = `${head} ${word} ${part}${tail}`;
        else if (kind === "swap") text = head + [...part].reverse().join("") + tail;
        else if (name !== undefined && kind === "forget") delete parameters[name];
        else if (name !== undefined)
          parameters[name] = { ...parameters[name], shape: ["N", "I", "N"].slice(length % 3) };
      }
      // Running LFADS takes longest and says no more than the others.
      if (goThrough({ ...cell, equations: text, parameters }, cell.name !== "lfads")) through++;
    }),
    options,
  );
  expect(through).toBeGreaterThan(0);
});

test("any string", () => {
  for (const unit of ["binary", "grapheme", "grapheme-ascii"] as const)
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        goThrough(declare(text, table));
        goThrough(declare(`x = ${text}`, table));
      }),
      options,
    );
});

describe("names of JavaScript objects", () => {
  const names = [
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "isPrototypeOf",
    "__proto__",
    "__defineGetter__",
  ];
  const uses: [string, (name: string) => NetworkData][] = [
    ["quantity", (name) => declare(`${name} = a`, "a")],
    ["state", (name) => declare(`${name}[t+1] = a ${name}`, "a")],
    ["flow", (name) => declare(`d${name}/dt = -a`, "a")],
    ["name that nothing defines", (name) => declare(`x = ${name}`)],
    ["factor that nothing defines", (name) => declare(`x = a ${name}`, "a")],
    ["count", (name) => declare(`x[t] = x[t-${name}]`)],
    ["function", (name) => declare(`x = ${name}(a)`, "a")],
    ["parameter", (name) => declare("x = a", "a", { parameters: JSON.parse(`{"a":{}, "${name}":{"value":1}}`) })],
    ["input", (name) => declare("x = a", "a", { inputs: JSON.parse(`{"${name}":{"shape":[]}}`) })],
    ["state of the table", (name) => declare("x = a", "a", { states: JSON.parse(`{"${name}":{"shape":[]}}`) })],
    ["surrogate", (name) => declare("x = a", "a", { surrogates: JSON.parse(`{"${name}":{"kind":"triangle"}}`) })],
    ["size", (name) => declare("x = a", "a", { parameters: { a: { shape: [name] } } })],
    ["output", (name) => declare("x = a", "a", { outputs: [name] })],
  ];
  it.each(uses)("as a %s", (_, network) => {
    for (const name of names) {
      expect(() => modelOf(network(name)), name).toThrow(NullclineError);
      goThrough(network(name));
    }
  });
  it("as part of a name, they are names", () => {
    expect(goThrough(declare("x_constructor[t+1] = a_toString x_constructor", "a_toString"))).toBe(true);
  });
});

describe("texts as large as the limits allow", () => {
  const lines = (n: number, line: (k: number) => string, ...last: string[]): string =>
    [...Array.from({ length: n }, (_, k) => line(k)), ...last].join("\n");
  const texts: Record<string, [string, string?]> = {
    "a chain of lines": [lines(300, (k) => `a_${k} = tanh(a_${k + 1}) + 1`, "a_300 = x; x[t+1] = a_0")],
    "a chain of products": [lines(200, (k) => `a${k} = J a${k + 1} + a${k + 1}`, "a200 = x; x[t+1] = J a0"), "J[N,N]"],
    "lines that share parts, about 2^200 paths": [lines(300, (k) => `a_${k} = a_${k + 1} * a_${k + 2}`, "a_300 = x; a_301 = x; x[t+1] = a_0")],
    "past values that share parts": [lines(60, (k) => `a_${k} = a_${k + 1}[t-1] * a_${k + 2}[t-1]`, "a_60 = x; a_61 = x; x[t+1] = a_0")],
    "past values at ever more samples": [lines(50, (k) => `a_${k} = a_${k + 1}[t-1] + a_${k + 1}[t-${2 ** Math.min(12, k) + 1}]`, "a_50 = x; x[t+1] = a_0")],
    "parameters that share parts": [lines(300, (k) => `p_${k} = p_${k + 1} * p_${k + 2}`, "p_300 = q; p_301 = q; x[t+1] = tanh(p_0 x)"), "q"],
    "a sum": [`x[t+1] = ${"x + ".repeat(2000)}1`],
    "a number": [`x = ${"1".repeat(300)}`],
    "a product": [`x[t+1] = ${"x * ".repeat(16000)}1`],
    "factors side by side": [`x[t+1] = ${"J ".repeat(60)}x`, "J[N,N]"],
    "too many factors": [`x[t+1] = ${"x ".repeat(30000)}`],
    transposes: [`x[t+1] = x${"'".repeat(60000)}`],
    parentheses: [`x[t+1] = ${"(".repeat(60000)}`],
    "unary minus": [`x = ${"-(".repeat(64)}1${")".repeat(64)}`],
    arguments: [`x[t+1] = tanh(${"x,".repeat(30000)}x)`],
    "many states": [lines(200, (k) => `dx_${k}/dt = -x_${k} + tanh(x_${(k + 1) % 200} + x_${(k + 7) % 200})`)],
    "a name": [`x = ${"a".repeat(60000)}`],
    "open brackets": [`x[t+1] = ${"x[".repeat(20000)}`],
    semicolons: [";".repeat(60000)],
    comments: ["#".repeat(60000)],
  }; // biome-ignore format: a table
  it.each(Object.entries(texts))("%s", (_, [text, parameters]) => {
    expect(text.length).toBeLessThanOrEqual(64 * 1024);
    goThrough(declare(text, parameters), false);
  });
});
