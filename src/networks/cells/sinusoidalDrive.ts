import type { NetworkData } from "../../equations/network.ts";

/**
 * Chaos that a strong enough drive suppresses; `omega` is in radians per unit of time.
 * @source Rajan, Abbott & Sompolinsky 2010, Phys. Rev. E 82, 011903
 */
export const sinusoidalDrive: NetworkData = {
  name: "sinusoidalDrive",
  description: "Random rate network with a sinusoidal drive of random phase per unit.",
  source: "Rajan, Abbott & Sompolinsky 2010, Phys. Rev. E 82, 011903",
  equations: `tau dx/dt = -x + J tanh(x) + A cos(omega t + phi)`,
  parameters: {
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1.5 }, tag: "pinned" },
    phi: { shape: ["N"], init: { law: "uniform", low: 0, high: 6.283185307179586 }, tag: "pinned" },
    tau: { value: 10, unit: "ms", tag: "pinned" },
    A: { value: 1, tag: "pinned" },
    omega: { value: 0.03, tag: "pinned" },
  },
  states: { x: { shape: ["N"] } },
  outputs: ["x"],
};
