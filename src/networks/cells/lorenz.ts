import type { NetworkData } from "../../equations/network.ts";

/**
 * The Lorenz system, at its classical parameters.
 * @source Lorenz 1963, J. Atmos. Sci. 20, 130–141
 */
export const lorenz: NetworkData = {
  name: "lorenz",
  description: "The Lorenz system.",
  source: "Lorenz 1963, J. Atmos. Sci. 20, 130–141",
  equations: `dx/dt = sigma (y - x);  dy/dt = x (rho - z) - y;  dz/dt = x y - beta z`,
  parameters: {
    sigma: { value: 10, tag: "pinned" },
    rho: { value: 28, tag: "pinned" },
    beta: { value: 8 / 3, tag: "pinned" },
  },
  inputs: {},
  outputs: ["x", "y", "z"],
  integrator: "rk4",
  dt: 0.01,
};
