import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { selectTime } from "../../src/population/activity.ts";
import { jpca } from "../../src/population/jpca.ts";
import { absence, monkeyReach, present } from "./monkeyReach.ts";

const units = 12;
const samples = 20;
const conditions = 8;

/** Rotations at the given angles per sample, phases spread evenly over conditions, in orthogonal planes of 12 units. */
function rotations(angles: number[], sizes: number[]) {
  const stream = new RandomStream(2, "jpca test");
  // Orthonormal directions by Gram–Schmidt.
  const directions: number[][] = [];
  while (directions.length < 2 * angles.length) {
    let v = Array.from({ length: units }, () => stream.normal());
    for (let pass = 0; pass < 2; pass++)
      for (const u of directions) {
        const along = v.reduce((sum, x, i) => sum + x * u[i], 0);
        v = v.map((x, i) => x - along * u[i]);
      }
    const length = Math.hypot(...v);
    directions.push(v.map((x) => x / length));
  }
  const data = new Float64Array(conditions * samples * units);
  for (let c = 0; c < conditions; c++)
    for (let t = 0; t < samples; t++)
      angles.forEach((angle, p) => {
        // Phases that run at another multiple in each plane make the planes uncorrelated over conditions.
        const phase = (2 * Math.PI * c * (p + 1)) / conditions + angle * t;
        for (let unit = 0; unit < units; unit++)
          data[(c * samples + t) * units + unit] +=
            sizes[p] * (Math.cos(phase) * directions[2 * p][unit] + Math.sin(phase) * directions[2 * p + 1][unit]);
      });
  return { activity: ndarray(data, [conditions, samples, units]), directions };
}

describe("pure rotation by θ each sample, in closed form", () => {
  const theta = 0.3;
  const dt = 10;
  const { activity, directions } = rotations([theta], [2]);
  const result = jpca(activity, { dt, components: 2 });

  test("M = (R - 1) / dt fits all of it, its skew part sin θ / dt a share of (1 + cos θ) / 2", () => {
    expect(result.r2).toBeCloseTo(1, 12);
    expect(result.r2Skew).toBeCloseTo((1 + Math.cos(theta)) / 2, 10);
    expect(result.ratio).toBeCloseTo((1 + Math.cos(theta)) / 2, 10);
    expect(result.M.data[0]).toBeCloseTo((Math.cos(theta) - 1) / dt, 10);
    expect(Math.abs(result.skew.data[1])).toBeCloseTo(Math.sin(theta) / dt, 10);
    expect(result.skew.data[1]).toBe(-result.skew.data[2]);
  });

  test("one plane, at sin θ / (2π dt), which holds everything and turns anticlockwise", () => {
    const [plane] = result.planes;
    expect(result.planes).toHaveLength(1);
    expect(plane.frequency).toBeCloseTo((1000 * Math.sin(theta)) / (2 * Math.PI * dt), 8);
    expect(plane.explained).toBeCloseTo(1, 12);
    for (let at = 0; at < plane.projections.data.length - 2; at += 2) {
      if ((at / 2) % samples === samples - 1) continue;
      const [x, y, x1, y1] = plane.projections.data.slice(at, at + 4);
      expect(Math.hypot(x, y)).toBeCloseTo(2, 10);
      expect(Math.atan2(x * y1 - y * x1, x * x1 + y * y1)).toBeCloseTo(theta, 10);
    }
    // The plane is the one that was built in.
    const { components } = result.pca;
    for (const direction of directions) {
      const inside = [0, 1].map((c) =>
        direction.reduce((sum, d, unit) => sum + d * components.data[c * units + unit], 0),
      );
      expect(Math.hypot(...inside)).toBeCloseTo(1, 10);
    }
  });
});

