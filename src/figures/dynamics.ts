/**
 * How figures of dynamical systems look, the same everywhere: fixed points by stability (shape as well as colour), the stability
 * limit beside a spectrum, three dimensions drawn obliquely. Pieces to compose figures from, no analyses.
 */
import type { Layer, LineLayer, PointsLayer, TextLayer, Values } from "./figure.ts";

export type Stability = "stable" | "saddle" | "unstable" | "slow";

const LOOK: Record<Stability, Pick<PointsLayer, "name" | "shape" | "color" | "open" | "size">> = {
  stable: { name: "stable fixed point", shape: "circle", color: "blue", size: 5 },
  saddle: { name: "saddle", shape: "diamond", color: "vermilion", open: true, size: 5 },
  unstable: { name: "unstable fixed point", shape: "triangle", color: "purple", open: true, size: 5 },
  slow: { name: "slow point", shape: "plus", color: "gray", size: 3.5 },
};

/** Fixed points as points: filled circles are stable, open diamonds saddles, open triangles unstable, crosses slow. */
export function fixedPointLayers(x: Values, y: Values, stability: readonly Stability[]): PointsLayer[] {
  return (["slow", "unstable", "saddle", "stable"] as const).flatMap((kind) => {
    const which = stability.flatMap((s, i) => (s === kind ? [i] : []));
    if (which.length === 0) return [];
    return [{ kind: "points", x: which.map((i) => x[i]!), y: which.map((i) => y[i]!), ...LOOK[kind] }];
  });
}

/** The limit of stability in the complex plane: the imaginary axis of a flow, the unit circle of a map. */
export function stabilityLimit(kind: "flow" | "map"): Layer {
  const look = { name: "limit of stability", color: "ink", dash: "dashed" } as const;
  if (kind === "flow") return { kind: "rule", axis: "x", at: 0, ...look };
  const angles = Array.from({ length: 121 }, (_, i) => (2 * Math.PI * i) / 120);
  return { kind: "line", x: angles.map(Math.cos), y: angles.map(Math.sin), width: 1.2, guide: true, ...look };
}

/** Direction and length of the third axis in an oblique drawing. */
const DEPTH = [0.42, 0.3] as const;

/** Oblique projection of points `(a, b, c)`: a to the right, b up, c into the page: `(a + 0.42 c, b + 0.3 c)`. */
export function oblique(a: Values, b: Values, c: Values): { x: number[]; y: number[] } {
  const shifted = (values: Values, by: number) =>
    Array.from(values, (v, i) => (v ?? Number.NaN) + by * (c[i] ?? Number.NaN));
  return { x: shifted(a, DEPTH[0]), y: shifted(b, DEPTH[1]) };
}

/** Edges of the box `[-r, r]³` in the same projection, with the name of the third axis beside it. */
export function obliqueBox(r: number, third: string): (LineLayer | TextLayer)[] {
  const path = (corners: number[][], dash: LineLayer["dash"]): LineLayer => {
    const [a, b, c] = [0, 1, 2].map((k) => corners.map((p) => p[k]! * r));
    return { kind: "line", ...oblique(a!, b!, c!), color: "gray", width: 0.9, dash, opacity: 0.8, guide: true };
  };
  const square = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ];
  const face = (c: number) => [...square, square[0]!].map(([a, b]) => [a!, b!, c]);
  const text: TextLayer = {
    kind: "text",
    ...oblique([r], [-r], [0]),
    text: [`${third} ↗`],
    anchor: "start",
    guide: true,
  };
  return [
    path(face(1), "dotted"),
    ...square.map(([a, b]) =>
      path(
        [-1, 1].map((c) => [a!, b!, c]),
        "dotted",
      ),
    ),
    path(face(-1), "solid"),
    { ...text, dx: 12, dy: 8 },
  ];
}
