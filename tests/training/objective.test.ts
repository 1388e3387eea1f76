/** Every fit and penalty: its value against a closed form in plain numbers, its gradient against finite differences. */
import { expect, test } from "vitest";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";
import { crossEntropy, divergence, type Fit, meanSquare, poisson } from "../../src/training/fit.ts";
import { gradientEngine } from "../../src/training/gradient.ts";
import { near } from "../../src/training/importance.ts";
import { jacobianNorm, vanishingGradient } from "../../src/training/jacobian.ts";
import { type ObjectiveOptions, objectiveOf } from "../../src/training/objective.ts";
import { absolute, distanceBudget, type Penalty, rateTarget, square, weightAt } from "../../src/training/penalty.ts";

const rnn: NetworkData = {
  equations: "x[t+1] = 0.8 x + J r + B u\nr = tanh(x)\nz = W r",
  parameters: { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } },
  sizes: { N: 4, I: 2, O: 3 },
};
const [trials, samples, N, I, O] = [3, 5, 4, 2, 3];
const stream = new RandomStream(1, "objective");
const u = stream.fillNormal(new Float64Array(trials * samples * I));
const target = Float64Array.from({ length: trials * samples * O }, () => stream.uniform(0.2, 1));
for (let k = 0; k < target.length; k += O) {
  const sum = target[k]! + target[k + 1]! + target[k + 2]!;
  for (let j = 0; j < O; j++) target[k + j]! /= sum;
}
const network = makeNetwork(rnn, { seed: 3 });
const J = valuesOf(network).J!;
const distance = Float64Array.from({ length: N * N }, (_, k) => 1 + k);

/** Loss and gradients, with coefficients as they are and weights 1 on every entry. */
function machine(options: ObjectiveOptions, constants: Record<string, ArrayLike<number>> = {}) {
  const objective = objectiveOf(modelOf(rnn), ["J", "B", "W"], options);
  const record = [objective.loss, objective.error, ...Object.values(objective.gradients)];
  const executable = interpretProgram(objective.program, { sizes: network.sizes, trials, samples, record });
  const set = (name: string, values: ArrayLike<number>) =>
    name in objective.program.parameters && executable.setParameter(name, values);
  executable.setInput("u", u);
  executable.setInput(objective.target, target);
  executable.setInput(objective.mask, new Float64Array(trials * samples * O).fill(options.fit ? 1 : 0));
  if (objective.counted in objective.program.inputs)
    executable.setInput(objective.counted, new Float64Array(trials).fill(1));
  set(objective.samples, [samples]);
  for (const { coefficient, penalty } of objective.penalties) set(coefficient, [weightAt(penalty, 0)]);
  for (const [name, values] of Object.entries(constants)) set(name, values);
  return (values: Record<string, Float64Array>) => {
    for (const [name, data] of Object.entries(values)) executable.setParameter(name, data);
    executable.run({ seed: 5 });
    const gradients = Object.entries(objective.gradients).map(([name, g]) => [name, executable.read(g).data] as const);
    return { loss: executable.read(objective.loss).data[0]!, gradients };
  };
}

/** The network run by hand: x and z at every sample. */
function trajectory(values: Record<string, Float64Array>) {
  const rows: { r: number[]; z: number[]; x: number[]; target: Float64Array }[] = [];
  for (let k = 0; k < trials; k++) {
    let x = new Array<number>(N).fill(0);
    for (let t = 0; t < samples; t++) {
      const r = x.map(Math.tanh);
      const z = Array.from({ length: O }, (_, o) => r.reduce((s, v, j) => s + values.W![o * N + j]! * v, 0));
      const at = (k * samples + t) * O;
      rows.push({ r, z, x, target: target.subarray(at, at + O) });
      x = x.map((v, i) => {
        let next = 0.8 * v;
        for (let j = 0; j < N; j++) next += values.J![i * N + j]! * r[j]!;
        for (let j = 0; j < I; j++) next += values.B![i * I + j]! * u[(k * samples + t) * I + j]!;
        return next;
      });
    }
  }
  return rows;
}
const rows = trajectory(valuesOf(network));
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
const overRows = (f: (row: (typeof rows)[number]) => number): number => sum(rows.map(f));
const logSoftmax = (z: number[]): number[] => z.map((v) => v - Math.log(sum(z.map(Math.exp))));
const constants = {
  objective_anchor_J: Float64Array.from(J, (v) => v - 0.3),
  objective_importance_J: distance,
  objective_distance_J: distance,
};

