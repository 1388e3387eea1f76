/** A network's text made into a program: the entry of floor 1. */
import { closest } from "../base/errors.ts";
import { Graph } from "./build.ts";
import { EquationError } from "./errors.ts";
import type { Node, Shape } from "./graph.ts";
import { Lowering, storedName } from "./lower.ts";
import type { Integrator, NetworkData } from "./network.ts";
import { emptyBlock, normalise } from "./normalise.ts";
import type { Block, Program } from "./program.ts";
import { schedule } from "./schedule.ts";
import { inferShapes } from "./shapes.ts";
import { isNoise, nodesOf } from "./syntax.ts";
import { type Quantity, Text } from "./text.ts";
import { warningsOf } from "./warnings.ts";

const integrators: readonly Integrator[] = ["euler", "heun", "rk4", "adaptive"];

/** A quantity with a past: part of the state between two samples. */
export interface State {
  name: string;
  shape: Shape;
  /** Definition that holds it: `x.next` (value at t+1) or `h` (value at t). */
  stored: string;
  flow: boolean;
  direction: 1 | -1;
}

export interface Model {
  network: NetworkData;
  text: Text;
  /** Definitions carry the names of the quantities; a quantity that defines `t+1` is also kept as `name.next`. */
  program: Program;
  states: State[];
  outputs: string[];
  integrator: Integrator;
  /** dx/dt of each flow, with the states as `read(x.next, -1)`. */
  fields: Map<string, Node>;
  warnings: string[];
  /** What it was made with. */
  options: ModelOptions;
}

export interface ModelOptions {
  /** Default: the network's, else `euler`. */
  integrator?: Integrator;
  /** Default: the network's, else 1 where there is no flow. Needed for delays only; other texts read `dt` at run time. */
  dt?: number;
  /** States whose initial values come with the trials, as inputs `x.initial` given per trial. */
  initialFromTrial?: string[];
}

/**
 * Parses, checks and schedules a network's text.
 * @throws EquationError (section 5 of the language).
 */
export function modelOf(network: NetworkData, options: ModelOptions = {}): Model {
  try {
    return build(network, options);
  } catch (error) {
    // Lines that each read the one before nest as deep as there are lines.
    if (!(error instanceof RangeError)) throw error;
    throw new EquationError(
      "limit",
      undefined,
      {
        given: "the lines depend on each other more deeply than can be followed",
        remedy: "shorten the chains of intermediates",
      },
      { name: network.name ?? "equations", text: network.equations },
    );
  }
}

function build(network: NetworkData, options: ModelOptions): Model {
  const text = new Text(network);
  const placement = schedule(text);
  const { stage } = placement;
  inferShapes(text);
  const graph = new Graph();
  const integrator = options.integrator ?? network.integrator ?? "euler";
  if (!integrators.includes(integrator))
    text.fail(
      "integrator",
      undefined,
      `there is no integrator \`${integrator}\``,
      `there is ${integrators.join(", ")}`,
    );
  const hasFlow = [...text.quantities.values()].some((q) => q.flow);
  const dt = options.dt ?? network.dt ?? (hasFlow ? undefined : 1);
  if (dt !== undefined && !(dt > 0 && dt < Infinity))
    text.fail("time", undefined, `dt = ${dt}`, "a time step is a positive number");
  const lowering = new Lowering(text, graph, stage, dt);
  const program: Program = {
    sizes: Object.fromEntries([...text.sizes].map((name) => [name, network.sizes?.[name]])),
    parameters: Object.fromEntries(
      Object.entries(network.parameters).map(([name, p]) => [name, { shape: p.shape ?? [] }]),
    ),
    inputs: { ...text.inputs },
    noises: lowering.noises,
    blocks: [],
  };
  const update = emptyBlock("update");
  for (const q of text.quantities.values())
    if (q.line && q.level === "update") update.definitions.push({ name: q.name, node: lowering.definition(q, -1) });
  order(update);
  program.blocks.push(update);

  const states: State[] = [];
  const fields = new Map<string, Node>();
  const timed = [...text.quantities.values()].filter((q) => q.level !== "update");
  // In order, so that a line finds what it reads done.
  for (const q of placement.order) if (q.line && !q.flow && q.level === "sample") lowering.definition(q, stage.get(q)!);
  const next = steps(text, graph, lowering, stage, integrator, fields);
  for (const at of [...new Set(timed.map((q) => stage.get(q)!))].sort((a, b) => a - b)) {
    const here = timed.filter((q) => stage.get(q) === at);
    if (at % 3 === 0) {
      const block = emptyBlock("trial");
      for (const q of here)
        block.definitions.push({ name: q.name, node: q.line ? lowering.definition(q, at) : lowering.point(q) });
      order(block);
      program.blocks.push(block);
      continue;
    }
    const direction = at % 3 === 1 ? 1 : -1;
    const pass: Block = emptyBlock("pass", direction);
    for (const q of here) {
      const stored = storedName(q);
      pass.definitions.push({ name: stored, node: next.get(q) ?? lowering.definition(q, at) });
      if (q.left === 1)
        pass.definitions.push({
          name: q.name,
          node: graph.leaf({ kind: "read", name: stored, offset: -1 }, q.shape!, "sample"),
        });
      if (!q.memory) continue;
      states.push({ name: q.name, shape: q.shape!, stored, flow: q.flow, direction });
      if (options.initialFromTrial?.includes(q.name)) {
        const name = `${q.name}.initial`;
        program.inputs[name] = { shape: q.shape!, per: "trial" };
        pass.initials[stored] = graph.leaf({ kind: "input", name, offset: 0 }, q.shape!, "trial");
      } else if (q.point) pass.initials[stored] = lowering.point(q);
    }
    program.blocks.push(pass);
  }
  for (const name of options.initialFromTrial ?? [])
    if (!states.some((s) => s.name === name))
      text.fail(
        "initial",
        undefined,
        `the trials give an initial value of \`${name}\`, which is no state`,
        `the states are ${states.map((s) => `\`${s.name}\``).join(", ")}`,
      );
  const outputs = network.outputs ?? (text.quantities.has("z") ? ["z"] : []);
  for (const name of outputs)
    if (!text.quantities.has(name))
      text.fail("name", undefined, `the output \`${name}\` is not defined`, outputMeant(text, name));
  return {
    network,
    text,
    program: normalise(program),
    states,
    outputs,
    integrator,
    fields,
    warnings: warningsOf(text, outputs),
    options,
  };
}

