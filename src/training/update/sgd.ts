import { restoreInto, stateOf, type Update, type Values } from "../rule.ts";
import { changedParameters, type GroupRates, gradientOf } from "./parameters.ts";

export interface SgdOptions extends GroupRates {
  /** μ. Default 0: plain gradient descent. */
  momentum?: number;
  /** Looks ahead: Δθ = -η (g + μ v). Default false. */
  nesterov?: boolean;
  /** λ, coupled: added to the gradient as `λ θ`. Default 0. */
  weightDecay?: number;
  /** Every entry of the gradient is first brought within ±limit. Default: none is. */
  limit?: number;
}

/**
 * Gradient descent with momentum: `v ← μ v + g + λ θ`, `Δθ = -η v`.
 * @throws NullclineError (code `training`) where `groupRates` names a group that no parameter has
 * @source Polyak 1964; Nesterov's form as in Sutskever, Martens, Dahl & Hinton 2013
 */
export function sgd(options: SgdOptions = {}): Update {
  const { momentum = 0, nesterov = false, weightDecay = 0, limit = Number.POSITIVE_INFINITY } = options;
  return {
    kind: "sgd",
    start(parameters) {
      const { list, changes } = changedParameters(parameters, options);
      const velocities: Values =
        momentum === 0 ? {} : Object.fromEntries(list.map((p) => [`sgd.velocity.${p.name}`, new Float64Array(p.size)]));
      return {
        changes(values, { gradients }, rate) {
          for (const p of list) {
            const gradient = gradientOf(gradients, p);
            const value = values[p.name]!;
            const velocity = velocities[`sgd.velocity.${p.name}`];
            for (let k = 0; k < p.size; k++) {
              const g = Math.max(-limit, Math.min(limit, gradient[k]!)) + weightDecay * value[k]!;
              let direction = g;
              if (velocity) {
                velocity[k] = momentum * velocity[k]! + g;
                direction = nesterov ? g + momentum * velocity[k]! : velocity[k]!;
              }
              p.change[k] = -rate * p.factor * direction;
            }
          }
          return changes;
        },
        state: () => stateOf(velocities),
        restore: (saved) => restoreInto(velocities, saved),
      };
    },
  };
}
