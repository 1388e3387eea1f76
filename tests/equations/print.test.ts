import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { toLatex, toMathml } from "../../src/equations/print.ts";
import { cells } from "./cells.ts";

test("the rate network prints as a paper prints it", () => {
  expect(toLatex(cells[0]!)).toBe(
    [
      "\\begin{aligned}",
      "\\tau \\, \\frac{dx}{dt} &= -x + J \\, r + B \\, u + b + \\sigma \\, \\xi \\\\",
      "r &= \\tanh\\left(x\\right) \\\\",
      "z &= W \\, r + c",
      "\\end{aligned}",
    ].join("\n"),
  );
});

test("names with subscripts, fractions, transposes, indices", () => {
  const network = {
    equations: "x[t+1] = x + (dt/tau_m) (J_AB' tanh(x) - x^2)",
    parameters: { tau_m: { value: 2 }, J_AB: { shape: ["N", "N"] } },
  };
  expect(toLatex(network)).toContain(
    "x_{t+1} &= x + \\frac{\\Delta t}{\\tau_{m}} \\, \\left(J_{\\mathrm{AB}}^{\\top} \\, \\tanh\\left(x\\right)-{x}^{2}\\right)",
  );
});

test("an initial state is told from a parameter of that name", () => {
  const network = {
    equations: "tau dx/dt = -x\nx[0] = x_0",
    parameters: { tau: { value: 2 }, x_0: { shape: ["N"] } },
  };
  expect(toLatex(network)).toContain("x\\left(0\\right) &= x_{0}");
  expect(toMathml(network)).toContain("<mi>x</mi><mrow><mo>(</mo><mn>0</mn><mo>)</mo></mrow>");
});

test.each(cells.map((c) => [c.name!, c] as const))("%s: balanced LaTeX, well-formed MathML", (_, cell) => {
  const latex = toLatex(cell);
  const count = (re: RegExp): number => (latex.match(re) ?? []).length;
  expect(count(/\{/g)).toBe(count(/\}/g));
  expect(count(/\\left/g)).toBe(count(/\\right/g));
  const { document } = parseHTML(`<html><body>${toMathml(cell)}</body></html>`);
  expect(document.querySelectorAll("mtr").length).toBe(latex.split("\\\\\n").length);
  expect(document.querySelector("math")!.outerHTML.length).toBeGreaterThan(50);
});
