/** What training minimises, as lines of the network's own language: its derivatives are derived, never written. */
import { NullclineError } from "../base/errors.ts";
import { adjoint } from "../equations/adjoint.ts";
import { Graph } from "../equations/build.ts";
import { type Level, type Node, type Shape, topological } from "../equations/graph.ts";
import { type Model, modelOf } from "../equations/model.ts";
import { emptyBlock, normalise, prune } from "../equations/normalise.ts";
import type { Block, Program } from "../equations/program.ts";
import { type Fit, meanSquare } from "./fit.ts";
import type { Penalty } from "./penalty.ts";

export interface ObjectiveOptions {
  /** Quantity that is compared with the targets. Default: the network's first output. */
  output?: string;
  /** Default `meanSquare()`. */
  fit?: Fit;
  penalties?: Penalty[];
}

/** How a penalty is brought to a mean: what its sum is divided by depends on the batch. */
export interface PenaltyTerm {
  penalty: Penalty;
  /** The parameter that carries `weight / number of what was added up`. */
  coefficient: string;
  /** The sum without its weight. */
  value: string;
  level: Level;
  /** Shapes of the terms. */
  shapes: Shape[];
}

export interface Loss {
  /** The program with the loss. */
  program: Program;
  output: string;
  fit: Fit;
  /** Name of the total, and of the fit alone. */
  loss: string;
  error: string;
  /** Input names. */
  target: string;
  mask: string;
  /** 1 for a trial, 0 for one that only fills a shard; an input of the program where penalties change with the samples or trials. */
  counted: string;
  /** The number of samples; a parameter of the program where a penalty reads it. */
  samples: string;
  penalties: PenaltyTerm[];
  /** Inputs that are the same for all trials, by numbers of trials and samples. */
  given?: (trials: number, samples: number) => Record<string, Float32Array>;
}

export interface Objective extends Loss {
  /** For each trained parameter that the loss depends on: the name of its gradient. */
  gradients: Record<string, string>;
}

const names = {
  target: "objective_target",
  mask: "objective_mask",
  samples: "objective_samples",
  counted: "objective.counted",
  error: "objective.error",
  loss: "objective.loss",
};

/**
 * `loss = Σ fit + Σ_i λ_i Σ penalty_i`, summed over trials, samples and entries. Whoever runs it divides the mask by its
 * sum and gives each coefficient λ_i divided by what is averaged over.
 * @throws NullclineError where the output or a quantity that a penalty reads does not exist.
 */
export function lossOf(model: Model, options: ObjectiveOptions = {}): Loss {
  const { output = model.outputs[0], fit = meanSquare(), penalties = [] } = options;
  const shape = output === undefined ? undefined : model.text.quantities.get(output)?.shape;
  if (output === undefined || shape === undefined)
    throw new NullclineError({
      code: "objective",
      given:
        output === undefined
          ? `the network \`${model.text.source.name}\` has no output to train`
          : `the output \`${output}\``,
      expected: `one of the quantities ${[...model.text.quantities.keys()].join(", ")}`,
      remedy: "name the output in `outputs` of the network",
    });
  const extended = withLines(model, output, shape, fit, penalties);
  const g = new Graph();
  let program = extended.program;
  const parts: Node[] = [];
  const inputs = { ...program.inputs };
  const parameters = { ...program.parameters };
  const value = (name: string): Node => g.leaf({ kind: "value", name }, [], "update");
  const find = (name: string) => {
    for (const block of program.blocks)
      for (const d of block.definitions) if (d.name === name) return { block, node: g.rebuild(d.node) };
    throw new Error(`no quantity ${name}`);
  };
  const addSum = (block: Block, name: string, node: Node): void => {
    const blocks = program.blocks.map((b) =>
      b === block ? { ...b, sums: [{ name, node, over: "update" as const, shape: [] }, ...b.sums] } : b,
    );
    program = { ...program, blocks };
    parts.push(value(name));
  };
  const fitted = find("objective_fit");
  addSum(fitted.block, names.error, fitted.node);
  const counted = (): Node => {
    inputs[names.counted] = { shape: [], per: "trial" };
    return g.leaf({ kind: "input", name: names.counted, offset: 0 }, [], "trial");
  };
  const terms: PenaltyTerm[] = penalties.map((penalty, i) => {
    let quantities = (penalty.terms ?? []).map((_, j) => `objective_${i}_${j}`);
    if (penalty.derive) {
      const derived = penalty.derive({ ...program, inputs, parameters }, { model: extended, fit: names.error });
      program = derived.program;
      Object.assign(inputs, program.inputs);
      Object.assign(parameters, program.parameters);
      quantities = [derived.quantity];
    }
    const [coefficient, sum] = [`objective.coefficient${i}`, `objective.penalty${i}`];
    parameters[coefficient] = { shape: [] };
    const found = quantities.map((name) => find(name));
    const level = found[0]?.node.level ?? "update";
    if (found.some(({ node }) => node.level !== level))
      throw new NullclineError({
        code: "objective",
        given: `the penalty \`${penalty.name}\` of terms of different levels`,
        expected: "parameters only, or quantities that all change with the samples",
        remedy: "make two penalties of it",
      });
    const weight = g.leaf({ kind: "parameter", name: coefficient }, [], "update");
    found.forEach(({ node }, j) => {
      if (level === "update") parts.push(g.map("mul", weight, g.total(node)));
      else {
        const name = `${sum}.${j}`;
        addSum(find(quantities[j]!).block, name, g.map("mul", counted(), node));
        parts[parts.length - 1] = g.map("mul", weight, parts[parts.length - 1]!);
      }
    });
    return { penalty, coefficient, value: sum, level, shapes: found.map(({ node }) => node.shape) };
  });
  const total = emptyBlock("update");
  total.definitions.push({ name: names.loss, node: parts.reduce((a, b) => g.map("add", a, b)) });
  const whole = { ...program, inputs, parameters, blocks: [...withoutLines(program), total] };
  return { program: normalise(whole), output, fit, ...names, penalties: terms };
}

