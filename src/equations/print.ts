/** Equations as LaTeX and as MathML, from the same syntax tree. */
import { isScalar, type Node, operands, topological } from "./graph.ts";
import type { NetworkData } from "./network.ts";
import { uniform } from "./readable.ts";
import { guess, inferShapes } from "./shapes.ts";
import { type Ast, type Line, showIndex } from "./syntax.ts";
import { Text } from "./text.ts";
import { greekNames } from "./tokens.ts";

/** How one notation writes what an equation is made of. */
interface Notation {
  symbol(name: string, index?: string): string;
  number(text: string): string;
  operator(text: string): string;
  fraction(a: string, b: string): string;
  root(a: string): string;
  power(a: string, b: string): string;
  transpose(a: string): string;
  call(fn: string, args: string[]): string;
  parentheses(a: string): string;
  juxtapose(parts: string[]): string;
  derivative(name: string): string;
  row(parts: string[]): string;
  ellipsis: string;
}

/** `tau_m` is τ with subscript m; a name of several letters that is not Greek stands upright. */
function nameParts(name: string): { base: string; sub?: string } {
  const at = name.indexOf("_");
  return at < 0 ? { base: name } : { base: name.slice(0, at), sub: name.slice(at + 1) };
}
const special: Record<string, string> = { eps: "varepsilon", phi: "varphi" };
const unicode: Record<string, string> = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ϵ", zeta: "ζ", eta: "η", theta: "θ", iota: "ι", kappa: "κ", lambda: "λ",
  mu: "μ", nu: "ν", xi: "ξ", omicron: "ο", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", upsilon: "υ", phi: "φ", chi: "χ", psi: "ψ",
  omega: "ω", Gamma: "Γ", Delta: "Δ", Theta: "Θ", Lambda: "Λ", Xi: "Ξ", Pi: "Π", Sigma: "Σ", Phi: "Φ", Psi: "Ψ", Omega: "Ω", eps: "ε",
}; // biome-ignore format: a table
const roman = new Set(["tanh", "exp", "log", "sin", "cos", "min", "max"]);

const latexSymbol = (s: string): string =>
  greekNames.has(s) || s === "eps" ? `\\${special[s] ?? s}` : s.length === 1 || /^\d+$/.test(s) ? s : `\\mathrm{${s}}`;

const latex: Notation = {
  symbol(name, index) {
    if (name === "dt") return "\\Delta t";
    const { base, sub } = nameParts(name);
    const below = [sub === undefined ? undefined : sub.split("_").map(latexSymbol).join(","), index].filter(
      (x) => x !== undefined,
    );
    return latexSymbol(base) + (below.length > 0 ? `_{${below.join(",")}}` : "");
  },
  number: (text) => text,
  operator: (text) => (text === "*" ? "\\odot " : text === "-" ? "-" : ` ${text} `),
  fraction: (a, b) => `\\frac{${a}}{${b}}`,
  root: (a) => `\\sqrt{${a}}`,
  power: (a, b) => `{${a}}^{${b}}`,
  transpose: (a) => `${a}^{\\top}`,
  call: (fn, args) => `${roman.has(fn) ? `\\${fn}` : `\\operatorname{${fn}}`}\\left(${args.join(", ")}\\right)`,
  parentheses: (a) => `\\left(${a}\\right)`,
  juxtapose: (parts) => parts.join(" \\, "),
  derivative: (name) => `\\frac{d${latex.symbol(name)}}{dt}`,
  row: (parts) => parts.join(""),
  ellipsis: "\\ldots",
};

