/** E-prop against traces carried forward by hand, and against backpropagation where the two are the same. */
import { expect, test } from "vitest";
import { interpretProgram } from "../../../src/engine/interpreter.ts";
import { RandomStream } from "../../../src/engine/random.ts";
import { modelOf } from "../../../src/equations/model.ts";
import type { NetworkData } from "../../../src/equations/network.ts";
import { makeNetwork, valuesOf } from "../../../src/networks/network.ts";
import type { Task, Trials } from "../../../src/tasks/trials.ts";
import { eligibility, withoutCrossPaths } from "../../../src/training/credit/eligibility.ts";
import { truncated } from "../../../src/training/credit/reverse.ts";
import type { TrainState } from "../../../src/training/train.ts";
import { train } from "../../../src/training/train.ts";
import { sgd } from "../../../src/training/update/sgd.ts";
import { gradientsOf } from "./machine.ts";

const [N, I, O, trials, samples] = [4, 3, 2, 2, 12];
const sizes = { N, I, O };
const stream = new RandomStream(1, "eligibility");
const given = {
  trials,
  samples,
  u: stream.fillNormal(new Float64Array(trials * samples * I)),
  target: stream.fillNormal(new Float64Array(trials * samples * O)),
  mask: Float64Array.from({ length: trials * samples * O }, () => stream.uniform()),
};
const matrices = { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } };
/** Adaptive spiking units with a reset, and a leaky readout that is a state of its own. */
const spiking: NetworkData = {
  equations: `v[t+1] = 0.9 v + J s + B u - 0.5 s
a[t+1] = 0.97 a + s
s = spike(v - 0.5 - 0.2 a)
y[t+1] = 0.8 y + W s
z = y`,
  parameters: matrices,
  surrogates: { s: { kind: "triangle", gain: 0.3, width: 1 } },
  sizes,
};
const largest = (a: Float64Array, b: Float64Array): number => {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((v, k) => Math.abs(v - b[k]!)));
};
const size = (a: Float64Array): number => Math.max(...a.map(Math.abs));

test("adaptive spiking units: the sum of learning signals times traces carried forward by hand", () => {
  const values = valuesOf(makeNetwork(spiking, { seed: 2 }));
  values.B = values.B!.map((v) => 2 * v);
  const { J, B, W } = values as Record<"J" | "B" | "W", Float64Array>;
  const byHand = { J: new Float64Array(N * N), B: new Float64Array(N * I) };
  let spikes = 0;
  for (let k = 0; k < trials; k++) {
    const v = new Float64Array(N);
    const a = new Float64Array(N);
    const y = new Float64Array(O);
    // Per unit i and presynaptic entry j: derivative of v, of a, and of s filtered by each readout.
    const trace = [N, I].map((columns) => ({
      v: new Float64Array(N * columns),
      a: new Float64Array(N * columns),
      y: new Float64Array(N * columns),
    }));
    for (let t = 0; t < samples; t++) {
      for (let o = 0; o < O; o++) {
        const at = (k * samples + t) * O + o;
        const error = 2 * given.mask[at]! * (y[o]! - given.target[at]!);
        for (let i = 0; i < N; i++) {
          for (let j = 0; j < N; j++) byHand.J[i * N + j]! += error * W[o * N + i]! * trace[0]!.y[i * N + j]!;
          for (let j = 0; j < I; j++) byHand.B[i * I + j]! += error * W[o * N + i]! * trace[1]!.y[i * I + j]!;
        }
      }
      const psi = v.map((x, i) => 0.3 * Math.max(0, 1 - Math.abs(x - 0.5 - 0.2 * a[i]!)));
      const s = v.map((x, i) => (x - 0.5 - 0.2 * a[i]! > 0 ? 1 : 0));
      spikes += s.reduce((p, q) => p + q, 0);
      const before = [(j: number) => s[j]!, (j: number) => given.u[(k * samples + t) * I + j]!];
      trace.forEach((e, which) => {
        const columns = [N, I][which]!;
        for (let i = 0; i < N; i++)
          for (let j = 0; j < columns; j++) {
            const at = i * columns + j;
            const ds = psi[i]! * (e.v[at]! - 0.2 * e.a[at]!);
            e.v[at] = 0.9 * e.v[at]! - 0.5 * ds + before[which]!(j);
            e.a[at] = 0.97 * e.a[at]! + ds;
            e.y[at] = 0.8 * e.y[at]! + ds;
          }
      });
      for (let o = 0; o < O; o++) y[o] = 0.8 * y[o]! + s.reduce((sum, x, i) => sum + W[o * N + i]! * x, 0);
      const next = v.map((x, i) => {
        let drive = 0.9 * x - 0.5 * s[i]!;
        for (let j = 0; j < N; j++) drive += J[i * N + j]! * s[j]!;
        for (let j = 0; j < I; j++) drive += B[i * I + j]! * given.u[(k * samples + t) * I + j]!;
        return drive;
      });
      v.set(next);
      a.forEach((x, i) => {
        a[i] = 0.97 * x + s[i]!;
      });
    }
  }
  expect(spikes).toBeGreaterThan(5);
  const ours = gradientsOf(spiking, sizes, ["J", "B", "W"], values, given, withoutCrossPaths);
  for (const name of ["J", "B"] as const) {
    expect(size(byHand[name])).toBeGreaterThan(1e-3);
    expect(largest(ours[name]!, byHand[name])).toBeLessThan(1e-12 * size(byHand[name]) + 1e-14);
  }
  const exact = gradientsOf(spiking, sizes, ["J", "B", "W"], values, given);
  expect(largest(exact.J!, ours.J!)).toBeGreaterThan(1e-3 * size(exact.J!)); // the cross paths matter here
  expect(largest(exact.W!, ours.W!)).toBe(0); // the readout closes no loop
});

