/** Gauss–Newton products and tangents against finite differences of the outputs; updates that use them on quadratics. */
import { EigenvalueDecomposition, Matrix, SVD, solve } from "ml-matrix";
import { expect, test } from "vitest";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { RandomStream } from "../../src/engine/random.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { makeNetwork, valuesOf } from "../../src/networks/network.ts";
import type { Task, Trials } from "../../src/tasks/trials.ts";
import { forward } from "../../src/training/credit/forward.ts";
import { reverse } from "../../src/training/credit/reverse.ts";
import { gaussNewton, tangentsOf } from "../../src/training/curvature.ts";
import { crossEntropy, type Fit, meanSquare } from "../../src/training/fit.ts";
import { lossOf } from "../../src/training/objective.ts";
import type { Credit, Evidence, Updater, Values } from "../../src/training/rule.ts";
import { type TrainState, train } from "../../src/training/train.ts";
import { conjugateGradient } from "../../src/training/update/conjugateGradient.ts";
import { hessianFree } from "../../src/training/update/hessianFree.ts";
import { sofo } from "../../src/training/update/sofo.ts";

const [N, I, O, trials, samples] = [3, 2, 3, 2, 4];
const sizes = { N, I, O };
const data: NetworkData = {
  equations: "x[t+1] = 0.8 x + J r + B u\nr = tanh(x)\nz = W r",
  parameters: { J: { shape: ["N", "N"] }, B: { shape: ["N", "I"] }, W: { shape: ["O", "N"] } },
  sizes,
};
const trained = ["J", "B", "W"];
const stream = new RandomStream(3, "curvature");
const u = stream.fillNormal(new Float64Array(trials * samples * I));
const mask = Array.from({ length: trials * samples }, () => stream.uniform(0.5, 1)).flatMap((m) => [m, m, m]);
const target = Float64Array.from({ length: trials * samples * O }, (_, k) => (k % O === 1 ? 1 : 0));
const values = valuesOf(makeNetwork(data, { seed: 2 }));
const count = (name: string): number => values[name]!.length;
const direction: Values = Object.fromEntries(trained.map((n) => [n, stream.fillNormal(new Float64Array(count(n)))]));

/** Outputs by the interpreter, `[trial, sample, O]`. */
function outputs(at: Values): Float64Array {
  const program = modelOf(data).program;
  const executable = interpretProgram(program, { sizes, trials, samples, record: ["z"] });
  for (const [name, v] of Object.entries(at)) executable.setParameter(name, v);
  executable.setInput("u", u);
  executable.run();
  return Float64Array.from(executable.read("z").data);
}
const difference = (along: Values): Float64Array => {
  const at = (h: number): Float64Array =>
    outputs(Object.fromEntries(Object.entries(values).map(([n, v]) => [n, v.map((x, k) => x + h * along[n]![k]!)])));
  const [a, b] = [at(1e-5), at(-1e-5)];
  return a.map((v, k) => (v - b[k]!) / 2e-5);
};
/** H of each fit by its formula, applied to a derivative of the outputs. */
const curved: Record<string, (z: Float64Array, dz: Float64Array) => Float64Array> = {
  "mean square": (_, dz) => dz.map((v, k) => 2 * mask[k]! * v),
  "cross-entropy": (z, dz) =>
    dz.map((v, k) => {
      const from = k - (k % O);
      const p = [0, 1, 2].map((o) => Math.exp(z[from + o]!));
      const all = p.reduce((a, b) => a + b, 0);
      const mean = p.reduce((s, q, o) => s + (q / all) * dz[from + o]!, 0);
      return mask[k]! * (p[k % O]! / all) * (v - mean);
    }),
};

