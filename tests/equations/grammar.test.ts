/** The grammar: precedence, characters typed by hand, lines. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { declare } from "./declare.ts";
import { program, run } from "./meaning.ts";

describe("grammar", () => {
  interface Written {
    text: string;
    /** 1 sum, 2 `*` and `/`, 3 side by side, 4 power, 5 transpose, 6 atom: the table of precedence. */
    level: number;
    value: number;
  }
  const wrap = (e: Written, least: number): string => (e.level >= least ? e.text : `(${e.text})`);
  const atoms: Record<string, number> = { a: 0.7, b: -1.3, c: 2.1 };
  const written = fc.letrec<{ e: Written }>((tie) => {
    const two = (make: (a: Written, b: Written) => Written) => fc.tuple(tie("e"), tie("e")).map(([a, b]) => make(a, b));
    return {
      e: fc.oneof(
        { depthSize: "medium", withCrossShrink: true },
        fc.constantFrom(...Object.keys(atoms)).map((text): Written => ({ text, level: 6, value: atoms[text]! })),
        fc.constantFrom(2, 0.5, 3).map((value): Written => ({ text: String(value), level: 6, value })),
        two((a, b) => ({ text: `${wrap(a, 1)} + ${wrap(b, 2)}`, level: 1, value: a.value + b.value })),
        two((a, b) => ({ text: `${wrap(a, 1)} - ${wrap(b, 2)}`, level: 1, value: a.value - b.value })),
        tie("e").map((a) => ({ text: `-${wrap(a, 2)}`, level: 1, value: -a.value })),
        two((a, b) => ({ text: `${wrap(a, 2)} * ${wrap(b, 3)}`, level: 2, value: a.value * b.value })),
        two((a, b) => ({ text: `${wrap(a, 2)}/${wrap(b, 4)}`, level: 2, value: a.value / b.value })),
        // A number stands first only.
        two((a, b) => ({
          text: `${wrap(a, 3)} ${/^\d/.test(b.text) ? `(${b.text})` : wrap(b, 4)}`,
          level: 3,
          value: a.value * b.value,
        })),
        two((a, b) => ({ text: `${wrap(a, 5)}^${wrap(b, 6)}`, level: 4, value: a.value ** b.value })),
        two((a, b) => ({ text: `${wrap(a, 5)}^-${wrap(b, 6)}`, level: 4, value: a.value ** -b.value })),
        tie("e").map((a) => ({ text: `tanh(${a.text})`, level: 6, value: Math.tanh(a.value) })),
        two((a, b) => ({ text: `max(${a.text}, ${b.text})`, level: 6, value: Math.max(a.value, b.value) })),
        tie("e").map((a) => ({ text: `where(${a.text}, a, b)`, level: 6, value: a.value > 0 ? 0.7 : -1.3 })),
        tie("e").map((a) => ({ text: `${wrap(a, 5)}'`, level: 5, value: a.value })),
      ),
    };
  }).e;
  it("an expression written with no more parentheses than precedence asks for has its value", () => {
    let finite = 0;
    fc.assert(
      fc.property(written, ({ text, value }) => {
        const [x] = run(declare(`x = ${text}\ny[t] = x`, "a=0.7 b=-1.3 c=2.1"), ["x"]).x!;
        if (!Number.isFinite(value) || !Number.isFinite(x!)) return;
        finite++;
        expect(Math.abs(x! - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
      }),
      { numRuns: 300, seed: 3 },
    );
    expect(finite).toBeGreaterThan(150);
  });

  it.each([
    ["-x^2 is -(x^2)", "-a^2", "-(a^2)"],
    ["a * b c is a * (b c)", "a * b c", "a * (b c)"],
    ["a b/c is (a b)/c", "a b/c", "(a b)/c"],
    ["a/b/c is (a/b)/c", "a/b/c", "(a/b)/c"],
    ["a/b * c is (a/b) * c", "a/b * c", "(a/b) * c"],
    ["2 a^2 b is (2 (a^2)) b", "2 a^2 b", "(2 (a^2)) b"],
    ["a - b + c is (a - b) + c", "a - b + c", "(a - b) + c"],
  ])("%s", (_, plain, explicit) => {
    expect(program(`x = ${plain}`, "a b c")).toBe(program(`x = ${explicit}`, "a b c"));
  });
  it("M L' r/N is (M L' r)/N, and p * A r is p * (A r)", () => {
    const table = "M[N,R] L[N,R] A[N,N] p[N]";
    const line = (e: string): string => program(`x[t+1] = ${e}; r = tanh(x)`, table);
    expect(line("M L' r/N")).toBe(line("(M L' r)/N"));
    expect(line("p * A r")).toBe(line("p * (A r)"));
  });

  it.each([
    ["Greek letters", "τ dx/dt = -x + σ_1 ξ; λ = φ μ + µ", "tau dx/dt = -x + sigma_1 xi; lambda = phi mu + mu"],
    ["⊙ ∘ · ᵀ − ’", "x[t+1] = a⊙x ∘ b·c − Jᵀ x + J’ x", "x[t+1] = a*x * b*c - J' x + J' x"],
    ["; for a newline", "r = tanh(x); dx/dt = r", "r = tanh(x)\ndx/dt = r"],
    ["comments and empty lines", "# one\nr = tanh(x) # r = 2\n\n  dx/dt = r  #", "r = tanh(x)\ndx/dt = r"],
    ["a line that goes on", "dx/dt = -x\n  + a\n  # and\n\n  * b\n - c\n  / 2", "dx/dt = -x + a * b - c / 2"],
    ["a line inside parentheses", "dx/dt = tanh(\n x\n + a,\n)".replace(",\n)", "\n)"), "dx/dt = tanh(x + a)"],
    ["Windows line ends, tabs, non-breaking spaces", "r\t= tanh(x)\r\n\u00a0dx/dt = r\r\n", "r = tanh(x)\ndx/dt = r"],
    ["numbers", "x = 1. + .5 + 2e3 + 1e-2 + 1e+1", "x = 1 + 0.5 + 2000 + 0.01 + 10"],
    ["spaces in dx/dt", "tau dx / dt = -x", "tau dx/dt = -x"],
  ])("%s", (_, typed, spelled) => {
    const table = "tau sigma_1 phi mu a[N] b[N] c[N] J[N,N]";
    const rest = { states: { x: { shape: ["N"] } } };
    // What the two texts do not mention is not declared.
    const words = table
      .split(" ")
      .filter((w) => new RegExp(`\\b${w.replace(/\[.*/, "")}\\b`).test(spelled))
      .join(" ");
    expect(program(typed, words, words.includes("[") ? rest : {})).toBe(
      program(spelled, words, words.includes("[") ? rest : {}),
    );
  });

  it("the order of the lines does not matter", () => {
    const lines = ["tau dx/dt = -x + J r", "r = tanh(v)", "v = x + b", "z = W r"];
    const values = (text: string[]) =>
      run(declare(text.join("\n"), "tau=5 J[N,N] b[N] W[O,N]", { sizes: { N: 2, O: 1 } }), ["z"], {
        J: [1, -2, 0.5, 1],
        b: [0.3, 0.1],
        W: [1, 2],
      });
    expect(values([...lines].reverse())).toEqual(values(lines));
  });
});
