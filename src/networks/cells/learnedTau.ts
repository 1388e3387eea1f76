import type { NetworkData } from "../../equations/network.ts";

/**
 * A learned time constant per unit, between `lo` and `hi`; `d` is +1 or -1 for each presynaptic unit (Dale's law), `S` 0 or 1
 * for each connection. `sigma sqrt(2 tau) * xi` serves one `tau` or one per unit: `sigma` is the stationary deviation without
 * input.
 * @source Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820; signs and mask as in Song, Yang & Wang 2016, PLoS Comput. Biol. 12, e1004792
 */
export const learnedTau: NetworkData = {
  name: "learnedTau",
  description: "Rate network with one learned time constant per unit, signs of units kept, and a mask.",
  source:
    "Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820; signs and mask as in Song, Yang & Wang 2016, PLoS Comput. Biol. 12, e1004792",
  equations: `tau = lo + (hi - lo) sigmoid(k)
J = relu(K) diag(d) * S
tau dx/dt = -x + J r + B u + sigma sqrt(2 tau) * xi
r = sigmoid(x);  z = W r + c`,
  parameters: {
    k: { shape: ["N"] },
    lo: { value: 20, unit: "ms", tag: "pinned" },
    hi: { value: 100, unit: "ms", tag: "pinned" },
    K: { shape: ["N", "N"], init: { law: "gaussian", gain: 1.5 } },
    d: { shape: ["N"], init: { law: "shares", values: [1, -1], shares: [0.8, 0.2] }, tag: "pinned" },
    S: { shape: ["N", "N"], init: { law: "bernoulli", probability: 0.2 }, tag: "pinned" },
    B: { shape: ["N", "I"], init: { law: "gaussian", std: 1 }, tag: "pinned" },
    W: { shape: ["O", "N"] },
    c: { shape: ["O"] },
    sigma: { value: 0.1, tag: "pinned" },
  },
};
