/** How outputs are compared with targets: lines of the language, so that every derivative of a fit is derived. */

/** Names that the lines of a fit use. */
export interface FitNames {
  /** The network's output, the target and the weight of each entry. */
  output: string;
  target: string;
  mask: string;
  /** Number of entries of the output: a size of the network, or a number. */
  entries: string;
}

export interface Fit {
  kind: string;
  /** Lines that define `objective_fit`, which is summed over entries, samples and trials. Other names begin with `objective_`. */
  lines(names: FitNames): string;
  /** The weights that are given to the lines add up to 1 over all entries, or over all samples. Default entry. */
  per?: "entry" | "sample";
  /** Only the last sample of a trial counts. Default false. */
  last?: boolean;
}

/** Where a fit counts. Default: wherever the trials' mask says. */
export interface FitOptions {
  last?: boolean;
}

/** Masked mean square: `Σ mask (z - target)² / Σ mask`. */
export const meanSquare = (options: FitOptions = {}): Fit => ({
  ...options,
  kind: "mean square",
  lines: ({ output, target, mask }) =>
    `objective_miss = ${output} - ${target}\nobjective_fit = ${mask} * (objective_miss * objective_miss)`,
});

/**
 * `log Σ exp(z)` in `objective_lse`. Any number taken out of the sum leaves it as it is; here that is eight times the
 * same for z/8, which lies above the largest entry and overflows only where z spreads over more than 700.
 */
const logSumExp = (z: string, n: string): string => `objective_one = 0 * ${z} + 1
objective_mean = (objective_one' ${z}) / ${n}
objective_high = detach(objective_mean + 8 log(objective_one' exp((${z} - objective_mean)/8)))
objective_lse = objective_high + log(objective_one' exp(${z} - objective_high))`;

/**
 * Cross-entropy of `p = softmax(z)` with targets that add up to 1 (one-hot or soft): the mean over samples of
 * `-Σ target log p`, in nats.
 */
export const crossEntropy = (options: FitOptions = {}): Fit => ({
  ...options,
  kind: "cross-entropy",
  per: "sample",
  lines: ({ output: z, target, mask, entries }) =>
    `${logSumExp(z, entries)}\nobjective_fit = ${mask} * ${target} * (objective_lse - ${z})`,
});

/** Kullback–Leibler divergence of `p = softmax(z)` from the targets, the mean over samples of `Σ target log(target / p)`, in nats. */
export const divergence = (options: FitOptions = {}): Fit => ({
  ...options,
  kind: "divergence",
  per: "sample",
  lines: ({ output: z, target, mask, entries }) =>
    `${logSumExp(z, entries)}\nobjective_fit = ${mask} * ${target} * (log(max(${target}, 1e-30)) + objective_lse - ${z})`,
});

/**
 * Poisson likelihood of counts: the mean over entries of `λ - target log λ`, in nats and without `log target!`.
 * @param options.link `log`: the output is log λ (default). `identity`: it is λ, which must be positive.
 */
export const poisson = ({ link = "log", ...options }: FitOptions & { link?: "log" | "identity" } = {}): Fit => ({
  ...options,
  kind: "poisson",
  lines: ({ output: z, target, mask }) =>
    link === "log"
      ? `objective_fit = ${mask} * (exp(${z}) - ${target} * ${z})`
      : `objective_fit = ${mask} * (${z} - ${target} * log(${z}))`,
});
