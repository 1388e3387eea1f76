import { describe, expect, it } from "vitest";
import { connectivity } from "../../../src/index.ts";

const { clustering, efficiency, modularity, modularityOf, randomGraphs, smallWorldness, strongest } = connectivity;

function graphOf(n: number, edges: readonly (readonly [number, number])[]): Uint8Array {
  const graph = new Uint8Array(n * n);
  for (const [i, j] of edges) graph[i * n + j] = graph[j * n + i] = 1;
  return graph;
}

/** A ring in which each node is joined to its `k` nearest. */
const lattice = (n: number, k: number): Uint8Array =>
  graphOf(
    n,
    Array.from({ length: n * (k / 2) }, (_, e) => [e % n, (e + Math.floor(e / n) + 1) % n] as const),
  );

/** Zachary 1977, J. Anthropol. Res. 33, 452–473, fig. 3: the neighbours of lower number of members 2 … 34. */
const karate = [
  [1], [1, 2], [1, 2, 3], [1], [1], [1, 5, 6], [1, 2, 3, 4], [1, 3], [3], [1, 5, 6], [1], [1, 4], [1, 2, 3, 4], [], [], [6, 7], [1, 2], [], 
  [1, 2], [], [1, 2], [], [], [], [24, 25], [], [3, 24, 25], [3], [24, 27], [2, 9], [1, 25, 26, 29], [3, 9, 15, 16, 19, 21, 23, 24, 30, 31, 32],
  [9, 10, 14, 15, 16, 19, 20, 21, 23, 24, 27, 28, 29, 30, 31, 32, 33],
]; // biome-ignore format: a table

describe("a graph of weights", () => {
  it("keeps the strongest connections of either direction and sign, never the diagonal", () => {
    const W = [9, -3, 0.1, 0.2, 9, 0.3, 2, 0.4, 9];
    expect([...strongest(W, 3, 2 / 6)]).toEqual([0, 1, 1, 1, 0, 0, 1, 0, 0]);
    expect(() => strongest(W, 4, 0.1)).toThrow(/9 weights.*4 × 4/s);
    expect(() => strongest(W, 3, 0)).toThrow(/fraction of 0/);
  });

  it("has the clustering of a ring lattice, 3 (k - 2) / 4 (k - 1) (Watts & Strogatz 1998)", () => {
    for (const k of [4, 6, 8]) expect(clustering(lattice(30, k), 30)).toBeCloseTo((3 * (k - 2)) / (4 * (k - 1)), 12);
  });

  it("has the efficiency of a ring, whose distances are 1, 1, 2, 2, …, and counts no path as 0", () => {
    // Of 7 nodes: 2 (1 + 1/2 + 1/3) over 6 others.
    expect(efficiency(lattice(7, 2), 7)).toBeCloseTo((2 * (1 + 1 / 2 + 1 / 3)) / 6, 12);
    expect(efficiency(graphOf(4, [[0, 1]]), 4)).toBeCloseTo(2 / 12, 12);
  });

  it("is small-world where it is rewired little, and not where it is random", () => {
    expect(smallWorldness(lattice(100, 6), 100, { seed: 1, nulls: 20 })).toBeGreaterThan(3);
    const [random] = randomGraphs(lattice(100, 6), 100, 5, 1);
    expect(random!.reduce((a, b) => a + b, 0)).toBe(600);
    expect(Math.abs(smallWorldness(random!, 100, { seed: 1, nulls: 50 }) - 1)).toBeLessThan(0.25);
  });

  it("has the modularity of two cliques joined by one edge", () => {
    // Two triangles and a bridge: 2 (3/7 - (7/14)²).
    const graph = graphOf(6, [[0, 1], [0, 2], [1, 2], [3, 4], [3, 5], [4, 5], [2, 3]]); // biome-ignore format: a table
    const { Q, community } = modularity(graph, 6, { seed: 1 });
    expect(Q).toBeCloseTo(2 * (3 / 7 - 1 / 4), 12);
    expect(new Set(community.subarray(0, 3)).size + new Set(community.subarray(3)).size).toBe(2);
    expect(modularityOf(graph, 6, [0, 0, 0, 0, 0, 0])).toBeCloseTo(0, 12);
  });

  it("finds the division of Zachary's karate club: Q = 0.4198, the proven optimum (Brandes et al. 2008, IEEE TKDE 20)", () => {
    const edges = karate.flatMap((list, i) => list.map((j) => [i + 1, j - 1] as const));
    expect(edges).toHaveLength(78);
    expect(modularity(graphOf(34, edges), 34, { seed: 1 }).Q).toBeCloseTo(0.4198, 4);
  });
});
