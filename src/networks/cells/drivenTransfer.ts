import type { NetworkData } from "../../equations/network.ts";

/**
 * The transfer `gamma(a; n, s) = (1 - s) softplus(n a)/n + s sigmoid(n a)` with its gain `n` and saturation `s` read from a
 * state that is a matrix: one row per unit, one column per hidden variable of the shared network.
 * @source Geadah, Horoi, Kerg, Wolf & Lajoie 2024, PLoS Comput. Biol. 20
 */
export const drivenTransfer: NetworkData = {
  name: "drivenTransfer",
  description: "Units whose transfer function is driven by a small network shared by all of them.",
  source: "Geadah, Horoi, Kerg, Wolf & Lajoie 2024, PLoS Comput. Biol. 20",
  equations: `a = U u + V h[t-1] + b
G[t] = tanh(a w' + G[t-1] Q)
n = G p + n_0;  s = G q + s_0
h[t] = (1 - s) * softplus(n * a)/n + s * sigmoid(n * a);  z = W h`,
  parameters: {
    U: { shape: ["N", "I"] },
    V: { shape: ["N", "N"] },
    b: { shape: ["N"] },
    w: { shape: ["K"], init: { law: "gaussian" } },
    Q: { shape: ["K", "K"] },
    p: { shape: ["K"], init: { law: "gaussian", gain: 0.1 } },
    q: { shape: ["K"], init: { law: "gaussian", gain: 0.1 } },
    n_0: { shape: ["N"], init: { law: "uniform", low: 5, high: 7 } },
    s_0: { shape: ["N"] },
    W: { shape: ["O", "N"] },
  },
};
