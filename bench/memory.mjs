/**
 * Memory of a long training: iterations of a rate network with state noise under a limit, and the greatest size that the
 * process reached. `node bench/memory.mjs` after a build; options: --units 256 --trials 64 --samples 10000
 * --memory 256 (MiB of a worker) --iterations 2.
 */

import { modelOf } from "../dist/equations/model.js";
import { nodeHost } from "../dist/host/node.js";
import { gradientEngine } from "../dist/training/gradient.js";

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const [N, trials, samples, memory] = [
  option("units", 256),
  option("trials", 64),
  option("samples", 10_000),
  option("memory", 256),
];
const model = modelOf(
  {
    equations: "tau dx/dt = -x + J r + B u + b + sigma xi; r = tanh(x); z = W r",
    parameters: {
      tau: { value: 10 },
      sigma: { value: 0.1 },
      J: { shape: ["N", "N"] },
      B: { shape: ["N", "I"] },
      b: { shape: ["N"] },
      W: { shape: ["O", "N"] },
    },
  },
  { dt: 1 },
);
const relaxed = nodeHost().relaxedSimd();
const MiB = 2 ** 20;
const before = process.memoryUsage().rss;
const engine = await gradientEngine(model, {
  sizes: { N, I: 4, O: 1 },
  trained: ["J", "B", "b", "W"],
  samples,
  relaxed,
  memory: memory * MiB,
});
let state = 1;
const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
const array = (...shape) => ({ data: new Float32Array(shape.reduce((a, b) => a * b)).map(uniform), shape });
const batch = {
  dt: 1,
  inputs: array(trials, samples, 4),
  targets: array(trials, samples, 1),
  mask: { data: new Float32Array(trials * samples).fill(1), shape: [trials, samples, 1] },
  conditions: {},
};
const parameters = {
  tau: [10],
  sigma: [0.1],
  J: Float64Array.from({ length: N * N }, () => uniform() * 1.5 * Math.sqrt(3 / N)),
  B: Float64Array.from({ length: N * 4 }, uniform),
  b: new Float64Array(N),
  W: Float64Array.from({ length: N }, () => uniform() / Math.sqrt(N)),
};
console.log(`${N} units, ${trials} trials of ${samples} samples, limit ${memory} MiB a worker`);
for (let k = 0; k < option("iterations", 2); k++) {
  const from = [performance.now(), process.cpuUsage()];
  const { loss } = await engine.of(parameters, batch, { seed: 1, firstTrial: k * trials });
  const { user, system } = process.cpuUsage(from[1]);
  console.log(
    `iteration ${k}: loss ${loss.toFixed(6)}, ${((user + system) / 1e6).toFixed(2)} CPU s, ` +
      `${((performance.now() - from[0]) / 1000).toFixed(2)} s wall`,
  );
}
const most = process.resourceUsage().maxRSS / 1024;
console.log(`the process reached ${most.toFixed(0)} MiB (${(before / MiB).toFixed(0)} MiB before)`);
engine.close();
