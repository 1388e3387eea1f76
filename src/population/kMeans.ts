/** Groups of units by their profiles: k-means, and how well the groups stand apart. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { requireLength } from "./activity.ts";

export interface KMeansOptions {
  /** k: number of groups. */
  clusters: number;
  seed?: number;
  /** Starts of which the best counts. Default 10. */
  starts?: number;
  /** Most rounds of a start. Default 100. */
  rounds?: number;
}

export interface KMeans {
  /** Group of each row, 0 … k - 1, the largest first. */
  labels: Int32Array;
  /** `[k, column]` */
  centers: NDArray<Float64Array>;
  /** `Σ ‖x - center‖²`. */
  within: number;
}

/**
 * k-means by Lloyd's rounds, from starts drawn in proportion to the squared distance from those drawn before.
 * @param points `[row, column]`
 * @throws NullclineError (code `shape`) where there are fewer rows than groups, or values that are not finite
 * @source Lloyd 1982, IEEE Trans. Inf. Theory 28, 129–137; Arthur & Vassilvitskii 2007, SODA, 1027–1035 (the starts)
 */
export function kMeans(points: NDArray, { clusters: k, seed = 0, starts = 10, rounds = 100 }: KMeansOptions): KMeans {
  const { data, n, m } = rowsOf(points);
  if (!(Number.isInteger(k) && k >= 1 && k <= n))
    throw new NullclineError({
      code: "shape",
      given: `${k} groups of ${n} rows`,
      expected: "a whole number of groups, at most as many as rows",
    });
  let best: { labels: Int32Array; centers: Float64Array; within: number } | undefined;
  for (let start = 0; start < starts; start++) {
    const random = new RandomStream(seed, "k-means", start);
    const centers = new Float64Array(k * m);
    const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    for (let c = 0; c < k; c++) {
      let left = random.uniform() * (c === 0 ? n : nearest.reduce((a, b) => a + b, 0));
      let row = 0;
      while (row < n - 1 && (left -= c === 0 ? 1 : nearest[row]!) > 0) row++;
      centers.set(data.subarray(row * m, (row + 1) * m), c * m);
      for (let i = 0; i < n; i++) nearest[i] = Math.min(nearest[i]!, apart(data, i, centers, c, m));
    }
    const labels = new Int32Array(n).fill(-1);
    let within = 0;
    for (let round = 0; round < rounds; round++) {
      let changed = false;
      within = 0;
      for (let i = 0; i < n; i++) {
        let [group, least] = [0, Number.POSITIVE_INFINITY];
        for (let c = 0; c < k; c++) {
          const d = apart(data, i, centers, c, m);
          if (d < least) [group, least] = [c, d];
        }
        within += least;
        changed ||= labels[i] !== group;
        labels[i] = group;
      }
      if (!changed) break;
      const counts = new Float64Array(k);
      const sums = new Float64Array(k * m);
      for (let i = 0; i < n; i++) {
        counts[labels[i]!]!++;
        for (let j = 0; j < m; j++) sums[labels[i]! * m + j]! += data[i * m + j]!;
      }
      // A group that lost all its rows stays where it was.
      for (let c = 0; c < k; c++)
        if (counts[c]! > 0) for (let j = 0; j < m; j++) centers[c * m + j] = sums[c * m + j]! / counts[c]!;
    }
    if (!best || within < best.within) best = { labels, centers, within };
  }
  const { labels, centers, within } = best!;
  const counts = Array.from({ length: k }, (_, c) => labels.filter((l) => l === c).length);
  const order = counts.map((_, c) => c).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const ordered = new Float64Array(k * m);
  order.forEach((from, to) => {
    ordered.set(centers.subarray(from * m, (from + 1) * m), to * m);
  });
  return {
    labels: labels.map((l) => order.indexOf(l)),
    centers: { data: ordered, shape: [k, m] },
    within,
  };
}

/**
 * Mean silhouette of a grouping, `(b - a)/max(a, b)`: a is a row's mean distance from its own group, b that from the
 * nearest other group; 1 where groups stand far apart, about 0 where they do not. A row alone in its group counts 0.
 * NaN for a single group.
 * @param points `[row, column]` @param labels group of each row
 * @throws NullclineError (code `shape`) where the labels are not as many as the rows
 * @source Rousseeuw 1987, J. Comput. Appl. Math. 20, 53–65
 */
export function silhouette(points: NDArray, labels: ArrayLike<number>): number {
  const { data, n, m } = rowsOf(points);
  requireLength(labels, n, "labels", "row");
  const groups = [...new Set(Array.from(labels))];
  if (groups.length < 2) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const [total, count] = [new Map<number, number>(), new Map<number, number>()];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const group = labels[j]!;
      total.set(group, (total.get(group) ?? 0) + Math.sqrt(apart(data, i, data, j, m)));
      count.set(group, (count.get(group) ?? 0) + 1);
    }
    const own = labels[i]!;
    if (!count.has(own)) continue;
    const a = total.get(own)! / count.get(own)!;
    const b = Math.min(...groups.filter((g) => g !== own).map((g) => total.get(g)! / count.get(g)!));
    if (Math.max(a, b) > 0) sum += (b - a) / Math.max(a, b);
  }
  return sum / n;
}

function rowsOf({ data, shape }: NDArray): { data: Float64Array | Float32Array; n: number; m: number } {
  if (shape.length !== 2 || !data.every(Number.isFinite))
    throw new NullclineError({
      code: "shape",
      given: `points [${shape.join(", ")}]${data.every(Number.isFinite) ? "" : " that are not all finite"}`,
      expected: "[row, column] of finite numbers",
    });
  return { data, n: shape[0]!, m: shape[1]! };
}

/** Squared distance of row i of `a` and row j of `b`. */
function apart(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, m: number): number {
  let sum = 0;
  for (let k = 0; k < m; k++) sum += (a[i * m + k]! - b[j * m + k]!) ** 2;
  return sum;
}
