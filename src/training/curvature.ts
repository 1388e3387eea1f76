/**
 * The Gauss–Newton matrix of an objective, `G = Σ J' H J`: J is the derivative of the outputs by the parameters, H the
 * second derivative of the fit by the outputs (the identity times 2 mask for a mean square, `diag(p) - p p'` for a
 * cross-entropy). Penalties are left out. Everything is derived from the equations, by tangent and adjoint.
 */
import { adjoint } from "../equations/adjoint.ts";
import { Graph } from "../equations/build.ts";
import { directional } from "../equations/directional.ts";
import type { Node } from "../equations/graph.ts";
import type { Model } from "../equations/model.ts";
import { prune } from "../equations/normalise.ts";
import type { Program } from "../equations/program.ts";
import { tangent } from "../equations/tangent.ts";
import type { Loss } from "./objective.ts";

export interface Tangents {
  program: Program;
  /** For each trained parameter the parameter that carries its direction. */
  seeds: Record<string, string>;
  /** Derivative of the outputs along the direction, at every sample, and H times it. */
  output: string;
  curved: string;
  /** Derivative of the whole loss. */
  slope: string;
}

/** The loss with the derivative along one direction of the parameters, and with what the curvature of the fit makes of it. */
export function tangentsOf(model: Model, loss: Loss, trained: string[]): Tangents {
  const along = tangent(loss.program, trained, model.network.surrogates);
  const [output, slope] = [along.dots[loss.output], along.dots[loss.loss]];
  if (output === undefined || slope === undefined) throw new Error("the output depends on no trained parameter");
  // H dz is the gradient, by a number added to the outputs, of the derivative of the fit along dz.
  const kick = "objective.kick";
  const { program, sum } = alongOutputs(along.program, loss, output, kick);
  const back = adjoint(program, sum, [kick], model.network.surrogates);
  const g = new Graph();
  const zero = (n: Node): Node | undefined =>
    n.op === "leaf" && n.leaf.kind === "input" && n.leaf.name === kick ? g.number(0, n.shape) : undefined;
  const rest = {
    ...back.program,
    blocks: back.program.blocks.map((block) => ({
      ...block,
      definitions: block.definitions.map((d) => ({ ...d, node: g.rebuild(d.node, zero) })),
      sums: block.sums.map((s) => ({ ...s, node: g.rebuild(s.node, zero) })),
    })),
  };
  const curved = back.gradients[kick]!;
  return {
    program: prune(rest, [loss.loss, loss.error, output, curved, slope]),
    seeds: along.seeds,
    output,
    curved,
    slope,
  };
}

export interface GaussNewton {
  program: Program;
  seeds: Record<string, string>;
  /** For each trained parameter the name of its part of `G v`. */
  products: Record<string, string>;
}

/** A program for `G v`: the gradient of the derivative of the fit along `dz = J v`, with dz held constant. */
export function gaussNewton(model: Model, loss: Loss, trained: string[]): GaussNewton {
  const along = tangent(loss.program, trained, model.network.surrogates);
  const output = along.dots[loss.output];
  if (output === undefined) throw new Error("the output depends on no trained parameter");
  const { program, sum } = alongOutputs(along.program, loss, output);
  const { program: derived, gradients } = adjoint(program, sum, trained, model.network.surrogates);
  return { program: prune(derived, Object.values(gradients)), seeds: along.seeds, products: gradients };
}

/** Adds the sum over everything of the fit's derivative along a constant direction of the outputs. */
function alongOutputs(
  program: Program,
  loss: Loss,
  direction: string,
  kick?: string,
): { program: Program; sum: string } {
  const g = new Graph();
  const sum = "objective.along";
  const inputs = { ...program.inputs };
  const blocks = program.blocks.map((block) => {
    const node = (name: string): Node | undefined => {
      const found = block.definitions.find((d) => d.name === name)?.node;
      return found && g.rebuild(found);
    };
    const [fit, z, dz] = [block.sums.find((s) => s.name === loss.error)?.node, node(loss.output), node(direction)];
    if (!fit) return block;
    if (!z || !dz) throw new Error(`${loss.output} and its fit are in different passes`);
    const held = g.map("detach", dz);
    let whole = g.rebuild(fit);
    let at = z;
    if (kick !== undefined) {
      inputs[kick] = { shape: z.shape, per: "sample" };
      at = g.map("add", z, g.leaf({ kind: "input", name: kick, offset: 0 }, z.shape, "sample"));
      whole = g.rebuild(whole, (n) => (n === z ? at : undefined));
    }
    const derivative = directional(g, (n) => (n === at ? held : undefined))(whole);
    if (!derivative) throw new Error("the fit does not depend on the output");
    return { ...block, sums: [...block.sums, { name: sum, node: derivative, over: "update" as const, shape: [] }] };
  });
  return { program: { ...program, inputs, blocks }, sum };
}
