import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { bin, gaussianSmooth } from "../../src/base/signal.ts";

describe("bin", () => {
  test("sums and averages along any axis, and drops what does not fill a bin", () => {
    // [2, 5, 2]: entry = 100 outer + 10 time + inner
    const array = ndarray(
      Array.from({ length: 20 }, (_, k) => 100 * Math.floor(k / 10) + 10 * (Math.floor(k / 2) % 5) + (k % 2)),
      [2, 5, 2],
    );
    expect(bin(array, 1, 2)).toEqual(ndarray([10, 12, 50, 52, 210, 212, 250, 252], [2, 2, 2]));
    expect(bin(array, 1, 2, "mean")).toEqual(ndarray([5, 6, 25, 26, 105, 106, 125, 126], [2, 2, 2]));
    expect(bin(ndarray([1, 2, 3, 4], [4]), 0, 4).data).toEqual(Float64Array.of(10));
    expect(bin(array, 0, 1)).toEqual(array);
  });

  test("refuses bins that are none", () => {
    const array = ndarray([1, 2, 3], [3]);
    for (const factor of [0, 1.5, 4, Number.NaN]) expect(() => bin(array, 0, factor)).toThrow("bins of");
    expect(() => bin(array, 1, 1)).toThrow("axis 1");
  });
});

describe("gaussianSmooth", () => {
  test("an impulse becomes the Gaussian, with area 1", () => {
    const impulse = ndarray(
      Array.from({ length: 41 }, (_, k) => (k === 20 ? 1 : 0)),
      [41],
    );
    const { data } = gaussianSmooth(impulse, 0, 2, 8);
    for (let k = 0; k < 41; k++)
      expect(data[k]).toBeCloseTo(Math.exp(-((k - 20) ** 2) / 8) / (2 * Math.sqrt(2 * Math.PI)), 8);
    expect(data.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  test("a wave is damped by exp(-(w sd)²/2) and a constant stays, ends included", () => {
    const w = 2 * Math.PI * 0.05;
    const length = 201;
    // Along axis 0 of [time, neuron]: a wave, and a constant.
    const array = ndarray(
      Array.from({ length: 2 * length }, (_, k) => (k % 2 ? 7 : Math.cos(w * ((k >> 1) - 100)))),
      [length, 2],
    );
    const { data } = gaussianSmooth(array, 0, 3, 8);
    expect(data[200]).toBeCloseTo(Math.exp((-w * w * 9) / 2), 6);
    for (let k = 0; k < length; k++) expect(data[2 * k + 1]).toBeCloseTo(7, 12);
  });

  test("width 0 copies; a negative width is refused", () => {
    const array = ndarray([1, 5, 2], [3]);
    const copy = gaussianSmooth(array, 0, 0);
    expect(copy).toEqual(array);
    expect(copy.data).not.toBe(array.data);
    expect(() => gaussianSmooth(array, 0, -1)).toThrow("Gaussian");
  });
});
