import { NullclineError } from "../../base/errors.ts";
import { Graph } from "../../equations/build.ts";
import type { Node } from "../../equations/graph.ts";
import type { Block } from "../../equations/program.ts";
import { gradientEngine } from "../gradient.ts";
import type { Loss } from "../objective.ts";
import type { Credit } from "../rule.ts";
import { rewriteStates } from "./recurrence.ts";

export interface ReverseOptions {
  /**
   * Truncation: trials are cut into stretches of this many samples, and the gradient of a state does not go back beyond
   * the stretch in which it was computed. Default: it goes back to the beginning.
   */
  truncate?: number;
}

/**
 * Backpropagation through time: the gradient of the discrete dynamics.
 * @throws NullclineError (code `rule`) where `truncate` is not a whole number above 0
 */
export function reverse({ truncate }: ReverseOptions = {}): Credit {
  if (truncate !== undefined && !(Number.isInteger(truncate) && truncate > 0))
    throw new NullclineError({
      code: "rule",
      given: `truncation after ${truncate} samples`,
      expected: "a whole number above 0",
    });
  return {
    kind: "reverse",
    gives: [],
    async open(setting) {
      const rewrite = truncate === undefined ? undefined : (loss: Loss): Loss => truncated(loss, truncate);
      const engine = await gradientEngine(setting.model, { ...setting, rewrite });
      return {
        reached: setting.trained.filter((name) => engine.objective.gradients[name]),
        async *evidence(parameters, { trials, ...run }) {
          yield engine.of(parameters, trials, { ...run, seed: setting.seed });
        },
        close: () => engine.close(),
      };
    },
  };
}

/** A loss whose states read the past with a gradient only within a stretch: `where(same stretch, x, detach(x))`. */
export function truncated(loss: Loss, length: number): Loss {
  const g = new Graph();
  const offsets = new Map<number, string>();
  const inputs = { ...loss.program.inputs };
  const link = (offset: number): Node => {
    const name = `objective.link${offset}`;
    offsets.set(offset, name);
    inputs[name] = { shape: [], per: "sample" };
    return g.leaf({ kind: "input", name, offset: 0 }, [], "sample");
  };
  const program = rewriteStates(loss.program, g, (n, _, block) =>
    n.op === "leaf" && n.leaf.kind === "read" && defines(block, n.leaf.name)
      ? g.map("where", link(n.leaf.offset), n, g.map("detach", n))
      : undefined,
  );
  return {
    ...loss,
    program: { ...program, inputs },
    given: (trials, samples) =>
      Object.fromEntries(
        [...offsets].map(([offset, name]) => [
          name,
          Float32Array.from({ length: trials * samples }, (_, k) => {
            const t = k % samples;
            return Math.floor(t / length) === Math.floor((t + offset) / length) ? 1 : 0;
          }),
        ]),
      ),
  };
}

const defines = (block: Block, name: string): boolean => block.definitions.some((d) => d.name === name);
