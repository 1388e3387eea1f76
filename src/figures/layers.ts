/** Each kind of layer as marks of Observable Plot. */
import * as Plot from "@observablehq/plot";
import { cssColor } from "./color.ts";
import { element } from "./element.ts";
import type {
  BarsLayer,
  Dash,
  Layer,
  LineLayer,
  PointsLayer,
  RegionLayer,
  RuleLayer,
  Shape,
  TextLayer,
  Values,
} from "./figure.ts";
import { type Frame, inLane } from "./frame.ts";
import { heatMarks } from "./heat.ts";
import { formatNumber, numbers } from "./number.ts";
import { SIZE, textWidth } from "./text.ts";
import { thin } from "./thin.ts";

const STROKED = new Set<Shape>(["times", "plus"]);
const DASHES: Record<Dash, string | undefined> = { solid: undefined, dashed: "6 4", dotted: "1.5 3.5" };

/** What the layer adds to the drawing, in drawing order. */
export function layerMarks(layer: Layer, frame: Frame): Plot.Markish[] {
  switch (layer.kind) {
    case "line":
      return lineMarks(layer, frame);
    case "points":
      return pointMarks(layer, frame);
    case "bars":
      return barMarks(layer, frame);
    case "heat":
      return heatMarks(layer, frame);
    case "region":
      return regionMarks(layer, frame);
    case "rule":
      return ruleMarks(layer, frame);
    case "text":
      return textMarks(layer, frame);
  }
}

export function dashArray(dash: Dash | undefined): string | undefined {
  return DASHES[dash ?? "solid"];
}

/** Fill and stroke of a shape: some shapes are strokes only, open ones are filled with paper. */
export function shapePaint(shape: Shape, color: string, open: boolean): { fill: string; stroke: string } {
  if (STROKED.has(shape)) return { fill: "none", stroke: color };
  return open ? { fill: cssColor("paper"), stroke: color } : { fill: color, stroke: cssColor("paper") };
}

function lineMarks(layer: LineLayer, frame: Frame): Plot.Markish[] {
  const stroke = cssColor(layer.color ?? "ink");
  const opacity = layer.opacity ?? 1;
  const x = numbers(layer.x);
  const y = onY(layer.y, layer, frame);
  const kept = thin(x.map(frame.x.pixel), y.map(frame.y.pixel), frame.inner.width);
  const pick = (values: number[]) => kept.map((i) => drawn(values[i]!, values === x ? frame.x.log : frame.y.log));
  const clip = frame.panel.x.domain || frame.panel.y.domain ? ("frame" as const) : undefined;
  const marks: Plot.Markish[] = [];
  if (layer.low && layer.high) {
    const y1 = pick(onY(layer.low, layer, frame));
    const y2 = pick(onY(layer.high, layer, frame));
    marks.push(
      Plot.areaY({ length: kept.length }, { x: pick(x), y1, y2, fill: stroke, fillOpacity: 0.18 * opacity, clip }),
    );
  }
  if (layer.error) marks.push(...errorMarks(layer, layer.error, stroke, frame));
  marks.push(
    Plot.line(
      { length: kept.length },
      {
        x: pick(x),
        y: pick(y),
        stroke,
        strokeOpacity: opacity,
        strokeWidth: layer.width ?? 1.6,
        strokeDasharray: dashArray(layer.dash),
        curve: layer.step ? "step-after" : "linear",
        clip,
      },
    ),
  );
  if (layer.arrow) marks.push(arrowMark(x.map(frame.x.pixel), y.map(frame.y.pixel), stroke, opacity));
  if (layer.shape) marks.push(...pointMarks({ ...layer, kind: "points", error: undefined, shape: layer.shape }, frame));
  return marks;
}

