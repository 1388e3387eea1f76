/** Mixtures of Gaussians: fitted by expectation–maximisation, and drawn from. */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { choleskyFactor, choleskyLogDeterminant, choleskySolveHalf } from "../engine/linalg/cholesky.ts";
import { RandomStream } from "../engine/random.ts";

export interface GaussianMixture {
  /** Shares of the components, `[component]`, together 1, descending. */
  shares: Float64Array;
  /** `[component, dimension]`. */
  means: NDArray<Float64Array>;
  /** `[component, dimension, dimension]`. */
  covariances: NDArray<Float64Array>;
}

export interface FittedMixture extends GaussianMixture {
  /** Probability of each component given each sample, `[sample, component]`. */
  responsibilities: NDArray<Float64Array>;
  /** Mean over samples of the log density; of every iteration of the best start. */
  logLikelihood: number;
  history: number[];
  /** `iteration limit`: it still rose by more than the tolerance. `collapsed`: no start ended with every component alive. */
  status: "converged" | "iteration limit" | "collapsed";
  components: number;
  seed: number;
  tolerance: number;
}

export interface MixtureOptions {
  components: number;
  /** Of the starts; default 0. */
  seed?: number;
  /** The best of these is given. Default 5. */
  starts?: number;
  /** Default 1000. */
  iterations?: number;
  /** Smallest rise of the mean log-likelihood in an iteration. Default 1e-9. */
  tolerance?: number;
  /** What is added to each diagonal entry of the covariances, in units of that dimension's variance. Default 1e-6. */
  floor?: number;
  /** `zero`: populations that differ in their covariances alone, as loadings of a network without preferred sign. Default `free`. */
  means?: "free" | "zero";
}

/**
 * Maximum likelihood of a mixture, `p(x) = Σ_k share_k N(x; mean_k, covariance_k)`, by expectation–maximisation from seeds
 * drawn with probability proportional to the squared distance from those before (k-means++).
 * @param samples `[sample, dimension]`
 * @throws NullclineError (code `mixture`) where a dimension is constant, numbers are not finite, or samples are fewer than
 * `components × (dimension + 1)`
 * @source Dempster, Laird & Rubin 1977, J. R. Stat. Soc. B 39, 1–38; Arthur & Vassilvitskii 2007, SODA, 1027–1035
 */
export function fitMixture(samples: NDArray, options: MixtureOptions): FittedMixture {
  const { components: K, seed = 0, starts = 5, iterations = 1000, tolerance = 1e-9, floor = 1e-6 } = options;
  const { means = "free" } = options;
  const [n, d] = samples.shape as [number, number];
  const refuse = (given: string, expected: string): never => {
    throw new NullclineError({ code: "mixture", given, expected });
  };
  if (samples.shape.length !== 2) refuse(`samples of shape [${samples.shape}]`, "[sample, dimension]");
  if (!Number.isInteger(K) || K < 1) refuse(`${K} components`, "a whole number above 0");
  if (n < K * (d + 1)) refuse(`${n} samples of ${d} dimensions for ${K} components`, `at least ${K * (d + 1)}`);
  const X = Float64Array.from(samples.data);
  if (!X.every(Number.isFinite)) refuse("samples that are not finite", "finite numbers");
  const variances = Float64Array.from({ length: d }, (_, i) => varianceOf(X, n, d, i));
  const constant = variances.indexOf(0);
  if (constant >= 0) refuse(`dimension ${constant} of the samples is constant`, "dimensions that vary");

  let best: FittedMixture | undefined;
  for (let start = 0; start < Math.max(1, K === 1 ? 1 : starts); start++) {
    const R = firstResponsibilities(X, n, d, K, variances, new RandomStream(seed, "mixture", start));
    const history: number[] = [];
    let status: FittedMixture["status"] = "iteration limit";
    let mixture = maximised(X, n, d, K, R, variances, floor, means);
    for (let step = 0; step < iterations; step++) {
      const value = expected(X, n, d, mixture, R);
      if (!Number.isFinite(value)) status = "collapsed";
      else if (history.length > 0 && value - history.at(-1)! < tolerance) status = "converged";
      if (Number.isFinite(value)) history.push(value);
      if (status !== "iteration limit") break;
      mixture = maximised(X, n, d, K, R, variances, floor, means);
    }
    const logLikelihood = status === "collapsed" ? Number.NEGATIVE_INFINITY : history.at(-1)!;
    if (!best || logLikelihood > best.logLikelihood) {
      const responsibilities = { data: R, shape: [n, K] };
      best = { ...mixture, responsibilities, logLikelihood, history, status, components: K, seed, tolerance };
    }
  }
  return ordered(best!, n, d);
}

/**
 * Samples of a mixture, `[sample, dimension]`, with the component of each. Sample k of a seed is the same for any `count`.
 * @throws NullclineError (code `mixture`) where a covariance is not positive definite
 */
export function drawMixture(
  mixture: GaussianMixture,
  count: number,
  seed = 0,
): { samples: NDArray<Float64Array>; component: Int32Array } {
  const [K, d] = mixture.means.shape as [number, number];
  const factors = mixture.covariances.data.slice();
  for (let k = 0; k < K; k++)
    if (!choleskyFactor(factors.subarray(k * d * d, (k + 1) * d * d), d))
      throw new NullclineError({
        code: "mixture",
        given: `the covariance of component ${k}`,
        expected: "a positive definite matrix",
      });
  const samples = zeros(count, d);
  const component = new Int32Array(count);
  const z = new Float64Array(d);
  for (let s = 0; s < count; s++) {
    const random = new RandomStream(seed, "draw of a mixture", s);
    let [k, u] = [0, random.uniform()];
    while (k < K - 1 && u >= mixture.shares[k]!) u -= mixture.shares[k++]!;
    component[s] = k;
    for (let i = 0; i < d; i++) {
      z[i] = random.normal();
      let x = mixture.means.data[k * d + i]!;
      for (let j = 0; j <= i; j++) x += factors[(k * d + i) * d + j]! * z[j]!;
      samples.data[s * d + i] = x;
    }
  }
  return { samples, component };
}

