import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { expect, test } from "vitest";
import { makeNetwork, networks, simulate, surgery } from "../../src/index.ts";
import { weightOf, whiteTrials } from "./trials.ts";

const { truncate, refit } = surgery;
const N = 20;
const rate = makeNetwork({ ...networks.rate, sizes: { N, I: 2, O: 3 } }, { seed: 6 });
const J = rate.parameters.J!.values.data;

test("at rank N a matrix is itself; the error at lower rank is that of Eckart and Young", () => {
  // Singular values by another implementation.
  const s = new SingularValueDecomposition(Matrix.from1DArray(N, N, J)).diagonal;
  for (const rank of [1, 5, 19, N]) {
    const got = truncate(rate, "J", rank).parameters.J!.values.data;
    const error = Math.sqrt(got.reduce((sum, w, k) => sum + (w - J[k]!) ** 2, 0));
    const dropped = Math.sqrt(s.slice(rank).reduce((sum, x) => sum + x * x, 0));
    expect(Math.abs(error - dropped)).toBeLessThan(1e-13 * s[0]!);
  }
});

test("a matrix that is not square", () => {
  const W = rate.parameters.W!.values.data;
  const got = truncate(rate, "W", 3).parameters.W!.values.data;
  got.forEach((w, k) => {
    expect(w).toBeCloseTo(W[k]!, 13);
  });
});

test("a refit starts at the truncated matrix, keeps its rank in training, and leaves the rest", async () => {
  const low = refit(rate, "J", 4);
  expect(low.data.equations).toMatch(/^J = \(J_M J_L' \/ N\)/);
  expect(low.parameters.J_M!.values.shape).toEqual([N, 4]);
  expect(low.parameters.J_M!.tag).toBe("free");
  expect(low.parameters.B).toEqual(rate.parameters.B);
  const trials = whiteTrials(2, 30, 2, 3);
  const options = { seed: 1, record: ["x"], precision: "f64" as const };
  const { x } = await simulate(low, trials, options);
  const { x: expected } = await simulate(truncate(rate, "J", 4), trials, options);
  let apart = 0;
  x!.data.forEach((v, k) => {
    apart = Math.max(apart, Math.abs(v - expected!.data[k]!));
  });
  expect(apart).toBeLessThan(1e-12);
  const W = refit(rate, "W", 2);
  const product = await weightOf(W, "W");
  truncate(rate, "W", 2).parameters.W!.values.data.forEach((w, k) => {
    expect(product[k]).toBeCloseTo(w, 13);
  });
});

test("a refit from drawn loadings: deviation 1, another for another seed", () => {
  const [a, b] = [0, 1].map((seed) => refit(rate, "J", 4, { start: "drawn", seed }).parameters.J_M!.values.data);
  expect(a).not.toEqual(b);
  const mean = a!.reduce((sum, w) => sum + w * w, 0) / a!.length;
  // 80 normal numbers: their mean square is 1 ± sqrt(2/80).
  expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(2 / 80));
});

test("no such rank, no such matrix", () => {
  expect(() => truncate(rate, "J", 21)).toThrow(/rank 21 of `J` \[20, 20\]; expected a whole number from 1 to 20/);
  expect(() => refit(rate, "J", 0)).toThrow(/rank 0/);
  expect(() => truncate(rate, "b", 1)).toThrow(/no matrix `b` among its parameters; expected J, B, W/);
});
