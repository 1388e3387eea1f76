/** A network with numbers: its data, sizes and parameter values. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { networkSystem, type SystemOptions } from "../engine/networkSystem.ts";
import type { NetworkData, ParameterData } from "../equations/network.ts";
import { Text } from "../equations/text.ts";
import { initialise, type Parameter } from "./initialise.ts";

export interface Network {
  data: NetworkData;
  sizes: Record<string, number>;
  parameters: Record<string, Parameter>;
}

/**
 * Draws the parameters of a network.
 * @throws NullclineError where a size has no number, or a value does not fit.
 */
export function makeNetwork(
  data: NetworkData,
  options: { seed?: number; sizes?: Record<string, number> } = {},
): Network {
  const text = new Text(data);
  const sizes: Record<string, number> = {};
  for (const name of text.sizes) {
    const n = options.sizes?.[name] ?? data.sizes?.[name];
    if (n === undefined)
      throw new NullclineError({
        code: "size",
        given: `the size \`${name}\` of the network \`${data.name ?? "equations"}\` has no number`,
        remedy: `set it: sizes: { ${name}: 100 }`,
      });
    sizes[name] = n;
  }
  for (const name of Object.keys(options.sizes ?? {}))
    if (!text.sizes.has(name))
      throw new NullclineError({
        code: "size",
        given: `no size \`${name}\``,
        expected: [...text.sizes].join(", ") || "no sizes",
      });
  return { data, sizes, parameters: initialise(data, { ...options, sizes }) };
}

/**
 * The same equations with other facts about their parameters: a number is a value, an object replaces what it names. A
 * value takes the place of a law of initialisation and the reverse. `withParameters(networks.rate, { tau: 50, J: { init:
 * { law: "gaussian", gain: 1.5 } } })`.
 * @throws NullclineError (code `parameter`) where the network has no parameter of a name
 */
export function withParameters(data: NetworkData, changes: Record<string, number | ParameterData>): NetworkData {
  const parameters = { ...data.parameters };
  for (const [name, change] of Object.entries(changes)) {
    if (!Object.hasOwn(parameters, name))
      throw new NullclineError({
        code: "parameter",
        given: `no parameter \`${name}\``,
        expected: Object.keys(parameters).join(", "),
      });
    const given = typeof change === "number" ? { value: change } : change;
    const { value: _, init: __, ...kept } = parameters[name]!;
    const drawn = given.value === undefined && given.init === undefined ? parameters[name]! : kept;
    parameters[name] = { ...drawn, ...given };
  }
  return { ...data, parameters };
}

/** Flat values by parameter, as engines take them. */
export const valuesOf = (network: Network): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(network.parameters).map(([name, p]) => [name, p.values.data as Float64Array]));

/**
 * The same network with other values; the rest stays.
 * @throws NullclineError where a name or shape does not fit.
 */
export function withValues(network: Network, values: Record<string, NDArray>): Network {
  const parameters = { ...network.parameters };
  for (const [name, array] of Object.entries(values)) {
    const p = parameters[name];
    if (!p)
      throw new NullclineError({
        code: "parameter",
        given: `no parameter \`${name}\``,
        expected: Object.keys(parameters).join(", "),
      });
    const { shape } = p.values;
    // Flat values are taken in the order of the shape; other axes, transposed ones too, are a mistake.
    const fits = array.shape.length !== shape.length || array.shape.every((n, k) => n === shape[k]);
    if (array.data.length !== p.values.data.length || !fits)
      throw new NullclineError({
        code: "parameter",
        given: `\`${name}\` of shape [${array.shape.join(", ")}]`,
        expected: `[${shape.join(", ")}]`,
      });
    parameters[name] = { ...p, values: { data: Float64Array.from(array.data), shape } };
  }
  return { ...network, parameters };
}

/** The network under a constant input, as analyses see it: `networkSystem` with the network's own numbers. @throws as it does */
export const systemOf = (
  network: Network,
  options: Omit<SystemOptions, "parameters" | "sizes"> = {},
): ReturnType<typeof networkSystem> =>
  networkSystem(network.data, { ...options, parameters: valuesOf(network), sizes: network.sizes });
