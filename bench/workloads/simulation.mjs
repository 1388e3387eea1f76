/** The rate network run with state noise, without learning: one trajectory, and a thousand. */

import { networks, sigma } from "../networks.mjs";
import { drawNetwork } from "../numbers.mjs";

const item = (trials, N, samples, quick = false) => {
  const spec = { network: "rate", sizes: { N, I: 4, O: 1 }, trials, samples, sigma };
  const network = networks.rate;
  return {
    name: `${trials} ${trials === 1 ? "trajectory" : "trajectories"}, N ${N}, T ${samples}`,
    peers: ["nullcline", "PyTorch eager", "JAX", "NumPy"],
    quick,
    spec,
    arrays() {
      const { y: _, ...arrays } = drawNetwork(network, spec);
      return arrays;
    },
  };
};

export const simulation = {
  name: "simulation",
  title: "Simulation",
  explain: "CPU / wall ms of a run of the rate network with state noise, outputs read.",
  workload: "simulation",
  cases: [item(1, 128, 1000, true), item(1, 512, 1000), item(1000, 128, 100, true)],
};
