import { NullclineError } from "../../base/errors.ts";
import { Graph } from "../../equations/build.ts";
import type { Node } from "../../equations/graph.ts";
import { prune } from "../../equations/normalise.ts";
import type { Block } from "../../equations/program.ts";
import type { Trials } from "../../tasks/trials.ts";
import { gaussNewton } from "../curvature.ts";
import { type BatchRun, batchRunner, gradientEngine, summed } from "../gradient.ts";
import { type Loss, lossOf } from "../objective.ts";
import type { Credit, CreditSetting, Evidence, Values } from "../rule.ts";
import { rewriteStates } from "./recurrence.ts";

export interface ReverseOptions {
  /**
   * Truncation: trials are cut into stretches of this many samples, and the gradient of a state does not go back beyond
   * the stretch in which it was computed. Default: it goes back to the beginning.
   */
  truncate?: number;
  /** Also gives products with the Gauss–Newton matrix, for `hessianFree()`. Default false. */
  products?: boolean;
}

/**
 * Backpropagation through time: the gradient of the discrete dynamics.
 * @throws NullclineError (code `rule`) where `truncate` is not a whole number above 0
 */
export function reverse({ truncate, products = false }: ReverseOptions = {}): Credit {
  if (truncate !== undefined && !(Number.isInteger(truncate) && truncate > 0))
    throw new NullclineError({
      code: "rule",
      given: `truncation after ${truncate} samples`,
      expected: "a whole number above 0",
    });
  return {
    kind: "reverse",
    gives: products ? ["batch"] : [],
    async open(setting) {
      const rewrite = truncate === undefined ? undefined : (loss: Loss): Loss => truncated(loss, truncate);
      const engine = await gradientEngine(setting.model, { ...setting, rewrite });
      const reached = setting.trained.filter((name) => engine.objective.gradients[name]);
      const curvature = products ? await batchProducts(setting, reached) : undefined;
      return {
        reached,
        bytes: engine.bytes + (curvature?.bytes ?? 0),
        async *evidence(parameters, { trials, ...given }) {
          const run = { ...given, seed: setting.seed };
          const batch = curvature?.on(parameters, trials, run);
          yield { ...(await engine.of(parameters, trials, run)), ...(batch && { batch }) };
        },
        close() {
          engine.close();
          curvature?.close();
        },
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

/** Products with the Gauss–Newton matrix, and the loss alone. */
async function batchProducts(setting: CreditSetting, trained: string[]) {
  const { model } = setting;
  const loss = lossOf(model, setting);
  const { program, seeds, products } = gaussNewton(model, loss, trained);
  const names = Object.entries(products);
  const multiplier = await batchRunner(
    model,
    loss,
    program,
    names.map(([, name]) => name),
    setting,
  );
  const evaluator = await batchRunner(model, loss, prune(loss.program, [loss.loss]), [loss.loss], setting);
  return {
    on: (parameters: Values, trials: Trials, run: BatchRun): NonNullable<Evidence["batch"]> => ({
      async product(direction) {
        const along = Object.fromEntries(trained.map((name) => [seeds[name]!, direction[name]!]));
        const results = await multiplier.run({ ...parameters, ...along }, trials, run);
        const zeros = (name: string): Float64Array => new Float64Array(parameters[name]!.length);
        return {
          ...Object.fromEntries(trained.map((name) => [name, zeros(name)])),
          ...Object.fromEntries(names.map(([name, product]) => [name, summed(results, product)])),
        };
      },
      loss: async (at) => summed(await evaluator.run(at, trials, run), loss.loss)[0]!,
    }),
    bytes: multiplier.bytes + evaluator.bytes,
    close() {
      multiplier.close();
      evaluator.close();
    },
  };
}
