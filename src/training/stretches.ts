/** A program that runs a trial in stretches, one after the other: what it needs of the past goes in and comes out. */
import { Graph, leavesOf } from "../equations/build.ts";
import type { Leaf, Shape } from "../equations/graph.ts";
import { emptyBlock, normalise } from "../equations/normalise.ts";
import type { Block, Program } from "../equations/program.ts";

export interface Stretches {
  program: Program;
  /** What is carried: `last` is read after a stretch, of level trial, and given as the input `carried` of the next one. */
  states: { name: string; carried: string; last: string; shape: Shape }[];
  /** A parameter: 0 where a trial begins, with its own initial values; 1 where it goes on from what was carried. */
  goesOn: string;
}

/** What a run of a part of the trial cannot know, in words; undefined where it knows all. */
function obstacle(block: Block): string | undefined {
  const own = new Set(block.definitions.map(({ name }) => name));
  const nodes = [...block.definitions, ...block.sums].map(({ node }) => node);
  for (const { leaf } of leavesOf([...nodes, ...Object.values(block.initials)])) {
    if (leaf.kind === "pick" || leaf.kind === "indicator") return "a value at one sample of the trial";
    if (leaf.kind === "read" && (leaf.offset > 0 || (leaf.offset < 0 && block.direction === -1 && own.has(leaf.name))))
      return "a pass backwards in time";
    if (leaf.kind === "read" && leaf.offset < -1) return "a delay";
    if ((leaf.kind === "input" || leaf.kind === "noise") && leaf.offset !== 0) return "an input of another sample";
  }
  return block.sums.some(({ over }) => over === "trial") ? "a sum over a whole trial" : undefined;
}

/** The quantity that holds the last value of another in a stretch. */
export const lastOf = (name: string): string => `${name}.last`;

/**
 * The program with its states carried from one stretch of samples to the next: with `firstSample` set, stretches give
 * the same values as one run of the whole trial, and sums that add up to its sums.
 * @param also further quantities whose last values are kept.
 * @returns what stands in the way where a stretch depends on more than the sample before it
 */
export function inStretches(program: Program, also: string[] = []): Stretches | { obstacle: string } {
  for (const block of program.blocks) {
    const found = obstacle(block);
    if (found !== undefined) return { obstacle: found };
  }
  const g = new Graph();
  const goesOn = "stretch.goesOn";
  const on = g.leaf({ kind: "parameter", name: goesOn }, [], "update");
  const past = ({ leaf }: { leaf: Leaf }) => (leaf.kind === "read" && leaf.offset === -1 ? [leaf.name] : []);
  const read = new Set(
    program.blocks.flatMap((b) => [...leavesOf([...b.definitions, ...b.sums].map((d) => d.node))].flatMap(past)),
  );
  const inputs = { ...program.inputs };
  const states: Stretches["states"] = [];
  const ends = emptyBlock("trial");
  const blocks = program.blocks.map((block) => {
    const initials = { ...block.initials };
    for (const { name, node } of block.definitions) {
      const { shape } = node;
      if (block.kind !== "pass" || !(read.has(name) || also.includes(name))) continue;
      const last = g.leaf({ kind: "pick", name, from: "end", index: 0 }, shape, "trial");
      ends.definitions.push({ name: lastOf(name), node: last });
      if (!read.has(name)) continue;
      const state = { name, carried: `${name}.carried`, last: lastOf(name), shape };
      states.push(state);
      inputs[state.carried] = { shape, per: "trial" };
      const given = g.map("mul", on, g.leaf({ kind: "input", name: state.carried, offset: 0 }, shape, "trial"));
      const own = initials[name];
      initials[name] = own ? g.map("add", g.map("mul", g.map("sub", g.number(1), on), g.rebuild(own)), given) : given;
    }
    return { ...block, initials };
  });
  const parameters = { ...program.parameters, [goesOn]: { shape: [] } };
  return { program: normalise({ ...program, parameters, inputs, blocks: [...blocks, ends] }), states, goesOn };
}
