/** Units, populations, areas or wires taken out of a network, in one trial after training and in all training after. */
import type { Dim } from "../equations/graph.ts";
import { nodesOf } from "../equations/syntax.ts";
import type { Text } from "../equations/text.ts";
import type { Network } from "../networks/network.ts";
import { cut, readText, weightShape } from "./cut.ts";
import { refuse } from "./mend.ts";

export type Lesion =
  /** Units of the size `size` (default `N`), from 0. */
  | { units: readonly number[]; size?: Dim }
  /** All units of an area of `joinAreas`: those of the size `N_AREA`, or of `size` with the area as suffix. */
  | { area: string; size?: string }
  /** The units on which a vector of the network, e.g. the membership `s_1` of a mixture, is not 0. */
  | { population: string }
  /** Entries of a weight, `[row, column]` of a matrix or `[entry]` of a vector; without `entries` the whole weight. */
  | { wires: string; entries?: readonly (readonly number[])[] };

/**
 * The network without some of its units or wires. A weight that loses entries is written `J = J_S * J_K`, with a pinned mask
 * J_S: what is cut has no gradient and stays 0 where the network is trained on.
 *
 * A unit without wires: its row and column in each matrix over the units that the dynamics or the readout reads are 0, and
 * its entry in each vector that is read transposed (`w' r`). It hears and sends nothing; its own state goes where its
 * bias and noise take it.
 * @throws NullclineError (code `surgery`) where there is no such unit, size, area, population, weight or entry
 */
export function lesion(network: Network, what: Lesion): Network {
  const text = readText(network);
  if ("wires" in what) {
    const mask = maskOf(network, text, what.wires);
    for (const entry of what.entries ?? []) mask.values[placeOf(what.wires, entry, mask.shape)] = 0;
    if (!what.entries) mask.values.fill(0);
    return cut(network, what.wires, mask.values);
  }
  const { size, units } = unitsOf(network, text, what);
  let made = network;
  for (const name of weightsOver(text, size)) {
    const { shape, dims, values } = maskOf(network, text, name);
    const columns = shape[1] ?? 1;
    for (let k = 0; k < values.length; k++)
      if (
        (dims[0] === size && units.has(Math.floor(k / columns))) ||
        (dims.length > 1 && dims[1] === size && units.has(k % columns))
      )
        values[k] = 0;
    made = cut(made, name, values);
  }
  return made;
}

function unitsOf(
  network: Network,
  text: Text,
  what: Exclude<Lesion, { wires: string }>,
): { size: Dim; units: Set<number> } {
  if ("population" in what) {
    const { population } = what;
    const member = Object.hasOwn(network.parameters, population) ? network.parameters[population]! : undefined;
    if (member?.values.shape.length !== 1)
      refuse(`no population \`${population}\``, "a vector of the network that is not 0 on its units");
    const units = [...member!.values.data.keys()].filter((k) => member!.values.data[k] !== 0);
    return { size: network.data.parameters[population]!.shape![0]!, units: new Set(units) };
  }
  const size = "area" in what ? `${what.size ?? "N"}_${what.area}` : (what.size ?? "N");
  const n = typeof size === "number" ? size : network.sizes[size];
  if (n === undefined || !text.sizes.has(`${size}`))
    if (typeof size === "string")
      refuse(
        "area" in what ? `no area \`${what.area}\` (no size \`${size}\`)` : `no size \`${size}\``,
        `sizes ${[...text.sizes].join(", ")}`,
        "area" in what ? undefined : "say which is that of the units: { units, size }",
      );
  const units = "area" in what ? Array.from({ length: n! }, (_, k) => k) : what.units;
  const wrong = units.find((k) => !(Number.isInteger(k) && k >= 0 && k < n!));
  if (wrong !== undefined) refuse(`the unit ${wrong} of ${n}`, `whole numbers from 0 to ${n! - 1}`);
  return { size, units: new Set(units) };
}

/** Weights that are read at every sample or once a trial, over a size: matrices, and vectors that are read transposed. */
function weightsOver(text: Text, size: Dim): string[] {
  const read = new Set<string>();
  for (const line of text.lines)
    if (text.quantities.get(line.name)?.level !== "update")
      for (const node of nodesOf(line)) if (node.type === "name") read.add(node.name);
  const transposed = (name: string): boolean => new RegExp(`(?<!\\w)${name}'`).test(text.source.text);
  return [...read].filter((name) => {
    const shape = weightShape(text, name);
    return shape?.includes(size) && (shape.length === 2 || (shape.length === 1 && transposed(name)));
  });
}

/** A mask of ones for a weight. */
function maskOf(
  network: Network,
  text: Text,
  name: string,
): { shape: number[]; dims: readonly Dim[]; values: Float64Array } {
  const dims = weightShape(text, name) ?? [];
  if (dims.length === 0) {
    const known = Object.keys(network.parameters).filter((p) => network.parameters[p]!.values.shape.length > 0);
    refuse(`no weight \`${name}\``, known.join(", "));
  }
  const shape = dims.map((d) => (typeof d === "number" ? d : network.sizes[d]!));
  return { shape, dims, values: new Float64Array(shape.reduce((a, b) => a * b)).fill(1) };
}

function placeOf(name: string, entry: readonly number[], shape: number[]): number {
  if (entry.length !== shape.length || entry.some((k, d) => !(Number.isInteger(k) && k >= 0 && k < shape[d]!)))
    refuse(
      `the entry [${entry.join(", ")}] of \`${name}\` [${shape.join(", ")}]`,
      shape.length === 2 ? "[row, column], from 0" : "[entry], from 0",
    );
  return entry.reduce((at, k, d) => at * shape[d]! + k, 0);
}
