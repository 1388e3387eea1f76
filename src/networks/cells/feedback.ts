import type { NetworkData } from "../../equations/network.ts";

/**
 * The network of FORCE learning: only the readout `W` is trained, and fed back through `F`.
 * @source Sussillo & Abbott 2009, Neuron 63, 544–557
 */
export const feedback: NetworkData = {
  name: "feedback",
  description: "Rate network with feedback from its readout.",
  source: "Sussillo & Abbott 2009, Neuron 63, 544–557",
  equations: `tau dx/dt = -x + g J r + F z
r = tanh(x);  z = W r`,
  parameters: {
    J: { shape: ["N", "N"], init: { law: "sparse", probability: 0.1 }, tag: "pinned" },
    F: { shape: ["N", "O"], init: { law: "uniform", low: -1, high: 1 }, tag: "pinned" },
    W: { shape: ["O", "N"], init: { law: "constant", value: 0 } },
    g: { value: 1.5, tag: "pinned" },
    tau: { value: 10, unit: "ms", tag: "pinned" },
  },
};