test("a map that is read at its own sample: traces by hand", () => {
  const data: NetworkData = { equations: "h[t] = tanh(J h[t-1] + B u)\nz = W h", parameters: matrices, sizes };
  const values = valuesOf(makeNetwork(data, { seed: 5 }));
  const { J, B, W } = values as Record<"J" | "B" | "W", Float64Array>;
  const byHand = new Float64Array(N * N);
  for (let k = 0; k < trials; k++) {
    let h = new Float64Array(N);
    for (let t = 0; t < samples; t++) {
      const at = k * samples + t;
      const next = h.map((_, i) => {
        let drive = 0;
        for (let j = 0; j < N; j++) drive += J[i * N + j]! * h[j]!;
        for (let j = 0; j < I; j++) drive += B[i * I + j]! * given.u[at * I + j]!;
        return Math.tanh(drive);
      });
      for (let o = 0; o < O; o++) {
        const z = next.reduce((sum, x, i) => sum + W[o * N + i]! * x, 0);
        const error = 2 * given.mask[at * O + o]! * (z - given.target[at * O + o]!);
        // No path of a unit's own past but through J: the trace is that of one sample.
        for (let i = 0; i < N; i++)
          for (let j = 0; j < N; j++) byHand[i * N + j]! += error * W[o * N + i]! * (1 - next[i]! ** 2) * h[j]!;
      }
      h = next;
    }
  }
  const ours = gradientsOf(data, sizes, ["J"], values, given, withoutCrossPaths);
  expect(largest(ours.J!, byHand)).toBeLessThan(1e-13);
  expect(largest(gradientsOf(data, sizes, ["J"], values, given).J!, byHand)).toBeGreaterThan(1e-3);
});

const gated = `f = sigmoid(P * h[t-1] + B u)
h[t] = f * h[t-1] + (1 - f) * tanh(B u)
z = W h`;
test.each([
  ["spiking units", spiking.equations.replace("J s + ", ""), matrices],
  ["a gated cell", gated, { ...matrices, P: { shape: ["N"], init: { law: "uniform" as const, low: -1, high: 1 } } }],
])("%s without recurrent coupling: e-prop equals backpropagation", (_, equations, all) => {
  const { J: _unused, ...parameters } = all as typeof matrices;
  const data: NetworkData = { ...spiking, equations, parameters, ...(equations === gated && { surrogates: {} }) };
  const values = valuesOf(makeNetwork(data, { seed: 2 }));
  const trained = Object.keys(parameters);
  const [eprop, exact] = [withoutCrossPaths, undefined].map((r) => gradientsOf(data, sizes, trained, values, given, r));
  for (const name of trained) {
    expect(size(exact![name]!)).toBeGreaterThan(1e-3);
    expect(largest(eprop![name]!, exact![name]!)).toBeLessThan(1e-13);
  }
});

/** The reset of the spiking units kept out of the gradient. */
const detached = spiking.equations.replace("0.5 s\n", "0.5 detach(s)\n");
const drawn = valuesOf(makeNetwork(spiking, { seed: 2 }));
drawn.B = drawn.B!.map((v) => 2 * v);

