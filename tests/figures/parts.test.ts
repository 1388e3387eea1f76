/** The small parts beneath a figure: thinning, images, ranges, data, projection. */
import { crc32, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { dataRows, figureJson, describe as sentence } from "../../src/figures/data.ts";
import { drawFigure, figureDocument } from "../../src/figures/draw.ts";
import { fixedPointLayers, oblique, stabilityLimit } from "../../src/figures/dynamics.ts";
import type { Figure, Panel } from "../../src/figures/figure.ts";
import { pngDataUri } from "../../src/figures/png.ts";
import { domains, laneRanges } from "../../src/figures/range.ts";
import { allowedText, escapeText, textWidth, wrapText } from "../../src/figures/text.ts";
import { thin } from "../../src/figures/thin.ts";
import { gallery } from "./gallery.ts";

describe("thinning", () => {
  it("keeps every extreme of a long time course, in few points", () => {
    const x = Float64Array.from({ length: 100_000 }, (_, i) => i / 200);
    const y = x.map((t, i) => Math.sin(t) + (i === 54_321 ? 50 : 0));
    const kept = thin(x, y, 500);
    expect(kept).toContain(54_321);
    expect(kept.length).toBeLessThanOrEqual(4 * 1001);
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
    expect([kept[0], kept.at(-1)]).toEqual([0, 99_999]);
  });

  it("moves a trajectory by no more than a quarter of a pixel", () => {
    const turn = Float64Array.from({ length: 20_000 }, (_, i) => (i * 2 * Math.PI) / 9000);
    const [x, y] = [turn.map((a) => 100 * Math.cos(a)), turn.map((a) => 100 * Math.sin(a))];
    const kept = thin(x, y, 300);
    expect(kept.length).toBeLessThan(10_000);
    let next = 0;
    for (let i = 0; i < x.length; i++) {
      if (kept[next] === i) next++;
      const last = kept[next - 1]!;
      expect(Math.hypot(x[i]! - x[last]!, y[i]! - y[last]!)).toBeLessThanOrEqual(0.25);
    }
  });

  it("keeps gaps", () => {
    const x = Float64Array.from({ length: 5000 }, (_, i) => i / 50);
    const y = x.map((_, i) => (i === 2500 ? Number.NaN : 0));
    expect(thin(x, y, 100)).toContain(2500);
  });
});

it("writes an image that the PNG format's own checks accept (zlib and CRC by Node)", () => {
  const pixels = Uint8Array.from({ length: 300 * 250 }, (_, i) => (i * 7) % 4);
  const palette = [
    [1, 2, 3, 255],
    [4, 5, 6, 255],
    [7, 8, 9, 128],
    [0, 0, 0, 0],
  ];
  const file = Buffer.from(pngDataUri(pixels, 300, palette).split(",")[1]!, "base64");
  expect(file.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  const chunks: Record<string, Buffer> = {};
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    expect(crc32(file.subarray(at + 4, at + 8 + length))).toBe(file.readUInt32BE(at + 8 + length));
    chunks[file.toString("latin1", at + 4, at + 8)] = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  expect([chunks.IHDR!.readUInt32BE(0), chunks.IHDR!.readUInt32BE(4)]).toEqual([300, 250]);
  expect([...chunks.PLTE!]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0]);
  expect([...chunks.tRNS!]).toEqual([255, 255, 128, 0]);
  const raw = inflateSync(chunks.IDAT!);
  for (let row = 0; row < 250; row++) {
    expect(raw[row * 301]).toBe(0);
    expect(raw.subarray(row * 301 + 1, (row + 1) * 301).equals(pixels.subarray(row * 300, (row + 1) * 300))).toBe(true);
  }
});

describe("ranges", () => {
  const panel = (more: Partial<Panel>): Panel => ({ x: { label: "x" }, y: { label: "y" }, layers: [], ...more });
  const of = (...panels: Panel[]): Figure => ({ title: "t", caption: "", panels });

  it("hold the data with their errors, and what must be included", () => {
    const layers: Panel["layers"] = [{ kind: "points", x: [1, 2], y: [5, 6], error: [3, 1] }];
    const [range] = domains(of(panel({ layers, y: { label: "y", include: [0] } })));
    expect(range!.y[0]).toBeLessThanOrEqual(0);
    expect(range!.y[1]).toBeGreaterThanOrEqual(8);
    expect(range!.x[0]).toBeLessThan(1);
  });

  it("are given ones where given, and not empty where nothing is drawn or all is equal", () => {
    const layers: Panel["layers"] = [{ kind: "points", x: [3, 3], y: [7, 7] }];
    expect(domains(of(panel({ layers, x: { label: "x", domain: [0, 9] } })))[0]!.x).toEqual([0, 9]);
    for (const { x, y } of domains(of(panel({ layers }), panel({}))))
      for (const r of [x, y]) expect(r[1]).toBeGreaterThan(r[0]);
  });

  it("let bars stand on zero", () => {
    const bars = (values: number[]) =>
      panel({ x: { label: "x", categories: values.map(String) }, layers: [{ kind: "bars", values }] });
    const [up, down] = domains(of(bars([1, 2]), bars([-1, -2])));
    expect(up!.y[0]).toBe(0);
    expect(down!.y[1]).toBe(0);
  });

  it("of a lane are those of all panels", () => {
    const lane = (y: number[]) =>
      panel({ y: { label: "y", lanes: [{ name: "a" }] }, layers: [{ kind: "line", x: [0, 1], y }] });
    expect(laneRanges(of(lane([0, 1]), lane([-3, 2]))).get("a")).toEqual([-3, 2]);
  });
});

describe("the data behind a figure", () => {
  it("are exactly the values drawn", () => {
    const rows = dataRows(gallery.selection().panels[0]!);
    expect(rows).toContainEqual({ panel: "", series: "motion input", x: "color context", y: 0.116, error: 0.02 });
    expect(rows).toHaveLength(4);
    expect(dataRows(gallery.census().panels[0]!)).toHaveLength(27);
    const heat = dataRows(gallery.heat().panels[1]!);
    expect(heat).toHaveLength(900);
    expect([heat[31]!.x, heat[31]!.y, heat[31]!.value]).toEqual([1, 1, Number.NaN]);
  });

  it.each(Object.entries(gallery))("as JSON draw the same %s again", async (_name, make) => {
    const document = await figureDocument();
    const back = JSON.parse(figureJson(make())) as Figure;
    expect(figureJson(back)).toBe(figureJson(make()));
    const strip = (svg: string) => svg.replace(/-?\d+(\.\d+)?/g, "").length;
    // Six digits are kept, so numbers may move by a hundredth of a pixel; the drawing is the same.
    const [a, b] = [drawFigure(make(), { document }), drawFigure(back, { document })];
    expect(Math.abs(strip(a) - strip(b))).toBeLessThan(40);
  });

  it("take typed arrays, and missing values as null", () => {
    const y = Float32Array.of(1, Number.NaN);
    const figure: Figure = {
      title: "t",
      caption: "",
      panels: [{ x: { label: "x" }, y: { label: "y" }, layers: [{ kind: "line", x: [0, 1], y }] }],
    };
    expect(JSON.parse(figureJson(figure)).panels[0].layers[0].y).toEqual([1, null]);
  });

  it("are described in a sentence with axes, units and series", () => {
    expect(sentence(gallery.psychometric())).toBe(
      "Psychometric curves. 2 panels: Motion context, lines of choice 1 (share of trials) against evidence toward choice 1 (mean input): ideal observer, motion evidence, color evidence; " +
        "Color context, lines of choice 1 (share of trials) against evidence toward choice 1 (mean input): ideal observer, motion evidence, color evidence.",
    );
    expect(sentence({ ...gallery.heat(), description: "Mine." })).toBe("Mine.");
  });
});

describe("pieces for dynamics", () => {
  it("tell stability by shape as well as by colour, and lose no point", () => {
    const kinds = ["stable", "saddle", "unstable", "slow", "stable"] as const;
    const layers = fixedPointLayers([0, 1, 2, 3, 4], [5, 6, 7, 8, 9], kinds);
    expect(new Set(layers.map((l) => l.shape)).size).toBe(4);
    expect(new Set(layers.map((l) => l.color)).size).toBe(4);
    const stable = layers.find((l) => l.name === "stable fixed point")!;
    expect([stable.x, stable.y]).toEqual([
      [0, 4],
      [5, 9],
    ]);
  });

  it("draw the unit circle of a map and the imaginary axis of a flow", () => {
    const circle = stabilityLimit("map");
    if (circle.kind !== "line") throw new Error("a circle is a line");
    for (let i = 0; i < circle.x.length; i++) expect(Math.hypot(circle.x[i]!, circle.y[i]!)).toBeCloseTo(1, 12);
    expect(stabilityLimit("flow")).toMatchObject({ kind: "rule", axis: "x", at: 0 });
  });

  it("project linearly", () => {
    const at = oblique([1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]);
    expect(at.x[3]).toBeCloseTo(at.x[0]! + at.x[1]! + at.x[2]!, 12);
    expect(at.y[3]).toBeCloseTo(at.y[0]! + at.y[1]! + at.y[2]!, 12);
  });
});

describe("text", () => {
  it("is escaped for text and attributes, and cleaned of what XML forbids", () => {
    expect(escapeText(`<a b="c" d='e'>&`)).toBe("&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;");
    expect(allowedText("a\u0000b\ud800c\uffffd😀\n")).toBe("abcd😀\n");
  });

  it("breaks between words into lines that fit", () => {
    const lines = wrapText("linear dynamics, six dimensions, one-step fit", 11, 120);
    expect(lines.join(" ")).toBe("linear dynamics, six dimensions, one-step fit");
    for (const line of lines) expect(textWidth(line, 11)).toBeLessThanOrEqual(120);
    expect(wrapText("unbreakable", 11, 5)).toEqual(["unbreakable"]);
  });
});
