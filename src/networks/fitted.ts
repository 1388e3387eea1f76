import type { NetworkData } from "../equations/network.ts";

/**
 * Rate network fitted to recordings: each of M neurons is read out of the units, and each trial starts where a linear
 * map takes its own first sample `y_0`, given as K numbers (the neurons, or their principal components). No input and
 * no noise: what happens afterwards is the network's own.
 */
export const fitted: NetworkData = {
  name: "fitted",
  description:
    "Rate network to be fitted to recordings: neurons read out of the units, trials started from their first sample.",
  equations: `tau dx/dt = -x + J r + b
r = tanh(x)
z = W r + c
x[0] = E y_0 + e`,
  inputs: { y_0: { shape: ["K"], per: "trial" } },
  parameters: {
    tau: { value: 50, unit: "ms", tag: "pinned" },
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1 } },
    b: { shape: ["N"] },
    W: { shape: ["M", "N"], init: { law: "gaussian" } },
    c: { shape: ["M"] },
    E: { shape: ["N", "K"], init: { law: "gaussian" } },
    e: { shape: ["N"] },
  },
  sizes: { N: 100 },
};

/** The same with a recurrence of rank R, `J = P Q'`. Penalising the squares of P and Q keeps the singular values of J small. */
export const fittedLowRank: NetworkData = {
  ...fitted,
  name: "fittedLowRank",
  description: "The same with a recurrence of rank R.",
  equations: fitted.equations.replace("J r", "P (Q' r)"),
  parameters: {
    ...Object.fromEntries(Object.entries(fitted.parameters).filter(([name]) => name !== "J")),
    P: { shape: ["N", "R"], init: { law: "gaussian", std: 0.1 } },
    Q: { shape: ["N", "R"], init: { law: "gaussian", std: 0.1 } },
  },
};

/**
 * Linear dynamics on K components of M neurons: the columns of V are the components' weights, pinned, and `m` is what was
 * removed before. Trials start at their own first sample, `y_0`, as scores.
 */
export const linearComponents: NetworkData = {
  name: "linearComponents",
  description: "Linear dynamics on the components of a recording.",
  equations: `s[t+1] = A s + a
z = V s + m
s[0] = y_0`,
  inputs: { y_0: { shape: ["K"], per: "trial" } },
  parameters: {
    A: { shape: ["K", "K"], init: { law: "identity" } },
    a: { shape: ["K"] },
    V: { shape: ["M", "K"], init: { law: "orthogonal" }, tag: "pinned" },
    m: { shape: ["M"], tag: "pinned" },
  },
};
