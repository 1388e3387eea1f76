import { describe, expect, test } from "vitest";
import { ndarray, zeros } from "../../src/base/arrays.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { aboveShuffles, permutedBlocks, rolled, shareOf } from "../../src/population/shuffles.ts";

describe("rolled activity", () => {
  const activity = ndarray(
    Array.from({ length: 10 * 5 * 3 }, (_, k) => 100 * (k % 3) + Math.floor(k / 3)),
    [10, 5, 3],
  );

  test("each unit keeps its series, from elsewhere: at least one trial away from where it was, either way", () => {
    for (let draw = 0; draw < 20; draw++) {
      const { data } = rolled(activity, { seed: 1, draw });
      const lags = [0, 1, 2].map((i) => data[i]! - 100 * i);
      for (let t = 0; t < 50; t++)
        for (let i = 0; i < 3; i++) expect(data[t * 3 + i]).toBe(100 * i + ((t + lags[i]!) % 50));
      for (const lag of lags) expect(Math.min(lag, 50 - lag)).toBeGreaterThanOrEqual(5);
    }
  });

  test("another draw is another shuffle, the same one is the same", () => {
    const [a, b, again] = [0, 1, 0].map((draw) => [...rolled(activity, { seed: 1, draw }).data]);
    expect(a).toEqual(again);
    expect(a).not.toEqual(b);
    expect(() => rolled(zeros(2, 5, 1), { seed: 1 })).toThrow(/trials/);
  });
});

describe("permuted blocks", () => {
  const maps = ndarray(
    Array.from({ length: 2 * 144 }, (_, k) => k % 144),
    [2, 12, 12],
  );

  test("each block is some block of the map, turned; all are there once; units differ", () => {
    const made = permutedBlocks(maps, { block: 4, seed: 1 });
    const units = [0, 1].map((i) => [...made.data.slice(144 * i, 144 * i + 144)]);
    for (const map of units) {
      expect([...map].sort((a, b) => a - b)).toEqual([...maps.data.slice(0, 144)]);
      for (let b = 0; b < 9; b++) {
        const at = (r: number, c: number) => map[(4 * Math.floor(b / 3) + r) * 12 + 4 * (b % 3) + c]!;
        // Neighbours stay neighbours: steps of a bin, in one of four directions throughout.
        const [along, down] = [at(0, 1) - at(0, 0), at(1, 0) - at(0, 0)];
        expect([Math.abs(along), Math.abs(down)].sort((p, q) => p - q)).toEqual([1, 12]);
        // Turned, never mirrored.
        expect([
          [1, 12],
          [12, -1],
          [-1, -12],
          [-12, 1],
        ]).toContainEqual([along, down]);
        for (let r = 0; r < 4; r++) for (let c = 0; c < 4; c++) expect(at(r, c)).toBe(at(0, 0) + r * down + c * along);
      }
    }
    expect(units[0]).not.toEqual(units[1]);
    expect([...permutedBlocks(maps, { block: 4, seed: 1 }).data]).toEqual(units.flat());
    expect([...permutedBlocks(maps, { block: 4, seed: 1, draw: 1 }).data]).not.toEqual(units.flat());
  });

  test("refuses blocks that do not fill the map", () => {
    expect(() => permutedBlocks(maps, { block: 5, seed: 1 })).toThrow(/blocks of 5/);
    expect(() => permutedBlocks(maps, { block: 12, seed: 1 })).toThrow(/blocks of 12/);
  });
});

describe("shares", () => {
  test("Wilson's interval: the two p at which the share is 1.96 binomial standard deviations away", () => {
    for (const [count, n] of [
      [0, 10],
      [3, 20],
      [128, 256],
      [256, 256],
    ] as const) {
      const { share, low, high } = shareOf(count, n);
      expect(share).toBe(count / n);
      for (const limit of [low, high])
        if (limit > 1e-12 && limit < 1 - 1e-12)
          expect((share - limit) ** 2).toBeCloseTo((1.959963984540054 ** 2 * limit * (1 - limit)) / n, 12);
    }
    expect(shareOf(0, 10).low).toBe(0);
    expect(shareOf(10, 10).high).toBe(1);
  });

  test("without any difference one in twenty units is above its shuffles; a score that is missing is not", () => {
    const random = new RandomStream(1, "scores");
    const draw = () => random.fillUniform(new Float64Array(4000), 0, 1);
    const { share, low, high } = aboveShuffles(draw(), Array.from({ length: 100 }, draw));
    expect(low).toBeLessThan(0.06);
    expect(high).toBeGreaterThan(0.045);
    expect(share).toBeLessThan(0.07);
    const nineteen = Array.from({ length: 19 }, (_, k) => [1, 1, Number.NaN, k]);
    const few = aboveShuffles([2, Number.NaN, 0, 18], nineteen);
    expect(few.above).toEqual([true, false, true, false]);
  });
});
