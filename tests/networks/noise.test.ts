/** Noise put into a text: its deviation per step against the law written by hand, and its statistics. */
import { expect, test } from "vitest";
import { noiseLaws } from "../../src/engine/noiseLaws.ts";
import { runModel } from "../../src/engine/runModel.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { noiseInTransfer, reluMap } from "../../src/networks/cells/index.ts";
import { type Noise, type NoiseSite, withNoise } from "../../src/networks/noise.ts";
import { rate } from "../../src/networks/rate.ts";

const [tau, dt, s] = [10, 0.5, 0.3];
const quiet: NetworkData = { ...rate, equations: rate.equations.replace(" + sigma xi", "") };
const values: Record<string, number[]> = {
  ...{ tau: [tau], J: [0.1, 0.2, 0.3, 0.4], B: [3, 4], b: [0, 0], W: [1, 0], c: [0], sigma: [0], h: [0, 0] },
};
const sizes = { N: 2, I: 1, O: 1 };

/** Deviation of one step of the first entry of a state. */
function deviation(network: NetworkData, noise: Noise, site: NoiseSite, into: string): number {
  const made = withNoise(network, noise, site);
  const model = modelOf(made, { dt });
  const parameters = { ...values };
  for (const [name, p] of Object.entries(made.parameters)) parameters[name] ??= [p.value as number];
  const law = noiseLaws(model, { parameters, sizes, dt }).find((l) => l.into === into && l.per === "sample")!;
  expect(law.additive).toBe(true);
  return law.deviation![0]!;
}

test.each<[string, Noise, NoiseSite, string, number]>([
  ["on the state, per step: s", { kind: "white", sigma: s }, { at: "state", state: "x" }, "x", s],
  ["on the state, Euler–Maruyama: (s/tau) sqrt(dt)", { kind: "white", sigma: s, law: "perTime" }, { at: "state", state: "x" }, "x", (s / tau) * Math.sqrt(dt)],
  ["on the state, sqrt(2a): s sqrt(2 dt/tau)", { kind: "white", sigma: s, law: "stationary" }, { at: "state", state: "x" }, "x", s * Math.sqrt((2 * dt) / tau)],
  ["in the drive, per step: s dt/tau", { kind: "white", sigma: s }, { at: "drive" }, "x", (s * dt) / tau],
  ["in the drive, sqrt(2/a): s sqrt(2 dt/tau)", { kind: "white", sigma: s, law: "stationary" }, { at: "drive" }, "x", s * Math.sqrt((2 * dt) / tau)],
  ["at the input, per step: |B| s dt/tau", { kind: "white", sigma: s }, { at: "input" }, "x", (3 * s * dt) / tau],
  ["at the input, by time: |B| s sqrt(dt)/tau", { kind: "white", sigma: s, law: "perTime" }, { at: "input" }, "x", (3 * s * Math.sqrt(dt)) / tau],
  ["Ornstein–Uhlenbeck in the drive: s sqrt(1 - exp(-2 dt/tau_w))", { kind: "ornsteinUhlenbeck", sigma: s, tau: 4 }, { at: "drive" }, "w_J", s * Math.sqrt(1 - Math.exp((-2 * dt) / 4))],
])("%s", (_, noise, site, into, expected) => {
  expect(deviation(quiet, noise, site, into)).toBeCloseTo(expected, 14);
}); // biome-ignore format: a table

