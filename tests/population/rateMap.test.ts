import { describe, expect, test } from "vitest";
import { ndarray, zeros } from "../../src/base/arrays.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { rateMaps } from "../../src/population/rateMap.ts";

const random = new RandomStream(1, "places");
const n = 3000;
const x = random.fillUniform(new Float64Array(n), -1, 1);
const y = random.fillUniform(new Float64Array(n), -1, 1);
const activity = (rate: (x: number, y: number) => number[]) => {
  const rows = Array.from({ length: n }, (_, k) => rate(x[k]!, y[k]!));
  return ndarray(rows.flat(), [30, 100, rows[0]!.length]);
};

describe("rate maps", () => {
  test("hold the mean of each bin, rows along y and columns along x", () => {
    const { rates, visits } = rateMaps(
      activity((a, b) => [a, b]),
      x,
      y,
      { box: [-1, 1], bins: 4, smooth: 0 },
    );
    expect(rates.shape).toEqual([2, 4, 4]);
    expect(visits.data.reduce((a, b) => a + b, 0)).toBe(n);
    const inside = [...x.keys()].filter((k) => x[k]! >= 0.5 && y[k]! < -0.5);
    expect(visits.data[3]).toBe(inside.length);
    expect(rates.data[3]).toBeCloseTo(inside.reduce((s, k) => s + x[k]!, 0) / inside.length, 12);
    expect(rates.data[16 + 3]).toBeCloseTo(inside.reduce((s, k) => s + y[k]!, 0) / inside.length, 12);
  });

  test("a constant stays what it is at any width, and maps are linear in the activity", () => {
    const options = { box: [-1, 1], bins: 20, smooth: 1.5 } as const;
    const { rates } = rateMaps(
      activity((a, b) => [3, a, b, 2 * a - b]),
      x,
      y,
      options,
    );
    for (let k = 0; k < 400; k++) {
      expect(rates.data[k]).toBeCloseTo(3, 10);
      expect(rates.data[1200 + k]).toBeCloseTo(2 * rates.data[400 + k]! - rates.data[800 + k]!, 10);
    }
  });

  test("leave out what is outside the box, and know nothing where nothing was seen", () => {
    const few = ndarray([1, 2, 100], [1, 3, 1]);
    const { rates, visits } = rateMaps(few, [0.1, 0.1, 5], [0.1, 0.1, 0.1], { box: [0, 1], bins: 2, smooth: 0 });
    expect([...rates.data]).toEqual([1.5, Number.NaN, Number.NaN, Number.NaN]);
    expect([...visits.data]).toEqual([2, 0, 0, 0]);
  });

  test("refuse positions that do not fit and a box without a side", () => {
    expect(() => rateMaps(zeros(2, 3, 1), [0], [0], { box: [0, 1] })).toThrow(/positions x/);
    expect(() => rateMaps(zeros(1, 1, 1), [0], [0], { box: [1, 1] })).toThrow(/bins/);
  });
});
