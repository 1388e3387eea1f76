import type { Write } from "../rule.ts";
import { ideal } from "./ideal.ts";

/** Brings parameters, in place, into the set that a constraint allows. It is given all trained parameters. */
export type Projection = (parameters: Record<string, Float64Array>) => void;

/** Another write, then a projection on a constraint: sign, mask, range, rank. */
export function projected(projection: Projection, inner: Write = ideal()): Write {
  return {
    kind: `${inner.kind}, projected`,
    start(parameters, context) {
      const writer = inner.start(parameters, context);
      return {
        ...writer,
        apply(values, changes, iteration) {
          writer.apply(values, changes, iteration);
          projection(values);
        },
      };
    },
  };
}
