/**
 * The rule of a system, `f(x; u, p)`: what a text says about one step, without time and without noise, as a program of
 * level trial (one "trial" is one point of state space). Its Jacobians are closed forms read off the nodes.
 */
import { isBounded } from "./bounded.ts";
import { Graph, leavesOf, pending } from "./build.ts";
import { isScalar, type Leaf, type Node, type Shape, topological } from "./graph.ts";
import { type Model, type ModelOptions, modelOf } from "./model.ts";
import type { NetworkData } from "./network.ts";
import { emptyBlock, normalise } from "./normalise.ts";
import type { Program } from "./program.ts";
import { partial, type Surrogates } from "./rules.ts";

/** A group of coordinates: one state, or one past value of it. */
export interface Coordinates {
  /** The state's name; `x[t-1]` for a past value that a delay keeps. */
  name: string;
  shape: Shape;
  /** Name of the program's input that carries it. */
  input: string;
  /** Definition that holds its derivative (flow) or next value (map). */
  rule: string;
}

/** One block of a Jacobian, `diag(diagonal) + dense`; absent parts are zero. */
export interface JacobianBlock {
  of: string;
  by: string;
  diagonal?: Node;
  dense?: Node;
}

export interface Rule {
  model: Model;
  kind: "flow" | "map";
  bounded: boolean;
  coordinates: Coordinates[];
  /** Inputs of the network, given as parameters here: constant over the points. */
  inputs: Record<string, Shape>;
  /** Quantities that are functions of the state at one sample. */
  outputs: Record<string, Shape>;
  program: Program;
  surrogates: Surrogates;
}

const past = (name: string, lag: number): string => (lag === 0 ? name : `${name}[t-${lag}]`);

/**
 * The rule of a network. A text of flows alone is a flow; one with a map or a delay in it is the map of one step of
 * `dt`. Noise is zero; what the trials give is constant.
 * @throws EquationError where a text needs whole trials (a backward pass, a sample picked): it has no step.
 */
