/** A figure of the report as SVG, in the light theme. */
import { parseHTML } from "linkedom";

export async function svgOf(figure) {
  const { drawFigure } = await import("../dist/index.js");
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return `${drawFigure(figure, { document, theme: "light", width: 900 })}\n`;
}
