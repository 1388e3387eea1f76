import type { NetworkData } from "../../equations/network.ts";

/**
 * `p_0` is the place code of the start, `u` the velocity; `z` are the logits of the place code.
 * @source Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32
 */
export const pathIntegration: NetworkData = {
  name: "pathIntegration",
  description: "Vanilla network through relu that starts where an encoder of the position puts it.",
  source: "Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32",
  equations: `g[-1] = E p_0
g[t] = relu(J g[t-1] + B u);  z = W g`,
  parameters: {
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    E: { shape: ["N", "P"] },
    W: { shape: ["P", "N"] },
  },
  inputs: { u: { shape: ["I"] }, p_0: { shape: ["P"], per: "trial" } },
};
