import type { NetworkData } from "../../equations/network.ts";

/**
 * A trained low-rank connectivity on a pinned random background, and learning inside the pinned subspace `U`: sums and
 * products of pinned and free factors.
 * @source Mastrogiuseppe & Ostojic 2018, Neuron 99, 609–623
 */
export const lowRankOnRandom: NetworkData = {
  name: "lowRankOnRandom",
  description:
    "Rate network with a trained low-rank part, and a part inside a pinned subspace, on a pinned random background.",
  source: "Mastrogiuseppe & Ostojic 2018, Neuron 99, 609–623",
  equations: `J = g C + M L'/N + U P U'/N
tau dx/dt = -x + J r + B u
r = tanh(x);  z = w' r / N`,
  parameters: {
    C: { shape: ["N", "N"], tag: "pinned" },
    M: { shape: ["N", "R"], init: { law: "gaussian", std: 1 } },
    L: { shape: ["N", "R"], init: { law: "gaussian", std: 1 } },
    U: { shape: ["N", "K"], init: { law: "gaussian", std: 1 }, tag: "pinned" },
    P: { shape: ["K", "K"], init: { law: "constant", value: 0 } },
    B: { shape: ["N", "I"], init: { law: "gaussian", std: 1 } },
    w: { shape: ["N"] },
    g: { value: 0.8, tag: "pinned" },
    tau: { value: 100, unit: "ms", tag: "pinned" },
  },
};
