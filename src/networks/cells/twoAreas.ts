import type { NetworkData } from "../../equations/network.ts";

/**
 * Two areas, the first with the input, the second with the readout. `areas` writes any number of them.
 * @source composition; areas as in Kleinman, Chandrasekaran & Kao 2021, NeurIPS 34
 */
export const twoAreas: NetworkData = {
  name: "twoAreas",
  description: "Two areas of rate units with sizes and time constants of their own.",
  source: "composition; areas as in Kleinman, Chandrasekaran & Kao 2021, NeurIPS 34",
  equations: `tau_A dx_A/dt = -x_A + J_A r_A + J_AB r_B + B u + b_A + sigma_A xi
tau_B dx_B/dt = -x_B + J_B r_B + J_BA r_A + b_B + sigma_B xi
r_A = tanh(x_A);  r_B = tanh(x_B);  z = W r_B`,
  parameters: {
    J_A: { shape: ["N", "N"] },
    J_AB: { shape: ["N", "P"] },
    J_B: { shape: ["P", "P"] },
    J_BA: { shape: ["P", "N"] },
    B: { shape: ["N", "I"] },
    b_A: { shape: ["N"] },
    b_B: { shape: ["P"] },
    W: { shape: ["O", "P"] },
    tau_A: { value: 20, unit: "ms", tag: "pinned" },
    tau_B: { value: 100, unit: "ms", tag: "pinned" },
    sigma_A: { value: 0.1, tag: "pinned" },
    sigma_B: { value: 0.1, tag: "pinned" },
  },
};