const fits: [string, Fit, () => number][] = [
  ["mean square", meanSquare(), () => overRows(({ z, target }) => sum(z.map((v, o) => (v - target[o]!) ** 2)))],
  [
    "cross-entropy with soft targets",
    crossEntropy(),
    () => overRows(({ z, target }) => -sum(logSoftmax(z).map((l, o) => target[o]! * l))),
  ],
  [
    "Kullback-Leibler divergence",
    divergence(),
    () => overRows(({ z, target }) => sum(logSoftmax(z).map((l, o) => target[o]! * (Math.log(target[o]!) - l)))),
  ],
  ["Poisson", poisson(), () => overRows(({ z, target }) => sum(z.map((v, o) => Math.exp(v) - target[o]! * v)))],
];
const penalties: [string, Penalty, () => number][] = [
  ["L1 of weights", absolute(["J"], 0.5), () => 0.5 * sum([...J].map(Math.abs))],
  ["L2 of weights", square(["J"], 0.5), () => 0.5 * sum([...J].map((v) => v * v))],
  ["L1 of rates", absolute(["r"], 2), () => 2 * overRows(({ r }) => sum(r.map(Math.abs)))],
  ["L2 of rates", square(["r"], 2), () => 2 * overRows(({ r }) => sum(r.map((v) => v * v)))],
  [
    "L2 of the drive",
    square(["J r"], 2),
    () => 2 * overRows(({ r }) => sum(r.map((_, i) => sum(r.map((v, j) => J[i * N + j]! * v)) ** 2))),
  ],
  [
    "rate target",
    rateTarget("r", 0.1, 3),
    () => {
      let total = 0;
      for (let k = 0; k < trials; k++)
        for (let i = 0; i < N; i++)
          total += (sum(rows.slice(k * samples, (k + 1) * samples).map(({ r }) => r[i]!)) / samples - 0.1) ** 2;
      return 3 * total;
    },
  ],
  [
    "distance budget",
    distanceBudget("J", ["N", "N"], distance, 0.1),
    () => 0.1 * sum([...J].map((v, k) => Math.abs(v) * distance[k]!)),
  ],
  [
    "distance to earlier weights by importance",
    near({ J: ["N", "N"] }, 0.7),
    () => 0.7 * sum([...distance].map((w) => w * 0.3 ** 2)),
  ],
];

function checkGradient(run: ReturnType<typeof machine>, tolerance = 1e-6): void {
  const values = Object.fromEntries(Object.entries(valuesOf(network)).map(([name, v]) => [name, v.slice()]));
  const { gradients } = run(values);
  const exact = new Map(gradients.map(([name, data]) => [name, Float64Array.from(data)]));
  expect(exact.size).toBeGreaterThan(0);
  for (const [name, gradient] of exact)
    for (let k = 0; k < gradient.length; k += 3) {
      const at = (h: number): number => {
        const moved = { ...values, [name]: values[name]!.slice() };
        moved[name]![k]! += h;
        return run(moved).loss;
      };
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
      expect(Math.abs(gradient[k]! - slope)).toBeLessThan(tolerance * (1 + Math.abs(slope)));
    }
}

test.each(fits)("%s", (_, fit, closed) => {
  const run = machine({ fit });
  expect(run(valuesOf(network)).loss).toBeCloseTo(closed(), 10);
  checkGradient(run);
});

test("cross-entropy of logits that spread over hundreds is finite and exact", () => {
  const far = { ...valuesOf(network), W: Float64Array.from(valuesOf(network).W!, (v) => 400 * v) };
  const expected = sum(
    trajectory(far).map(({ z, target }) => {
      const top = Math.max(...z);
      const total = top + Math.log(sum(z.map((v) => Math.exp(v - top))));
      return sum(z.map((v, o) => target[o]! * (total - v)));
    }),
  );
  expect(machine({ fit: crossEntropy() })(far).loss / expected).toBeCloseTo(1, 12);
});

test.each(penalties)("%s", (_, penalty, closed) => {
  const run = machine({ penalties: [penalty] }, constants);
  expect(run(valuesOf(network)).loss).toBeCloseTo(closed(), 10);
  checkGradient(run);
});

