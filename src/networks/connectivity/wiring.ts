/**
 * How units are wired, as text and parameters: a wiring takes the place of a matrix of a network, e.g. of `J`, by a line
 * `J = J_M J_L' / N` and the factors that it reads.
 */
import { NullclineError } from "../../base/errors.ts";
import type { Dim } from "../../equations/graph.ts";
import type { NetworkData, ParameterData } from "../../equations/network.ts";
import { Text } from "../../equations/text.ts";

export type MatrixShape = readonly [rows: Dim, columns: Dim];

export interface Wired {
  /** The matrix as an expression of the language: a single name, a call, or something in parentheses. */
  text: string;
  parameters: Record<string, ParameterData>;
}

/**
 * A matrix of a shape as an expression.
 * @param name its factors are `name`, `name_M`, …: no two parts of a wiring have the same
 * @param network the one that it is for
 */
export type Wiring = (name: string, shape: MatrixShape, network: NetworkData) => Wired;

/**
 * The network with another wiring in place of a matrix. The matrix keeps its name: analyses, readouts and constraints
 * read it as before.
 * @throws NullclineError (code `wiring`) where there is no such matrix, a rank is above its size, shapes do not meet, or
 * the name of a factor is taken
 */
export function wire(network: NetworkData, matrix: string, wiring: Wiring): NetworkData {
  const shape = shapeOf(network, matrix);
  const { [matrix]: _, ...rest } = network.parameters;
  const { text, parameters } = wiring(matrix, shape, network);
  if (text === matrix) return { ...network, parameters: { ...rest, ...parameters } };
  const taken = new Set([...Object.keys(rest), ...new Text(network).quantities.keys()]);
  for (const name of Object.keys(parameters))
    if (taken.has(name) || name === matrix)
      throw new NullclineError({
        code: "wiring",
        given: `the wiring of \`${matrix}\` has a factor \`${name}\`, a name that the network has already`,
        remedy: "rename the network's",
      });
  return {
    ...network,
    equations: `${matrix} = ${text}\n${network.equations}`,
    parameters: { ...rest, ...parameters },
  };
}

/** @throws NullclineError (code `wiring`) where there is no such matrix */
export function shapeOf(network: NetworkData, matrix: string): MatrixShape {
  const shape = Object.hasOwn(network.parameters, matrix) ? network.parameters[matrix]!.shape : undefined;
  if (shape?.length !== 2)
    throw new NullclineError({
      code: "wiring",
      given: `the network \`${network.name ?? "equations"}\` has no matrix \`${matrix}\``,
      expected: matrices(network).join(", ") || "a network with a matrix",
    });
  return shape as unknown as MatrixShape;
}

export const matrices = ({ parameters }: NetworkData): string[] =>
  Object.keys(parameters).filter((name) => parameters[name]!.shape?.length === 2);

/** The number of a size, where it is known. */
export const numberOf = (dim: Dim, sizes: Record<string, number> = {}): number | undefined =>
  typeof dim === "number" ? dim : sizes[dim];

/** @throws NullclineError (code `wiring`) where a rank is no whole number above 0, or above the size of the matrix */
export function checkRank(rank: Dim, shape: MatrixShape, network: NetworkData, name: string): void {
  const r = numberOf(rank, network.sizes);
  const known = shape.map((d) => numberOf(d, network.sizes)).filter((n) => n !== undefined);
  const most = Math.min(...known);
  if (r !== undefined && (!Number.isInteger(r) || r < 1 || r > most))
    throw new NullclineError({
      code: "wiring",
      given: `rank ${r} of \`${name}\` [${shape.join(", ")}]`,
      expected: known.length > 0 ? `a whole number from 1 to ${most}` : "a whole number above 0",
    });
}
