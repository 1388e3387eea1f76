/** The wirings: dense, sparse, low rank, mixtures, areas; sums and products of pinned and free factors. */
import { NullclineError } from "../../base/errors.ts";
import type { Dim } from "../../equations/graph.ts";
import type { NetworkData, ParameterData, Tag } from "../../equations/network.ts";
import { checkRank, type Wired, type Wiring } from "./wiring.ts";

const fail = (given: string, expected?: string, remedy?: string): never => {
  throw new NullclineError({ code: "wiring", given, expected, remedy });
};

/** One parameter for each connection; `data` says how it is drawn, its tag and group. Default: gaussian of gain 1, free. */
export const dense =
  (data: Omit<ParameterData, "shape"> = {}): Wiring =>
  (name, shape) => ({
    text: name,
    parameters: { [name]: { init: { law: "gaussian" }, ...data, shape: [...shape] } },
  });

/** The same, not trained. */
export const pinned = (data: Omit<ParameterData, "shape" | "tag"> = {}): Wiring => dense({ ...data, tag: "pinned" });

/**
 * Connections that are there with `probability` p, drawn once: `name_S * name_K`. Those that are there are gaussian of
 * deviation `gain / sqrt(p columns)`, and stay the only ones in training.
 */
export const sparse =
  ({
    probability,
    gain = 1,
    ...data
  }: { probability: number; gain?: number } & Pick<ParameterData, "tag" | "group">): Wiring =>
  (name, shape) => ({
    text: `(${name}_S * ${name}_K)`,
    parameters: {
      [`${name}_S`]: { shape: [...shape], init: { law: "bernoulli", probability }, tag: "pinned" },
      [`${name}_K`]: { shape: [...shape], init: { law: "gaussian", gain: gain / Math.sqrt(probability) }, ...data },
    },
  });

/** Connections by a mask of 0 and 1 (or of weights) that you give, row-major: `name_S * (wiring)`. */
export const masked =
  (mask: Omit<ParameterData, "shape" | "tag">, wiring: Wiring = dense()): Wiring =>
  (name, shape, network) => {
    const inner = wiring(`${name}_K`, shape, network);
    return {
      text: `(${name}_S * ${inner.text})`,
      parameters: { ...inner.parameters, [`${name}_S`]: { ...mask, shape: [...shape], tag: "pinned" } },
    };
  };

/** No unit on itself: `(1 - name_E) * (wiring)`, with the identity pinned. */
export const withoutSelf =
  (wiring: Wiring = dense()): Wiring =>
  (name, shape, network) => {
    if (shape[0] !== shape[1]) fail(`no self-connections in \`${name}\` [${shape.join(", ")}]`, "a square matrix");
    const inner = wiring(`${name}_K`, shape, network);
    return {
      text: `((1 - ${name}_E) * ${inner.text})`,
      parameters: {
        ...inner.parameters,
        [`${name}_E`]: { shape: [...shape], init: { law: "identity" }, tag: "pinned" },
      },
    };
  };

/**
 * `M L' / columns`, with loadings of deviation `std` (1).
 * @source Mastrogiuseppe & Ostojic 2018, Neuron 99, 609–623
 */
export const lowRank =
  ({ rank, std = 1, tag, group }: { rank: Dim; std?: number } & Pick<ParameterData, "tag" | "group">): Wiring =>
  (name, shape, network) => {
    checkRank(rank, shape, network, name);
    const loading = (dim: Dim): ParameterData => ({
      shape: [dim, rank],
      init: { law: "gaussian", std },
      ...(tag && { tag }),
      ...(group && { group }),
    });
    return {
      text: `(${name}_M ${name}_L' / ${shape[1]})`,
      parameters: { [`${name}_M`]: loading(shape[0]), [`${name}_L`]: loading(shape[1]) },
    };
  };

/**
 * Low rank with loadings from a mixture of Gaussian populations, `M L' / N`: of population p, the share `shares[p]` of the
 * units, the loadings are `m_p + C_p X` and `n_p + E_p X` with means and factors of covariance that are trained, and `latents`
 * pinned normal numbers X per unit. Means are `[rank]`, factors `[rank, latents]`; of the rank 1, given as a number, a number
 * and `[latents]`.
 * @source Beiran et al. 2021, Neural Comput. 33, 1572–1615
 */
export const mixture =
  ({ rank, latents, shares }: { rank: Dim; latents: Dim; shares: number[] }): Wiring =>
  (name, shape, network) => {
    if (shape[0] !== shape[1])
      fail(`a mixture of populations for \`${name}\` [${shape.join(", ")}]`, "a square matrix");
    checkRank(rank, shape, network, name);
    const N = shape[0];
    const parameters: Record<string, ParameterData> = {
      [`${name}_X`]: { shape: [N, latents], init: { law: "gaussian", std: 1 }, tag: "pinned" },
    };
    const side = (mean: string, factor: string): string =>
      shares
        .map((_, p) => {
          const [s, m, C] = [`${name}_s${p}`, `${name}_${mean}${p}`, `${name}_${factor}${p}`];
          parameters[s] = membership(N, shares, p);
          // A row of one entry is no number to the language.
          const one = rank === 1;
          parameters[m] = { shape: one ? [] : [rank], init: { law: "constant", value: 0 } };
          parameters[C] = { shape: one ? [latents] : [rank, latents], init: { law: "gaussian" } };
          return one ? `${m} ${s} + diag(${s}) ${name}_X ${C}` : `${s} ${m}' + diag(${s}) ${name}_X ${C}'`;
        })
        .join(" + ");
    return { text: `((${side("m", "C")}) (${side("n", "E")})' / ${N})`, parameters };
  };

