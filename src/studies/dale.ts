/** Units of one sign: the signs kept by projection after each update or by rectified weights, and what pruning costs. */
import {
  check, connectivity, equationsBlock, type Figure, type Layer, learning, makeNetwork, mean, type Network, type NetworkData, type Outcome, type Study,
  type StudyContext, simulate, surgery, taskFigure, tasks, trainingFigure, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Balwani, Wang, Najafi & Choi 2025, Sci. Adv.";
const uniform = (N: number) => ({ law: "uniform" as const, low: -1 / Math.sqrt(N), high: 1 / Math.sqrt(N) });
/** r = relu(tanh(·)) as a map, and a readout through tanh. */
const cell = (N: number): NetworkData => ({
  name: "retanh map",
  source,
  equations: "r[t] = relu(tanh(J r[t-1] + B u + b));  z = tanh(W r)",
  parameters: {
    J: { shape: ["N", "N"], init: uniform(N) },
    B: { shape: ["N", "I"], init: uniform(N) },
    b: { shape: ["N"], init: uniform(N) },
    W: { shape: ["O", "N"], init: uniform(N) },
  },
});
const ways = ["projected", "rectified"] as const;
const kinds = ["random", "proportional", "magnitude"] as const;
interface Curve {
  way: (typeof ways)[number];
  epoch: number[];
  loss: number[];
}
interface Pruned {
  way: (typeof kinds)[number];
  /** By fraction kept. */
  error: number[];
}
const shades = ["gray", "blue", "green"] as const;
const colors = { projected: "blue", rectified: "vermilion" } as const;

export const dale: Study = {
  name: "dale",
  title: "Dale's law by projection, and pruning by size",
  description: "Signs kept by a projection after each update learn a flip-flop; weights pruned by size cost little.",
  composition:
    "relu(tanh) map · dense, signs projected or rectified · 1-bit flip-flop · backpropagation, Adam; pruning",
  minutes: 25,
  fast: { settings: { seeds: "1", epochs: "20" }, checks: [] },
  tiny: { seeds: "1", units: "10", epochs: "1", training: "8", test: "10", batch: "4" },
  settings: {
    seeds: { value: 5, what: "networks of each way, of seeds --seed, + 1, …" },
    units: { value: 128, what: "number of units N" },
    excitatory: { value: 0.8, what: "fraction of units that excite" },
    epochs: { value: 100, what: "passes over the training trials" },
    training: { value: 6000, what: "training trials of 50 samples" },
    test: { value: 1000, what: "test trials" },
    batch: { value: 200, what: "trials per iteration" },
    rate: { value: 0.001, what: "learning rate of Adam" },
    pulses: { value: 0.05, what: "probability of a pulse in a sample" },
    keep: { value: [0.467, 0.543, 0.619, 0.695], what: "fractions of the recurrent weights that stay after pruning" },
    judged: { value: 0.543, what: "the one of these that is judged" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [N, count] = [run.number("units"), run.number("test")];
    const each = Math.round(run.number("training") / run.number("batch"));
    const task = tasks.flipFlop({ bits: 1, duration: 50, probability: run.number("pulses"), firstPulse: false });
    const sizes = { N, I: 1, O: 1 };
    const excite = Math.round(run.number("excitatory") * N);
    const signs = { value: Array.from({ length: N }, (_, j) => (j < excite ? 1 : -1)) };
    const error = async (network: Network, seed: number): Promise<number> => {
      const trials = task.trials({ seed, count, purpose: "test" });
      return task.behaviour((await simulate(network, trials, { seed })).z!, trials).parts.meanSquaredError!;
    };
    const losses: Record<(typeof ways)[number], number[]> = { projected: [], rectified: [] };
    const [curves, pruned]: [Curve[], Pruned[]] = [[], []];
    const keeps = run.numbers("keep");
    let shown = makeNetwork(cell(2), { sizes: { N: 2, I: 1, O: 1 } });
    for (const way of ways)
      for (let seed = run.seed; seed < run.seed + run.number("seeds"); seed++) {
        const by = way === "projected" ? "project" : "reparametrise";
        const { network: data, projection } = connectivity.constrain(cell(N), "J", { kind: "sign", signs }, by, {
          sizes,
        });
        const drawn = makeNetwork(data, { seed, sizes });
        const name = projection ? "J" : "J_K";
        const { values } = drawn.parameters[name]!;
        // Sizes are drawn, signs given: rectified weights are sizes.
        const own = values.data.map((w, k) => Math.abs(w) * (projection ? signs.value[k % N]! : 1));
        const initial = withValues(drawn, { [name]: { data: own, shape: values.shape } });
        const phase = `${way}-${seed}`;
        const { network } = await run.train(phase, initial, task, {
          ...{ seed, validateEvery: 10 * each, validationTrials: count },
          ...(projection && { rule: { write: learning.projected(projection) } }),
          stages: [
            {
              iterations: each * run.number("epochs"),
              batch: run.number("batch"),
              rate: { kind: "constant", rate: run.number("rate") },
            },
          ],
        });
        losses[way].push(5 * (await error(network, seed)));
        const lines = (await run.metrics(phase)).filter(({ parts }) => parts !== undefined);
        curves.push({
          way,
          epoch: lines.map(({ iteration }) => (iteration as number) / each),
          loss: lines.map(({ parts }) => 5 * (parts as { meanSquaredError: number }).meanSquaredError),
        });
        if (!projection) continue;
        shown = network;
        for (const kind of kinds) {
          const errors: number[] = [];
          for (const keep of keeps)
            errors.push(await error(surgery.prune(network, "J", { keep, by: kind, seed }), seed));
          pruned.push({ way: kind, error: errors });
        }
      }
    const at = keeps.indexOf(run.number("judged"));
    const errors = (kind: (typeof kinds)[number], k: number) =>
      pruned.filter((p) => p.way === kind).map((p) => p.error[k]!);
    const ratio = mean(errors("random", at)) / mean(errors("proportional", at));
    const low = (way: (typeof ways)[number]) => losses[way].filter((loss) => loss < 0.01).length;
    const n = losses.projected.length;
    return {
      verdict: `Test loss below 0.01: ${low("projected")} of ${n} projected networks, ${low("rectified")} of ${n} rectified; random pruning costs ${ratio.toFixed(0)} times as much as pruning by size.`,
      checks: [
        check({
          ...{ id: "projected", what: "largest test loss of projected networks (sum over 5 batches)", source, n },
          ...{
            paper: "0.0008 … 0.0051",
            criterion: "< 0.01 in every network",
            measured: Math.max(...losses.projected),
          },
          holds: low("projected") === n,
        }),
        check({
          ...{ id: "rectified", what: "rectified networks with a test loss above 0.01", source, n, paper: "4 of 5" },
          ...{ criterion: "at least 2 of 5", measured: n - low("rectified"), holds: n - low("rectified") >= 0.4 * n },
        }),
        check({
          ...{ id: "pruning", what: `error after random over proportional pruning, ${run.number("judged")} kept` },
          ...{ source, paper: "0.494 / 0.0025", criterion: "≥ 20 (means over networks)", ours: true },
          ...{ measured: ratio, n, holds: ratio >= 20 },
        }),
      ],
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(shown),
            { kind: "figure", figure: taskFigure(task) },
            { kind: "figure", figure: trainingFigure(await run.metrics(`projected-${run.seed}`), "samples right") },
          ],
        },
        {
          title: "Signs and pruning",
          blocks: [{ kind: "figure", figure: picture(curves, pruned, keeps), lead: true }],
        },
      ],
      numbers: { losses, pruned },
      network: shown,
    };
  },
};

function picture(curves: Curve[], pruned: Pruned[], keeps: number[]): Figure {
  return {
    title: "Learning under Dale's law, and pruning",
    caption: "Left: one line a network, the error summed over 5 batches. Right: means over the projected networks.",
    panels: [
      {
        ...{ x: { label: "epoch" }, y: { label: "test loss", scale: "log" } },
        layers: curves.map(
          ({ way, epoch, loss }): Layer => ({ kind: "line", name: way, color: colors[way], x: epoch, y: loss }),
        ),
      },
      {
        ...{ x: { label: "fraction of weights kept" }, y: { label: "mean square error", scale: "log" } },
        layers: kinds.map((kind, i): Layer => {
          const own = pruned.filter((p) => p.way === kind);
          const y = keeps.map((_, k) => mean(own.map((p) => p.error[k]!)));
          return { kind: "line", name: kind, color: shades[i]!, shape: "circle", x: keeps, y };
        }),
      },
    ],
  };
}
