import type { NetworkData } from "../../equations/network.ts";

/**
 * Spiking units that share a drive `B u` and have each their own white noise `S u`, escape noise and an adaptation `c`,
 * filtered exactly over a sample. Its moments `m`, `v` and rate `A` over units are those of `populationRate`: exactly
 * where `b` is 0, else but for the differences of `c` between units. `o` has to be ones.
 * @source Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, chapters 6 and 9
 */
export const noisyPopulation: NetworkData = {
  name: "noisyPopulation",
  description: "Population of adapting spiking units with private noise, and the moments of its potentials.",
  source: "Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, chapters 6 and 9",
  equations: `a = exp(-dt/tau)
h[t+1] = a h + (1 - a) (B u - b * c) + sqrt((1 - a^2) tau/2) (S u) * eps
c[t+1] = exp(-dt/tau_k) c + (1/tau_k) s
s = step(1 - exp(-lambda dt) - (1 + erf(eps/sqrt(2)))/2)
lambda = lambda_0 exp(h)
m = o' h / N;  v = o' (h * h) / N - m^2
A = o' s / (N dt)`,
  parameters: {
    tau: { value: 20, unit: "ms", tag: "pinned" },
    tau_k: { value: 100, unit: "ms", tag: "pinned" },
    b: { value: 0, tag: "pinned" },
    B: { shape: [1, "I"] },
    S: { shape: [1, "I"] },
    lambda_0: { value: 0.01, tag: "pinned" },
    o: { shape: ["N"], value: 1, tag: "pinned" },
  },
  states: { h: { shape: ["N"] }, c: { shape: ["N"] } },
  outputs: ["A"],
  dt: 0.5,
};
