/** One panel as the inside of an SVG: axes with names and units by us, marks by Observable Plot. */
import * as Plot from "@observablehq/plot";
import { cssColor } from "./color.ts";
import { element } from "./element.ts";
import type { Layer } from "./figure.ts";
import { type Frame, inLane } from "./frame.ts";
import { layerMarks } from "./layers.ts";
import { formatNumber } from "./number.ts";
import { allowedText, SIZE } from "./text.ts";

const LABEL = { "font-size": SIZE.label, fill: cssColor("muted") };
const ORDER: Layer["kind"][] = ["region", "heat"];

/** The panel's markup, without the `<svg>` around it. `id` is unique on the page; the same arguments give the same bytes. */
export function panelMarkup(frame: Frame, document: Document, id: string): string {
  const { panel, margin, x, y } = frame;
  const below = panel.layers.filter((layer) => ORDER.includes(layer.kind)).sort((a, b) => rank(a) - rank(b));
  const above = panel.layers.filter((layer) => !ORDER.includes(layer.kind));
  const tickText = {
    fontSize: SIZE.tick,
    fill: cssColor("muted"),
    tickSize: 0,
    label: null,
    fontVariant: "tabular-nums",
  };
  const grid = { stroke: cssColor("grid"), strokeOpacity: 1 };
  const divided = panel.y.categories || panel.y.lanes;
  const edges = divided ? y.ticks.slice(1).map((t) => t - Math.sign(t || 1) * 0.5 + (panel.y.lanes ? 1 : 0)) : [];
  const marks: Plot.Markish[] = [
    ...below.flatMap((layer) => layerMarks(layer, frame)),
    panel.x.categories || has(frame, "heat") ? null : Plot.gridX(x.ticks, grid),
    has(frame, "heat") ? null : divided ? Plot.ruleY(panel.y.lanes ? edges : [], grid) : Plot.gridY(y.ticks, grid),
    Plot.axisX(x.ticks, { ...tickText, text: x.ticks.map(x.format), tickPadding: 7 }),
    Plot.axisY(y.ticks, { ...tickText, text: y.ticks.map(y.format), tickPadding: 7 }),
    ...laneMarks(frame),
    ...above.flatMap((layer) => layerMarks(layer, frame)),
    textMark(frame),
  ];
  const plot = Plot.plot({
    document,
    className: "nc",
    width: frame.width,
    height: frame.height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    x: { type: x.log ? "log" : "linear", domain: x.domain, axis: null },
    y: { type: y.log ? "log" : "linear", domain: y.domain, axis: null },
    r: { type: "identity" },
    symbol: { type: "identity" } as Plot.ScaleOptions,
    marks,
  });
  plot.querySelector("style")?.remove();
  return tidy(plot.innerHTML, id);
}

function rank(layer: Layer): number {
  return ORDER.indexOf(layer.kind);
}

function has(frame: Frame, kind: Layer["kind"]): boolean {
  return frame.panel.layers.some((layer) => layer.kind === kind);
}

/** Beside each lane its range, and a line at zero. */
function laneMarks(frame: Frame): Plot.Markish[] {
  if (frame.lanes.length === 0) return [];
  const zeros = frame.lanes.flatMap(({ range }, i) => (range[0] <= 0 && range[1] >= 0 ? [inLane(frame, i, 0)] : []));
  const numbers: Plot.Markish = (_i, _s, _v, _d, context) => {
    const group = element(context!.document, "g", {});
    const x = frame.width - frame.margin.right + 5;
    frame.lanes.forEach(({ range }, i) => {
      range.forEach((value, end) => {
        // Both inside the lane, so that neighbours stay apart.
        const y = frame.y.pixel(inLane(frame, i, value)) + (end === 0 ? 1 : 8);
        const style = { "text-anchor": "start", "font-size": SIZE.note, fill: cssColor("muted") };
        group.append(element(context!.document, "text", { x, y, ...style }, formatNumber(value, 2)));
      });
    });
    return group;
  };
  return [Plot.ruleY(zeros, { stroke: cssColor("gray"), strokeOpacity: 0.55, strokeDasharray: "2 3" }), numbers];
}

/** Title, names of the axes, and a word where nothing could be drawn. */
function textMark(frame: Frame): Plot.Markish {
  return (_i, _s, _v, _d, context) => {
    const document = context!.document;
    const group = element(document, "g", {});
    const put = (text: string, x: number, y: number, anchor: string, role: string) => {
      const look = role === "title" ? { "font-size": SIZE.title, "font-weight": 600, fill: cssColor("ink") } : LABEL;
      const attributes = { x, y, "text-anchor": anchor, class: `nc-${role}`, ...look };
      group.append(element(document, "text", attributes, allowedText(text)));
    };
    let at = 0;
    for (const line of frame.titleLines) put(line, 0, (at += 17) - 4, "start", "title");
    for (const line of frame.yLabelLines) put(line, 0, (at += 15) - 3, "start", "y-label");
    if (frame.colorLabel) put(frame.colorLabel, frame.width, at - 3, "end", "color-label");
    const { margin, inner, height } = frame;
    const middle = Math.min(margin.left + inner.width / 2, frame.width / 2 + margin.left / 2);
    frame.xLabelLines.forEach((line, i) => {
      const y = height - 5 - (frame.xLabelLines.length - 1 - i) * 15;
      put(line, middle, y, "middle", "x-label");
    });
    if (frame.panel.layers.length > 0 && !frame.panel.layers.some(drawsSomething))
      put("nothing finite to draw", middle, margin.top + inner.height / 2, "middle", "empty");
    return group;
  };
}

function drawsSomething(layer: Layer): boolean {
  if (layer.kind === "rule" || layer.kind === "region") return true;
  const values = "values" in layer ? layer.values : layer.y;
  return Array.from(values).some((v) => v != null && Number.isFinite(v));
}

/** Coordinates to a hundredth of a pixel, and names of clip paths that do not depend on what was drawn before. */
function tidy(markup: string, id: string): string {
  return allowedText(markup)
    .replace(/&nbsp;/g, "\u00a0") // browsers write it so in HTML, XML does not know it
    .replace(/plot-clip-\d+/g, `${id}-clip`)
    .replace(/<[^>]+>/g, (tag) =>
      tag.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (n) => String(Math.round(Number(n) * 100) / 100)),
    );
}
