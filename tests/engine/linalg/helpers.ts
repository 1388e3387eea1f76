import fc from "fast-check";
import { multiply, norm2 } from "../../../src/engine/linalg/matrix.ts";

// The same examples on every run; FUZZ_SEED=… tries others.
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20260), numRuns: Number(process.env.FUZZ_RUNS ?? 500) });

/** A small generator of uniform numbers in [-1, 1), the same on every run. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function randomMatrix(rows: number, columns: number, seed = 1): Float64Array {
  const next = uniform(seed);
  return Float64Array.from({ length: rows * columns }, next);
}

/** ‖X - Y‖_F. */
export function distance(X: Float64Array, Y: Float64Array): number {
  return norm2(X.map((x, i) => x - Y[i]));
}

export function fromRows(...rows: number[][]): Float64Array {
  return Float64Array.from(rows.flat());
}

export function diagonal(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const D = new Float64Array(n * n);
  for (let i = 0; i < n; i++) D[i * n + i] = values[i];
  return D;
}

export function product(...factors: [Float64Array, ...Float64Array[]]): Float64Array {
  const n = Math.sqrt(factors[0].length);
  return factors.reduce((X, Y) => multiply(X, Y, n, n, n));
}

/** Largest distance between two sets of complex numbers, matched greedily. */
export function spectralDistance(
  a: { re: ArrayLike<number>; im: ArrayLike<number> },
  b: { re: ArrayLike<number>; im: ArrayLike<number> },
): number {
  const left = new Set(Array.from(b.re, (_, i) => i));
  let worst = 0;
  for (let i = 0; i < a.re.length; i++) {
    let best = Number.POSITIVE_INFINITY;
    let at = -1;
    for (const j of left) {
      const d = Math.hypot(a.re[i] - b.re[j], a.im[i] - b.im[j]);
      if (d < best) {
        best = d;
        at = j;
      }
    }
    left.delete(at);
    worst = Math.max(worst, at < 0 ? Number.POSITIVE_INFINITY : best);
  }
  return worst;
}

/** Entries that make trouble: zeros, repeats, integers, several orders of magnitude. */
const entry = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, -1, 2) },
  { weight: 4, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -8, max: 8 })).map(([a, e]) => a * 10 ** e),
  },
);

/** A square matrix with its order. */
export const squareMatrix = (largest: number) =>
  fc.integer({ min: 1, max: largest }).chain((n) =>
    fc.record({
      n: fc.constant(n),
      A: fc.array(entry, { minLength: n * n, maxLength: n * n }).map((a) => Float64Array.from(a)),
    }),
  );

/** A matrix with its sizes. */
export const anyMatrix = (largest: number) =>
  fc.tuple(fc.integer({ min: 1, max: largest }), fc.integer({ min: 1, max: largest })).chain(([m, n]) =>
    fc.record({
      m: fc.constant(m),
      n: fc.constant(n),
      A: fc.array(entry, { minLength: m * n, maxLength: m * n }).map((a) => Float64Array.from(a)),
    }),
  );
