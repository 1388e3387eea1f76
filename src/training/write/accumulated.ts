import { restoreInto, stateOf, type Values, type Write } from "../rule.ts";
import { ideal } from "./ideal.ts";

/**
 * Changes add up in an accumulator of full precision; what exceeds whole quanta stays there:
 *
 *     a ← a + Δθ,   n = trunc(a / q),   θ ← θ + n q,   a ← a - n q
 *
 * With a quantum that goes to 0 this is the inner write of every change.
 * @param quantum q, in the units of the parameter.
 * @source Nandakumar et al. 2020 (mixed precision), Demirag et al. 2021
 */
export function accumulated(quantum: number, inner: Write = ideal()): Write {
  return {
    kind: `${inner.kind}, accumulated`,
    start(parameters, context) {
      const writer = inner.start(parameters, context);
      const sums: Values = {};
      const whole: Values = {};
      for (const [name, { size, tag }] of Object.entries(parameters)) {
        if (tag === "pinned") continue;
        sums[`accumulated.${name}`] = new Float64Array(size);
        whole[name] = new Float64Array(size);
      }
      return {
        ...(writer.writes && { writes: () => writer.writes!() }),
        apply(values, changes, iteration) {
          for (const [name, change] of Object.entries(changes)) {
            const sum = sums[`accumulated.${name}`]!;
            const written = whole[name]!;
            for (let k = 0; k < sum.length; k++) {
              const total = sum[k]! + change[k]!;
              written[k] = Math.trunc(total / quantum) * quantum;
              sum[k] = total - written[k]!;
            }
          }
          writer.apply(values, whole, iteration);
        },
        state: () => ({ ...stateOf(sums), ...writer.state() }),
        restore(saved) {
          restoreInto(sums, saved);
          writer.restore(saved);
        },
      };
    },
  };
}