function varianceOf(X: Float64Array, n: number, d: number, i: number): number {
  let [mean, sum] = [0, 0];
  for (let s = 0; s < n; s++) mean += X[s * d + i]! / n;
  for (let s = 0; s < n; s++) sum += (X[s * d + i]! - mean) ** 2;
  return sum / n <= Number.EPSILON ** 2 * mean ** 2 ? 0 : sum / n;
}

/** 1 for the nearest seed, 0 elsewhere; distances in units of each dimension's deviation. */
function firstResponsibilities(
  X: Float64Array,
  n: number,
  d: number,
  K: number,
  variances: Float64Array,
  random: RandomStream,
): Float64Array {
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const owner = new Int32Array(n);
  for (let k = 0; k < K; k++) {
    const total = nearest.reduce((a, b) => a + b, 0);
    let [seed, u] = [random.integer(n), random.uniform(0, k === 0 ? 0 : total)];
    if (k > 0 && total > 0) {
      seed = 0;
      while (seed < n - 1 && u >= nearest[seed]!) u -= nearest[seed++]!;
    }
    for (let s = 0; s < n; s++) {
      let distance = 0;
      for (let i = 0; i < d; i++) distance += (X[s * d + i]! - X[seed * d + i]!) ** 2 / variances[i]!;
      if (distance < nearest[s]!) [nearest[s], owner[s]] = [distance, k];
    }
  }
  const R = new Float64Array(n * K);
  owner.forEach((k, s) => {
    R[s * K + k] = 1;
  });
  return R;
}

/** Shares, means and covariances from responsibilities. */
function maximised(
  X: Float64Array,
  n: number,
  d: number,
  K: number,
  R: Float64Array,
  variances: Float64Array,
  floor: number,
  fixed: "free" | "zero",
): GaussianMixture {
  const shares = new Float64Array(K);
  const means = zeros(K, d);
  const covariances = zeros(K, d, d);
  const c = new Float64Array(d);
  for (let k = 0; k < K; k++) {
    const [m, C] = [means.data.subarray(k * d, (k + 1) * d), covariances.data.subarray(k * d * d, (k + 1) * d * d)];
    let total = 0;
    for (let s = 0; s < n; s++) {
      total += R[s * K + k]!;
      for (let i = 0; i < d; i++) m[i]! += R[s * K + k]! * X[s * d + i]!;
    }
    shares[k] = total / n;
    for (let i = 0; i < d; i++) m[i] = fixed === "zero" ? 0 : m[i]! / total;
    for (let s = 0; s < n; s++) {
      const r = R[s * K + k]! / total;
      if (r === 0) continue;
      for (let i = 0; i < d; i++) {
        c[i] = X[s * d + i]! - m[i]!;
        for (let j = 0; j <= i; j++) C[i * d + j]! += r * c[i]! * c[j]!;
      }
    }
    for (let i = 0; i < d; i++) {
      C[i * d + i]! += floor * variances[i]!;
      for (let j = 0; j < i; j++) C[j * d + i] = C[i * d + j]!;
    }
  }
  return { shares, means, covariances };
}

/** Writes responsibilities into R; returns the mean log-likelihood, NaN where a component has no density. */
function expected(X: Float64Array, n: number, d: number, mixture: GaussianMixture, R: Float64Array): number {
  const K = mixture.shares.length;
  const B = new Float64Array(d * n);
  for (let k = 0; k < K; k++) {
    const L = mixture.covariances.data.slice(k * d * d, (k + 1) * d * d);
    if (!choleskyFactor(L, d)) return Number.NaN;
    for (let s = 0; s < n; s++)
      for (let i = 0; i < d; i++) B[i * n + s] = X[s * d + i]! - mixture.means.data[k * d + i]!;
    choleskySolveHalf(L, d, B, n);
    const constant = Math.log(mixture.shares[k]!) - (d * Math.log(2 * Math.PI) + choleskyLogDeterminant(L, d)) / 2;
    for (let s = 0; s < n; s++) {
      let squares = 0;
      for (let i = 0; i < d; i++) squares += B[i * n + s]! ** 2;
      R[s * K + k] = constant - squares / 2;
    }
  }
  let sum = 0;
  for (let s = 0; s < n; s++) {
    const row = R.subarray(s * K, (s + 1) * K);
    const most = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((a, b) => a + Math.exp(b - most), 0);
    for (let k = 0; k < K; k++) row[k] = Math.exp(row[k]! - most) / total;
    sum += most + Math.log(total);
  }
  return sum / n;
}

/** The same mixture, largest share first. */
function ordered(fit: FittedMixture, n: number, d: number): FittedMixture {
  const K = fit.components;
  const order = [...fit.shares.keys()].sort((a, b) => fit.shares[b]! - fit.shares[a]!);
  const rows = (data: Float64Array, width: number): Float64Array =>
    Float64Array.from({ length: K * width }, (_, e) => data[order[Math.floor(e / width)]! * width + (e % width)]!);
  return {
    ...fit,
    shares: rows(fit.shares, 1),
    means: { data: rows(fit.means.data, d), shape: [K, d] },
    covariances: { data: rows(fit.covariances.data, d * d), shape: [K, d, d] },
    responsibilities: {
      data: Float64Array.from({ length: n * K }, (_, e) => fit.responsibilities.data[e - (e % K) + order[e % K]!]!),
      shape: [n, K],
    },
  };
}
