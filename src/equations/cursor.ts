/** A position in the tokens of one line, and the places and errors that belong to it. */
import { EquationError, type EquationErrorCode, type Place } from "./errors.ts";
import type { Token } from "./tokens.ts";

export interface RowedSource {
  name: string;
  text: string;
  rows: string[];
}

export class Cursor {
  protected i = 0;
  protected readonly tokens: Token[];
  protected readonly source: RowedSource;

  constructor(tokens: Token[], source: RowedSource) {
    this.tokens = tokens;
    this.source = source;
  }

  protected fail(code: EquationErrorCode, at: Place, given: string, remedy: string, expected?: string): never {
    throw new EquationError(code, at, { given, remedy, expected }, this.source);
  }
  protected get token(): Token {
    return this.tokens[this.i]!;
  }
  protected get ended(): boolean {
    return this.token.kind === "end";
  }
  protected peek(k = 1): Token {
    return this.tokens[Math.min(this.i + k, this.tokens.length - 1)]!;
  }
  protected is(symbol: string): boolean {
    return this.token.kind === "symbol" && this.token.text === symbol;
  }
  protected take(symbol: string): boolean {
    if (!this.is(symbol)) return false;
    this.i++;
    return true;
  }
  protected expect(symbol: string, remedy: string): void {
    if (this.take(symbol)) return;
    const given = this.ended ? "the line ends here" : `\`${this.token.text}\` stands here`;
    this.fail("syntax", this.token.at, given, remedy, `\`${symbol}\``);
  }

  /** From `start` to the last token taken, or to the end of its row. */
  protected span(start: Place, last = this.tokens[this.i - 1]!.at): Place {
    const end =
      last.line === start.line ? last.column + last.length : this.source.rows[start.line - 1]!.trimEnd().length + 1;
    return { ...start, length: Math.max(1, end - start.column) };
  }
  protected shown({ line, column, length }: Place): string {
    return this.source.rows[line - 1]!.slice(column - 1, column - 1 + length);
  }
}
