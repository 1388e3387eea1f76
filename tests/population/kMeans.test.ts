/** k-means on groups that are known; the silhouette against a worked example and its limits. */
import { expect, test } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import { adjustedRand } from "../../src/population/adjustedRand.ts";
import { kMeans, silhouette } from "../../src/population/kMeans.ts";

const blobs = (counts: number[], spread: number) => {
  const random = new RandomStream(1, "blobs");
  const corners = [[0, 0, 0], [4, 0, 0], [0, 4, 0], [0, 0, 4]]; // biome-ignore format: a table
  const labels = counts.flatMap((n, c) => Array<number>(n).fill(c));
  const data = Float64Array.from(labels.flatMap((c) => corners[c]!.map((v) => v + spread * random.normal())));
  return { points: { data, shape: [labels.length, 3] }, labels };
};

test("finds groups that stand apart, the largest first, from any seed", () => {
  const { points, labels } = blobs([10, 30, 20, 15], 0.4);
  for (let seed = 0; seed < 5; seed++) {
    const found = kMeans(points, { clusters: 4, seed });
    expect(adjustedRand(found.labels, labels)).toBe(1);
    expect([0, 1, 2, 3].map((c) => found.labels.filter((l) => l === c).length)).toEqual([30, 20, 15, 10]);
    // The centre of the largest is the mean of its rows.
    const rows = labels.flatMap((c, i) => (c === 1 ? [i] : []));
    [0, 1, 2].forEach((j) => {
      const mean = rows.reduce((sum, i) => sum + points.data[3 * i + j]!, 0) / 30;
      expect(found.centers.data[j]).toBeCloseTo(mean, 12);
    });
  }
});

test("one group lies at the mean, and as many as rows leave nothing within", () => {
  const { points } = blobs([4, 5], 1);
  const variance = (j: number) => {
    const column = Array.from({ length: 9 }, (_, i) => points.data[3 * i + j]!);
    const mean = column.reduce((a, b) => a + b, 0) / 9;
    return column.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  };
  expect(kMeans(points, { clusters: 1 }).within).toBeCloseTo(variance(0) + variance(1) + variance(2), 10);
  expect(kMeans(points, { clusters: 9 }).within).toBe(0);
});

test("the silhouette peaks at the number of groups that there are", () => {
  const { points } = blobs([20, 20, 20, 20], 0.5);
  const of = (clusters: number) => silhouette(points, kMeans(points, { clusters, seed: 3 }).labels);
  const all = [2, 3, 4, 5, 6].map(of);
  expect(all.indexOf(Math.max(...all))).toBe(2);
});

test("silhouette by its definition: points 0, 1 and 5 on a line", () => {
  const points = { data: Float64Array.of(0, 1, 5), shape: [3, 1] };
  // 0: a 1, b 5; 1: a 1, b 4; 5: alone.
  expect(silhouette(points, [0, 0, 1])).toBeCloseTo((4 / 5 + 3 / 4 + 0) / 3, 14);
  expect(silhouette(points, [0, 0, 0])).toBeNaN();
});

test("what cannot be grouped is refused", () => {
  const { points } = blobs([2, 2], 1);
  expect(() => kMeans(points, { clusters: 5 })).toThrow(/5 groups of 4 rows/);
  expect(() => kMeans({ data: Float64Array.of(1, Number.NaN), shape: [2, 1] }, { clusters: 1 })).toThrow(/finite/);
  expect(() => silhouette(points, [1, 2])).toThrow();
});
