/** Smallest singular values of `z - A` for many complex z: the pseudospectra of A. */
import { NullclineError } from "../../base/errors.ts";
import { RandomStream } from "../random.ts";
import { epsilon, hypot, norm2 } from "./checks.ts";
import { type MakeArray, withKernelArrays } from "./kernelMemory.ts";
import { powerToOne, type RealSchur } from "./schur.ts";
import { type ShiftedForm, setShift, shiftedForm, solveShifted, solveShiftedAdjoint } from "./shiftedSolve.ts";
import { largestEigenvalue, lastEntry } from "./tridiagonal.ts";

export interface SingularValueOptions {
  /** Relative: the residual of the Lanczos iteration, an upper bound of the error. Default 1e-6. */
  tolerance?: number;
  /** Lanczos steps of one z at most. Default 200. */
  maxIterations?: number;
}

export interface SmallestSingularValues {
  /** σ_min(z - A), one for each z. NaN where z is not finite or A was not. */
  values: Float64Array;
  /** How many did not reach the tolerance; theirs are upper bounds. */
  unconverged: number;
}

/** Points worked on together. */
const mostLanes = 16;

/**
 * `σ_min(z_k - A) = 1 / ‖(z_k - A)⁻¹‖₂` for the complex numbers `z`, A given by its real Schur form `A = Z T Z'` (one
 * reduction serves any number of points). Each is 1 / √θ with θ the largest eigenvalue of `(T - z)⁻¹ (T - z)⁻*` by Lanczos
 * iteration, each step two solutions with a triangular matrix: O(n²) a step. Values below some n 2⁻⁵² ‖A‖ are rounding.
 * A real A has the same value at z and z̄. Trefethen and Embree, Spectra and Pseudospectra (2005), section 39.
 */
export function smallestSingularValues(
  schur: RealSchur,
  z: { re: ArrayLike<number>; im: ArrayLike<number> },
  options: SingularValueOptions = {},
): SmallestSingularValues {
  const { tolerance = 1e-6, maxIterations = 200 } = options;
  const count = z.re.length;
  if (z.im.length !== count)
    throw new NullclineError({
      code: "shape",
      given: `${count} real and ${z.im.length} imaginary parts`,
      expected: "as many of the ones as of the others",
    });
  if (!(tolerance >= 0) || !(Number.isInteger(maxIterations) && maxIterations > 0))
    throw new NullclineError({
      code: "option",
      given: `tolerance ${tolerance}, maxIterations ${maxIterations}`,
      expected: "a tolerance from 0, a positive integer number of steps",
    });
  const { n } = schur;
  const values = new Float64Array(count).fill(Number.NaN);
  if (schur.status !== "ok") return { values, unconverged: count };
  if (n === 0) return { values: values.fill(Number.POSITIVE_INFINITY), unconverged: 0 };
  const lanes = Math.min(mostLanes, count);
  const numbers = n * n + 8 * n * lanes + 16; // T, reciprocals and three vectors of all lanes
  const unconverged = withKernelArrays(numbers, (make) =>
    iterate(schur, z, lanes, tolerance, maxIterations, make, values),
  );
  return { values, unconverged };
}

/** Fills `values`; returns how many did not converge. */
function iterate(
  schur: RealSchur,
  z: { re: ArrayLike<number>; im: ArrayLike<number> },
  lanes: number,
  tolerance: number,
  maxIterations: number,
  make: MakeArray,
  values: Float64Array,
): number {
  const { n } = schur;
  const count = values.length;
  // In units in which T is near 1: θ is a square of what is looked for, and of its reciprocal.
  const factor = powerToOne(schur.T);
  const T = make(n * n);
  for (let i = 0; i < T.length; i++) T[i] = schur.T[i] * factor;
  const size = norm2(T);
  const form = shiftedForm(T, n, lanes, size, make);
  const lanczos = lanczosLanes(form, maxIterations, make);
  const point = new Int32Array(lanes).fill(-1);
  let next = 0;
  let working = 0;
  let unconverged = 0;
  const refill = (lane: number): void => {
    point[lane] = -1;
    for (; next < count; next++) {
      const re = z.re[next]! * factor;
      const im = z.im[next]! * factor;
      if (!Number.isFinite(re) || !Number.isFinite(im)) continue;
      const far = hypot(re, im);
      if (far * epsilon > size) {
        values[next] = far / factor;
        continue;
      }
      setShift(form, lane, re, im);
      lanczos.start(lane);
      point[lane] = next++;
      working++;
      return;
    }
  };
  for (let lane = 0; lane < lanes; lane++) refill(lane);
  while (working > 0) {
    lanczos.step();
    for (let lane = 0; lane < lanes; lane++) {
      const k = point[lane]!;
      if (k < 0) continue;
      const { theta, residual } = lanczos.largest(lane);
      const last = lanczos.steps[lane] === maxIterations;
      if (residual > tolerance * theta && !last) continue;
      values[k] = theta < Number.POSITIVE_INFINITY ? 1 / Math.sqrt(theta) / factor : 0;
      if (residual > tolerance * theta) unconverged++;
      working--;
      refill(lane);
    }
  }
  return unconverged;
}

