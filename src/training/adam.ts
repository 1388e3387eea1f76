/**
 * Adam, on arrays: who computed the gradients does not matter.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { Tag } from "../equations/network.ts";

export interface AdamOptions {
  /** Decay of the mean of the gradient. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of its square. Default 0.999. */
  beta2?: number;
  /** Added to the square root. Default 1e-8. */
  epsilon?: number;
  /** Decoupled: every update also takes `rate weightDecay` of the value. Default 0. */
  weightDecay?: number;
  /** What the rate is multiplied by for the parameters of a group. Default 1 for each. */
  groupRates?: Record<string, number>;
}

/** A parameter as the optimiser sees it. Pinned ones are left alone, bounded ones clipped after each update. */
export interface AdamParameter {
  size: number;
  tag?: Tag;
  group?: string;
}

type Values = Record<string, Float32Array | Float64Array>;

export interface Adam {
  /** Updates done. */
  readonly steps: number;
  /** One update of `values` in place, with the learning rate of this iteration. A parameter that is not pinned must have a gradient. */
  step(values: Values, gradients: Values, rate: number): void;
  /** `adam.steps`, and `adam.mean.NAME`, `adam.square.NAME` for each trained parameter: copies, for a checkpoint. */
  state(): Record<string, NDArray<Float64Array>>;
  /** @throws NullclineError (code `checkpoint`) where the state is not one of these parameters */
  restore(state: Record<string, NDArray>): void;
}

/**
 * Adam with bias correction. With g the gradient at update k = 1, 2, …,
 *
 *     m ← β1 m + (1 - β1) g        v ← β2 v + (1 - β2) g²
 *     θ ← θ - η (m / (1 - β1^k)) / (sqrt(v / (1 - β2^k)) + ε) - η λ θ
 *
 * η is the rate times that of the parameter's group, λ the weight decay. m and v are kept in float64.
 * @throws NullclineError (code `training`) where `groupRates` names a group that no parameter has
 * @source Kingma & Ba 2015, algorithm 1; weight decay: Loshchilov & Hutter 2019, algorithm 2
 */
export function adam(parameters: Record<string, AdamParameter>, options: AdamOptions = {}): Adam {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, groupRates = {} } = options;
  const groups = new Set(Object.values(parameters).map((p) => p.group));
  for (const group of Object.keys(groupRates))
    if (!groups.has(group))
      throw new NullclineError({
        code: "training",
        given: `a learning rate for the group \`${group}\`, in which there is no parameter`,
        expected: `one of the groups ${[...groups].filter((g) => g !== undefined).join(", ") || "(there are none)"}`,
      });

  const trained = Object.entries(parameters).flatMap(([name, { size, tag = "free", group }]) =>
    tag === "pinned"
      ? []
      : {
          name,
          bounds: typeof tag === "object" ? tag.bounded : undefined,
          factor: group === undefined ? 1 : (groupRates[group] ?? 1),
          mean: new Float64Array(size),
          square: new Float64Array(size),
        },
  );
  let steps = 0;

  function step(values: Values, gradients: Values, rate: number): void {
    steps++;
    const correction1 = 1 - beta1 ** steps;
    const correction2 = 1 - beta2 ** steps;
    for (const { name, bounds, factor, mean, square } of trained) {
      const value = values[name];
      const gradient = gradients[name];
      if (value?.length !== mean.length || gradient?.length !== mean.length)
        throw new Error(
          `${name}: ${value?.length} values and ${gradient?.length} gradients for ${mean.length} entries`,
        );
      const eta = rate * factor;
      for (let k = 0; k < mean.length; k++) {
        const g = gradient[k]!;
        const m = (mean[k] = beta1 * mean[k]! + (1 - beta1) * g);
        const v = (square[k] = beta2 * square[k]! + (1 - beta2) * g * g);
        const update = m / correction1 / (Math.sqrt(v / correction2) + epsilon) + weightDecay * value[k]!;
        value[k]! -= eta * update;
      }
      if (bounds) for (let k = 0; k < value.length; k++) value[k] = Math.min(bounds[1], Math.max(bounds[0], value[k]!));
    }
  }

  function state(): Record<string, NDArray<Float64Array>> {
    const arrays: Record<string, NDArray<Float64Array>> = {
      "adam.steps": { data: Float64Array.of(steps), shape: [1] },
    };
    for (const { name, mean, square } of trained) {
      arrays[`adam.mean.${name}`] = { data: mean.slice(), shape: [mean.length] };
      arrays[`adam.square.${name}`] = { data: square.slice(), shape: [square.length] };
    }
    return arrays;
  }

  function restore(saved: Record<string, NDArray>): void {
    // All is looked at before anything is changed: a state that does not fit leaves the optimiser as it was.
    const found = (key: string, size: number) => {
      const array = saved[key];
      if (array?.data.length !== size)
        throw new NullclineError({
          code: "checkpoint",
          given: array ? `\`${key}\` has ${array.data.length} entries` : `\`${key}\` is missing`,
          expected: `${size} ${size === 1 ? "entry" : "entries"}`,
          remedy: "the checkpoint belongs to another network",
        });
      return array.data;
    };
    const count = found("adam.steps", 1)[0]!;
    const moments = trained.map(({ name, mean }) => [
      found(`adam.mean.${name}`, mean.length),
      found(`adam.square.${name}`, mean.length),
    ]);
    steps = count;
    trained.forEach(({ mean, square }, k) => {
      mean.set(moments[k]![0]!);
      square.set(moments[k]![1]!);
    });
  }

  return {
    get steps() {
      return steps;
    },
    step,
    state,
    restore,
  };
}
