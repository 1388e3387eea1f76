import { expect, test } from "vitest";
import { drawMixture, type GaussianMixture, makeNetwork, networks, surgery, withValues } from "../../src/index.ts";

const N = 900;
/** Loadings M, L, B, w of rank 1, jointly: two populations, in one of which M and L go together, in the other L and B. */
const law: GaussianMixture = {
  shares: Float64Array.of(0.6, 0.4),
  means: { data: Float64Array.of(0, 0, 0, 0, 1, -1, 2, 0), shape: [2, 4] },
  covariances: {
    data: Float64Array.of(
      ...[1, 0.6, 0, 0, 0.6, 1, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, 16],
      ...[0.3, 0, 0, 0, 0, 1, 0.4, 0, 0, 0.4, 1, 0, 0, 0, 0, 4],
    ),
    shape: [2, 4, 4],
  },
};
const { samples } = drawMixture(law, N, 2);
const column = (i: number, n = N, of = samples.data) => Float64Array.from({ length: n }, (_, k) => of[k * 4 + i]!);
const names = ["M", "L", "B", "w"];
const network = withValues(
  makeNetwork({ ...networks.lowRank, sizes: { N, R: 1, I: 1, O: 1 } }),
  Object.fromEntries(names.map((name, i) => [name, { data: column(i), shape: [N, 1] }])),
);

test("moments of the new loadings are those of the old, within their standard errors, at any size", () => {
  for (const units of [400, 3000]) {
    const { network: made, mixture, population } = surgery.resample(network, { populations: 2, units, seed: 7 });
    expect(mixture.status).toBe("converged");
    expect(made.sizes.N).toBe(units);
    expect(made.parameters.w!.tag).toBe("pinned");
    const X = names.map((name) => made.parameters[name]!.values.data);
    expect(X[0]!.length).toBe(units);
    const mean = (f: (k: number) => number, n: number): [mean: number, error: number] => {
      let [m, v] = [0, 0];
      for (let k = 0; k < n; k++) m += f(k) / n;
      for (let k = 0; k < n; k++) v += (f(k) - m) ** 2 / n;
      return [m, Math.sqrt(v / n)];
    };
    for (let i = 0; i < 4; i++) {
      // The fitted mixture has the very moments of the old loadings: only the new draws have an error.
      const [a, error] = mean((k) => X[i]![k]!, units);
      expect(Math.abs(a - mean((k) => samples.data[4 * k + i]!, N)[0])).toBeLessThan(4 * error);
      for (let j = 0; j <= i; j++) {
        const [b, e] = mean((k) => X[i]![k]! * X[j]![k]!, units);
        const [old] = mean((k) => samples.data[4 * k + i]! * samples.data[4 * k + j]!, N);
        expect(Math.abs(b - old)).toBeLessThan(4 * e + 1e-4);
      }
    }
    const first = population.filter((p) => p === 0).length / units;
    expect(Math.abs(first - mixture.shares[0]!)).toBeLessThan(4 * Math.sqrt(0.25 / units));
  }
});

test("what is summed over units without a division is scaled; what all units share is kept", () => {
  const rate = makeNetwork({ ...networks.rate, sizes: { N: 200, I: 1, O: 1 } }, { seed: 1 });
  const low = surgery.refit(rate, "J", 1);
  const options = { populations: 1, units: 400, seed: 3 };
  const [plain, scaled] = [undefined, ["W"]].map((summed) => surgery.resample(low, { ...options, summed }).network);
  scaled!.parameters.W!.values.data.forEach((w, k) => {
    expect(w).toBe(plain!.parameters.W!.values.data[k]! / 2);
  });
  expect(scaled!.parameters.W!.values.shape).toEqual([1, 400]);
  expect(scaled!.parameters.b!.values.data).toEqual(new Float64Array(400));
  expect(scaled!.parameters.tau).toEqual(rate.parameters.tau);
});

test("a bad request says what to do", () => {
  const rate = makeNetwork({ ...networks.rate, sizes: { N: 20, I: 1, O: 1 } });
  expect(() => surgery.resample(rate, { populations: 1, units: 30 })).toThrow(
    /pairs of units.*refit\(network, "J", rank\)/,
  );
  expect(() => surgery.resample(network, { populations: 1, units: 0 })).toThrow(/0 units/);
  expect(() => surgery.resample(network, { populations: 1, units: 9, size: "P" })).toThrow(/no size `P`; expected/);
  expect(() => surgery.resample(network, { populations: 300, units: 9 })).toThrow(/at least 1500/);
});
