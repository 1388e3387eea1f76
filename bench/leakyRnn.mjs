/**
 * The leaky-RNN training step: 100 steps × 128 units × 64 trials, forward, adjoint and Adam, one thread; beside eager
 * PyTorch on the same numbers where python3 has torch. A peer's losses must agree to 1e-4 before its time counts.
 *
 *   npm run bench            (--strict: without relaxed SIMD; --iterations N)
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { arch, cpus } from "node:os";
import { compileProgram } from "../dist/engine/compiled/index.js";
import { modelOf } from "../dist/equations/model.js";
import { nodeHost } from "../dist/host/node.js";
import { objectiveOf } from "../dist/training/objective.js";
import { adam } from "../dist/training/update/adam.js";
import { ideal } from "../dist/training/write/ideal.js";

const option = (name, fallback) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const relaxed = !process.argv.includes("--strict") && nodeHost().relaxedSimd();
const iterations = option("--iterations", 120);
const warm = 20;
const [T, N, B, I, O] = [100, 128, 64, 3, 3];
const expected = { 0: 1.036415, 1: 1.025167, 11: 1.013083, 15: 1.011826 };
const flops = 6 * N * N * B * T + 6 * N * (I + O) * B * T;

let s = 12345;
const uniform = () => (s = (Math.imul(1664525, s) + 1013904223) >>> 0) / 2 ** 32;
const normal = () => {
  const u1 = uniform();
  return Math.sqrt(-2 * Math.log(u1 + 1e-12)) * Math.cos(2 * Math.PI * uniform());
};
const draw = (n, sd) => Float64Array.from({ length: n }, () => normal() * sd);
const W = draw(N * N, 1.2 / Math.sqrt(N));
const U = draw(I * N, 1 / Math.sqrt(I));
const R = draw(N * O, 1 / Math.sqrt(N));
const X = new Float32Array(B * T * I);
const Y = new Float32Array(B * T * O);
for (let t = 0; t < T; t++) {
  for (let b = 0; b < B; b++) for (let i = 0; i < I; i++) X[(b * T + t) * I + i] = normal();
  for (let b = 0; b < B; b++) for (let i = 0; i < O; i++) Y[(b * T + t) * O + i] = normal();
}
const transposed = (A, rows, columns) =>
  Float64Array.from({ length: A.length }, (_, k) => A[(k % rows) * columns + Math.floor(k / rows)]);

async function ours() {
  const trained = ["J", "B", "b", "R", "c"];
  const began = performance.now();
  const model = modelOf({
    equations: "h[t] = 0.8 h[t-1] + 0.2 tanh(J h[t-1] + B u + b)\nz = R h + c",
    parameters: {
      J: { shape: ["N", "N"] },
      B: { shape: ["N", "I"] },
      b: { shape: ["N"] },
      R: { shape: ["O", "N"] },
      c: { shape: ["O"] },
    },
  });
  const objective = objectiveOf(model, trained);
  const record = [objective.loss, ...Object.values(objective.gradients)];
  const executable = await compileProgram(objective.program, {
    sizes: { N, I, O },
    trials: B,
    samples: T,
    record,
    precision: "f32",
    relaxed,
  });
  const compileMs = performance.now() - began;
  const parameters = {
    J: transposed(W, N, N),
    B: transposed(U, I, N),
    b: new Float64Array(N),
    R: transposed(R, N, O),
    c: new Float64Array(O),
  };
  const sizes = Object.fromEntries(trained.map((name) => [name, { size: parameters[name].length }]));
  const updater = adam().start(sizes);
  const writer = ideal().start(sizes, { seed: 0, initial: parameters });
  executable.setInput("u", X);
  executable.setInput(objective.target, Y);
  executable.setInput(objective.mask, new Float32Array(B * T * O).fill(1 / (B * T * O)));
  const losses = [];
  const cpu = [];
  const wall = [];
  for (let k = 0; k < iterations; k++) {
    const from = [process.cpuUsage(), performance.now()];
    for (const name of trained) executable.setParameter(name, parameters[name]);
    executable.run();
    losses.push(executable.read(objective.loss).data[0]);
    const read = (name) => [name, executable.read(objective.gradients[name]).data];
    const evidence = { gradients: Object.fromEntries(trained.map(read)) };
    writer.apply(parameters, updater.changes(parameters, evidence, 1e-3), k);
    const used = process.cpuUsage(from[0]);
    cpu.push((used.user + used.system) / 1000);
    wall.push(performance.now() - from[1]);
  }
  return {
    name: `nullcline (${relaxed ? "relaxed" : "strict"} SIMD, Node ${process.versions.node})`,
    losses,
    cpu: median(cpu.slice(warm)),
    wall: median(wall.slice(warm)),
    compileMs,
  };
}

const torchProgram = `
import json, sys, time, resource
import numpy as np, torch
torch.set_num_threads(1)
T, N, B, I, O, iterations = 100, 128, 64, 3, 3, int(sys.argv[1])
s = 12345
def uniform():
    global s
    s = (1664525 * s + 1013904223) % 2**32
    return s / 2**32
def normal():
    u1 = uniform(); u2 = uniform()
    return np.sqrt(-2 * np.log(u1 + 1e-12)) * np.cos(2 * np.pi * u2)
draw = lambda n, sd: np.array([normal() * sd for _ in range(n)], dtype=np.float32)
W = torch.tensor(draw(N*N, 1.2/np.sqrt(N)).reshape(N, N), requires_grad=True)
U = torch.tensor(draw(I*N, 1/np.sqrt(I)).reshape(I, N), requires_grad=True)
R = torch.tensor(draw(N*O, 1/np.sqrt(N)).reshape(N, O), requires_grad=True)
b = torch.zeros(N, requires_grad=True); c = torch.zeros(O, requires_grad=True)
X, Y = [], []
for t in range(T):
    X.append(torch.tensor(draw(B*I, 1).reshape(B, I))); Y.append(torch.tensor(draw(B*O, 1).reshape(B, O)))
Y = torch.stack(Y)
opt = torch.optim.Adam([W, U, R, b, c], lr=1e-3)
losses, cpu, wall = [], [], []
for k in range(iterations):
    c0, w0 = time.process_time(), time.perf_counter()
    h = torch.zeros(B, N); out = []
    for t in range(T):
        h = 0.8 * h + 0.2 * torch.tanh(h @ W + X[t] @ U + b)
        out.append(h @ R + c)
    loss = ((torch.stack(out) - Y) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    losses.append(loss.item()); cpu.append(1000 * (time.process_time() - c0)); wall.append(1000 * (time.perf_counter() - w0))
print(json.dumps({"name": "PyTorch %s eager" % torch.__version__, "losses": losses, "cpu": cpu, "wall": wall}))
`;

function torch() {
  try {
    const text = execFileSync("python3", ["-c", torchProgram, String(40)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
    });
    const { name, losses, cpu, wall } = JSON.parse(text);
    return { name, losses, cpu: median(cpu.slice(10)), wall: median(wall.slice(10)) };
  } catch {
    return undefined;
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const agrees = (losses) => Object.entries(expected).every(([k, loss]) => Math.abs(losses[k] - loss) < 1e-4);

const results = [await ours(), torch()].filter(Boolean);
console.log(`leaky RNN, ${T} steps × ${N} units × ${B} trials, one thread · ${cpus()[0].model}, ${arch()}`);
for (const r of results) {
  const right = agrees(r.losses);
  const speed = right
    ? `${r.cpu.toFixed(1)} CPU ms, ${r.wall.toFixed(1)} ms wall, ${(flops / r.wall / 1e6).toFixed(1)} GFLOP/s over the whole step`
    : "losses differ: its time does not count";
  console.log(
    `${r.name}\n  losses ${Object.keys(expected)
      .map((k) => `${k}: ${r.losses[k].toFixed(6)}`)
      .join("  ")} ${right ? "✓" : "✗"}\n  ${speed}${r.compileMs ? `, compiled in ${r.compileMs.toFixed(0)} ms` : ""}`,
  );
}
const [a, b] = results;
if (b && agrees(b.losses)) console.log(`ratio of CPU times, PyTorch over nullcline: ${(b.cpu / a.cpu).toFixed(1)}`);
else if (!b) console.log("PyTorch is not installed for python3: no peer in this run");
if (process.argv.includes("--json"))
  writeFileSync(
    "bench/leakyRnn.json",
    `${JSON.stringify(
      results.map(({ losses, ...r }) => ({ ...r, losses: losses.slice(0, 16) })),
      null,
      2,
    )}\n`,
  );
process.exitCode = agrees(a.losses) ? 0 : 1;
