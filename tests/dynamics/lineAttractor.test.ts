import { describe, expect, it } from "vitest";
import { compareLines, lineAttractor } from "../../src/dynamics/lineAttractor.ts";
import { traceSlowManifold } from "../../src/dynamics/slowManifold.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { linearLine, rankOneLine } from "./lineSystems.ts";

const values = Float64Array.from({ length: 21 }, (_, k) => -1 + k / 10);
const states = (count: number, dimension: number) =>
  new RandomStream(4, "states").fillNormal(new Float64Array(count * dimension));

describe("lineAttractor", () => {
  it("gives rate, gap, time constant and drift of the rank-one network's closed form", () => {
    const [N, g] = [10, 1.02];
    const manifold = traceSlowManifold(rankOneLine(N, g).system, states(100, N), { values, weight: 100 });
    const line = lineAttractor(manifold, { limit: 0.31 });
    expect(line.points).toHaveLength(7);
    const kappas = [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3];
    const rates = kappas.map((kappa) => -1 + g / Math.cosh(kappa) ** 2);
    const rate = rates.reduce((sum, value) => sum + value, 0) / 7;
    expect(line.mean.rate).toBeCloseTo(rate, 4);
    expect(line.mean.nextRate).toBeCloseTo(-1, 8);
    const absRate = rates.reduce((sum, value) => sum + Math.abs(value), 0) / 7;
    expect(line.mean.absRate).toBeCloseTo(absRate, 4);
    expect(line.mean.ratio).toBeCloseTo(absRate, 4);
    expect(line.tauEffective / (1 / absRate)).toBeCloseTo(1, 2);
    expect(line.worst.rate).toBeCloseTo(Math.abs(rates[0]), 4);
    expect(line.mean.alignment).toBeGreaterThan(1 - 1e-6);
    const drifts = kappas.map((kappa) => Math.abs(Math.sqrt(N) * (-kappa + g * Math.tanh(kappa))));
    expect(line.mean.drift).toBeCloseTo(drifts.reduce((sum, value) => sum + value, 0) / 7, 4);
    expect(line.points.every((point) => !point.oscillates)).toBe(true);
  });

  it("takes the next slowest mode from the others, whatever the order of rates", () => {
    const { system } = linearLine([0.001, 0.02, -0.5, -1.1], { seed: 5 });
    const line = lineAttractor(traceSlowManifold(system, states(50, 4), { values }));
    expect(line.mean.rate).toBeCloseTo(0.001, 9);
    expect(line.mean.nextRate).toBeCloseTo(0.02, 9);
    expect(line.mean.ratio).toBeCloseTo(0.05, 6);
    expect(line.tauEffective).toBeCloseTo(1000, 4);
  });

  it("says where no point is within the limit", () => {
    const { system } = linearLine([0, -1]);
    const manifold = traceSlowManifold(system, states(20, 2), { values: [0.5, 0.7] });
    expect(() => lineAttractor(manifold, { limit: 0.1 })).toThrow(/readout/);
  });
});

describe("compareLines", () => {
  const rates = [0, -0.5, -0.8, -1];
  const line = (options: Parameters<typeof linearLine>[1]) => {
    const made = linearLine(rates, options);
    return { ...made, manifold: traceSlowManifold(made.system, states(60, 4), { values }) };
  };

  it("parallel lines: |cos| 1, separation as built", () => {
    const first = line({ seed: 6 });
    // An offset orthogonal to the line: the middle of a line is where its readout s · x is 0.
    const raw = [0.3, -1, 0.4, 0.8];
    const along = raw.reduce((sum, v, i) => sum + v * first.rho[i], 0);
    const offset = raw.map((v, i) => v - along * first.rho[i]);
    const second = line({ seed: 6, centre: offset });
    const size = Math.hypot(...offset);
    const compared = compareLines(first.manifold, second.manifold);
    expect(compared.cosTangents).toBeCloseTo(1, 9);
    expect(compared.distance).toBeCloseTo(size, 7);
    expect(compared.separation).toBeCloseTo(size / 1.2, 7);
    expect(compared.axis).toBe("orthogonal to both lines");
    // Along an axis 60 degrees off the offset and orthogonal to the line, half the distance.
    const other = [1, 0.2, -0.5, 0.1];
    for (const e of [[...first.rho], offset.map((v) => v / size)]) {
      const part = other.reduce((sum, v, i) => sum + v * e[i], 0);
      for (let i = 0; i < 4; i++) other[i] -= part * e[i];
    }
    const length = Math.hypot(...other);
    const axis = Float64Array.from(other, (v, i) => 3 * (0.5 * (offset[i] / size) + (Math.sqrt(3) / 2) * (v / length)));
    expect(compareLines(first.manifold, second.manifold, { axis }).distance).toBeCloseTo(size / 2, 7);
  });

  it("lines at an angle: |cos| of their directions", () => {
    const [first, second] = [line({ seed: 7 }), line({ seed: 8 })];
    const cos = Math.abs(first.rho.reduce((sum, v, i) => sum + v * second.rho[i], 0));
    const compared = compareLines(first.manifold, second.manifold);
    expect(compared.cosTangents).toBeCloseTo(cos, 8);
    expect(Math.cos((compared.angle * Math.PI) / 180)).toBeCloseTo(cos, 8);
    expect(compared.distance).toBeCloseTo(0, 7);
  });
});
