/**
 * The report of a run: what any study fills in, and the HTML file made from it.
 *
 * The file is complete in itself: no request leaves it (a content security policy forbids all), it is readable offline, in light
 * and dark, on paper and on a phone. Every text in it is escaped. The same report gives the same bytes.
 */
import { type DrawOptions, figureDocument, figureStyle } from "../figures/draw.ts";
import type { Figure } from "../figures/figure.ts";
import { formatNumber, formatWithError } from "../figures/number.ts";
import { blockHtml } from "./blocks.ts";
import { html, type Markup, styleElement } from "./html.ts";
import { reportStyle } from "./style.ts";

export interface Report {
  title: string;
  /** One sentence: what was done and found. */
  verdict: string;
  /** A few sentences more; paragraphs are apart by empty lines. */
  summary?: string;
  checks: Check[];
  sections: Section[];
  run: RunFacts;
  /** What the reader should know before believing the rest. */
  warnings?: string[];
}

/** One row of *what the paper reports / what this run measured*. */
export interface Check {
  id: string;
  /** What is measured, in words. */
  what: string;
  /** The paper's value, as it gives it. */
  paper?: string;
  /** Where the paper's value is from. */
  source?: string;
  /** What must hold, e.g. `≥ 0.77`; absent where the value is only shown. */
  criterion?: string;
  /** The criterion is this project's, not the paper's. */
  ours?: boolean;
  measured: number | string;
  unit?: string;
  /** Number of trials, networks or points behind `measured`. */
  n?: number;
  standardError?: number;
  verdict: "pass" | "fail" | "shown";
}

export interface Section {
  title: string;
  blocks: Block[];
}

export type Block =
  | { kind: "text"; text: string }
  /** `lead`: the one that stands for the study in the gallery of results. */
  | { kind: "figure"; figure: Figure; lead?: boolean }
  | { kind: "table"; caption?: string; columns: string[]; rows: (string | number | null)[][] }
  | { kind: "equations"; equations: Equation[]; source?: string; parameters?: ParameterRow[] }
  | { kind: "list"; items: string[]; ordered?: boolean }
  | { kind: "command"; command: string; output?: string }
  | { kind: "warning"; text: string };

export interface Equation {
  /** As the user wrote it; shown where there is no MathML. */
  text: string;
  mathml?: string;
}

export interface ParameterRow {
  symbol: string;
  /** The symbol as MathML. */
  mathml?: string;
  value: number | string;
  unit?: string;
  shape?: string;
  /** free, pinned or bounded. */
  tag?: string;
}

export interface RunFacts {
  /** The command that does the same again. */
  command: string;
  seed: number;
  version: string;
  /** E.g. `relaxed` or `strict`. */
  simd?: string;
  /** E.g. `Node 20.20.2`. */
  runtime?: string;
  processor?: string;
  /** Anything else: duration, settings, hashes. */
  more?: Record<string, string | number>;
}

/**
 * The report as one HTML file.
 *
 * @param options `document`: to draw the figures in. Default: the browser's, or `linkedom`'s.
 * @throws NullclineError where a figure's layers and axes do not fit.
 */
