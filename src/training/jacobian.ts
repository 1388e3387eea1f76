/** Penalties that are derived from the equations: of how a state depends on the one before, and of gradients that vanish. */
import { adjoint } from "../equations/adjoint.ts";
import { Graph } from "../equations/build.ts";
import { directional } from "../equations/directional.ts";
import type { Node } from "../equations/graph.ts";
import type { Model } from "../equations/model.ts";
import { emptyBlock, normalise } from "../equations/normalise.ts";
import type { Block, Program } from "../equations/program.ts";
import type { Penalty } from "./penalty.ts";
import type { Schedule } from "./schedule.ts";

/** Names of states that a forward pass computes: what holds `x[t+1]`, or `h[t]`. */
const forwardStates = (model: Model): Set<string> =>
  new Set(model.states.flatMap((s) => (s.direction === 1 && !s.name.startsWith("objective_") ? s.stored : [])));

/**
 * Squared Frobenius norm of the Jacobian of one step, `‖∂x[t+1]/∂x[t]‖²`, averaged over samples and trials: the flow is
 * kept smooth along the trajectories. It is estimated without bias as `‖∂x[t+1]/∂x[t] v‖²` with v standard normal, new at
 * every sample.
 * @source Sussillo, Churchland, Kaufman & Shenoy 2015; the estimate: Hutchinson 1990
 */
export const jacobianNorm = (weight: number | Schedule): Penalty => ({
  name: "Jacobian norm",
  weight,
  derive(program, { model }) {
    const states = forwardStates(model);
    const g = new Graph();
    const quantity = "objective.jacobian";
    const noises = { ...program.noises };
    const blocks = program.blocks.map((block) => {
      const here = block.definitions.filter((d) => states.has(d.name));
      if (here.length === 0) return block;
      const along = directional(
        g,
        (n) => {
          if (n.op !== "leaf" || n.leaf.kind !== "read" || n.leaf.offset !== -1 || !states.has(n.leaf.name))
            return undefined;
          const source = `objective.direction.${n.leaf.name}`;
          noises[source] = { shape: n.shape, per: "sample" };
          return g.leaf({ kind: "noise", source, offset: 0 }, n.shape, "sample");
        },
        model.network.surrogates,
      );
      const squares = here.flatMap((d) => {
        const moved = along(g.rebuild(d.node));
        return moved ? [g.total(g.map("mul", moved, moved))] : [];
      });
      return withQuantity(block, quantity, squares, g);
    });
    return { program: { ...program, noises, blocks }, quantity };
  },
});

/**
 * The vanishing-gradient term: how much the norm of the gradient of the fit by the state changes over one step back,
 *
 *     Ω = mean over samples and trials of (‖δ[t+1] ∂x[t+1]/∂x[t]‖ / ‖δ[t+1]‖ - 1)²,   δ[t] = ∂E/∂x[t]
 *
 * with all states of the network side by side; 0 where δ is. Differentiated as it stands, through δ as well.
 * @source Pascanu, Mikolov & Bengio 2013, equation 9 (who hold δ constant)
 */
export const vanishingGradient = (weight: number | Schedule): Penalty => ({
  name: "vanishing gradient",
  weight,
  derive(program, { model, fit }) {
    const states = forwardStates(model);
    const quantity = "objective.vanishing";
    // Two numbers are added, both 0: to each state, whose gradient is then δ[t+1], and to what its line reads of the past.
    const g = new Graph();
    const inputs = { ...program.inputs };
    const [after, before] = [new Map<string, string>(), new Map<string, string>()];
    const kick = (of: Map<string, string>, what: string, name: string, n: Node): Node => {
      const input = `objective.${what}.${name}`;
      of.set(name, input);
      inputs[input] = { shape: n.shape, per: "sample" };
      return g.leaf({ kind: "input", name: input, offset: 0 }, n.shape, "sample");
    };
    const kicked = program.blocks.map((block) => {
      const replaced = new Map<Node, Node>();
      for (const d of block.definitions) {
        if (!states.has(d.name)) continue;
        const node = g.rebuild(d.node, (n) =>
          n.op === "leaf" && n.leaf.kind === "read" && n.leaf.offset === -1 && states.has(n.leaf.name)
            ? g.map("add", g.leaf(n.leaf, n.shape, n.level), kick(before, "before", n.leaf.name, n))
            : undefined,
        );
        replaced.set(d.node, g.map("add", node, kick(after, "after", d.name, node)));
      }
      // What else reads a state at its own sample reads it with the number added.
      const inside = (node: Node): Node => g.rebuild(node, (n) => replaced.get(n));
      return {
        ...block,
        definitions: block.definitions.map((d) => ({ ...d, node: inside(d.node) })),
        sums: block.sums.map((s) => ({ ...s, node: inside(s.node) })),
      };
    });
    const wrt = [...after.values(), ...before.values()];
    const back = adjoint({ ...program, inputs, blocks: kicked }, fit, wrt, model.network.surrogates);
    const zero = (n: Node): Node | undefined =>
      n.op === "leaf" && n.leaf.kind === "input" && wrt.includes(n.leaf.name) ? g.number(0, n.shape) : undefined;
    const without = (block: Block): Block => ({
      ...block,
      definitions: block.definitions.map((d) => ({ ...d, node: g.rebuild(d.node, zero) })),
      sums: block.sums.map((s) => ({ ...s, node: g.rebuild(s.node, zero) })),
      initials: Object.fromEntries(Object.entries(block.initials).map(([name, node]) => [name, g.rebuild(node, zero)])),
    });
    const blocks = back.program.blocks.map(without);
    const shapes = new Map(blocks.flatMap((b) => b.definitions).map((d) => [d.name, d.node.shape]));
    const norm = (of: Map<string, string>): Node | undefined => {
      const squares = [...of.values()].flatMap((input) => {
        const name = back.gradients[input];
        if (name === undefined) return [];
        const d = g.leaf({ kind: "read", name, offset: 0 }, shapes.get(name)!, "sample");
        return [g.total(g.map("mul", d, d))];
      });
      return squares.length === 0 ? undefined : squares.reduce((a, b) => g.map("add", a, b));
    };
    const [num, den] = [norm(before), norm(after)];
    const last = emptyBlock("pass");
    const tiny = g.number(1e-30);
    const root = (n: Node): Node => g.map("sqrt", g.map("max", n, tiny));
    const ratio = num && den && g.map("sub", g.map("div", root(num), root(den)), g.number(1));
    const omega =
      ratio && den ? g.map("where", g.map("sub", den, tiny), g.map("mul", ratio, ratio), g.number(0)) : g.number(0);
    last.definitions.push({ name: quantity, node: omega });
    const { inputs: _, ...rest } = back.program;
    const given = Object.fromEntries(Object.entries(back.program.inputs).filter(([name]) => !wrt.includes(name)));
    return { program: normalise({ ...rest, inputs: given, blocks: [...blocks, last] } as Program), quantity };
  },
});

function withQuantity(block: Block, name: string, terms: Node[], g: Graph): Block {
  const node = terms.length === 0 ? g.number(0) : terms.reduce((a, b) => g.map("add", a, b));
  return { ...block, definitions: [...block.definitions, { name, node }] };
}
