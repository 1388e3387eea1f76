import { NullclineError } from "../base/errors.ts";

/** Where something stands in a text: line and column from 1, length in characters. */
export interface Place {
  line: number;
  column: number;
  length: number;
}

export type EquationErrorCode =
  | "character" | "syntax" | "function" | "division" | "left" | "name" | "reserved" | "twice" | "shape" | "matrix"
  | "open shape" | "cycle" | "order" | "time" | "initial" | "noise" | "integrator" | "limit" | "missing"; // biome-ignore format: a list

/** The lines of a text. */
export const rowsOf = (text: string): string[] => text.split(/\r?\n/);

/** A mistake in a text, with its place and a caret under it. */
export class EquationError extends NullclineError {
  readonly line: number;
  readonly column: number;
  readonly symbols: string[];

  constructor(
    code: EquationErrorCode,
    at: Place | undefined,
    facts: { given: string; expected?: string; remedy?: string; symbols?: string[] },
    source?: { name: string; text: string },
  ) {
    const name = source?.name ?? "equations";
    super({ code, ...facts, where: at ? `${name}:${at.line}:${at.column}` : name });
    this.name = "EquationError";
    this.line = at?.line ?? 0;
    this.column = at?.column ?? 0;
    this.symbols = facts.symbols ?? [];
    const lineText = at && source && rowsOf(source.text)[at.line - 1];
    if (at && lineText !== undefined) {
      // Tabs stay tabs, so that the caret stands below what it means.
      const caret = lineText.slice(0, at.column - 1).replace(/[^\t]/g, " ") + "^".repeat(Math.max(1, at.length));
      const said = [facts.expected && `expected ${facts.expected}`, facts.remedy].filter(Boolean).join("; ");
      this.message = `${name}:${at.line}:${at.column}  ${facts.given}\n  ${lineText}\n  ${caret}${said ? `\n${said}` : ""}`;
    }
  }
}
