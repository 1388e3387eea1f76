/** What stands behind a picture: its numbers as rows, as JSON, and as a sentence. */
import { NullclineError } from "../base/errors.ts";
import { axisTitle, type Figure, type Layer, type Panel } from "./figure.ts";

/** One value drawn. `x` and `y` are numbers, or names where the axis has categories. */
export interface DataRow {
  panel: string;
  series: string;
  x: number | string | null;
  y: number | string | null;
  /** Half length of the error bar along y. */
  error?: number | null;
  /** What a heat map's colour shows. */
  value?: number | null;
}

/** Every value that the panel draws, layer by layer; references (rules, regions, text, guides) are left out. */
export function dataRows(panel: Panel): DataRow[] {
  const rows: DataRow[] = [];
  const name = panel.title ?? "";
  const named = (axis: Panel["x"], value: number | null | undefined) =>
    value == null || Number.isNaN(value) ? null : (axis.categories?.[value] ?? value);
  for (const layer of panel.layers) {
    if (layer.guide) continue;
    const lane = panel.y.lanes?.[layer.lane ?? 0]?.name;
    const series = [lane, layer.name].filter((part, i, all) => part && all.indexOf(part) === i).join(", ");
    if (layer.kind === "line" || layer.kind === "points")
      for (let i = 0; i < layer.x.length; i++) {
        const row: DataRow = { panel: name, series, x: named(panel.x, layer.x[i]), y: named(panel.y, layer.y[i]) };
        if (layer.error) row.error = layer.error[i] ?? null;
        rows.push(row);
      }
    if (layer.kind === "bars")
      for (let i = 0; i < layer.values.length; i++) {
        const upright = panel.x.categories !== undefined;
        const value = layer.values[i] ?? null;
        const category = (upright ? panel.x : panel.y).categories?.[i] ?? i;
        const row: DataRow = { panel: name, series, x: upright ? category : value, y: upright ? value : category };
        if (layer.error) row.error = layer.error[i] ?? null;
        rows.push(row);
      }
    if (layer.kind === "heat") {
      const [x0, x1] = layer.x ?? [-0.5, layer.columns - 0.5];
      const [y0, y1] = layer.y ?? [-0.5, layer.rows - 0.5];
      for (let i = 0; i < layer.rows; i++)
        for (let j = 0; j < layer.columns; j++) {
          const x = named(panel.x, x0 + ((j + 0.5) * (x1 - x0)) / layer.columns);
          const y = named(panel.y, y0 + ((i + 0.5) * (y1 - y0)) / layer.rows);
          rows.push({ panel: name, series: layer.label, x, y, value: layer.values[i * layer.columns + j] ?? null });
        }
    }
  }
  return rows;
}

/**
 * The figure as JSON: numbers to six significant digits, missing ones as null, typed arrays as lists. `JSON.parse` of it is a
 * figure again.
 */
export function figureJson(figure: Figure): string {
  return JSON.stringify(figure, (_key, value: unknown) => {
    if (typeof value === "number") return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
    return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
  });
}

/** What a screen reader says: the figure's own sentence, or one made from its axes and series. */
export function describe(figure: Figure): string {
  if (figure.description) return figure.description;
  const panels = figure.panels.map(describePanel);
  return `${figure.title}. ${panels.length > 1 ? `${panels.length} panels: ${panels.join("; ")}` : (panels[0] ?? "Empty")}.`;
}

function describePanel(panel: Panel): string {
  const kinds = new Set(panel.layers.map((layer) => layer.kind));
  const what = kinds.has("heat") ? "heat map" : kinds.has("bars") ? "bars" : kinds.has("line") ? "lines" : "points";
  const names = [
    ...new Set(panel.layers.filter((l) => l.kind !== "text" && l.kind !== "region" && !l.guide).map((l) => l.name)),
  ];
  const series = names.filter((name) => name !== undefined);
  const listed = series.length > 8 ? [...series.slice(0, 8), `${series.length - 8} more`] : series;
  const over = panel.y.lanes ? panel.y.lanes.map((lane) => lane.name).join(", ") : axisTitle(panel.y);
  const title = panel.title ? `${panel.title}, ` : "";
  return `${title}${what} of ${over} against ${axisTitle(panel.x)}${listed.length > 0 ? `: ${listed.join(", ")}` : ""}`;
}

/** Refuses a figure that cannot be drawn as it stands. @throws NullclineError saying which panel and layer, and why */
export function checkFigure(figure: Figure): void {
  figure.panels.forEach((panel, p) => {
    panel.layers.forEach((layer, l) => {
      const fault = faultOf(layer, panel);
      if (!fault) return;
      const where = `figure "${figure.title}", panel ${p + 1}, layer ${l + 1} (${layer.kind})`;
      throw new NullclineError({ code: "figure", where, given: fault[0], expected: fault[1] });
    });
  });
}

function faultOf(layer: Layer, panel: Panel): [given: string, expected: string] | undefined {
  const lanes = panel.y.lanes?.length;
  if (lanes !== undefined && !((layer.lane ?? 0) >= 0 && (layer.lane ?? 0) < lanes))
    return [`lane ${layer.lane}`, `0 to ${lanes - 1}`];
  if (layer.kind === "line" || layer.kind === "points" || layer.kind === "text") {
    const n = layer.x.length;
    for (const key of ["y", "error", "errorX", "low", "high", "text"] as const) {
      const values = (layer as Partial<Record<typeof key, ArrayLike<unknown>>>)[key];
      if (values && values.length !== n) return [`${values.length} values of ${key} for ${n} of x`, "as many of each"];
    }
  }
  if (layer.kind === "bars") {
    const count = (panel.x.categories ?? panel.y.categories)?.length;
    if (count === undefined) return ["bars on two axes of numbers", "`categories` on x or y"];
    if (layer.values.length !== count)
      return [`${layer.values.length} bars`, `one for each of the ${count} categories`];
  }
  if (layer.kind === "heat" && layer.values.length !== layer.rows * layer.columns)
    return [`${layer.values.length} values`, `${layer.rows} rows × ${layer.columns} columns`];
  return undefined;
}
