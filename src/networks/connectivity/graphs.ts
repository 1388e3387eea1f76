/**
 * Weights as an undirected graph, and measures of it: clustering, efficiency, small-worldness, modularity. A graph of n
 * nodes is a flat symmetric 0/1 array `[n, n]` with a zero diagonal.
 */
import { NullclineError } from "../../base/errors.ts";
import { RandomStream } from "../../engine/random.ts";

/**
 * The graph of the strongest connections: of all off-diagonal entries the `fraction` of greatest |W|, either direction.
 * @param W `[n, n]`, row-major
 * @throws NullclineError (code `graph`) where W is not square or the fraction not between 0 and 1
 */
export function strongest(W: ArrayLike<number>, n: number, fraction: number): Uint8Array {
  if (W.length !== n * n)
    throw new NullclineError({ code: "graph", given: `${W.length} weights`, expected: `${n} × ${n}` });
  if (!(fraction > 0 && fraction <= 1))
    throw new NullclineError({ code: "graph", given: `a fraction of ${fraction}`, expected: "above 0, at most 1" });
  const entries: number[] = [];
  for (let k = 0; k < n * n; k++) if (k % (n + 1) !== 0) entries.push(k);
  entries.sort((a, b) => Math.abs(W[b]!) - Math.abs(W[a]!) || a - b);
  const graph = new Uint8Array(n * n);
  for (const k of entries.slice(0, Math.round(fraction * entries.length)))
    if (W[k] !== 0) graph[k] = graph[(k % n) * n + Math.floor(k / n)] = 1;
  return graph;
}

/**
 * The mean over nodes of the fraction of pairs of neighbours that are neighbours; 0 for nodes with fewer than two.
 * @source Watts & Strogatz 1998, Nature 393, 440–442
 */
export function clustering(graph: Uint8Array, n: number): number {
  const near = neighbours(graph, n);
  let total = 0;
  for (const list of near) {
    let closed = 0;
    for (const a of list) for (const b of list) if (a < b) closed += graph[a * n + b]!;
    if (list.length > 1) total += closed / ((list.length * (list.length - 1)) / 2);
  }
  return total / n;
}

/**
 * Global efficiency: the mean over pairs of nodes of one over their distance in steps, 0 where no path joins them.
 * @source Latora & Marchiori 2001, Phys. Rev. Lett. 87, 198701
 */
export function efficiency(graph: Uint8Array, n: number): number {
  const near = neighbours(graph, n);
  let total = 0;
  for (let from = 0; from < n; from++) {
    const distance = new Int32Array(n).fill(-1);
    distance[from] = 0;
    const queue = [from];
    for (const node of queue)
      for (const next of near[node]!)
        if (distance[next] === -1) {
          distance[next] = distance[node]! + 1;
          total += 1 / distance[next]!;
          queue.push(next);
        }
  }
  return total / (n * (n - 1));
}

export interface GraphOptions {
  seed?: number;
  /** Random graphs with as many nodes and edges. Default 100. */
  nulls?: number;
}

/**
 * `(C / C₀) / (E₀ / E)`: clustering C and efficiency E over their means in random graphs with as many nodes and edges.
 * @source Humphries & Gurney 2008, PLoS ONE 3, e2051, with E for the path length, which disconnected graphs do not have
 */
export function smallWorldness(graph: Uint8Array, n: number, { seed = 0, nulls = 100 }: GraphOptions = {}): number {
  const random = randomGraphs(graph, n, seed, nulls);
  const average = (of: (g: Uint8Array, n: number) => number): number =>
    random.reduce((sum, g) => sum + of(g, n), 0) / random.length;
  return ((clustering(graph, n) / average(clustering)) * efficiency(graph, n)) / average(efficiency);
}

export interface ModularityOptions {
  seed?: number;
  /** Orders in which nodes are visited; the best division counts. Default 20. */
  runs?: number;
}

