import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { correlation } from "../../src/base/statistics.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { autocorrelogram, bandScores, borderScores, gridScores } from "../../src/population/spatialScores.ts";

const bins = 20;

/** A map of a function of bin centres, in sides of the box from its middle. */
const drawn = (rate: (x: number, y: number) => number): Float64Array =>
  Float64Array.from({ length: bins * bins }, (_, k) =>
    rate(((k % bins) + 0.5) / bins - 0.5, (Math.floor(k / bins) + 0.5) / bins - 0.5),
  );
const maps = (...list: Float64Array[]) =>
  ndarray(
    list.flatMap((m) => [...m]),
    [list.length, bins, bins],
  );

/** Plane waves of one wavelength in some directions (degrees), added up. */
const waves = (spacing: number, degrees: number[], phase = 0) =>
  drawn((x, y) =>
    degrees.reduce((sum, d) => {
      const a = (d * Math.PI) / 180;
      return sum + Math.cos((2 * Math.PI * (Math.cos(a) * x + Math.sin(a) * y)) / spacing + phase);
    }, 3),
  );
const noise = (seed: number) => new RandomStream(seed, "map").fillUniform(new Float64Array(bins * bins), 0, 1);

describe("autocorrelogram", () => {
  test("is Pearson's correlation of what lies over each other, unknown bins left out", () => {
    const map = noise(1);
    map[47] = Number.NaN;
    const r = autocorrelogram(map, bins);
    expect(r[19 * 39 + 19]).toBeCloseTo(1, 12);
    for (const [dx, dy] of [
      [3, 2],
      [-5, 1],
      [0, -7],
      [6, -6],
    ] as const) {
      const [a, b]: [number[], number[]] = [[], []];
      for (let y = 0; y < bins; y++)
        for (let x = 0; x < bins; x++) {
          const [u, v] = [x + dx, y + dy];
          if (u < 0 || v < 0 || u >= bins || v >= bins) continue;
          const [p, q] = [map[y * bins + x]!, map[v * bins + u]!];
          if (Number.isNaN(p) || Number.isNaN(q)) continue;
          a.push(p);
          b.push(q);
        }
      expect(r[(19 + dy) * 39 + 19 + dx]).toBeCloseTo(correlation(a, b), 10);
    }
    // Fewer than 20 bins in the corner.
    expect(r[0]).toBeNaN();
  });
});

describe("grid score", () => {
  const hexagonal = (turn: number, spacing = 0.3) => waves(spacing, [turn, turn + 60, turn + 120]);

  test("a hexagonal lattice scores above 1 at any orientation and spacing, a square one below 0, noise near it", () => {
    for (const turn of [0, 7, 15, 22, 41])
      for (const spacing of [0.25, 0.3, 0.4]) expect(gridScores(maps(hexagonal(turn, spacing)))[0]).toBeGreaterThan(1);
    for (const turn of [0, 20, 45])
      expect(gridScores(maps(waves(0.3, [turn, turn + 90])))[0], `${turn}`).toBeLessThan(0);
    expect(gridScores(maps(waves(0.3, [0])))[0]).toBeLessThan(0.2);
    expect(Math.abs(gridScores(maps(noise(2)))[0]!)).toBeLessThan(0.4);
  });

  test("does not change with a turn by 60° (but for the corners of the box), with scale, baseline or a reflection", () => {
    const map = hexagonal(11);
    const [score] = gridScores(maps(map));
    expect(gridScores(maps(hexagonal(71)))[0]).toBeCloseTo(score!, 10);
    expect(gridScores(maps(map.map((r) => 5 * r + 2)))[0]).toBeCloseTo(score!, 8);
    const reflected = map.map((_, k) => map[k - (k % bins) + bins - 1 - (k % bins)]!);
    expect(gridScores(maps(reflected))[0]).toBeCloseTo(score!, 8);
  });

  test("has no value where a map does not vary", () => {
    expect(gridScores(maps(new Float64Array(bins * bins).fill(2)))[0]).toBeNaN();
  });
});