function pointMarks(layer: PointsLayer, frame: Frame): Plot.Markish[] {
  const color = cssColor(layer.color ?? "ink");
  const shape = layer.shape ?? "circle";
  const r = layer.size ?? 3.5;
  const x = numbers(layer.x);
  const y = onY(layer.y, layer, frame);
  const shown = x.flatMap((v, i) => (within(v, frame.x) && within(y[i]!, frame.y) ? [i] : []));
  const marks: Plot.Markish[] = [];
  if (layer.error) marks.push(...errorMarks(layer, layer.error, color, frame));
  if (layer.errorX) {
    const half = numbers(layer.errorX);
    const x1 = x.map((v, i) => drawn(v - half[i]!, frame.x.log));
    marks.push(Plot.ruleY({ length: x.length }, { x1, x2: x.map((v, i) => v + half[i]!), y, stroke: color }));
  }
  const paint = shapePaint(shape, color, layer.open ?? false);
  const outline = STROKED.has(shape) || layer.open ? 1.6 : 0.6;
  const options = { symbol: shape, r: r * (shape === "circle" || shape === "square" ? 1 : 1.15), ...paint };
  marks.push(
    Plot.dot(
      { length: shown.length },
      {
        x: shown.map((i) => x[i]!),
        y: shown.map((i) => y[i]!),
        strokeWidth: outline,
        opacity: layer.opacity ?? 1,
        ...options,
      },
    ),
  );
  return marks;
}

function errorMarks(layer: LineLayer | PointsLayer, error: Values, stroke: string, frame: Frame): Plot.Markish[] {
  const half = numbers(error);
  const value = numbers(layer.y);
  const at = (sign: number) =>
    onY(
      value.map((v, i) => v + sign * half[i]!),
      layer,
      frame,
    ).map((v) => drawn(v, frame.y.log, frame.y.domain[0]));
  return [
    Plot.ruleX({ length: value.length }, { x: numbers(layer.x), y1: at(-1), y2: at(1), stroke, strokeWidth: 1.2 }),
  ];
}

function barMarks(layer: BarsLayer, frame: Frame): Plot.Markish[] {
  const groups = frame.panel.layers.filter((other) => other.kind === "bars");
  const upright = frame.panel.x.categories !== undefined;
  const across = upright ? frame.y : frame.x;
  const along = upright ? frame.inner.width : frame.inner.height;
  const wide = 0.78 / groups.length;
  const fill = cssColor(layer.color ?? "ink");
  const values = numbers(layer.values);
  const half = layer.error ? numbers(layer.error) : values.map(() => 0);
  const base = across.log ? across.domain[0] : 0;
  const start = values.map((_, i) => i - 0.39 + groups.indexOf(layer) * wide);
  const ends = {
    a1: start.map((s) => s + 0.02),
    a2: start.map((s) => s + wide - 0.02),
    middle: start.map((s) => s + wide / 2),
  };
  const length = values.length;
  const opacity = layer.opacity ?? 1;
  const marks: Plot.Markish[] = [];
  const bars = values.map(() => base);
  if (upright) {
    const { a1: x1, a2: x2, middle: x } = ends;
    marks.push(Plot.rect({ length }, { x1, x2, y1: bars, y2: values, fill, fillOpacity: opacity }));
    const [y1, y2] = [values.map((v, i) => v - half[i]!), values.map((v, i) => v + half[i]!)];
    if (layer.error) marks.push(Plot.ruleX({ length }, { x, y1, y2, stroke: cssColor("ink"), strokeWidth: 1.2 }));
  } else {
    const { a1: y1, a2: y2, middle: y } = ends;
    marks.push(Plot.rect({ length }, { y1, y2, x1: bars, x2: values, fill, fillOpacity: opacity }));
    const [x1, x2] = [values.map((v, i) => v - half[i]!), values.map((v, i) => v + half[i]!)];
    if (layer.error) marks.push(Plot.ruleY({ length }, { y, x1, x2, stroke: cssColor("ink"), strokeWidth: 1.2 }));
  }
  const texts = values.map((v) => formatNumber(v));
  const slot = (along / frame.panel[upright ? "x" : "y"].categories!.length) * wide + 8;
  const fits = upright ? Math.max(...texts.map((t) => textWidth(t, SIZE.note))) <= slot : slot >= 11;
  if (layer.numbers === false || !fits) return marks;
  for (const sign of [1, -1]) {
    const which = values.flatMap((v, i) => ((v < base ? -1 : 1) === sign ? [i] : []));
    const tip = which.map((i) => (Number.isFinite(values[i]!) ? values[i]! + sign * (half[i] || 0) : base));
    const middle = which.map((i) => ends.middle[i]!);
    const style = { text: which.map((i) => texts[i]!), fill: cssColor("ink"), fontSize: SIZE.note };
    if (upright) marks.push(Plot.text({ length: which.length }, { x: middle, y: tip, dy: -8 * sign, ...style }));
    else {
      const textAnchor = sign > 0 ? ("start" as const) : ("end" as const);
      marks.push(Plot.text({ length: which.length }, { y: middle, x: tip, dx: 5 * sign, textAnchor, ...style }));
    }
  }
  return marks;
}

