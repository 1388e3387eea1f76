/**
 * How much of a line attractor a slow manifold is: the integrating mode's rate, the gap to the next mode, the
 * alignment of that mode with the curve, and the drift along it; and how two such lines lie to each other.
 */
import { NullclineError } from "../base/errors.ts";
import { dot, norm2 } from "../engine/linalg/matrix.ts";
import type { ManifoldPoint, SlowManifold } from "./slowManifold.ts";

export interface LineAttractorPoint {
  readout: number;
  arclength: number;
  /** Growth rate of the integrating mode, per unit of time; positive where it grows. */
  rate: number;
  /** Growth rate of the next slowest mode: the largest among the others. */
  nextRate: number;
  /** `|rate| / |nextRate|`: small where one mode is much slower than all others. */
  ratio: number;
  /** Whether the integrating mode is one of a complex pair. */
  oscillates: boolean;
  /** |cos| between the integrating mode's right eigenvector and the tangent. */
  alignment: number;
  drift: number;
  speed: number;
}

export interface LineAttractor {
  /** Points pinned at |readout| up to this were taken. */
  limit: number;
  points: LineAttractorPoint[];
  /** Averages over the points; of `rate` with its sign and without (it often changes sign along a line); of |drift|. `ratio` is `absRate / |nextRate|`. */
  mean: {
    rate: number;
    absRate: number;
    nextRate: number;
    ratio: number;
    alignment: number;
    drift: number;
    speed: number;
  };
  /** Farthest from an ideal line among the points. */
  worst: { rate: number; nextRate: number; ratio: number; alignment: number; drift: number };
  /** `1 / mean |rate|`: how long the line holds a value. */
  tauEffective: number;
}

/** The points of a manifold pinned at |readout| up to `limit`. @throws NullclineError where there is none. */
export function pointsWithin(manifold: SlowManifold, limit: number): ManifoldPoint[] {
  const points = manifold.points.filter((point) => Math.abs(point.pinned) <= limit * (1 + 1e-9));
  if (points.length === 0)
    throw new NullclineError({
      code: "slow manifold",
      given: `no point of the slow manifold is pinned at |readout| ≤ ${limit}`,
      expected: "at least one",
      remedy: "trace it over other readout values, or set another limit",
    });
  return points;
}

/**
 * Measures of a slow manifold as a line attractor.
 * @param options.limit largest |readout| of the points taken, default 0.6: the ends of a line are not on it
 */
export function lineAttractor(manifold: SlowManifold, options: { limit?: number } = {}): LineAttractor {
  const { limit = 0.6 } = options;
  const points = pointsWithin(manifold, limit).map(measure);
  const mean = (pick: (point: LineAttractorPoint) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const largest = (pick: (point: LineAttractorPoint) => number) => Math.max(...points.map(pick));
  const absRate = mean((point) => Math.abs(point.rate));
  const nextRate = mean((point) => point.nextRate);
  return {
    limit,
    points,
    mean: {
      rate: mean((point) => point.rate),
      absRate,
      nextRate,
      ratio: absRate / Math.abs(nextRate),
      alignment: mean((point) => point.alignment),
      drift: mean((point) => Math.abs(point.drift)),
      speed: mean((point) => point.speed),
    },
    worst: {
      rate: largest((point) => Math.abs(point.rate)),
      nextRate: largest((point) => point.nextRate),
      ratio: largest((point) => point.ratio),
      alignment: -largest((point) => -point.alignment),
      drift: largest((point) => Math.abs(point.drift)),
    },
    tauEffective: 1 / absRate,
  };
}

function measure(point: ManifoldPoint): LineAttractorPoint {
  const { modes, integrating, readout, arclength, alignment, drift, speed } = point;
  const rate = modes.rates[integrating];
  const partner = modes.partner[integrating];
  let nextRate = Number.NEGATIVE_INFINITY;
  modes.rates.forEach((other, k) => {
    if (k !== integrating && k !== partner) nextRate = Math.max(nextRate, other);
  });
  const ratio = Math.abs(rate / nextRate);
  return { readout, arclength, rate, nextRate, ratio, oscillates: partner >= 0, alignment, drift, speed };
}

export interface LineComparison {
  /** |cos| between the mean tangents of the two lines, and the angle in degrees. */
  cosTangents: number;
  angle: number;
  /** Distance between the lines' middles along the axis, over the mean length of the two. */
  separation: number;
  /** The same as a distance, in units of state. */
  distance: number;
  /** Whether the axis was given, or is the part of the line between the middles that is orthogonal to both lines. */
  axis: "given" | "orthogonal to both lines";
  lengths: [number, number];
}

/**
 * How two lines, of two contexts, lie to each other.
 * @param options.axis direction along which they are compared, `[D]` of any length, e.g. TDR's context axis; default
 *   the part of the difference of their middles that is orthogonal to both mean tangents
 * @param options.limit largest |readout| of the points taken, default 0.6
 */
export function compareLines(
  a: SlowManifold,
  b: SlowManifold,
  options: { axis?: Float64Array; limit?: number } = {},
): LineComparison {
  const { limit = 0.6 } = options;
  const lines = [a, b].map((manifold) => {
    const points = pointsWithin(manifold, limit);
    const [first, last] = [points[0], points[points.length - 1]];
    return {
      tangent: unit(average(points.map((point) => point.tangent))),
      middle: average(points.map((point) => point.x)),
      length: Math.abs(last.arclength - first.arclength),
    };
  });
  const [p, q] = lines;
  const cosTangents = Math.min(1, Math.abs(dot(p.tangent, q.tangent)));
  const between = q.middle.map((value, i) => value - p.middle[i]);
  let distance: number;
  if (options.axis) distance = Math.abs(dot(between, unit(options.axis)));
  else {
    const second = q.tangent.slice();
    subtractAlong(second, p.tangent);
    subtractAlong(between, p.tangent);
    if (norm2(second) > 1e-9) subtractAlong(between, unit(second));
    distance = norm2(between);
  }
  return {
    cosTangents,
    angle: (Math.acos(cosTangents) * 180) / Math.PI,
    separation: distance / ((p.length + q.length) / 2),
    distance,
    axis: options.axis ? "given" : "orthogonal to both lines",
    lengths: [p.length, q.length],
  };
}

function average(vectors: Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  for (const v of vectors) for (let i = 0; i < sum.length; i++) sum[i] += v[i] / vectors.length;
  return sum;
}

function unit(v: Float64Array): Float64Array {
  const length = norm2(v);
  return v.map((value) => value / length);
}

function subtractAlong(v: Float64Array, direction: Float64Array): void {
  const part = dot(v, direction);
  for (let i = 0; i < v.length; i++) v[i] -= part * direction[i];
}
