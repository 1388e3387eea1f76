/** Scalars to differentiate: weighted sums of quantities over entries, samples and trials. */
import { namer, namesOf } from "./activity.ts";
import { Graph } from "./build.ts";
import type { Node, Shape } from "./graph.ts";
import { emptyBlock, normalise } from "./normalise.ts";
import type { Program } from "./program.ts";

export interface WeightedSum {
  program: Program;
  /** Name of the scalar. */
  sum: string;
  /** For each quantity the input that carries its weights. */
  weights: Record<string, string>;
}

/** `Σ w · q` over quantities of level sample or trial; its gradient is the adjoint applied to the weights. */
export function weightedSum(program: Program, quantities: string[]): WeightedSum {
  return addScalar(program, quantities, (g, q, w) => g.map("mul", q, w));
}

/** Adds an input beside each quantity, sums `term(q, w)` over everything, and names the scalar. */
export function addScalar(
  program: Program,
  quantities: string[],
  term: (g: Graph, q: Node, w: Node) => Node,
): WeightedSum {
  const g = new Graph();
  const taken = namesOf(program);
  const weightName = namer(taken, "weight");
  const partName = namer(taken, "part");
  const sum = namer(taken, "sum")("weighted");
  const inputs = { ...program.inputs };
  const weights: Record<string, string> = {};
  const parts: Node[] = [];
  const blocks = program.blocks.map((block) => {
    const sums = [...block.sums];
    for (const d of block.definitions) {
      if (!quantities.includes(d.name)) continue;
      if (block.kind === "update") throw new Error(`${d.name} has no trials`);
      const { shape } = d.node;
      const per = block.kind === "pass" ? "sample" : "trial";
      const weight = weightName(d.name);
      weights[d.name] = weight;
      inputs[weight] = { shape, per };
      const w = g.leaf({ kind: "input", name: weight, offset: 0 }, shape, per);
      const name = partName(d.name);
      sums.push({ name, node: g.total(term(g, g.rebuild(d.node), w)), over: "update", shape: [] as Shape });
      parts.push(g.leaf({ kind: "value", name }, [], "update"));
    }
    return { ...block, sums };
  });
  if (parts.length === 0) throw new Error(`none of ${quantities.join(", ")} is a quantity of the program`);
  const total = emptyBlock("update");
  total.definitions.push({ name: sum, node: parts.reduce((a, b) => g.map("add", a, b)) });
  return { program: normalise({ ...program, inputs, blocks: [...blocks, total] }), sum, weights };
}
