import { describe, expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { observeLoss, type PlateauOptions, plateau, rateAt, type Schedule } from "../../src/training/schedule.ts";

describe("rateAt", () => {
  test("every kind at its closed form", () => {
    expect(rateAt({ kind: "constant", rate: 0.1 }, 1e6)).toBe(0.1);
    expect(rateAt({ kind: "exponential", rate: 0.1, factor: 0.5 }, 3)).toBeCloseTo(0.0125, 15);
    expect(rateAt({ kind: "exponential", rate: 0.1, factor: 0.5, every: 100 }, 50)).toBeCloseTo(0.1 / Math.SQRT2, 15);
    expect(rateAt({ kind: "exponential", rate: 0.1, factor: 0.5, to: 0.03 }, 3)).toBe(0.03);
    const linear: Schedule = { kind: "linear", rate: 2, to: 1, over: 10 };
    expect([0, 5, 10, 99].map((k) => rateAt(linear, k))).toEqual([2, 1.5, 1, 1]);
    const cosine: Schedule = { kind: "cosine", rate: 2, to: 1, over: 12 };
    expect([0, 4, 6, 12, 99].map((k) => rateAt(cosine, k))).toEqual(
      [2, 1.75, 1.5, 1, 1].map((r) => expect.closeTo(r, 12)),
    );
    const steps: Schedule = { kind: "piecewise", points: [[0, 1], [10, 0.1], [20, 0.01]] }; // biome-ignore format: a table
    expect([0, 9, 10, 19, 20, 1000].map((k) => rateAt(steps, k))).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01]);
  });

  test("a schedule survives JSON", () => {
    const schedule: Schedule = { kind: "cosine", rate: 2e-3, to: 1e-4, over: 3000 };
    expect(rateAt(JSON.parse(JSON.stringify(schedule)), 777)).toBe(rateAt(schedule, 777));
  });

  test("a rate that is none is refused", () => {
    expect(() => rateAt({ kind: "constant", rate: -1 }, 0)).toThrow(NullclineError);
    expect(() => rateAt({ kind: "linear", rate: 1, to: 0, over: 0 }, 0)).toThrow("gives the rate NaN at iteration 0");
    expect(() => rateAt({ kind: "piecewise", points: [[5, 1]] }, 0)).toThrow(NullclineError);
    expect(() => rateAt({ kind: "warm" } as unknown as Schedule, 0)).toThrow("unknown schedule `warm`");
  });
});

describe("plateau", () => {
  const run = (losses: number[], options: PlateauOptions) => {
    const rates: number[] = [];
    let state = plateau(1);
    for (const loss of losses) rates.push((state = observeLoss(JSON.parse(JSON.stringify(state)), loss, options)).rate);
    return rates;
  };

  test("the loss after `patience` without progress lowers the rate", () => {
    expect(run([5, 4, 4, 4, 4, 4, 4], { factor: 0.5, patience: 1 })).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25]);
    expect(run([5, 4, 3, 2, 1], { patience: 0 })).toEqual([1, 1, 1, 1, 1]);
  });

  test("progress smaller than the threshold is none; the rate has a floor; cooldown does not count", () => {
    expect(run([1, 0.995, 0.99], { patience: 0, threshold: 0.1 })).toEqual([1, 0.5, 0.25]);
    expect(run([1, 1, 1, 1], { patience: 0, factor: 0.1, to: 0.05 })).toEqual([1, 0.1, 0.05, 0.05]);
    expect(run([1, 1, 1, 1, 1], { patience: 0, cooldown: 2 })).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
  });

  test("a loss that is not a number is no progress", () => {
    expect(run([Number.NaN, Number.NaN, 1, Number.NaN], { patience: 0 })).toEqual([0.5, 0.25, 0.25, 0.125]);
  });
});