test.each<[string, Fit]>([
  ["mean square", meanSquare()],
  ["cross-entropy", crossEntropy()],
])("%s: tangents and Gauss–Newton products", (kind, fit) => {
  const model = modelOf(data);
  const loss = lossOf(model, { fit });
  const run = (program: typeof loss.program, record: string[], settings: Values) => {
    const executable = interpretProgram(program, { sizes, trials, samples, record });
    for (const [name, v] of Object.entries({ ...values, ...settings })) executable.setParameter(name, v);
    for (const [name, v] of Object.entries({ u, [loss.target]: target, [loss.mask]: mask }))
      if (name in program.inputs) executable.setInput(name, v);
    executable.run();
    return record.map((name) => Float64Array.from(executable.read(name).data));
  };
  const named = (seeds: Record<string, string>): Values =>
    Object.fromEntries(trained.map((name) => [seeds[name]!, direction[name]!]));
  const t = tangentsOf(model, loss, trained);
  const [dz, hdz] = run(t.program, [t.output, t.curved], named(t.seeds)) as [Float64Array, Float64Array];
  const byHand = difference(direction);
  dz.forEach((v, k) => {
    expect(v).toBeCloseTo(byHand[k]!, 7);
  });
  const curvedByHand = curved[kind]!(outputs(values), byHand);
  hdz.forEach((v, k) => {
    expect(v).toBeCloseTo(curvedByHand[k]!, 7);
  });

  const g = gaussNewton(model, loss, trained);
  const products = run(
    g.program,
    trained.map((name) => g.products[name]!),
    named(g.seeds),
  );
  trained.forEach((name, i) => {
    for (let k = 0; k < count(name); k += 2) {
      const unit = Object.fromEntries(trained.map((n) => [n, new Float64Array(count(n))]));
      unit[name]![k] = 1;
      const expected = difference(unit).reduce((s, v, j) => s + v * curvedByHand[j]!, 0);
      expect(products[i]![k]).toBeCloseTo(expected, 6);
    }
  });
});

/** y = A u with 3 inputs and 2 outputs: the loss is a quadratic of the 6 weights. */
const A = [0.5, -1, 2, 1.5, 0.25, -0.75];
const linear: NetworkData = { equations: "z = W u", parameters: { W: { shape: ["O", "I"] } }, sizes: { I: 3, O: 2 } };
const regression: Task = {
  name: "regression",
  description: "",
  inputs: ["a", "b", "c"],
  outputs: ["y", "z"],
  dt: 1,
  unit: "sample",
  epochs: [],
  trials({ seed, count, firstTrial = 0 }): Trials {
    const inputs = new Float32Array(count * 4 * 3);
    const targets = new Float32Array(count * 4 * 2);
    for (let k = 0; k < count; k++) {
      const s = new RandomStream(seed, "regression", firstTrial + k);
      for (let t = 0; t < 4; t++) {
        const at = k * 4 + t;
        for (let i = 0; i < 3; i++) inputs[at * 3 + i] = s.normal() * [1, 0.3, 2][i]!;
        for (let o = 0; o < 2; o++)
          targets[at * 2 + o] = [0, 1, 2].reduce((y, i) => y + A[o * 3 + i]! * inputs[at * 3 + i]!, 0);
      }
    }
    return {
      dt: 1,
      inputs: { data: inputs, shape: [count, 4, 3] },
      targets: { data: targets, shape: [count, 4, 2] },
      mask: { data: new Float32Array(count * 8).fill(1), shape: [count, 4, 2] },
      conditions: {},
    };
  },
  behaviour: (_, { targets }) => ({ score: 0, what: "", n: targets.shape[0]!, standardError: 0, parts: {} }),
};
const stages = (iterations: number) => [{ iterations, batch: 40, rate: { kind: "constant" as const, rate: 1 } }];

