/**
 * The training step: forward pass over all samples, adjoint, Adam; single precision. The leaky network of 128 units is
 * the workload whose losses two independent programs agreed on.
 */

import { networks, sigma, trainingFlops } from "../networks.mjs";
import { drawNetwork } from "../numbers.mjs";

/** Where PyTorch is also timed as the equations stand, without what does not depend on the state taken out of the loop. */
const plain = "PyTorch, all in its loop";
const everyone = ["nullcline", "PyTorch eager", "JAX"];
const all = ["nullcline", "PyTorch eager", "PyTorch compiled", "JAX", "jax-js"];

function item(network, N, trials, samples, { peers = everyone, quick = false, iterations = 4, expected } = {}) {
  const sizes = network === "leaky" ? { N, I: 3, O: 3 } : { N, I: 4, O: 1, R: 2 };
  const name = `${network === "lowRank" ? "low rank" : network === "gru" ? "GRU" : network}, N ${N}, B ${trials}, T ${samples}`;
  // The library of the system takes matrices from 256 on.
  const who = N < 256 || network === "lowRank" ? peers : peers.toSpliced(1, 0, "nullcline with OpenBLAS");
  const noise = networks[network].equations.includes("sigma") ? sigma : 0;
  const spec = { network, sizes, trials, samples, iterations, sigma: noise };
  return {
    name,
    peers: who,
    quick,
    expected,
    spec,
    flops: trainingFlops(spec),
    arrays: () => drawNetwork(networks[network], spec),
  };
}

export const training = {
  name: "training",
  title: "A training step",
  explain:
    "CPU / wall ms of one iteration; × is the peer's time over ours. `rate` and `low rank` (rank 2) have state noise, " +
    "drawn anew at every step (off where losses are compared).",
  workload: "training",
  cases: [
    item("leaky", 128, 64, 100, {
      iterations: 16,
      expected: { 0: 1.036415, 1: 1.025167, 11: 1.013083, 15: 1.011826 },
    }),
    item("rate", 32, 64, 100),
    item("rate", 64, 32, 100, { peers: [...all.filter((peer) => peer !== "jax-js"), plain] }),
    item("rate", 100, 64, 100),
    item("rate", 128, 64, 100, { peers: [...all, plain], quick: [...everyone, "jax-js"] }),
    item("rate", 256, 64, 100, { peers: [...everyone, plain] }),
    item("rate", 512, 64, 100),
    item("rate", 1024, 64, 100),
    item("rate", 128, 1, 100),
    item("rate", 128, 8, 100),
    item("rate", 128, 256, 100),
    item("rate", 128, 64, 50),
    item("rate", 128, 64, 1000),
    item("gru", 64, 64, 100),
    item("gru", 128, 64, 100),
    item("gru", 256, 64, 100),
    item("lowRank", 128, 64, 100),
    item("lowRank", 512, 64, 100),
  ],
};
