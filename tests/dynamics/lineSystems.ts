/** Flows with a line attractor whose modes are known, for tests. */
import { inverse } from "../../src/engine/linalg/lu.ts";
import { RandomStream } from "../../src/engine/random.ts";
import type { System } from "../../src/engine/system.ts";
import { functionSystem } from "./functionSystem.ts";

export interface Line {
  system: System;
  /** Right eigenvector of the integrating mode, unit length, and the left one with `s · ρ = 1`. */
  rho: Float64Array;
  s: Float64Array;
}

/**
 * `dx/dt = A (x - x0)` with `A = V diag(rates) V⁻¹` for a random V: column 0 of V is ρ, row 0 of its inverse is s.
 * The readout `z = c · x`, c the part of ρ orthogonal to the other columns scaled to `c · ρ = 1`, is s itself.
 */
export function linearLine(
  rates: number[],
  options: { seed?: number; centre?: number[]; inputs?: number[][] } = {},
): Line {
  const D = rates.length;
  const V = new RandomStream(options.seed ?? 1, "line").fillNormal(new Float64Array(D * D));
  for (let j = 0; j < D; j++) {
    let sum = 0;
    for (let i = 0; i < D; i++) sum += V[i * D + j] ** 2;
    for (let i = 0; i < D; i++) V[i * D + j] /= Math.sqrt(sum);
  }
  const L = inverse(V, D).x;
  const A = new Float64Array(D * D);
  for (let i = 0; i < D; i++)
    for (let j = 0; j < D; j++) for (let k = 0; k < D; k++) A[i * D + j] += V[i * D + k] * rates[k] * L[k * D + j];
  const x0 = options.centre ?? new Array<number>(D).fill(0);
  const rho = Float64Array.from({ length: D }, (_, i) => V[i * D]);
  const s = L.slice(0, D);
  const system = functionSystem({
    kind: "flow",
    dimension: D,
    f(x, out) {
      for (let i = 0; i < D; i++) {
        out[i] = 0;
        for (let j = 0; j < D; j++) out[i] += A[i * D + j] * (x[j] - x0[j]);
      }
    },
    jacobian: (_, out) => out.set(A),
    outputs: { z: [[...s]] },
    inputs: options.inputs ? { u: options.inputs } : {},
  });
  return { system, rho, s };
}

/**
 * `dx/dt = -x + m (n · tanh x)` with entries ±1 of m and `n = g m / N`: on the line `x = κ m` the motion is
 * `dκ/dt = -κ + g tanh κ`, its rate along m is `-1 + g / cosh² κ`, and every other mode has rate -1. `z = κ`.
 */
export function rankOneLine(N: number, g: number): { system: System; m: number[] } {
  const m = Array.from({ length: N }, (_, i) => (i % 3 === 0 ? -1 : 1));
  return {
    m,
    system: functionSystem({
      kind: "flow",
      dimension: N,
      bounded: true,
      f(x, out) {
        const kappa = x.reduce((sum, v, i) => sum + (g / N) * m[i] * Math.tanh(v), 0);
        for (let i = 0; i < N; i++) out[i] = -x[i] + m[i] * kappa;
      },
      jacobian(x, out) {
        for (let i = 0; i < N; i++)
          for (let j = 0; j < N; j++)
            out[i * N + j] = ((g / N) * m[i] * m[j]) / Math.cosh(x[j]) ** 2 - (i === j ? 1 : 0);
      },
      outputs: { z: [m.map((v) => v / N)] },
    }),
  };
}
