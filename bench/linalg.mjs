/**
 * The decompositions of this program, NumPy's LAPACK and ml-matrix on the same matrices, one thread each: medians of CPU
 * time in ms, and the peer's over ours. After `npm run build`:
 *
 *     node bench/linalg.mjs [--python PATH] [--json FILE] [--sizes 64,128,256,512,1024]
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  CholeskyDecomposition,
  EigenvalueDecomposition,
  LuDecomposition,
  Matrix,
  QrDecomposition,
  SVD,
} from "ml-matrix";
import { choleskyFactor } from "../dist/engine/linalg/cholesky.js";
import { eigen } from "../dist/engine/linalg/eigen.js";
import { expm } from "../dist/engine/linalg/expm.js";
import { expmFrechet } from "../dist/engine/linalg/expmFrechet.js";
import { luFactor, luSolve } from "../dist/engine/linalg/lu.js";
import { multiply } from "../dist/engine/linalg/matrix.js";
import { pivotedQr, thinQr } from "../dist/engine/linalg/qr.js";
import { eigenvalues, realSchur } from "../dist/engine/linalg/schur.js";
import { smallestSingularValues } from "../dist/engine/linalg/smallestSingularValues.js";
import { svd } from "../dist/engine/linalg/svd.js";
import { lyapunov } from "../dist/engine/linalg/sylvester.js";
import { symmetricEigen } from "../dist/engine/linalg/symmetricEigen.js";
import { threadVariables } from "./peers/index.mjs";
import { median } from "./statistics.mjs";
import { digits, markdown } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    json: { type: "string" },
    sizes: { type: "string", default: "64,128,256,512,1024" },
  },
});
const sizes = options.sizes.split(",").map(Number);
/** Nothing is timed that would take longer than this, in ms; for a peer. What takes longer than `once` is run once. */
const longest = { ours: 5000, peers: 1500 };
const once = 800;
/** All runs of one thing together, about. */
const whole = 100;

/** Uniform in [-1, 1): the same numbers here and in Python. */
function uniform(count, seed) {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A general matrix, a positive definite one, a symmetric one and a stable one of order n. */
function matrices(n) {
  const A = uniform(n * n, n);
  const at = (i, j) => A[i * n + j];
  const of = (entry) => Float64Array.from({ length: n * n }, (_, p) => entry(Math.floor(p / n), p % n));
  return {
    A,
    P: of((i, j) => (at(i, j) + at(j, i)) / 2 + (i === j ? n : 0)),
    S: of((i, j) => at(i, j) + at(j, i)),
    F: of((i, j) => at(i, j) / Math.sqrt(n) - (i === j ? 2 : 0)),
  };
}

const grid = Array.from({ length: 64 }, (_, k) => k);
/** Each takes matrices and order; `peers` says who else can. */
const ours = {
  "product A A": ({ A }, n) => multiply(A, A, n, n, n),
  "LU and 1 solution": ({ A }, n) => {
    const LU = A.slice();
    const pivots = new Int32Array(n);
    luFactor(LU, n, pivots);
    luSolve(LU, n, pivots, new Float64Array(n).fill(1));
  },
  Cholesky: ({ P }, n) => choleskyFactor(P.slice(), n),
  QR: ({ A }, n) => thinQr(A, n, n),
  "QR, pivoted": ({ A }, n) => pivotedQr(A, n, n),
  "symmetric eigen": ({ S }, n) => symmetricEigen(S, n),
  SVD: ({ A }, n) => svd(A, n, n),
  "eigenvalues alone": ({ A }, n) => eigenvalues(A, n),
  "eigen, both sides": ({ A }, n) => eigen(A, n),
  Schur: ({ A }, n) => realSchur(A, n),
  exponential: ({ F }, n) => expm(F, n),
  "and its derivative": ({ F, S }, n) => expmFrechet(F, S, n),
  Lyapunov: ({ F, P }, n) => lyapunov(F, P, n),
  "64 points of a pseudospectrum": ({ F }, n) =>
    smallestSingularValues(realSchur(F, n), {
      re: grid.map((k) => (k % 8) / 4 - 3),
      im: grid.map((k) => (k >> 3) / 4),
    }),
};
const theirs = {
  "product A A": ({ A }) => A.mmul(A),
  "LU and 1 solution": ({ A }, n) => new LuDecomposition(A).solve(Matrix.ones(n, 1)),
  Cholesky: ({ P }) => new CholeskyDecomposition(P).lowerTriangularMatrix,
  QR: ({ A }) => new QrDecomposition(A).orthogonalMatrix,
  "symmetric eigen": ({ S }) => new EigenvalueDecomposition(S, { assumeSymmetric: true }),
  SVD: ({ A }) => new SVD(A),
  "eigen, both sides": ({ A }) => new EigenvalueDecomposition(A, { assumeSymmetric: false }),
};
const python = `
import json, sys, time
import numpy as np
try:
    import scipy, scipy.linalg as sl
except ImportError:
    sl = None
sizes, once, whole = json.loads(sys.argv[1])
def uniform(n):
    out, state = np.empty(n * n), n
    for k in range(n * n):
        state = (state * 1664525 + 1013904223) & 0xffffffff
        out[k] = state / 2**31 - 1
    return out.reshape(n, n)
ops = {
    "product A A": lambda A, P, S, F: A @ A,
    "LU and 1 solution": lambda A, P, S, F: np.linalg.solve(A, np.ones(len(A))),
    "Cholesky": lambda A, P, S, F: np.linalg.cholesky(P),
    "QR": lambda A, P, S, F: np.linalg.qr(A),
    "symmetric eigen": lambda A, P, S, F: np.linalg.eigh(S),
    "SVD": lambda A, P, S, F: np.linalg.svd(A),
    "eigenvalues alone": lambda A, P, S, F: np.linalg.eigvals(A),
}
if sl:
    ops |= {
        "QR, pivoted": lambda A, P, S, F: sl.qr(A, pivoting=True),
        "eigen, both sides": lambda A, P, S, F: sl.eig(A, left=True, right=True),
        "Schur": lambda A, P, S, F: sl.schur(A),
        "exponential": lambda A, P, S, F: sl.expm(F),
        "and its derivative": lambda A, P, S, F: sl.expm_frechet(F, S),
        "Lyapunov": lambda A, P, S, F: sl.solve_continuous_lyapunov(F, -P),
    }
else:
    ops["eigen, both sides"] = lambda A, P, S, F: np.linalg.eig(A)
times = {}
for n in sizes:
    A = uniform(n)
    M = (A, (A + A.T) / 2 + n * np.eye(n), A + A.T, A / np.sqrt(n) - 2 * np.eye(n))
    for name, op in ops.items():
        taken = []
        while len(taken) < 4 or sum(taken) < whole and len(taken) < 50:
            start = time.process_time()
            op(*M)
            taken.append(1e3 * (time.process_time() - start))
            if taken[-1] > once: break
        times[f"{name} {n}"] = float(np.median(taken[1:] or taken))
print(json.dumps({"name": f"NumPy {np.__version__}" + (f", SciPy {scipy.__version__}" if sl else ", right vectors alone"), "times": times}))
`;

/** Median of several CPU times, in ms, after one that does not count. */
function time(run) {
  const taken = [];
  for (let sum = 0; taken.length < 4 || (sum < whole && taken.length < 50); ) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    taken.push((user + system) / 1000);
    sum += taken.at(-1);
    if (taken.at(-1) > once) break;
  }
  return median(taken.slice(1).length > 0 ? taken.slice(1) : taken);
}

