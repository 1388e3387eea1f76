import { integerPower } from "../../engine/maps.ts";
import { restoreInto, stateOf, type Update, type Values } from "../rule.ts";
import { changedParameters, type GroupRates, gradientOf } from "./parameters.ts";

export interface AdamOptions extends GroupRates {
  /** Decay of the mean of the gradient. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of its square. Default 0.999. */
  beta2?: number;
  /** Added to the square root. Default 1e-8. */
  epsilon?: number;
  /** Decoupled (AdamW): every update also takes `rate weightDecay` of the value. Default 0. */
  weightDecay?: number;
}

/**
 * Adam with bias correction. With g the gradient at update k = 1, 2, …,
 *
 *     m ← β1 m + (1 - β1) g        v ← β2 v + (1 - β2) g²
 *     Δθ = -η ((m / (1 - β1^k)) / (sqrt(v / (1 - β2^k)) + ε) + λ θ)
 *
 * η is the rate times that of the parameter's group, λ the weight decay (AdamW). m and v are kept in float64.
 * @throws NullclineError (code `training`) where `groupRates` names a group that no parameter has
 * @source Kingma & Ba 2015, algorithm 1; weight decay: Loshchilov & Hutter 2019, algorithm 2
 */
export function adam(options: AdamOptions = {}): Update {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return {
    kind: "adam",
    start(parameters) {
      const { list, changes } = changedParameters(parameters, options);
      const steps = new Float64Array(1);
      const moments = list.map((p) => ({
        p,
        mean: new Float64Array(p.size),
        square: new Float64Array(p.size),
      }));
      const kept: Values = { "adam.steps": steps };
      for (const { p, mean, square } of moments) {
        kept[`adam.mean.${p.name}`] = mean;
        kept[`adam.square.${p.name}`] = square;
      }
      return {
        changes(values, { gradients }, rate) {
          steps[0]!++;
          // `**` rounds differently from one JavaScript engine to the next.
          const correction1 = 1 - integerPower(beta1, steps[0]!);
          const correction2 = 1 - integerPower(beta2, steps[0]!);
          for (const { p, mean, square } of moments) {
            const value = values[p.name]!;
            const gradient = gradientOf(gradients, p);
            const eta = rate * p.factor;
            for (let k = 0; k < mean.length; k++) {
              const g = gradient[k]!;
              const m = (mean[k] = beta1 * mean[k]! + (1 - beta1) * g);
              const v = (square[k] = beta2 * square[k]! + (1 - beta2) * g * g);
              const direction = m / correction1 / (Math.sqrt(v / correction2) + epsilon) + weightDecay * value[k]!;
              p.change[k] = -eta * direction;
            }
          }
          return changes;
        },
        state: () => stateOf(kept),
        restore: (saved) => restoreInto(kept, saved),
      };
    },
  };
}
