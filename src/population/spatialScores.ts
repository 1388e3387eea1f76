/** Scores of rate maps: how much a map is a hexagonal grid, follows a wall, or is a band. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";

/** The bins along a side. @throws NullclineError where maps are not square. */
function side({ shape }: NDArray): number {
  if (shape.length !== 3 || shape[1] !== shape[2] || shape[1]! < 8)
    throw new NullclineError({
      code: "shape",
      given: `rate maps of shape [${shape.join(", ")}]`,
      expected: "[unit, bin, bin], at least 8 bins along a side",
    });
  return shape[1]!;
}

const eachMap = (maps: NDArray, score: (map: Float64Array) => number): Float64Array => {
  const size = side(maps) ** 2;
  return Float64Array.from({ length: maps.shape[0]! }, (_, i) =>
    score(Float64Array.from(maps.data.subarray(i * size, (i + 1) * size))),
  );
};

/**
 * Autocorrelogram of a map: at each lag Pearson's correlation of the bins that lie over each other; NaN where these are
 * fewer than `least` (default 20) or do not vary.
 * @shape map [bin, bin], NaN where nothing is known; of the result [2 bins - 1, 2 bins - 1], lag 0 in the middle
 * @source Sargolini et al. 2006, Science 312, supplement
 */
export function autocorrelogram(map: Float64Array, bins: number, least = 20): Float64Array {
  const width = 2 * bins - 1;
  const made = new Float64Array(width * width);
  for (let dy = 0; dy < bins; dy++)
    for (let dx = dy === 0 ? 0 : 1 - bins; dx < bins; dx++) {
      let n = 0;
      let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
      const [low, high] = [Math.max(0, -dx), Math.min(bins, bins - dx)];
      for (let y = 0; y + dy < bins; y++)
        for (let x = low; x < high; x++) {
          const p = map[y * bins + x]!;
          const q = map[(y + dy) * bins + x + dx]!;
          if (Number.isNaN(p + q)) continue;
          n++;
          a += p;
          b += q;
          aa += p * p;
          bb += q * q;
          ab += p * q;
        }
      const [va, vb] = [aa - (a * a) / n, bb - (b * b) / n];
      const varies = n >= least && va > 1e-12 * aa && vb > 1e-12 * bb;
      const r = varies ? (ab - (a * b) / n) / Math.sqrt(va * vb) : Number.NaN;
      made[(bins - 1 + dy) * width + bins - 1 + dx] = r;
      made[(bins - 1 - dy) * width + bins - 1 - dx] = r;
    }
  return made;
}

/**
 * Grid score: the autocorrelogram, turned by 30°, 60°, … 150° and correlated with itself over a ring,
 * `min(r60, r120) - max(r30, r90, r150)`; the greatest over rings from 0.2 to 0.4, 0.45, … 0.95 of the side. From -2 to 2,
 * above 0 for a hexagonal lattice. NaN of a map that does not vary.
 * @shape maps [unit, bin of y, bin of x], e.g. of `rateMaps`
 * @source Sargolini et al. 2006, Science 312; Langston et al. 2010, Science 328; rings nearly as in Banino et al. 2018,
 * Nature 557
 */