/** 1 on the units of one of the populations that divide a size by shares. */
const membership = (N: Dim, shares: number[], p: number): ParameterData => ({
  shape: [N],
  init: { law: "shares", values: shares.map((_, k) => (k === p ? 1 : 0)), shares },
  tag: "pinned",
});

/**
 * Areas within one matrix: units are divided by `shares`, and `strengths[to][from]` scales the connections from one area to
 * another; 0 cuts them.
 */
export const blocks =
  (shares: number[], strengths: number[][], wiring: Wiring = dense()): Wiring =>
  (name, shape, network) => {
    if (shape[0] !== shape[1]) fail(`areas for \`${name}\` [${shape.join(", ")}]`, "a square matrix");
    if (strengths.length !== shares.length || strengths.some((row) => row.length !== shares.length))
      fail(`${strengths.length} rows of strengths for ${shares.length} areas`, "one number for each pair of areas");
    const inner = wiring(`${name}_K`, shape, network);
    const s = (p: number): string => `${name}_s${p}`;
    const pairs = strengths.flatMap((row, to) =>
      row.flatMap((x, from) => (x === 0 ? [] : [`${x < 0 ? "- " : "+ "}${Math.abs(x)} ${s(to)} ${s(from)}'`])),
    );
    if (pairs.length === 0) fail(`areas for \`${name}\` without a connection`, "a strength that is not 0");
    return {
      text: `((${pairs.join(" ").replace(/^\+ /, "")}) * ${inner.text})`,
      parameters: {
        ...inner.parameters,
        ...Object.fromEntries(shares.map((_, p) => [s(p), membership(shape[0], shares, p)])),
      },
    };
  };

/** A sum of wirings, e.g. a pinned random background and a trained low rank: their names end in _1, _2, … */
export const sum =
  (...parts: Wiring[]): Wiring =>
  (name, shape, network) =>
    joined(
      parts.map((part, k) => part(`${name}_${k + 1}`, shape, network)),
      " + ",
    );

/** A product of wirings with sizes `inner` in between: `product(["K", "K"], pinned(), dense(), tied("U", true))` is U P U'. */
export const product =
  (inner: Dim[], ...parts: Wiring[]): Wiring =>
  (name, shape, network) => {
    if (inner.length !== parts.length - 1)
      fail(`${inner.length} inner sizes for a product of ${parts.length}`, `${parts.length - 1}`);
    const sizes = [shape[0], ...inner, shape[1]];
    let sofar = network;
    const made = parts.map((part, k) => {
      const wired = part(`${name}_${k + 1}`, [sizes[k]!, sizes[k + 1]!], sofar);
      sofar = { ...sofar, parameters: { ...sofar.parameters, ...wired.parameters } };
      return wired;
    });
    return joined(made, " ");
  };

const joined = (parts: Wired[], sign: string): Wired => ({
  text: `(${parts.map((p) => p.text).join(sign)})`,
  parameters: Object.assign({}, ...parts.map((p) => p.parameters)),
});

/** A wiring times one number, `name_g`: pinned unless told otherwise. */
export const scaled =
  (gain: number, wiring: Wiring, tag: Tag = "pinned"): Wiring =>
  (name, shape, network) => {
    const inner = wiring(`${name}_K`, shape, network);
    return {
      text: `(${name}_g ${inner.text})`,
      parameters: { ...inner.parameters, [`${name}_g`]: { value: gain, tag } },
    };
  };

/** Rows of length 1. */
export const rowNormalised =
  (wiring: Wiring = dense()): Wiring =>
  (name, shape, network) => {
    const inner = wiring(`${name}_K`, shape, network);
    return { text: `rownorm(${inner.text})`, parameters: inner.parameters };
  };

/** A matrix of the network, or of an earlier factor, used again. */
export const tied =
  (to: string, transpose = false): Wiring =>
  (name, shape, network) => {
    const found = network.parameters[to]?.shape;
    const has = transpose ? [...(found ?? [])].reverse() : found;
    if (found?.length !== 2 || has![0] !== shape[0] || has![1] !== shape[1])
      fail(
        `\`${name}\` [${shape.join(", ")}] tied to \`${to}\`${transpose ? " transposed" : ""}, ${has ? `[${has.join(", ")}]` : "which is no parameter"}`,
        "a matrix of the same shape",
      );
    return { text: transpose ? `${to}'` : to, parameters: {} };
  };

/**
 * A delay, in the unit of `tau`, in every coupling by a matrix: `J r` becomes `J delay(r, J_d)`. Only where a flow reads it.
 * @throws NullclineError (code `wiring`) where the matrix multiplies no quantity by name
 */
export function delayed(network: NetworkData, matrix: string, delay: number): NetworkData {
  const coupling = new RegExp(`(?<!\\w)${matrix} ([A-Za-z]\\w*)(?![\\w[(])`, "g");
  if (!(delay >= 0)) fail(`a delay of ${delay}`, "a time, 0 or more");
  if (!coupling.test(network.equations))
    fail(`no coupling \`${matrix} …\` to delay`, "the matrix and a quantity side by side, e.g. `J r`");
  return {
    ...network,
    equations: network.equations.replace(coupling, `${matrix} delay($1, ${matrix}_d)`),
    parameters: { ...network.parameters, [`${matrix}_d`]: { value: delay, tag: "pinned" } },
  };
}
