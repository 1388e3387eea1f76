import { restoreInto, stateOf, type Update, type Values } from "../rule.ts";
import { conjugateGradient, dot } from "./conjugateGradient.ts";
import { changedParameters, gradientOf } from "./parameters.ts";

export interface HessianFreeOptions {
  /** λ at the start; it is adapted after each update. Default 1. */
  damping?: number;
  /** Most conjugate-gradient steps of an update. Default 100. */
  iterations?: number;
  /** Relative progress below which they end, see `conjugateGradient`. Default 5e-4. */
  progress?: number;
  /** How much of the last update the next one starts from. Default 0.95. */
  warmStart?: number;
}

/**
 * Hessian-free optimisation: each update solves `(G + λ I) δ = -g` by conjugate gradients, with products of the
 * Gauss–Newton matrix G of the batch, and takes `Δθ = η δ`, halved up to ten times until the loss of the batch falls.
 * With ρ the fall of the loss over that of the quadratic model, λ grows by 3/2 where ρ < 1/4 and shrinks by 2/3 where
 * ρ > 3/4. The learning rate η is meant to be 1.
 * @source Martens 2010; Martens & Sutskever 2011 (as used by Mante et al. 2013)
 */
export function hessianFree(options: HessianFreeOptions = {}): Update {
  const { damping = 1, iterations = 100, progress = 5e-4, warmStart = 0.95 } = options;
  return {
    kind: "hessianFree",
    needs: "batch",
    start(parameters) {
      const { list, changes } = changedParameters(parameters);
      const total = list.reduce((n, { size }) => n + size, 0);
      const lambda = Float64Array.of(damping);
      const last = new Float64Array(total);
      const kept: Values = { "hessianFree.damping": lambda, "hessianFree.last": last };
      const flat = (values: Record<string, ArrayLike<number>>): Float64Array => {
        const out = new Float64Array(total);
        let from = 0;
        for (const p of list) {
          out.set(gradientOf(values, p), from);
          from += p.size;
        }
        return out;
      };
      const split = (vector: Float64Array): Values => {
        let from = 0;
        return Object.fromEntries(
          list.map(({ name, size }) => {
            from += size;
            return [name, vector.subarray(from - size, from)];
          }),
        );
      };
      return {
        async changes(values, { gradients, batch, loss }, rate) {
          const b = flat(gradients).map((g) => -g);
          const product = async (v: Float64Array): Promise<Float64Array> => {
            const Gv = flat(await batch!.product(split(v)));
            for (let i = 0; i < total; i++) Gv[i]! += lambda[0]! * v[i]!;
            return Gv;
          };
          const start = last.map((v) => warmStart * v);
          const { x, value } = await conjugateGradient(product, b, {
            iterations,
            progress,
            // f32 products: nothing is gained below.
            tolerance: 1e-6,
            ...(start.some((v) => v !== 0) && { start }),
          });
          last.set(x);
          let share = 2 * rate;
          let after = Number.POSITIVE_INFINITY;
          for (let k = 0; k < 10 && !(after < loss); k++) {
            share /= 2;
            const moved = { ...values };
            for (const [name, change] of Object.entries(split(x)))
              moved[name] = values[name]!.map((v, i) => v + share * change[i]!);
            after = await batch!.loss(moved);
          }
          if (!(after < loss)) share = 0;
          // The model without damping and at the full step: value holds λ x'x / 2 more.
          const predicted = value - 0.5 * lambda[0]! * dot(x, x);
          const ratio = share === 0 ? 0 : (after - loss) / predicted;
          if (!(ratio >= 0.25)) lambda[0]! *= 1.5;
          else if (ratio > 0.75) lambda[0]! /= 1.5;
          if (share === 0) last.fill(0);
          for (const [name, change] of Object.entries(split(x)))
            for (let i = 0; i < change.length; i++) changes[name]![i] = share * change[i]!;
          return changes;
        },
        state: () => stateOf(kept),
        restore: (saved) => restoreInto(kept, saved),
      };
    },
  };
}
