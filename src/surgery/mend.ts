/** What all surgery does: other text and values, the rest of the network as it was. */
import { NullclineError } from "../base/errors.ts";
import type { NetworkData } from "../equations/network.ts";
import { makeNetwork, type Network, withValues } from "../networks/network.ts";

export function refuse(given: string, expected?: string, remedy?: string): never {
  throw new NullclineError({ code: "surgery", given, expected, remedy });
}

/** A network of other data: values by name, else the old network's where the parameter is the same, else drawn. */
export function mended(
  old: Network,
  data: NetworkData,
  values: Record<string, Float64Array> = {},
  options: { sizes?: Record<string, number>; seed?: number } = {},
): Network {
  const made = makeNetwork(data, { sizes: options.sizes ?? old.sizes, seed: options.seed });
  const kept = Object.entries(old.parameters).filter(
    ([name, { values: v }]) => `${made.parameters[name]?.values.shape}` === `${v.shape}` && !(name in values),
  );
  return withValues(
    { ...made, parameters: { ...made.parameters, ...Object.fromEntries(kept) } },
    Object.fromEntries(
      Object.entries(values).map(([name, v]) => [name, { data: v, shape: made.parameters[name]?.values.shape ?? [] }]),
    ),
  );
}

/**
 * Values and sizes of a matrix that is a parameter.
 * @throws NullclineError (code `surgery`) where there is none
 */
export function matrixOf(
  { data, parameters }: Network,
  name: string,
): { values: Float64Array; rows: number; columns: number } {
  const found = Object.hasOwn(parameters, name) ? parameters[name]!.values : undefined;
  if (found?.shape.length !== 2) {
    const known = Object.keys(parameters).filter((key) => parameters[key]!.values.shape.length === 2);
    refuse(
      `the network \`${data.name ?? "equations"}\` has no matrix \`${name}\` among its parameters`,
      known.join(", ") || "a network with a matrix",
    );
  }
  return { values: found!.data, rows: found!.shape[0]!, columns: found!.shape[1]! };
}
