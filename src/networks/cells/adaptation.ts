import type { NetworkData } from "../../equations/network.ts";

/**
 * Each unit's rate, filtered with `tau_a`, is taken from its drive.
 * @source Beiran & Ostojic 2019, PLoS Comput. Biol. 15, e1006893
 */
export const adaptation: NetworkData = {
  name: "adaptation",
  description: "Rate network with spike-frequency adaptation.",
  source: "Beiran & Ostojic 2019, PLoS Comput. Biol. 15, e1006893",
  equations: `tau dx/dt = -x + J r + B u - beta * a;  tau_a da/dt = -a + r
r = relu(x);  z = W r`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    W: { shape: ["O", "N"] },
    tau: { value: 10, unit: "ms", tag: "pinned" },
    tau_a: { value: 200, unit: "ms", tag: "pinned" },
    beta: { value: 0.5, tag: "pinned" },
  },
};
