/** Tokens to syntax trees: the grammar of the language, and the errors of its section 5. */
import { closest } from "../base/errors.ts";
import { Cursor } from "./cursor.ts";
import { type Place, rowsOf } from "./errors.ts";
import { type Ast, functions, type Index, isFunction, type Line } from "./syntax.ts";
import { limits, type Token, tokenLines } from "./tokens.ts";

/** What other languages call a function of this one. */
const synonyms = new Map([
  ["sigma", "sigmoid"], ["logistic", "sigmoid"], ["expit", "sigmoid"], ["ln", "log"], ["heaviside", "step"],
]); // biome-ignore format: a table

const leftSide = "a name, an indexed name or `dx/dt`";

/**
 * Parses a text into its lines.
 * @throws EquationError with line, column and remedy.
 */
export function parse(text: string, name = "equations"): Line[] {
  const lines = tokenLines(text, name);
  const source = { name, text, rows: rowsOf(text) };
  return lines.map((tokens, k) => new Parser(tokens, source).line(k + 1));
}

class Parser extends Cursor {
  private depth = 0;
  /** How many operations deep each node is. */
  private readonly depths = new WeakMap<Ast, number>();

  /** A node over others; trees that are too deep for the passes after this one are refused here. */
  private over<A extends Ast>(node: A, ...below: Ast[]): A {
    const depth = 1 + Math.max(0, ...below.map((b) => this.depths.get(b) ?? 0));
    if (depth > limits.tree)
      this.fail("limit", node.at, `more than ${limits.tree} operations in each other`, "give parts names of their own");
    this.depths.set(node, depth);
    return node;
  }

  line(number: number): Line {
    const start = this.token.at;
    const equals = this.tokens.findIndex((t) => t.kind === "symbol" && t.text === "=");
    if (equals < 0) this.fail("syntax", start, "a line without `=`", "each line defines a quantity: `name = …`");
    if (equals === 0)
      this.fail("left", start, "nothing stands before `=`", "start with what the line defines", leftSide);
    const left = this.tokens.slice(0, equals);
    const at = this.span(start, left[left.length - 1]!.at);
    const [d, slash, dt] = left.slice(-3);
    const isFlow = dt?.text === "dt" && slash?.text === "/" && d?.kind === "name" && d.text.startsWith("d");
    const head = isFlow ? this.flowLeft(left) : this.plainLeft(left, at);
    this.i = equals + 1;
    if (this.ended) this.fail("syntax", this.token.at, "nothing stands after `=`", "write an expression");
    const right = this.sum();
    if (!this.ended) this.unexpected();
    return { ...head, right, at, number };
  }

  private flowLeft(left: Token[]): Pick<Line, "kind" | "name" | "scale"> {
    const d = left[left.length - 3]!;
    const name = d.text.slice(1);
    if (!/^[A-Za-z]/.test(name)) this.fail("left", d.at, `\`${d.text}/dt\` without a quantity`, "write `dx/dt = …`");
    if (left.length === 3) return { kind: "flow", name };
    const inner = [...left.slice(0, -3), { kind: "end" as const, text: "d/dt", at: d.at, spaced: true }];
    const parser = new Parser(inner, this.source);
    const scale = parser.chain();
    if (!parser.ended)
      this.fail(
        "left",
        parser.token.at,
        `\`${parser.token.text}\` in the factor before \`${d.text}/dt\``,
        `leave it out: \`tau ${d.text}/dt = …\``,
        "a product side by side",
      );
    return { kind: "flow", name, scale };
  }

  private plainLeft(left: Token[], at: Place): Pick<Line, "kind" | "name" | "index"> {
    const fail = (): never => {
      const has = (text: string): boolean => left.some((t) => t.kind !== "end" && t.text === text);
      const remedy = has("'")
        ? "`'` is a transpose: for a time derivative write `dx/dt`"
        : has("dt")
          ? "write a time derivative as `dx/dt`, with its factor before it: `tau dx/dt = …`"
          : "solve the equation for one quantity";
      return this.fail("left", at, `the left side \`${this.shown(at)}\``, remedy, leftSide);
    };
    const [first] = left;
    if (first?.kind !== "name" || (isFunction(first.text) && left.length > 1)) return fail();
    this.i = 1;
    const index = this.is("[") && !this.token.spaced ? this.index() : undefined;
    return this.is("=") ? { kind: "plain", name: first.text, index } : fail();
  }

