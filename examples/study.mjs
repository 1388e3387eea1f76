/**
 * A study of one's own: `node examples/study.mjs`. A folder under `runs/` holds its report, result and checkpoints.
 *
 * Question: does a network that learned to hold one bit have two stable states?
 */
import {
  check, equationsBlock, findFixedPoints, makeNetwork, networks, nodeHost, runStudy, sampleStates, simulate, systemOf, tasks, trainingFigure,
} from "nullcline"; // biome-ignore format: a list

/** @type {import("nullcline").Study} */
const oneBit = {
  name: "one-bit",
  title: "One bit, two stable states",
  description: "Trains a memory of one bit and counts its stable states.",
  settings: {
    units: { value: 8, what: "number of units N" },
    iterations: { value: 600, what: "iterations of Adam" },
  },
  async run(study) {
    const task = tasks.flipFlop({ bits: 1 });
    const initial = makeNetwork(networks.vanilla, {
      seed: study.seed,
      sizes: { N: study.number("units"), I: 1, O: 1 },
    });
    const { network } = await study.train("training", initial, task, {
      stages: [{ iterations: study.number("iterations"), batch: 64, clip: 1, rate: { kind: "constant", rate: 0.01 } }],
      validateEvery: 100,
    });
    const trials = task.trials({ seed: study.seed, count: 64, purpose: "test" });
    const { h } = await simulate(network, trials, { seed: study.seed, record: ["h"] });
    const system = await systemOf(network);
    const found = findFixedPoints(system, sampleStates(h, { count: 128, seed: study.seed }), { seed: study.seed });
    const stable = found.points.filter((point) => point.stable).length;
    return {
      verdict: `The network holds its bit in ${stable} stable states.`,
      checks: [
        check({
          id: "stable",
          what: "stable fixed points",
          criterion: "2",
          ours: true,
          source: "",
          measured: stable,
          n: found.points.length,
          holds: stable === 2,
        }),
      ],
      sections: [
        { title: "Network", blocks: [equationsBlock(network)] },
        {
          title: "Training",
          blocks: [{ kind: "figure", figure: trainingFigure(await study.metrics("training"), "score") }],
        },
      ],
      numbers: { stable },
      network,
    };
  },
};

const { path, result } = await runStudy(oneBit, {
  host: nodeHost(),
  seed: 1,
  signal: new AbortController().signal,
  command: "node examples/study.mjs",
});
console.log(`${result.status}: ${path}/report.html`);
