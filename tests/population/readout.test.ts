import { describe, expect, it } from "vitest";
import { linearReadout, memoryCapacity, ndarray, RandomStream } from "../../src/index.ts";

const white = (count: number, seed: number): Float64Array => {
  const random = new RandomStream(seed, "test");
  return Float64Array.from({ length: count }, () => random.normal());
};

/** `x[t] = a x[t-1] + u[t] + σ ξ`. */
function filtered(u: Float64Array, a: number, sigma = 0): Float64Array {
  const noise = white(u.length, 77);
  let x = 0;
  return u.map((v, t) => (x = a * x + v + sigma * noise[t]!));
}

describe("a linear readout", () => {
  it("finds the weights and the constant, and says how many directions there are", () => {
    const [x, y] = [white(400, 1), white(400, 2)];
    // The third unit repeats the first: the least norm shares its weight.
    const activity = ndarray(
      Float64Array.from({ length: 1200 }, (_, k) => [x, y, x][k % 3]![Math.floor(k / 3)]!),
      [400, 3],
    );
    const target = ndarray(
      x.map((v, t) => 2 * v - y[t]! + 0.5),
      [400, 1],
    );
    const { weights, rank, r2 } = linearReadout(activity, target);
    expect(rank).toBe(3);
    expect(r2[0]).toBeCloseTo(1, 12);
    for (const [k, w] of [1, -1, 1, 0.5].entries()) expect(weights.data[k]).toBeCloseTo(w, 10);
  });

  it("refuses fewer samples than units", () => {
    expect(() => linearReadout(ndarray(white(40, 1), [4, 10]), ndarray(white(4, 2), [4, 1]))).toThrow(/\[4, 10\]/);
  });
});

describe("memory capacity", () => {
  it("of a delay line is its length", () => {
    const u = white(4000, 3);
    const line = Float64Array.from({ length: 4000 * 6 }, (_, k) => u[Math.floor(k / 6) - (k % 6)] ?? 0);
    const { total, perDelay } = memoryCapacity(ndarray(line, [4000, 6]), u);
    expect(Math.abs(total - 6)).toBeLessThan(0.02);
    expect(perDelay[5]).toBeGreaterThan(0.99);
    expect(Math.abs(perDelay[6]!)).toBeLessThan(0.01);
  });

  it("of one linear unit is (1 - a²) a^2k / (1 + σ²), 1 / (1 + σ²) in all", () => {
    const [a, n] = [0.8, 40_000];
    const u = white(n, 4);
    for (const sigma of [0, 0.7]) {
      const states = ndarray(filtered(u, a, sigma), [n, 1]);
      const { total, perDelay } = memoryCapacity(states, u, { delays: 20 });
      for (const k of [0, 1, 3])
        expect(Math.abs(perDelay[k]! - ((1 - a * a) * a ** (2 * k)) / (1 + sigma * sigma))).toBeLessThan(0.015);
      expect(Math.abs(total - 1 / (1 + sigma * sigma))).toBeLessThan(0.03);
    }
  });
});
