/** Connections removed: at random, the smallest first, or by chance with larger ones likelier to stay. */
import { RandomStream } from "../engine/random.ts";
import type { Network } from "../networks/network.ts";
import { cut, isMasked } from "./cut.ts";
import { matrixOf, refuse } from "./mend.ts";

export interface PruneOptions {
  /** The share of the matrix's entries that stays, from 0 to 1: all `rows × columns` of them are counted. */
  keep: number;
  /**
   * `random`: each connection stays with one probability. `magnitude`: the largest stay. `proportional`: each stays with a
   * probability proportional to its size (`keepProbabilities`).
   */
  by: "random" | "magnitude" | "proportional";
  /** Of the draws; default 0. */
  seed?: number;
}

/**
 * The network with connections of a matrix removed for good: they stay 0 in training too (`lesion`). Of random and proportional
 * pruning, `keep × entries` is the expected number that stays; of `magnitude` the number, rounded. Where fewer entries
 * than that are not zero, all of them stay.
 * @param matrix a parameter, e.g. `J`, or one that has been pruned or lesioned before
 * @throws NullclineError (code `surgery`) where there is no such matrix or way, or no such share
 */
export function prune(network: Network, matrix: string, options: PruneOptions): Network {
  const { keep, by, seed = 0 } = options;
  const masked = isMasked(network, matrix);
  const { values: all } = matrixOf(network, masked ? `${matrix}_K` : matrix);
  const mask = masked ? network.parameters[`${matrix}_S`]!.values.data : undefined;
  const values = mask ? all.map((w, k) => w * mask[k]!) : all;
  if (!(keep >= 0 && keep <= 1)) refuse(`${keep} of the connections of \`${matrix}\` kept`, "a share from 0 to 1");
  const budget = keep * values.length;
  const drawn = (probabilities: Float64Array): Float64Array => {
    const random = new RandomStream(seed, `prune ${matrix}`);
    return probabilities.map((p) => (random.uniform() < p ? 1 : 0));
  };
  switch (by) {
    case "random":
      return cut(network, matrix, drawn(keepProbabilities(values.map(there), budget)));
    case "proportional":
      return cut(network, matrix, drawn(keepProbabilities(values, budget)));
    case "magnitude": {
      const largest = new Float64Array(values.length);
      const order = [...values.keys()].sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
      for (const k of order.slice(0, Math.round(budget))) largest[k] = 1;
      return cut(network, matrix, largest);
    }
    default:
      return refuse(`pruning by \`${String(by)}\``, "random, magnitude or proportional");
  }
}

const there = (w: number): number => (w === 0 ? 0 : 1);

/**
 * Probabilities to stay, `p_k = min(1, c |w_k|)` with the c for which `Σ p_k = budget`: `c = budget / Σ |w|`, and what is
 * above 1 is shared among the others. Where no more than `budget` weights differ from zero, p is 1 for each of them.
 * @throws NullclineError (code `surgery`) where the budget is negative or above the number of weights
 * @source Balwani, Wang, Najafi & Choi 2025, Sci. Adv. (top-prob pruning)
 */
export function keepProbabilities(weights: ArrayLike<number>, budget: number): Float64Array {
  const sizes = Float64Array.from(weights, Math.abs);
  if (!(budget >= 0 && budget <= sizes.length))
    refuse(`a budget of ${budget} connections`, `from 0 to ${sizes.length}, the number of weights`);
  const order = [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]!);
  let rest = sizes.reduce((a, b) => a + b, 0);
  // The largest are certain as long as their share of what is left would be 1 or more.
  let certain = 0;
  while (certain < order.length) {
    const w = sizes[order[certain]!]!;
    if (w === 0 || budget - certain < 1 || (budget - certain) * w < rest) break;
    rest -= w;
    certain++;
  }
  // Added up from the small ones: subtracting the large ones leaves their rounding errors.
  const small = order.slice(certain).reduceRight((sum, k) => sum + sizes[k]!, 0);
  const p = new Float64Array(sizes.length);
  order.forEach((k, n) => {
    p[k] = n < certain ? 1 : small > 0 ? Math.min(1, ((budget - certain) * sizes[k]!) / small) : 0;
  });
  return p;
}
