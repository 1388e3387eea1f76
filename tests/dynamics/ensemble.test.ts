import { expect, test } from "vitest";
import { ensemble } from "../../src/dynamics/ensemble.ts";
import { functionSystem } from "./functionSystem.ts";

/** dx/dt = -x, dy/dt = 1. */
const flow = functionSystem({ kind: "flow", dimension: 2, f: (x, out) => { out[0] = -x[0]!; out[1] = 1; }, jacobian: () => {} }); // biome-ignore format: a rule
/** x → 2x. */
const map = functionSystem({ kind: "map", dimension: 1, f: (x, out) => { out[0] = 2 * x[0]!; }, jacobian: () => {} }); // biome-ignore format: a rule

test("many starts at once: exp(-t) and t, to the order of the method", () => {
  const error = (method: "euler" | "rk4", steps: number) => {
    const { data, shape } = ensemble(flow, Float64Array.of(1, 0, -3, 5), { dt: 1 / steps, steps, method });
    expect(shape).toEqual([2, steps + 1, 2]);
    expect(data[(2 * (steps + 1) - 1) * 2 + 1]).toBeCloseTo(6, 12);
    return Math.abs(data[(2 * (steps + 1) - 1) * 2]! + 3 * Math.exp(-1));
  };
  expect(error("euler", 20) / error("euler", 40)).toBeCloseTo(2, 0);
  expect(error("rk4", 20) / error("rk4", 40)).toBeGreaterThan(15);
});

test("a map makes a step per sample; what overflows is NaN and leaves the others alone", () => {
  const { data } = ensemble(map, Float64Array.of(1, 2 ** 1022), { dt: 1, steps: 3 });
  expect([...data]).toEqual([1, 2, 4, 8, 2 ** 1022, 2 ** 1023, Number.NaN, Number.NaN]);
  expect(() => ensemble(flow, Float64Array.of(1), { dt: 1, steps: 1 })).toThrow("rows of 2");
});