  private nested<T>(inner: () => T): T {
    if (++this.depth > limits.depth)
      this.fail(
        "limit",
        this.token.at,
        `the expression nests deeper than ${limits.depth}`,
        "give parts names of their own",
      );
    const result = inner();
    this.depth--;
    return result;
  }

  private sum(): Ast {
    return this.nested(() => {
      const start = this.token.at;
      const terms: { sign: 1 | -1; term: Ast }[] = [];
      let sign: 1 | -1 = 1;
      if (this.take("-")) sign = -1;
      else if (this.is("+")) this.fail("syntax", start, "a sum that starts with `+`", "leave the `+` out");
      do {
        terms.push({ sign, term: this.term() });
        sign = this.is("-") ? -1 : 1;
      } while (this.take("+") || this.take("-"));
      if (terms.length === 1 && terms[0]!.sign === 1) return terms[0]!.term;
      return this.over({ type: "sum", terms, at: this.span(start) }, ...terms.map((t) => t.term));
    });
  }

  private term(): Ast {
    const start = this.token.at;
    let a = this.chain();
    for (;;) {
      if (this.take("*")) {
        const b = this.chain();
        a = this.over({ type: "mul", a, b, at: this.span(start) }, a, b);
      } else if (this.take("/")) {
        const b = this.power();
        if (this.startsFactor()) {
          const c = this.power();
          const [x, y, z] = [a, b, c].map((n) => this.shown(n.at));
          this.fail(
            "division",
            this.span(start),
            `\`${x}/${y} ${z}\` can be read in two ways`,
            `write \`(${x}/${y}) ${z}\` or \`${x}/(${y} ${z})\``,
          );
        }
        a = this.over({ type: "div", a, b, at: this.span(start) }, a, b);
      } else return a;
    }
  }

  private startsFactor(): boolean {
    const { kind, text } = this.token;
    return kind === "name" || kind === "number" || (kind === "symbol" && text === "(");
  }

  private chain(): Ast {
    const start = this.token.at;
    const factors = [this.power()];
    while (this.startsFactor()) {
      if (this.token.kind === "number")
        this.fail(
          "syntax",
          this.token.at,
          `the number ${this.token.text} stands after a factor`,
          "a number stands first in a product, or write `*`",
        );
      factors.push(this.power());
    }
    if (factors.length === 1) return factors[0]!;
    const at = this.span(start);
    if (factors.length > limits.factors)
      this.fail(
        "limit",
        at,
        `a product of ${factors.length} factors`,
        `at most ${limits.factors} are read: give parts names of their own`,
      );
    return this.over({ type: "chain", factors, at }, ...factors);
  }

  private power(): Ast {
    const start = this.token.at;
    const base = this.postfix();
    if (!this.take("^")) return base;
    const minus = this.token.at;
    const negative = this.take("-");
    let exponent = this.primary();
    if (negative)
      exponent = this.over({ type: "sum", terms: [{ sign: -1, term: exponent }], at: this.span(minus) }, exponent);
    if (this.is("^")) {
      const { at } = this.token;
      this.i++;
      const [a, b, c] = [base, exponent, this.primary()].map((n) => this.shown(n.at));
      this.fail(
        "syntax",
        at,
        `\`${a}^${b}^${c}\` can be read in two ways`,
        `use parentheses: \`(${a}^${b})^${c}\` or \`${a}^(${b}^${c})\``,
      );
    }
    return this.over({ type: "power", base, exponent, at: this.span(start) }, base, exponent);
  }

  private postfix(): Ast {
    const start = this.token.at;
    let a = this.primary();
    while (this.is("'")) {
      if (this.token.spaced) this.unexpected(this.shown(a.at));
      this.i++;
      a = this.over({ type: "transpose", a, at: this.span(start) }, a);
    }
    return a;
  }

  private primary(): Ast {
    const token = this.token;
    if (token.kind === "number") {
      this.i++;
      return { type: "number", value: Number(token.text), at: token.at };
    }
    if (token.kind === "name") return isFunction(token.text) ? this.call() : this.named();
    if (this.take("(")) {
      const inner = this.sum();
      this.expect(")", "close the parenthesis");
      // The place takes the parentheses in.
      return this.over({ ...inner, at: this.span(token.at) }, inner);
    }
    return this.unexpected();
  }

