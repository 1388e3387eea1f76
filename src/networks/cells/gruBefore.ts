import type { NetworkData } from "../../equations/network.ts";

/**
 * Gated recurrent unit, reset `q` before the recurrent product. `gruAfter` is the other form in print.
 * @source Cho et al. 2014, EMNLP, 1724–1734; the form of LFADS
 */
export const gruBefore: NetworkData = {
  name: "gruBefore",
  description: "Gated recurrent unit, reset before the recurrent product.",
  source: "Cho et al. 2014, EMNLP, 1724–1734; the form of LFADS",
  equations: `q = sigmoid(A_q h[t-1] + B_q u + b_q)
p = sigmoid(A_p h[t-1] + B_p u + b_p)
n = tanh(A_n (q * h[t-1]) + B_n u + b_n)
h[t] = p * h[t-1] + (1 - p) * n;  z = W h + c`,
  parameters: {
    A_q: { shape: ["N", "N"] },
    A_p: { shape: ["N", "N"] },
    A_n: { shape: ["N", "N"] },
    B_q: { shape: ["N", "I"] },
    B_p: { shape: ["N", "I"] },
    B_n: { shape: ["N", "I"] },
    b_q: { shape: ["N"] },
    b_p: { shape: ["N"] },
    b_n: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    c: { shape: ["O"] },
  },
};
