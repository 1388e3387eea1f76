/** Tokens to syntax trees: the grammar of the language, and the errors of its section 5. */
import { closest } from "../base/errors.ts";
import { EquationError, type EquationErrorCode, type Place } from "./errors.ts";
import { type Ast, functions, type Index, type Line } from "./syntax.ts";
import { limits, type Token, tokenLines } from "./tokens.ts";

/**
 * Parses a text into its lines.
 * @throws EquationError with line, column and remedy.
 */
export function parse(text: string, name = "equations"): Line[] {
  return tokenLines(text, name).map((tokens, k) => new Parser(tokens, { name, text }).line(k + 1));
}

class Parser {
  private i = 0;
  private depth = 0;
  private readonly tokens: Token[];
  private readonly source: { name: string; text: string };

  constructor(tokens: Token[], source: { name: string; text: string }) {
    this.tokens = tokens;
    this.source = source;
  }

  private fail(code: EquationErrorCode, at: Place, given: string, remedy: string, expected?: string): never {
    throw new EquationError(code, at, { given, remedy, expected }, this.source);
  }
  private get token(): Token {
    return this.tokens[this.i]!;
  }
  private get ended(): boolean {
    return this.token.kind === "end";
  }
  private peek(k = 1): Token {
    return this.tokens[Math.min(this.i + k, this.tokens.length - 1)]!;
  }
  private is(symbol: string): boolean {
    return this.token.kind === "symbol" && this.token.text === symbol;
  }
  private take(symbol: string): boolean {
    if (!this.is(symbol)) return false;
    this.i++;
    return true;
  }
  private expect(symbol: string, remedy: string): void {
    if (!this.take(symbol)) this.fail("syntax", this.token.at, `\`${this.token.text}\` stands here`, remedy, `\`${symbol}\``);
  }

  line(number: number): Line {
    const start = this.token.at;
    const equals = this.tokens.findIndex((t) => t.kind === "symbol" && t.text === "=");
    if (equals < 0) this.fail("syntax", start, "a line without `=`", "each line defines a quantity: `name = …`");
    const left = this.tokens.slice(0, equals);
    const [d, slash, dt] = left.slice(-3);
    const isFlow = dt?.text === "dt" && slash?.text === "/" && d?.kind === "name" && d.text.startsWith("d");
    const head = isFlow ? this.flowLeft(left) : this.plainLeft(left);
    this.i = equals + 1;
    if (this.ended) this.fail("syntax", this.token.at, "nothing stands after `=`", "write an expression");
    const right = this.sum();
    if (!this.ended) this.unexpected();
    return { ...head, right, at: start, number };
  }

  private flowLeft(left: Token[]): Pick<Line, "kind" | "name" | "scale"> {
    const d = left[left.length - 3]!;
    const name = d.text.slice(1);
    if (name === "") this.fail("left", d.at, "`d/dt` without a quantity", "write `dx/dt = …`");
    if (left.length === 3) return { kind: "flow", name };
    const inner = [...left.slice(0, -3), { kind: "end" as const, text: "d/dt", at: d.at, spaced: true }];
    const parser = new Parser(inner, this.source);
    const scale = parser.chain();
    if (!parser.ended)
      this.fail("left", parser.token.at, "the factor before `dx/dt` is a product", "write e.g. `tau dx/dt = …`");
    return { kind: "flow", name, scale };
  }

  private plainLeft(left: Token[]): Pick<Line, "kind" | "name" | "index"> {
    const what = "the left side is a name, an indexed name or `dx/dt`";
    const [first] = left;
    if (!first || first.kind !== "name") this.fail("left", (first ?? this.token).at, what, "start the line with the name of what it defines");
    if (first.text in functions && left[1]?.text === "(") this.fail("left", first.at, what, "solve the equation for a quantity");
    this.i = 1;
    const index = this.is("[") ? this.index() : undefined;
    if (this.token.text !== "=" || this.token.kind !== "symbol") {
      const prime = this.token.text === "'";
      this.fail("left", this.token.at, what, prime ? "`'` is a transpose; for a time derivative write `dx/dt`" : "solve the equation for one quantity");
    }
    return { kind: "plain", name: first.text, index };
  }

  private nested<T>(inner: () => T): T {
    if (++this.depth > limits.depth)
      this.fail("limit", this.token.at, `the expression nests deeper than ${limits.depth}`, "give parts names of their own");
    const result = inner();
    this.depth--;
    return result;
  }

  private sum(): Ast {
    return this.nested(() => {
      const at = this.token.at;
      const terms: { sign: 1 | -1; term: Ast }[] = [];
      let sign: 1 | -1 = 1;
      if (this.take("-")) sign = -1;
      else if (this.is("+")) this.fail("syntax", this.token.at, "a sum that starts with `+`", "leave the `+` out");
      do {
        terms.push({ sign, term: this.term() });
        sign = this.is("-") ? -1 : 1;
      } while (this.take("+") || this.take("-"));
      return terms.length === 1 && terms[0]!.sign === 1 ? terms[0]!.term : { type: "sum", terms, at };
    });
  }