const escaped = (s: string): string => s.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const mi = (s: string): string => {
  const shown = Object.hasOwn(unicode, s) ? unicode[s]! : s;
  return /^\d+$/.test(s)
    ? `<mn>${s}</mn>`
    : `<mi${shown.length > 1 ? ' mathvariant="normal"' : ""}>${escaped(shown)}</mi>`;
};
const mathml: Notation = {
  symbol(name, index) {
    if (name === "dt") return "<mi>Δ</mi><mi>t</mi>";
    const { base, sub } = nameParts(name);
    const below = [
      ...(sub === undefined ? [] : sub.split("_").map(mi)),
      ...(index === undefined ? [] : [`<mtext>${escaped(index)}</mtext>`]),
    ];
    return below.length === 0 ? mi(base) : `<msub>${mi(base)}<mrow>${below.join("<mo>,</mo>")}</mrow></msub>`;
  },
  number: (text) => `<mn>${text}</mn>`,
  operator: (text) => `<mo>${text === "*" ? "⊙" : text === "-" ? "−" : escaped(text)}</mo>`,
  fraction: (a, b) => `<mfrac><mrow>${a}</mrow><mrow>${b}</mrow></mfrac>`,
  root: (a) => `<msqrt>${a}</msqrt>`,
  power: (a, b) => `<msup><mrow>${a}</mrow><mrow>${b}</mrow></msup>`,
  transpose: (a) => `<msup><mrow>${a}</mrow><mo>⊤</mo></msup>`,
  call: (fn, args) =>
    `<mrow><mi mathvariant="normal">${fn}</mi><mo>&#x2061;</mo><mo>(</mo>${args.join("<mo>,</mo>")}<mo>)</mo></mrow>`,
  parentheses: (a) => `<mrow><mo>(</mo>${a}<mo>)</mo></mrow>`,
  juxtapose: (parts) => parts.join('<mspace width="0.17em"/>'),
  derivative: (name) => mathml.fraction(`<mi>d</mi>${mathml.symbol(name)}`, "<mi>d</mi><mi>t</mi>"),
  row: (parts) => parts.join(""),
  ellipsis: "<mo>…</mo>",
};

type IsScalar = (ast: Ast) => boolean;

/** Binding strength, loose to tight: sum 1, `*` and `/` 2, product 3, power 4. */
const strength = (ast: Ast): number =>
  ast.type === "sum"
    ? 1
    : ast.type === "mul" || ast.type === "div"
      ? 2
      : ast.type === "chain"
        ? 3
        : ast.type === "power"
          ? 4
          : 5;

function print(n: Notation, ast: Ast, scalar: IsScalar): string {
  const inner = (a: Ast, least: number): string => {
    const text = print(n, a, scalar);
    return strength(a) < least && a.type !== "div" ? n.parentheses(text) : text;
  };
  switch (ast.type) {
    case "number":
      return n.number(String(ast.value));
    case "name":
      return n.symbol(ast.name, ast.index && showIndex(ast.index));
    case "sum":
      return n.row(
        ast.terms.flatMap(({ sign, term }, i) => [
          ...(i > 0 || sign < 0 ? [n.operator(sign < 0 ? "-" : "+")] : []),
          inner(term, i > 0 || sign < 0 ? 2 : 1),
        ]),
      );
    case "mul": {
      const [a, b] = [inner(ast.a, 2), inner(ast.b, 3)];
      return scalar(ast.a) || scalar(ast.b) ? n.juxtapose([a, b]) : n.row([a, n.operator("*"), b]);
    }
    case "div":
      return n.fraction(print(n, ast.a, scalar), print(n, ast.b, scalar));
    case "chain":
      return n.juxtapose(ast.factors.map((f) => inner(f, 4)));
    case "power":
      return n.power(
        ast.base.type === "name" || ast.base.type === "number"
          ? print(n, ast.base, scalar)
          : n.parentheses(print(n, ast.base, scalar)),
        print(n, ast.exponent, scalar),
      );
    case "transpose":
      return n.transpose(inner(ast.a, 5));
    case "call":
      if (ast.fn === "sqrt") return n.root(print(n, ast.args[0]!, scalar));
      return n.call(
        ast.fn,
        ast.args.map((a) => print(n, a, scalar)),
      );
  }
}

function printLine(n: Notation, line: Line, scalar: IsScalar): { left: string; right: string } {
  const index = line.index && showIndex(line.index);
  // x(0), since a subscript would read as the parameter x_0.
  const name =
    line.kind === "flow"
      ? n.derivative(line.name)
      : index === "0"
        ? n.row([n.symbol(line.name), n.parentheses(n.number("0"))])
        : n.symbol(line.name, index);
  const scale = line.scale && print(n, line.scale, scalar);
  return { left: scale ? n.juxtapose([scale, name]) : name, right: print(n, line.right, scalar) };
}

function lines(network: NetworkData, notation: Notation): { left: string; right: string }[] {
  const text = new Text(network);
  inferShapes(text);
  const scalar: IsScalar = (ast) => {
    const shape = guess(text, ast);
    return typeof shape !== "string" && isScalar(shape);
  };
  return text.lines.map((line) => printLine(notation, line, scalar));
}

