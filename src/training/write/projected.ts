import type { Projection } from "../../networks/connectivity/index.ts";
import type { Write } from "../rule.ts";
import { ideal } from "./ideal.ts";

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
