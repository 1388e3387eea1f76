/** The most memory that a process had while it trained, libraries included. */

import { networks, sigma } from "../networks.mjs";
import { drawNetwork } from "../numbers.mjs";

const item = (samples, peers, quick) => {
  const spec = { network: "rate", sizes: { N: 256, I: 4, O: 1 }, trials: 64, samples, sigma, iterations: 2 };
  return {
    name: `rate, N 256, B 64, T ${samples}`,
    peers,
    quick,
    fresh: true,
    spec,
    arrays: () => drawNetwork(networks.rate, spec),
  };
};

export const memory = {
  name: "memory",
  title: "Memory",
  explain: "Largest resident memory of the process, MiB, while it trains.",
  workload: "training",
  measure: (_, { peak }) => peak,
  cases: [
    item(100, ["nullcline", "PyTorch eager", "JAX"], ["nullcline"]),
    item(1000, ["nullcline", "PyTorch eager", "JAX"]),
  ],
};
