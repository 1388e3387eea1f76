/** What noise does in one step of a network: how far it moves each state, as a formula and in numbers. */
import { Graph, leavesOf } from "../equations/build.ts";
import type { Node, Shape } from "../equations/graph.ts";
import type { Model } from "../equations/model.ts";
import { emptyBlock } from "../equations/normalise.ts";
import { inlined } from "../equations/readable.ts";
import { jacobianBlocks, NoClosedForm } from "../equations/rule.ts";
import { evaluationSteps } from "./evaluate.ts";
import { entriesOf } from "./shapes.ts";

export interface NoiseLaw {
  /** The quantity whose line draws the numbers. */
  source: string;
  /** Numbers drawn at once. */
  shape: Shape;
  per: "sample" | "trial";
  /** The state or intermediate that it moves. */
  into: string;
  /** d into / d (standard normal numbers): `diag(diagonal) + dense`. Undefined where the language has no closed form. */
  slope?: { diagonal?: Node; dense?: Node };
  /** Whether the slope is the same in every state and under every input: `into` then has additive Gaussian noise. */
  additive: boolean;
  /** Standard deviation of one entry of `into` in a step, `[entries]`; only where additive and all numbers are known. */
  deviation?: Float64Array;
}

export interface NoiseOptions {
  /** Values of parameters, row-major; without all that a law reads it has no number. */
  parameters?: Record<string, ArrayLike<number>>;
  sizes?: Record<string, number>;
  dt?: number;
}

/**
 * The laws of all noise that a text draws, one for each pair of source and quantity that it enters directly:
 * `σ_i = sqrt(Σ_j (∂x_i/∂n_j)²)` over the numbers n_j drawn at one sample. White noise `xi` is `n / sqrt(dt)`, so a flow
 * `tau dx/dt = … + sigma xi` has `σ = (sigma/tau) sqrt(dt)`.
 */
export function noiseLaws(model: Model, options: NoiseOptions = {}): NoiseLaw[] {
  const { program } = model;
  const entered: { source: string; into: string; node: Node }[] = [];
  const definitions = program.blocks.flatMap((b) => b.definitions).filter(({ name }) => !name.startsWith("_"));
  const enter = (into: string, node: Node): void => {
    const whole = inlined(node, program);
    for (const { leaf } of leavesOf([whole]))
      if (leaf.kind === "noise" && !entered.some((e) => e.source === leaf.source && e.into === into))
        entered.push({ source: leaf.source, into, node: whole });
  };
  for (const { name, node } of definitions) {
    const state = model.states.find((s) => s.stored === name);
    if (state) enter(state.name, node);
  }
  // What reaches no state: an output, or a quantity once per trial.
  for (const { name, node } of definitions)
    for (const { leaf } of leavesOf([inlined(node, program)]))
      if (leaf.kind === "noise" && ownerOf(leaf.source) === name && !entered.some((e) => e.source === leaf.source))
        enter(name, node);
  return entered.map(({ source, into, node }) => {
    const { shape, per } = program.noises[source]!;
    return { source: ownerOf(source), shape, per, into, ...lawOf(node, source, model, options) };
  });
}

const ownerOf = (source: string): string => source.replace(/^(xi|eps)_(.*)_\d+$/, "$2");

function lawOf(
  whole: Node,
  source: string,
  model: Model,
  options: NoiseOptions,
): Pick<NoiseLaw, "slope" | "additive" | "deviation"> {
  const g = new Graph();
  const shape = model.program.noises[source]!.shape;
  // The numbers drawn take the place of a parameter: then a slope of level update is one that nothing changes.
  const node = g.rebuild(whole, (n) =>
    n.op === "leaf" && n.leaf.kind === "noise" && n.leaf.source === source
      ? g.leaf({ kind: "parameter", name: source }, shape, "update")
      : undefined,
  );
  const block = emptyBlock("pass");
  block.definitions.push({ name: "next", node });
  const program = {
    ...model.program,
    parameters: { ...model.program.parameters, [source]: { shape } },
    blocks: [...model.program.blocks.filter((b) => b.kind !== "pass"), block],
  };
  let slope: NoiseLaw["slope"];
  try {
    const [found] = jacobianBlocks({ program, surrogates: model.network.surrogates ?? {} }, ["next"], [source]).blocks;
    slope = { diagonal: found!.diagonal, dense: found!.dense };
  } catch (error) {
    if (!(error instanceof NoClosedForm)) throw error;
    return { additive: false };
  }
  const parts = [slope.diagonal, slope.dense].filter((n) => n !== undefined);
  // Without any slope the numbers go through a threshold.
  if (parts.length === 0) return { additive: false };
  const additive =
    parts.every((n) => n.level === "update") &&
    ![...leavesOf(parts)].some(({ leaf }) => leaf.kind === "parameter" && leaf.name === source);
  const deviation = additive ? deviationOf(slope, node.shape, model, options) : undefined;
  return { slope, additive, ...(deviation && { deviation }) };
}

/** Undefined where a number is not known. */
function deviationOf(
  slope: NonNullable<NoiseLaw["slope"]>,
  shape: Shape,
  model: Model,
  { parameters = {}, sizes: given = {}, dt }: NoiseOptions,
): Float64Array | undefined {
  const sizes = { ...model.network.sizes, ...given };
  const parts = {
    diagonal: slope.diagonal && inlined(slope.diagonal, model.program, () => true),
    dense: slope.dense && inlined(slope.dense, model.program, () => true),
  };
  const roots = [parts.diagonal, parts.dense].filter((n) => n !== undefined);
  const dims = new Set(roots.flatMap((n) => [...leavesOf([n])].flatMap(({ node }) => node.shape)).concat(shape));
  if ([...dims].some((d) => typeof d === "string" && sizes[d] === undefined)) return undefined;
  for (const { leaf } of leavesOf(roots)) {
    if (leaf.kind === "parameter" && parameters[leaf.name] === undefined) return undefined;
    if (leaf.kind === "dt" && dt === undefined) return undefined;
    if (leaf.kind === "size" && sizes[leaf.name] === undefined) return undefined;
  }
  const { steps, value } = evaluationSteps(roots, sizes, ({ leaf }, entries) => {
    if (leaf.kind === "dt") return { value: new Float64Array([dt!]) };
    if (leaf.kind === "parameter") return { value: Float64Array.from(parameters[leaf.name]!) };
    throw new Error(`a leaf ${leaf.kind} of ${entries} entries in an additive law`);
  });
  for (const step of steps) step.run?.();
  const rows = entriesOf(shape, sizes);
  const dense = parts.dense && value(parts.dense);
  const columns = dense ? dense.length / rows : 0;
  const diagonal = parts.diagonal && value(parts.diagonal);
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    if (dense)
      for (let j = 0; j < columns; j++)
        sum += (dense[i * columns + j]! + (diagonal && i === j ? diagonal[i % diagonal.length]! : 0)) ** 2;
    else if (diagonal) sum = diagonal[i % diagonal.length]! ** 2;
    return Math.sqrt(sum);
  });
}
