/** A loss and its gradient in float64, by the interpreter, for networks of input `u` and every target and mask given. */
import { interpretProgram } from "../../../src/engine/interpreter.ts";
import { type Model, modelOf } from "../../../src/equations/model.ts";
import type { NetworkData } from "../../../src/equations/network.ts";
import { type Loss, lossOf, type ObjectiveOptions, withGradient } from "../../../src/training/objective.ts";
import type { Values } from "../../../src/training/rule.ts";

export interface Given {
  trials: number;
  samples: number;
  u: ArrayLike<number>;
  target: ArrayLike<number>;
  mask: ArrayLike<number>;
}

export function gradientsOf(
  data: NetworkData,
  sizes: Record<string, number>,
  trained: string[],
  values: Values,
  given: Given,
  rewrite: (loss: Loss, model: Model) => Loss = (loss) => loss,
  options: ObjectiveOptions = {},
): Values & { loss: Float64Array } {
  const model = modelOf(data);
  const objective = withGradient(model, rewrite(lossOf(model, options), model), trained);
  const { trials, samples } = given;
  const record = [objective.loss, ...Object.values(objective.gradients)];
  const executable = interpretProgram(objective.program, { sizes, trials, samples, record });
  for (const [name, v] of Object.entries(values)) executable.setParameter(name, v);
  executable.setInput("u", given.u);
  executable.setInput(objective.target, given.target);
  executable.setInput(objective.mask, given.mask);
  for (const [name, v] of Object.entries(objective.given?.(trials, samples) ?? {})) executable.setInput(name, v);
  executable.run({ seed: 3 });
  const read = (name: string): Float64Array => Float64Array.from(executable.read(name).data);
  return {
    ...Object.fromEntries(Object.entries(objective.gradients).map(([name, g]) => [name, read(g)])),
    loss: read(objective.loss),
  };
}