/**
 * The loss with its gradient.
 * @param trained names of the parameters to differentiate by.
 * @throws as `lossOf`.
 */
export function objectiveOf(model: Model, trained: string[], options: ObjectiveOptions = {}): Objective {
  return withGradient(model, lossOf(model, options), trained);
}

/** Adds the gradient of a loss. */
export function withGradient(model: Model, loss: Loss, trained: string[]): Objective {
  const { program, gradients } = adjoint(loss.program, loss.loss, trained, model.network.surrogates);
  const keep = [loss.loss, loss.error, ...Object.values(gradients)];
  return { ...loss, program: prune(program, keep), gradients };
}

/** The model of the network's text with the lines of the objective. */
function withLines(model: Model, output: string, shape: Shape, fit: Fit, penalties: Penalty[]): Model {
  const { network, text } = model;
  const entries = shape.length === 0 ? "1" : String(shape[0]);
  const lines = [
    network.equations,
    fit.lines({ output, target: names.target, mask: names.mask, entries }),
    ...penalties.flatMap(({ lines = "", terms = [] }, i) => [
      lines,
      ...terms.map((term, j) => `objective_${i}_${j} = ${term}`),
    ]),
  ];
  const input = (given: { shape: Shape; per: "sample" | "trial" }) => ({ shape: [...given.shape], per: given.per });
  const parameters = Object.assign({ ...network.parameters }, ...penalties.map((p) => p.parameters ?? {}));
  if (lines.some((line) => line.includes(names.samples))) parameters[names.samples] = { tag: "pinned" };
  return modelOf(
    {
      ...network,
      equations: lines.join("\n"),
      parameters,
      inputs: {
        ...Object.fromEntries(Object.entries(text.inputs).map(([name, given]) => [name, input(given)])),
        [names.target]: input({ shape, per: "sample" }),
        [names.mask]: input({ shape, per: "sample" }),
      },
    },
    model.options,
  );
}

/** Lines of the objective that nothing reads by name are part of its sums: they need not be kept. */
function withoutLines(program: Program): Block[] {
  const read = new Set<string>();
  for (const block of program.blocks)
    for (const n of topological([
      ...[...block.definitions, ...block.sums].map((d) => d.node),
      ...Object.values(block.initials),
    ]))
      if (n.op === "leaf" && (n.leaf.kind === "read" || n.leaf.kind === "pick" || n.leaf.kind === "value"))
        read.add(n.leaf.name);
  return program.blocks.map((block) => ({
    ...block,
    definitions: block.definitions.filter(({ name }) => !name.startsWith("objective_") || read.has(name)),
  }));
}
