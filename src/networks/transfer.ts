/** Transfer functions as text: what stands in the line `r = …`, and the parameters that it reads. */
import type { ParameterData } from "../equations/network.ts";

export interface Transfer {
  /** The function of an argument, e.g. of `x`. The argument may stand in it more than once: give a name. */
  text(argument: string): string;
  /** Scalars; `perUnit` of a cell gives them the shape of the units and frees them. */
  parameters?: Record<string, ParameterData>;
  source?: string;
}

const pinned = (value: number): ParameterData => ({ value, tag: "pinned" });

/**
 * The transfer functions by name:
 * `linear` x · `tanh` · `relu` · `retanh` relu(tanh x) · `softplus` log(1 + eˣ) · `sigmoid` · `clipped` min(relu x, r_max) ·
 * `power` k_r relu(x)^p · `exponential` r_0 eˣ · `gamma` (1 - s) softplus(n x)/n + s sigmoid(n x), which goes from a
 * softened relu (s = 0, n large) to a logistic function (s = 1).
 */
export const transfers = {
  linear: { text: (x) => x },
  tanh: { text: (x) => `tanh(${x})` },
  relu: { text: (x) => `relu(${x})` },
  retanh: {
    text: (x) => `relu(tanh(${x}))`,
    source: "Balwani, Wang, Najafi & Choi 2025, Sci. Adv.",
  },
  softplus: { text: (x) => `softplus(${x})` },
  sigmoid: { text: (x) => `sigmoid(${x})` },
  clipped: {
    text: (x) => `min(relu(${x}), r_max)`,
    parameters: { r_max: pinned(20) },
    source: "Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820",
  },
  power: {
    // The floor keeps the derivative by a learned exponent finite where the rectified argument is 0.
    text: (x) => `k_r * max(${x}, 1e-12)^p`,
    parameters: { k_r: pinned(0.04), p: pinned(2) },
    source: "Rubin, Van Hooser & Miller 2015, Neuron 85, 402–417",
  },
  exponential: { text: (x) => `r_0 * exp(${x})`, parameters: { r_0: pinned(0.1) } },
  gamma: {
    text: (x) => `(1 - s) * softplus(n * ${x})/n + s * sigmoid(n * ${x})`,
    parameters: { n: pinned(6), s: pinned(0.1) },
    source: "Geadah, Horoi, Kerg, Wolf & Lajoie 2024, PLoS Comput. Biol. 20",
  },
} as const satisfies Record<string, Transfer>;

export type TransferName = keyof typeof transfers;
