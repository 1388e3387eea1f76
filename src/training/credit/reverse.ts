import { gradientEngine } from "../gradient.ts";
import type { Credit } from "../rule.ts";

/** Backpropagation through time: the gradient of the discrete dynamics. */
export function reverse(): Credit {
  return {
    kind: "reverse",
    gives: [],
    async open(setting) {
      const engine = await gradientEngine(setting.model, setting);
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
