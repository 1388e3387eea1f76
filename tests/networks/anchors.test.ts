/** Published numbers and closed forms of single cells. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileProgram } from "../../src/engine/compiled/index.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { runModel } from "../../src/engine/runModel.ts";
import { modelOf } from "../../src/equations/model.ts";
import { prune } from "../../src/equations/normalise.ts";
import { readNpz } from "../../src/formats/npz.ts";
import { adaptiveLifLayers, horn, populationRate } from "../../src/networks/cells/index.ts";

const zoo = new URL("../../../shared/reference/zoo/", import.meta.url);
const present = existsSync(new URL("ecg_srnn_weights.json", zoo));

const absent = present ? "" : " (skipped: ../shared/reference/zoo is absent)";
describe.skipIf(!present)(`the published spiking network of 36 units on real electrocardiograms${absent}`, () => {
  /** Share of samples, from the tenth on, whose class is the readout unit of highest potential; spikes per unit and sample. */
  async function forward(initial: (n: number, name: string) => Float64Array) {
    const weights = JSON.parse(readFileSync(new URL("ecg_srnn_weights.json", zoo), "utf8"));
    const { x, y } = await readNpz(new Uint8Array(readFileSync(new URL("ecg_qtdb_test.npz", zoo))));
    const [trials, samples] = x!.shape as [number, number];
    const [N, O] = [36, 6];
    const sizes = { N, I: 4, O };
    const model = modelOf(adaptiveLifLayers, { initialFromTrial: ["v", "z"] });
    const record = ["z", "s", "s_o"];
    const program = prune(model.program, record);
    const executable = await compileProgram(program, { sizes, trials, samples, record, precision: "f64" });
    const plus = (a: number[], b: number[]) => a.map((v, i) => v + b[i]!);
    const values: Record<string, number[]> = {
      ...{ J: weights["h2h.weight"].flat(), B: weights["i2h.weight"].flat(), W: weights["h2o.weight"].flat() },
      ...{ b_r: plus(weights["i2h.bias"], weights["h2h.bias"]), c: weights["h2o.bias"] },
      ...{ tau_a: weights.tau_adp_h, tau_o: weights.tau_adp_o },
      ...{ v_0: Array(N).fill(0), z_0: Array(O).fill(0) },
      ...{ tau_m: Array(N).fill(20), tau_n: Array(O).fill(20), b_0: [0.01], beta: [0], beta_o: [1.8] },
    };
    for (const name of Object.keys(program.parameters)) executable.setParameter(name, values[name]!);
    executable.setInput("u", x!.data as never);
    executable.setInput("v.initial", initial(trials * N, "v"));
    executable.setInput("z.initial", initial(trials * O, "z"));
    executable.run({ dt: 1 });
    const z = executable.read("z").data;
    let right = 0;
    for (let k = 0; k < trials; k++)
      for (let t = 10; t < samples; t++) {
        const at = (k * samples + t) * O;
        let best = 0;
        for (let o = 1; o < O; o++) if (z[at + o]! > z[at + best]!) best = o;
        if (best === Number(y!.data[k * samples + t]!)) right++;
      }
    let spikes = 0;
    for (const name of ["s", "s_o"]) for (const s of executable.read(name).data) spikes += s;
    return { accuracy: right / (trials * (samples - 10)), rate: spikes / (trials * samples * (N + O)) };
  }

  test("from zero potentials: 83.17 %", async () => {
    const { accuracy } = await forward((n) => new Float64Array(n));
    expect(Math.abs(accuracy - 0.8317)).toBeLessThan(0.0005);
  });
  test("from random potentials: 85.5 %, with 0.291 spikes per unit and sample", async () => {
    const { accuracy, rate } = await forward((n, name) => new RandomStream(1, name).fillUniform(new Float64Array(n)));
    expect(Math.abs(accuracy - 0.855)).toBeLessThan(0.003);
    expect(Math.abs(rate - 0.291)).toBeLessThan(0.003);
  });
});

test("a damped oscillator resonates at sqrt(omega² - 2 gamma²)", async () => {
  // Many small steps, so that the step's own shift of the resonance stays small; uncoupled, in its linear range.
  const [omega, gamma, h, samples] = [1, 0.2, 0.02, 6000];
  const frequencies = Array.from({ length: 41 }, (_, k) => 0.86 + 0.005 * k);
  const model = modelOf(horn);
  const sizes = { N: 1, I: 1, O: 1 };
  const program = prune(model.program, ["x"]);
  const trials = frequencies.length;
  const executable = await compileProgram(program, { sizes, trials, samples, record: ["x"], precision: "f64" });
  const values: Record<string, number> = { J: 0, B: 1e-3, b: 0, c: 0, alpha: 1, omega, gamma, h, W: 1 };
  for (const name of Object.keys(program.parameters)) executable.setParameter(name, [values[name]!]);
  executable.setInput(
    "u",
    frequencies.flatMap((f) => Array.from({ length: samples }, (_, t) => Math.cos(f * h * t))),
  );
  executable.run({ dt: 1 });
  const x = executable.read("x").data;
  // The transient falls as exp(-gamma t): gone after half of the run.
  const amplitude = frequencies.map((_, k) => Math.max(...x.subarray(k * samples + samples / 2, (k + 1) * samples)));
  const best = frequencies[amplitude.indexOf(Math.max(...amplitude))]!;
  expect(Math.abs(best / Math.sqrt(omega ** 2 - 2 * gamma ** 2) - 1)).toBeLessThan(0.02);
  expect(Math.abs(best / omega - 1)).toBeGreaterThan(0.02);
});

test("population moments follow a step of the mean with tau, a step of the variance with tau/2", async () => {
  const [tau, dt, samples] = [20, 0.05, 1200];
  const model = modelOf(populationRate);
  const zero = { b: [0], J: [0], lambda_0: [0.01], tau: [tau], tau_k: [100] };
  const { m, v, A } = await runModel(model, {
    parameters: { ...zero, B: [1], S: [0.1] },
    sizes: { P: 1, I: 1 },
    samples,
    dt,
    record: ["m", "v", "A"],
    inputs: { u: [1] },
  });
  /** Time constant of the approach to the last value, from the decay between a tenth and half of tau. */
  const constant = (data: ArrayLike<number>, limit: number): number => {
    const [a, b] = [Math.round((0.1 * tau) / dt), Math.round((0.5 * tau) / dt)];
    return ((b - a) * dt) / Math.log((limit - data[a]!) / (limit - data[b]!));
  };
  expect(Math.abs(constant(m!.data, 1) / tau - 1)).toBeLessThan(0.02);
  expect(Math.abs(constant(v!.data, (0.01 * tau) / 2) / (tau / 2) - 1)).toBeLessThan(0.02);
  // The rate is the mean of a log-normal: lambda_0 exp(m + v/2).
  const last = samples - 1;
  expect(A!.data[last]! / (0.01 * Math.exp(m!.data[last]! + v!.data[last]! / 2))).toBeCloseTo(1, 12);
});
