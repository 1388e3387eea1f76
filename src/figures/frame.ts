/** Where things stand in a panel: margins, size, ticks, and values to pixels. */
import type { Axis, Panel } from "./figure.ts";
import { axisTitle } from "./figure.ts";
import { heatScale } from "./heat.ts";
import { formatNumber, linearTicks, logTicks, tickFormat } from "./number.ts";
import type { Range } from "./range.ts";
import { SIZE, textWidth, wrapText } from "./text.ts";

const LINE = 15;

export interface Frame {
  panel: Panel;
  /** Of the whole panel, in pixels. */
  width: number;
  height: number;
  margin: { top: number; right: number; bottom: number; left: number };
  /** Of the plotted area. */
  inner: { width: number; height: number };
  x: Scale;
  y: Scale;
  lanes: { name: string; unit?: string; range: Range }[];
  titleLines: string[];
  xLabelLines: string[];
  yLabelLines: string[];
  /** What the colours of a heat map show. */
  colorLabel?: string;
}

export interface Scale {
  domain: Range;
  log: boolean;
  ticks: number[];
  /** Tick to text, lines apart by line breaks. */
  format: (tick: number) => string;
  /** Value to pixel, within the whole panel; NaN where the value is missing. */
  pixel: (value: number | null | undefined) => number;
}

/** Lays a panel out, `width` pixels wide. */
export function layOut(
  panel: Panel,
  width: number,
  domain: { x: Range; y: Range },
  laneRanges: ReadonlyMap<string, Range>,
  alone: boolean,
): Frame {
  const lanes = (panel.y.lanes ?? []).map((lane) => ({ ...lane, range: laneRanges.get(lane.name)! }));
  const heat = panel.layers.find((layer) => layer.kind === "heat");
  const colors = heat && heatScale(heat);
  const yNames =
    panel.y.categories ?? (panel.y.lanes && lanes.map((lane) => axisTitle({ label: lane.name, unit: lane.unit })));
  const yLines = yNames?.map((name) => wrapText(name, SIZE.tick, width * 0.36));
  const yCount = panel.y.categories || lanes.length > 0 ? 0 : 5;
  const yTicks = ticksOf(panel.y, domain.y, yCount, lanes.length);
  const yFormat = formatOf(panel.y, yTicks, yLines);
  const widest = Math.max(
    0,
    ...yTicks.flatMap((t) =>
      yFormat(t)
        .split("\n")
        .map((line) => textWidth(line, SIZE.tick)),
    ),
  );

  const titleLines = panel.title ? wrapText(panel.title, SIZE.title * 1.05, width) : [];
  const yLabelLines = wrapText(axisTitle(panel.y), SIZE.label, width);
  const colorLabel = heat && axisTitle(heat);
  // The name of the colours stands at the right of the last line, or on a line of its own.
  const beside = yLabelLines.at(-1);
  if (colorLabel && (beside === undefined || textWidth(colorLabel + beside, SIZE.label) > width - 16))
    yLabelLines.push("");
  const xLabelLines = wrapText(axisTitle(panel.x), SIZE.label, width);
  const left = Math.ceil(Math.max(widest + 10, 18));
  const colorTicks = colors ? Math.max(...colors.ticks.map((t) => textWidth(colors.format(t), SIZE.tick))) + 26 : 0;
  const right = Math.ceil(Math.max(lanes.length > 0 ? 38 : 14, colorTicks));
  const innerWidth = Math.max(width - left - right, 40);

  const named = panel.layers.some((layer) => layer.kind === "region" && layer.axis === "x" && layer.name);
  const top = titleLines.length * (LINE + 2) + yLabelLines.length * LINE + (named ? 17 : 5) + 6;
  const x: Range = [...domain.x];
  const y: Range = [...domain.y];
  const log = panel.x.scale === "log" && panel.y.scale === "log";
  const innerHeight = Math.round(
    panel.equal ? equalise(x, y, innerWidth, log) : ownHeight(panel, innerWidth, yLines, alone),
  );

  const xTicks = ticksOf(panel.x, x, Math.max(2, Math.min(8, Math.floor(innerWidth / 64))), 0);
  const slot = innerWidth / Math.max(panel.x.categories?.length ?? 1, 1) - 6;
  const xLines = panel.x.categories?.map((name) => wrapText(name, SIZE.tick, Math.max(slot, 24)));
  const xFormat = formatOf(panel.x, xTicks, xLines);
  const rows = Math.max(1, ...(xLines ?? []).map((lines) => lines.length));
  const bottom = 10 + (xTicks.length > 0 ? rows * 13 + 4 : 0) + xLabelLines.length * LINE;
  return {
    panel,
    width,
    height: top + innerHeight + bottom,
    margin: { top, right, bottom, left },
    inner: { width: innerWidth, height: innerHeight },
    x: scaleOf(panel.x, x, xTicks, xFormat, left, left + innerWidth),
    y: scaleOf(panel.y, y, panel.equal ? ticksOf(panel.y, y, 5, 0) : yTicks, yFormat, top + innerHeight, top),
    lanes,
    titleLines,
    xLabelLines,
    yLabelLines,
    colorLabel,
  };
}