  private unexpected(before = "J"): never {
    const { text, at } = this.token;
    if (this.ended)
      this.fail(
        "syntax",
        at,
        "the line ends here",
        "write what follows; a line goes on where the next one begins with + - * /",
      );
    if (text === "-")
      this.fail(
        "syntax",
        at,
        "`-` after an operator",
        `use parentheses: \`(-${this.peek().kind === "end" ? "b" : this.peek().text})\``,
      );
    if (text === "'") this.fail("syntax", at, "`'` stands apart", `attach \`'\` to what it transposes: \`${before}'\``);
    if (text === "[") this.fail("syntax", at, "an index that stands apart", "attach it to its name: `x[t-1]`");
    if (text === "=") this.fail("syntax", at, "a second `=` in a line", "write one line for each quantity");
    this.fail("syntax", at, `\`${text}\` cannot stand here`, "a number, a name, a function or a parenthesis can");
  }

  private call(): Ast {
    const { text: fn, at: start } = this.token;
    this.i++;
    if (!this.take("(")) {
      const next = this.token.kind === "name" || this.token.kind === "number" ? this.token.text : "x";
      this.fail("function", start, `\`${fn}\` needs parentheses`, `write \`${fn}(${next})\``);
    }
    const args: Ast[] = [];
    if (!this.is(")"))
      do args.push(this.sum());
      while (this.take(","));
    this.expect(")", `close the parenthesis of \`${fn}\``);
    const at = this.span(start);
    const expected = functions[fn]!;
    if (args.length !== expected)
      this.fail(
        "function",
        at,
        `\`${fn}\` is given ${count(args.length)}`,
        `write \`${fn}(${["a", "b", "c"].slice(0, expected).join(", ")})\``,
        count(expected),
      );
    return this.over({ type: "call", fn, args, at }, ...args);
  }

  private named(): Ast {
    const { text: name, at } = this.token;
    this.i++;
    if (this.is("(") && !this.token.spaced) this.notFunction(name, at);
    if (!this.is("[")) return { type: "name", name, at };
    if (this.token.spaced) this.unexpected();
    return { type: "name", name, index: this.index(), at: this.span(at) };
  }

  /** `J(r)`: a product without its space, a time in round brackets, or another name of a function. */
  private notFunction(name: string, at: Place): never {
    let depth = 0;
    let k = this.i;
    for (; this.tokens[k]!.kind !== "end"; k++) {
      if (this.tokens[k]!.text === "(") depth++;
      if (this.tokens[k]!.text === ")" && --depth === 0) break;
    }
    const inner = this.tokens[k]!.kind === "end" ? "(…)" : this.shown(this.span(this.token.at, this.tokens[k]!.at));
    const { kind, text } = this.peek();
    const time = kind === "number" || text === "t" || text === "T" ? `[${inner.slice(1, -1)}]` : "[t-1]";
    const like =
      synonyms.get(name.toLowerCase()) ?? (name.length > 2 ? closest(name, Object.keys(functions)) : undefined);
    const meant =
      like && (name === "sigma" ? `; the logistic function is \`${like}\`` : `; did you mean \`${like}${inner}\`?`);
    this.fail(
      "function",
      at,
      `\`${name}\` is not a function`,
      `for a product write \`${name} ${inner}\`, for a time \`${name}${time}\`${meant ?? ""}`,
    );
  }

  private index(): Index {
    const bad = (): never =>
      this.fail(
        "syntax",
        this.token.at,
        this.ended ? "an index without an end" : `\`${this.token.text}\` in an index`,
        "indices are `[t]`, `[t-1]`, `[t+1]`, `[0]`, `[-1]`, `[T-1]`",
      );
    const integer = (): number => {
      const { kind, text, at } = this.token;
      if (kind !== "number" || !/^\d+$/.test(text)) bad();
      const n = Number(text);
      if (n > limits.samples) this.fail("limit", at, `an index of ${text} samples`, `use at most ${limits.samples}`);
      this.i++;
      return n;
    };
    const isBase = (): boolean => this.token.kind === "name" && (this.token.text === "t" || this.token.text === "T");
    this.i++;
    let index: Index;
    if (isBase()) {
      index = { base: this.token.text as "t" | "T", sign: 1, count: 0 };
      this.i++;
      if (this.is("+") || this.is("-")) {
        index.sign = this.is("-") ? -1 : 1;
        this.i++;
        if (this.token.kind === "name") {
          index.count = this.token.text;
          this.i++;
        } else index.count = integer();
      }
    } else {
      const sign = this.take("-") ? -1 : 1;
      index = { base: "", sign, count: integer() };
    }
    if (!this.take("]")) bad();
    return index;
  }
}

const count = (n: number): string => `${n} argument${n === 1 ? "" : "s"}`;
