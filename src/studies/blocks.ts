/** Each kind of block of a report as HTML. */
import { type DataRow, dataRows, figureJson } from "../figures/data.ts";
import { drawParts } from "../figures/draw.ts";
import { axisTitle, type Figure, type Panel } from "../figures/figure.ts";
import { formatNumber } from "../figures/number.ts";
import { dataBlock, drawnSvg, html, type Markup, mathml } from "./html.ts";
import type { Block, Equation, ParameterRow } from "./report.ts";

/** Rows of a figure's table that are printed; the rest is in the data block beside it. */
const PRINTED_ROWS = 24;

/** The block as HTML. `number` counts the figures. */
export function blockHtml(block: Block, document: Document, number: number): Markup {
  switch (block.kind) {
    case "text":
      return html`${block.text.split(/\n\s*\n/).map((paragraph) => html`<p>${paragraph.trim()}</p>`)}`;
    case "figure":
      return figureHtml(block.figure, document, number);
    case "table":
      return tableHtml(block.columns, block.rows, block.caption);
    case "equations":
      return html`<div class="equations">${block.equations.map(equationHtml)}</div>
${block.source !== undefined && html`<p class="note">Source: ${block.source}</p>`}
${block.parameters && parametersHtml(block.parameters)}`;
    case "list": {
      const items = block.items.map((item) => html`<li>${item}</li>`);
      return block.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case "command":
      return html`<pre class="command"><code>${block.command}</code></pre>
${block.output !== undefined && html`<pre class="output"><code>${block.output}</code></pre>`}`;
    case "warning":
      return html`<p class="warning"><strong>Note</strong> ${block.text}</p>`;
  }
}

function figureHtml(figure: Figure, document: Document, number: number): Markup {
  const id = `figure-${number}`;
  const parts = drawParts(figure, { document, id });
  const legend = parts.legend.map(({ key, name }) => html`<li>${drawnSvg(key)} ${name}</li>`);
  const panels = parts.panels.map(
    ({ svg, width }) => html`<div class="panel${width > 480 && " wide"}">${drawnSvg(svg)}</div>`,
  );
  return html`
<figure id="${id}">
<h3>${figure.title}</h3>
${legend.length > 0 && html`<ul class="legend">${legend}</ul>`}
<div class="panels" style="--columns:${parts.columns}" role="img" aria-label="${parts.description}">${panels}</div>
<figcaption><b>Figure ${number}.</b> ${figure.caption}</figcaption>
${dataHtml(figure)}
${dataBlock(`${id}-data`, figureJson(figure))}
</figure>`;
}

/** The table behind a figure: all rows of a small one, else evenly chosen rows of each series. */
function dataHtml(figure: Figure): Markup {
  const tables = figure.panels.map((panel) => {
    const rows = dataRows(panel);
    const kept = sample(rows);
    return { panel, kept, total: rows.length };
  });
  const total = tables.reduce((n, { total }) => n + total, 0);
  if (total === 0) return html``;
  return html`<details><summary>Data (${formatNumber(total)} rows)</summary>
${tables.map(({ panel, kept, total }) => html`${kept.length < total && html`<p class="note">${panel.title && `${panel.title}: `}${kept.length} of ${formatNumber(total)} rows, evenly chosen; all are in this file as JSON.</p>`}${dataTable(panel, kept)}`)}
</details>`;
}

function dataTable(panel: Panel, rows: DataRow[]): Markup {
  const errors = rows.some((row) => row.error !== undefined);
  const series = rows.some((row) => row.series !== "");
  const heat = rows.some((row) => row.value !== undefined);
  const columns = [
    ...(series ? ["series"] : []),
    axisTitle(panel.x),
    axisTitle(panel.y),
    ...(errors ? ["± error"] : []),
    ...(heat ? ["value"] : []),
  ];
  const cells = rows.map((row) => [
    ...(series ? [row.series] : []),
    row.x,
    row.y,
    ...(errors ? [row.error ?? null] : []),
    ...(heat ? [row.value ?? null] : []),
  ]);
  return tableHtml(columns, cells, panel.title);
}

/** Evenly chosen rows of each series, first and last included. */
function sample(rows: DataRow[]): DataRow[] {
  if (rows.length <= PRINTED_ROWS) return rows;
  const series = new Map<string, DataRow[]>();
  for (const row of rows) {
    const own = series.get(row.series);
    if (own) own.push(row);
    else series.set(row.series, [row]);
  }
  const each = Math.max(3, Math.floor(PRINTED_ROWS / series.size));
  return [...series.values()].slice(0, PRINTED_ROWS).flatMap((own) => {
    if (own.length <= each) return own;
    return Array.from({ length: each }, (_, i) => own[Math.round((i * (own.length - 1)) / (each - 1))]!);
  });
}

function tableHtml(columns: string[], rows: (string | number | null)[][], caption?: string): Markup {
  return html`<div class="scroll"><table>
${caption !== undefined && caption !== "" && html`<caption>${caption}</caption>`}
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cellHtml)}</tr>\n`)}</tbody>
</table></div>`;
}

function cellHtml(value: string | number | null): Markup {
  if (typeof value === "number") return html`<td class="number">${formatNumber(value, 4)}</td>`;
  return html`<td>${value ?? "–"}</td>`;
}

function equationHtml(equation: Equation): Markup {
  const formula = equation.mathml === undefined ? undefined : mathml(equation.mathml);
  return html`<div class="equation">${formula ?? html`<code>${equation.text}</code>`}</div>`;
}

function parametersHtml(parameters: ParameterRow[]): Markup {
  const rows = parameters.map((p) => {
    const symbol = (p.mathml === undefined ? undefined : mathml(p.mathml)) ?? html`<i>${p.symbol}</i>`;
    const value = typeof p.value === "number" ? formatNumber(p.value, 6) : p.value;
    return html`<tr><th scope="row">${symbol}</th><td>${value}</td><td>${p.unit ?? ""}</td><td>${p.shape ?? "scalar"}</td><td>${p.tag ?? ""}</td></tr>\n`;
  });
  return html`<div class="scroll"><table class="parameters">
<thead><tr><th scope="col">Symbol</th><th scope="col">Value</th><th scope="col">Unit</th><th scope="col">Shape</th><th scope="col">Tag</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}
