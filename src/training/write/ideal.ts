import type { TrainedParameter, Write } from "../rule.ts";

/** Adds the changes exactly; bounded parameters are then clipped to their bounds. */
export function ideal(): Write {
  return {
    kind: "ideal",
    start: (parameters) => ({
      apply(values, changes) {
        for (const [name, change] of Object.entries(changes)) {
          const value = values[name]!;
          for (let k = 0; k < value.length; k++) value[k]! += change[k]!;
          clip(value, parameters[name]!);
        }
      },
      state: () => ({}),
      restore() {},
    }),
  };
}

/** Brings a bounded parameter back within its bounds. */
export function clip(value: Float64Array, { tag }: TrainedParameter): void {
  if (typeof tag !== "object") return;
  const [low, high] = tag.bounded;
  for (let k = 0; k < value.length; k++) value[k] = Math.min(high, Math.max(low, value[k]!));
}
