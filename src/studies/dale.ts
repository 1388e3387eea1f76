/** Units of one sign: the signs kept by projection after each update or by rectified weights, and what pruning costs. */
import {
  check, connectivity, equationsBlock, type Figure, frozen, type Layer, learning, makeNetwork, mean, type Network, type NetworkData, type Outcome, type Study,
  type StudyContext, simulate, surgery, type Task, taskFigure, tasks, trainingFigure, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Balwani, Wang, Najafi & Choi 2025, Sci. Adv.";
const uniform = (N: number) => ({ law: "uniform" as const, low: -1 / Math.sqrt(N), high: 1 / Math.sqrt(N) });
/** The networks of the authors' program: units send on what is above 0 where signs are projected, all of it where weights are rectified. */
const cell = (N: number, way: (typeof ways)[number]): NetworkData => ({
  name: "tanh map",
  source,
  equations: `h[t] = tanh(J ${way === "projected" ? "relu(h[t-1])" : "h[t-1]"} + B u + b);  z = tanh(W h + c)`,
  parameters: {
    J: { shape: ["N", "N"], init: uniform(N) },
    B: { shape: ["N", "I"], init: uniform(N) },
    b: { shape: ["N"], init: uniform(N) },
    W: { shape: ["O", "N"], init: uniform(N) },
    c: { shape: ["O"], init: uniform(N) },
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
    "tanh map, rectified between units · dense, signs projected or rectified · 1-bit flip-flop · backpropagation, Adam; pruning",
  minutes: 25,
  fast: { settings: { seeds: "1", epochs: "20" }, checks: [] },
  tiny: { seeds: "1", units: "10", epochs: "1", training: "8", test: "10", batch: "4", draws: "1" },
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
    draws: { value: 5, what: "draws of each pruning, averaged (in the published program 1)" },
    judged: { value: 0.543, what: "the one of these that is judged" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [N, count] = [run.number("units"), run.number("test")];
    const each = Math.round(run.number("training") / run.number("batch"));
    const task = tasks.flipFlop({ bits: 1, duration: 50, probability: run.number("pulses"), firstPulse: false });
    // As published, the same trials come again in each epoch; those that test are new.
    const kept = frozen(task, { trials: run.number("training"), seed: run.seed });
    const learned: Task = { ...kept, trials: (r) => ((r.purpose ?? "train") === "train" ? kept : task).trials(r) };
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
    let shown = makeNetwork(cell(2, "projected"), { sizes: { N: 2, I: 1, O: 1 } });
    for (const way of ways)
      for (let seed = run.seed; seed < run.seed + run.number("seeds"); seed++) {
        const data = cell(N, way);
        const { projection } = connectivity.constrain(data, "J", { kind: "sign", signs }, "project", { sizes });
        // What is below 0 goes, and the rest takes the sign of its unit: weights of inhibitory units seldom last.
        const rectify = ({ J }: Record<string, Float64Array>): void => {
          J!.forEach((w, k) => {
            J![k] = Math.max(w, 0) * signs.value[k % N]!;
          });
        };
        const drawn = makeNetwork(data, { seed, sizes });
        const { values } = drawn.parameters.J!;
        const own = values.data.map((w, k) => Math.abs(w) * signs.value[k % N]!);
        const initial = withValues(drawn, { J: { data: own, shape: values.shape } });
        const phase = `${way}-${seed}`;
        const { network } = await run.train(phase, initial, learned, {
          ...{ seed, validateEvery: 10 * each, validationTrials: count },
          rule: { write: learning.projected(way === "projected" ? projection! : rectify) },
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
        if (way !== "projected") continue;
        shown = network;
        for (const kind of kinds) {
          const errors: number[] = [];
          for (const keep of keeps) {
            // Of the weights that are 0 the authors' random pruning keeps as large a share as of the others.
            const share =
              kind === "random" ? keep * mean(network.parameters.J!.values.data.map((w) => (w === 0 ? 0 : 1))) : keep;
            const draws = Array.from({ length: run.number("draws") }, (_, d) =>
              surgery.prune(network, "J", { keep: share, by: kind, seed: 1000 * seed + d }),
            );
            const each: number[] = [];
            for (const cut of draws) each.push(await error(cut, seed));
            errors.push(mean(each));
          }
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
      summary:
        "Rectified weights are those of the authors' program: after each update what is below 0 becomes 0 and the rest takes the sign of its unit, so that inhibitory weights seldom outlast an update; its units send on negative values too.",
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
