import type { NetworkData } from "../../equations/network.ts";

/**
 * An excitable unit; it oscillates at this drive `I`.
 * @source FitzHugh 1961, Biophys. J. 1, 445–466; Nagumo, Arimoto & Yoshizawa 1962, Proc. IRE 50, 2061–2070
 */
export const fitzHughNagumo: NetworkData = {
  name: "fitzHughNagumo",
  description: "The FitzHugh–Nagumo unit.",
  source: "FitzHugh 1961, Biophys. J. 1, 445–466; Nagumo, Arimoto & Yoshizawa 1962, Proc. IRE 50, 2061–2070",
  equations: `dv/dt = v - v^3/3 - w + I;  tau dw/dt = v + a - b w`,
  parameters: {
    a: { value: 0.7, tag: "pinned" },
    b: { value: 0.8, tag: "pinned" },
    tau: { value: 12.5, tag: "pinned" },
    I: { value: 0.5, tag: "pinned" },
  },
  inputs: {},
  outputs: ["v"],
  dt: 0.1,
};