test("three planes, two of them at one speed: all orthonormal, fastest first, with their shares", () => {
  const { activity } = rotations([0.2, 0.5, 0.2], [3, 2, 1]);
  const { planes, skew } = jpca(activity, { dt: 1, components: 6 });
  expect(planes.map(({ frequency }) => (frequency * 2 * Math.PI) / 1000)).toEqual(
    [0.5, 0.2, 0.2].map((theta) => expect.closeTo(Math.sin(theta), 8)),
  );
  expect(planes[0].explained).toBeCloseTo(4 / 14, 8);
  expect(planes[1].explained + planes[2].explained).toBeCloseTo(10 / 14, 8);
  const rows = planes.flatMap(({ basis }) => [basis.data.slice(0, 6), basis.data.slice(6)]);
  rows.forEach((a, i) => {
    rows.forEach((b, j) => {
      expect(a.reduce((sum, x, k) => sum + x * b[k], 0)).toBeCloseTo(i === j ? 1 : 0, 10);
    });
  });
  // M turns the first row of each basis towards the second: M b1 = ω b2.
  for (const { basis, frequency } of planes)
    for (let i = 0; i < 6; i++) {
      const moved = Array.from({ length: 6 }, (_, j) => skew.data[6 * i + j] * basis.data[j]).reduce((a, b) => a + b);
      expect(moved).toBeCloseTo(((frequency * 2 * Math.PI) / 1000) * basis.data[6 + i], 10);
    }
});

test("the first axis is where first samples differ most", () => {
  // An ellipse of starting points, long in one direction, then rotation.
  const data: number[] = [];
  for (const start of [-3, -1, 1, 3])
    for (let t = 0; t < 10; t++) data.push(start * Math.cos(0.1 * t), start * Math.sin(0.1 * t));
  const [plane] = jpca(ndarray(data, [4, 10, 2]), { dt: 1, components: 2 }).planes;
  for (let c = 0; c < 4; c++) expect(plane.projections.data[c * 20 + 1]).toBeCloseTo(0, 10);
});

test("contraction has no rotation", () => {
  const data = [];
  for (const [x, y] of [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ])
    for (let t = 0; t < 10; t++) data.push(x * 0.9 ** t, y * 0.9 ** t);
  const result = jpca(ndarray(data, [4, 10, 2]), { dt: 1, components: 2 });
  expect(result.r2).toBeCloseTo(1, 12);
  expect(result.r2Skew).toBeCloseTo(0, 12);
});

test("says what is wrong", () => {
  const { activity } = rotations([0.3], [1]);
  expect(() => jpca(activity, { dt: 1, components: 3 })).toThrow("3 components of activity that has 2 dimensions");
  expect(() => jpca(ndarray([1, 2], [1, 2, 1]), { dt: 1, components: 1 })).toThrow("1 conditions");
});

describe.skipIf(!present)(`motor cortex (${present ? "real recording" : absence})`, () => {
  // Reference values: ../shared/reference/README.md, an independent program.
  test.each([
    { to: 150, samples: 21, r2: 0.427, skew: 0.286, ratio: 0.67 },
    { to: 200, samples: 26, r2: 0.489, skew: 0.382 },
    { to: 350, samples: 41, r2: 0.401, skew: 0.357, ratio: 0.891 },
  ])("-50 to $to ms", async (expected) => {
    const { activity, times } = await monkeyReach();
    const window = selectTime(activity, times, [-50, expected.to]);
    expect(window.times).toHaveLength(expected.samples);
    const result = jpca(window.activity, { dt: 10 });
    expect(Math.abs(result.r2 - expected.r2)).toBeLessThan(5.1e-4);
    expect(Math.abs(result.r2Skew - expected.skew)).toBeLessThan(5.1e-4);
    if (expected.ratio) expect(Math.abs(result.ratio - expected.ratio)).toBeLessThan(5.1e-4);
    if (expected.to === 150) expect(result.planes[0].frequency).toBeCloseTo(1.25, 2);
    expect(result.planes).toHaveLength(3);
  });
});
