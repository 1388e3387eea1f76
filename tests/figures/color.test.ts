import { describe, expect, it } from "vitest";
import { channels, cssColor, resolveColors, type Theme, viridis } from "../../src/figures/color.ts";
import type { NamedColor } from "../../src/figures/figure.ts";

const NAMES: NamedColor[] = ["blue", "vermilion", "green", "purple", "gray", "ink"];
const themes: Theme[] = ["light", "dark"];

/** @source IEC 61966-2-1 (sRGB) and WCAG 2.2, relative luminance */
const linear = (hex: string) =>
  channels(hex).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
const luminance = (hex: string) => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (a: string, b: string) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
};

/** @source Machado, Oliveira & Fernandes 2009, table of severity 1.0, in linear RGB */
const VISIONS: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const lab = (hex: string, vision: number[][]) => {
  const rgb = linear(hex);
  const [r, g, b] = vision.map((row) =>
    Math.min(Math.max(row[0]! * rgb[0]! + row[1]! * rgb[1]! + row[2]! * rgb[2]!, 0), 1),
  );
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r! + 0.3576 * g! + 0.1805 * b!) / 0.95047);
  const y = f(0.2126 * r! + 0.7152 * g! + 0.0722 * b!);
  const z = f((0.0193 * r! + 0.1192 * g! + 0.9505 * b!) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

describe.each(themes)("on %s paper", (theme) => {
  const paper = cssColor("paper", theme);

  it("all colours of lines and points have a contrast of 3 : 1, text of 4.5 : 1 (WCAG 1.4.11, 1.4.3)", () => {
    for (const name of NAMES) expect(contrast(cssColor(name, theme), paper), name).toBeGreaterThanOrEqual(3);
    for (let k = 0; k <= 16; k++) {
      expect(contrast(cssColor({ ordered: k / 16 }, theme), paper), `ordered ${k}`).toBeGreaterThanOrEqual(3);
      expect(contrast(cssColor({ signed: k / 8 - 1 }, theme), paper), `signed ${k}`).toBeGreaterThanOrEqual(3);
    }
    for (const name of ["ink", "muted"] as const)
      expect(contrast(cssColor(name, theme), paper)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(Object.entries(VISIONS))(
    "named colours stay apart for %s (CIE76 difference of 12 or more)",
    (_name, vision) => {
      for (const a of NAMES)
        for (const b of NAMES)
          if (a < b) {
            const [p, q] = [lab(cssColor(a, theme), vision), lab(cssColor(b, theme), vision)];
            expect(Math.hypot(...p.map((v, i) => v - q[i]!)), `${a} and ${b}`).toBeGreaterThanOrEqual(12);
          }
    },
  );
});

it("viridis begins and ends as published, and gets lighter throughout", () => {
  expect(viridis(0)).toBe("#440154");
  expect(viridis(1)).toBe("#fde725");
  for (let k = 0; k < 50; k++) expect(luminance(viridis((k + 1) / 50))).toBeGreaterThan(luminance(viridis(k / 50)));
});

it("writes variables out, and only those it knows", () => {
  expect(resolveColors('<a fill="var(--nc-blue)" stroke="var(--other)"/>', "light")).toBe(
    '<a fill="#0072b2" stroke="var(--other)"/>',
  );
});