async function evidenceOf(credit: Credit): Promise<Evidence> {
  const network = makeNetwork(data, { seed: 2 });
  const [counted, shape] = [5, [5, samples, O]];
  const inputs = new RandomStream(9, "inputs").fillNormal(new Float32Array(counted * samples * I));
  const given: Trials = {
    dt: 1,
    inputs: { data: inputs, shape: [counted, samples, I] },
    targets: { data: Float32Array.from({ length: counted * samples * O }, (_, k) => Math.sin(k)), shape },
    mask: { data: new Float32Array(counted * samples * O).fill(1), shape },
    conditions: {},
  };
  const model = modelOf(data);
  const engine = await credit.open({ model, sizes: network.sizes, trained, samples, seed: 1, shard: 3, state: {} });
  for await (const e of engine.evidence(valuesOf(network), { trials: given, firstTrial: 0, iteration: 0 })) return e;
  throw new Error("no evidence");
}

test("forward mode with as many tangents as parameters gives the gradient; its curvature is v' G v", async () => {
  const total = trained.reduce((n, name) => n + count(name), 0);
  const [ours, exact] = [await evidenceOf(forward({ tangents: total })), await evidenceOf(reverse({ products: true }))];
  expect(ours.subspace!.count).toBe(total);
  expect(ours.loss).toBeCloseTo(exact.loss, 6);
  for (const name of trained)
    ours.gradients[name]!.forEach((g, k) => {
      expect(g).toBeCloseTo(exact.gradients[name]![k]!, 5);
    });
  const of = (k: number): Values =>
    Object.fromEntries(
      trained.map((n) => [n, ours.subspace!.directions[n]!.subarray(k * count(n), (k + 1) * count(n))]),
    );
  const Gv = await exact.batch!.product(of(1));
  for (const k of [0, 1, 5]) {
    const expected = trained.reduce((s, n) => s + of(k)[n]!.reduce((q, v, j) => q + v * Gv[n]![j]!, 0), 0);
    expect(ours.subspace!.curvature[total + k]).toBeCloseTo(expected, 5);
    expect(ours.subspace!.curvature[k * total + 1]).toBeCloseTo(expected, 5);
  }
});

test("law 9: as many directions as parameters span the space, so that the subspace holds the whole Gauss–Newton matrix", async () => {
  const total = trained.reduce((n, name) => n + count(name), 0);
  const [ours, exact] = [await evidenceOf(forward({ tangents: total })), await evidenceOf(reverse({ products: true }))];
  const { directions, curvature } = ours.subspace!;
  const split = (v: ArrayLike<number>): Values => {
    let from = 0;
    return Object.fromEntries(
      trained.map((n) => [n, Float64Array.from({ length: count(n) }, () => v[from++]!)] as const),
    );
  };
  const joined = (v: Values): number[] => trained.flatMap((n) => [...v[n]!]);
  // G column by column, in single precision; Q has the directions as rows.
  const G = Matrix.zeros(total, total);
  for (let j = 0; j < total; j++) {
    const unit = Float64Array.from({ length: total }, (_, k) => (k === j ? 1 : 0));
    G.setColumn(j, joined(await exact.batch!.product(split(unit))));
  }
  const Q = new Matrix(
    Array.from({ length: total }, (_, k) =>
      trained.flatMap((n) => [...directions[n]!.subarray(k * count(n), (k + 1) * count(n))]),
    ),
  );
  const rank = (A: Matrix): number => new SVD(A).rank;
  expect(rank(Q)).toBe(total);
  expect(Matrix.sub(Q.mmul(Q.transpose()), Matrix.eye(total)).norm()).toBeLessThan(1e-12);
  const C = Matrix.from1DArray(total, total, Array.from(curvature));
  const off = Matrix.sub(Q.transpose().mmul(C).mmul(Q), G).norm() / G.norm();
  expect(off).toBeLessThan(1e-6);
  // And so the step is the damped Gauss–Newton step.
  const damping = 1e-2;
  const updater = sofo({ damping }).start(Object.fromEntries(trained.map((n) => [n, { size: count(n) }]))) as Updater;
  const step = joined((await updater.changes({}, ours, 1)) as Values);
  const top = Math.max(...new EigenvalueDecomposition(C).realEigenvalues);
  const damped = Matrix.add(G, Matrix.eye(total).mul(damping * top));
  const expected = solve(damped, Matrix.columnVector(joined(exact.gradients)).mul(-1)).to1DArray();
  const length = Math.hypot(...expected);
  expect(length).toBeGreaterThan(1e-3);
  step.forEach((x, k) => {
    expect(Math.abs(x - expected[k]!) / length).toBeLessThan(1e-4);
  });
});

