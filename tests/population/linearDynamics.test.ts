import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { selectTime, selectTrials } from "../../src/population/activity.ts";
import { fitLinearDynamics, freeRun } from "../../src/population/linearDynamics.ts";
import { r2 } from "../../src/population/r2.ts";
import { absence, monkeyReach, present } from "./monkeyReach.ts";

/** Spirals x_{t+1} = 0.95 R(0.25) x_t from random starts, seen by 5 units with observation noise. */
function spirals(noise: number, seed = 3) {
  const [trials, samples, units] = [12, 25, 5];
  const stream = new RandomStream(seed, "linear dynamics test");
  const look = stream.fillNormal(new Float64Array(2 * units));
  const [c, s] = [0.95 * Math.cos(0.25), 0.95 * Math.sin(0.25)];
  const data: number[] = [];
  let start = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    // Starts in opposite pairs, so that the mean that PCA removes is near 0 and no offset is needed.
    start = trial % 2 === 0 ? [stream.normal(), stream.normal()] : start.map((v) => -v);
    let [x, y] = start;
    for (let t = 0; t < samples; t++) {
      for (let unit = 0; unit < units; unit++)
        data.push(x * look[unit] + y * look[units + unit] + noise * stream.normal());
      [x, y] = [c * x - s * y, s * x + c * y];
    }
  }
  return ndarray(data, [trials, samples, units]);
}

/** Trace and determinant say which 2 × 2 map it is, in whatever basis. */
const invariants = (A: Float64Array) => [A[0] + A[3], A[0] * A[3] - A[1] * A[2]];
const trueInvariants = [2 * 0.95 * Math.cos(0.25), 0.95 ** 2];

test("without noise, both fits find the map and the free run is the activity", () => {
  const activity = spirals(0);
  for (const fit of ["one-step", "free-run"] as const) {
    const result = fitLinearDynamics(activity, { components: 2, fit });
    invariants(result.A.data).forEach((value, i) => {
      expect(value).toBeCloseTo(trueInvariants[i], 8);
    });
    expect(result.oneStepR2).toBeCloseTo(1, 10);
    expect(result.freeRunR2).toBeCloseTo(1, 10);
    expect(result.explained).toBeCloseTo(1, 12);
    expect(result.converged).toBe(true);
    const initial = ndarray(
      Array.from({ length: 12 * 5 }, (_, i) => activity.data[Math.floor(i / 5) * 125 + (i % 5)]),
      [12, 5],
    );
    freeRun(result, initial, 25).data.forEach((x, i) => {
      expect(x).toBeCloseTo(activity.data[i], 8);
    });
  }
});

test("with noise, one step ahead damps what free runs recover", () => {
  const activity = spirals(0.3);
  const oneStep = fitLinearDynamics(activity, { components: 2 });
  const free = fitLinearDynamics(activity, { components: 2, fit: "free-run" });
  // Noise in the regressors shrinks the determinant of the one-step fit; trajectories average it out.
  const [stepBias, freeBias] = [oneStep, free].map(({ A }) => invariants(A.data)[1] - trueInvariants[1]);
  expect(stepBias).toBeLessThan(-0.03);
  expect(Math.abs(freeBias)).toBeLessThan(Math.abs(stepBias) / 2);
  expect(free.freeRunR2).toBeGreaterThan(oneStep.freeRunR2 + 0.02);
  expect(free.oneStepR2).toBeLessThan(oneStep.oneStepR2);
  expect(free.converged).toBe(true);
});

