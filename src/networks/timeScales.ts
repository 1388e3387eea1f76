/** The times that a network's flows name. */
import { walk } from "../equations/syntax.ts";
import { Text } from "../equations/text.ts";
import type { Network } from "./network.ts";

/**
 * Shortest and longest of the parameters that stand before a `dx/dt`, e.g. of `tau`; undefined where there is none, or
 * where what stands there is computed from others.
 */
export function timeScales(network: Network): { shortest: number; longest: number } | undefined {
  const times: number[] = [];
  for (const line of new Text(network.data).lines)
    if (line.kind === "flow" && line.scale)
      for (const node of walk(line.scale))
        if (node.type === "name") times.push(...(network.parameters[node.name]?.values.data ?? []));
  const positive = times.filter((t) => t > 0);
  return positive.length === 0 ? undefined : { shortest: Math.min(...positive), longest: Math.max(...positive) };
}