export async function renderReport(report: Report, options: Partial<DrawOptions> = {}): Promise<string> {
  const document = options.document ?? (await figureDocument());
  const sections = report.sections.map((section) => ({ ...section, id: "" }));
  const ids = new Set(["checks", "reproduce"]);
  for (const section of sections) section.id = freshId(section.title, ids);
  let figures = 0;
  const body = sections.map(
    ({ id, title, blocks }) => html`
<section id="${id}">
<h2>${title}</h2>
${blocks.map((block) => blockHtml(block, document, block.kind === "figure" ? ++figures : 0))}
</section>`,
  );
  const compared = report.checks.some((check) => check.paper !== undefined);
  const contents = [
    report.checks.length > 0 && html`<li><a href="#checks">${compared ? "Paper and run" : "This run"}</a></li>`,
    ...sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`),
    html`<li><a href="#reproduce">How to reproduce</a></li>`,
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${report.title}</title>
${styleElement(figureStyle() + reportStyle)}
</head>
<body>
<header>
<h1>${report.title}</h1>
<p class="verdict">${report.verdict}</p>
${tally(report.checks)}
</header>
<div class="columns">
<nav aria-label="Contents"><ol>${contents}</ol></nav>
<main>
${report.summary !== undefined && blockHtml({ kind: "text", text: report.summary }, document, 0)}
${(report.warnings ?? []).map((text) => blockHtml({ kind: "warning", text }, document, 0))}
${report.checks.length > 0 && checksHtml(report.checks, compared)}
${body}
${reproduceHtml(report.run)}
</main>
</div>
</body>
</html>
`.markup;
}

const VERDICTS = { pass: ["✓", "holds"], fail: ["✗", "fails"], shown: ["·", "shown"] } as const;

/** Columns that would be empty are left out. */
function checksHtml(checks: Check[], paper: boolean): Markup {
  const required = checks.some((check) => check.criterion !== undefined);
  const notes = [
    checks.some((check) => check.standardError !== undefined) && "Values after ± are standard errors.",
    checks.some((check) => check.ours) &&
      `“Our criterion” marks what this project requires${paper ? " and the paper does not state" : ""}.`,
    required && "“Shown” is measured without a requirement.",
  ].filter((note) => note !== false);
  return html`
<section id="checks">
<h2>${paper ? "What the paper reports, what this run measured" : "What this run measured"}</h2>
<div class="scroll"><table class="checks">
<thead><tr><th scope="col">Quantity</th>${paper && html`<th scope="col">Paper</th>`}${required && html`<th scope="col">Required</th>`}<th scope="col">This run</th><th scope="col">n</th>${required && html`<th scope="col">Verdict</th>`}</tr></thead>
<tbody>${checks.map((check) => checkRow(check, paper, required))}</tbody>
</table></div>
${notes.length > 0 && html`<p class="note">${notes.join(" ")}</p>`}
</section>`;
}

function checkRow(check: Check, paper: boolean, required: boolean): Markup {
  const { measured, standardError, unit } = check;
  const value =
    typeof measured === "string"
      ? measured
      : standardError === undefined
        ? formatNumber(measured)
        : formatWithError(measured, standardError);
  const [sign, word] = VERDICTS[check.verdict];
  const source = check.paper !== undefined && check.source && html`<span class="source">${check.source}</span>`;
  return html`
<tr class="${check.verdict}" id="check-${check.id}"><th scope="row">${check.what}</th>${paper && html`<td data-label="Paper">${check.paper ?? "–"}${source}</td>`}${required && html`<td data-label="Required">${check.criterion ?? "–"}${check.ours && html`<span class="source">our criterion</span>`}</td>`}<td${value.length < 24 && html` class="number"`} data-label="This run">${value}${unit && (unit === "°" ? unit : `\u202f${unit}`)}</td><td class="number" data-label="n">${check.n === undefined ? "–" : formatNumber(check.n)}</td>${required && html`<td class="mark" data-label="Verdict"><span aria-hidden="true">${sign}</span> ${word}</td>`}</tr>`;
}

function tally(checks: Check[]): Markup | undefined {
  const required = checks.filter((check) => check.verdict !== "shown");
  if (required.length === 0) return undefined;
  const passed = required.filter((check) => check.verdict === "pass").length;
  const all = passed === required.length;
  return html`<p class="tally ${all ? "pass" : "fail"}"><span aria-hidden="true">${all ? "✓" : "✗"}</span> ${passed} of ${required.length} checks hold</p>`;
}

function reproduceHtml(run: RunFacts): Markup {
  const facts: [string, string | number | undefined][] = [
    ["seed", run.seed],
    ["nullcline", run.version],
    ["SIMD", run.simd],
    ["runtime", run.runtime],
    ["processor", run.processor],
    ...Object.entries(run.more ?? {}),
  ];
  const known = facts.filter(([, value]) => value !== undefined);
  return html`
<section id="reproduce">
<h2>How to reproduce</h2>
<pre class="command"><code>${run.command}</code></pre>
<dl>${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

/** An id made from a title, unlike all before. */
function freshId(title: string, taken: Set<string>): string {
  const slug =
    title
      .toLowerCase()
      .normalize("NFKD")
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "") || "section";
  let id = slug;
  for (let i = 2; taken.has(id); i++) id = `${slug}-${i}`;
  taken.add(id);
  return id;
}