export function gridScores(maps: NDArray): Float64Array {
  const bins = side(maps);
  const width = 2 * bins - 1;
  const places: { x: number; y: number; radius: number }[] = [];
  for (let y = 1 - bins; y < bins; y++)
    for (let x = 1 - bins; x < bins; x++) {
      const radius = Math.hypot(x, y) / bins;
      if (radius > 0.2 && radius <= 0.95) places.push({ x, y, radius });
    }
  // Nearest last: a ring is the first so many of them.
  places.sort((p, q) => p.radius - q.radius);
  const rings = Array.from({ length: 12 }, (_, k) => places.filter((p) => p.radius <= 0.4 + 0.05 * k + 1e-9).length);
  const here = places.map(({ x, y }) => (y + bins - 1) * width + x + bins - 1);
  // Where each place comes from in a turned autocorrelogram: one of four neighbours, and how far on.
  const turned = [30, 60, 90, 120, 150].map((degrees) => {
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    return places.map(({ x: px, y: py }) => {
      const [x, y] = [c * px - s * py + bins - 1, s * px + c * py + bins - 1];
      const [column, row] = [Math.min(width - 2, Math.floor(x)), Math.min(width - 2, Math.floor(y))];
      return { from: row * width + column, u: x - column, v: y - row };
    });
  });
  return eachMap(maps, (map) => {
    const r = autocorrelogram(map, bins);
    // Correlations of all rings in one go: each ring holds the one before it.
    const correlations = turned.map((points) => {
      let [n, a, b, aa, bb, ab, k] = [0, 0, 0, 0, 0, 0, 0];
      return rings.map((end) => {
        for (; k < end; k++) {
          const { from, u, v } = points[k]!;
          const p = r[here[k]!]!;
          const above = (1 - u) * r[from]! + u * r[from + 1]!;
          const q = (1 - v) * above + v * ((1 - u) * r[from + width]! + u * r[from + width + 1]!);
          if (Number.isNaN(p + q)) continue;
          n++;
          a += p;
          b += q;
          aa += p * p;
          bb += q * q;
          ab += p * q;
        }
        return (ab - (a * b) / n) / Math.sqrt((aa - (a * a) / n) * (bb - (b * b) / n));
      });
    });
    let best = Number.NaN;
    rings.forEach((_, ring) => {
      const [r30, r60, r90, r120, r150] = correlations.map((of) => of[ring]!) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const score = Math.min(r60, r120) - Math.max(r30, r90, r150);
      if (!(score <= best) && !Number.isNaN(score)) best = score;
    });
    return best;
  });
}

export interface BorderOptions {
  /** Rate at which a field ends, over the map's greatest. Default 0.3. */
  threshold?: number;
  /** Least area of a field over that of the box. Default 200 cm² of the published square of 1 m: 0.02. */
  area?: number;
  /**
   * What rates are counted from: 0 (default), as published for spikes; or the least rate of the map, so that the score does
   * not change with a baseline. A map that varies little around a baseline is else one field along all walls: 0.5.
   */
  from?: "zero" | "least";
}

/**
 * Border score `(cM - dM) / (cM + dM)`, from -1 to 1. A field is a set of bins that touch by a side and hold more than
 * `threshold` of the greatest rate. cM: the greatest share of a wall that one field covers. dM: the mean distance of the
 * fields' bins from the nearest wall, weighted by rate, over half the side. NaN of a map without a field.
 * @shape maps [unit, bin of y, bin of x]
 * @source Solstad, Boccara, Kropff, Moser & Moser 2008, Science 322
 */
export function borderScores(maps: NDArray, options: BorderOptions = {}): Float64Array {
  const { threshold = 0.3, area = 0.02, from = "zero" } = options;
  const bins = side(maps);
  const edge = Array.from({ length: bins }, (_, i) => i);
  const walls = [
    edge,
    edge.map((i) => (bins - 1) * bins + i),
    edge.map((i) => i * bins),
    edge.map((i) => i * bins + bins - 1),
  ];
  const distance = (k: number): number => {
    const [x, y] = [k % bins, Math.floor(k / bins)];
    return (Math.min(x, y, bins - 1 - x, bins - 1 - y) + 0.5) / (bins / 2);
  };
  return eachMap(maps, (given) => {
    const known = given.filter((rate) => !Number.isNaN(rate));
    const base = from === "least" ? Math.min(...known) : 0;
    const map = given.map((rate) => rate - base);
    const least = threshold * Math.max(0, ...map.filter((rate) => rate > 0));
    const fields = fieldsOf(map, bins, least).filter((field) => field.length > area * bins * bins);
    if (fields.length === 0) return Number.NaN;
    const covered = fields.flatMap((field) => {
      const inside = new Set(field);
      return walls.map((wall) => wall.filter((k) => inside.has(k)).length / bins);
    });
    const all = fields.flat();
    const rate = all.reduce((sum, k) => sum + map[k]!, 0);
    const [c, d] = [Math.max(...covered), all.reduce((sum, k) => sum + map[k]! * distance(k), 0) / rate];
    return (c - d) / (c + d);
  });
}