test("Jacobian norm: of a linear network it is ‖A‖², in the mean over directions; gradient with the directions held", () => {
  const run = machine({ penalties: [jacobianNorm(1)] });
  checkGradient(run);
  // x[t+1] = 0.8 x + J tanh(x) at x = 0 (no input): the Jacobian is 0.8 I + J at every sample.
  const many = 400;
  const data: NetworkData = { ...rnn, equations: "x[t+1] = 0.8 x + J tanh(x) + B u\nz = W tanh(x)" };
  const objective = objectiveOf(modelOf(data), ["J"], { penalties: [jacobianNorm(1)] });
  const record = [objective.loss, ...Object.values(objective.gradients)];
  const executable = interpretProgram(objective.program, { sizes: network.sizes, trials: many, samples, record });
  for (const [name, values] of Object.entries(valuesOf(network)))
    if (name in objective.program.parameters) executable.setParameter(name, values);
  executable.setParameter(objective.penalties[0]!.coefficient, [1 / (many * samples)]);
  executable.setInput(objective.counted, new Float64Array(many).fill(1));
  executable.run({ seed: 2 });
  const A = J.map((v, k) => v + (k % (N + 1) === 0 ? 0.8 : 0));
  const expected = sum([...A].map((v) => v * v));
  // Variance of ‖A v‖² is 2 ‖A'A‖² ≤ 2 ‖A‖⁴: four standard errors.
  const error = (4 * Math.SQRT2 * expected) / Math.sqrt(many * samples);
  expect(Math.abs(executable.read(objective.loss).data[0]! - expected)).toBeLessThan(error);
  executable.read(objective.gradients.J!).data.forEach((v, k) => {
    expect(Math.abs(v - 2 * A[k]!)).toBeLessThan(0.5);
  });
});

test("vanishing-gradient term: norms of gradients by hand, and its own gradient", () => {
  const penalty = vanishingGradient(0.9);
  const both = machine({ fit: meanSquare(), penalties: [penalty] });
  const plain = machine({ fit: meanSquare() });
  const at = valuesOf(network);
  let omega = 0;
  for (let k = 0; k < trials; k++) {
    // δ[t] of x[t], back from the end: its own error and what comes through the next step.
    let delta = new Array<number>(N).fill(0); // of x[samples], which nothing reads
    for (let t = samples - 1; t >= 0; t--) {
      const { r, z, target: y } = rows[k * samples + t]!;
      const through = r.map((v, j) => 0.8 * delta[j]! + (1 - v * v) * sum(delta.map((d, i) => d * J[i * N + j]!)));
      const square = sum(delta.map((d) => d * d));
      if (square > 0) omega += (Math.sqrt(sum(through.map((d) => d * d)) / square) - 1) ** 2;
      const own = r.map((v, j) => (1 - v * v) * sum(z.map((q, o) => 2 * (q - y[o]!) * at.W![o * N + j]!)));
      delta = through.map((d, j) => d + own[j]!);
    }
  }
  expect(omega).toBeGreaterThan(0.01);
  expect(both(at).loss - plain(at).loss).toBeCloseTo(0.9 * omega, 8);
  checkGradient(both, 1e-5);
});

test("Poisson of a positive output; the last sample alone", async () => {
  const data: NetworkData = { ...rnn, equations: `${rnn.equations.replace("z = W r", "z = exp(W r)")}` };
  const model = modelOf(data);
  const values = valuesOf(network);
  const by = async (fit: Fit) => {
    const engine = await gradientEngine(model, { sizes: network.sizes, trained: ["W"], samples, shard: 2, fit });
    const shape = (n: number) => [trials, samples, n];
    const given = {
      dt: 1,
      inputs: { data: Float32Array.from(u), shape: shape(I) },
      targets: { data: Float32Array.from(target), shape: shape(O) },
      mask: { data: new Float32Array(trials * samples * O).fill(1), shape: shape(O) },
      conditions: {},
    };
    const result = await engine.of(values, given, { seed: 1, firstTrial: 0 });
    engine.close();
    return result.loss;
  };
  const each = rows.map(({ z, target: y }) => sum(z.map((v, o) => Math.exp(v) - y[o]! * v)) / O);
  expect(await by(poisson({ link: "identity" }))).toBeCloseTo(sum(each) / rows.length, 5);
  const last = each.filter((_, k) => k % samples === samples - 1);
  expect(await by(poisson({ link: "identity", last: true }))).toBeCloseTo(sum(last) / trials, 5);
  // Per sample: the mean over the last samples of each trial.
  const entropies = rows.map(({ z, target: y }) => -sum(logSoftmax(z.map(Math.exp)).map((l, o) => y[o]! * l)));
  const ends = entropies.filter((_, k) => k % samples === samples - 1);
  expect(await by(crossEntropy({ last: true }))).toBeCloseTo(sum(ends) / trials, 5);
});
