import { describe, expect, it } from "vitest";
import { traceSlowManifold } from "../../src/dynamics/slowManifold.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { linearLine, rankOneLine } from "./lineSystems.ts";

const grid = (count: number, limit: number) =>
  Float64Array.from({ length: count }, (_, k) => -limit + (2 * limit * k) / (count - 1));
const states = (count: number, dimension: number) =>
  new RandomStream(3, "states").fillNormal(new Float64Array(count * dimension));

describe("rank-one network", () => {
  const N = 12;
  const g = 1.5;
  const { system, m } = rankOneLine(N, g);
  const manifold = traceSlowManifold(system, states(200, N), { values: grid(41, 2), weight: 100 });

  it("lies on x = κ m with the drift, rates and alignment of the closed form", () => {
    expect(manifold.status).toBe("traced");
    for (const point of manifold.points) {
      const kappa = point.readout;
      expect(kappa).toBeCloseTo(point.pinned, 2);
      for (let i = 0; i < N; i++) expect(point.x[i]).toBeCloseTo(kappa * m[i], 4);
      expect(point.drift).toBeCloseTo(Math.sqrt(N) * (-kappa + g * Math.tanh(kappa)), 4);
      expect(point.speed).toBeCloseTo(Math.abs(point.drift), 5);
      expect(point.alignment).toBeGreaterThan(1 - 1e-6);
      expect(point.modes.rates[point.integrating]).toBeCloseTo(-1 + g / Math.cosh(kappa) ** 2, 6);
      point.modes.rates.forEach((rate, k) => {
        if (k !== point.integrating) expect(rate).toBeCloseTo(-1, 6);
      });
      point.tangent.forEach((t, i) => {
        expect(t).toBeCloseTo(m[i] / Math.sqrt(N), 4);
      });
    }
    expect(manifold.length).toBeCloseTo(Math.sqrt(N) * (manifold.points[40].readout - manifold.points[0].readout), 5);
  });

  it("finds stable, saddle and stable fixed point on it", () => {
    const x = 1.287839455; // -x + 1.5 tanh x = 0
    expect(manifold.fixedPoints.map((point) => point.stable)).toEqual([true, false, true]);
    [-x, 0, x].forEach((kappa, k) => {
      const point = manifold.fixedPoints[k];
      expect(point.readout).toBeCloseTo(kappa, 8);
      expect(point.residual).toBeLessThanOrEqual(1e-12);
      expect(point.arclength).toBeCloseTo(Math.sqrt(N) * (kappa - manifold.points[0].readout), 1);
    });
    expect(manifold.fixedPoints[1].indexUnstable).toBe(1);
  });
});

describe("linear line attractor", () => {
  it("is followed exactly, and its mode is picked by alignment, not by the largest rate", () => {
    // The mode with rate +0.02 grows, but the line lies along the mode with rate 0.
    const { system, rho } = linearLine([0, 0.02, -0.5, -0.7, -1.1], { seed: 2 });
    const manifold = traceSlowManifold(system, states(50, 5), { values: grid(11, 1) });
    for (const point of manifold.points) {
      expect(point.readout).toBeCloseTo(point.pinned, 9);
      for (let i = 0; i < 5; i++) {
        expect(point.x[i]).toBeCloseTo(point.pinned * rho[i], 8);
        expect(point.tangent[i]).toBeCloseTo(rho[i], 8);
      }
      expect(point.speed).toBeLessThan(1e-9);
      expect(point.integrating).toBe(1);
      expect(point.modes.rates[1]).toBeCloseTo(0, 10);
      expect(point.modes.rates[0]).toBeCloseTo(0.02, 10);
    }
  });

  it("says where the curve has jumped", () => {
    // Two parallel valleys: x[1] = 0 for x[0] < 0, x[1] = 5 above.
    const side = (x: number) => 5 / (1 + Math.exp(-2000 * x));
    const system = linearLine([0, -1]).system;
    const broken = {
      ...system,
      evaluate(points: Float64Array, out: Float64Array) {
        for (let k = 0; k < points.length; k += 2) {
          out[k] = 0;
          out[k + 1] = side(points[k]) - points[k + 1];
        }
      },
      jacobian(x: Float64Array, out = new Float64Array(4)) {
        const s = side(x[0]) / 5;
        out.set([0, 0, 5 * 2000 * s * (1 - s), -1]);
        return out;
      },
      output: (points: Float64Array) => points.filter((_, k) => k % 2 === 0),
      outputJacobian: () => Float64Array.from([1, 0]),
    };
    const starts = Float64Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? -1 + k / 20 : k < 20 ? 0 : 5));
    expect(traceSlowManifold(broken, starts, { values: grid(20, 1) }).status).toBe("broken");
  });

  it("refuses a single value", () => {
    const { system } = linearLine([0, -1]);
    expect(() => traceSlowManifold(system, states(3, 2), { values: [0] })).toThrow(/two values/);
  });
});
