import { restoreInto, stateOf, type Update, type Values } from "../rule.ts";
import { changedParameters, type GroupRates } from "./parameters.ts";

export interface RlsOptions extends GroupRates {
  /** α: P starts as `I / α`; the weight of the squared change in the ridge regression that this is. Default 1. */
  alpha?: number;
  /** Forgetting factor: what a pair counts for after each later one. Default 1: all count alike. */
  forget?: number;
}

/**
 * Recursive least squares, of the pairs of activity r and error e that a local credit gives. For each pair
 *
 *     k = P r / (φ + r' P r),   P ← (P - k r' P) / φ,   W ← W - η e k'
 *
 * A rate of 0 leaves P as it is too. The errors of later pairs of the same evidence are taken with the changes before
 * them. With frozen activity, η = 1 and φ = 1, W is then the ridge regression `argmin Σ |W r - f|² + α |W - W_0|²` after
 * every pair.
 * @source Haykin, Adaptive Filter Theory, chapter 9; in FORCE: Sussillo & Abbott 2009
 */
export function rls(options: RlsOptions = {}): Update {
  const { alpha = 1, forget = 1 } = options;
  return {
    kind: "rls",
    needs: "pairs",
    start(parameters) {
      const { list, changes } = changedParameters(parameters, options);
      const inverses: Values = {};
      for (const { name, size } of list) {
        const n = parameters[name]!.shape?.[1] ?? size;
        const P = (inverses[`rls.${name}`] = new Float64Array(n * n));
        for (let i = 0; i < n; i++) P[i * n + i] = 1 / alpha;
      }
      return {
        changes(_, { pairs }, rate) {
          for (const { name, factor, change } of list) {
            change.fill(0);
            const own = pairs![name];
            if (!own || rate * factor === 0) continue;
            const P = inverses[`rls.${name}`]!;
            const n = Math.sqrt(P.length);
            const rows = change.length / n;
            const Pr = new Float64Array(n);
            for (let q = 0; q < own.count; q++) {
              const r = own.before.subarray(q * n, (q + 1) * n);
              let along = forget;
              for (let i = 0; i < n; i++) {
                let sum = 0;
                for (let j = 0; j < n; j++) sum += P[i * n + j]! * r[j]!;
                Pr[i] = sum;
                along += r[i]! * sum;
              }
              for (let o = 0; o < rows; o++) {
                let e = own.error[q * rows + o]!;
                for (let j = 0; j < n; j++) e += change[o * n + j]! * r[j]!;
                for (let j = 0; j < n; j++) change[o * n + j]! -= ((rate * factor * e) / along) * Pr[j]!;
              }
              for (let i = 0; i < n; i++) {
                const k = Pr[i]! / along;
                for (let j = 0; j < n; j++) P[i * n + j] = (P[i * n + j]! - k * Pr[j]!) / forget;
              }
            }
          }
          return changes;
        },
        state: () => stateOf(inverses),
        restore: (saved) => restoreInto(inverses, saved),
      };
    },
  };
}
