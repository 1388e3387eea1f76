/** Every cell of the catalogue with sizes and values for tests. */
import type { NetworkData } from "../../src/equations/network.ts";
import * as networks from "../../src/networks/cells/index.ts";
import { rate } from "../../src/networks/rate.ts";

/** Numbers for the names of sizes, all different, so that a mixed-up shape cannot pass. */
export const sizes: Record<string, number> = { N: 5, I: 3, O: 2, R: 4, K: 6, P: 7, E: 3, Z: 2, G: 5, C: 4, U: 1, Y: 6 };

/** Values where a draw around zero would make the equations meaningless (time constants, thresholds, counts). */
const values: Record<string, number> = {
  tau: 10, tau_A: 10, tau_B: 14, tau_z: 8, tau_r: 12, tau_x: 20, tau_p: 30, tau_a: 40, tau_m: 15, tau_k: 25, tau_w: 9,
  lo: 5, hi: 20, sigma: 0.3, sigma_A: 0.2, sigma_B: 0.3, a: 0.2, k: 0.9, theta: 0.4, n: 2.3, n_0: 1.5, h: 0.1, d: 3, D: 0.5,
  lambda_0: 0.1, kappa: 1.1, omega: 0.3, gamma: 0.1, alpha: 0.4, A: 0.5, amp: 0.5, g: 1.3, beta: 0.6, b_0: 0.1, rho: 1.5, I: 0.3, b: 0.8,
  alpha_z: 0.7, beta_z: 0.2, alpha_r: 0.9, beta_r: -0.3,
}; // biome-ignore format: a table

/** Their texts and shapes are the catalogue's; values are the table's above, or left to be drawn. */
export const cells: NetworkData[] = [rate, ...Object.values(networks)].map((network) => ({
  name: network.name!,
  equations: network.equations,
  parameters: Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }]) => [
      name,
      { ...(shape && { shape }), ...(values[name] !== undefined && { value: values[name] }) },
    ]),
  ),
  ...(network.inputs && { inputs: network.inputs }),
  ...(network.states && { states: network.states }),
  ...(network.surrogates && { surrogates: network.surrogates }),
  sizes,
  ...(network.dt !== undefined || /d\w*\/dt/.test(network.equations) ? { dt: 0.5 } : {}),
}));

export const cell = (name: string): NetworkData => cells.find((c) => c.name === name)!;