test.each([
  ["detached", detached],
  ["followed", spiking.equations],
])(
  "law 8, reset %s: where all recurrent weights are 0, e-prop is backpropagation, for those weights too",
  (_, equations) => {
    const data: NetworkData = { ...spiking, equations };
    const values = { ...drawn, J: new Float64Array(N * N) };
    const trained = ["J", "B", "W"];
    const [eprop, exact] = [withoutCrossPaths, undefined].map((r) =>
      gradientsOf(data, sizes, trained, values, given, r),
    );
    for (const name of trained) {
      expect(size(exact![name]!)).toBeGreaterThan(1e-3);
      expect(largest(eprop![name]!, exact![name]!)).toBeLessThan(1e-13);
    }
  },
);

test("law 8: the reset makes a difference to both", () => {
  const of = (equations: string) =>
    gradientsOf({ ...spiking, equations }, sizes, ["B"], drawn, given, withoutCrossPaths).B!;
  expect(largest(of(detached), of(spiking.equations))).toBeGreaterThan(1e-3);
});

test.each([
  ["detached", detached],
  ["followed", spiking.equations],
])(
  "law 8, reset %s: e-prop is backpropagation while the spikes of the others are given as an input",
  (_, equations) => {
    const trained = ["J", "B", "W"];
    const eprop = gradientsOf({ ...spiking, equations }, sizes, trained, drawn, given, withoutCrossPaths);
    const free = interpretProgram(modelOf({ ...spiking, equations }).program, {
      sizes,
      trials,
      samples,
      record: ["s"],
    });
    for (const name of trained) free.setParameter(name, drawn[name]!);
    free.setInput("u", given.u);
    free.run();
    const s = free.read("s").data;
    expect(s.some((x) => x === 1) && s.some((x) => x === 0)).toBe(true);
    // The input and the spikes side by side, told apart by pinned matrices.
    const [both, wide] = [I + N, { ...sizes, E: I + N }];
    const u = Float64Array.from({ length: trials * samples * both }, (_, k) => {
      const [at, i] = [Math.floor(k / both), k % both];
      return i < I ? given.u[at * I + i]! : s[at * N + i - I]!;
    });
    const part = (rows: number, from: number) =>
      Float64Array.from({ length: rows * both }, (_, k) => (k % both === from + Math.floor(k / both) ? 1 : 0));
    const open: NetworkData = {
      ...spiking,
      equations: equations.replace("J s + B u", "J P_s u + B P_u u"),
      parameters: { ...matrices, P_u: { shape: ["I", "E"] }, P_s: { shape: ["N", "E"] } },
      inputs: { u: { shape: ["E"] } },
    };
    const values = { ...drawn, P_u: part(I, 0), P_s: part(N, I) };
    const exact = gradientsOf(open, wide, trained, values, { ...given, u });
    expect(exact.loss[0]).toBeCloseTo(eprop.loss[0]!, 12);
    for (const name of trained) {
      expect(size(exact[name]!)).toBeGreaterThan(1e-3);
      expect(largest(eprop[name]!, exact[name]!)).toBeLessThan(1e-13 * Math.max(1, size(exact[name]!)));
    }
    const closed = gradientsOf({ ...spiking, equations }, sizes, trained, drawn, given);
    expect(largest(closed.J!, exact.J!)).toBeGreaterThan(1e-3);
  },
);

test("truncation: no gradient passes between stretches, and one as long as the trial changes nothing", () => {
  const data: NetworkData = {
    equations: "x[t] = a x[t-1] + b u\nz = x",
    parameters: { a: { tag: "free" }, b: { tag: "free" } },
    inputs: { u: { shape: [] } },
  };
  const T = 10;
  const u = stream.fillNormal(new Float64Array(T));
  const target = new Float64Array(T);
  const mask = Float64Array.from({ length: T }, (_, t) => (t === T - 1 ? 1 : 0));
  const values = { a: Float64Array.of(0.9), b: Float64Array.of(1.5) };
  const run = (length?: number) =>
    gradientsOf(data, {}, ["a", "b"], values, { trials: 1, samples: T, u, target, mask }, (loss) =>
      length === undefined ? loss : truncated(loss, length),
    );
  // z_9 = Σ 0.9^(9-k) 1.5 u_k; with stretches of 4 samples, 8 and 9 are in the last one.
  const z = u.reduce((sum, v, k) => sum + 0.9 ** (T - 1 - k) * 1.5 * v, 0);
  for (const [length, from] of [
    [undefined, 0],
    [4, 8],
    [3, 9],
    [10, 0],
  ] as const) {
    const slope = u.reduce((sum, v, k) => (k < from ? sum : sum + 0.9 ** (T - 1 - k) * v), 0);
    expect(run(length).b![0]).toBeCloseTo(2 * z * slope, 10);
    expect(run(length).loss[0]).toBeCloseTo(z * z, 12);
  }
});

