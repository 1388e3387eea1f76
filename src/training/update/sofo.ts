import { symmetricEigen } from "../../engine/linalg/symmetricEigen.ts";
import type { Update } from "../rule.ts";
import { changedParameters, type GroupRates } from "./parameters.ts";

export interface SofoOptions extends GroupRates {
  /** λ, relative to the largest eigenvalue of the curvature. Default 1e-5. */
  damping?: number;
}

/**
 * A Gauss–Newton step within the directions V of a forward credit. With `G = V' (Σ J' H J) V = U S U'`,
 *
 *     Δθ = -η V U (S + λ s_max)^-1 U' V' g
 *
 * It keeps no state.
 * @source Yu, Xia, Ma, Lengyel & Hennequin 2024 (SOFO), algorithm 1
 */
export function sofo(options: SofoOptions = {}): Update {
  const { damping = 1e-5 } = options;
  return {
    kind: "sofo",
    needs: "subspace",
    start(parameters) {
      const { list, changes } = changedParameters(parameters, options);
      return {
        changes(_, { subspace }, rate) {
          const { directions, count: K, slopes, curvature } = subspace!;
          const { values, vectors } = symmetricEigen(curvature, K);
          const top = Math.max(0, values[K - 1]!);
          const step = new Float64Array(K);
          for (let m = 0; m < K; m++) {
            let along = 0;
            for (let k = 0; k < K; k++) along += vectors[k * K + m]! * slopes[k]!;
            // Rounding may leave an eigenvalue of a flat direction a little below 0.
            const scale = Math.max(0, values[m]!) + damping * top;
            if (scale > 0) for (let k = 0; k < K; k++) step[k]! += (vectors[k * K + m]! * along) / scale;
          }
          for (const { name, size, factor, change } of list) {
            change.fill(0);
            const own = directions[name]!;
            for (let k = 0; k < K; k++)
              for (let j = 0; j < size; j++) change[j]! -= rate * factor * step[k]! * own[k * size + j]!;
          }
          return changes;
        },
        state: () => ({}),
        restore() {},
      };
    },
  };
}
