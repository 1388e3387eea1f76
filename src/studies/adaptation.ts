/** Units whose transfer functions are learned, or driven by a small shared network: accuracy where input and noise change. */
import {
  check, drawnStrokes, equationsBlock, type Figure, imageSequences, type Layer, learning, makeNetwork, mean, type Network,
  ndarray, networks, type Outcome, RandomStream, range, type Study, type StudyContext, sequenceTask, simulate, standardError,
  taskFigure, trainingFigure, withParameters, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Geadah, Horoi, Kerg, Wolf & Lajoie 2024, PLoS Comput. Biol. 20";
const pinned = { value: 0, tag: "pinned" as const };
const still = { w: pinned, Q: pinned, p: pinned, q: pinned };
/** The same equations; what is not trained stays 0, but for the gains. */
const kinds = {
  plain: { ...still, n_0: { tag: "pinned" as const }, s_0: pinned },
  learned: { ...still, n_0: { group: "gain" }, s_0: { tag: { bounded: [0, 1] as [number, number] } } },
  driven: { n_0: { group: "gain" } },
};
type Kind = keyof typeof kinds;
const colors = { plain: "gray", learned: "blue", driven: "vermilion" } as const;
interface Tested {
  kind: Kind;
  /** Accuracies: undisturbed, by what is added to the drive, and by the noise. */
  usual: number;
  drives: number[];
  noises: number[];
}

export const adaptation: Study = {
  name: "adaptation",
  title: "Transfer functions learned, or driven by a shared controller",
  description:
    "Networks read drawn strokes pixel by pixel; adjustable transfer functions keep them accurate as drive and noise change.",
  composition:
    "maps with transfer γ(n, s), fixed, learned or driven · dense · drawn strokes, pixel by pixel · cross-entropy, Adam",
  minutes: 6,
  fast: { settings: { seeds: "1", iterations: "800" }, checks: [] },
  tiny: { seeds: "1", units: "8", controller: "2", iterations: "2", batch: "2", drawn: "40", tested: "10", size: "4" },
  settings: {
    seeds: { value: 3, what: "networks of each kind, of seeds --seed, + 1, …" },
    units: { value: 48, what: "number of units N of every kind (in the paper 400)" },
    controller: { value: 4, what: "hidden variables of the controller (in the code 50)" },
    size: { value: 10, what: "rows and columns of the drawings (in the paper 28: 784 steps, an hour and more)" },
    order: {
      value: "pixels",
      what: "`pixels`, `permuted`: a pixel a step (in the paper permuted); `rows`: a row a step",
    },
    drawn: { value: 4000, what: "drawings to learn from (in the paper MNIST's 60,000)" },
    tested: { value: 1000, what: "new drawings" },
    iterations: { value: 3000, what: "iterations of Adam" },
    batch: { value: 32, what: "drawings per iteration" },
    rate: { value: 0.0015, what: "learning rate at the start; it falls to 0 (networks diverged at 0.003)" },
    clip: { value: 0.3, what: "largest norm of the gradient" },
    gainRate: { value: 2, what: "that of the gains n, relative" },
    drive: { value: 0.2, what: "most that is added to, or taken from, the drive of every unit" },
    noise: { value: 0.6, what: "most noise of a pixel, standard deviation; ink is 1" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const order = run.text("order") as "pixels" | "permuted" | "rows";
    const data = (seed: number, count: number) => {
      const { images, labels } = drawnStrokes({ seed, count, size: run.number("size") });
      return { ...imageSequences("strokes", images, labels, { order }), classes: 10 };
    };
    const task = sequenceTask(data(1, run.number("drawn")), { test: data(2, run.number("tested")) });
    const sizes = { N: run.number("units"), I: task.inputs.length, O: 10, K: run.number("controller") };
    const drives = range(-run.number("drive"), run.number("drive"), 9).filter((d) => Math.abs(d) > 1e-9);
    const noises = range(run.number("noise") / 6, run.number("noise"), 6);
    const trials = task.trials({ seed: run.seed, count: run.number("tested"), purpose: "test" });
    const draws = new RandomStream(run.seed, "noise of pixels").fillNormal(new Float64Array(trials.inputs.data.length));
    const tested: Tested[] = [];
    let shown!: Network;
    for (const kind of Object.keys(kinds) as Kind[])
      for (let seed = run.seed; seed < run.seed + run.number("seeds"); seed++) {
        const weights = { U: { init: { law: "gaussian" as const } }, V: { init: { law: "orthogonal" as const } } };
        const initial = makeNetwork(withParameters(networks.drivenTransfer, { ...weights, ...kinds[kind] }), {
          seed,
          sizes,
        });
        const update = learning.adam({ groupRates: kind === "plain" ? {} : { gain: run.number("gainRate") } });
        const [iterations, batch] = [run.number("iterations"), run.number("batch")];
        const rate = { kind: "cosine" as const, rate: run.number("rate"), over: iterations };
        const { network } = await run.train(`${kind}-${seed}`, initial, task, {
          ...{ seed, fit: learning.crossEntropy(), rule: { update }, validateEvery: 250 },
          stages: [{ iterations, batch, clip: run.number("clip"), rate }],
        });
        const accuracy = async (drive: number, noise: number) => {
          const { b } = network.parameters as Record<"b", Network["parameters"][string]>;
          const driven = withValues(network, {
            b: ndarray(
              b.values.data.map((v) => v + drive),
              b.values.shape,
            ),
          });
          const pixels = trials.inputs.data.map((v, i) => v + noise * draws[i]!);
          const disturbed = { ...trials, inputs: { ...trials.inputs, data: pixels } };
          return task.behaviour((await simulate(driven, disturbed, { seed })).z!, trials).score;
        };
        const found: Tested = { kind, usual: await accuracy(0, 0), drives: [], noises: [] };
        for (const drive of drives) found.drives.push(await accuracy(drive, 0));
        for (const noise of noises) found.noises.push(await accuracy(0, noise));
        tested.push(found);
        shown = network;
        await run.pause();
      }
    const of = (kind: Kind, what: "drives" | "noises") =>
      tested.filter((t) => t.kind === kind).map((t) => mean(t[what]));
    const percent = (kind: Kind, what: "drives" | "noises") => `${(100 * mean(of(kind, what))).toFixed(0)} %`;
    const usual = (kind: Kind) => tested.filter((t) => t.kind === kind).map((t) => t.usual);
    const n = run.number("tested") * run.number("seeds");
    return {
      verdict: `Under changed drive ${percent("learned", "drives")} (learned) and ${percent("driven", "drives")} (driven) of the drawings are named, ${percent("plain", "drives")} by plain networks; under noise ${percent("learned", "noises")} and ${percent("driven", "noises")}, ${percent("plain", "noises")} by plain ones.`,
      checks: [
        ...(["learned", "driven"] as const).flatMap((kind) =>
          (["drives", "noises"] as const).map((what) => {
            const [own, plain] = [of(kind, what), of("plain", what)];
            return check({
              ...{
                id: `${kind}-${what}`,
                what: `accuracy under changed ${what === "drives" ? "drive" : "noise"}, ${kind} transfer`,
              },
              ...{
                paper: "more robust",
                source,
                ours: true,
                measured: mean(own),
                n,
                standardError: standardError(own),
              },
              criterion: `above the plain network's (mean ${mean(plain).toFixed(3)}) for every seed`,
              holds: own.every((value, k) => value > plain[k]!),
            });
          }),
        ),
        ...(Object.keys(kinds) as Kind[]).map((kind) =>
          check({
            ...{
              id: `usual-${kind}`,
              what: `accuracy on undisturbed drawings, ${kind} transfer`,
              source: "",
              criterion: "",
            },
            ...{ ours: true, measured: mean(usual(kind)), n, standardError: standardError(usual(kind)) },
          }),
        ),
      ],
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(shown),
            { kind: "figure", figure: taskFigure(task) },
            {
              kind: "figure",
              figure: trainingFigure(await run.metrics(`driven-${run.seed}`), "fraction of drawings right"),
            },
          ],
        },
        {
          title: "Changed drive and noise",
          blocks: [{ kind: "figure", figure: picture(tested, drives, noises), lead: true }],
        },
      ],
      numbers: { drives, noises, tested },
      network: shown,
    };
  },
};