test("on a quadratic: SOFO in the whole space and Hessian-free without damping are there after one update", async () => {
  for (const rule of [
    { credit: forward({ tangents: 6 }), update: sofo({ damping: 1e-9 }) },
    { credit: reverse({ products: true }), update: hessianFree({ damping: 1e-9 }) },
  ]) {
    const network = makeNetwork(linear, { seed: 1 });
    const result = await train(network, regression, { seed: 1, stages: stages(1), rule, validationTrials: 1 });
    result.network.parameters.W!.values.data.forEach((w, k) => {
      expect(w).toBeCloseTo(A[k]!, 4);
    });
  }
});

test("in a subspace of two, SOFO still falls to the solution; Hessian-free resumes with the same bits", async () => {
  const network = makeNetwork(linear, { seed: 1 });
  const rule = { credit: forward({ tangents: 2 }), update: sofo() };
  const result = await train(network, regression, { seed: 1, stages: stages(120), rule, validationTrials: 1 });
  result.network.parameters.W!.values.data.forEach((w, k) => {
    expect(w).toBeCloseTo(A[k]!, 2);
  });

  const free = { credit: reverse({ products: true }), update: hessianFree({ damping: 10 }) };
  const states: TrainState[] = [];
  const options = { seed: 1, stages: stages(6), rule: free, validationTrials: 1, checkpointEvery: 3 };
  const whole = await train(network, regression, {
    ...options,
    onCheckpoint: (s) => void states.push(structuredClone(s)),
  });
  const rest = await train(network, regression, { ...options, resume: states[0]! });
  expect(rest.network.parameters).toEqual(whole.network.parameters);
  expect(whole.state.optimiser["hessianFree.damping"]!.data[0]).toBeLessThan(10);
});

test("conjugate gradients end after as many products as there are different eigenvalues", async () => {
  const n = 12;
  const eigenvalues = Float64Array.from({ length: n }, (_, k) => [1, 10, 250][k % 3]!);
  // A = Q D Q' with a reflection Q = I - 2 v v'
  const v = stream.fillNormal(new Float64Array(n));
  const norm = Math.hypot(...v);
  const reflect = (x: Float64Array): Float64Array => {
    const along = (2 * x.reduce((s, q, i) => s + q * v[i]!, 0)) / norm ** 2;
    return x.map((q, i) => q - along * v[i]!);
  };
  const solution = Float64Array.from({ length: n }, (_, k) => Math.cos(k));
  const product = (x: Float64Array): Float64Array => reflect(reflect(x).map((q, i) => q * eigenvalues[i]!));
  const { x, iterations, status } = await conjugateGradient(product, product(solution), { tolerance: 1e-9 });
  expect(status).toBe("converged");
  expect(iterations).toBeLessThanOrEqual(3);
  x.forEach((q, i) => {
    expect(q).toBeCloseTo(solution[i]!, 7);
  });
  const distinct = Float64Array.from({ length: n }, (_, k) => k + 1);
  const full = await conjugateGradient((y) => reflect(reflect(y).map((q, i) => q * distinct[i]!)), v, {
    tolerance: 1e-8,
  });
  expect([full.status, full.iterations <= n]).toEqual(["converged", true]);
  const wrong = await conjugateGradient((y) => y.map((q) => -q), v);
  expect(wrong.status).toBe("not positive");
});

test("an update that needs more than the credit gives is refused", async () => {
  const network = makeNetwork(linear, { seed: 1 });
  await expect(train(network, regression, { seed: 1, stages: stages(1), rule: { update: sofo() } })).rejects.toThrow(
    /`sofo` with the credit `reverse`.*forward/,
  );
});
