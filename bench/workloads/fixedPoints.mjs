/** The fixed points of a network trained on the 3-bit flip-flop (Sussillo & Barak 2013), from the same starts. */
import { samePoints } from "../agreement.mjs";

const distance = 1e-3;

/** Trains the network of the flip-flop study, and takes jittered states of its trials as starts. */
async function trainedFlipFlop(N, starts) {
  const { makeNetwork, modelOf, networks, nodeHost, sampleStates, simulator, tasks, train, valuesOf } = await import(
    "../../dist/node.js"
  );
  const task = tasks.flipFlop({ bits: 3, duration: 32 });
  const relaxed = nodeHost().relaxedSimd();
  const initial = makeNetwork(networks.vanilla, { seed: 1, sizes: { N, I: 3, O: 3 } });
  const { network } = await train(initial, task, {
    seed: 1,
    relaxed,
    shard: 64,
    validateEvery: 100,
    stages: [
      {
        iterations: 1000,
        batch: 128,
        clip: 1,
        rate: { kind: "exponential", rate: 0.02, factor: 0.1, every: 600 },
        until: { error: 1e-3 },
      },
    ],
  });
  const trials = task.trials({ seed: 1, count: 256, purpose: "test" });
  const sim = await simulator(modelOf(network.data), { sizes: network.sizes, samples: 32, record: ["h"], relaxed });
  const { h } = await sim.run(valuesOf(network), trials, { seed: 1, purpose: 2 });
  sim.close();
  const { J, b } = valuesOf(network);
  const states = sampleStates(h, { count: starts, seed: 1, jitter: 0.5 });
  return {
    J: { data: J, shape: [N, N] },
    b: { data: b, shape: [N] },
    starts: { data: Float64Array.from(states), shape: [starts, N] },
  };
}

const item = (N, starts, quick = false) => ({
  name: `N ${N}, ${starts} starts`,
  peers: ["nullcline", "PyTorch eager"],
  quick,
  spec: { sizes: { N }, residual: 1e-6, distance, iterations: 3000 },
  arrays: () => trainedFlipFlop(N, starts),
});

export const fixedPoints = {
  name: "fixedPoints",
  title: "Fixed points of the 3-bit flip-flop",
  explain:
    "CPU / wall ms of a search that ends at |F| ≤ 1e-6 in double precision and takes points within 1e-3 for one. Ours " +
    "goes on to new starts until a round brings nothing new, and computes the Jacobian's eigenvalues and both kinds of " +
    "eigenvectors at each point; the peer's is L-BFGS on q = ½|F|² from all starts at once.",
  workload: "fixedPoints",
  agrees: (ours, theirs) => samePoints(ours, theirs, distance),
  cases: [item(16, 1024, true), item(64, 256)],
};
