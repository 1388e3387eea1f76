import { describe, expect, test } from "vitest";
import { ensemble } from "../../src/dynamics/ensemble.ts";
import { distinctCycles, type LimitCycle, settlingOf } from "../../src/dynamics/settling.ts";
import { functionSystem } from "./functionSystem.ts";

type Rule = (x: Float64Array, out: Float64Array) => void;

function follow(kind: "flow" | "map", start: number[], rule: Rule, steps: number, dt = 1) {
  const D = start.length;
  const system = functionSystem({ dimension: D, kind, f: rule, jacobian: () => {} });
  const { data } = ensemble(system, Float64Array.from(start), { dt, steps });
  return settlingOf(data, D, { dt });
}
const cycleOf = (found: ReturnType<typeof settlingOf>): LimitCycle => {
  if (found.kind !== "limit cycle") throw new Error(found.kind);
  return found;
};

describe("limit cycles", () => {
  test("Hopf normal form: the circle of radius 1, period 2π/ω", () => {
    const omega = 3;
    const found = cycleOf(
      follow("flow", [0.1, 0.3], ([x, y], out) => {
        const r2 = x! * x! + y! * y!;
        out[0] = x! * (1 - r2) - omega * y!;
        out[1] = y! * (1 - r2) + omega * x!;
      }, 3000, 0.02),
    ); // biome-ignore format: a rule
    expect(Math.abs(found.period / ((2 * Math.PI) / omega) - 1)).toBeLessThan(1e-6);
    expect(Math.abs(found.size - 1)).toBeLessThan(1e-2); // a whole number of samples is not quite a period
    expect(Math.hypot(...found.mean)).toBeLessThan(2e-2);
    expect(found.loops).toBe(1);
    expect(found.residual).toBeLessThan(1e-6);
  });

  test("van der Pol, μ = 1: period 6.66328686", () => {
    // Amore, Boyd & Fernández 2018, arXiv:1802.09197: 6.663286859323130…
    const found = cycleOf(
      follow("flow", [0.5, 0], ([x, y], out) => {
        out[0] = y!;
        out[1] = (1 - x! * x!) * y! - x!;
      }, 12000, 0.01),
    ); // biome-ignore format: a rule
    expect(Math.abs(found.period - 6.66328685932313)).toBeLessThan(1e-5);
  });

  test("Rössler: one loop at c = 2.5, two at 3.5, four at 4 (Strogatz, figure 12.3.2), no cycle at 5", () => {
    const rossler = (c: number) =>
      follow("flow", [1, 1, 0], ([x, y, z], out) => {
        out[0] = -y! - z!;
        out[1] = x! + 0.2 * y!;
        out[2] = 0.2 + z! * (x! - c);
      }, 20000, 0.04); // biome-ignore format: a rule
    expect(cycleOf(rossler(2.5)).loops).toBe(1);
    expect(cycleOf(rossler(3.5)).loops).toBe(2);
    expect(cycleOf(rossler(4)).loops).toBe(4);
    expect(rossler(5).kind).toBe("unsettled");
  });

  test("logistic map: periods 2, 4 and 3 (r = 3.2, 3.5, 3.83), chaos at 3.9", () => {
    const logistic = (r: number) => follow("map", [0.3], ([x], out) => { out[0] = r * x! * (1 - x!); }, 4000); // biome-ignore format: a rule
    expect(cycleOf(logistic(3.2)).period).toBe(2);
    expect(cycleOf(logistic(3.5)).period).toBe(4);
    expect(cycleOf(logistic(3.83)).period).toBe(3);
    expect(logistic(3.9).kind).toBe("unsettled");
    expect(logistic(2.8).kind).toBe("fixed point");
  });

  test("a map that turns by an angle: its period is no whole number of samples", () => {
    const angle = (2 * Math.PI) / 17.3;
    const found = cycleOf(
      follow("map", [0.2, 0], ([x, y], out) => {
        const r = Math.hypot(x!, y!);
        const grow = (1 + 0.1 * (1 - r)) as number;
        out[0] = grow * (Math.cos(angle) * x! - Math.sin(angle) * y!);
        out[1] = grow * (Math.sin(angle) * x! + Math.cos(angle) * y!);
      }, 2000, 10),
    ); // biome-ignore format: a rule
    expect(Math.abs(found.period / 173 - 1)).toBeLessThan(1e-3);
  });
});

describe("what is no cycle", () => {
  const spiral = (decay: number) =>
    follow("flow", [1, 0], ([x, y], out) => {
      out[0] = -decay * x! - y!;
      out[1] = x! - decay * y!;
    }, 4000, 0.05); // biome-ignore format: a rule

  test("a spiral that decays, fast or slowly", () => {
    expect(spiral(0.3).kind).toBe("fixed point");
    expect(spiral(0.002).kind).toBe("unsettled");
  });

  test("Lorenz: chaos at ρ = 28, a fixed point at (√24, √24, 9) at ρ = 10", () => {
    const lorenz = (rho: number) =>
      follow("flow", [1, 2, 3], ([x, y, z], out) => {
        out[0] = 10 * (y! - x!);
        out[1] = x! * (rho - z!) - y!;
        out[2] = x! * y! - (8 / 3) * z!;
      }, 10000, 0.01); // biome-ignore format: a rule
    expect(lorenz(28).kind).toBe("unsettled");
    const rest = lorenz(10);
    if (rest.kind !== "fixed point") throw new Error(rest.kind);
    const at = Math.sqrt((8 / 3) * 9);
    expect(Math.hypot(Math.abs(rest.state[0]!) - at, Math.abs(rest.state[1]!) - at, rest.state[2]! - 9)).toBeLessThan(
      1e-6,
    );
  });

  test("divergence is told with its sample: 2^(2^10)", () => {
    const found = follow("map", [2], ([x], out) => { out[0] = x! * x!; }, 100); // biome-ignore format: a rule
    expect(found).toEqual({ kind: "diverged", sample: 10 });
  });
});

test("cycles found from several starts are counted once", () => {
  const cycle = { kind: "limit cycle", period: 10, mean: Float64Array.of(0, 0), size: 1 } as LimitCycle;
  const other = { ...cycle, mean: Float64Array.of(2, 0) };
  expect(distinctCycles([cycle, { ...cycle, period: 10.01 }, other]).map((d) => d.trajectories)).toEqual([2, 1]);
});
