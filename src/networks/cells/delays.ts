import type { NetworkData } from "../../equations/network.ts";

/**
 * One delay for all connections, a whole number of time steps.
 * @source composition; delays as in Roxin, Brunel & Hansel 2005, Phys. Rev. Lett. 94, 238103
 */
export const delays: NetworkData = {
  name: "delays",
  description: "Rate network with a delay in its recurrence.",
  source: "composition; delays as in Roxin, Brunel & Hansel 2005, Phys. Rev. Lett. 94, 238103",
  equations: `tau dx/dt = -x + J delay(r, d) + B u
r = tanh(x);  z = W r`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    W: { shape: ["O", "N"] },
    tau: { value: 10, unit: "ms", tag: "pinned" },
    d: { value: 3, unit: "ms", tag: "pinned" },
  },
  dt: 1,
};
