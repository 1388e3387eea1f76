import { describe, expect, it } from "vitest";
import { levenbergMarquardt } from "../../src/dynamics/levenbergMarquardt.ts";

describe("levenbergMarquardt", () => {
  it("Rosenbrock's valley from its classical start: zero at (1, 1)", () => {
    const found = levenbergMarquardt(
      {
        unknowns: 2,
        equations: 2,
        residual: ([x, y], out) => out.set([10 * (y - x * x), 1 - x]),
        jacobian: ([x], out) => out.set([-20 * x, 10, -1, 0]),
      },
      Float64Array.from([-1.2, 1]),
      { zero: 1e-12 },
    );
    expect(found.status).toBe("zero");
    expect(found.x[0]).toBeCloseTo(1, 10);
    expect(found.x[1]).toBeCloseTo(1, 10);
  });

  it("a minimum that is not a zero: a line fit", () => {
    // Fit y = a + b t to (0, 1), (1, 2), (2, 2): a = 7/6, b = 1/2, sum of squares 1/6.
    const [t, y] = [
      [0, 1, 2],
      [1, 2, 2],
    ];
    const found = levenbergMarquardt(
      {
        unknowns: 2,
        equations: 3,
        residual: ([a, b], out) => out.set(t.map((v, k) => a + b * v - y[k])),
        jacobian: (_, out) => out.set(t.flatMap((v) => [1, v])),
      },
      new Float64Array(2),
    );
    expect(found.status).toBe("minimum");
    expect(found.x[0]).toBeCloseTo(7 / 6, 5);
    expect(found.x[1]).toBeCloseTo(1 / 2, 5);
    expect(2 * found.cost).toBeCloseTo(1 / 6, 9);
  });

  it("says when it starts from nowhere", () => {
    const problem = {
      unknowns: 1,
      equations: 1,
      residual: ([x]: Float64Array, out: Float64Array) => out.set([Math.log(x)]),
      jacobian: ([x]: Float64Array, out: Float64Array) => out.set([1 / x]),
    };
    expect(levenbergMarquardt(problem, Float64Array.from([-1])).status).toBe("not finite");
    expect(levenbergMarquardt(problem, Float64Array.from([5]), { zero: 1e-12 }).x[0]).toBeCloseTo(1, 10);
  });
});
