import type { NetworkData } from "../equations/network.ts";

/**
 * Rate network fitted to recordings: each neuron's activity is read out of the units, and each trial starts at its own
 * first sample through a linear map. No input: what happens afterwards is the network's own.
 */
export const fitted: NetworkData = {
  name: "fitted",
  equations: `tau dx/dt = -x + J r + b
r = tanh(x)
z = W r + c
x[0] = E y_0 + e`,
  inputs: { y_0: { shape: ["M"], per: "trial" } },
  parameters: {
    tau: { value: 50, unit: "ms", tag: "pinned" },
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1 } },
    b: { shape: ["N"] },
    W: { shape: ["M", "N"], init: { law: "gaussian" } },
    c: { shape: ["M"] },
    E: { shape: ["N", "M"], init: { law: "gaussian" } },
    e: { shape: ["N"] },
  },
};

/** The same with a recurrence of rank R, `M L'/N`. */
export const fittedLowRank: NetworkData = {
  ...fitted,
  name: "fittedLowRank",
  equations: fitted.equations.replace("J r", "P (Q' r)/N"),
  parameters: {
    ...Object.fromEntries(Object.entries(fitted.parameters).filter(([name]) => name !== "J")),
    P: { shape: ["N", "R"], init: { law: "gaussian", std: 1 } },
    Q: { shape: ["N", "R"], init: { law: "gaussian", std: 1 } },
  },
};
