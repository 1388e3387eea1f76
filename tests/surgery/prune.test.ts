import fc from "fast-check";
import { expect, test } from "vitest";
import { makeNetwork, networks, surgery } from "../../src/index.ts";

const { prune, keepProbabilities } = surgery;
const N = 60;
const rate = makeNetwork({ ...networks.rate, sizes: { N, I: 2, O: 1 } }, { seed: 6 });
const J = rate.parameters.J!.values.data;
const kept = (by: surgery.PruneOptions["by"], keep: number, seed = 0): Float64Array =>
  prune(rate, "J", { keep, by, seed }).parameters.J_S!.values.data;
const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);

test("law 13: probabilities add up to the budget, none is above 1, and those below 1 are proportional to the weights", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (weights, share) => {
        const budget = share * weights.length;
        const p = keepProbabilities(weights, budget);
        expect(Math.abs(sum(p) - budget)).toBeLessThan(1e-9);
        expect(Math.max(...p)).toBeLessThanOrEqual(1);
        const below = [...p.keys()].filter((k) => p[k]! < 1);
        for (const k of below) expect(p[k]! * weights[below[0]!]!).toBeCloseTo(p[below[0]!]! * weights[k]!, 8);
        // Certain ones would have 1 or more at the same rate.
        const rate = below.length > 0 ? p[below[0]!]! / weights[below[0]!]! : 0;
        for (const [k, w] of weights.entries())
          if (p[k] === 1 && below.length > 0) expect(rate * w).toBeGreaterThan(1 - 1e-9);
      },
    ),
  );
});

test("where nothing is capped, p = K |w| / Σ |w|", () => {
  expect([...keepProbabilities([1, -2, 3, -4], 2)]).toEqual([0.2, 0.4, 0.6, 0.8]);
  // 3 × 8 / 10 is above 1: it is certain, and 2 of the budget is left for three weights that add up to 3.
  expect([...keepProbabilities([8, 1, 0.5, 0.5], 2)]).toEqual([1, 0.5, 0.25, 0.25]);
  expect([...keepProbabilities([0, 1, 0, 2], 3)]).toEqual([0, 1, 0, 1]);
});

test("the number that stays is what was asked, within the deviation of the draws", () => {
  for (const keep of [0.1, 0.5, 0.8]) {
    expect(sum(kept("magnitude", keep))).toBe(Math.round(keep * N * N));
    // Σ p (1 - p) is at most keep (1 - keep) N² of independent draws with mean `keep`.
    const deviation = Math.sqrt(keep * (1 - keep)) * N;
    for (const by of ["random", "proportional"] as const)
      expect(Math.abs(sum(kept(by, keep)) - keep * N * N)).toBeLessThan(4 * deviation);
  }
});

test("magnitude keeps the largest; proportional keeps larger ones than random", () => {
  const mask = kept("magnitude", 0.3);
  const [inside, outside] = [1, 0].map((m) => [...J].filter((_, k) => mask[k] === m).map(Math.abs));
  expect(Math.min(...inside!)).toBeGreaterThanOrEqual(Math.max(...outside!));
  const mass = (m: Float64Array): number => sum(m.map((keep, k) => keep * Math.abs(J[k]!)));
  // E Σ m|w| is K Σw²/Σ|w| (uncapped) against K Σ|w|/N²: π/2 times as much for normal weights.
  expect(mass(kept("proportional", 0.2)) / mass(kept("random", 0.2))).toBeCloseTo(Math.PI / 2, 0);
});

test("pruned weights are 0 under a pinned mask; a seed gives one result", () => {
  const small = prune(rate, "J", { keep: 0.4, by: "random", seed: 3 });
  const mask = small.parameters.J_S!;
  expect(mask.tag).toBe("pinned");
  small.parameters.J_K!.values.data.forEach((w, k) => {
    expect(w).toBe(mask.values.data[k] === 1 ? J[k] : 0);
  });
  expect(kept("random", 0.4, 3)).toEqual(mask.values.data);
  expect(kept("random", 0.4, 4)).not.toEqual(mask.values.data);
});

test("pruning goes on from what an earlier pruning or lesion left", () => {
  const once = prune(surgery.lesion(rate, { units: [0] }), "J", { keep: 0.5, by: "magnitude" });
  const twice = prune(once, "J", { keep: 0.2, by: "magnitude" });
  expect(twice.data.equations).toBe(once.data.equations);
  const [first, second] = [once, twice].map((n) => n.parameters.J_S!.values.data);
  expect([sum(first!), sum(second!)]).toEqual([0.5 * N * N, 0.2 * N * N]);
  second!.forEach((kept, k) => {
    expect(kept).toBeLessThanOrEqual(first![k]!);
  });
  expect(first!.subarray(0, N).some((kept) => kept !== 0)).toBe(false);
});

test("no such share, way, budget or matrix", () => {
  expect(() => kept("random", -0.1)).toThrow(/-0.1 of the connections of `J` kept; expected a share from 0 to 1/);
  expect(() => kept("best" as "random", 0.1)).toThrow(/pruning by `best`; expected random, magnitude or proportional/);
  expect(() => keepProbabilities([1, 2], -1)).toThrow(/budget of -1/);
  expect(() => keepProbabilities([1, 2], 3)).toThrow(/from 0 to 2/);
  expect(() => prune(rate, "Q", { keep: 0.5, by: "random" })).toThrow(/no matrix `Q`/);
});
