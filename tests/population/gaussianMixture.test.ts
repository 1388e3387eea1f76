import { expect, test } from "vitest";
import { drawMixture, fitMixture, type GaussianMixture } from "../../src/index.ts";

const truth: GaussianMixture = {
  shares: Float64Array.of(0.7, 0.3),
  means: { data: Float64Array.of(0, 0, 4, -3), shape: [2, 2] },
  covariances: { data: Float64Array.of(1, 0.8, 0.8, 1, 0.5, -0.2, -0.2, 2), shape: [2, 2, 2] },
};
const n = 4000;
const { samples, component } = drawMixture(truth, n, 5);
const fit = fitMixture(samples, { components: 2, seed: 1 });

test("a drawn mixture is found again, within its standard errors", () => {
  expect(fit.status).toBe("converged");
  // The two are 4 deviations apart, so the errors are nearly those of known labels: sqrt(variance / samples of it).
  expect(Math.abs(fit.shares[0]! - 0.7)).toBeLessThan(4 * Math.sqrt((0.7 * 0.3) / n));
  for (let k = 0; k < 2; k++) {
    const own = truth.shares[k]! * n;
    const C = truth.covariances.data.subarray(4 * k, 4 * k + 4);
    for (let i = 0; i < 2; i++) {
      const error = Math.abs(fit.means.data[2 * k + i]! - truth.means.data[2 * k + i]!);
      expect(error).toBeLessThan(4 * Math.sqrt(C[3 * i]! / own));
      for (let j = 0; j < 2; j++) {
        // Var of a sample covariance of normal numbers: (C_ii C_jj + C_ij²) / n.
        const deviation = Math.sqrt((C[3 * i]! * C[3 * j]! + C[2 * i + j]! ** 2) / own);
        expect(Math.abs(fit.covariances.data[4 * k + 2 * i + j]! - C[2 * i + j]!)).toBeLessThan(4 * deviation);
      }
    }
  }
  let wrong = 0;
  component.forEach((k, s) => {
    if (fit.responsibilities.data[2 * s + k]! < 0.5) wrong++;
  });
  expect(wrong / n).toBeLessThan(0.03);
});

test("the likelihood never falls; the mixture has the samples' mean and second moment", () => {
  for (let k = 1; k < fit.history.length; k++) expect(fit.history[k]! - fit.history[k - 1]!).toBeGreaterThan(-1e-9);
  const exact = fitMixture(samples, { components: 3, seed: 2, floor: 0, iterations: 20 });
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 2; j++) {
      let [second, model, mean, modelMean] = [0, 0, 0, 0];
      for (let s = 0; s < n; s++) {
        second += (samples.data[2 * s + i]! * samples.data[2 * s + j]!) / n;
        mean += samples.data[2 * s + i]! / n;
      }
      for (let k = 0; k < 3; k++) {
        const m = exact.means.data.subarray(2 * k, 2 * k + 2);
        model += exact.shares[k]! * (exact.covariances.data[4 * k + 2 * i + j]! + m[i]! * m[j]!);
        modelMean += exact.shares[k]! * m[i]!;
      }
      expect(modelMean).toBeCloseTo(mean, 10);
      expect(model).toBeCloseTo(second, 10);
    }
});

test("with means at zero, one component has the second moments; two of unlike covariance are told apart", () => {
  const one = fitMixture(samples, { components: 1, floor: 0, means: "zero" });
  expect([...one.means.data]).toEqual([0, 0]);
  const moment = (i: number, j: number): number => {
    let sum = 0;
    for (let s = 0; s < n; s++) sum += samples.data[2 * s + i]! * samples.data[2 * s + j]!;
    return sum / n;
  };
  [moment(0, 0), moment(0, 1), moment(1, 0), moment(1, 1)].forEach((m, e) => {
    expect(one.covariances.data[e]).toBeCloseTo(m, 10);
  });
  const crossed: GaussianMixture = {
    shares: Float64Array.of(0.5, 0.5),
    means: { data: new Float64Array(4), shape: [2, 2] },
    covariances: { data: Float64Array.of(9, 0, 0, 0.1, 0.1, 0, 0, 9), shape: [2, 2, 2] },
  };
  const found = fitMixture(drawMixture(crossed, n, 3).samples, { components: 2, means: "zero" });
  // 9 of about n / 2 samples, with the standard error 9 sqrt(2 / (n / 2)).
  const largest = [0, 1].map((k) => Math.max(found.covariances.data[4 * k]!, found.covariances.data[4 * k + 3]!));
  for (const value of largest) expect(Math.abs(value - 9)).toBeLessThan(5 * 9 * Math.sqrt(4 / n));
});

test("one component is the mean and the covariance, with the likelihood of that normal law", () => {
  const one = fitMixture(samples, { components: 1, floor: 0 });
  const [a, b, , c] = one.covariances.data;
  // At the maximum, the mean of the quadratic form is the number of dimensions.
  const closed = -(2 * Math.log(2 * Math.PI) + Math.log(a! * c! - b! * b!) + 2) / 2;
  expect(one.logLikelihood).toBeCloseTo(closed, 10);
});

test("a bad request says what is wrong", () => {
  expect(() => fitMixture(samples, { components: 0 })).toThrow(/0 components; expected a whole number above 0/);
  expect(() => fitMixture({ data: new Float64Array(8), shape: [4, 2] }, { components: 2 })).toThrow(/at least 6/);
  expect(() => fitMixture({ data: new Float64Array(16), shape: [8, 2] }, { components: 2 })).toThrow(/is constant/);
});
