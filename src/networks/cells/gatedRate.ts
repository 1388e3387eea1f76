import type { NetworkData } from "../../equations/network.ts";

/**
 * Gated rate network; time is in units of the membrane's. At zero sensitivity (`alpha_z = alpha_r = beta_z = beta_r = 0`) it is
 * the additive network with `h = x/2`, half the gain and half the speed.
 * @source Krishnamurthy, Can & Schwab 2022, Phys. Rev. X 12, 011011
 */
export const gatedRate: NetworkData = {
  name: "gatedRate",
  description: "Rate network with gates of leak and output, in continuous time.",
  source: "Krishnamurthy, Can & Schwab 2022, Phys. Rev. X 12, 011011",
  equations: `dh/dt = s_z * (-h + J_h (s_r * phi) + B u)
tau_z da/dt = -a + J_z phi;  tau_r de/dt = -e + J_r phi
phi = tanh(g h)
s_z = sigmoid(alpha_z a + beta_z);  s_r = sigmoid(alpha_r e + beta_r)`,
  parameters: {
    J_h: { shape: ["N", "N"] },
    J_z: { shape: ["N", "N"] },
    J_r: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    tau_z: { value: 1, tag: "pinned" },
    tau_r: { value: 1, tag: "pinned" },
    alpha_z: { value: 1, tag: "pinned" },
    beta_z: { value: 0, tag: "pinned" },
    alpha_r: { value: 1, tag: "pinned" },
    beta_r: { value: 0, tag: "pinned" },
    g: { value: 3, tag: "pinned" },
  },
  outputs: ["phi"],
  dt: 0.1,
};
