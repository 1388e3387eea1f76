import { expect, test } from "vitest";
import {
  connectivity,
  leaky,
  makeNetwork,
  modelOf,
  type Network,
  networks,
  runModel,
  surgery,
  valuesOf,
  withValues,
} from "../../src/index.ts";

const { toSpiking } = surgery;
/** Rate of a unit under a constant drive, in Hz (closed form; membrane 10 ms, refractory 2 ms, reset -25 mV). */
const fI = (I: number): number => (I > 0 ? 1000 / (2 + 10 * Math.log((I + 25) / I)) : 0);

async function run(network: Network, record: string[], samples: number, dt = 0.05) {
  const model = modelOf(network.data, { dt });
  return runModel(model, {
    parameters: valuesOf(network),
    sizes: network.sizes,
    samples,
    dt,
    record,
    inputs: { u: [1] },
  });
}

const set = (network: Network, values: Record<string, number[]>): Network =>
  withValues(
    network,
    Object.fromEntries(
      Object.entries(values).map(([name, v]) => [
        name,
        { data: Float64Array.from(v), shape: network.parameters[name]!.values.shape },
      ]),
    ),
  );

test("units without connections fire at the rate of the closed form", async () => {
  const drives = [-5, 1, 5, 20, 60];
  const data = leaky({ transfer: "sigmoid", tauRange: [50, 50] });
  const alone = set(makeNetwork({ ...data, sizes: { N: 5, I: 1, O: 1 } }), {
    J: new Array(25).fill(0),
    B: drives,
  });
  for (const dt of [0.05, 0.02]) {
    const samples = 2000 / dt;
    const { s, r } = await run(toSpiking(alone, { lambda: 50, dt }), ["s", "r"], samples, dt);
    for (const [i, I] of drives.entries()) {
      const times: number[] = [];
      let mean = 0;
      for (let t = 0; t < samples; t++) if (s!.data[t * 5 + i]! > 0) times.push(t * dt);
      if (I < 0) {
        expect(times.length).toBe(0);
        continue;
      }
      const interval = (times.at(-1)! - times[0]!) / (times.length - 1);
      // The threshold is crossed within a step, and the reset takes one; Euler's step is off by dt/2 tau_m of the interval.
      expect(Math.abs(interval - 1000 / fI(I))).toBeLessThan(2 * dt + (dt / 20) * (1000 / fI(I)));
      // Each spike has area 1: over whole intervals the filtered rate is the rate.
      const from = Math.round(times[Math.floor(times.length / 2)]! / dt);
      const to = Math.round(times.at(-1)! / dt);
      for (let t = from; t < to; t++) mean += r!.data[t * 5 + i]! / (to - from);
      expect(Math.abs(mean / (1000 / interval) - 1)).toBeLessThan(0.005);
    }
  }
});

test("in a network with slow synapses, activity is where each rate is that of its drive", async () => {
  const N = 40;
  const lambda = 30;
  const data = leaky({ transfer: "sigmoid", tauRange: [100, 100] });
  const network = set(makeNetwork({ ...data, sizes: { N, I: 1, O: 1 } }, { seed: 3 }), { B: new Array(N).fill(15) });
  const J = network.parameters.J!.values.data;
  const dt = 0.05;
  const [samples, from] = [1500 / dt, 700 / dt];
  const { r, z } = await run(toSpiking(network, { lambda, seed: 5 }), ["r", "z"], samples);
  // r = f(J r / lambda + B u), by relaxation.
  let expected = new Float64Array(N);
  for (let k = 0; k < 4000; k++)
    expected = expected.map((x, i) => {
      let I = 15;
      for (let j = 0; j < N; j++) I += (J[i * N + j]! * expected[j]!) / lambda;
      return x + 0.05 * (fI(I) - x);
    });
  let apart = 0;
  let readout = 0;
  for (let i = 0; i < N; i++) {
    let mean = 0;
    for (let t = from; t < samples; t++) mean += r!.data[t * N + i]! / (samples - from);
    apart = Math.max(apart, Math.abs(mean / expected[i]! - 1));
    readout += (network.parameters.W!.values.data[i]! * expected[i]!) / lambda;
  }
  expect(apart).toBeLessThan(0.03);
  let out = 0;
  for (let t = from; t < samples; t++) out += z!.data[t]! / (samples - from);
  expect(Math.abs(out - readout)).toBeLessThan(0.05);
});

test("wirings and learned time constants go over; lambda is a pinned parameter", () => {
  const cell = leaky({ transfer: "sigmoid", tau: "learned" });
  const dale = connectivity.constrain(cell, "J", { kind: "sign", signs: { value: 1 } }, "reparametrise").network;
  const network = makeNetwork({ ...dale, sizes: { N: 6, I: 1, O: 1 } }, { seed: 2 });
  const spiking = toSpiking(network, { lambda: 20 });
  expect(spiking.parameters.J_K).toEqual(network.parameters.J_K);
  expect(spiking.parameters.k).toEqual(network.parameters.k);
  expect(spiking.parameters.lambda!.tag).toBe("pinned");
  expect(modelOf(spiking.data).states.map((s) => s.name)).toEqual(expect.arrayContaining(["q", "v", "h", "r"]));
});

test("a bad request says what is expected", () => {
  const sizes = { N: 4, I: 1, O: 1 };
  const rate = makeNetwork({ ...networks.rate, sizes });
  expect(() => toSpiking(rate, { lambda: 0 })).toThrow(/lambda 0; expected a number above 0/);
  expect(() => toSpiking(rate, { lambda: 10, reset: 5 })).toThrow(/reset to 5 mV/);
  expect(() => toSpiking(rate, { lambda: 10, dt: 1 })).toThrow(/a step of 1 ms; expected at most/);
  const form = makeNetwork({ ...leaky({ form: "rate" }), sizes });
  expect(() => toSpiking(form, { lambda: 10 })).toThrow(/expected a rate network in the current form/);
});
