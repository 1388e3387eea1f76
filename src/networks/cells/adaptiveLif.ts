import type { NetworkData } from "../../equations/network.ts";

/**
 * Learned time constants of membrane and threshold; the input carries the factor `1 - alpha`, the reset subtracts the new
 * threshold, one sample after the spike.
 * @source Yin, Corradi & Bohté 2021, Nat. Mach. Intell. 3, 905–913
 */
export const adaptiveLif: NetworkData = {
  name: "adaptiveLif",
  description: "Leaky integrate-and-fire units with an adaptive threshold, reset by the new threshold.",
  source: "Yin, Corradi & Bohté 2021, Nat. Mach. Intell. 3, 905–913",
  equations: `alpha = exp(-dt/tau_m);  rho = exp(-dt/tau_a)
b[t] = rho * b[t-1] + (1 - rho) * s[t-1]
theta = b_0 + beta * b
v[t] = alpha * v[t-1] + (1 - alpha) * (J s[t-1] + B u + b_r) - theta * s[t-1]
s = spike(v - theta);  z = W s
v[-1] = v_0;  s[-1] = 0`,
  parameters: {
    J: { shape: ["N", "N"], init: { law: "orthogonal" } },
    B: { shape: ["N", "I"] },
    b_r: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    tau_m: { shape: ["N"], value: 20, unit: "ms", group: "time constants" },
    tau_a: { shape: ["N"], value: 100, unit: "ms", group: "time constants" },
    b_0: { value: 0.01, tag: "pinned" },
    beta: { value: 1.8, tag: "pinned" },
    v_0: { shape: ["N"], init: { law: "uniform", low: 0, high: 1 }, tag: "pinned" },
  },
  surrogates: { s: { kind: "multiGaussian", gain: 0.5, width: 0.5 } },
  dt: 1,
};