function picture(tested: Tested[], drives: number[], noises: number[]): Figure {
  const line = (x: number[], curves: (t: Tested) => number[]): Layer[] =>
    (Object.keys(kinds) as Kind[]).map((kind) => {
      const own = tested.filter((t) => t.kind === kind).map(curves);
      const at = x.map((_, i) => own.map((curve) => curve[i]!));
      return {
        kind: "line",
        name: kind,
        color: colors[kind],
        shape: "circle",
        x,
        y: at.map(mean),
        error: at.map((v) => standardError(v)),
      };
    });
  const half = drives.length / 2;
  const y = { label: "accuracy", domain: [0, 1] as [number, number] };
  return {
    title: "Accuracy where input and noise change",
    caption:
      "Means and standard errors of networks, on new drawings. Chance is 0.1. Trained without any of this, at 0.",
    panels: [
      {
        ...{ x: { label: "added to the drive of every unit" }, y },
        layers: line([...drives.slice(0, half), 0, ...drives.slice(half)], (t) => [
          ...t.drives.slice(0, half),
          t.usual,
          ...t.drives.slice(half),
        ]),
      },
      { x: { label: "noise of a pixel" }, y, layers: line([0, ...noises], (t) => [t.usual, ...t.noises]) },
    ],
  };
}
