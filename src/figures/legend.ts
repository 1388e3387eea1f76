/** The legend: one entry per name, its key drawn as its layers are. */
import * as Plot from "@observablehq/plot";
import { cssColor } from "./color.ts";
import type { Layer, Shape } from "./figure.ts";
import type { Frame } from "./frame.ts";
import { dashArray, regionNameFits, shapePaint } from "./layers.ts";

export interface LegendEntry {
  name: string;
  /** Markup of the key, 24 × 12 pixels, without the `<svg>` around it. */
  key: string;
}

/** Entries in order of first appearance; none where the whole figure has a single named line. */
export function legendEntries(frames: readonly Frame[], document: Document): LegendEntry[] {
  const layers = new Map<string, Layer[]>();
  for (const frame of frames)
    for (const layer of frame.panel.layers) {
      if (!layer.name || layer.kind === "heat" || layer.kind === "text") continue;
      if (layer.kind === "region" && frames.every((f) => !f.panel.layers.includes(layer) || regionNameFits(layer, f)))
        continue;
      // In lanes the lane's name says it already.
      if (frame.lanes[layer.lane ?? -1]?.name === layer.name) continue;
      const same = layers.get(layer.name) ?? [];
      if (!same.some((other) => keyMarkup(other, document) === keyMarkup(layer, document))) same.push(layer);
      layers.set(layer.name, same);
    }
  return [...layers].map(([name, same]) => ({ name, key: same.map((layer) => keyMarkup(layer, document)).join("") }));
}

function keyMarkup(layer: Layer, document: Document): string {
  const color = cssColor(layer.color ?? (layer.kind === "rule" ? "muted" : "ink"));
  const opacity = `opacity="${layer.opacity ?? 1}"`;
  switch (layer.kind) {
    case "line": {
      const band = layer.low ? `<rect x="1" y="1" width="22" height="10" fill="${color}" fill-opacity="0.18"/>` : "";
      return `<g ${opacity}>${band}${stroke(color, layer.dash, layer.width ?? 1.6)}</g>${layer.shape ? dot(layer.shape, color, false, document) : ""}`;
    }
    case "rule":
      return stroke(color, layer.dash, 1.2);
    case "points":
      return `<g ${opacity}>${dot(layer.shape ?? "circle", color, layer.open ?? false, document)}</g>`;
    case "bars":
      return `<rect x="5" y="0" width="14" height="12" fill="${color}" ${opacity}/>`;
    case "region":
      return `<rect x="1" y="0" width="22" height="12" fill="${cssColor(layer.color ?? "gray")}" opacity="${layer.opacity ?? 0.16}"/>`;
    default:
      return "";
  }
}

function stroke(color: string, dash: Parameters<typeof dashArray>[0], width: number): string {
  const dashes = dashArray(dash);
  return `<path d="M1,6H23" stroke="${color}" stroke-width="${width}"${dashes ? ` stroke-dasharray="${dashes}"` : ""} fill="none"/>`;
}

function dot(shape: Shape, color: string, open: boolean, document: Document): string {
  const paint = shapePaint(shape, color, open);
  const options = { x: [12], y: [6], symbol: shape, r: 4, ...paint, strokeWidth: paint.stroke === color ? 1.6 : 0.6 };
  const scales = { x: { type: "identity" }, y: { type: "identity" } } as const;
  const plot = Plot.plot({
    document,
    className: "nc",
    ...scales,
    axis: null,
    marks: [Plot.dot({ length: 1 }, options)],
  });
  plot.querySelector("style")?.remove();
  return plot.innerHTML.replace(/-?\d+\.\d{3,}/g, (n) => String(Math.round(Number(n) * 100) / 100));
}
