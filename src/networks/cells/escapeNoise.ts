import type { NetworkData } from "../../equations/network.ts";

/**
 * A spike in a sample with probability `1 - exp(-lambda dt)`: `(1 + erf(eps/sqrt(2)))/2` is a uniform number.
 * @source Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, chapters 6 and 9
 */
export const escapeNoise: NetworkData = {
  name: "escapeNoise",
  description: "Unit with escape noise and adaptation (generalised integrate-and-fire).",
  source: "Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, chapters 6 and 9",
  equations: `lambda = lambda_0 exp((kappa * v - b * e - theta)/D)
s = step(1 - exp(-lambda dt) - (1 + erf(eps/sqrt(2)))/2)
v[t+1] = v + (dt/tau) (B u - v);  e[t+1] = exp(-dt/tau_k) e + s`,
  parameters: {
    tau: { value: 20, unit: "ms", tag: "pinned" },
    tau_k: { value: 100, unit: "ms", tag: "pinned" },
    b: { value: 1, tag: "pinned" },
    kappa: { value: 1, tag: "pinned" },
    lambda_0: { value: 0.1, tag: "pinned" },
    theta: { value: 1, tag: "pinned" },
    D: { value: 1, tag: "pinned" },
    B: { shape: ["N", "I"] },
  },
  states: { e: { shape: ["N"] } },
  outputs: ["s"],
  dt: 1,
};