  private term(): Ast {
    let a = this.chain();
    for (;;) {
      const at = this.token.at;
      if (this.take("*")) a = { type: "mul", a, b: this.chain(), at };
      else if (this.take("/")) {
        const b = this.power();
        if (this.startsFactor())
          this.fail("division", at, "a product after `/` can be read in two ways", "write `(a/b) c` or `a/(b c)`");
        a = { type: "div", a, b, at };
      } else return a;
    }
  }

  private startsFactor(): boolean {
    const { kind, text } = this.token;
    return kind === "name" || kind === "number" || (kind === "symbol" && text === "(");
  }

  private chain(): Ast {
    const at = this.token.at;
    const factors = [this.power()];
    while (this.startsFactor()) {
      if (this.token.kind === "number")
        this.fail("syntax", this.token.at, `the number ${this.token.text} stands after a factor`, "a number stands first in a product, or write `*`");
      factors.push(this.power());
    }
    return factors.length === 1 ? factors[0]! : { type: "chain", factors, at };
  }

  private power(): Ast {
    const base = this.postfix();
    const at = this.token.at;
    if (!this.take("^")) return base;
    const minus = this.token.at;
    const negative = this.take("-");
    let exponent = this.primary();
    if (negative) exponent = { type: "sum", terms: [{ sign: -1, term: exponent }], at: minus };
    if (this.is("^")) this.fail("syntax", this.token.at, "`a^b^c` can be read in two ways", "use parentheses");
    return { type: "power", base, exponent, at };
  }

  private postfix(): Ast {
    let a = this.primary();
    while (this.is("'")) {
      if (this.token.spaced) this.fail("syntax", this.token.at, "`'` stands apart", "attach `'` to what it transposes: `J'`");
      a = { type: "transpose", a, at: this.token.at };
      this.i++;
    }
    return a;
  }

  private primary(): Ast {
    const token = this.token;
    if (token.kind === "number") {
      this.i++;
      return { type: "number", value: Number(token.text), at: token.at };
    }
    if (token.kind === "name") return token.text in functions ? this.call() : this.named();
    if (this.take("(")) {
      const inner = this.sum();
      this.expect(")", "close the parenthesis");
      return inner;
    }
    return this.unexpected();
  }

  private unexpected(): never {
    const { text, at } = this.token;
    if (text === "-") this.fail("syntax", at, "`-` after an operator", "use parentheses: `a * (-b)`");
    if (text === "'") this.fail("syntax", at, "`'` stands apart", "attach `'` to what it transposes: `J'`");
    if (text === "[") this.fail("syntax", at, "an index that stands apart", "attach it to its name: `x[t-1]`");
    if (text === "=") this.fail("syntax", at, "a second `=` in a line", "write one line for each quantity");
    this.fail("syntax", at, `\`${text}\` cannot stand here`, "a number, a name, a function or a parenthesis can");
  }

  private call(): Ast {
    const { text: fn, at } = this.token;
    this.i++;
    if (!this.take("("))
      this.fail("function", at, `\`${fn}\` needs parentheses`, `write \`${fn}(x)\``);
    const args = [this.sum()];
    while (this.take(",")) args.push(this.sum());
    this.expect(")", `close the parenthesis of \`${fn}\``);
    if (args.length !== functions[fn])
      this.fail("function", at, `\`${fn}\` is given ${args.length} arguments`, "see the list of functions", `${functions[fn]}`);
    return { type: "call", fn, args, at };
  }

  private named(): Ast {
    const { text: name, at } = this.token;
    this.i++;
    if (this.is("(") && !this.token.spaced) {
      const like = closest(name, Object.keys(functions));
      const meant = name === "sigma" ? "; the logistic function is `sigmoid`" : like ? `; did you mean \`${like}(…)\`?` : "";
      const time = this.peek().text === "t" ? `, for a time \`${name}[t]\`, \`${name}[t-1]\`` : "";
      this.fail("function", at, `\`${name}\` is not a function`, `for a product write \`${name} (…)\`${time}${meant}`);
    }
    if (this.is("[")) {
      if (this.token.spaced) this.unexpected();
      return { type: "name", name, index: this.index(), at };
    }
    return { type: "name", name, at };
  }

  private index(): Index {
    const at = this.token.at;
    const bad = (): never =>
      this.fail("syntax", this.token.at, `\`${this.token.text}\` in an index`, "indices are `[t]`, `[t-1]`, `[t+1]`, `[0]`, `[-1]`, `[T-1]`", "t, T or an integer");
    this.expect("[", "open the index");
    const integer = (): number => {
      if (this.token.kind !== "number" || !/^\d+$/.test(this.token.text)) bad();
      const n = Number(this.token.text);
      if (n > 1e6) this.fail("limit", at, `an index of ${this.token.text} samples`, "use at most 1000000");
      this.i++;
      return n;
    };
    let index: Index;
    if (this.token.kind === "name" && (this.token.text === "t" || this.token.text === "T")) {
      const base = this.token.text;
      this.i++;
      index = { base, sign: 1, count: 0 };
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
    this.expect("]", "close the index");
    return index;
  }
}
