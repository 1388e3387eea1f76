/** Adaptive spiking units that label every sample of electrocardiograms, trained from scratch. */
import {
  check, equationsBlock, heldOut, learning, makeNetwork, mean, type Network, NullclineError, networks, type Outcome,openArrays, 
  type SequenceData, type Study, type StudyContext, sequencesFrom, sequenceTask, simulate, taskFigure, trainingFigure,
  withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "Yin, Corradi & Bohté 2021, Nat. Mach. Intell. 3, 905–913, and its program Efficient-spiking-networks";
const files = ["ecg_qtdb_train.npz", "ecg_qtdb_test.npz"] as const;
const constants = { tau_m: "hidden, membrane", tau_n: "readout, membrane", tau_o: "readout, threshold" } as const;

export const ecg: Study = {
  name: "ecg",
  title: "Electrocardiograms labelled by adaptive spiking units",
  description:
    "A small spiking network with learned time constants labels each sample of a real ECG (--set data=FOLDER).",
  composition:
    "spiking units, adaptive readout, learned time constants · dense, orthogonal · ECG of the QT database · backpropagation through time, Adam",
  minutes: 8,
  fast: { settings: { seeds: "1", epochs: "20" }, checks: [] },
  tiny: { seeds: "1", epochs: "1", batch: "300", units: "4" },
  settings: {
    data: {
      value: "",
      what: `folder with ${files.join(" and ")}: x [recording, time, 4], y [recording, time], classes 0 to 5`,
    },
    seeds: { value: 3, what: "networks, of seeds --seed, + 1, …" },
    units: { value: 36, what: "hidden units N" },
    epochs: { value: 120, what: "passes through the training recordings (in the paper 400)" },
    batch: { value: 64, what: "recordings per iteration" },
    rate: {
      value: 0.03,
      what: "learning rate at the start, along a cosine to a hundredth (in the paper 0.01, halved every 100 epochs)",
    },
    hidden: { value: 3, what: "factor of the rate of hidden time constants" },
    readout: { value: 2, what: "factor of the rate of the readout's time constants" },
    held: { value: 0.1, what: "share of the training recordings that choose the epoch" },
    skip: { value: 10, what: "samples at the start that do not count" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [all, test] = (await Promise.all(files.map((name) => sequencesOf(run, name)))) as [
      SequenceData,
      SequenceData,
    ];
    const skip = run.number("skip");
    const tested = sequenceTask(all, { test, skip });
    const count = test.inputs.shape[0]!;
    const trials = tested.trials({ seed: run.seed, count, purpose: "test" });
    const free = { tag: { bounded: [1, 1000] as [number, number] } };
    const data = withParameters(networks.adaptiveLifLayers, {
      tau_m: { ...free, group: "hidden time constants" },
      tau_a: { tag: "pinned" }, // hidden units do not adapt
      tau_n: { ...free, group: "readout time constants" },
      tau_o: free,
    });
    const sizes = { N: run.number("units"), I: 4, O: 6 };
    const found: {
      network: Network;
      score: number;
      error: number;
      best: number;
      heldScore: number;
      spikes: Record<"hidden" | "readout" | "all", number>;
    }[] = [];
    for (let seed = run.seed; seed < run.seed + run.number("seeds"); seed++) {
      const [kept, held] = heldOut(all, run.number("held"), seed);
      const each = Math.ceil(kept.inputs.shape[0]! / run.number("batch"));
      const iterations = each * run.number("epochs");
      const rate = {
        kind: "cosine" as const,
        rate: run.number("rate"),
        to: run.number("rate") / 100,
        over: iterations,
      };
      const { network } = await run.train(
        `seed-${seed}`,
        makeNetwork(data, { seed, sizes }),
        sequenceTask(kept, { test: held, skip }),
        {
          ...{ seed, validateEvery: each, validationTrials: held.inputs.shape[0]!, fit: learning.crossEntropy() },
          stages: [{ iterations, batch: run.number("batch"), rate, keep: "best" }],
          rule: {
            update: learning.adam({
              groupRates: {
                "hidden time constants": run.number("hidden"),
                "readout time constants": run.number("readout"),
              },
            }),
          },
        },
      );
      run.say(`seed ${seed}: test recordings`);
      const { z, s, s_o } = await simulate(network, trials, { seed, record: ["z", "s", "s_o"] });
      const { score, standardError: error } = tested.behaviour(z!, trials);
      const validated = (await run.metrics(`seed-${seed}`)).flatMap((line) =>
        line.score === undefined ? [] : [line as { iteration: number; score: number }],
      );
      const chosen = validated.reduce((a, b) => (b.score > a.score ? b : a));
      const [hidden, readout] = [mean(s!.data), mean(s_o!.data)];
      const spikes = { hidden, readout, all: (hidden * sizes.N + readout * sizes.O) / (sizes.N + sizes.O) };
      found.push({ network, score, error, best: chosen.iteration / each, heldScore: chosen.score, spikes });
      await run.pause();
    }
    const first = found[0]!;
    const scores = found.map(({ score }) => 100 * score);
    const spikes = mean(found.map((f) => f.spikes.all));
    return {
      verdict: `Test recordings: ${scores.map((s) => s.toFixed(1)).join(", ")} % of samples right, with ${spikes.toFixed(3)} spikes per unit and step.`,
      checks: [
        check({
          ...{
            id: "accuracy",
            what: "samples of the test recordings labelled right, %, least of the networks",
            paper: "85.4",
            source,
          },
          ...{ criterion: "≥ 82 in every network", ours: true, measured: Math.min(...scores), n: count },
          ...{
            standardError: 100 * found[scores.indexOf(Math.min(...scores))]!.error,
            holds: scores.every((s) => s >= 82),
          },
        }),
        check({
          id: "spikes",
          what: "spikes per unit and step, mean of the networks",
          paper: "0.291",
          source,
          criterion: "",
          measured: spikes,
          n: found.length,
        }),
      ],
      sections: [
        {
          title: "The network",
          blocks: [equationsBlock(first.network), { kind: "figure", figure: taskFigure(tested, { trials: 1 }) }],
        },
        {
          title: "Training",
          blocks: [
            {
              kind: "text",
              text: `The epoch was chosen on recordings held out of training: ${found.map((f) => `${f.best} (${(100 * f.heldScore).toFixed(1)} % there)`).join(", ")}.`,
            },
            {
              kind: "figure",
              figure: trainingFigure(await run.metrics(`seed-${run.seed}`), "fraction of held-out samples right"),
            },
          ],
        },
        {
          title: "Learned time constants",
          blocks: [
            {
              kind: "figure",
              lead: true,
              figure: {
                title: "Time constants before and after training",
                caption:
                  "One mark a unit, from the shortest to the longest; one colour a network; gray: where all began.",
                panels: Object.entries(constants).map(([name, title]) => ({
                  title,
                  x: { label: "unit, by time constant" },
                  y: { label: "time constant", unit: "samples", include: [0] },
                  layers: [
                    {
                      kind: "rule",
                      axis: "y",
                      at: data.parameters[name]!.value as number,
                      dash: "dashed",
                      color: "gray",
                    },
                    ...found.map(({ network }, k) => {
                      const y = [...network.parameters[name]!.values.data].sort((a, b) => a - b);
                      return {
                        kind: "points" as const,
                        name: `network ${k + 1}`,
                        color: (["blue", "vermilion", "green", "purple"] as const)[k % 4]!,
                        size: 3,
                        x: y.map((_, i) => i + 1),
                        y,
                      };
                    }),
                  ],
                })),
              },
            },
          ],
        },
      ],
      numbers: { networks: found.map(({ network: _, ...facts }) => facts) },
      network: first.network,
    };
  },
};

async function sequencesOf(run: StudyContext, name: string): Promise<SequenceData> {
  const folder = run.text("data");
  if (folder === "")
    throw new NullclineError({
      code: "setting",
      given: "the study `ecg` needs recordings",
      expected: `a folder with ${files.join(" and ")}: QTDB_train.mat and QTDB_test.mat of byin-cwi/Efficient-spiking-networks on GitHub (the QT database of PhysioNet) as arrays x [recording, time, 4] and y [recording, time], classes 0 to 5`,
      remedy: "name it by --set data=FOLDER",
    });
  return sequencesFrom(await openArrays(name, await run.read(`${folder}/${name}`)), name, { classes: 6 });
}
