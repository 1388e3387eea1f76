import type { NetworkData } from "../../equations/network.ts";

/**
 * Two layers of adaptive spiking units: the hidden one is recurrent, the class is the readout unit with the highest
 * potential `z`. The readout takes the spike of the same sample.
 * In the published network the hidden layer does not adapt (`beta = 0`): so its code sets it.
 * @source Yin, Corradi & Bohté 2021, Nat. Mach. Intell. 3, 905–913: the network for the electrocardiogram
 */
export const adaptiveLifLayers: NetworkData = {
  name: "adaptiveLifLayers",
  description: "A layer of adaptive spiking units read out by the potentials of another.",
  source: "Yin, Corradi & Bohté 2021, Nat. Mach. Intell. 3, 905–913: the network for the electrocardiogram",
  equations: `alpha = exp(-dt/tau_m);  rho = exp(-dt/tau_a)
b[t] = rho * b[t-1] + (1 - rho) * s[t-1]
v[t] = alpha * v[t-1] + (1 - alpha) * (J s[t-1] + B u + b_r) - (b_0 + beta * b) * s[t-1]
s = spike(v - b_0 - beta * b);  v[-1] = v_0;  s[-1] = 0;  b[-1] = b_0
alpha_o = exp(-dt/tau_n);  rho_o = exp(-dt/tau_o)
b_o[t] = rho_o * b_o[t-1] + (1 - rho_o) * s_o[t-1]
z[t] = alpha_o * z[t-1] + (1 - alpha_o) * (W s + c) - (b_0 + beta_o * b_o) * s_o[t-1]
s_o = spike(z - b_0 - beta_o * b_o);  z[-1] = z_0;  s_o[-1] = 0;  b_o[-1] = b_0`,
  parameters: {
    J: { shape: ["N", "N"], init: { law: "orthogonal" } },
    B: { shape: ["N", "I"] },
    b_r: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    c: { shape: ["O"] },
    tau_m: { shape: ["N"], value: 20, unit: "ms", tag: "pinned" },
    tau_a: { shape: ["N"], value: 7, unit: "ms", group: "hidden time constants" },
    tau_n: { shape: ["O"], value: 20, unit: "ms", tag: "pinned" },
    tau_o: { shape: ["O"], value: 100, unit: "ms", group: "readout time constants" },
    b_0: { value: 0.01, tag: "pinned" },
    beta: { value: 0, tag: "pinned" },
    beta_o: { value: 1.8, tag: "pinned" },
    v_0: { shape: ["N"], init: { law: "uniform", low: 0, high: 1 }, tag: "pinned" },
    z_0: { shape: ["O"], init: { law: "uniform", low: 0, high: 1 }, tag: "pinned" },
  },
  surrogates: {
    s: { kind: "multiGaussian", gain: 0.5, width: 0.5 },
    s_o: { kind: "multiGaussian", gain: 0.5, width: 0.5 },
  },
  dt: 1,
};
