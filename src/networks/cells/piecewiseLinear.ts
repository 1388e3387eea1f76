import type { NetworkData } from "../../equations/network.ts";

/**
 * A latent state of dimension R with its own noise; the decay `a` lies between 0 and 1.
 * @source Pals, Sağtekin, Pei, Gloeckler & Macke 2024, NeurIPS 37
 */
export const piecewiseLinear: NetworkData = {
  name: "piecewiseLinear",
  description: "Stochastic low-rank network, piecewise linear, with one observed quantity per unit.",
  source: "Pals, Sağtekin, Pei, Gloeckler & Macke 2024, NeurIPS 37",
  equations: `a = exp(-exp(p));  v[t] = a v[t-1] + (1 - a) u
y[t+1] = a y + L r + S eps
r = relu(M y + E v + h) - relu(M y + E v)
z = exp(k * r + c)`,
  parameters: {
    p: { value: -2, tag: "free" },
    M: { shape: ["N", "R"] },
    L: { shape: ["R", "N"] },
    E: { shape: ["N", "I"] },
    h: { shape: ["N"], init: { law: "uniform", low: 0, high: 1 } },
    S: { shape: ["R", "R"], init: { law: "identity", gain: 0.1 } },
    k: { shape: ["N"], init: { law: "constant", value: 1 } },
    c: { shape: ["N"] },
  },
};
