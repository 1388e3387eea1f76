/** Text to tokens. Characters typed by hand (Greek, ⊙, ᵀ, −) are replaced on the way. */
import { EquationError, type Place, rowsOf } from "./errors.ts";

export interface Token {
  kind: "name" | "number" | "symbol" | "end";
  text: string;
  at: Place;
  /** Whether white space (or the start of a line) stands before it. */
  spaced: boolean;
}

const greek: Record<string, string> = {
  α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", ζ: "zeta", η: "eta", θ: "theta", ι: "iota", κ: "kappa",
  λ: "lambda", μ: "mu", ν: "nu", ξ: "xi", ο: "omicron", π: "pi", ρ: "rho", σ: "sigma", τ: "tau", υ: "upsilon", φ: "phi",
  ϕ: "phi", χ: "chi", ψ: "psi", ω: "omega", Γ: "Gamma", Δ: "Delta", Θ: "Theta", Λ: "Lambda", Ξ: "Xi", Π: "Pi", Σ: "Sigma",
  Φ: "Phi", Ψ: "Psi", Ω: "Omega", ς: "sigma", ϵ: "epsilon", µ: "mu",
}; // biome-ignore format: a table
export const greekNames = new Set(Object.values(greek));
const replaced: Record<string, string> = { "⊙": "*", "∘": "*", "·": "*", ᵀ: "'", "−": "-", "’": "'" };

/**
 * `depth` of parentheses, `tree` of operations in each other, `factors` side by side, `samples` of an index or a delay,
 * `expansions` of intermediates read at other samples.
 */
export const limits = {
  bytes: 64 * 1024,
  lines: 1000,
  depth: 64,
  tree: 256,
  factors: 64,
  samples: 10_000,
  expansions: 20_000,
};

const isLetter = (c: string): boolean => /^[A-Za-z]$/.test(c) || Object.hasOwn(greek, c);
const isSpace = (c: string): boolean => c === " " || c === "\t" || c === "\u00a0" || c === "\ufeff";
const isDigit = (c: string): boolean => c >= "0" && c <= "9";

/** The lines of a text, each as tokens with an `end` token last. A line goes on inside parentheses or before `+ - * /`. */
export function tokenLines(text: string, name = "equations"): Token[][] {
  const source = { name, text };
  const fail = (
    code: "character" | "limit" | "syntax",
    at: Place | undefined,
    given: string,
    remedy: string,
  ): never => {
    throw new EquationError(code, at, { given, remedy }, source);
  };
  if (text.length > limits.bytes)
    fail("limit", undefined, `the text has ${text.length} characters`, `at most ${limits.bytes} are read`);
  const rows = rowsOf(text);
  if (rows.length > limits.lines)
    fail("limit", undefined, `the text has ${rows.length} lines`, `at most ${limits.lines} are read`);

  const lines: Token[][] = [];
  let line: Token[] = [];
  let depth = 0;
  const finish = (): void => {
    const last = line[line.length - 1]?.at;
    if (last) {
      const at = { line: last.line, column: last.column + last.length, length: 1 };
      lines.push([...line, { kind: "end", text: "end of line", at, spaced: true }]);
    }
    line = [];
    depth = 0;
  };
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!;
    let i = 0;
    let spaced = true;
    const push = (kind: Token["kind"], word: string, from: number): void => {
      line.push({ kind, text: word, at: { line: r + 1, column: from + 1, length: Math.max(1, i - from) }, spaced });
      spaced = false;
    };
    const first = row.trimStart().replace("−", "-")[0];
    if (depth === 0 && first !== undefined && !"+-*/⊙∘·#".includes(first)) finish();
    while (i < row.length) {
      const from = i;
      const c = row[i]!;
      if (c === "#") break;
      if (isSpace(c)) {
        i++;
        spaced = true;
      } else if (isLetter(c)) {
        let word = "";
        for (; i < row.length && (isLetter(row[i]!) || isDigit(row[i]!) || row[i] === "_"); i++)
          word += greek[row[i]!] ?? row[i]!;
        push("name", word, from);
      } else if (isDigit(c) || (c === "." && isDigit(row[i + 1] ?? ""))) {
        while (isDigit(row[i] ?? "")) i++;
        if (row[i] === ".") for (i++; isDigit(row[i] ?? ""); ) i++;
        if (/^e[+-]?\d/.test(row.slice(i))) for (i += 2; isDigit(row[i] ?? ""); ) i++;
        const number = row.slice(from, i);
        const here = { line: r + 1, column: from + 1, length: i - from };
        const word = /^[\p{L}_][\p{L}\w]*/u.exec(row.slice(i))?.[0];
        if (word !== undefined)
          fail(
            "syntax",
            { ...here, length: here.length + word.length },
            `the number ${number} runs into a name`,
            `write a space after the number ${number}: \`${number} ${word}\``,
          );
        if (!Number.isFinite(Number(number)))
          fail("limit", here, `the number ${number} is too large`, "the largest is about 1.8e308");
        push("number", number, from);
      } else {
        const symbol = replaced[c] ?? c;
        const here = { line: r + 1, column: i + 1, length: 1 };
        if (!"+-*/^'()[],=;".includes(symbol)) {
          const whole = String.fromCodePoint(row.codePointAt(i)!);
          const remedy = "{}".includes(c)
            ? "write an index as `h[t+1]`"
            : "the language knows + - * / ^ ' ( ) [ ] , = ; #";
          fail("character", { ...here, length: whole.length }, `\`${whole}\` is not part of the language`, remedy);
        }
        i++;
        if (symbol === "(" || symbol === "[") depth++;
        if (symbol === ")" || symbol === "]") depth = Math.max(0, depth - 1);
        if (depth > limits.depth)
          fail("limit", here, `parentheses nest deeper than ${limits.depth}`, "give parts names of their own");
        if (symbol === ";") finish();
        else push("symbol", symbol, from);
      }
    }
  }
  finish();
  return lines;
}
