/** This program, from its build. */

import { compileProgram } from "../../dist/engine/compiled/index.js";
import { eigen as decompose, eigenWorkspace } from "../../dist/engine/linalg/eigen.js";
import { adjoint } from "../../dist/equations/adjoint.js";
import { prune } from "../../dist/equations/normalise.js";
import { weightedSum } from "../../dist/equations/objective.js";
import {
  networks as catalogue,
  findFixedPoints,
  makeNetwork,
  modelOf,
  networkSystem,
  nodeHost,
  simulator,
  useBlas,
  valuesOf,
} from "../../dist/node.js";
import { reverse } from "../../dist/training/credit/reverse.js";
import { defaultShard } from "../../dist/training/gradient.js";
import { adam } from "../../dist/training/update/adam.js";
import { ideal } from "../../dist/training/write/ideal.js";
import { productFlops } from "../flops.mjs";
import { networks } from "../networks.mjs";
import { generator } from "../numbers.mjs";
import { load, serve } from "./serve.mjs";

const [threads, mode, library = "off"] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const blas = useBlas(library);
if (library !== "off" && !blas) throw new Error("no OpenBLAS on this machine, or no koffi");
const host = nodeHost();
const relaxed = mode !== "strict" && host.relaxedSimd();

const single = (array) => ({ data: Float32Array.from(load(array)), shape: array.shape });

function modelOfSpec(spec) {
  const { equations, parameters } = networks[spec.network];
  const scalars = equations.includes("sigma") ? { sigma: {} } : {};
  const table = Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, { shape }]));
  const model = modelOf({ equations, parameters: { ...table, ...scalars } });
  const values = Object.fromEntries(Object.keys(table).map((name) => [name, load(spec.arrays[name])]));
  /** Parameters with the noise on or off. */
  const noise = (sigma) => (scalars.sigma ? { ...values, sigma: Float64Array.of(sigma) } : values);
  return { model, values, noise };
}

/** Loss, gradient and Adam, as `train` does them, in shards of its usual size or of the batch. */
async function training(spec) {
  const began = performance.now();
  const { model, values, noise } = modelOfSpec(spec);
  const trained = Object.keys(values);
  const credit = await reverse().open({
    model,
    sizes: spec.sizes,
    trained,
    samples: spec.samples,
    seed: 1,
    state: {},
    shard: Math.min(defaultShard, spec.trials),
    relaxed,
    memory: spec.memory,
    host,
    workers: threads,
  });
  const compiled = performance.now() - began;
  const shapes = Object.fromEntries(trained.map((name) => [name, { size: values[name].length }]));
  const updater = adam().start(shapes);
  const writer = ideal().start(shapes, { seed: 1, initial: values });
  const targets = single(spec.arrays.y);
  const trials = {
    dt: 1,
    inputs: single(spec.arrays.u),
    targets,
    mask: { data: new Float32Array(targets.data.length).fill(1), shape: targets.shape },
    conditions: {},
  };
  let iteration = 0;
  async function step(sigma) {
    const batch = { trials, firstTrial: iteration * spec.trials, iteration };
    iteration++;
    for await (const evidence of credit.evidence(noise(sigma), batch)) {
      writer.apply(values, await updater.changes(values, evidence, 1e-3), iteration);
      return evidence.loss;
    }
  }
  const check = [];
  const times = [];
  for (let k = 0; k < spec.iterations; k++) {
    const from = performance.now();
    check.push(await step(0));
    times.push(performance.now() - from);
  }
  const compileMs = compiled + times[0] - Math.min(...times.slice(1));
  return { check, compileMs, step: () => step(spec.sigma), close: () => credit.close() };
}

