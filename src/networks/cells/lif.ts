import type { NetworkData } from "../../equations/network.ts";

/**
 * Subtractive reset by the fixed threshold, no factor on the input, readout filtered with `k` from the spike of the new
 * potential. A network without self-connections is `(S * J) s`.
 * @source Bellec et al. 2020, Nat. Commun. 11, 3625; Demirag, Frenkel, Payvand & Indiveri 2021, arXiv 2108.01804
 */
export const lif: NetworkData = {
  name: "lif",
  description: "Leaky integrate-and-fire units with a fixed threshold and a filtered readout.",
  source: "Bellec et al. 2020, Nat. Commun. 11, 3625; Demirag, Frenkel, Payvand & Indiveri 2021, arXiv 2108.01804",
  equations: `v[t+1] = a v + J s + B u - theta s
s = spike(v - theta)
z[t+1] = k z + W s[t+1]`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    W: { shape: ["O", "N"] },
    a: { value: 0.967, tag: "pinned" },
    k: { value: 0.967, tag: "pinned" },
    theta: { value: 0.1, tag: "pinned" },
  },
  surrogates: { s: { kind: "triangle", gain: 0.3, width: 0.1 } },
};
