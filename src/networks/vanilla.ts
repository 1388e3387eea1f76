import type { NetworkData } from "../equations/network.ts";

/**
 * Vanilla recurrent network, a map.
 * @source Elman 1990, Cogn. Sci. 14, 179–211; the form of Sussillo & Barak 2013, Neural Comput. 25, 626–649
 */
export const vanilla: NetworkData = {
  name: "vanilla",
  description: "Vanilla recurrent network: a map through tanh.",
  source: "Elman 1990, Cogn. Sci. 14, 179–211",
  equations: `h[t] = tanh(J h[t-1] + B u + b)
z = W h + c`,
  parameters: {
    J: { shape: ["N", "N"], init: { law: "gaussian", gain: 1 } },
    B: { shape: ["N", "I"], init: { law: "gaussian" } },
    b: { shape: ["N"] },
    W: { shape: ["O", "N"], init: { law: "gaussian" } },
    c: { shape: ["O"] },
  },
  sizes: { N: 16, I: 3, O: 3 },
};