/** Sets of bins above a rate that touch by a side. */
function fieldsOf(map: Float64Array, bins: number, least: number): number[][] {
  const seen = new Uint8Array(map.length);
  const fields: number[][] = [];
  const take = (k: number, field: number[]): void => {
    if (seen[k] || !(map[k]! > least)) return;
    seen[k] = 1;
    field.push(k);
  };
  for (let start = 0; start < map.length; start++) {
    const field: number[] = [];
    take(start, field);
    for (let next = 0; next < field.length; next++) {
      const k = field[next]!;
      if (k % bins > 0) take(k - 1, field);
      if (k % bins < bins - 1) take(k + 1, field);
      if (k >= bins) take(k - bins, field);
      if (k < bins * (bins - 1)) take(k + bins, field);
    }
    if (field.length > 0) fields.push(field);
  }
  return fields;
}

export interface BandOptions {
  /** Least and greatest number of cycles along the side. Default 1 and 4. */
  cycles?: readonly [number, number];
}

/**
 * Band score: the greatest correlation of a map with a plane wave of any phase, over waves whose numbers of cycles along x
 * and y are multiples of a half. From 0 to 1. NaN of a map that does not vary. (In the code of the source: one phase, one
 * quadrant of directions, and slower waves too, which a gradient fits.)
 * @shape maps [unit, bin of y, bin of x]
 * @source after Redman, Acosta-Mendoza, Wei & Goard 2024, NeurIPS 37
 * @throws NullclineError where no wave is left
 */
export function bandScores(maps: NDArray, { cycles: [least, most] = [1, 4] }: BandOptions = {}): Float64Array {
  const bins = side(maps);
  const waves: [number, number][] = [];
  for (let kx = 0; kx <= most; kx += 0.5)
    for (let ky = kx === 0 ? 0 : -Math.floor(2 * most) / 2; ky <= most; ky += 0.5)
      if (Math.hypot(kx, ky) >= least && Math.hypot(kx, ky) <= most && Math.hypot(kx, ky) > 0) waves.push([kx, ky]);
  if (waves.length === 0)
    throw new NullclineError({
      code: "option",
      given: `${least} to ${most} cycles`,
      expected: "a range with a wave in it",
    });
  let seen = "";
  let pairs: [Float64Array, Float64Array][] = [];
  return eachMap(maps, (map) => {
    const bare = [...map.keys()].filter((k) => !Number.isNaN(map[k]!));
    const mask = bare.length === map.length ? "all" : bare.join();
    if (mask !== seen) pairs = waves.map((wave) => pairOf(wave, bins, bare));
    seen = mask;
    const rates = centred(bare.map((k) => map[k]!));
    const power = dot(rates, rates);
    if (!(power > 0)) return Number.NaN;
    return Math.sqrt(Math.max(...pairs.map(([p, q]) => (dot(rates, p) ** 2 + dot(rates, q) ** 2) / power)));
  });
}

/** An orthonormal basis of the waves of one wave vector, at some bins, without their means. */
function pairOf([kx, ky]: [number, number], bins: number, at: readonly number[]): [Float64Array, Float64Array] {
  const phases = at.map((k) => (2 * Math.PI * (kx * ((k % bins) + 0.5) + ky * (Math.floor(k / bins) + 0.5))) / bins);
  const unit = (v: Float64Array): Float64Array => {
    const norm = Math.sqrt(dot(v, v));
    return v.map((value) => (norm > 1e-6 ? value / norm : 0));
  };
  const p = unit(centred(phases.map(Math.cos)));
  const s = centred(phases.map(Math.sin));
  const along = dot(p, s);
  return [p, unit(s.map((value, k) => value - along * p[k]!))];
}

function centred(values: readonly number[]): Float64Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Float64Array.from(values, (v) => v - mean);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