export function ruleOf(network: NetworkData, options: ModelOptions = {}): Rule {
  const model = modelOf(network, { ...options, integrator: "euler" });
  const { text, program } = model;
  const passes = program.blocks.filter((b) => b.kind === "pass");
  const wholeTrials = (given: string): never =>
    text.fail("order", undefined, given, "a system is a rule from one sample to the next");
  if (model.states.length === 0) wholeTrials("the text has no state");
  if (passes.length > 1 || passes.some((b) => b.direction === -1))
    wholeTrials("the text needs whole trials: it has more than one pass, or one that runs backward");
  const isDelayed = ({ leaf }: { leaf: Leaf }): boolean => leaf.kind === "read" && leaf.offset < -1;
  const kind =
    model.states.every((s) => s.flow) && ![...leavesOf(model.fields.values())].some(isDelayed) ? "flow" : "map";
  const g = new Graph();
  // Fields were lowered with the model's own leaves; definitions come from the program.
  const nodes = new Map<string, Node>();
  for (const b of passes) for (const d of b.definitions) nodes.set(d.name, g.rebuild(d.node));
  const once = new Map(
    program.blocks.filter((b) => b.kind === "trial").flatMap((b) => b.definitions.map((d) => [d.name, d.node])),
  );
  const stateOf = new Map(model.states.map((s) => [s.stored, s]));
  const lags = new Map(model.states.map((s) => [s.stored, 1]));
  const roots = kind === "flow" ? [...model.fields.values()] : model.states.map((s) => nodes.get(s.stored)!);
  for (const n of topological([...roots, ...nodes.values()]))
    if (n.op === "leaf" && n.leaf.kind === "read" && stateOf.has(n.leaf.name) && kind === "map")
      lags.set(n.leaf.name, Math.max(lags.get(n.leaf.name)!, -n.leaf.offset));

  const inputs: Record<string, Shape> = {};
  const parameters = { ...program.parameters };
  const given = (name: string, shape: Shape): Node => {
    parameters[name] ??= { shape };
    return g.leaf({ kind: "parameter", name }, shape, "update");
  };
  const state = (stored: string, lag: number, shape: Shape): Node =>
    g.leaf({ kind: "input", name: past(stateOf.get(stored)!.name, lag), offset: 0 }, shape, "trial");
  const atState = (n: Node): Node | undefined => {
    if (n.op !== "leaf") return undefined;
    const { leaf } = n;
    switch (leaf.kind) {
      case "read": {
        if (stateOf.has(leaf.name)) return state(leaf.name, Math.min(-leaf.offset, lags.get(leaf.name)!) - 1, n.shape);
        return undefined;
      }
      case "input":
        inputs[leaf.name] = n.shape;
        return given(leaf.name, n.shape);
      case "noise":
        return g.number(0, n.shape);
      case "value":
        return n.level === "trial" ? g.rebuild(once.get(leaf.name)!, atState) : undefined;
      case "pick":
        return wholeTrials(`the text reads one sample of \`${leaf.name}\``);
      case "t":
        return given("t", []);
      default:
        return undefined;
    }
  };
  const block = emptyBlock("trial");
  const coordinates: Coordinates[] = [];
  const own: Program["inputs"] = {};
  for (const s of model.states) {
    const most = lags.get(s.stored)!;
    for (let lag = 0; lag < most; lag++) {
      const name = past(s.name, lag);
      const rule = `f.${name}`;
      const node =
        lag > 0
          ? state(s.stored, lag - 1, s.shape)
          : g.rebuild(kind === "flow" ? model.fields.get(s.name)! : nodes.get(s.stored)!, atState);
      coordinates.push({ name, shape: s.shape, input: name, rule });
      own[name] = { shape: s.shape, per: "trial" };
      block.definitions.push({ name: rule, node });
    }
  }
  // An output belongs to the state at its sample: where the text computes the new state first, the state is that.
  const outputs: Record<string, Shape> = {};
  const fresh = new Map(model.states.filter((s) => s.stored === s.name).map((s) => [nodes.get(s.stored)!, s]));
  const atSample = (n: Node): Node | undefined => {
    const s = fresh.get(n);
    return s ? state(s.stored, 0, s.shape) : atState(n);
  };
  for (const q of text.quantities.values()) {
    if (q.level !== "sample" || q.memory || !nodes.has(q.name)) continue;
    const node = g.rebuild(nodes.get(q.name)!, atSample);
    outputs[q.name] = node.shape;
    block.definitions.push({ name: q.name, node });
  }
  const whole: Program = normalise({
    sizes: program.sizes,
    parameters,
    inputs: own,
    noises: {},
    blocks: [...program.blocks.filter((b) => b.kind === "update"), block],
  });
  const rules = coordinates.map((c) => whole.blocks.flatMap((b) => b.definitions).find((d) => d.name === c.rule)!.node);
  const bounded = isBounded(kind, coordinates, rules);
  return { model, kind, bounded, coordinates, inputs, outputs, program: whole, surrogates: network.surrogates ?? {} };
}

/** Thrown where a closed form does not exist in the language (states that are matrices): use tangents instead. */
export class NoClosedForm extends Error {}

/**
 * The Jacobian of some definitions of a rule by states, inputs or parameters, block by block.
 * @throws NoClosedForm where a state or a quantity in between is a matrix.
 */
export function jacobianBlocks(
  rule: Pick<Rule, "program" | "surrogates">,
  of: string[],
  by: string[],
): { program: Program; blocks: JacobianBlock[] } {
  const g = new Graph();
  const blocks: JacobianBlock[] = [];
  const trial = emptyBlock("trial");
  const update = emptyBlock("update");
  const definitions = new Map(
    rule.program.blocks.flatMap((b) => b.definitions).map((d) => [d.name, g.rebuild(d.node)]),
  );
  const memos = new Map(by.map((column) => [column, new Map<Node, Slope>()]));
  for (const row of of)
    for (const column of by) {
      const slope = derivative(g, definitions.get(row)!, column, rule.surrogates, definitions, memos.get(column)!);
      blocks.push({ of: row, by: column, ...slope });
      for (const part of ["diagonal", "dense"] as const) {
        const node = slope[part];
        if (node)
          (node.level === "update" ? update : trial).definitions.push({ name: partName(row, column, part), node });
      }
    }
  const program = normalise({ ...rule.program, blocks: [...rule.program.blocks, update, trial] });
  return { program, blocks };
}