/** Where a value of a lane stands on the y scale of all lanes. */
export function inLane(frame: Frame, lane: number, value: number | null | undefined): number {
  const { range } = frame.lanes[lane]!;
  return value == null ? Number.NaN : -(lane + 0.5) + 0.8 * ((value - range[0]) / (range[1] - range[0]) - 0.5);
}

function ownHeight(panel: Panel, width: number, yLines: string[][] | undefined, alone: boolean): number {
  if (panel.aspect) return width * panel.aspect;
  if (panel.y.lanes) return Math.max(panel.y.lanes.length * 46, 90);
  if (panel.y.categories) {
    const heat = panel.layers.some((layer) => layer.kind === "heat");
    const groups = panel.layers.filter((layer) => layer.kind === "bars").length;
    const each = Math.max(14 * groups + 12, ...yLines!.map((lines) => lines.length * 13 + 8));
    return panel.y.categories.length * (heat ? Math.min(each, 20) : each);
  }
  return width * (alone ? 0.42 : 0.75);
}

/** Makes one unit (a factor, where both are logarithmic) equally long on both axes by widening one domain where the picture would be too flat or too tall. */
function equalise(x: Range, y: Range, width: number, log: boolean): number {
  const length = ([from, to]: Range): number => (log ? Math.log(to / from) : to - from);
  const ratio = length(y) / length(x);
  const shape = Math.min(Math.max(ratio, 0.45), 1.05);
  const grow = (range: Range, by: number) => {
    const more = (length(range) * (by - 1)) / 2;
    range[0] = log ? range[0] * Math.exp(-more) : range[0] - more;
    range[1] = log ? range[1] * Math.exp(more) : range[1] + more;
  };
  if (ratio < shape) grow(y, shape / ratio);
  if (ratio > shape) grow(x, ratio / shape);
  return width * shape;
}

function ticksOf(axis: Axis, domain: Range, count: number, lanes: number): number[] {
  if (axis.categories) return axis.categories.map((_, i) => i);
  if (lanes > 0) return Array.from({ length: lanes }, (_, i) => -(i + 0.5));
  if (axis.ticks) return axis.ticks.filter((t) => t >= domain[0] && t <= domain[1]);
  return axis.scale === "log" ? logTicks(domain, count) : linearTicks(domain, count);
}

function formatOf(axis: Axis, ticks: number[], names: string[][] | undefined): (tick: number) => string {
  if (axis.categories) return (tick) => names?.[tick]?.join("\n") ?? axis.categories![tick] ?? "";
  if (axis.lanes) return (tick) => names?.[Math.round(-tick - 0.5)]?.join("\n") ?? formatNumber(tick);
  return tickFormat(ticks, axis.scale ?? "linear");
}

function scaleOf(axis: Axis, domain: Range, ticks: number[], format: Scale["format"], from: number, to: number): Scale {
  const log = axis.scale === "log";
  // Categories on y read from the top.
  const ends: Range = axis.categories && from > to ? [domain[1], domain[0]] : domain;
  const at = (v: number) => (log ? Math.log10(v) : v);
  const [a, b] = [at(ends[0]), at(ends[1])];
  const pixel = (value: number | null | undefined) => {
    if (value == null || !Number.isFinite(value) || (log && value <= 0)) return Number.NaN;
    return from + ((at(value) - a) / (b - a)) * (to - from);
  };
  return { domain: ends, log, ticks, format, pixel };
}
