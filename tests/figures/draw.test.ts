import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { drawFigure, drawParts, figureDocument } from "../../src/figures/draw.ts";
import { axisTitle, type Figure, type Layer, type Panel } from "../../src/figures/figure.ts";
import { gallery } from "./gallery.ts";
import { all, type Element, parseXml, textOf } from "./xml.ts";

let document: Document;
beforeAll(async () => {
  document = await figureDocument();
});

const draw = (figure: Figure) => parseXml(drawFigure(figure, { document }));
const texts = (element: Element, role: string) =>
  all(element, "text")
    .filter((t) => t.attributes.class === `nc-${role}`)
    .map(textOf)
    .join(" ");
const onePanel = (panel: Partial<Panel> & { layers: Layer[] }): Figure => ({
  title: "figure",
  caption: "",
  panels: [{ x: { label: "x" }, y: { label: "y" }, ...panel }],
});
/** Where the marks of `points` layers stand. */
const circles = (svg: Element) =>
  all(svg, "circle").map((c) => [Number(c.attributes.cx), Number(c.attributes.cy)] as [number, number]);

describe.each(Object.entries(gallery))("%s", (_name, make) => {
  it("is well-formed, holds no bad number and refers to nothing outside itself", () => {
    const svg = drawFigure(make(), { document });
    const root = parseXml(svg);
    expect(root.name).toBe("svg");
    expect(svg).not.toMatch(/NaN|undefined|Infinity|\[object/);
    for (const element of all(root))
      for (const [key, value] of Object.entries(element.attributes))
        if (/href|src|style/.test(key))
          expect(value.slice(0, 40)).toMatch(/^(data:image\/png;base64,|image-rendering:pixelated$)/);
    expect(/@import|url\((?!#)|https?:(?!\/\/www\.w3\.org\/2000\/svg")|<script/.exec(svg)?.[0]).toBeUndefined();
    const ids = all(root).flatMap((e) => e.attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of svg.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(id);
  });

  it("names every axis, with its unit", () => {
    const figure = make();
    for (const [i, { svg }] of drawParts(figure, { document }).panels.entries()) {
      const panel = figure.panels[i]!;
      const root = parseXml(svg);
      expect(texts(root, "x-label")).toBe(axisTitle(panel.x));
      expect(texts(root, "y-label").trim()).toBe(axisTitle(panel.y));
      for (const layer of panel.layers)
        if (layer.kind === "heat") expect(texts(root, "color-label")).toBe(axisTitle(layer));
      for (const name of [...(panel.x.categories ?? []), ...(panel.y.categories ?? [])])
        expect(textOf(root).replace(/\s/g, "")).toContain(name.replace(/\s/g, ""));
    }
  });

  it("has a title, a sentence for screen readers and a key for each named series", () => {
    const figure = make();
    const root = draw(figure);
    expect(textOf(root)).toContain(figure.title);
    expect(root.attributes.role).toBe("img");
    expect(root.attributes["aria-label"]!.length).toBeGreaterThan(figure.title.length);
    const keys = drawParts(figure, { document }).legend.map((entry) => entry.name);
    for (const panel of figure.panels)
      for (const layer of panel.layers) if (layer.name && layer.kind !== "region") expect(keys).toContain(layer.name);
  });

  it("is the same bytes again, whatever was drawn between", () => {
    const first = drawFigure(make(), { document });
    for (const other of [gallery.training, gallery.psychometric, gallery.heat]) drawParts(other(), { document });
    expect(drawFigure(make(), { document })).toBe(first);
  });

  it("fits its own size: no text ends outside the drawing", () => {
    for (const { svg, width, height } of drawParts(make(), { document }).panels) {
      for (const text of all(parseXml(svg), "text")) {
        if (text.attributes.x === undefined || text.attributes.transform) continue;
        expect(Number(text.attributes.x)).toBeGreaterThanOrEqual(0);
        expect(Number(text.attributes.x)).toBeLessThanOrEqual(width);
        expect(Number.parseFloat(text.attributes.y!)).toBeLessThanOrEqual(height);
      }
    }
  });
});

describe("where values are drawn", () => {
  it("is linear on a linear axis, with y upward", () => {
    const layers: Layer[] = [{ kind: "points", x: [0, 1, 2], y: [0, 5, 10] }];
    const [a, b, c] = circles(draw(onePanel({ layers })));
    expect(b![0]).toBeCloseTo((a![0] + c![0]) / 2, 1);
    expect(b![1]).toBeCloseTo((a![1] + c![1]) / 2, 1);
    expect(a![0]).toBeLessThan(c![0]);
    expect(a![1]).toBeGreaterThan(c![1]);
  });

  it("is logarithmic on a logarithmic axis, and leaves out what is not positive", () => {
    const layers: Layer[] = [{ kind: "points", x: [0, 1, 2, 3], y: [1, 10, 100, -1] }];
    const drawn = circles(draw(onePanel({ layers, y: { label: "y", scale: "log" } })));
    expect(drawn).toHaveLength(3);
    expect(drawn[1]![1]).toBeCloseTo((drawn[0]![1] + drawn[2]![1]) / 2, 1);
  });

  it("is equally long on both axes where the panel says so", () => {
    const layers: Layer[] = [{ kind: "points", x: [0, 1, 0, 40], y: [0, 0, 1, 3] }];
    const [o, x, y] = circles(draw(onePanel({ layers, equal: true })));
    expect(x![0] - o![0]).toBeCloseTo(o![1] - y![1], 1);
  });

  it("is equally long on both logarithmic axes: a factor of ten is, and no value is lost", () => {
    const layers: Layer[] = [{ kind: "points", x: [1, 10, 1, 2e4], y: [1, 1, 10, 30] }];
    const log = { x: { label: "x", scale: "log" }, y: { label: "y", scale: "log" } } as const;
    const [o, x, y, far] = circles(draw(onePanel({ ...log, layers, equal: true })));
    expect(x![0] - o![0]).toBeCloseTo(o![1] - y![1], 0);
    expect(far![0]).toBeGreaterThan(x![0]);
  });

  it("is the same place in all panels that share their axes", () => {
    const panel = (x: number[]): Panel => ({
      x: { label: "x" },
      y: { label: "y" },
      layers: [{ kind: "points", x, y: [0, 1] }],
    });
    const figure: Figure = { title: "t", caption: "", share: "both", panels: [panel([0, 1]), panel([0, 10])] };
    const [left, right] = drawParts(figure, { document }).panels.map(({ svg }) => circles(parseXml(svg)));
    expect(left![0]).toEqual(right![0]);
    expect(left![1]![0] - left![0]![0]).toBeCloseTo((right![1]![0] - right![0]![0]) / 10, 1);
  });

  it("leaves out points beyond given limits", () => {
    const layers: Layer[] = [{ kind: "points", x: [0, 1, 2], y: [0, 1, 2] }];
    expect(circles(draw(onePanel({ layers, x: { label: "x", domain: [0, 1] } })))).toHaveLength(2);
  });

  it("puts the first category on y at the top, and bars from zero to their value", () => {
    const layers: Layer[] = [{ kind: "bars", values: [1, 2, -1] }];
    const svg = draw(onePanel({ layers, y: { label: "y", categories: ["a", "b", "c"] } }));
    const bars = all(svg, "rect").filter((r) => r.attributes.x !== undefined);
    const [a, b, c] = bars.map((r) => [Number(r.attributes.y), Number(r.attributes.x), Number(r.attributes.width)]);
    expect(a![0]).toBeLessThan(b![0]!);
    expect(b![2]! / a![2]!).toBeCloseTo(2, 1);
    expect(c![1]! + c![2]!).toBeCloseTo(a![1]!, 1);
  });

  it("keeps a line that has a gap in two pieces", () => {
    const layers: Layer[] = [{ kind: "line", x: [0, 1, 2, 3], y: [0, 1, null, 3] }];
    const lines = all(draw(onePanel({ layers })), "path").filter((p) => p.attributes.d?.match(/M/g)?.length === 2);
    expect(lines).toHaveLength(1);
  });
});

describe("a stranger's text", () => {
  const evil = `<script>alert(1)</script>" onload="x" & ' \u0000 ]]>`;
  it("stays text, wherever it stands", () => {
    const figure: Figure = {
      title: evil,
      caption: evil,
      panels: [
        {
          title: evil,
          x: { label: evil, unit: evil, categories: [evil, "b"] },
          y: { label: evil, unit: evil },
          layers: [
            { kind: "bars", name: evil, values: [1, 2] },
            { kind: "text", x: [0], y: [1], text: [evil] },
            { kind: "region", axis: "x", from: 0, to: 1, name: evil },
          ],
        },
        {
          x: { label: evil },
          y: { label: evil, lanes: [{ name: evil, unit: evil }] },
          layers: [{ kind: "line", name: `${evil}2`, x: [0, 1], y: [0, 1] }],
        },
        {
          x: { label: "x" },
          y: { label: "y" },
          layers: [{ kind: "heat", values: [1], rows: 1, columns: 1, label: evil, unit: evil }],
        },
      ],
    };
    const svg = drawFigure(figure, { document });
    const root = parseXml(svg);
    expect(all(root, "script")).toHaveLength(0);
    expect(svg).not.toContain("\u0000");
    for (const element of all(root))
      for (const name of Object.keys(element.attributes)) expect(name).not.toMatch(/^on/);
    // Lines are broken between words only, so the words are all there.
    expect(textOf(root)).toContain("<script>alert(1)</script>");
  });
});

describe("hostile numbers", () => {
  const value = fc.oneof(
    fc.double({ min: -1e12, max: 1e12 }),
    fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
      -0,
      1e-300,
      5e-324,
      1e308,
      -1e308,
    ),
  );
  it("never reach the drawing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value, value), { maxLength: 12 }),
        fc.constantFrom("linear" as const, "log" as const),
        fc.boolean(),
        (rows, scale, equal) => {
          const [x, y, error] = [0, 1, 2].map((k) => rows.map((row) => row[k]!));
          const layers: Layer[] = [
            { kind: "line", name: "l", x: x!, y: y!, error, low: error, high: y, shape: "circle", arrow: true },
            { kind: "points", x: x!, y: y!, error, errorX: error },
            { kind: "rule", axis: "identity" },
          ];
          const axis = { label: "v", scale };
          const figure: Figure = {
            title: "t",
            caption: "",
            panels: [
              { x: axis, y: axis, equal: equal && scale === "linear", layers },
              {
                x: { label: "x", categories: x!.map((_, i) => `c${i}`) },
                y: axis,
                layers: [{ kind: "bars", values: y!, error }],
              },
              {
                x: { label: "x" },
                y: { label: "y" },
                layers: [{ kind: "heat", values: y!, rows: 1, columns: y!.length, label: "h" }],
              },
              {
                x: { label: "x" },
                y: { label: "y", lanes: [{ name: "a" }] },
                layers: [{ kind: "line", x: x!, y: y! }],
              },
            ],
          };
          const svg = drawFigure(figure, { document });
          parseXml(svg);
          const drawing = svg.replace(/>[^<]*</g, "><");
          if (/NaN|Infinity|undefined/.test(drawing))
            throw new Error(/.{80}(NaN|Infinity|undefined).{20}/.exec(drawing)?.[0]);
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  });
});

it("says that there is nothing to draw", () => {
  expect(textOf(draw(onePanel({ layers: [{ kind: "line", x: [0, 1], y: [null, Number.NaN] }] })))).toContain(
    "nothing finite to draw",
  );
});

it.each<[string, Partial<Panel> & { layers: Layer[] }]>([
  ["2 values of y for 3 of x", { layers: [{ kind: "line", x: [1, 2, 3], y: [1, 2] }] }],
  ["bars on two axes of numbers", { layers: [{ kind: "bars", values: [1] }] }],
  [
    "5 values; expected 2 rows × 3 columns",
    { layers: [{ kind: "heat", values: [1, 2, 3, 4, 5], rows: 2, columns: 3, label: "h" }] },
  ],
  [
    "lane 2; expected 0 to 0",
    { y: { label: "y", lanes: [{ name: "a" }] }, layers: [{ kind: "line", x: [0], y: [0], lane: 2 }] },
  ],
])("refuses: %s", (message, panel) => {
  expect(() => drawFigure(onePanel(panel), { document })).toThrow(message);
});

it("writes colours out for programs without style sheets", () => {
  for (const theme of ["light", "dark"] as const)
    expect(drawFigure(gallery.heat(), { document, theme })).not.toContain("var(");
});
