import type { NetworkData } from "../../equations/network.ts";

/**
 * Vanilla recurrent network through relu, a map. Dale's backprop takes `relu(tanh(…))` (Balwani et al. 2025).
 * @source Achterberg, Akarca et al. 2023, Nat. Mach. Intell. 5, 1369–1381
 */
export const reluMap: NetworkData = {
  name: "reluMap",
  description: "Vanilla recurrent network through relu: a map.",
  source: "Achterberg, Akarca et al. 2023, Nat. Mach. Intell. 5, 1369–1381",
  equations: `h[t] = relu(J h[t-1] + B u + b);  z = W h`,
  parameters: {
    J: { shape: ["N", "N"], init: { law: "orthogonal" } },
    B: { shape: ["N", "I"] },
    b: { shape: ["N"] },
    W: { shape: ["O", "N"] },
  },
};
