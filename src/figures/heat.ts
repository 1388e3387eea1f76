/** Heat maps: a matrix as a small image, with its colour scale beside the panel. */
import type { Markish } from "@observablehq/plot";
import { channels, cssColor, viridis } from "./color.ts";
import { element } from "./element.ts";
import type { HeatLayer } from "./figure.ts";
import type { Frame } from "./frame.ts";
import { linearTicks, numbers, tickFormat } from "./number.ts";
import { pngDataUri } from "./png.ts";
import { type Range, widen } from "./range.ts";
import { SIZE } from "./text.ts";

/** The last entry of the palette: nothing, where a value is missing. */
const MISSING = 255;
const BAR = 9;

/** What the colours mean: the range they cover and the ticks beside it. */
export function heatScale(layer: HeatLayer): { domain: Range; ticks: number[]; format: (tick: number) => string } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of numbers(layer.values))
    if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(low <= high)) [low, high] = [0, 1];
  if (layer.scale === "signed") [low, high] = [-Math.max(-low, high), Math.max(-low, high)];
  const domain = widen(layer.domain ?? [low, high], false, 0);
  const ticks = linearTicks(domain, 4);
  return { domain, ticks, format: tickFormat(ticks, "linear") };
}

export function heatMarks(layer: HeatLayer, frame: Frame): Markish[] {
  const { domain, ticks, format } = heatScale(layer);
  const [low, high] = domain;
  const signed = layer.scale === "signed";
  const palette = Array.from({ length: 256 }, (_, i) => (i === MISSING ? [0, 0, 0, 0] : heatColor(i / 254, signed)));
  const index = (value: number) => {
    if (!Number.isFinite(value)) return MISSING;
    return Math.round(254 * Math.min(Math.max((value - low) / (high - low), 0), 1));
  };
  // Images start at the top, values at the low end of y.
  const fromTop = frame.panel.y.categories !== undefined;
  const pixels = new Uint8Array(layer.rows * layer.columns);
  const values = numbers(layer.values);
  for (let row = 0; row < layer.rows; row++) {
    const to = (fromTop ? row : layer.rows - 1 - row) * layer.columns;
    for (let j = 0; j < layer.columns; j++) pixels[to + j] = index(values[row * layer.columns + j]!);
  }
  const [x0, x1] = (layer.x ?? [-0.5, layer.columns - 0.5]).map(frame.x.pixel) as Range;
  const [ya, yb] = (layer.y ?? [-0.5, layer.rows - 0.5]).map(frame.y.pixel) as Range;
  const { margin, inner, width } = frame;
  const barX = width - margin.right + 10;
  const ramp = Uint8Array.from({ length: 128 }, (_, i) => Math.round((254 * (127 - i)) / 127));
  return [
    (_i, _s, _v, _d, context) => {
      const document = context!.document;
      const group = element(document, "g", {});
      const picture = (href: string, x: number, y: number, wide: number, high: number) =>
        group.append(
          element(document, "image", {
            href,
            x,
            y,
            width: wide,
            height: high,
            preserveAspectRatio: "none",
            style: "image-rendering:pixelated",
          }),
        );
      picture(pngDataUri(pixels, layer.columns, palette), x0, Math.min(ya, yb), x1 - x0, Math.abs(yb - ya));
      picture(pngDataUri(ramp, 1, palette), barX, margin.top, BAR, inner.height);
      for (const tick of ticks) {
        const y = margin.top + inner.height * (1 - (tick - low) / (high - low)) + 4;
        const style = { "text-anchor": "start", "font-size": SIZE.tick, fill: cssColor("muted") };
        group.append(element(document, "text", { x: barX + BAR + 4, y, ...style }, format(tick)));
      }
      return group;
    },
  ];
}

/** Zero of a signed map shows the paper, so that it fits light and dark. */
function heatColor(t: number, signed: boolean): number[] {
  if (!signed) return [...channels(viridis(t)), 255];
  const hue = t < 0.5 ? cssColor("vermilion", "light") : cssColor("blue", "light");
  return [...channels(hue), Math.round(255 * Math.abs(2 * t - 1))];
}
