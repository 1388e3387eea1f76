/**
 * Forward-mode derivative of a program: beside every quantity its derivative along a direction of parameters, inputs
 * or initial values.
 */
import { dependents, nameRead, namer, namesOf } from "./activity.ts";
import { Graph } from "./build.ts";
import { directional } from "./directional.ts";
import type { Node } from "./graph.ts";
import { normalise } from "./normalise.ts";
import type { Definition, Program, Sum } from "./program.ts";
import type { Surrogates } from "./rules.ts";

export interface Tangent {
  program: Program;
  /** For each name of `wrt`: the parameter or input that carries the direction. */
  seeds: Record<string, string>;
  /** For each definition and sum that depends on `wrt`: the name of its derivative. */
  dots: Record<string, string>;
}

/**
 * `q.dot = Σ ∂q/∂p p.dot` for every quantity, along a direction given at run time.
 * @param wrt names of parameters and inputs; the direction of each is a parameter or input of the same shape.
 */
export function tangent(program: Program, wrt: string[], surrogates: Surrogates = {}): Tangent {
  const g = new Graph();
  const active = dependents(program, wrt);
  const name = namer(namesOf(program), "dot");
  const seeds: Record<string, string> = {};
  const dots: Record<string, string> = {};
  const parameters = { ...program.parameters };
  const inputs = { ...program.inputs };
  for (const p of wrt) {
    seeds[p] = name(p);
    if (program.parameters[p]) parameters[seeds[p]] = program.parameters[p];
    else if (program.inputs[p]) inputs[seeds[p]] = program.inputs[p];
    else throw new Error(`no parameter or input ${p}`);
  }
  for (const block of program.blocks)
    for (const d of [...block.definitions, ...block.sums]) if (active.has(d.name)) dots[d.name] = name(d.name);

  const dot = directional(
    g,
    (n) => {
      if (n.op !== "leaf") return undefined;
      const read = nameRead(n.leaf);
      const other = read === undefined || !active.has(read) ? undefined : (seeds[read] ?? dots[read]);
      return other === undefined ? undefined : g.leaf({ ...n.leaf, name: other } as typeof n.leaf, n.shape, n.level);
    },
    surrogates,
  );

  const blocks = program.blocks.map((block) => {
    const definitions: Definition[] = [];
    const initials: Record<string, Node> = {};
    for (const d of block.definitions) {
      const node = g.rebuild(d.node);
      definitions.push({ name: d.name, node });
      const dotted = dots[d.name];
      if (dotted) definitions.push({ name: dotted, node: dot(node) ?? g.number(0, node.shape) });
    }
    const sums: Sum[] = [];
    for (const s of block.sums) {
      const node = g.rebuild(s.node);
      sums.push({ ...s, node });
      if (dots[s.name]) sums.push({ ...s, name: dots[s.name]!, node: dot(node) ?? g.number(0, node.shape) });
    }
    for (const [of, initial] of Object.entries(block.initials)) {
      initials[of] = g.rebuild(initial);
      const d = dots[of] && dot(initials[of]);
      if (d) initials[dots[of]!] = d;
    }
    return { ...block, definitions, sums, initials };
  });
  return { program: normalise({ ...program, parameters, inputs, blocks }), seeds, dots };
}
