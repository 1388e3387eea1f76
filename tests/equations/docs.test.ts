/** What docs/language.md says is true: its texts are networks, its errors are the errors. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EquationError } from "../../src/equations/errors.ts";
import { modelOf } from "../../src/equations/model.ts";
import { functions } from "../../src/equations/syntax.ts";
import { limits } from "../../src/equations/tokens.ts";
import { declare } from "./declare.ts";

const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");

describe("docs/language.md", () => {
  const texts = [...page.matchAll(/^```equations\n# (.*)\n([^`]*(?:`[^`]+`[^`]*)*?)^```$/gm)].map(
    (m) => [m[1]!, m[2]!] as const,
  );
  it("has texts", () => expect(texts.length).toBeGreaterThan(5));
  it.each(texts)("%s", (table, text) => {
    expect(modelOf(declare(text, table)).warnings).toEqual([]);
  });

  const table = "J[N,N] B[N,I] b[N] tau sigma a";
  const rows = [...page.matchAll(/^\| ([a-z ]+) \| `(.+)` \| (.+) \|$/gm)]
    .map((m) => [m[1]!, m[2]!.split("` | ")[0]!, m[0]] as const)
    .filter(([code]) => code !== "code" && code !== "per step" && code !== "inside the transfer");
  it("shows every code", () => {
    const codes = [
      "character",
      "syntax",
      "function",
      "division",
      "left",
      "name",
      "reserved",
      "twice",
      "shape",
      "matrix",
      "open shape",
      "cycle",
      "order",
      "time",
      "initial",
      "noise",
      "integrator",
      "limit",
    ];
    expect([...new Set(rows.map(([code]) => code))].filter((code) => codes.includes(code)).sort()).toEqual(
      [...codes].sort(),
    );
    expect(page).toContain(table);
  });
  it.each(rows)("%s: %s", (code, text, row) => {
    let error: unknown;
    try {
      modelOf(declare(text, table, { dt: 0.5, ...(code === "integrator" && { integrator: "rk4" }) }));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(EquationError);
    const { given, expected, remedy } = (error as EquationError).facts;
    const said = [given, expected && `expected ${expected}`, remedy].filter(Boolean).join("; ");
    expect(row).toBe(`| ${code} | \`${text}\` | ${said} |`);
    expect((error as EquationError).code).toBe(code);
  });

  it("names every function and every limit", () => {
    for (const name of Object.keys(functions)) expect(page).toMatch(new RegExp(`\`${name}[\`(]`));
    for (const n of Object.values(limits))
      expect(page).toContain(n === 64 * 1024 ? "64 KiB" : n >= 10_000 ? n.toLocaleString("en") : String(n));
  });
  it("prints an error as it is printed", () => {
    const [, shown] = /```text\n(rate\.eq[^`]*`[\s\S]*?)```/.exec(page)!;
    expect(() => modelOf(declare("dx/dt = -x + B r + B u; r = tanh(x)", table, { name: "rate.eq" }))).toThrow(
      shown!.trim(),
    );
  });
});