export const partName = (of: string, by: string, part: "diagonal" | "dense"): string => `d ${of}/d ${by} ${part}`;

interface Slope {
  diagonal?: Node;
  dense?: Node;
}

/** d node / d leaf `by`: `[rows, columns]`, `[1, columns]` of a scalar, `[rows]` by a scalar. */
function derivative(
  g: Graph,
  root: Node,
  by: string,
  surrogates: Surrogates,
  definitions: Map<string, Node>,
  memo: Map<Node, Slope>,
): Slope {
  const of = (n: Node): Slope => memo.get(n)!;
  for (const n of pending(root, memo)) memo.set(n, rule(n));
  return of(root);

  function plus(a: Slope, b: Slope): Slope {
    const add = (x?: Node, y?: Node): Node | undefined => (x && y ? g.map("add", x, y) : (x ?? y));
    return { diagonal: add(a.diagonal, b.diagonal), dense: add(a.dense, b.dense) };
  }
  function isZero(s: Slope): boolean {
    return !s.diagonal && !s.dense;
  }
  function rule(n: Node): Slope {
    switch (n.op) {
      case "leaf": {
        const name = "name" in n.leaf ? n.leaf.name : undefined;
        if (name === undefined || n.leaf.kind === "size") return {};
        if (n.leaf.kind === "value") return derivative(g, definitions.get(name)!, by, surrogates, definitions, memo);
        if (name !== by) return {};
        if (n.shape.length === 2) throw new NoClosedForm();
        return isScalar(n.shape) ? { dense: g.number(1) } : { diagonal: g.number(1, n.shape) };
      }
      case "map": {
        let sum: Slope = {};
        n.args.forEach((arg, i) => {
          const inner = of(arg);
          if (isZero(inner)) return;
          if (n.shape.length === 2) throw new NoClosedForm();
          const slope = partial(g, n, i, surrogates);
          if (slope) sum = plus(sum, scaled(g.fill(slope, n.shape), inner, arg));
        });
        return sum;
      }
      case "product": {
        const [left, right] = [of(n.a), of(n.b)];
        let sum: Slope = {};
        if (!isZero(right)) {
          if (n.b.shape.length !== 1) throw new NoClosedForm();
          sum = plus(sum, { dense: applied(n.a, right) });
        }
        if (!isZero(left)) {
          // x' y: the transposed column carries the derivative.
          if (n.a.op !== "transpose" || n.a.a.shape.length !== 1 || !isScalar(n.shape)) throw new NoClosedForm();
          sum = plus(sum, { dense: applied(g.transpose(n.b), of(n.a.a)) });
        }
        return sum;
      }
      case "transpose":
      case "diag": {
        const inner = of(n.a);
        if (!isZero(inner) && (n.op === "diag" || n.a.shape.length !== 1)) throw new NoClosedForm();
        return inner;
      }
    }
  }
  /** A times an inner derivative. */
  function applied(a: Node, inner: Slope): Node {
    const parts: Node[] = [];
    if (inner.diagonal) parts.push(g.product(a, g.diag(inner.diagonal)));
    if (inner.dense) parts.push(g.product(a, inner.dense));
    return parts.reduce((x, y) => g.map("add", x, y));
  }
  /** Rows scaled by an elementwise slope. */
  function scaled(slope: Node, inner: Slope, arg: Node): Slope {
    if (isScalar(slope.shape))
      return {
        diagonal: inner.diagonal && g.map("mul", slope, inner.diagonal),
        dense: inner.dense && g.product(slope, inner.dense),
      };
    if (isScalar(arg.shape)) return { dense: inner.dense && g.product(slope, inner.dense) };
    const dense = inner.dense;
    return {
      diagonal: inner.diagonal && g.map("mul", slope, inner.diagonal),
      dense: dense && (dense.shape.length === 1 ? g.map("mul", slope, dense) : g.product(g.diag(slope), dense)),
    };
  }
}
