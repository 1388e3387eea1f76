/** The most memory that a process had while it trained, libraries included. */

import { networks, sigma } from "../networks.mjs";
import { drawNetwork } from "../numbers.mjs";

/** `memory`: most bytes of ours; what does not fit is computed again from checkpoints. */
const item = (samples, peers, { quick = false, memory } = {}) => {
  const spec = { network: "rate", sizes: { N: 256, I: 4, O: 1 }, trials: 64, samples, sigma, iterations: 2, memory };
  return {
    name: `rate, N 256, B 64, T ${samples}${memory ? `, at most ${memory / 2 ** 20} MiB for the engine` : ""}`,
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
    item(100, ["nullcline", "PyTorch eager", "JAX"], { quick: ["nullcline"] }),
    item(1000, ["nullcline", "PyTorch eager", "JAX"]),
    // The peers would need several gigabytes and ten times the time of the case before.
    item(10_000, ["nullcline"], { memory: 256 * 2 ** 20 }),
  ],
};
