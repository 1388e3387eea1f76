/** Small programs for the tests of both executables. */
import type { Graph } from "../../src/equations/build.ts";
import type { Level, Node, Shape } from "../../src/equations/graph.ts";
import type { Block, Program } from "../../src/equations/program.ts";

export const leaves = (g: Graph) => ({
  parameter: (name: string, shape: Shape = []): Node => g.leaf({ kind: "parameter", name }, shape, "update"),
  input: (name: string, shape: Shape = [], offset = 0): Node =>
    g.leaf({ kind: "input", name, offset }, shape, "sample"),
  trialInput: (name: string, shape: Shape = []): Node => g.leaf({ kind: "input", name, offset: 0 }, shape, "trial"),
  read: (name: string, offset: number, shape: Shape = []): Node =>
    g.leaf({ kind: "read", name, offset }, shape, "sample"),
  pick: (name: string, from: "start" | "end", index: number, shape: Shape = []): Node =>
    g.leaf({ kind: "pick", name, from, index }, shape, "trial"),
  value: (name: string, shape: Shape, level: Level): Node => g.leaf({ kind: "value", name }, shape, level),
  noise: (source: string, shape: Shape = [], offset = 0): Node =>
    g.leaf({ kind: "noise", source, offset }, shape, "sample"),
  trialNoise: (source: string, shape: Shape = []): Node => g.leaf({ kind: "noise", source, offset: 0 }, shape, "trial"),
  indicator: (from: "start" | "end", index: number): Node => g.leaf({ kind: "indicator", from, index }, [], "sample"),
  size: (name: string): Node => g.leaf({ kind: "size", name }, [], "update"),
  dt: (): Node => g.leaf({ kind: "dt" }, [], "update"),
  t: (offset = 0): Node => g.leaf({ kind: "t", offset }, [], "sample"),
});

export const block = (
  kind: Block["kind"],
  parts: Partial<Omit<Block, "kind" | "definitions">> & { definitions?: Record<string, Node> },
): Block => ({
  kind,
  direction: parts.direction ?? 1,
  definitions: Object.entries(parts.definitions ?? {}).map(([name, node]) => ({ name, node })),
  sums: parts.sums ?? [],
  initials: parts.initials ?? {},
});

export const program = (parts: Partial<Program>): Program => ({
  sizes: {},
  parameters: {},
  inputs: {},
  noises: {},
  blocks: [],
  ...parts,
});

/** Largest difference relative to the reference's root mean square (at least 1e-3); NaN where only one is NaN. */
export function difference(a: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (a.length !== reference.length) return Number.NaN;
  let squares = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, reference[i]!];
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.NaN;
    if (x === y || Number.isNaN(x)) continue;
    squares += y * y;
    largest = Math.max(largest, Math.abs(x - y));
  }
  return largest / Math.max(1e-3, Math.sqrt(squares / a.length));
}
