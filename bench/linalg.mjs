/**
 * Eigen-decompositions (right and left vectors, residuals) against ml-matrix (right vectors only), and the other
 * decompositions alone. Run after `npm run build`: node bench/linalg.mjs
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { eigen, eigenWorkspace } from "../dist/engine/linalg/eigen.js";
import { expm } from "../dist/engine/linalg/expm.js";
import { luFactor, luSolve } from "../dist/engine/linalg/lu.js";
import { multiply } from "../dist/engine/linalg/matrix.js";
import { orthonormaliseRows } from "../dist/engine/linalg/qr.js";
import { eigenvalues } from "../dist/engine/linalg/schur.js";
import { svd } from "../dist/engine/linalg/svd.js";
import { symmetricEigen } from "../dist/engine/linalg/symmetricEigen.js";

let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const matrices = (count, n) => Array.from({ length: count }, () => new Float64Array(n * n).map(uniform));

/** Least of several timings, in milliseconds, of all of `inputs`. */
function time(inputs, run, repeats = 7) {
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < repeats; k++) {
    const start = performance.now();
    for (const A of inputs) run(A);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

for (const [count, n] of [
  [1000, 16],
  [27, 64],
  [4, 128],
  [2, 256],
]) {
  const inputs = matrices(count, n);
  const workspace = eigenWorkspace(n);
  const ours = time(inputs, (A) => eigen(A, n, { workspace }));
  const alone = time(inputs, (A) => eigenvalues(A, n));
  const oracle = inputs.map((A) => Matrix.from1DArray(n, n, [...A]));
  const theirs = time(oracle, (A) => new EigenvalueDecomposition(A, { assumeSymmetric: false }));
  console.log(
    `eigen ${count} × [${n}, ${n}]: ${ours.toFixed(1)} ms, values alone ${alone.toFixed(1)} ms, ` +
      `ml-matrix ${theirs.toFixed(1)} ms (${(theirs / ours).toFixed(2)} ×)`,
  );
}
{
  const n = 16;
  const [A] = matrices(1, n);
  const LU = new Float64Array(n * n);
  const pivots = new Int32Array(n);
  const b = new Float64Array(n);
  const ms = time(Array(10_000).fill(A), () => {
    LU.set(A);
    luFactor(LU, n, pivots);
    b.fill(1);
    luSolve(LU, n, pivots, b);
  });
  console.log(`LU factor and solve 10,000 × [16, 16]: ${ms.toFixed(1)} ms`);
}
for (const n of [64, 256]) {
  const inputs = matrices(1, n);
  const row = {
    multiply: time(inputs, (A) => multiply(A, A, n, n, n)),
    svd: time(inputs, (A) => svd(A, n, n)),
    symmetricEigen: time(inputs, (A) => symmetricEigen(A, n)),
    expm: time(inputs, (A) => expm(A, n)),
    orthonormaliseRows: time(inputs, (A) => orthonormaliseRows(A.slice(), n, n)),
  };
  console.log(
    `[${n}, ${n}]:`,
    Object.entries(row)
      .map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
      .join(", "),
  );
}
