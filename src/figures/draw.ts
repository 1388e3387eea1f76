/** A figure as SVG. */
import { cssColor, paletteStyle, resolveColors, type Theme } from "./color.ts";
import { checkFigure, describe } from "./data.ts";
import type { Figure, Panel } from "./figure.ts";
import { type Frame, layOut } from "./frame.ts";
import { type LegendEntry, legendEntries } from "./legend.ts";
import { panelMarkup } from "./panel.ts";
import { domains, laneRanges } from "./range.ts";
import { escapeText, SIZE, textWidth, wrapText } from "./text.ts";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const GAP = 24;

/** The parts of a figure, for a page that lays them out itself. All markup is safe to insert as it is. */
export interface FigureParts {
  /** One complete `<svg>` per panel. Colours are variables: the page needs `figureStyle()` once. */
  panels: { svg: string; width: number; height: number }[];
  /** Keys as complete `<svg>`s of 24 × 12 pixels with their names (plain text, not yet escaped). */
  legend: LegendEntry[];
  /** The sentence for screen readers, plain text. */
  description: string;
  /** Panels side by side. */
  columns: number;
}

export interface DrawOptions {
  /** The browser's document, or `await figureDocument()`. */
  document: Document;
  /** Unique on the page; letters, digits and hyphens. Default `figure`. */
  id?: string;
  /** Of the whole figure, in pixels. Default 748. */
  width?: number;
}

/**
 * A document to draw in: the browser's own, elsewhere one of `linkedom`.
 */
export async function figureDocument(): Promise<Document> {
  if (globalThis.document) return globalThis.document;
  const { parseHTML } = await import("linkedom");
  return parseHTML("<!doctype html><html><body></body></html>").document as unknown as Document;
}

/** Style of all figures of a page: the palette on light and on dark paper. */
export function figureStyle(): string {
  return `.nc{${paletteStyle("light")}}@media (prefers-color-scheme:dark){.nc{${paletteStyle("dark")}}}`;
}

/** Draws the panels and the legend's keys one by one. @throws NullclineError where layers and axes do not fit */
export function drawParts(figure: Figure, options: DrawOptions): FigureParts {
  const { frames, columns } = layOutFigure(figure, options.width ?? 748);
  const id = options.id ?? "figure";
  return {
    panels: frames.map((frame, i) => ({
      svg: svg(frame.width, frame.height, panelMarkup(frame, options.document, `${id}-${i}`), 'aria-hidden="true"'),
      width: frame.width,
      height: frame.height,
    })),
    legend: legendEntries(frames, options.document).map(({ name, key }) => ({
      name,
      key: svg(24, 12, key, 'aria-hidden="true"'),
    })),
    description: describe(figure),
    columns,
  };
}

/**
 * Draws a figure as one complete SVG file with title and legend.
 *
 * @param options `theme`: `auto` (default) holds the colours of both light and dark paper and follows the reader's setting;
 *   `light` and `dark` write colours out, for programs that know no style sheets.
 * @returns the same bytes for the same figure.
 * @throws NullclineError where layers and axes do not fit
 */
export function drawFigure(figure: Figure, options: DrawOptions & { theme?: Theme | "auto" }): string {
  const theme = options.theme ?? "auto";
  const { frames, columns } = layOutFigure(figure, options.width ?? 748);
  const rows = Array.from({ length: Math.ceil(frames.length / columns) }, (_, r) =>
    frames.slice(r * columns, (r + 1) * columns),
  );
  const width = Math.max(320, ...rows.map((row) => row.reduce((sum, frame) => sum + frame.width + GAP, -GAP)));
  const id = options.id ?? "figure";
  const margin = 16;
  let y = margin;
  const body: string[] = [];
  for (const line of wrapText(figure.title, 16, width)) {
    body.push(text(line, margin, (y += 20) - 5, 16, "ink", ' font-weight="600"'));
  }
  y += 10;
  let x = margin;
  const entries = legendEntries(frames, options.document);
  entries.forEach(({ name, key }, i) => {
    const wide = 30 + textWidth(name, SIZE.label) + 18;
    if (i > 0 && x + wide > width + margin) {
      x = margin;
      y += 20;
    }
    body.push(`<g transform="translate(${round(x)},${y})">${key}${text(name, 30, 10, SIZE.label, "ink")}</g>`);
    x += wide;
  });
  if (entries.length > 0) y += 28;
  rows.forEach((row, r) => {
    row.forEach((frame, column) => {
      const at = margin + column * (frame.width + GAP);
      const inside = panelMarkup(frame, options.document, `${id}-${r * columns + column}`);
      body.push(`<g transform="translate(${at},${y})" text-anchor="middle">${inside}</g>`);
    });
    y += Math.max(...row.map((frame) => frame.height)) + 18;
  });
  const paper = `<rect width="100%" height="100%" fill="${cssColor("paper")}"/>`;
  const style = theme === "auto" ? `<style>${figureStyle()}</style>` : "";
  const label = `role="img" aria-label="${escapeText(describe(figure))}"`;
  const drawing = svg(width + 2 * margin, y, style + paper + body.join(""), label);
  return theme === "auto" ? drawing : resolveColors(drawing, theme);
}

function layOutFigure(figure: Figure, width: number): { frames: Frame[]; columns: number } {
  checkFigure(figure);
  const least = figure.panels.some((panel) => panel.y.lanes || panel.y.categories) ? 290 : 210;
  const fitting = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const columns = Math.max(1, Math.min(figure.columns ?? 3, figure.panels.length, fitting));
  const alone = columns === 1;
  const full = Math.floor((width - GAP * (columns - 1)) / columns);
  const limits = domains(figure);
  const lanes = laneRanges(figure);
  const frames = figure.panels.map((panel, i) =>
    layOut(panel, alone ? Math.min(full, enough(panel)) : full, limits[i]!, lanes, alone),
  );
  return { frames, columns };
}

/** A width beyond which a panel of its own only grows: squares, and few bars. */
function enough(panel: Panel): number {
  if (panel.equal || (panel.aspect ?? 0) > 0.55) return 460;
  const bars = panel.layers.filter((layer) => layer.kind === "bars").length;
  if (bars > 0 && panel.y.categories) return 600;
  return bars > 0 && panel.x.categories ? Math.max(320, 120 + 80 * bars * panel.x.categories.length) : 1e4;
}

function svg(width: number, height: number, inside: string, attributes: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="nc" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="${FONT}" font-size="11" fill="currentColor" text-anchor="middle" ${attributes}>${inside}</svg>`
  );
}

function text(content: string, x: number, y: number, size: number, color: "ink" | "muted", more = ""): string {
  const place = `x="${round(x)}" y="${y}" font-size="${size}" text-anchor="start"`;
  return `<text ${place} fill="${cssColor(color)}"${more}>${escapeText(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