/** Lanczos iterations side by side with `H = (T - z)⁻¹ (T - z)⁻*`, each with the shift z of its lane. */
function lanczosLanes(form: ShiftedForm, maxIterations: number, make: MakeArray) {
  const { n, lanes } = form;
  const width = 2 * lanes;
  const q = make(n * width);
  const before = make(n * width);
  const w = make(n * width);
  const scratch = new Float64Array(2 * maxIterations);
  const alpha = new Float64Array(lanes * maxIterations);
  const beta = new Float64Array(lanes * maxIterations);
  const steps = new Int32Array(lanes);
  /** The largest eigenvalue so far, as an upper bound of it needs it. */
  const theta = new Float64Array(lanes);
  const now = new Float64Array(lanes);
  const previous = new Float64Array(lanes);
  const next = new Float64Array(lanes);
  const start = normalVector(2 * n);

  const squares = (x: Float64Array, out: Float64Array): void => {
    out.fill(0);
    for (let i = 0, p = 0; i < n; i++, p += width)
      for (let lane = 0, r = p, c = p + lanes; lane < lanes; lane++, r++, c++) out[lane] += x[r] * x[r] + x[c] * x[c];
  };

  return {
    steps,
    start(lane: number): void {
      steps[lane] = 0;
      theta[lane] = 0;
      for (let i = 0, p = lane; i < n; i++, p += width) {
        q[p] = start[2 * i]!;
        q[p + lanes] = start[2 * i + 1]!;
        before[p] = before[p + lanes] = 0;
      }
    },
    /** One step of every lane. */
    step(): void {
      w.set(q);
      solveShiftedAdjoint(form, w);
      squares(w, now);
      solveShifted(form, w);
      for (let lane = 0; lane < lanes; lane++) {
        const at = lane * maxIterations + steps[lane]!;
        if (steps[lane]! < maxIterations) alpha[at] = now[lane]!;
        previous[lane] = steps[lane]! > 0 ? beta[at - 1]! : 0;
      }
      for (let i = 0, p = 0; i < n; i++)
        for (let half = 0; half < 2; half++)
          for (let lane = 0; lane < lanes; lane++, p++) w[p] -= now[lane] * q[p] + previous[lane] * before[p];
      squares(w, next);
      for (let lane = 0; lane < lanes; lane++) {
        next[lane] = Math.sqrt(next[lane]!);
        if (steps[lane]! < maxIterations) beta[lane * maxIterations + steps[lane]++] = next[lane]!;
        next[lane] = next[lane]! > 0 ? 1 / next[lane]! : 0;
      }
      before.set(q);
      for (let i = 0, p = 0; i < n; i++)
        for (let half = 0; half < 2; half++) for (let lane = 0; lane < lanes; lane++, p++) q[p] = w[p] * next[lane];
    },
    /** The largest eigenvalue of H as a lane sees it, and a bound of its error. */
    largest(lane: number): { theta: number; residual: number } {
      const k = steps[lane]!;
      const diagonal = alpha.subarray(lane * maxIterations, lane * maxIterations + k);
      const beside = beta.subarray(lane * maxIterations, lane * maxIterations + k);
      const bound = Math.max(theta[lane]!, diagonal[k - 1]!) + (k > 1 ? beside[k - 2]! : 0);
      // Squares overflow where σ is below some 10⁻⁷⁰ ‖A‖: 0 is returned.
      if (!(Math.max(bound, beside[k - 1]!) < Number.POSITIVE_INFINITY))
        return { theta: Number.POSITIVE_INFINITY, residual: 0 };
      theta[lane] = largestEigenvalue(diagonal, beside, bound);
      return { theta: theta[lane]!, residual: beside[k - 1]! * lastEntry(diagonal, beside, theta[lane]!, scratch) };
    },
  };
}

/** The start of every iteration: real and imaginary parts of a random vector of unit length. */
function normalVector(count: number): Float64Array {
  const stream = new RandomStream(0, "smallest singular values");
  const x = new Float64Array(count).map(() => stream.normal());
  const size = norm2(x);
  return x.map((entry) => entry / size);
}