test("the free-run fit is a minimum: no entry of A can be moved to a lower error", () => {
  const activity = spirals(0.3, 4);
  const fitted = fitLinearDynamics(activity, { components: 2, fit: "free-run", offset: true, tolerance: 1e-13 });
  const errorAt = (A: Float64Array) => {
    const initial = ndarray(
      Array.from({ length: 12 * 5 }, (_, i) => activity.data[Math.floor(i / 5) * 125 + (i % 5)]),
      [12, 5],
    );
    const run = freeRun({ ...fitted, A: { data: A, shape: [2, 2] } }, initial, 25);
    return run.data.reduce((sum, x, i) => sum + (x - activity.data[i]) ** 2, 0);
  };
  const h = 1e-4;
  const error = errorAt(fitted.A.data);
  for (let i = 0; i < 4; i++) {
    const [up, down] = [h, -h].map((d) => errorAt(fitted.A.data.map((a, j) => (i === j ? a + d : a))));
    // The slope, relative to the curvature's effect at h.
    expect(Math.abs(up - down) / (up + down - 2 * error)).toBeLessThan(0.01);
    expect(up).toBeGreaterThan(error);
    expect(down).toBeGreaterThan(error);
  }
});

test("one unit: the minimum of Σ (x_t - aᵗ x_0)² by search", () => {
  const x = [1, 0.7, 0.65, 0.4, 0.25, 0.22];
  const both = [...x, ...x.map((v) => -v)];
  const { A } = fitLinearDynamics(ndarray(both, [2, 6, 1]), { components: 1, fit: "free-run", tolerance: 1e-14 });
  const error = (a: number) => x.reduce((sum, v, t) => sum + (v - a ** t) ** 2, 0);
  let [low, high] = [0.5, 1];
  for (let k = 0; k < 200; k++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (error(a) < error(b)) high = b;
    else low = a;
  }
  expect(A.data[0]).toBeCloseTo((low + high) / 2, 6);
});

test("an offset is found where there is one", () => {
  // x_{t+1} = 0.8 x_t + 2 settles at 10, far from the mean.
  const data = [4, 20].flatMap((start) => Array.from({ length: 15 }, (_, t) => 10 + (start - 10) * 0.8 ** t));
  for (const fit of ["one-step", "free-run"] as const) {
    const result = fitLinearDynamics(ndarray(data, [2, 15, 1]), { components: 1, offset: true, fit });
    expect(result.A.data[0]).toBeCloseTo(0.8, 8);
    expect(result.freeRunR2).toBeCloseTo(1, 10);
    // Far beyond the samples it is at its fixed point.
    const late = freeRun(result, ndarray([4], [1, 1]), 200);
    expect(late.data[199]).toBeCloseTo(10, 6);
  }
});

test("says what is wrong", () => {
  expect(() => fitLinearDynamics(spirals(0), { components: 3 })).toThrow("2 dimensions");
  expect(() => fitLinearDynamics(ndarray([1, 2], [2, 1, 1]), { components: 1 })).toThrow("one time only");
  const fitted = fitLinearDynamics(spirals(0), { components: 2 });
  expect(() => freeRun(fitted, ndarray([1, 2], [2]), 5)).toThrow("[trial, unit]");
});

describe.skipIf(!present)(`motor cortex (${present ? "real recording" : absence})`, () => {
  test("one-step R² 0.5040 on 10 components, -50 < t < 350 ms", async () => {
    const { activity, times } = await monkeyReach();
    const window = selectTime(activity, times, [-50, 350], { ends: "excluded" }).activity;
    const result = fitLinearDynamics(window);
    expect(result.oneStepR2).toBeCloseTo(0.504, 4);
    expect(result.explained).toBeCloseTo(0.85, 3);
  });

  test("fitted to free runs, the baseline follows the recording better, in units too", async () => {
    const { activity, times } = await monkeyReach();
    const window = selectTime(activity, times, [-50, 350], { ends: "excluded" }).activity;
    const initial = ndarray(
      Array.from({ length: 10 }, (_, c) => [...selectTrials(window, [c]).data.slice(0, 50)]).flat(),
      [10, 50],
    );
    const scores = (["one-step", "free-run"] as const).map((fit) => {
      const result = fitLinearDynamics(window, { components: 6, fit });
      return [result.freeRunR2, r2(window, freeRun(result, initial, 39)).pooled];
    });
    expect(scores[1][0]).toBeGreaterThan(scores[0][0]);
    expect(scores[1][1]).toBeGreaterThan(scores[0][1]);
  });
});
