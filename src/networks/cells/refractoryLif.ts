import type { NetworkData } from "../../equations/network.ts";

/**
 * The potential is set to zero by a spike; for `n` samples afterwards the unit neither integrates nor spikes.
 * @source Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, chapter 1
 */
export const refractoryLif: NetworkData = {
  name: "refractoryLif",
  description: "Leaky integrate-and-fire units with hard reset and a refractory period.",
  source: "Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, chapter 1",
  equations: `s = spike(v - theta) * step(1/2 - q)
q[t+1] = where(s, n, max(q - 1, 0))
v[t+1] = where(s, 0, a v) + step(1/2 - q) * (J s + B u)`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    a: { value: 0.95, tag: "pinned" },
    theta: { value: 1, tag: "pinned" },
    n: { value: 3, tag: "pinned" },
  },
  outputs: ["s"],
};
