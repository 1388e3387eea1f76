import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNumber, formatWithError, linearTicks, logTicks, tickFormat } from "../../src/figures/number.ts";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [1024, "1024"],
    [60000, "60\u202f000"],
    [0.8243, "0.824"],
    [-0.5, "−0.5"],
    [123.456, "123"],
    [1e-12, "10⁻¹²"],
    [-2.5e-7, "−2.5\u202f×\u202f10⁻⁷"],
    [Number.NaN, "–"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("%d is %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("keeps the value to its digits", () => {
    const read = (text: string) => {
      const digits = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];
      const plain = text
        .replaceAll("−", "-")
        .replaceAll("⁻", "-")
        .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (c) => String(digits.indexOf(c)));
      const [mantissa, power] = plain.replace(/\u202f(?=\d{3})/g, "").split("\u202f×\u202f10");
      if (power !== undefined) return Number(mantissa) * 10 ** Number(power);
      return plain.startsWith("10-") ? 10 ** Number(plain.slice(2)) : Number(mantissa);
    };
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 9e4, noNaN: true }), (value) => {
        expect(Math.abs(read(formatNumber(value)) - value)).toBeLessThanOrEqual(0.0051 * value + 1e-300);
      }),
      { seed: 1 },
    );
  });
});

describe("formatWithError", () => {
  it.each<[number, number, string]>([
    [0.82431, 0.0079, "0.8243 ± 0.0079"],
    [0.5, 0.25, "0.50 ± 0.25"],
    [-0.0021, 0.0041, "−0.0021 ± 0.0041"],
    [217, 12, "217 ± 12"],
    [0.9, 0, "0.9"],
    [-0.0004, 0.016, "0.000 ± 0.016"],
  ])("%d with %d is %s", (value, error, text) => expect(formatWithError(value, error)).toBe(text));
});

describe("ticks", () => {
  it("are round values inside the range, as many as asked for within a factor of two", () => {
    expect(linearTicks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks([-0.16, 0.16], 4)).toEqual([-0.1, 0, 0.1]);
    expect(linearTicks([0, 3000], 5)).toEqual([0, 500, 1000, 1500, 2000, 2500, 3000]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (from, length) => {
          const ticks = linearTicks([from, from + length], 6);
          expect(ticks.length).toBeGreaterThanOrEqual(3);
          expect(ticks.length).toBeLessThanOrEqual(12);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(from - 1e-9 * length);
            expect(tick).toBeLessThanOrEqual(from + length * (1 + 1e-9));
          }
        },
      ),
      { seed: 2 },
    );
  });

  it("are powers of ten on a logarithm, with 2 and 5 where there are few", () => {
    expect(logTicks([1e-3, 1e3], 8)).toEqual([1e-3, 1e-2, 0.1, 1, 10, 100, 1000]);
    expect(logTicks([0.02, 1.2], 5)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1]);
    expect(logTicks([1e-12, 1e3], 6)).toEqual([1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3]);
  });

  it("end where numbers can no longer be told apart", () => {
    expect(linearTicks([1e20, 1e20 + 1e5], 5)).toEqual([]);
    expect(linearTicks([Number.NEGATIVE_INFINITY, 1], 5)).toEqual([]);
  });

  it("share their number of decimals", () => {
    const ticks = [0, 0.05, 0.1];
    expect(ticks.map(tickFormat(ticks, "linear"))).toEqual(["0.00", "0.05", "0.10"]);
    expect([1e-6, 0.01, 1, 10000].map(tickFormat([], "log"))).toEqual(["10⁻⁶", "0.01", "1", "10\u202f000"]);
    expect([1325, 0.005].map(tickFormat([], "log"))).toEqual(["1325", "0.005"]);
  });
});
