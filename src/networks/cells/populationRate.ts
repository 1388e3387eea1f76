import type { NetworkData } from "../../equations/network.ts";

/**
 * Mean `m` and variance `v` over the neurons of a population, whose rates `lambda_0 exp(h)` are log-normal. A step of the mean
 * is followed with `tau`, a step of the variance with `tau/2`.
 * @source derived: moments of a leaky filter of private white noise, and the mean of exp of a Gaussian
 */
export const populationRate: NetworkData = {
  name: "populationRate",
  description: "Rate of populations of adapting neurons, from mean and variance of their potentials.",
  source: "derived: moments of a leaky filter of private white noise, and the mean of exp of a Gaussian",
  equations: `tau dm/dt = -m + J A + B u - b * c
dv/dt = -(2/tau) v + (S u)^2
tau_k dc/dt = -c + A
A = lambda_0 exp(m + v/2)`,
  parameters: {
    tau: { value: 20, unit: "ms", tag: "pinned" },
    tau_k: { value: 100, unit: "ms", tag: "pinned" },
    b: { shape: ["P"] },
    J: { shape: ["P", "P"] },
    B: { shape: ["P", "I"] },
    S: { shape: ["P", "I"] },
    lambda_0: { value: 0.01, tag: "pinned" },
  },
  outputs: ["A"],
};