function outputMeant(text: Text, name: string): string {
  const like = closest(name, text.quantities.keys());
  return like ? `did you mean \`${like}\`?` : "define it in a line";
}

/** Definitions after what they read. */
function order(block: Block): void {
  const byName = new Map(block.definitions.map((d) => [d.name, d]));
  const sorted: Block["definitions"] = [];
  const done = new Set<string>();
  const visit = (name: string): void => {
    const definition = byName.get(name);
    if (!definition || done.has(name)) return;
    done.add(name);
    const stack: Node[] = [definition.node];
    const seen = new Set<Node>();
    while (stack.length > 0) {
      const n = stack.pop()!;
      if (seen.has(n)) continue;
      seen.add(n);
      if (n.op === "leaf" && n.leaf.kind === "value") visit(n.leaf.name);
      if (n.op === "map") stack.push(...n.args);
      else if (n.op === "product") stack.push(n.a, n.b);
      else if (n.op !== "leaf") stack.push(n.a);
    }
    sorted.push(definition);
  };
  for (const name of byName.keys()) visit(name);
  block.definitions = sorted;
}

/** The next value of every flow under the integrator; Euler is the line itself. Inputs are held over the step. */
function steps(
  text: Text,
  graph: Graph,
  lowering: Lowering,
  stage: Map<Quantity, number>,
  integrator: Integrator,
  fields: Map<string, Node>,
): Map<Quantity, Node> {
  const flows = [...text.quantities.values()].filter((q) => q.flow);
  for (const q of flows) fields.set(q.name, lowering.field(q, stage.get(q)!));
  const next = new Map<Quantity, Node>();
  if (integrator === "euler" || flows.length === 0) return next;
  const refuse = (why: string): never =>
    text.fail(
      "integrator",
      flows[0]!.line!.at,
      `the integrator \`${integrator}\` with ${why}`,
      "use `euler`, the step that the text fixes",
    );
  const map = [...text.quantities.values()].find((q) => q.memory && !q.flow);
  if (map) refuse(`\`${map.name}\`, a map with memory`);
  for (const { line } of text.quantities.values())
    for (const node of line ? nodesOf(line) : []) {
      if (isNoise(node) && node.type === "name") refuse(`\`${node.name}\`, noise`);
      if (node.type === "call" && node.fn === "delay") refuse("`delay`, whose values lie on the grid of samples");
    }
  const x = new Map(
    flows.map((q) => [q, graph.leaf({ kind: "read", name: storedName(q), offset: -1 }, q.shape!, "sample")]),
  );
  const dt = graph.leaf({ kind: "dt" }, [], "update");
  type State = Map<Quantity, Node>;
  /** The field at another state, `c` of a step later. */
  const fieldAt = (at: State, c: number): State => {
    const replace = (n: Node): Node | undefined => {
      if (n.op !== "leaf") return undefined;
      const { leaf } = n;
      if (leaf.kind === "t") return graph.leaf({ kind: "t", offset: leaf.offset + c }, [], "sample");
      if (leaf.kind === "read" && leaf.offset === -1)
        for (const q of flows) if (leaf.name === storedName(q)) return at.get(q);
      return n;
    };
    return new Map(flows.map((q) => [q, graph.rebuild(fields.get(q.name)!, replace)]));
  };
  const moved = (k: State, c: number): State =>
    new Map(
      flows.map((q) => [
        q,
        graph.map("add", x.get(q)!, graph.map("mul", graph.map("mul", graph.number(c), dt), k.get(q)!)),
      ]),
    );
  const weighted = (ks: [State, number][]): void => {
    for (const q of flows) {
      const sum = ks
        .map(([k, w]) => graph.map("mul", graph.number(w), k.get(q)!))
        .reduce((a, b) => graph.map("add", a, b));
      next.set(q, graph.map("add", x.get(q)!, graph.map("mul", dt, sum)));
    }
  };
  const k1 = fieldAt(x, 0);
  if (integrator === "heun")
    weighted([[k1, 1 / 2], [fieldAt(moved(k1, 1), 1), 1 / 2]]); // biome-ignore format: the tableau
  else {
    // "adaptive" is run through the field; its program (for gradients) takes fixed steps of the same family.
    const k2 = fieldAt(moved(k1, 1 / 2), 1 / 2);
    const k3 = fieldAt(moved(k2, 1 / 2), 1 / 2);
    const k4 = fieldAt(moved(k3, 1), 1);
    weighted([[k1, 1 / 6], [k2, 1 / 3], [k3, 1 / 3], [k4, 1 / 6]]); // biome-ignore format: the tableau
  }
  return next;
}