describe("border score", () => {
  test("a field along a part of a wall: (cM - dM) / (cM + dM) by hand, on each wall", () => {
    // 15 of 20 bins of the wall and two bins deep: distances 0.5 and 1.5 bins of half a side of 10.
    const field = drawn((x, y) => (x > -0.25 && y < -0.4 ? 3 : 0));
    const [c, d] = [15 / 20, (2 / 3) * 0.15 + (1 / 3) * 0.05];
    const weighted = drawn((x, y) => (x > -0.25 ? (y < -0.45 ? 1 : y < -0.4 ? 2 : 0) : 0));
    // The five bins of the field at the other wall are nearer to it.
    const near = (k: number) => Math.min(k % bins, bins - 1 - (k % bins), Math.floor(k / bins)) / 10 + 0.05;
    const mass = weighted.reduce((a, b) => a + b, 0);
    const exact = weighted.reduce((sum, r, k) => sum + (r * near(k)) / mass, 0);
    expect(exact).toBeLessThan(d);
    expect(borderScores(maps(weighted))[0]).toBeCloseTo((c - exact) / (c + exact), 12);
    const turned = (map: Float64Array) => map.map((_, k) => map[(k % bins) * bins + bins - 1 - Math.floor(k / bins)]!);
    let map = field;
    const scores = Array.from({ length: 4 }, () => borderScores(maps((map = turned(map))))[0]!);
    for (const score of scores) expect(score).toBeCloseTo(scores[0]!, 12);
    expect(borderScores(maps(field.map((r) => 7 * r)))[0]).toBeCloseTo(borderScores(maps(field))[0]!, 12);
  });

  test("a whole wall one bin deep scores (1 - 0.05) / (1 + 0.05), nearly; a field in the middle -1", () => {
    const wall = drawn((x) => (x > 0.45 ? 1 : 0));
    expect(borderScores(maps(wall))[0]).toBeCloseTo(0.95 / 1.05, 12);
    expect(borderScores(maps(drawn((x, y) => Math.exp(-(x * x + y * y) / 0.02))))[0]).toBe(-1);
  });

  test("a baseline makes one field of the map, unless rates are counted from the least", () => {
    const wall = drawn((x) => (x > 0.45 ? 1 : 0));
    const raised = wall.map((rate) => rate + 2);
    // All bins: cM = 1, dM between a third (of a fine map) and that of the wall.
    const [score] = borderScores(maps(raised));
    expect(score).toBeGreaterThan(0.45);
    expect(score).toBeLessThan(0.6);
    expect(borderScores(maps(raised), { from: "least" })[0]).toBeCloseTo(0.95 / 1.05, 12);
  });

  test("small fields do not count, and bins that touch by a corner are apart", () => {
    const specks = drawn(() => 0);
    for (const k of [0, 1, 2, 45, 66]) specks[k] = 1;
    expect(borderScores(maps(specks))[0]).toBeNaN();
    expect(borderScores(maps(specks), { area: 0.005 })[0]).toBeCloseTo((3 / 20 - 0.05) / (3 / 20 + 0.05), 12);
  });
});

describe("band score", () => {
  test("a plane wave scores 1 at any phase and direction that is looked at", () => {
    for (const [kx, ky] of [
      [1, 0],
      [0, 2.5],
      [2, 1.5],
      [1.5, -2],
    ] as const)
      for (const phase of [0, 1, 2.5]) {
        const map = drawn((x, y) => 2 + Math.cos(2 * Math.PI * (kx * x + ky * y) + phase));
        expect(bandScores(maps(map))[0]).toBeCloseTo(1, 10);
      }
  });

  test("three waves of a hexagonal lattice share its variance: near sqrt(1/3); two of a square one: sqrt(1/2)", () => {
    const exact = drawn((x, y) => Math.cos(4 * Math.PI * x) + Math.cos(4 * Math.PI * y));
    expect(bandScores(maps(exact))[0]).toBeCloseTo(Math.sqrt(1 / 2), 10);
    expect(Math.abs(bandScores(maps(waves(0.3, [10, 70, 130])))[0]! - Math.sqrt(1 / 3))).toBeLessThan(0.06);
  });

  test("does not change with scale and baseline; unknown bins are left out; noise scores low", () => {
    const map = noise(3);
    const [score] = bandScores(maps(map));
    expect(score).toBeLessThan(0.35);
    expect(bandScores(maps(map.map((r) => 3 * r + 1)))[0]).toBeCloseTo(score!, 10);
    const wave = drawn((x) => Math.cos(4 * Math.PI * x));
    wave[3] = Number.NaN;
    expect(bandScores(maps(wave, map))[0]).toBeCloseTo(1, 10);
    expect(bandScores(maps(wave, map))[1]).toBeCloseTo(score!, 12);
  });

  test("refuses maps that are not square and a range without a wave", () => {
    expect(() => bandScores(ndarray(new Float64Array(200), [1, 10, 20]))).toThrow(/rate maps of shape/);
    expect(() => bandScores(maps(noise(1)), { cycles: [5, 4] })).toThrow(/cycles/);
  });
});