/** Forward pass and gradient of a weighted sum of the outputs of a cell of the catalogue, by all that it trains; in shards. */
async function cell(spec) {
  const data = catalogue[spec.cell];
  const model = modelOf(data);
  const sizes = Object.fromEntries([...model.text.sizes].map((name) => [name, spec.sizes[name]]));
  const network = makeNetwork(data, { seed: 1, sizes });
  const values = valuesOf(network);
  const free = Object.keys(values).filter((name) => network.parameters[name].tag !== "pinned");
  const { program, sum } = weightedSum(model.program, model.outputs);
  const back = adjoint(program, sum, free, data.surrogates);
  const record = [sum, ...free.flatMap((name) => back.gradients[name] ?? [])];
  const pruned = prune(back.program, record);
  const trials = Math.min(defaultShard, spec.trials);
  const { samples } = spec;
  const executable = await compileProgram(pruned, { sizes, trials, samples, record, precision: "f32", relaxed });
  for (const name of Object.keys(pruned.parameters)) executable.setParameter(name, values[name]);
  const { normal } = generator();
  for (const [name, { shape, per }] of Object.entries(pruned.inputs)) {
    const entries = shape.reduce((n, d) => n * (sizes[d] ?? d), trials * (per === "sample" ? samples : 1));
    executable.setInput(
      name,
      Float32Array.from({ length: entries }, () => 0.3 * normal()),
    );
  }
  let iteration = 0;
  const step = () => {
    for (let from = 0; from < spec.trials; from += trials)
      executable.run({ dt: data.dt ?? 1, seed: iteration, firstTrial: from });
    iteration++;
  };
  step();
  const each = productFlops(pruned, sizes);
  const { N } = spec.sizes;
  return {
    check: [each],
    flops: each * spec.trials * samples,
    dense: productFlops(model.program, sizes) >= 2 * N * N,
    step,
  };
}

async function simulation(spec) {
  const { model, noise } = modelOfSpec(spec);
  const inputs = single(spec.arrays.u);
  const trials = { dt: 1, inputs, conditions: {} };
  const { samples, sizes } = spec;
  const shard = Math.min(spec.trials, 32);
  const sim = await simulator(model, { sizes, samples, shard, relaxed, host, workers: threads });
  const run = (sigma) => sim.run(noise(sigma), trials, { seed: 1 });
  const { z } = await run(0);
  const square = z.data.reduce((s, value) => s + value * value, 0) / z.data.length;
  const check = [square, ...z.data.subarray(49 * sizes.O, 50 * sizes.O)];
  return { check, step: () => run(spec.sigma), close: () => sim.close() };
}

/** The whole search: descent, Newton, new starts until a round finds nothing, Jacobians' eigenvectors, both ledgers. */
async function fixedPoints(spec) {
  const { N } = spec.sizes;
  const system = await networkSystem(
    { equations: "h[t] = tanh(J h[t-1] + b)", parameters: { J: { shape: ["N", "N"] }, b: { shape: ["N"] } } },
    { parameters: { J: load(spec.arrays.J), b: load(spec.arrays.b) }, sizes: { N }, relaxed },
  );
  const starts = load(spec.arrays.starts);
  const search = () => findFixedPoints(system, starts, { residual: spec.residual, distance: spec.distance });
  const { points, degreeSum } = search();
  return {
    check: points.map((point) => [...point.x]),
    says: `${points.length} points, degree sum ${degreeSum}`,
    step: search,
  };
}

function eigen(spec) {
  const [n] = spec.arrays.A.shape;
  const A = load(spec.arrays.A);
  const workspace = eigenWorkspace(n);
  const { values } = decompose(A, n, { workspace });
  const sizes = values.re.map((re, k) => Math.hypot(re, values.im[k])).sort();
  const trace = values.re.reduce((s, re) => s + re, 0);
  const check = [sizes[0], sizes[n >> 1], sizes[n - 1], trace];
  return { check, step: () => decompose(A, n, { workspace }) };
}

await serve({ training, cell, simulation, fixedPoints, eigen }, () => ({
  name: `nullcline, ${relaxed ? "relaxed" : "strict"} SIMD, Node ${process.versions.node}`,
  threads,
  blas: blas ? `${blas.description}, from 256 on; else own kernels` : "own kernels (WebAssembly)",
}));
