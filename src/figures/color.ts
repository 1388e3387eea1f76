/**
 * The palette. Figures name colours, style sheets give them values for light and for dark paper, so that one SVG fits both.
 *
 * Named colours follow Okabe and Ito (blue, vermilion, bluish green, reddish purple), shifted until each has a contrast of
 * at least 3 : 1 against its paper and each pair stays apart under simulated protanopia, deuteranopia and tritanopia
 * (tests/figures/color.test.ts). Ordered colours are the part of viridis that keeps that contrast.
 */
import type { Color, NamedColor } from "./figure.ts";

export type Theme = "light" | "dark";

type Roles = NamedColor | "paper" | "muted" | "grid";

const ROLES: Record<Theme, Record<Roles, string>> = {
  light: {
    paper: "#ffffff",
    ink: "#1c2128",
    muted: "#59616c",
    grid: "#e3e6ea",
    blue: "#0072b2",
    vermilion: "#d55e00",
    green: "#00996f",
    purple: "#8f3d8a",
    gray: "#868c95",
  },
  dark: {
    paper: "#14171c",
    ink: "#e4e7eb",
    muted: "#a2a9b3",
    grid: "#2c323a",
    blue: "#4a9fe6",
    vermilion: "#f07f3c",
    green: "#3ccfa4",
    purple: "#e7a0d2",
    gray: "#858c96",
  },
};

const VIRIDIS = "440154 482878 3e4a89 31688e 26828e 1f9e89 35b779 6dcd59 b4de2c fde725".split(" ").map((h) => `#${h}`);

/** Steps of an ordered or a signed scale. */
const STEPS = 17;

/** The part of viridis for lines on each paper, and the neutral middle of the signed scale. */
const ORDERED: Record<Theme, [number, number]> = { light: [0, 0.56], dark: [0.4, 1] };
const NEUTRAL: Record<Theme, string> = { light: "#8d939c", dark: "#757c87" };

/** The colour's value in CSS: a variable of `paletteStyle`, or its value on light or dark paper. */
export function cssColor(color: Color | "paper" | "muted" | "grid", theme: Theme | "auto" = "auto"): string {
  const name = variableOf(color);
  return theme === "auto" ? `var(--nc-${name})` : variables(theme).get(name)!;
}

/** Declarations of all colours on one paper, `--nc-blue: #0072b2; …`. */
export function paletteStyle(theme: Theme): string {
  return [...variables(theme)].map(([name, value]) => `--nc-${name}:${value}`).join(";");
}

/** Replaces the variables in a drawing by their values on one paper, for programs that know no CSS variables. */
export function resolveColors(svg: string, theme: Theme): string {
  const values = variables(theme);
  return svg.replace(/var\(--nc-([a-z0-9]+)\)/g, (all, name: string) => values.get(name) ?? all);
}

/** viridis at 0…1. */
export function viridis(t: number): string {
  const at = Math.min(Math.max(t, 0), 1) * (VIRIDIS.length - 1);
  const i = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return mix(VIRIDIS[i]!, VIRIDIS[i + 1]!, at - i);
}

/** Red, green and blue, 0…255. */
export function channels(hex: string): [number, number, number] {
  return [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as [number, number, number];
}

function variableOf(color: Color | Roles): string {
  if (typeof color === "string") return color;
  const signed = "signed" in color;
  const t = signed ? (color.signed + 1) / 2 : color.ordered;
  const step = Math.round(Math.min(Math.max(Number.isFinite(t) ? t : 0, 0), 1) * (STEPS - 1));
  return `${signed ? "s" : "o"}${step}`;
}

const cache = new Map<Theme, Map<string, string>>();

function variables(theme: Theme): Map<string, string> {
  const known = cache.get(theme);
  if (known) return known;
  const made = new Map<string, string>(Object.entries(ROLES[theme]));
  const [from, to] = ORDERED[theme];
  for (let step = 0; step < STEPS; step++) {
    const t = step / (STEPS - 1);
    made.set(`o${step}`, viridis(from + (to - from) * t));
    const side = ROLES[theme][t < 0.5 ? "vermilion" : "blue"];
    made.set(`s${step}`, mix(NEUTRAL[theme], side, Math.abs(2 * t - 1)));
  }
  cache.set(theme, made);
  return made;
}

function mix(a: string, b: string, t: number): string {
  const [x, y] = [channels(a), channels(b)];
  return `#${x
    .map((v, i) =>
      Math.round(v + (y[i]! - v) * t)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}
