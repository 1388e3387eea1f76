/** jax-js on its WebAssembly backend: a whole training step in one jit. It has no scan, so the samples are unrolled. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { load, serve } from "./serve.mjs";

const folder = resolve(process.argv[3], "package.json");
const entry = createRequire(folder).resolve("@jax-js/jax");
const { version } = JSON.parse(readFileSync(join(entry, "..", "..", "package.json"), "utf8"));
const jax = await import(pathToFileURL(entry.replace(/\.cjs$/, ".js")).href);
const { numpy: np, jit, valueAndGrad, random, tree, init, defaultDevice } = jax;
await init("wasm");
defaultDevice("wasm");

const array = (data, shape) => np.array(Float32Array.from(data)).reshape(shape);

function transposed(data, [rows, columns]) {
  return data.map((_, k) => data[(k % rows) * columns + Math.floor(k / rows)]);
}

/** `[trial, sample, channel]` as `[sample, trial, channel]`. */
function bySample({ file, shape: [B, T, n] }) {
  const data = load({ file });
  return array(
    data.map((_, k) => data[((Math.floor(k / n) % B) * T + Math.floor(k / (n * B))) * n + (k % n)]),
    [T, B, n],
  );
}

/** An array is used up by what reads it, unless it is read by `ref`. */
async function training(spec) {
  if (spec.network !== "rate") throw new Error(`no ${spec.network} network for jax-js`);
  const { samples: T, trials: B, sizes } = spec;
  const { N, O } = sizes;
  const matrices = Object.entries(spec.arrays).filter(([name]) => name !== "u" && name !== "y");
  const zeros = () => Object.fromEntries(matrices.map(([name, { shape }]) => [name, np.zeros([...shape].reverse())]));
  let state = {
    p: Object.fromEntries(
      matrices.map(([name, a]) => [
        name,
        a.shape.length === 2 ? array(transposed(load(a), a.shape), [...a.shape].reverse()) : array(load(a), a.shape),
      ]),
    ),
    m: zeros(),
    v: zeros(),
  };
  const u = bySample(spec.arrays.u);
  const y = bySample(spec.arrays.y);

  function loss(p, u, y, noise) {
    const { J, B: into, W, b, c } = p;
    const drive = np.unstack(
      np
        .matmul(u.reshape([T * B, -1]), into)
        .add(b)
        .mul(0.2)
        .add(noise)
        .reshape([T, B, N]),
    );
    let x = np.zeros([B, N]);
    const rates = [];
    let r = np.tanh(x.ref);
    for (const v of drive) {
      x = x.mul(0.8).add(np.matmul(r, J.ref).mul(0.2)).add(v);
      r = np.tanh(x.ref);
      rates.push(r.ref);
    }
    x.dispose();
    r.dispose();
    J.dispose();
    const z = np.matmul(np.concatenate(rates), W).add(c);
    return np.square(z.sub(y.reshape([T * B, O]))).mean();
  }

  const update = jit(({ p, m, v }, u, y, sigma, key, corrections) => {
    const noise = random.normal(key, [T * B, N]).mul(sigma);
    const [value, g] = valueAndGrad(loss)(tree.ref(p), u, y, noise);
    const next = { p: {}, m: {}, v: {} };
    const [one, two] = np.unstack(corrections);
    for (const name of Object.keys(p)) {
      next.m[name] = m[name].mul(0.9).add(g[name].ref.mul(0.1));
      next.v[name] = v[name].mul(0.999).add(np.square(g[name]).mul(0.001));
      const scaled = next.m[name].ref.mul(one.ref).div(np.sqrt(next.v[name].ref.mul(two.ref)).add(1e-8));
      next.p[name] = p[name].sub(scaled.mul(1e-3));
    }
    one.dispose();
    two.dispose();
    return [value, next];
  });

  let k = 0;
  async function step(sigma) {
    k++;
    const corrections = np.array(Float32Array.of(1 / (1 - 0.9 ** k), 1 / (1 - 0.999 ** k)));
    const [value, next] = update(state, u.ref, y.ref, np.array(sigma), random.key(k), corrections);
    await Promise.all([...tree.leaves(next)].map((leaf) => leaf.blockUntilReady()));
    state = next;
    return (await value.data())[0];
  }
  const check = [];
  const times = [];
  for (let i = 0; i < spec.iterations; i++) {
    const from = performance.now();
    check.push(await step(0));
    times.push(performance.now() - from);
  }
  return { check, compileMs: times[0] - Math.min(...times.slice(1)), step: () => step(spec.sigma) };
}

await serve({ training }, () => ({ name: `jax-js ${version} (wasm)`, threads: 1, blas: "own kernels (WebAssembly)" }));
