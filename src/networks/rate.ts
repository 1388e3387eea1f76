import type { NetworkData } from "../equations/network.ts";

/**
 * Rate network, nonlinearity outside the recurrence ("current form").
 * @source Sussillo 2014, Curr. Opin. Neurobiol. 25, eqs. 1–2
 */
export const rate: NetworkData = {
  name: "rate",
  description: "Rate network with the nonlinearity outside the recurrence (current form).",
  source: "Sussillo 2014, Curr. Opin. Neurobiol. 25, eqs. 1–2",
  equations: `tau dx/dt = -x + J r + B u + b + sigma xi
r = tanh(x)
z = W r + c`,
  parameters: {
    tau: { value: 10, unit: "ms", tag: "pinned" },
    sigma: { value: 0.1, tag: "pinned" },
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1 } },
    B: { shape: ["N", "I"], init: { law: "gaussian" } },
    W: { shape: ["O", "N"], init: { law: "gaussian" } },
    b: { shape: ["N"] },
    c: { shape: ["O"] },
  },
};
