/** Derivative rules (section 3 of the language): each partial derivative of a map is again a map. */
import type { Graph } from "./build.ts";
import type { MapNode, Node } from "./graph.ts";
import type { Surrogate } from "./network.ts";

export type Surrogates = Record<string, Surrogate>;

/** The derivative used in place of a spike's when the table names none: a triangle of width 1. */
export const defaultSurrogate: Surrogate = { kind: "triangle", gain: 0.3, width: 1 };

/** `∂y/∂args[i]` of a map, or undefined where it is zero everywhere. */
export function partial(g: Graph, y: MapNode, i: number, surrogates: Surrogates): Node | undefined {
  const [a, b] = y.args as [Node, Node];
  const one = g.number(1);
  const not = (x: Node): Node => g.map("sub", one, x);
  switch (y.fn) {
    case "add":
    case "fill":
      return one;
    case "sub":
      return i === 0 ? one : g.number(-1);
    case "neg":
      return g.number(-1);
    case "mul":
      return i === 0 ? b : a;
    case "div":
      return i === 0 ? g.map("div", one, b) : g.map("neg", g.map("div", y, b));
    case "pow":
      return i === 0 ? g.map("mul", b, g.map("pow", a, g.map("sub", b, one))) : g.map("mul", g.map("log", a), y);
    case "tanh":
      return not(g.map("mul", y, y));
    case "sigmoid":
      return g.map("mul", y, not(y));
    case "relu":
      return g.map("step", a);
    case "softplus":
      return g.map("sigmoid", a);
    case "exp":
      return y;
    case "log":
      return g.map("div", one, a);
    case "sqrt":
      return g.map("div", g.number(0.5), y);
    case "sin":
      return g.map("cos", a);
    case "cos":
      return g.map("neg", g.map("sin", a));
    case "erf":
      return g.map("mul", g.number(2 / Math.sqrt(Math.PI)), g.map("exp", g.map("neg", g.map("mul", a, a))));
    case "abs":
      return g.map("sub", g.map("step", a), g.map("step", g.map("neg", a)));
    case "step":
    case "detach":
      return undefined;
    // Ties go to the first argument.
    case "min":
      return i === 0 ? not(g.map("step", g.map("sub", a, b))) : g.map("step", g.map("sub", a, b));
    case "max":
      return i === 0 ? not(g.map("step", g.map("sub", b, a))) : g.map("step", g.map("sub", b, a));
    case "where":
      if (i === 0) return undefined;
      return i === 1 ? g.map("step", a) : not(g.map("step", a));
    case "spike":
      return psi(g, a, surrogates[y.surrogate!] ?? defaultSurrogate);
  }
}

/** A surrogate derivative ψ(v). */
function psi(g: Graph, v: Node, s: Surrogate): Node {
  const gain = g.number(s.gain);
  const scaled = g.map("div", v, g.number(s.width));
  switch (s.kind) {
    case "triangle":
      return g.map("mul", gain, g.map("relu", g.map("sub", g.number(1), g.map("abs", scaled))));
    case "gaussian":
      return g.map("mul", gain, g.map("exp", g.map("mul", g.number(-0.5), g.map("mul", scaled, scaled))));
    case "fastSigmoid": {
      const d = g.map("add", g.number(1), g.map("abs", scaled));
      return g.map("div", gain, g.map("mul", d, d));
    }
    // Yin, Corradi & Bohté 2021, Nat. Mach. Intell. 3, 905–913
    case "multiGaussian": {
      const { height = 0.15, spread = 6 } = s;
      const bump = (centre: number, width: number, weight: number): Node => {
        const z = g.map("div", g.map("sub", scaled, g.number(centre)), g.number(width));
        const density = g.map("exp", g.map("mul", g.number(-0.5), g.map("mul", z, z)));
        return g.map("mul", g.number((s.gain * weight) / (Math.sqrt(2 * Math.PI) * s.width * width)), density);
      };
      const sides = g.map("add", bump(1, spread, height), bump(-1, spread, height));
      return g.map("sub", bump(0, 1, 1 + height), sides);
    }
  }
}
