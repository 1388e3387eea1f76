/** Random networks whose shapes and times fit: maps and flows, delays, both directions of time, noise, values once a trial. */
import fc from "fast-check";
import type { NetworkData } from "../../src/equations/network.ts";
import { declare } from "./declare.ts";

/** Expressions of a vector of units (`v`) and of a number (`s`) whose shapes fit; `NOW` stands for a state at its own sample. */
const typed = fc.letrec<{ v: string; s: string }>((tie) => ({
  v: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      "x[t-1]",
      "x[t-3]",
      "r[t-1]",
      "q[t-2]",
      "b",
      "y[t-1]",
      "p_0",
      "k",
      "NOW",
      "delay(x, 1)",
      "delay(q, 0.5)",
      "B u",
      "B u[t-1]",
      "J b",
    ),
    fc.tuple(tie("v"), fc.constantFrom(" + ", " - ", " * "), tie("v")).map(([a, o, b]) => `(${a}${o}${b})`),
    fc
      .tuple(fc.constantFrom("tanh", "sigmoid", "softplus", "sin", "erf", "detach"), tie("v"))
      .map(([f, a]) => `${f}(${a})`),
    tie("v").map((a) => `J (${a})`),
    tie("v").map((a) => `(${a} + 0.3 eps)`),
    tie("v").map((a) => `M L' (${a})/N`),
    tie("v").map((a) => `diag(b) J' (${a})`),
    tie("v").map((a) => `tanh(${a})^2`),
    fc.tuple(tie("s"), tie("v")).map(([a, b]) => `(${a}) (${b})`),
    fc.tuple(tie("v"), tie("v")).map(([a, b]) => `min(${a}, ${b})`),
    fc.tuple(tie("s"), tie("v"), tie("v")).map(([c, a, b]) => `where(${c}, ${a}, ${b})`),
  ),
  s: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("a", "2", "0.5", "pi/4", "sin(t)", "c[t-2]", "c[t-1]", "y_0[0]", "u_1"),
    fc.tuple(tie("v"), tie("v")).map(([a, b]) => `(${a})' (${b})/N`),
    fc.tuple(tie("s"), fc.constantFrom(" + ", " * "), tie("s")).map(([a, o, b]) => `(${a}${o}${b})`),
    tie("s").map((a) => `tanh(${a})`),
  ),
}));

const left = fc.constantFrom("x[t+1]", "x[t]", "tau dx/dt");
const backward = fc.constantFrom("r", "x[t+1]", "q[t+2]", "y[t-1]", "u_1 b");

/** A network, and the names of its quantities that change in time or exist once a trial, as the program keeps them. */
export const randomTexts: fc.Arbitrary<{ network: NetworkData; quantities: string[] }> = fc
  .tuple(left, typed.v, typed.v, typed.v, typed.s, backward)
  .map(([state, x, r, q, c, e]) => {
    const own = state === "x[t]";
    const at = (now: string, text: string): string => text.replaceAll("NOW", now);
    const first = at(own ? "x[t-1]" : "x", x);
    const lines = [
      // A flow has no samples.
      `${state} = tanh(${state === "tau dx/dt" ? first.replace(/\[t-\d\]/g, "").replace(/\b[cq]\b/g, (n) => (n === "c" ? "a" : "x")) : first}) - x${own ? "[t-1]" : ""}`,
      `${own ? "x[-1]" : "x[0]"} = y_0[0] p_0`,
      `r = tanh(${at("x", r)}) + 0.1 u_1`,
      `q = tanh(${at("r", q)}) + 0.1 u_1`,
      `c = tanh(${at("q", c)}) + 0.1 u_1`,
      "y = r + 0.5 q * c",
      "y_0[0] = 0.4 eps + a",
      "k = tanh(J b) * b",
      `e[t] = tanh(0.5 e[t+1] + ${e})`,
      "e[T] = b",
      "z[0] = e[0] + x[T-1]",
    ];
    const network = declare(lines.join("\n"), "J[N,N] M[N,R] L[N,R] B[N,I] b[N] a tau=10 sigma=0.3", {
      dt: 0.5,
      inputs: { u: { shape: ["I"] }, u_1: { shape: [] }, p_0: { shape: ["N"], per: "trial" } },
      states: {
        ...Object.fromEntries(["x", "q", "e", "k", "r"].map((n) => [n, { shape: ["N"] }])),
        c: { shape: [] },
        y_0: { shape: [] },
      },
    });
    return { network, quantities: [own ? "x" : "x.next", "r", "q", "c", "y", "e", "z"] };
  });
