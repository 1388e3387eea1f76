import { hashName, RandomStream } from "../../engine/random.ts";
import { entriesOf } from "../../engine/shapes.ts";
import { Graph, leavesOf } from "../../equations/build.ts";
import type { Node, Shape } from "../../equations/graph.ts";
import { normalise } from "../../equations/normalise.ts";
import { gradientEngine } from "../gradient.ts";
import type { Loss } from "../objective.ts";
import type { Credit, Values } from "../rule.ts";
import { dependsOn, recurrentParts, rewritePasses, rewriteStates } from "./recurrence.ts";

export interface EligibilityOptions {
  /**
   * What carries the error of the outputs back to the units. `symmetric` (default): the transposed couplings themselves.
   * `random`: fixed matrices of their shape, entries normal with standard deviation 1/√columns.
   * `learned`: random at first, then changed as the couplings are (Kolen and Pollack).
   */
  feedback?: "symmetric" | "random" | "learned";
  /** Of random and learned feedback: what the standard deviation is multiplied by. Default 1. */
  gain?: number;
  /** Of learned feedback: what the couplings and it lose per update, the rate times the weight decay of the update. Default 0. */
  decay?: number;
}

/** A feedback matrix: the coupling that it stands for, where that is a parameter. */
interface Feedback {
  name: string;
  shape: Shape;
  coupling?: string;
}

/**
 * Eligibility traces (e-prop): the gradient of a weight is the sum over samples of a learning signal that arrives at its
 * unit and of a trace that the unit and the weight can keep by themselves,
 *
 *     dE/dW_ij = Σ_t L_i(t) e_ij(t),   e_ij(t) = ∂x_i(t)/∂W_ij along the unit's own past.
 *
 * The trace follows the diagonal part of the derivative of state by state only: what states that feed back on each other
 * tell each other through couplings (products) is a constant to it. This holds for any cell, since the equations say
 * which path is which: a product inside a loop is cut, an elementwise term is kept; cut a reset by `detach(s)` in the
 * text. Couplings that close no loop, the readout above all, carry the learning signal: exactly, or through other
 * matrices. The sum is computed as the adjoint of the equations so cut, which gives the same numbers as traces carried
 * forward and needs no trace per weight and trial.
 * @source Bellec et al. 2020, equations 1 to 4; random feedback: Lillicrap et al. 2016; learned: Akrout et al. 2019
 */
export function eligibility(options: EligibilityOptions = {}): Credit {
  const { feedback = "symmetric", gain = 1, decay = 0 } = options;
  return {
    kind: `eligibility, ${feedback}`,
    gives: [],
    async open(setting) {
      const { sizes, seed, state } = setting;
      let carriers: Feedback[] = [];
      const engine = await gradientEngine(setting.model, {
        ...setting,
        rewrite(loss) {
          const cut = withoutCrossPaths(loss);
          if (feedback === "symmetric") return cut;
          const through = withFeedback(cut);
          carriers = through.carriers;
          return through.loss;
        },
      });
      const matrices: Values = {};
      for (const { name, shape } of carriers) {
        const drawn = (): Float64Array =>
          new RandomStream(seed, name, hashName(name)).fillNormal(
            new Float64Array(entriesOf(shape, sizes)),
            0,
            gain / Math.sqrt(entriesOf(shape.slice(1), sizes)),
          );
        matrices[name] = feedback === "learned" ? (state[`credit.${name}`] ??= drawn()) : drawn();
      }
      /** The couplings have changed since the last time: so does the feedback. */
      function follow(parameters: Values): void {
        for (const { name, coupling } of carriers) {
          if (coupling === undefined || !setting.trained.includes(coupling)) continue;
          const now = parameters[coupling]!;
          const before = (state[`credit.${name}.coupling`] ??= now.slice());
          const matrix = matrices[name]!;
          for (let k = 0; k < now.length; k++)
            matrix[k] = (1 - decay) * matrix[k]! + (now[k]! - (1 - decay) * before[k]!);
          before.set(now);
        }
      }
      return {
        reached: setting.trained.filter((name) => engine.objective.gradients[name]),
        bytes: engine.bytes,
        async *evidence(parameters, { trials, constants, ...run }) {
          if (feedback === "learned") follow(parameters);
          yield engine.of(parameters, trials, { ...run, seed, constants: { ...constants, ...matrices } });
        },
        close: () => engine.close(),
      };
    },
  };
}

/** Inside a loop of states, what goes through a product is a constant to the gradient. */
export function withoutCrossPaths(loss: Loss): Loss {
  const g = new Graph();
  const program = rewriteStates(loss.program, g, (n, part) => {
    const cut = (operand: Node): Node => (dependsOn(operand, part) ? g.map("detach", operand) : operand);
    return n.op === "product" ? g.product(cut(n.a), cut(n.b)) : undefined;
  });
  return { ...loss, program };
}

/** Couplings `W v` that carry the error back to states do so through a matrix of their own: `W detach(v) + F v - detach(F v)`. */
function withFeedback(loss: Loss): { loss: Loss; carriers: Feedback[] } {
  const g = new Graph();
  const parameters = { ...loss.program.parameters };
  const carriers = new Map<Node, Feedback>();
  const states = new Set(loss.program.blocks.flatMap((b) => (b.kind === "pass" ? [...recurrentParts(b).keys()] : [])));
  const carrier = (a: Node): Node => {
    const known = carriers.get(a) ?? {
      name: `objective.feedback${carriers.size}`,
      shape: a.shape,
      ...(a.op === "leaf" && a.leaf.kind === "parameter" && { coupling: a.leaf.name }),
    };
    carriers.set(a, known);
    parameters[known.name] = { shape: a.shape };
    return g.leaf({ kind: "parameter", name: known.name }, a.shape, "update");
  };
  const isCoupling = (a: Node): boolean =>
    a.level === "update" &&
    a.op !== "diag" &&
    [...leavesOf([a])].some(({ leaf }) => leaf.kind === "parameter" || leaf.kind === "value");
  const program = rewritePasses(loss.program, g, () => (node) => {
    const done = new Map<Node, Node>();
    const visit = (root: Node): Node =>
      g.rebuild(root, (n) => {
        if (n.op !== "product" || !isCoupling(n.a) || !dependsOn(n.b, states)) return undefined;
        if (n.b.op === "map" && n.b.fn === "detach") return n;
        const known = done.get(n);
        if (known) return known;
        const b = visit(n.b);
        const back = g.product(carrier(n.a), b);
        const forward = g.product(n.a, g.map("detach", b));
        const whole = g.map("add", forward, g.map("sub", back, g.map("detach", back)));
        done.set(n, whole);
        return whole;
      });
    return visit(node);
  });
  return { loss: { ...loss, program: normalise({ ...program, parameters }) }, carriers: [...carriers.values()] };
}