/**
 * Newman's modularity Q of the best division found by moving nodes, then whole communities (the Louvain method), and the
 * community of each node.
 * @source Newman & Girvan 2004, Phys. Rev. E 69, 026113; Blondel et al. 2008, J. Stat. Mech. P10008
 */
export function modularity(
  graph: Uint8Array,
  n: number,
  { seed = 0, runs = 20 }: ModularityOptions = {},
): { Q: number; community: Int32Array } {
  const random = new RandomStream(seed, "modularity");
  let best = { Q: Number.NEGATIVE_INFINITY, community: new Int32Array(n) };
  for (let run = 0; run < runs; run++) {
    let weights = Float64Array.from(graph);
    let size = n;
    let community = Int32Array.from({ length: n }, (_, i) => i);
    for (;;) {
      const { labels, count } = moveNodes(weights, size, random);
      community = community.map((c) => labels[c]!);
      if (count === size) break;
      const joined = new Float64Array(count * count);
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) joined[labels[i]! * count + labels[j]!]! += weights[i * size + j]!;
      [weights, size] = [joined, count];
    }
    const Q = modularityOf(graph, n, community);
    if (Q > best.Q) best = { Q, community };
  }
  return best;
}

/** Q of a given division: edges within communities less those expected of the degrees, over all edges. */
export function modularityOf(graph: Uint8Array, n: number, community: ArrayLike<number>): number {
  const degree = neighbours(graph, n).map((list) => list.length);
  const twice = degree.reduce((a, b) => a + b, 0);
  let total = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (community[i] === community[j]) total += graph[i * n + j]! - (degree[i]! * degree[j]!) / twice;
  return twice === 0 ? 0 : total / twice;
}

/** Random graphs with as many nodes and edges as a given one. */
export function randomGraphs(graph: Uint8Array, n: number, seed: number, count: number): Uint8Array[] {
  const random = new RandomStream(seed, "random graphs");
  const edges = neighbours(graph, n).reduce((sum, list) => sum + list.length, 0) / 2;
  return Array.from({ length: count }, () => {
    const made = new Uint8Array(n * n);
    for (let placed = 0; placed < edges; ) {
      const [i, j] = [Math.floor(random.uniform() * n), Math.floor(random.uniform() * n)];
      if (i === j || made[i * n + j]) continue;
      made[i * n + j] = made[j * n + i] = 1;
      placed++;
    }
    return made;
  });
}

const neighbours = (graph: Uint8Array, n: number): number[][] =>
  Array.from({ length: n }, (_, i) => {
    const list: number[] = [];
    for (let j = 0; j < n; j++) if (graph[i * n + j]) list.push(j);
    return list;
  });

/** Moves each node to the community that raises Q most, until none does; labels run from 0. */
function moveNodes(weights: Float64Array, n: number, random: RandomStream): { labels: Int32Array; count: number } {
  const degree = Float64Array.from({ length: n }, (_, i) =>
    weights.subarray(i * n, (i + 1) * n).reduce((a, b) => a + b, 0),
  );
  const twice = degree.reduce((a, b) => a + b, 0);
  const labels = Int32Array.from({ length: n }, (_, i) => i);
  const total = degree.slice();
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  for (let moved = twice > 0; moved; ) {
    moved = false;
    for (const node of order) {
      const links = new Map<number, number>([[labels[node]!, 0]]);
      for (let j = 0; j < n; j++) {
        const w = weights[node * n + j]!;
        if (w > 0 && j !== node) links.set(labels[j]!, (links.get(labels[j]!) ?? 0) + w);
      }
      const own = labels[node]!;
      total[own]! -= degree[node]!;
      const gain = (c: number): number => links.get(c)! - (degree[node]! * total[c]!) / twice;
      let best = own;
      // A gain of rounding only would move nodes to and fro.
      for (const c of links.keys()) if (gain(c) > gain(best) + 1e-12) best = c;
      total[best]! += degree[node]!;
      labels[node] = best;
      moved ||= best !== own;
    }
  }
  const names = [...new Set(labels)];
  return { labels: labels.map((c) => names.indexOf(c)), count: names.length };
}
