/** Integrators on equations with closed solutions: orders, tolerance, maps, divergence. */
import { describe, expect, test } from "vitest";
import { integrate } from "../../src/engine/integrate.ts";
import { networkSystem } from "../../src/engine/networkSystem.ts";

/** dx/dt = x (1 - x): x(t) = 1 / (1 + (1/x0 - 1) e^-t). */
const logistic = () =>
  networkSystem({ equations: "dx/dt = r x * (1 - x)", parameters: { r: { value: 1 } } }, { parameters: { r: [1] } });
const exact = (t: number): number => 1 / (1 + 9 * Math.exp(-t));

describe("orders of convergence", () => {
  test.each([
    ["euler", 1],
    ["heun", 2],
    ["rk4", 4],
  ] as const)("%s has order %i", async (method, order) => {
    const system = await logistic();
    const error = (steps: number): number =>
      Math.abs(integrate(system, [0.1], { dt: 2 / steps, steps, method }).states[steps]! - exact(2));
    const measured = Math.log2(error(20) / error(40));
    expect(Math.abs(measured - order)).toBeLessThan(0.15);
  });
});

test("the adaptive pair: error proportional to tolerance", async () => {
  const system = await logistic();
  const error = (tolerance: number): number =>
    Math.abs(integrate(system, [0.1], { dt: 5, steps: 1, method: "adaptive", tolerance }).states[1]! - exact(5));
  for (const tolerance of [1e-5, 1e-7, 1e-9]) {
    expect(error(tolerance)).toBeLessThan(5 * tolerance);
    expect(error(tolerance)).toBeGreaterThan(tolerance * 1e-4);
  }
  expect(error(1e-9)).toBeLessThan(error(1e-5) * 1e-2);
});

test("the adaptive pair keeps the energy of the harmonic oscillator to its tolerance", async () => {
  const system = await networkSystem({ equations: "dx/dt = y; dy/dt = -x", parameters: {} }, { parameters: {} });
  const { states, status } = integrate(system, [1, 0], { dt: 0.5, steps: 40, method: "adaptive", tolerance: 1e-10 });
  expect(status).toBe("done");
  for (let k = 0; k <= 40; k++) {
    expect(states[2 * k]!).toBeCloseTo(Math.cos(0.5 * k), 7);
    expect(states[2 * k + 1]!).toBeCloseTo(-Math.sin(0.5 * k), 7);
  }
});

test("a map is iterated; a flow that escapes is reported", async () => {
  const map = await networkSystem(
    { equations: "x[t+1] = a x * (1 - x)", parameters: { a: { value: 4 } } },
    { parameters: { a: [4] } },
  );
  // x_k = sin²(2^k θ) for the logistic map at 4.
  const theta = 0.3;
  const { states } = integrate(map, [Math.sin(theta) ** 2], { dt: 1, steps: 10 });
  for (let k = 0; k <= 10; k++) expect(states[k]!).toBeCloseTo(Math.sin(2 ** k * theta) ** 2, 8);
  const escaping = await networkSystem({ equations: "dx/dt = x^2", parameters: {} }, { parameters: {} });
  expect(integrate(escaping, [1], { dt: 0.1, steps: 40, method: "rk4" }).status).toBe("diverged");
});

test("a start of the wrong dimension is refused", async () => {
  const system = await logistic();
  expect(() => integrate(system, [1, 2], { dt: 1, steps: 1 })).toThrow(/start of 2 values/);
});
