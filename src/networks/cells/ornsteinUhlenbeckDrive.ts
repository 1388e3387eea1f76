import type { NetworkData } from "../../equations/network.ts";

/**
 * One Ornstein–Uhlenbeck process per unit in the drive, of stationary deviation `sigma`.
 * @source Uhlenbeck & Ornstein 1930, Phys. Rev. 36, 823–841
 */
export const ornsteinUhlenbeckDrive: NetworkData = {
  name: "ornsteinUhlenbeckDrive",
  description: "Rate network driven by Ornstein–Uhlenbeck noise in continuous time.",
  source: "Uhlenbeck & Ornstein 1930, Phys. Rev. 36, 823–841",
  equations: `tau dx/dt = -x + J tanh(x) + B u + w
tau_w dw/dt = -w + sigma sqrt(2 tau_w) xi`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    tau: { value: 10, unit: "ms", tag: "pinned" },
    tau_w: { value: 50, unit: "ms", tag: "pinned" },
    sigma: { value: 0.1, tag: "pinned" },
  },
  states: { w: { shape: ["N"] } },
  outputs: ["x"],
};
