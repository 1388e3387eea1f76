/**
 * What training minimises, added to a program as equations: the adjoint of the objective is derived, never written.
 */

import { NullclineError } from "../base/errors.ts";
import { adjoint } from "../equations/adjoint.ts";
import { Graph } from "../equations/build.ts";
import type { Node } from "../equations/graph.ts";
import type { Model } from "../equations/model.ts";
import { emptyBlock, normalise, prune } from "../equations/normalise.ts";
import type { Block, Program } from "../equations/program.ts";

export interface ObjectiveOptions {
  /** Quantity that is compared with the targets. Default: the network's first output. */
  output?: string;
  /** Parameters whose squares are penalised, each with the same weight (set at run time). Default: none. */
  weights?: string[];
  /** Quantity whose mean square is penalised, e.g. `r`. Default: none. */
  rates?: string;
}

export interface Objective {
  /** The program with the loss and its gradient. */
  program: Program;
  output: string;
  /** Name of the total, and of its parts. */
  loss: string;
  error: string;
  /** Input names. */
  target: string;
  mask: string;
  /** 1 for a trial, 0 for one that only fills a shard; given where rates are penalised. */
  counted: string;
  /** Parameters that carry the weights of the penalties; present where the penalty is. */
  weightPenalty?: string;
  ratePenalty?: string;
  /** For each trained parameter that the loss depends on: the name of its gradient. */
  gradients: Record<string, string>;
}

const names = {
  target: "objective.target",
  mask: "objective.mask",
  counted: "objective.counted",
  error: "objective.error",
  loss: "objective.loss",
};

/**
 * `loss = Σ mask (z - target)² + λ_w Σ W² + λ_r Σ r²`, summed over trials, samples and entries. Whoever runs it divides
 * the mask by its sum (mean square) and the penalties by the number of shards.
 * @param trained names of the parameters to differentiate by.
 * @throws NullclineError where the output or the quantity of a penalty does not exist.
 */
export function objectiveOf(model: Model, trained: string[], options: ObjectiveOptions = {}): Objective {
  const output = options.output ?? model.outputs[0];
  const given = (what: string): never => {
    throw new NullclineError({
      code: "objective",
      given: what,
      expected: `one of the quantities ${[...model.text.quantities.keys()].join(", ")}`,
      remedy: "name the output in `outputs` of the network",
    });
  };
  if (output === undefined) return given(`the network \`${model.text.source.name}\` has no output to train`);
  const g = new Graph();
  const inputs = { ...model.program.inputs };
  const parameters = { ...model.program.parameters };
  const parts: Node[] = [];
  const value = (name: string): Node => g.leaf({ kind: "value", name }, [], "update");
  const scalar = (name: string): Node => {
    parameters[name] = { shape: [] };
    return g.leaf({ kind: "parameter", name }, [], "update");
  };
  let found = false;
  let foundRates = options.rates === undefined;
  const blocks: Block[] = model.program.blocks.map((block) => {
    const sums = [...block.sums];
    if (block.kind === "pass")
      for (const d of block.definitions) {
        const node = g.rebuild(d.node);
        if (d.name === output) {
          found = true;
          for (const name of [names.target, names.mask]) inputs[name] = { shape: node.shape, per: "sample" };
          const given = (name: string): Node => g.leaf({ kind: "input", name, offset: 0 }, node.shape, "sample");
          const miss = g.map("sub", node, given(names.target));
          const error = g.map("mul", given(names.mask), g.map("mul", miss, miss));
          sums.push({ name: names.error, node: error, over: "update", shape: [] });
          parts.push(value(names.error));
        }
        if (d.name === options.rates) {
          foundRates = true;
          inputs[names.counted] = { shape: [], per: "trial" };
          const counted = g.leaf({ kind: "input", name: names.counted, offset: 0 }, [], "trial");
          sums.push({
            name: "objective.rates",
            node: g.map("mul", counted, g.map("mul", node, node)),
            over: "update",
            shape: [],
          });
          parts.push(g.map("mul", scalar("objective.ratePenalty"), value("objective.rates")));
        }
      }
    return { ...block, sums };
  });
  if (!found) given(`the output \`${output}\``);
  if (!foundRates) given(`the penalised quantity \`${options.rates}\``);
  for (const name of options.weights ?? []) {
    const shape = parameters[name]?.shape;
    if (!shape) return given(`the penalised parameter \`${name}\``);
    const w = g.leaf({ kind: "parameter", name }, shape, "update");
    parts.push(g.map("mul", scalar("objective.weightPenalty"), g.total(g.map("mul", w, w))));
  }
  const total = emptyBlock("update");
  total.definitions.push({ name: names.loss, node: parts.reduce((a, b) => g.map("add", a, b)) });
  const program = normalise({ ...model.program, inputs, parameters, blocks: [...blocks, total] });
  const { program: derived, gradients } = adjoint(program, names.loss, trained, model.network.surrogates);
  return {
    program: prune(derived, [names.loss, names.error, ...Object.values(gradients)]),
    output,
    ...names,
    ...(options.weights?.length ? { weightPenalty: "objective.weightPenalty" } : {}),
    ...(options.rates ? { ratePenalty: "objective.ratePenalty" } : {}),
    gradients,
  };
}