/** Values of a quantity at the twelfth sample, of `units` units that do not hear each other in each of 60 trials. */
async function sampleOf(network: NetworkData, record: string, units: number, bias: number, input: number, at: number) {
  const [trials, samples] = [60, 12];
  const model = modelOf(network, { dt: at });
  const parameters: Record<string, number[]> = {
    ...Object.fromEntries(Object.entries(network.parameters).map(([name, p]) => [name, [p.value as number]])),
    ...{ J: Array(units ** 2).fill(0), B: Array(units ** 2).fill(0), b: Array(units).fill(bias) },
    ...{ W: Array(units).fill(0), c: [0] },
  };
  const { [record]: found } = await runModel(model, {
    parameters,
    sizes: { N: units, I: units, O: 1 },
    samples,
    dt: at,
    trials,
    record: [record],
    inputs: { u: Array(units).fill(input) },
    seed: 2,
  });
  return Float64Array.from(
    { length: trials * units },
    (_, k) => found!.data[Math.floor(k / units) * samples * units + (samples - 1) * units + (k % units)]!,
  );
}
const mean = (x: Float64Array): number => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: Float64Array): number => mean(x.map((v) => (v - mean(x)) ** 2));

test.each([0.5, 6])(
  "Ornstein–Uhlenbeck noise has its stationary deviation from the first sample on, at dt = %s",
  async (at) => {
    const made = withNoise(quiet, { kind: "ornsteinUhlenbeck", sigma: s, tau: 4 }, { at: "drive" });
    const w = await sampleOf(made, "w_J", 50, 0, 0, at);
    expect(Math.abs(variance(w) / s ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / w.length));
  },
);

test("Poisson counts have their mean as variance", async () => {
  const made = withNoise(quiet, { kind: "poisson" }, { at: "input" });
  const counts = await sampleOf(made, "u_n", 50, 0, 3, dt);
  const m = 3 * dt;
  expect(counts.every((c) => Number.isInteger(c) && c >= 0)).toBe(true);
  expect(Math.abs(mean(counts) - m)).toBeLessThan(5 * Math.sqrt(m / counts.length));
  // Variance of the sample variance of Poisson numbers: (m + 2 m²)/n.
  expect(Math.abs(variance(counts) - m)).toBeLessThan(5 * Math.sqrt((m + 2 * m * m) / counts.length));
});

test("noise on weights has the variance s² Σ r² of a sum over weights with their own numbers", async () => {
  const map: NetworkData = { ...reluMap, equations: reluMap.equations.replace("relu(", "("), sizes: {} };
  const made = withNoise(map, { kind: "white", sigma: s }, { at: "weights" });
  // With J = 0 and a bias of 2 the past is 2 plus noise of deviation s |h|: the second moment m obeys m' = 4 + 4 s² m.
  const h = await sampleOf(made, "h", 4, 2, 0, 1);
  let m = 0;
  for (let t = 0; t < 12; t++) m = 4 + 4 * s ** 2 * m;
  // Units of a trial share their past: the trials are the independent numbers.
  const second = Float64Array.from({ length: h.length / 4 }, (_, k) =>
    mean(h.subarray(4 * k, 4 * k + 4).map((x) => x * x)),
  );
  expect(Math.abs(mean(second) - m)).toBeLessThan(5 * Math.sqrt(variance(second) / second.length));
});

test.each<[string, () => unknown, RegExp]>([
  ["Poisson noise on weights", () => withNoise(rate, { kind: "poisson" }, { at: "weights" }), /poisson noise at the weights; expected at the weights: white/],
  ["no such state", () => withNoise(rate, { kind: "white", sigma: 1 }, { at: "state", state: "y" }), /no line of a state `y`; expected x/],
  ["no such input", () => withNoise(rate, { kind: "white", sigma: 1 }, { at: "input", input: "v" }), /no input `v`/],
  ["no coupling", () => withNoise(rate, { kind: "white", sigma: 1 }, { at: "drive", matrix: "K" }), /no coupling `K/],
  ["a law of time in a map", () => withNoise(noiseInTransfer, { kind: "white", sigma: 1, law: "perTime" }, { at: "state", state: "r" }), /`perTime` on the map of `r`/],
  ["two at one place", () => withNoise(withNoise(quiet, { kind: "white", sigma: 1 }, { at: "drive" }), { kind: "white", sigma: 1 }, { at: "drive" }), /`sigma_J` is a parameter of the network already/],
])("%s is refused", (_, act, message) => {
  expect(act).toThrow(message);
}); // biome-ignore format: a table
