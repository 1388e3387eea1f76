/** New starts for a fixed-point search, made from the points that it has found. */
import type { RandomStream } from "../engine/random.ts";

export interface ReseedOptions {
  /** States of the search's first starts, `[n, D]`. */
  starts: Float64Array;
  /** Typical distance between states: the root of the summed variances of the starts. */
  spread: number;
  random: RandomStream;
  /** Directions along which a point is unstable or slow, one list of unit vectors per point. */
  directions: readonly (readonly Float64Array[])[];
}

/**
 * Starts `[n, D]` from known points: midpoints of pairs (saddles lie between attractors), random weighted means of
 * three, reflections through the points' centre and through the origin (symmetric rules have symmetric points), steps
 * along unstable and slow eigenvectors, and first starts with jitter of half, one and two times their spread.
 */
export function reseed(points: readonly Float64Array[], dimension: number, options: ReseedOptions): Float64Array {
  const { starts, spread, random, directions } = options;
  const seeds: Float64Array[] = [];
  const mean = (weights: readonly number[], members: readonly Float64Array[]): Float64Array => {
    const x = new Float64Array(dimension);
    members.forEach((member, k) => {
      for (let i = 0; i < dimension; i++) x[i] += weights[k] * member[i];
    });
    return x;
  };

  const count = points.length;
  const pairs = (count * (count - 1)) / 2;
  if (pairs <= 400) {
    for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) seeds.push(mean([0.5, 0.5], [points[i], points[j]]));
  } else for (let k = 0; k < 400; k++) seeds.push(mean([0.5, 0.5], [random.choice(points), random.choice(points)]));

  if (count >= 3)
    for (let k = 0; k < 64; k++) {
      const weights = [0, 1, 2].map(() => -Math.log(1 - random.uniform()));
      const sum = weights[0] + weights[1] + weights[2];
      seeds.push(
        mean(
          weights.map((w) => w / sum),
          weights.map(() => random.choice(points)),
        ),
      );
    }

  const centre = mean(
    points.map(() => 1 / count),
    points,
  );
  const some =
    count <= 32
      ? points
      : random
          .permutation(count)
          .slice(0, 32)
          .map((k) => points[k]);
  for (const x of some) seeds.push(mean([2, -1], [centre, x]), mean([-1], [x]));

  const steps = points.flatMap((x, k) =>
    directions[k].flatMap((v) => [-1, -0.3, 0.3, 1].map((length) => mean([1, length * spread], [x, v]))),
  );
  for (const k of random.permutation(steps.length).slice(0, 96)) seeds.push(steps[k]);

  const total = starts.length / dimension;
  for (const jitter of [0.5, 1, 2])
    for (let k = 0; k < 16; k++) {
      const at = random.integer(total) * dimension;
      const x = starts.slice(at, at + dimension);
      const std = (jitter * spread) / Math.sqrt(dimension);
      for (let i = 0; i < dimension; i++) x[i] += random.normal(0, std);
      seeds.push(x);
    }

  const all = new Float64Array(seeds.length * dimension);
  seeds.forEach((x, k) => {
    all.set(x, k * dimension);
  });
  return all;
}
