/** What every update does with tags and groups. */
import { NullclineError } from "../../base/errors.ts";
import type { TrainedParameter, Values } from "../rule.ts";

export interface GroupRates {
  /** What the rate is multiplied by for the parameters of a group. Default 1 for each. */
  groupRates?: Record<string, number>;
}

export interface Changed {
  name: string;
  size: number;
  /** Of the learning rate. */
  factor: number;
  change: Float64Array;
}

/**
 * The parameters that are not pinned, each with an array for its change.
 * @throws NullclineError (code `training`) where `groupRates` names a group that no parameter has
 */
export function changedParameters(
  parameters: Record<string, TrainedParameter>,
  { groupRates = {} }: GroupRates = {},
): { list: Changed[]; changes: Values } {
  const groups = new Set(Object.values(parameters).map((p) => p.group));
  for (const group of Object.keys(groupRates))
    if (!groups.has(group))
      throw new NullclineError({
        code: "training",
        given: `a learning rate for the group \`${group}\`, in which there is no parameter`,
        expected: `one of the groups ${[...groups].filter((g) => g !== undefined).join(", ") || "(there are none)"}`,
      });
  const list = Object.entries(parameters).flatMap(([name, { size, tag = "free", group }]) => {
    if (tag === "pinned") return [];
    const factor = group === undefined ? 1 : (groupRates[group] ?? 1);
    return { name, size, factor, change: new Float64Array(size) };
  });
  return { list, changes: Object.fromEntries(list.map(({ name, change }) => [name, change])) };
}

/** A parameter's gradient. A missing one, or one of another size, is an error of the program. */
export function gradientOf(gradients: Record<string, ArrayLike<number>>, { name, size }: Changed): ArrayLike<number> {
  const gradient = gradients[name];
  if (gradient?.length !== size) throw new Error(`${name}: ${gradient?.length} gradients for ${size} entries`);
  return gradient;
}