/** The equations as an `aligned` environment of LaTeX. */
export const toLatex = (network: NetworkData): string =>
  `\\begin{aligned}\n${lines(network, latex)
    .map(({ left, right }) => `${left} &= ${right}`)
    .join(" \\\\\n")}\n\\end{aligned}`;

/** The equations as one MathML element, a row for each line. Every name from the text is escaped. */
export const toMathml = (network: NetworkData): string =>
  `<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mtable columnalign="right left">${lines(
    network,
    mathml,
  )
    .map(({ left, right }) => `<mtr><mtd>${left}</mtd><mtd><mo>=</mo>${right}</mtd></mtr>`)
    .join("")}</mtable></math>`;

/** A name as one MathML element: `tau_m` is τ with subscript m. */
export const symbolMathml = (name: string): string =>
  `<math xmlns="http://www.w3.org/1998/Math/MathML">${mathml.symbol(name)}</math>`;

const nowhere = { line: 0, column: 0, length: 0 };

/** A graph written back as syntax, so that derivatives print like equations. */
export function toSyntax(node: Node): Ast {
  const at = nowhere;
  switch (node.op) {
    case "leaf": {
      const { leaf } = node;
      if (leaf.kind === "number" && leaf.value < 0)
        return { type: "sum", terms: [{ sign: -1, term: { type: "number", value: -leaf.value, at } }], at };
      if (leaf.kind === "number") return { type: "number", value: leaf.value, at };
      const name = "name" in leaf ? leaf.name : leaf.kind === "noise" ? leaf.source : leaf.kind;
      return { type: "name", name: name.replace(/\.next$/, ""), at };
    }
    case "transpose":
      return { type: "transpose", a: toSyntax(node.a), at };
    case "diag":
      // The same number all along is a factor.
      if (uniform(node.a)) return toSyntax(node.a);
      return { type: "call", fn: "diag", args: [toSyntax(node.a)], at };
    case "product":
      return {
        type: "chain",
        factors: [node.a, node.b].flatMap((n) => (n.op === "product" ? factors(n) : [toSyntax(n)])),
        at,
      };
    case "map": {
      const args = node.args.map(toSyntax);
      const [a, b] = args as [Ast, Ast];
      switch (node.fn) {
        case "add":
          return { type: "sum", terms: [...termsOf(a), ...termsOf(b)], at };
        case "sub":
          return { type: "sum", terms: [...termsOf(a), { sign: -1, term: b }], at };
        case "neg":
          return { type: "sum", terms: [{ sign: -1, term: a }], at };
        case "mul":
          return { type: "mul", a, b, at };
        case "div":
          return { type: "div", a, b, at };
        case "pow":
          return { type: "power", base: a, exponent: b, at };
        case "fill":
        case "detach":
          return a;
        default:
          return { type: "call", fn: node.fn, args, at };
      }
    }
  }
}

const factors = (n: Node): Ast[] => (n.op === "product" ? [...factors(n.a), ...factors(n.b)] : [toSyntax(n)]);
const termsOf = (a: Ast): { sign: 1 | -1; term: Ast }[] => (a.type === "sum" ? a.terms : [{ sign: 1, term: a }]);

/** What is larger than this is no formula for a page; parts that are shared in the graph are written out each time. */
const mostSymbols = 3000;

/** A graph as LaTeX (or MathML, without the outer element); `…` where it is too large to be read. */
export function printNode(node: Node, notation: "latex" | "mathml" = "latex"): string {
  const chosen = notation === "latex" ? latex : mathml;
  const scalars = new Set<string>();
  const symbols = new Map<Node, number>();
  for (const n of topological([node])) {
    symbols.set(
      n,
      operands(n).reduce((sum, o) => sum + symbols.get(o)!, 1),
    );
    if (n.op === "leaf" && isScalar(n.shape) && "name" in n.leaf) scalars.add(n.leaf.name);
  }
  if (symbols.get(node)! > mostSymbols) return chosen.ellipsis;
  const scalar: IsScalar = (ast) => {
    if (ast.type === "number") return true;
    if (ast.type === "name") return scalars.has(ast.name) || ast.name === "dt" || ast.name === "t";
    if (ast.type === "call") return ast.fn !== "diag" && ast.args.every(scalar);
    if (ast.type === "sum") return ast.terms.every((t) => scalar(t.term));
    if (ast.type === "mul" || ast.type === "div") return scalar(ast.a) && scalar(ast.b);
    if (ast.type === "power") return scalar(ast.base);
    return false;
  };
  return print(chosen, toSyntax(node), scalar);
}
