/** Speeds of states that move on known paths; lines against closed forms. */
import { expect, test } from "vitest";
import { axisAngle, lineFit, meanSpeed, ndarray } from "../../src/index.ts";

test("a point that runs round a circle at one speed, in any number of units", () => {
  const [samples, dt, omega, radius] = [400, 0.5, 0.01, 3];
  const x = Float64Array.from({ length: samples * 2 }, (_, i) => {
    const phase = omega * dt * Math.floor(i / 2);
    return radius * (i % 2 === 0 ? Math.cos(phase) : Math.sin(phase));
  });
  const [speed] = meanSpeed(ndarray(x, [1, samples, 2]), { dt, from: [10], to: [150] });
  // The chord of a step, over the step.
  expect(speed).toBeCloseTo((2 * radius * Math.sin((omega * dt) / 2)) / dt, 12);
});

test("a window outside the trial is refused", () => {
  const activity = ndarray(new Float64Array(20), [1, 10, 2]);
  expect(() => meanSpeed(activity, { dt: 1, from: [4], to: [12] })).toThrow(/from 4 to 12/);
  expect(() => meanSpeed(activity, { dt: 1, from: [4], to: [4] })).toThrow(/at least two samples/);
});

test("lines: exact points, and the closed form of three points", () => {
  const exact = lineFit([1, 2, 4], [5, 3, -1]);
  expect(exact.slope).toBeCloseTo(-2, 14);
  expect(exact.intercept).toBeCloseTo(7, 14);
  expect(exact.correlation).toBeCloseTo(-1, 14);
  // By hand: x̄ = 1, ȳ = 1; Sxx = 2, Sxy = 1, Syy = 2; residual 1.5, so s.e. √(1.5 / 1 / 2).
  const fit = lineFit([0, 1, 2], [0, 2, 1]);
  expect(fit.slope).toBeCloseTo(0.5, 14);
  expect(fit.standardError).toBeCloseTo(Math.sqrt(0.75), 14);
  expect(() => lineFit([1, 1], [0, 2])).toThrow(/one x/);
});

test("angles between axes do not see their signs", () => {
  expect(axisAngle([1, 0, 0], [1, 1, 0])).toBeCloseTo(45, 12);
  expect(axisAngle([1, 2, 3], [-2, -4, -6])).toBeCloseTo(0, 5);
  expect(axisAngle([1, 2, 0], [-2, 1, 5])).toBeCloseTo(90, 12);
  expect(() => axisAngle([1], [1, 2])).toThrow(/second axis/);
});
