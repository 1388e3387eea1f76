/** The range of each axis: given, or that of everything drawn on it. */
import type { Axis, Figure, Layer, Panel, Values } from "./figure.ts";

export type Range = [number, number];

/** What the panel's layers occupy on one axis; `[Infinity, -Infinity]` where nothing is drawn on it. */
export function extent(panel: Panel, which: "x" | "y"): Range {
  const axis = panel[which];
  const range: Range = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (axis.categories) return [-0.5, axis.categories.length - 0.5];
  if (which === "y" && axis.lanes) return [-axis.lanes.length, 0];
  const add = (value: number | null | undefined) => {
    if (value == null || !Number.isFinite(value) || (axis.scale === "log" && value <= 0)) return;
    if (value < range[0]) range[0] = value;
    if (value > range[1]) range[1] = value;
  };
  for (const value of axis.include ?? []) add(value);
  for (const layer of panel.layers) for (const [values, error] of drawnOn(layer, which)) addAll(values, error, add);
  return range;
}

/** The range of each lane over all panels of the figure, by the lane's name. */
export function laneRanges(figure: Figure): Map<string, Range> {
  const ranges = new Map<string, Range>();
  for (const panel of figure.panels)
    for (const layer of panel.layers) {
      const lane = panel.y.lanes?.[layer.lane ?? 0];
      if (!lane || layer.kind === "region") continue;
      const range = ranges.get(lane.name) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      ranges.set(lane.name, range);
      const add = (value: number | null | undefined) => {
        if (value == null || !Number.isFinite(value)) return;
        if (value < range[0]) range[0] = value;
        if (value > range[1]) range[1] = value;
      };
      for (const [values, error] of drawnOn(layer, "y")) addAll(values, error, add);
    }
  for (const panel of figure.panels)
    for (const lane of panel.y.lanes ?? []) {
      const found = lane.domain ?? ranges.get(lane.name) ?? [0, 1];
      ranges.set(lane.name, widen(found, false, 0));
    }
  return ranges;
}

/** Domains of x and y of every panel, shared where the figure says so. */
export function domains(figure: Figure): { x: Range; y: Range }[] {
  const own = { x: figure.panels.map((p) => extent(p, "x")), y: figure.panels.map((p) => extent(p, "y")) };
  const shares = figure.share ?? "none";
  for (const which of ["x", "y"] as const)
    if (shares === which || shares === "both") {
      const all = own[which];
      const union: Range = [Math.min(...all.map((r) => r[0])), Math.max(...all.map((r) => r[1]))];
      own[which] = all.map(() => union);
    }
  return figure.panels.map((panel, i) => ({
    x: finish(panel.x, own.x[i]!, panel, "x"),
    y: finish(panel.y, own.y[i]!, panel, "y"),
  }));
}

function finish(axis: Axis, range: Range, panel: Panel, which: "x" | "y"): Range {
  if (axis.domain) return widen(axis.domain, axis.scale === "log", 0);
  if (axis.categories || (which === "y" && axis.lanes)) return range;
  const fills = panel.layers.some((l) => l.kind === "heat");
  const bars = panel.layers.some((l) => l.kind === "bars");
  const log = axis.scale === "log";
  const time = which === "x" && panel.layers.every((l) => l.kind !== "points" && !(l.kind === "line" && l.shape));
  const widened = widen(range, log, fills || (time && !panel.equal) ? 0 : 0.05);
  // Bars stand on zero, with room for their numbers.
  if (bars && !log) {
    const room = 0.1 * (Math.max(range[1], 0) - Math.min(range[0], 0));
    return [range[0] >= 0 ? 0 : range[0] - room, range[1] <= 0 && room > 0 ? 0 : range[1] + (room || 1)];
  }
  return widened;
}

/** Limits within which positions can be computed in floating point. */
const [TINY, HUGE] = [1e-250, 1e250];

/** A range that is not empty, larger by a share of its length at either end. */
export function widen([from, to]: readonly [number, number], log: boolean, by: number): Range {
  if (!(from <= to)) return log ? [0.1, 1] : [0, 1];
  if (log) {
    const [a, b] = [Math.log10(Math.min(Math.max(from, TINY), HUGE)), Math.log10(Math.min(Math.max(to, TINY), HUGE))];
    const pad = b - a < 1e-9 ? 0.5 : by * (b - a);
    return [10 ** (a - pad), 10 ** (b + pad)];
  }
  const [a, b] = [Math.max(from, -HUGE), Math.min(to, HUGE)];
  const size = Math.max(Math.abs(a), Math.abs(b));
  // Numbers closer than this look the same on any axis, and its ticks could not tell them apart.
  const pad = b - a > Math.max(1e-9 * size, TINY) ? by * (b - a) : size > TINY ? 0.1 * size : 1;
  return [a - pad, b + pad];
}

/** Everything a layer draws along an axis: values with their half errors. */
function drawnOn(layer: Layer, which: "x" | "y"): [Values, Values?][] {
  switch (layer.kind) {
    case "line":
      if (which === "x") return [[layer.x]];
      return [
        [layer.y, layer.error],
        ...[layer.low, layer.high].filter((v) => v !== undefined).map((v): [Values] => [v]),
      ];
    case "points":
      return which === "x" ? [[layer.x, layer.errorX]] : [[layer.y, layer.error]];
    case "bars":
      return [[[0]], [layer.values, layer.error]];
    case "heat":
      return [[which === "x" ? (layer.x ?? [-0.5, layer.columns - 0.5]) : (layer.y ?? [-0.5, layer.rows - 0.5])]];
    case "text":
      return [[which === "x" ? layer.x : layer.y]];
    case "rule":
      return layer.axis === which ? [[[layer.at ?? 0]]] : [];
    case "region":
      return layer.axis === which ? [[[layer.from, layer.to]]] : [];
  }
}

function addAll(values: Values, error: Values | undefined, add: (value: number | null | undefined) => void): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    add(value);
    const half = error?.[i];
    if (half != null && value != null) {
      add(value - half);
      add(value + half);
    }
  }
}
