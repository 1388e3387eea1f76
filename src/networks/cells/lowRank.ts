import type { NetworkData } from "../../equations/network.ts";

/**
 * Low-rank rate network as a map, with plain noise per step. The published code reads `u` and the readout one sample apart:
 * `x[t] = x[t-1] + …` with `u` reproduces it; this is the printed text.
 * @source Valente, Pillow & Ostojic 2022, NeurIPS 35; for sqrt(2 a) sigma eps: Pals, Macke & Barak 2024, PLoS Comput. Biol. 20, e1011852
 */
export const lowRank: NetworkData = {
  name: "lowRank",
  description: "Low-rank rate network as a map, with noise per step.",
  source:
    "Valente, Pillow & Ostojic 2022, NeurIPS 35; for sqrt(2 a) sigma eps: Pals, Macke & Barak 2024, PLoS Comput. Biol. 20, e1011852",
  equations: `x[t+1] = x + sigma eps + a (-x + M L' r / N + B u)
r = tanh(x);  z = w' r / N`,
  parameters: {
    M: { shape: ["N", "R"], init: { law: "gaussian", std: 1 } },
    L: { shape: ["N", "R"], init: { law: "gaussian", std: 1 } },
    B: { shape: ["N", "I"], init: { law: "gaussian", std: 1 } },
    w: { shape: ["N", "O"], init: { law: "gaussian", std: 4 }, tag: "pinned" },
    a: { value: 0.2, tag: "pinned" },
    sigma: { value: 0.05, tag: "pinned" },
  },
};
