/**
 * What holds for every study: it is valid data, says its sizes and conventions, runs small, goes on after an
 * interruption to the same result, and its report opens with no network. Those under a minute are run whole.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { nodeHost } from "../../src/host/node.ts";
import { studies } from "../../src/studies/index.ts";
import type { Report } from "../../src/studies/report.ts";
import { runStudy } from "../../src/studies/runStudy.ts";
import { settingsOf } from "../../src/studies/study.ts";

const folder = mkdtempSync(join(tmpdir(), "nullcline-all-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = { host: nodeHost(), seed: 1, quiet: true, workers: 1, signal: new AbortController().signal } as const;
const text = (...path: string[]): string => readFileSync(join(folder, ...path), "utf8");

describe.each(Object.values(studies).map((study) => [study.name, study] as const))("%s", (name, study) => {
  const { fast, tiny, minutes, composition, settings } = study;
  const needsData = settings.data?.value === "";

  test("is valid data", () => {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(minutes).toBeGreaterThan(0);
    expect(composition).toMatch(/ · .+ · /);
    expect(study.description).toMatch(/[.)]$/);
    expect(Object.keys(settings).length).toBeGreaterThan(0);
    for (const { what } of Object.values(settings)) expect(what.length).toBeGreaterThan(3);
    // Throws where one names no setting or does not fit its kind.
    settingsOf(study, fast!.settings);
    settingsOf(study, tiny!);
    expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
  });

  test.skipIf(needsData)("runs with two iterations, states its sizes, and goes on to the same result", async () => {
    const { result } = await runStudy(study, { ...options, settings: tiny, out: join(folder, name) });
    expect(result.checks.length).toBeGreaterThan(0);
    expect(new Set(result.checks.map((c) => c.id)).size).toBe(result.checks.length);
    const report = JSON.parse(text(name, "analysis/report.json")) as Report;
    const blocks = report.sections.flatMap((section) => section.blocks);
    const equations = blocks.filter((block) => block.kind === "equations");
    expect(equations.some((block) => (block.parameters ?? []).some(({ shape }) => shape !== undefined))).toBe(true);
    expect(blocks.some((block) => block.kind === "figure")).toBe(true);
    const page = text(name, "report.html");
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/(src|href)="https?:[^"]*\.(js|css|png|svg|woff)/);

    // As a run is that was killed when all phases had ended.
    const cut = `${name}-cut`;
    cpSync(join(folder, name), join(folder, cut), { recursive: true });
    for (const file of ["result.json", "report.html", "analysis/report.json"]) rmSync(join(folder, cut, file));
    await runStudy(study, { ...options, resume: join(folder, cut) });
    expect(text(cut, "result.json")).toBe(text(name, "result.json"));
    // And as one that was killed in the last of them.
    const last = readdirSync(join(folder, name, "analysis")).filter((f) => f.endsWith(".safetensors"));
    if (last.length === 0) return;
    const killed = `${name}-killed`;
    cpSync(join(folder, name), join(folder, killed), { recursive: true });
    const kept = readdirSync(join(folder, name, "analysis")).map((f) => `analysis/${f}`);
    for (const file of ["result.json", "report.html", ...kept]) rmSync(join(folder, killed, file));
    await runStudy(study, { ...options, resume: join(folder, killed) });
    expect(text(killed, "result.json")).toBe(text(name, "result.json"));
  });

  test.skipIf(needsData || minutes === undefined || minutes >= 1)("holds, run whole", async () => {
    const { result } = await runStudy(study, { ...options, out: join(folder, `${name}-whole`) });
    expect(result.checks.filter((c) => c.verdict === "fail")).toEqual([]);
  });
});

test("no code outside src/studies knows a study by name", () => {
  const src = new URL("../../src/", import.meta.url).pathname;
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
    (f) => f.endsWith(".ts") && !f.startsWith("studies/"),
  );
  const names = Object.keys(studies).join("|");
  const known = new RegExp(`stud(y|ies|yNamed)\\W{0,8}["'./](${names})\\b`);
  expect(known.test('study === "flip-flop"') && known.test('from "../studies/context/index.ts"')).toBe(true);
  expect(files.filter((f) => known.test(readFileSync(join(src, f), "utf8")))).toEqual([]);
});
