import { describe, expect, it } from "vitest";
import { sampleStates } from "../../src/dynamics/trajectoryStarts.ts";

// Unit 0 tells the trial, unit 1 the sample.
const [trials, samples] = [20, 30];
const data = new Float64Array(trials * samples * 2);
for (let k = 0; k < trials * samples; k++) data.set([Math.floor(k / samples), k % samples], 2 * k);
const trajectories = { data, shape: [trials, samples, 2] };

describe("sampleStates", () => {
  it("draws different states of the trajectories, the same for the same seed", () => {
    const states = sampleStates(trajectories, { count: 500, seed: 3 });
    const seen = new Set(Array.from({ length: 500 }, (_, k) => `${states[2 * k]} ${states[2 * k + 1]}`));
    expect(seen.size).toBe(500);
    expect(sampleStates(trajectories, { count: 500, seed: 3 })).toEqual(states);
    expect(sampleStates(trajectories, { count: 500, seed: 4 })).not.toEqual(states);
  });

  it("all states are drawn where the count is their number", () => {
    const states = sampleStates(trajectories, { count: 600 });
    const numbers = Array.from({ length: 600 }, (_, k) => states[2 * k] * samples + states[2 * k + 1]);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, k) => k));
  });

  it("keeps to the window, and repeats states where there are too few", () => {
    const states = sampleStates(trajectories, { count: 1000, from: 10, to: 12 });
    expect(states).toHaveLength(2000);
    for (let k = 0; k < 1000; k++) expect([10, 11]).toContain(states[2 * k + 1]);
    expect(() => sampleStates(trajectories, { from: 12, to: 12 })).toThrow(/window/);
    expect(() => sampleStates({ data, shape: [600, 2] })).toThrow(/trial, time, unit/);
  });

  it("adds jitter of the given standard deviation", () => {
    const plain = sampleStates({ data: new Float64Array(2), shape: [1, 1, 2] }, { count: 5000, jitter: 0.5, seed: 1 });
    const variance = plain.reduce((sum, v) => sum + v * v, 0) / plain.length;
    // Standard error of the variance of n normal numbers: σ² √(2 / n).
    expect(Math.abs(variance - 0.25)).toBeLessThan(4 * 0.25 * Math.sqrt(2 / plain.length));
  });
});
