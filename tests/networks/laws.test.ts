/** Laws of composition: what must hold exactly between cells, wirings and forms. */
import { describe, expect, test } from "vitest";
import type { NetworkData } from "../../src/equations/network.ts";
import { adaptation, learnedTau, rateForm, sampled, sampledAutoregressive } from "../../src/networks/cells/index.ts";
import * as c from "../../src/networks/connectivity/index.ts";
import { leaky } from "../../src/networks/leaky.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";
import { rate } from "../../src/networks/rate.ts";
import { type TransferName, transfers } from "../../src/networks/transfer.ts";
import { vanilla } from "../../src/networks/vanilla.ts";
import {
  type Case,
  caseOf,
  checkDerivative,
  difference,
  normal,
  run,
  samples,
  trials,
  type Values,
} from "./properties.ts";

/** The same values wherever two networks have the same names. */
function given(data: NetworkData, values: Values): Case {
  const of = caseOf(data);
  return { ...of, values: { ...of.values, ...values } };
}
const N = 5;
const zero = Float64Array.of(0);
const shared: Values = {
  J: normal(N * N, "shared J", 0.8),
  B: normal(N * 4, "shared B"),
  b: normal(N, "shared b"),
  u: normal(trials * samples * 4, "shared u"),
  sigma: zero,
};

test("at dt = tau both forms are the vanilla map, one sample later", async () => {
  const values = {
    ...shared,
    tau: Float64Array.of(0.5),
    "x.initial": new Float64Array(trials * N),
    "r.initial": new Float64Array(trials * N),
  };
  const start = new Float64Array(trials * N);
  const map = (await run(given(vanilla, { ...shared, "h.initial": start }), ["h"])).h!;
  const rates = (await run(given(rateForm, values), ["r"])).r!;
  // r[t+1] of the flow is h[t] of the map.
  const shift = (x: Float64Array, by: number): number[] =>
    Array.from({ length: trials }, (_, k) => [
      ...x.subarray((k * samples + by) * N, (k * samples + by + samples - 1) * N),
    ]).flat();
  expect(difference(shift(rates, 1), shift(map, 0))).toBeLessThan(1e-14);
  // The current form passes J tanh(x) on: from x = B u + b its rates are those of the map.
  const x = (await run(given(rate, values), ["x"])).x!;
  expect(difference(shift(x.map(Math.tanh), 1), shift(map, 0))).toBeLessThan(1e-14);
});

test("x = J r + B u + b of the rate form follows the current form while the input is constant", async () => {
  const input = normal(4, "constant");
  const u = Float64Array.from({ length: trials * samples * 4 }, (_, k) => input[k % 4]!);
  const r0 = normal(trials * N, "r0");
  const x0 = Float64Array.from({ length: trials * N }, (_, k) => {
    const [trial, i] = [Math.floor(k / N), k % N];
    let x = shared.b![i]!;
    for (let j = 0; j < N; j++) x += shared.J![i * N + j]! * r0[trial * N + j]!;
    for (let j = 0; j < 4; j++) x += shared.B![i * 4 + j]! * input[j]!;
    return x;
  });
  const a = caseOf({ ...rateForm, equations: `${rateForm.equations}\nx = J r + B u + b` });
  a.values = { ...a.values, ...shared, u, "r.initial": r0 };
  const b = given(rate, { ...shared, u, "x.initial": x0 });
  expect(difference((await run(a, ["x"])).x!, (await run(b, ["x"])).x!)).toBeLessThan(1e-13);
});

test("low rank with as many ranks as units is any matrix", async () => {
  const wired = given(c.wire({ ...rate, sizes: { N } }, "J", c.lowRank({ rank: N })), {
    ...shared,
    J_M: shared.J!,
    J_L: Float64Array.from({ length: N * N }, (_, k) => (k % (N + 1) === 0 ? N : 0)),
    "x.initial": normal(trials * N, "x0"),
  });
  const dense = given(rate, { ...shared, "x.initial": normal(trials * N, "x0") });
  expect(difference((await run(wired, ["x"])).x!, (await run(dense, ["x"])).x!)).toBeLessThan(1e-14);
  expect(() => c.wire({ ...rate, sizes: { N } }, "J", c.lowRank({ rank: N + 1 }))).toThrow(/rank 6 of `J`/);
});

test("two adaptations of one time constant are one with the sum of their strengths", async () => {
  const two: NetworkData = {
    ...adaptation,
    equations: adaptation.equations.replace("beta * a;", "beta * a - beta_2 * a_2;  tau_a da_2/dt = -a_2 + r;"),
    parameters: { ...adaptation.parameters, beta_2: { value: 0.3 } },
  };
  const x0 = normal(trials * N, "x0");
  const start = {
    ...shared,
    "x.initial": x0,
    "a.initial": new Float64Array(trials * N),
    "a_2.initial": new Float64Array(trials * N),
  };
  const both = given(two, { ...start, beta: Float64Array.of(0.4), beta_2: Float64Array.of(0.3) });
  const one = given(adaptation, { ...start, beta: Float64Array.of(0.7) });
  expect(difference((await run(both, ["x"])).x!, (await run(one, ["x"])).x!)).toBeLessThan(1e-14);
});