function regionMarks(layer: RegionLayer, frame: Frame): Plot.Markish[] {
  const fill = cssColor(layer.color ?? "gray");
  const fillOpacity = layer.opacity ?? 0.16;
  if (layer.axis === "y") return [Plot.rectY({ length: 1 }, { y1: [layer.from], y2: [layer.to], fill, fillOpacity })];
  const from = Math.max(layer.from, frame.x.domain[0]);
  const to = Math.min(layer.to, frame.x.domain[1]);
  const marks: Plot.Markish[] = [Plot.rectX({ length: 1 }, { x1: [from], x2: [to], fill, fillOpacity })];
  if (regionNameFits(layer, frame)) {
    const style = {
      fill: cssColor("muted"),
      fontSize: SIZE.note,
      frameAnchor: "top" as const,
      lineAnchor: "bottom" as const,
    };
    marks.push(Plot.text({ length: 1 }, { x: [(from + to) / 2], text: [layer.name!], dy: -4, ...style }));
  }
  return marks;
}

/** Whether the region's name can stand above it; otherwise the legend has it. */
export function regionNameFits(layer: RegionLayer, frame: Frame): boolean {
  if (layer.axis !== "x" || !layer.name) return false;
  return textWidth(layer.name, SIZE.note) <= Math.abs(frame.x.pixel(layer.to) - frame.x.pixel(layer.from)) + 8;
}

function ruleMarks(layer: RuleLayer, frame: Frame): Plot.Markish[] {
  const stroke = cssColor(layer.color ?? "muted");
  const options = {
    stroke,
    strokeOpacity: layer.opacity ?? 1,
    strokeWidth: 1.2,
    strokeDasharray: dashArray(layer.dash),
  };
  if (layer.axis === "x") return [Plot.ruleX([layer.at ?? 0], options)];
  if (layer.axis === "y") return [Plot.ruleY([layer.at ?? 0], options)];
  const from = Math.max(frame.x.domain[0], frame.y.domain[0]);
  const to = Math.min(frame.x.domain[1], frame.y.domain[1]);
  const ends = { x1: [from], y1: [from], x2: [to], y2: [to] };
  return from < to ? [Plot.link({ length: 1 }, { ...ends, ...options })] : [];
}

function textMarks(layer: TextLayer, frame: Frame): Plot.Markish[] {
  const options = {
    x: numbers(layer.x),
    y: onY(layer.y, layer, frame),
    text: layer.text,
    textAnchor: layer.anchor ?? "middle",
    dx: layer.dx ?? 0,
    dy: layer.dy ?? 0,
    fill: cssColor(layer.color ?? "ink"),
    fontSize: SIZE.tick,
  };
  return [Plot.text({ length: layer.text.length }, options)];
}

function arrowMark(x: number[], y: number[], color: string, opacity: number): Plot.Markish {
  return (_i, _s, _v, _d, context) => {
    const last = x.findLastIndex((v, i) => Number.isFinite(v) && Number.isFinite(y[i]!));
    const before = x.findLastIndex((v, i) => i < last && Math.hypot(v - x[last]!, y[i]! - y[last]!) > 4);
    if (before < 0) return null;
    const turn = (Math.atan2(y[last]! - y[before]!, x[last]! - x[before]!) * 180) / Math.PI;
    const transform = `translate(${x[last]},${y[last]}) rotate(${turn})`;
    return element(context!.document, "path", {
      d: "M3,0L-5,3.6L-5,-3.6Z",
      transform,
      fill: color,
      "fill-opacity": opacity,
    });
  };
}

function onY(values: Values, layer: { lane?: number }, frame: Frame): number[] {
  const plain = numbers(values);
  return frame.lanes.length > 0 ? plain.map((v) => inLane(frame, layer.lane ?? 0, v)) : plain;
}

/** What a scale can draw: on a logarithm nothing that is not positive. */
function drawn(value: number, log: boolean, instead = Number.NaN): number {
  return log && value <= 0 ? instead : value;
}

function within(value: number, scale: { domain: readonly [number, number]; log: boolean }): boolean {
  const [a, b] = scale.domain;
  return (!scale.log || value > 0) && value >= Math.min(a, b) && value <= Math.max(a, b);
}
