import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { selectTime } from "../../src/population/activity.ts";
import { participationRatio, pca, project, reconstruct } from "../../src/population/pca.ts";
import { absence, monkeyReach, present } from "./monkeyReach.ts";

function randomActivity(trials: number, samples: number, units: number) {
  const stream = new RandomStream(1, "pca test");
  const mix = stream.fillNormal(new Float64Array(units * units));
  const data = new Float64Array(trials * samples * units);
  for (let row = 0; row < trials * samples; row++)
    for (let j = 0; j < units; j++) {
      const z = stream.normal(0, 1 / (1 + j));
      for (let unit = 0; unit < units; unit++) data[row * units + unit] += z * mix[j * units + unit] + unit / 3;
    }
  return ndarray(data, [trials, samples, units]);
}

describe("against the eigenvectors of the covariance (ml-matrix)", () => {
  const activity = randomActivity(6, 15, 7);
  const result = pca(activity, { components: 4 });
  const rows = Matrix.from1DArray(90, 7, activity.data);
  rows.subRowVector(rows.mean("column"));
  const covariance = rows.transpose().mmul(rows).div(90);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);

  test("variances and fractions, of all components", () => {
    const total = realEigenvalues.reduce((sum, v) => sum + v, 0);
    expect(result.variance).toHaveLength(7);
    order.forEach((from, c) => {
      expect(result.variance[c]).toBeCloseTo(realEigenvalues[from], 10);
      expect(result.explained[c]).toBeCloseTo(realEigenvalues[from] / total, 12);
    });
  });

  test("components, their sign made definite", () => {
    for (let c = 0; c < 4; c++) {
      const own = result.components.data.slice(7 * c, 7 * c + 7);
      const other = eigenvectorMatrix.getColumn(order[c]);
      expect(Math.abs(own.reduce((sum, x, i) => sum + x * other[i], 0))).toBeCloseTo(1, 10);
      expect(Math.max(...own)).toBe(Math.max(...own.map(Math.abs)));
    }
  });

  test("scores have the variances, and project gives them again", () => {
    for (let c = 0; c < 4; c++) {
      const own = result.scores.data.filter((_, i) => i % 4 === c);
      expect(own.reduce((sum, x) => sum + x * x, 0) / 90).toBeCloseTo(result.variance[c], 10);
    }
    expect(result.scores.shape).toEqual([6, 15, 4]);
    const again = project(result, activity);
    again.data.forEach((x, i) => {
      expect(x).toBeCloseTo(result.scores.data[i], 10);
    });
  });
});

test("all components give the activity back, whatever was removed and divided by", () => {
  const activity = randomActivity(4, 9, 5);
  for (const remove of ["mean", "condition-independent", "none"] as const)
    for (const softNormalise of [undefined, 2]) {
      const result = pca(activity, { remove, softNormalise });
      reconstruct(result, result.scores).data.forEach((x, i) => {
        expect(x).toBeCloseTo(activity.data[i], 9);
      });
    }
});

test("more units than rows", () => {
  const activity = randomActivity(2, 3, 20);
  const result = pca(activity);
  expect(result.components.shape).toEqual([6, 20]);
  // Six rows about their mean span five dimensions.
  expect(result.explained[4]).toBeGreaterThan(1e-6);
  expect(result.explained[5]).toBeLessThan(1e-20);
});

test("a component 10⁹ times weaker than another keeps its variance", () => {
  // Orthogonal columns (cosine and sine over a period) at lengths 1 and 1e-9, turned by 30°.
  const samples = 64;
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const data = Array.from({ length: samples }, (_, t) => {
    const a = Math.cos((2 * Math.PI * t) / samples);
    const b = 1e-9 * Math.sin((2 * Math.PI * t) / samples);
    return [c * a - s * b, s * a + c * b];
  }).flat();
  const { variance } = pca(ndarray(data, [1, samples, 2]), { remove: "none" });
  expect(variance[0]).toBeCloseTo(0.5, 12);
  expect(Math.sqrt(2 * variance[1]) / 1e-9).toBeCloseTo(1, 5);
});

test("participation ratio: n equal variances are n dimensions", () => {
  expect(participationRatio([2, 2, 2])).toBeCloseTo(3, 14);
  expect(participationRatio([5, 0, 0])).toBe(1);
  expect(participationRatio([3, 1])).toBeCloseTo(1.6, 14);
});

test("says what is wrong", () => {
  const activity = randomActivity(2, 3, 4);
  expect(() => pca(activity, { components: 5 })).toThrow("from 1 to 4");
  expect(() => project(pca(activity), randomActivity(2, 3, 5))).toThrow("5 units");
  expect(() => pca(ndarray([1, Number.NaN, 2, 3], [1, 2, 2]))).toThrow("NaN or infinite");
  const timed = pca(activity, { remove: "condition-independent" });
  expect(() => project(timed, randomActivity(2, 4, 4))).toThrow("4 times");
});

test.skipIf(!present)(`motor cortex: 10 components hold 0.850 (${present ? "real recording" : absence})`, async () => {
  const { activity, times } = await monkeyReach();
  const window = selectTime(activity, times, [-50, 350], { ends: "excluded" });
  expect(window.times).toHaveLength(39);
  const { explained } = pca(window.activity);
  expect(explained.subarray(0, 10).reduce((sum, e) => sum + e, 0)).toBeCloseTo(0.85, 3);
});