test("areas without a connection between them do not hear each other", async () => {
  const wired = c.wire(rate, "J", c.blocks([0.4, 0.6], [[1, 0], [0, 1]])); // biome-ignore format: a matrix
  const x0 = normal(trials * N, "x0");
  const other = x0.map((x, k) => (k % N >= 2 ? x + 1 : x));
  const [a, b] = [
    (await run(given(wired, { ...shared, "x.initial": x0 }), ["x"])).x!,
    (await run(given(wired, { ...shared, "x.initial": other }), ["x"])).x!,
  ];
  expect(a.filter((_, k) => k % N < 2)).toEqual(b.filter((_, k) => k % N < 2));
  expect(a.filter((_, k) => k % N >= 2)).not.toEqual(b.filter((_, k) => k % N >= 2));
});

test("a mixture's loadings have the means and covariances that it is given", () => {
  const n = 4000;
  const data = c.wire(rate, "J", c.mixture({ rank: 1, latents: 1, shares: [0.25, 0.75] }));
  const { J_X, J_s0, J_s1 } = valuesOf(makeNetwork(data, { sizes: { N: n, I: 1, O: 1 }, seed: 3 }));
  expect(J_s0!.reduce((a, b) => a + b, 0)).toBe(n / 4);
  J_s0!.forEach((s, k) => {
    if (s + J_s1![k]! !== 1) expect.fail("every unit is of one population");
  });
  // m + C X over a population: mean m, deviation |C|.
  const loadings = J_X!.subarray(0, n / 4).map((x) => 2 + 0.5 * x);
  const mean = loadings.reduce((a, b) => a + b, 0) / loadings.length;
  expect(Math.abs(mean - 2)).toBeLessThan((5 * 0.5) / Math.sqrt(n / 4));
});

test("a mixture of the rank 1 is the same matrix, whether its rank is a number or the name of one", async () => {
  const sizes = { N, I: 4, O: 2 };
  const Js = await Promise.all(
    ([1, "R"] as const).map(async (rank) => {
      const data = c.wire({ ...rate, sizes }, "J", c.mixture({ rank, latents: 3, shares: [0.4, 0.6] }));
      const network = makeNetwork(data, { seed: 3, sizes: rank === 1 ? sizes : { ...sizes, R: 1 } });
      const values = valuesOf(network);
      for (const [k, name] of ["J_m0", "J_m1", "J_n0", "J_n1"].entries()) values[name]![0] = 0.3 + k;
      const of: Case = { ...caseOf(data), sizes: network.sizes };
      return (await run({ ...of, values: { ...of.values, ...values } }, ["J"])).J!;
    }),
  );
  expect(difference(Js[0]!, Js[1]!)).toBeLessThan(1e-14);
});

describe("a sampled layer's divergence from its prior", () => {
  /** ∫ p log(p/q) of two normal densities by the trapezoidal rule. */
  function divergence(m: number, v: number, mp: number, vp: number): number {
    const log = (x: number, mean: number, variance: number): number =>
      -((x - mean) ** 2) / (2 * variance) - Math.log(2 * Math.PI * variance) / 2;
    const [sd, steps] = [Math.exp(v / 2), 4000];
    let sum = 0;
    for (let k = 0; k <= steps; k++) {
      const x = m + sd * (-10 + (20 * k) / steps);
      sum += Math.exp(log(x, m, sd * sd)) * (log(x, m, sd * sd) - log(x, mp, Math.exp(vp)));
    }
    return (sum * 20 * sd) / steps;
  }
  test("is the integral, and nothing at the prior", async () => {
    const of = given(sampled, { m_p: Float64Array.of(0.3), v_p: Float64Array.of(-0.4) });
    const { m, v, kl } = await run(of, ["m", "v", "kl"]);
    kl!.forEach((x, k) => {
      expect(x).toBeCloseTo(divergence(m![k]!, v![k]!, 0.3, -0.4), 8);
    });
    const none = { M: new Float64Array(5), V: new Float64Array(5) };
    const at = given(sampled, {
      ...none,
      c: Float64Array.of(0.3),
      d: Float64Array.of(-0.4),
      m_p: Float64Array.of(0.3),
      v_p: Float64Array.of(-0.4),
    });
    for (const x of (await run(at, ["kl"])).kl!) expect(x).toBeCloseTo(0, 14);
  });
  test("from an autoregressive prior is that from each conditional of the chain", async () => {
    const of = given(sampledAutoregressive, { l_p: Float64Array.of(1), g_p: Float64Array.of(-0.2) });
    const { m, v, i, kl } = await run(of, ["m", "v", "i", "kl"]);
    const q = Math.exp(-of.dt / Math.exp(1));
    kl!.forEach((x, k) => {
      const before = k % samples === 0 ? 0 : i![k - 1]!;
      expect(x).toBeCloseTo(divergence(m![k]!, v![k]!, q * before, -0.4 + Math.log(1 - q * q)), 8);
    });
  });
});

describe("leaky networks of either form", () => {
  const cases = (Object.keys(transfers) as TransferName[]).flatMap((transfer) =>
    (["current", "rate"] as const).map((form) => [transfer, form] as const),
  );
  test.each(cases)("%s, %s form", async (transfer, form) => {
    const tau = form === "rate" ? "learned" : "perUnit";
    await checkDerivative(caseOf(leaky({ form, transfer, tau, transferPerUnit: form === "rate" })));
  });
  test("learned time constants stay within their range", async () => {
    const of = given(learnedTau, { k: Float64Array.of(-1e3, -1, 0, 1, 1e3) });
    const { tau } = await run(of, ["tau"]);
    expect([...tau!].map((x) => Math.round(x * 100) / 100)).toEqual([20, 41.52, 60, 78.48, 100]);
  });
  test("an unknown transfer is refused", () => {
    expect(() => leaky({ transfer: "tan" as TransferName })).toThrow(
      /no transfer function `tan`; expected linear, tanh/,
    );
  });
});
