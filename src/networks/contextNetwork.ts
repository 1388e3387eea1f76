import type { NetworkData } from "../equations/network.ts";

/**
 * The network of context-dependent integration: a current-form rate network whose inputs carry white noise, with a
 * trained initial state. `s` is the standard deviation of an input's noise in a sample of 1 ms, so that the evidence
 * has the same information per ms at any dt.
 * @source Mante, Sussillo, Shenoy & Newsome 2013, Nature 503, 78–84, supplement 7
 */
export const contextNetwork: NetworkData = {
  name: "contextNetwork",
  description: "Rate network for context-dependent integration, with noise on its inputs and a trained initial state.",
  source: "Mante, Sussillo, Shenoy & Newsome 2013, Nature 503, 78–84, Supplementary Information 7",
  equations: `tau dx/dt = -x + J r + B (u + (s/sqrt(dt)) * eps) + b + rho_x xi
r = tanh(x)
z = w r + c
x[0] = x_0`,
  parameters: {
    tau: { value: 10, unit: "ms", tag: "pinned" },
    s: { shape: ["I"], value: [1, 1, 0, 0], tag: "pinned" },
    rho_x: { value: 0.1, tag: "pinned" },
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1 } },
    B: { shape: ["N", "I"], init: { law: "gaussian" } },
    w: { shape: ["O", "N"], init: { law: "gaussian" } },
    b: { shape: ["N"] },
    c: { shape: ["O"] },
    x_0: { shape: ["N"] },
  },
  sizes: { N: 100, I: 4, O: 1 },
};
