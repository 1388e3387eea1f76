import type { NetworkData } from "../../equations/network.ts";

/**
 * Gated recurrent unit, reset `q` after the recurrent product, with a bias of its own, `c_n`. `gruBefore` is the other form.
 * @source Cho et al. 2014, EMNLP, 1724–1734; the form of cuDNN and PyTorch
 */
export const gruAfter: NetworkData = {
  name: "gruAfter",
  description: "Gated recurrent unit, reset after the recurrent product.",
  source: "Cho et al. 2014, EMNLP, 1724–1734; the form of cuDNN and PyTorch",
  equations: `q = sigmoid(A_q h[t-1] + B_q u + b_q)
p = sigmoid(A_p h[t-1] + B_p u + b_p)
n = tanh(q * (A_n h[t-1] + c_n) + B_n u + b_n)
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
    c_n: { shape: ["N"] },
    W: { shape: ["O", "N"] },
    c: { shape: ["O"] },
  },
};
