/** Trajectories along one curve at known speeds. */
import { expect, test } from "vitest";
import { kinet, ndarray } from "../../src/index.ts";

test("speeds along a helix are recovered, and an offset is the distance", () => {
  const periods = [120, 160, 240];
  const samples = 260;
  const offset = [0, 0, 0.3];
  const x = periods.flatMap((period, i) =>
    Array.from({ length: samples }, (_, t) => {
      const phase = (2 * Math.PI * t) / period;
      // The last axis is orthogonal to the path.
      return [Math.cos(phase), Math.sin(phase), phase / 4, offset[i]!];
    }).flat(),
  );
  const windows = periods.map((period) => [0, Math.min(samples, period + 10)] as const);
  const found = kinet(ndarray(x, [3, samples, 4]), { windows, reference: 1, matched: [0, 160] });
  expect(Array.from(found.times[1]!)).toEqual(Array.from({ length: 160 }, (_, j) => j));
  expect(found.speed[0]).toBeCloseTo(160 / 120, 2);
  expect(found.speed[1]).toBeCloseTo(1, 12);
  expect(found.speed[2]).toBeCloseTo(160 / 240, 2);
  expect(found.distance[1]).toBe(0);
  expect(found.distance[2]).toBeGreaterThan(0.3);
  expect(found.distance[2]).toBeLessThan(0.305);
});

test("a window outside the trajectory is refused", () => {
  const activity = ndarray(new Float64Array(40), [2, 10, 2]);
  expect(() => kinet(activity, { windows: [[0, 5]] })).toThrow(/1 windows for 2/);
  expect(() => kinet(activity, { windows: [[0, 5], [4, 12]] })).toThrow(/from sample 4 to 12/); // biome-ignore format: short
});
