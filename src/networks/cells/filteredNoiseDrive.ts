import type { NetworkData } from "../../equations/network.ts";

/**
 * Ornstein–Uhlenbeck noise inside the drive, as its code filters it. `ornsteinUhlenbeckDrive` is the continuous form; the
 * stationary deviation of `w` here is `amp sqrt((1 - q)/(1 + q) tau_w/dt)`.
 * @source Perich et al. 2020, bioRxiv 2020.12.18.423348, and its published code (CURBD)
 */
export const filteredNoiseDrive: NetworkData = {
  name: "filteredNoiseDrive",
  description: "Rate network inside whose drive stands noise, filtered exactly over a sample.",
  source: "Perich et al. 2020, bioRxiv 2020.12.18.423348, and its published code (CURBD)",
  equations: `q = exp(-dt/tau_w)
w[t] = q w[t-1] + (1 - q) amp sqrt(tau_w/dt) eps
tau dx/dt = -x + J r + w;  r = tanh(x)`,
  parameters: {
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1.5 } },
    tau: { value: 100, unit: "ms", tag: "pinned" },
    tau_w: { value: 100, unit: "ms", tag: "pinned" },
    amp: { value: 0.01, tag: "pinned" },
  },
  inputs: {},
  states: { w: { shape: ["N"] } },
  outputs: ["r"],
};
