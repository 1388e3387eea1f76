import { describe, expect, test } from "vitest";
import { normalCdf } from "../../src/base/normal.ts";
import { fitProbit, psychometric } from "../../src/population/psychometric.ts";

test("the curve and the accuracy, counted by hand, in two contexts", () => {
  const [motion, color] = psychometric({
    //       context 0                        context 1
    choice: [1, -1, 1, 1, -1, 0, Number.NaN, 0.3, -0.2],
    evidence: [2, 2, 2, -1, -1, -1, 2, 0, -0],
    context: [0, 0, 0, 0, 0, 0, 0, 1, 1],
  });
  expect(motion!.context).toBe(0);
  expect(motion!.undecided).toBe(2);
  expect(motion!.curve).toEqual([
    { evidence: -1, n: 2, fraction: 0.5, standardError: Math.sqrt(0.125) },
    { evidence: 2, n: 3, fraction: 2 / 3, standardError: expect.closeTo(Math.sqrt(2 / 27), 14) },
  ]);
  expect(motion!.accuracy.map(({ strength, n, fraction }) => [strength, n, fraction])).toEqual([
    [1, 2, 0.5],
    [2, 3, 2 / 3],
  ]);
  // Evidence 0 has no right answer; 0 and -0 are one value.
  expect(color!.curve.map(({ evidence, n }) => [evidence, n])).toEqual([[0, 2]]);
  expect(color!.accuracy).toEqual([]);
});

test("without a context there is one entry, and lengths must fit", () => {
  expect(psychometric({ choice: [1], evidence: [1] })).toHaveLength(1);
  expect(() => psychometric({ choice: [1], evidence: [1, 2] })).toThrow("2 values of the evidence");
});

describe("probit fit", () => {
  const curveOf = (bias: number, threshold: number, n: number) =>
    [-0.15, -0.036, -0.009, 0.009, 0.036, 0.15].map((evidence) => ({
      evidence,
      n,
      fraction: normalCdf((evidence - bias) / threshold),
    }));

  test("recovers a curve that is a cumulative Gaussian, wherever it lies", () => {
    for (const [bias, threshold] of [
      [0, 0.0365],
      [0.02, 0.05],
      [-0.1, 0.3],
      [0.01, -0.05],
    ] as const) {
      const fit = fitProbit(curveOf(bias, threshold, 1000));
      expect(fit.converged).toBe(true);
      expect(fit.bias).toBeCloseTo(bias, 9);
      expect(fit.threshold).toBeCloseTo(threshold, 9);
    }
  });

  test("two points: the line through their probits, and its error by propagation", () => {
    // Φ⁻¹(p) = -1 and 1 at evidence 0 and 2: μ = 1, σ = 1.
    const p = normalCdf(1);
    const n = 400;
    const fit = fitProbit([
      { evidence: 0, fraction: 1 - p, n },
      { evidence: 2, fraction: p, n },
    ]);
    expect(fit.bias).toBeCloseTo(1, 9);
    expect(fit.threshold).toBeCloseTo(1, 9);
    // Probits y1, y2 have variance s² = p (1 - p) / (n φ(1)²) each; μ = -2 y1 / (y2 - y1), σ = 2 / (y2 - y1).
    const variance = (p * (1 - p)) / n / (Math.exp(-1) / (2 * Math.PI));
    expect(fit.biasError).toBeCloseTo(Math.sqrt(variance / 2), 9);
    expect(fit.thresholdError).toBeCloseTo(Math.sqrt(variance / 2), 9);
  });

  test("points weigh by their trials", () => {
    const [heavy, light] = [curveOf(0.02, 0.05, 1e6), curveOf(-0.05, 0.2, 1)];
    expect(fitProbit([...heavy, ...light]).bias).toBeCloseTo(0.02, 4);
  });

  test("perfect separation has no maximum, and says so", () => {
    expect(
      fitProbit([
        { evidence: -1, fraction: 0, n: 10 },
        { evidence: 1, fraction: 1, n: 10 },
      ]).converged,
    ).toBe(false);
    expect(() => fitProbit([{ evidence: 1, fraction: 0.5, n: 10 }])).toThrow("two or more");
  });
});
