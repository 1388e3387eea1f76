/** A low-rank network of any size with loadings of the same law. */
import type { NDArray } from "../base/arrays.ts";
import type { Network } from "../networks/network.ts";
import { drawMixture, type FittedMixture, fitMixture } from "../population/gaussianMixture.ts";
import { mended, refuse } from "./mend.ts";

export interface ResampleOptions {
  /** Number of Gaussian populations. */
  populations: number;
  /** Units of the new network. */
  units: number;
  /** The size of the units; default `N`. */
  size?: string;
  /** Of the fit and of the draws; default 0. */
  seed?: number;
  /**
   * Parameters whose sum over units the text does not divide by their number, as `W` in `z = W r`: they become
   * `old units / new units` times as large. Those in `M L' r / N` are not among them.
   */
  summed?: string[];
}

export interface Resampled {
  network: Network;
  /** Of the loadings, the dimensions named in `loadings`. */
  mixture: FittedMixture;
  /** `[parameter, column or row of it]` of each dimension of the mixture. */
  loadings: [parameter: string, index: number][];
  /** The population that each unit was drawn from. */
  population: Int32Array;
}

/**
 * Fits a mixture of Gaussians to what each unit has: its entries of all parameters over the units, jointly; and draws units of
 * a new network from it, in any number. What is the same for all units stays so.
 * @throws NullclineError (code `surgery`) where a parameter is over pairs of units, is a time or a share that varies, or nothing
 * is over units; (code `mixture`) where there are too few units for the populations
 * @source Beiran et al. 2021, Neural Comput. 33, 1572–1615; Dubreuil et al. 2022, Nat. Neurosci. 25, 783–794
 */
export function resample(network: Network, options: ResampleOptions): Resampled {
  const { populations, units, size = "N", seed = 0, summed = [] } = options;
  const { data, parameters, sizes } = network;
  const n = Object.hasOwn(sizes, size) ? sizes[size]! : refuse(`no size \`${size}\``, Object.keys(sizes).join(", "));
  if (!Number.isInteger(units) || units < 1) refuse(`${units} units`, "a whole number above 0");
  const over = Object.keys(data.parameters).filter((name) => data.parameters[name]!.shape?.includes(size));
  for (const name of summed)
    if (!over.includes(name)) refuse(`\`${name}\` is no parameter over \`${size}\``, over.join(", "));

  const varying: { name: string; index: number; values: Float64Array }[] = [];
  const placed: { name: string; index: number; values: (unit: number) => number }[] = [];
  for (const name of over) {
    const { shape = [], unit, init } = data.parameters[name]!;
    if (shape.every((dim) => dim === size) && shape.length > 1)
      refuse(
        `\`${name}\` [${shape.join(", ")}] is over pairs of units`,
        "weights of low rank",
        `refit(network, "${name}", rank) makes them so`,
      );
    const table = parameters[name]!.values;
    const others = table.data.length / n;
    for (let index = 0; index < others; index++) {
      const values = Float64Array.from({ length: n }, (_, k) => table.data[placeOf(shape, size, n, others, k, index)]!);
      if (values.every((x) => x === values[0])) placed.push({ name, index, values: () => values[0]! });
      else if (unit || init?.law === "shares")
        refuse(
          `\`${name}\` differs between units and is ${unit ? "a time" : "a share of the units"}`,
          "loadings with a Gaussian law",
          unit ? undefined : "a network written as a mixture is drawn at any size by makeNetwork",
        );
      else varying.push({ name, index, values });
    }
  }
  if (varying.length === 0) refuse(`no parameter over \`${size}\` that differs between units`, "loadings");
  const d = varying.length;
  const samples: NDArray = { data: new Float64Array(n * d), shape: [n, d] };
  varying.forEach(({ values }, i) => {
    for (let k = 0; k < n; k++) samples.data[k * d + i] = values[k]!;
  });
  const mixture = fitMixture(samples, { components: populations, seed });
  if (mixture.status === "collapsed")
    refuse(`a fit of ${populations} populations to ${n} units in which one died out`, undefined, "ask for fewer");
  const drawn = drawMixture(mixture, units, seed);
  varying.forEach(({ name, index }, i) => {
    placed.push({ name, index, values: (k) => drawn.samples.data[k * d + i]! });
  });

  const values: Record<string, Float64Array> = {};
  for (const { name, index, values: of } of placed) {
    const others = parameters[name]!.values.data.length / n;
    const array = (values[name] ??= new Float64Array(units * others));
    const factor = summed.includes(name) ? n / units : 1;
    for (let k = 0; k < units; k++)
      array[placeOf(data.parameters[name]!.shape!, size, units, others, k, index)] = factor * of(k);
  }
  // Lists of numbers in the table are of the old size.
  const table = Object.fromEntries(
    Object.entries(data.parameters).map(([name, p]) => [name, name in values ? { ...p, value: undefined } : p]),
  );
  const resized = { ...sizes, [size]: units };
  const made = mended(network, { ...data, parameters: table, sizes: { ...data.sizes, [size]: units } }, values, {
    sizes: resized,
  });
  return {
    network: made,
    mixture,
    loadings: varying.map(({ name, index }) => [name, index]),
    population: drawn.component,
  };
}

/** Place of unit k's entry `index` in a parameter over units and something else, either of which may come first. */
const placeOf = (
  shape: readonly (string | number)[],
  size: string,
  n: number,
  others: number,
  k: number,
  index: number,
): number => (shape[0] === size ? k * others + index : index * n + k);