/** Delayed copy of the input, for training. */
const task: Task = {
  name: "delayed copy",
  description: "",
  inputs: ["u"],
  outputs: ["y"],
  dt: 1,
  unit: "sample",
  epochs: [],
  trials({ seed, count, firstTrial = 0 }): Trials {
    const inputs = new Float32Array(count * 12);
    const targets = new Float32Array(count * 12);
    for (let k = 0; k < count; k++) {
      const s = new RandomStream(seed, "copy", firstTrial + k);
      for (let t = 0; t < 12; t++) inputs[k * 12 + t] = s.normal();
      for (let t = 1; t < 12; t++) targets[k * 12 + t] = inputs[k * 12 + t - 1]!;
    }
    const shape = [count, 12, 1];
    const mask = { data: new Float32Array(count * 12).fill(1), shape };
    return { dt: 1, inputs: { data: inputs, shape }, targets: { data: targets, shape }, mask, conditions: {} };
  },
  behaviour: (outputs, { targets }) => {
    let error = 0;
    outputs.data.forEach((z: number, i: number) => {
      error += (z - targets.data[i]!) ** 2 / outputs.data.length;
    });
    return { score: 1 - error, what: "", n: targets.shape[0]!, standardError: 0, parts: {} };
  },
};
const rate = makeNetwork(
  {
    equations: "x[t+1] = 0.3 x + J r + B u\nr = tanh(x)\nz = W r",
    parameters: { ...matrices, J: { shape: ["N", "N"], init: { law: "gaussian", gain: 0.5 } } },
    sizes: { N: 24, I: 1, O: 1 },
  },
  { seed: 4 },
);
const stages = [{ iterations: 150, batch: 16, rate: { kind: "constant" as const, rate: 0.05 } }];

test.each(["symmetric", "random", "learned"] as const)(
  "%s feedback learns a delayed copy; resumed, the same bits",
  async (feedback) => {
    const rule = { credit: eligibility({ feedback }), update: sgd({ momentum: 0.9 }) };
    let saved: TrainState | undefined;
    const options = { seed: 1, stages, rule, validationTrials: 64, checkpointEvery: 70 };
    const whole = await train(rate, task, { ...options, onCheckpoint: (s) => void (saved ??= structuredClone(s)) });
    expect(whole.behaviour!.score).toBeGreaterThan(0.9);
    expect(saved!.iteration).toBe(70);
    const rest = await train(rate, task, { ...options, resume: saved! });
    expect(rest.network.parameters).toEqual(whole.network.parameters);
    expect(Object.keys(saved!.optimiser).some((name) => name.startsWith("credit."))).toBe(feedback === "learned");
  },
);

test("the gain of random feedback multiplies what reaches the units, and not the readout's gradient", async () => {
  const after = async (gain: number) => {
    const rule = { credit: eligibility({ feedback: "random", gain }), update: sgd() };
    const once = [{ ...stages[0]!, iterations: 1 }];
    const { state } = await train(rate, task, { seed: 1, stages: once, rule, validationTrials: 4 });
    return (name: string) => state.parameters[name]!.data.map((v, k) => v - rate.parameters[name]!.values.data[k]!);
  };
  const [one, three] = [await after(1), await after(3)];
  expect(size(one("J"))).toBeGreaterThan(1e-4);
  for (const [name, factor] of [["J", 3], ["B", 3], ["W", 1]] as const) // biome-ignore format: a table
    expect(
      largest(
        three(name),
        one(name).map((v) => factor * v),
      ),
    ).toBeLessThan(1e-6 * size(three(name)));
});

test("learned feedback with decay approaches the readout's transpose, random feedback does not", async () => {
  const angles: number[] = [];
  for (const weightDecay of [0, 0.2]) {
    const rule = {
      credit: eligibility({ feedback: "learned", decay: 0.05 * weightDecay }),
      update: sgd({ weightDecay }),
    };
    const { state } = await train(rate, task, { seed: 1, stages, rule, validationTrials: 4 });
    const [w, f] = [state.parameters.W!.data, state.optimiser["credit.objective.feedback0"]!.data];
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, v, k) => s + v * b[k]!, 0);
    angles.push(dot(w, f) / Math.sqrt(dot(w, w) * dot(f, f)));
  }
  expect(angles[1]).toBeGreaterThan(0.9);
  expect(angles[1]).toBeGreaterThan(angles[0]!);
});
