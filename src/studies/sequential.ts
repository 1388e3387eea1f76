/** Two memories learned one after the other: how much of the first is lost, and what becomes of its fixed point. */
import {
  check, equationsBlock, type Figure, type Layer, learning, makeNetwork, mean, type Network, networks, type Outcome, type Study, 
  type StudyContext, searchFixedPoints, simulate, standardError, systemOf, type Task, taskFigure, tasks, trainingFigure, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "the literature on interference in sequential learning (an abstract; its numbers are recalled)";
const colors = ["gray", "blue", "green", "vermilion", "purple", "ink"] as const;
interface Learned {
  gain: number;
  /** Mean square error of A after A, after B; of B after B. */
  errors: [number, number, number];
  /** Outputs at the fixed point of A after each stretch of training on B. */
  path: [number, number][];
  least: number;
}

export const sequential: Study = {
  name: "sequential",
  title: "One memory after another: forgetting by gain",
  description: "A network learns memory A, then B; the stronger its random connections, the less of A it loses.",
  composition: "rate units · random J of a gain, readout pinned · pattern memory A, then B · backpropagation, SGD",
  minutes: 4,
  fast: { settings: { networks: "3" }, checks: [] },
  tiny: { networks: "2", gains: "0.6,1.2", units: "6", iterations: "2", stretches: "1,1" },
  settings: {
    networks: { value: 10, what: "networks per gain, of seeds --seed, + 1, …" },
    gains: { value: [0, 0.6, 0.9, 1.2], what: "gains of the recurrent weights before training, ascending" },
    units: { value: 100, what: "number of units N" },
    dt: { value: 0.25, what: "time step, in units of tau" },
    readout: { value: 3, what: "deviation of the pinned readout × √N" },
    input: { value: 1, what: "deviation of the pinned input weights" },
    rate: { value: 0.1, what: "learning rate of gradient descent" },
    clip: { value: 1, what: "greatest norm of the gradient" },
    error: { value: 0.001, what: "training on a memory ends at this mean square error" },
    iterations: { value: 2000, what: "most iterations on A" },
    stretches: {
      value: [2, 2, 2, 2, 4, 4, 8, 8, 16, 32, 64, 128, 256, 512, 1024],
      what: "most iterations on B between two looks at the fixed point",
    },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [gains, dt] = [run.numbers("gains"), run.number("dt")];
    const [A, B] = [tasks.patternMemory({ dt, patterns: "A" }), tasks.patternMemory({ dt, patterns: "B" })];
    const state = async (network: Network, task: Task) => {
      const trials = task.trials({ seed: run.seed, count: 1, purpose: "test" });
      const { x, z } = await simulate(network, trials, { seed: run.seed, record: ["x", "z"] });
      const { mask, targets } = trials;
      const misses = Array.from(z!.data, (v, i) => mask.data[i]! * (v - targets.data[i]!) ** 2);
      return {
        error: mean(misses) / mean(Array.from(mask.data)),
        last: Float64Array.from(x!.data).slice(-run.number("units")),
      };
    };
    const learned: Learned[] = [];
    let shown: Network | undefined;
    for (const gain of gains)
      for (let seed = run.seed; seed < run.seed + run.number("networks"); seed++) {
        const N = run.number("units");
        const data = withParameters(networks.rate, {
          ...{ sigma: 0, b: { tag: "pinned" }, c: { tag: "pinned" } },
          tau: { value: 1, unit: undefined },
          J: { init: { law: "gaussian", gain } },
          B: { init: { law: "gaussian", std: run.number("input") }, tag: "pinned" },
          W: { init: { law: "gaussian", std: run.number("readout") / Math.sqrt(N) }, tag: "pinned" },
        });
        const training = (iterations: number) => ({
          ...{ seed, rule: { update: learning.sgd() }, validateEvery: 2, validationTrials: 1 },
          stages: [
            {
              ...{ iterations, batch: 1, clip: run.number("clip"), until: { error: run.number("error") } },
              rate: { kind: "constant" as const, rate: run.number("rate") },
            },
          ],
        });
        const initial = makeNetwork(data, { seed, sizes: { N, I: 2, O: 2 } });
        const name = `${gain}-${seed}`;
        let { network } = await run.train(`${name}-A`, initial, A, training(run.number("iterations")));
        const before = await state(network, A);
        let point: Float64Array = before.last;
        const path: Learned["path"] = [];
        // Plain gradient descent keeps nothing between updates: stretches are one training.
        for (const [k, iterations] of [0, ...run.numbers("stretches")].entries()) {
          if (k > 0) ({ network } = await run.train(`${name}-B${k}`, network, B, training(iterations)));
          const system = await systemOf(network);
          const search = searchFixedPoints(system, point, { seed, rounds: 0, maxIterations: 40 });
          const { points } = await run.analyse("following the fixed point", search);
          const near = points.map((p) => ({ x: p.x, away: Math.hypot(...p.x.map((v, i) => v - point[i]!)) }));
          const next = near.sort((a, b) => a.away - b.away)[0];
          if (next) point = next.x;
          const z = system.output(point, "z");
          path.push([z[0]!, z[1]!]);
        }
        const radius = path.map((z) => Math.hypot(...z));
        const errors: Learned["errors"] = [
          before.error,
          (await state(network, A)).error,
          (await state(network, B)).error,
        ];
        learned.push({ gain, errors, path, least: Math.min(...radius) / radius[0]! });
        shown = network;
      }
    const of = (gain: number) => learned.filter((l) => l.gain === gain);
    const lost = gains.map((gain) => of(gain).map(({ errors }) => errors[1] - errors[0]));
    const means = lost.map((values) => mean(values));
    const errors = learned.flatMap((l) => [l.errors[0], l.errors[2]]);
    const turned = gains.map((gain) => of(gain).filter(({ least }) => least >= 0.5).length);
    const n = learned.length / gains.length;
    return {
      verdict: `Error of A gained by learning B: ${means.map((m, g) => `${m.toFixed(2)} at gain ${gains[g]}`).join(", ")}; the fixed point of A turns into that of B in ${turned.join(", ")} of ${n} networks.`,
      checks: [
        check({
          ...{ id: "learned", what: "largest error of a memory just learned", source: "", ours: true },
          ...{
            criterion: "≤ 0.01",
            measured: Math.max(...errors),
            n: errors.length,
            holds: Math.max(...errors) <= 0.01,
          },
        }),
        check({
          ...{
            id: "forgetting",
            what: "mean error of A gained by learning B, at the largest gain",
            source,
            ours: true,
            n,
          },
          ...{
            criterion: "falls from each gain to the next",
            measured: means.at(-1)!,
            standardError: standardError(lost.at(-1)!),
          },
          holds: means.every((m, g) => g === 0 || m < means[g - 1]!),
        }),
        check({
          ...{
            id: "rotation",
            what: "networks whose fixed point of A keeps half its radius all the way, any gain",
            source,
          },
          ...{ criterion: "", ours: true, measured: turned.reduce((a, b) => a + b, 0), n: learned.length },
        }),
      ],
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(shown!),
            { kind: "figure", figure: taskFigure(tasks.patternMemory({ dt })) },
            { kind: "figure", figure: trainingFigure(await run.metrics(`${gains[0]}-${run.seed}-A`), "A remembered") },
          ],
        },
        { title: "Forgetting", blocks: [{ kind: "figure", figure: picture(learned, gains, lost), lead: true }] },
      ],
      numbers: { learned },
      network: shown!,
    };
  },
};

function picture(learned: Learned[], gains: number[], lost: number[][]): Figure {
  return {
    title: "Forgetting by gain, and the fixed point of A",
    caption:
      "Left: means and standard errors of networks. Right: the outputs at the fixed point where A is held, followed while B is learned; one line a network. Where it turns the radius stays, where another is formed it shrinks.",
    panels: [
      {
        ...{ x: { label: "gain before training" }, y: { label: "error of A gained by learning B" } },
        layers: [
          {
            ...{ kind: "line", color: "ink", shape: "circle", x: gains, y: lost.map((l) => mean(l)) },
            error: lost.map(standardError),
          },
        ],
      },
      {
        ...{ x: { label: "memory A at the fixed point" }, y: { label: "memory B" }, equal: true },
        layers: learned.map(
          ({ gain, path }): Layer => ({
            ...{ kind: "line", name: `gain ${gain}`, color: colors[gains.indexOf(gain) % 6]!, width: 1, opacity: 0.7 },
            ...{ x: path.map((z) => z[0]), y: path.map((z) => z[1]) },
          }),
        ),
      },
    ],
  };
}
