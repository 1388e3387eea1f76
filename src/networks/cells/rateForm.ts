import type { NetworkData } from "../../equations/network.ts";

/**
 * Rate network, nonlinearity around the recurrence ("rate form"). Under a constant input it has the fixed points of the
 * current form (`rate`) with `x = J r + B u + b`.
 * @source Miller & Fumarola 2012, Neural Comput. 24, 25–31, which shows when the two forms agree
 */
export const rateForm: NetworkData = {
  name: "rateForm",
  description: "Rate network with the nonlinearity around the recurrence (rate form).",
  source: "Miller & Fumarola 2012, Neural Comput. 24, 25–31, which shows when the two forms agree",
  equations: `tau dr/dt = -r + tanh(J r + B u + b) + sigma xi
z = W r + c`,
  parameters: {
    tau: { value: 10, unit: "ms", tag: "pinned" },
    sigma: { value: 0.1, tag: "pinned" },
    J: { shape: ["N", "N"] },
    B: { shape: ["N", "I"] },
    b: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    c: { shape: ["O"] },
  },
};
