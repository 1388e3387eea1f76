import type { NetworkData } from "../../equations/network.ts";

/**
 * Rate-form network as a map, with noise inside the transfer function; after the leak its deviation is about
 * `sqrt(2 a) sigma` times the slope of the transfer.
 * @source Yang, Joglekar, Song, Newsome & Wang 2019, Nat. Neurosci. 22, 297–306
 */
export const noiseInTransfer: NetworkData = {
  name: "noiseInTransfer",
  description: "Rate-form network with noise inside the transfer function.",
  source: "Yang, Joglekar, Song, Newsome & Wang 2019, Nat. Neurosci. 22, 297–306",
  equations: `a = dt/tau
r[t] = (1 - a) r[t-1] + a softplus(J r[t-1] + B u + b + sqrt(2/a) sigma eps)
z = sigmoid(W r + c)`,
  parameters: {
    tau: { value: 100, unit: "ms", tag: "pinned" },
    sigma: { value: 0.05, tag: "pinned" },
    J: { shape: ["N", "N"], init: { law: "identity", gain: 0.5 } },
    B: { shape: ["N", "I"] },
    b: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    c: { shape: ["O"] },
  },
  dt: 20,
};
