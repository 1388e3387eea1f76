/**
 * Results of studies as small files, and the gallery made from them. Nothing in the gallery is typed: it is `docs/results.md`
 * and a page a study, written again from the records by `npm run results`.
 */
import { z } from "zod";
import type { Figure } from "../figures/figure.ts";
import { formatNumber, formatWithError } from "../figures/number.ts";
import { checkedBy, checkSchema, type RunResult } from "../formats/runSchemas.ts";
import type { Report } from "./report.ts";
import type { Study } from "./study.ts";

const recordSchema = z.object({
  study: z.string(),
  seed: z.number().int(),
  command: z.string(),
  /** Of the study's source and the package's version: a record of another is not current. */
  fingerprint: z.string(),
  status: z.enum(["passed", "failed"]),
  verdict: z.string(),
  checks: z.array(checkSchema),
  equations: z.array(z.string()),
  wallSeconds: z.number(),
  /** All threads together. */
  cpuSeconds: z.number(),
  versions: z.record(z.string(), z.string()),
  runtime: z.string(),
  processor: z.string(),
  /** Title and caption of the figure beside the record, `NAME-light.svg` and `NAME-dark.svg`. */
  figure: z.object({ title: z.string(), caption: z.string() }).nullable(),
});

/** `docs/results/NAME.json`. */
export type ResultRecord = z.infer<typeof recordSchema>;

/** @throws NullclineError where the file is no record */
export const resultRecord = (data: unknown, file: string): ResultRecord => checkedBy(recordSchema, data, file);

/** A finished run as a record, and the figure to draw beside it: the one marked `lead`, else the first. */
export function recordOf(
  { study, seed, status, checks }: RunResult,
  report: Report,
  facts: Pick<ResultRecord, "fingerprint" | "wallSeconds" | "cpuSeconds">,
): { record: ResultRecord; figure: Figure | undefined } {
  const blocks = report.sections.flatMap((section) => section.blocks);
  const figures = blocks.filter((block) => block.kind === "figure");
  const figure = (figures.find((block) => block.lead) ?? figures[0])?.figure;
  return {
    record: {
      study,
      seed,
      command: report.run.command,
      status,
      verdict: report.verdict,
      checks,
      equations: blocks.flatMap((block) => (block.kind === "equations" ? block.equations.map((e) => e.text) : [])),
      ...facts,
      versions: { nullcline: report.run.version },
      runtime: report.run.runtime ?? "",
      processor: report.run.processor ?? "",
      figure: figure ? { title: figure.title, caption: figure.caption ?? "" } : null,
    },
    figure,
  };
}

const judged = (record: ResultRecord): string => {
  const required = record.checks.filter((c) => c.verdict !== "shown");
  return `${required.filter((c) => c.verdict === "pass").length} of ${required.length}`;
};
const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${formatNumber(Math.round(seconds / 6) / 10)} min`;
/** A cell of a Markdown table. */
const cell = (text: string): string =>
  text
    .replace(/\\/g, "\\\\")
    .replace(/\|/g, "\\|")
    .replace(/\s*\n\s*/g, " ");
const row = (...cells: string[]): string => `| ${cells.map(cell).join(" | ")} |`;
const made = "<!-- Made by `npm run results`. Do not edit. -->";

/** `docs/results.md`: every study, with the checks of its last run; one that was not run says so. */
export function galleryIndex(studies: readonly Study[], records: ReadonlyMap<string, ResultRecord>): string {
  const run = [...studies].filter(({ name }) => records.has(name)).length;
  return [
    made,
    "",
    "# Results",
    "",
    `Each system is one file in [src/studies](../src/studies). ${run} of ${studies.length} studies have been run; a check that fails stays in the table as failing.`,
    "",
    row("study", "what", "checks that hold", "time"),
    "| --- | --- | --- | --- |",
    ...studies.map(({ name, description, minutes }) => {
      const record = records.get(name);
      return record
        ? row(`[${name}](results/${name}.md)`, description, judged(record), duration(record.wallSeconds))
        : row(name, description, "not run", minutes === undefined ? "" : `about ${minutes} min on 2 cores`);
    }),
    "",
  ].join("\n");
}

/** `docs/results/NAME.md`: figure, composition, paper against measured, equations, how to make it again. */
export function galleryPage(study: Study, record: ResultRecord): string {
  const { figure, checks } = record;
  const mark = { pass: "✓", fail: "✗", shown: "" } as const;
  const measured = (c: ResultRecord["checks"][number]): string => {
    if (typeof c.measured === "string") return c.measured;
    const value = c.standardError === null ? formatNumber(c.measured) : formatWithError(c.measured, c.standardError);
    return `${value}${c.n === null ? "" : ` (n = ${c.n})`}`;
  };
  return [
    made,
    "",
    `# ${study.title}`,
    "",
    record.verdict,
    "",
    ...(study.composition ? [`**Composition:** ${study.composition}.`, ""] : []),
    ...(figure
      ? [
          "<picture>",
          `  <source media="(prefers-color-scheme: dark)" srcset="${study.name}-dark.svg">`,
          `  <img src="${study.name}-light.svg" alt="${figure.title.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;")}">`,
          "</picture>",
          "",
          ...(figure.caption ? [figure.caption, ""] : []),
        ]
      : []),
    row("", "what", "paper", "criterion", "measured"),
    "| --- | --- | --- | --- | --- |",
    ...checks.map((c) =>
      row(
        mark[c.verdict],
        c.what,
        c.paper === null ? "" : `${c.paper}${c.source ? ` (${c.source})` : ""}`,
        c.criterion === "" ? "" : `${c.criterion}${c.ours ? " (ours)" : ""}`,
        measured(c),
      ),
    ),
    "",
    ...record.equations.flatMap((text) => ["```text", text.trim(), "```", ""]),
    "Again:",
    "",
    "```sh",
    record.command,
    "```",
    "",
    `${duration(record.wallSeconds)} (${duration(record.cpuSeconds)} of CPU) on ${record.processor}, ${record.runtime}, nullcline ${record.versions.nullcline}.`,
    "",
  ].join("\n");
}
