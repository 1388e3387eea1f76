import type { NetworkData } from "../../equations/network.ts";

/**
 * Long short-term memory, without peepholes: input, forget and output gates, candidate, cell and output. The forget gate
 * begins open (`b_f = 1`).
 * @source Hochreiter & Schmidhuber 1997, Neural Comput. 9, 1735–1780; forget gate: Gers, Schmidhuber & Cummins 2000, Neural Comput. 12, 2451–2471
 */
export const lstm: NetworkData = {
  name: "lstm",
  description: "Long short-term memory.",
  source:
    "Hochreiter & Schmidhuber 1997, Neural Comput. 9, 1735–1780; forget gate: Gers, Schmidhuber & Cummins 2000, Neural Comput. 12, 2451–2471",
  equations: `i = sigmoid(A_i h[t-1] + B_i u + b_i);  f = sigmoid(A_f h[t-1] + B_f u + b_f)
o = sigmoid(A_o h[t-1] + B_o u + b_o);  g = tanh(A_g h[t-1] + B_g u + b_g)
c[t] = f * c[t-1] + i * g
h[t] = o * tanh(c);  z = W h`,
  parameters: {
    A_i: { shape: ["N", "N"] },
    A_f: { shape: ["N", "N"] },
    A_o: { shape: ["N", "N"] },
    A_g: { shape: ["N", "N"] },
    B_i: { shape: ["N", "I"] },
    B_f: { shape: ["N", "I"] },
    B_o: { shape: ["N", "I"] },
    B_g: { shape: ["N", "I"] },
    b_i: { shape: ["N"] },
    b_f: { shape: ["N"], init: { law: "constant", value: 1 } },
    b_o: { shape: ["N"] },
    b_g: { shape: ["N"] },
    W: { shape: ["O", "N"] },
  },
};
