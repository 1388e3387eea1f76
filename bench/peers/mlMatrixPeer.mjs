/** ml-matrix: eigen-decomposition. */
import { readFileSync } from "node:fs";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { load, serve } from "./serve.mjs";

function eigen(spec) {
  const [n] = spec.arrays.A.shape;
  const A = Matrix.from1DArray(n, n, [...load(spec.arrays.A)]);
  const run = () => new EigenvalueDecomposition(A, { assumeSymmetric: false });
  const { realEigenvalues: re, imaginaryEigenvalues: im } = run();
  const sizes = Float64Array.from(re, (value, k) => Math.hypot(value, im[k])).sort();
  const trace = re.reduce((s, value) => s + value, 0);
  return { check: [sizes[0], sizes[n >> 1], sizes[n - 1], trace], step: run };
}

const { version } = JSON.parse(readFileSync(new URL("../../node_modules/ml-matrix/package.json", import.meta.url)));
await serve({ eigen }, () => ({ name: `ml-matrix ${version}`, threads: 1, blas: "plain JavaScript" }));