/** What would take too long, as the size before says, is left out. */
function timeAll(ops, prepare, most) {
  const times = {};
  const before = {};
  for (const n of sizes) {
    const inputs = prepare(n);
    for (const [name, run] of Object.entries(ops)) {
      const { ms, order } = before[name] ?? { ms: 0, order: n };
      if (ms * (n / order) ** 3 > most) continue;
      times[`${name} ${n}`] = time(() => run(inputs, n));
      before[name] = { ms: times[`${name} ${n}`], order: n };
    }
  }
  return times;
}

const lapack = spawnSync(options.python, ["-c", python, JSON.stringify([sizes, once, whole])], {
  encoding: "utf8",
  env: { ...process.env, ...threadVariables(1) },
});
const peers = [{ name: "nullcline", times: timeAll(ours, matrices, longest.ours) }];
if (lapack.status === 0) peers.push(JSON.parse(lapack.stdout));
else console.log(`Without LAPACK: ${options.python} cannot import NumPy (--python PATH).\n`);
peers.push({
  name: "ml-matrix",
  times: timeAll(
    theirs,
    (n) => Object.fromEntries(Object.entries(matrices(n)).map(([key, M]) => [key, Matrix.from1DArray(n, n, M)])),
    longest.peers,
  ),
});
const [{ times: own }] = peers;
const rows = Object.keys(own).map((key) => [
  key,
  ...peers.map(({ times }, k) => {
    const ms = times[key];
    if (ms === undefined) return "";
    return k === 0 ? digits(ms) : `${digits(ms)} · **${digits(ms / own[key])} ×**`;
  }),
]);
rows.sort(
  (a, b) =>
    Object.keys(ours).findIndex((x) => a[0].startsWith(`${x} `)) -
    Object.keys(ours).findIndex((x) => b[0].startsWith(`${x} `)),
);
console.log(markdown(["CPU ms", ...peers.map(({ name }) => name)], rows));
if (options.json) writeFileSync(options.json, `${JSON.stringify({ node: process.version, sizes, peers }, null, 1)}\n`);
