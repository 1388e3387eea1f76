/** Networks that solve one task from different initial weights, told apart by what they do beyond the trained range. */
import {
  adjustedRand, check, equationsBlock, type Figure, fitMixture, type Layer, makeNetwork, mean, ndarray, networks,
  type Outcome, range, type Study, type StudyContext, simulate, standardError, taskFigure, tasks, trainingFigure, withParameters,
} from "../index.ts"; // biome-ignore format: a list

type Scheme = "gaussian" | "orthogonal" | "identity";
const colors = ["blue", "vermilion", "green"] as const;
const source = "Turner, Dabholkar & Barak 2021, NeurIPS 34";
interface Solved {
  scheme: string;
  gain: number;
  /** On trained delays; then, per delay beyond, the output in the direction of the answer. */
  accuracy: number;
  curve: number[];
  moved: number;
  /** 1: the memory is kept. */
  keeps: number;
}

export const initialisation: Study = {
  name: "initialisation",
  title: "Initial weights lead to different solutions",
  description:
    "Networks solve a memory task equally well; beyond the trained delays some keep the memory and some lose it.",
  composition:
    "rate units · Gaussian, orthogonal or identity times a gain · delayed match to sample · backpropagation, Adam",
  minutes: 4,
  fast: { settings: { networks: "2", gains: "0.1,1,2", schemes: "gaussian" }, checks: ["solved"] },
  tiny: { networks: "2", gains: "0.1,2", schemes: "gaussian", units: "8", iterations: "2", batch: "2", tested: "4" },
  settings: {
    schemes: { value: "gaussian orthogonal identity", what: "laws of the recurrent weights before training" },
    gains: { value: [0.1, 0.5, 1, 1.5, 2], what: "their gains, ascending" },
    networks: { value: 3, what: "networks per law and gain, of seeds --seed, + 1, …" },
    units: { value: 100, what: "number of units N" },
    tau: { value: 100, what: "time constant, ms" },
    noise: { value: 0.02, what: "state noise sigma" },
    delay: { value: [100, 300], what: "limits of the trained delay, ms" },
    near: { value: [3, 9], what: "first half of the delays beyond, in units of the longest trained one" },
    far: { value: [10, 16], what: "second half" },
    iterations: { value: 300, what: "iterations of Adam" },
    batch: { value: 32, what: "trials per iteration" },
    rate: { value: 0.003, what: "learning rate" },
    tested: { value: 40, what: "trials per delay" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [gains, trained, count] = [run.numbers("gains"), run.numbers("delay"), run.number("tested")];
    const schemes = run.text("schemes").split(/[ ,]+/) as Scheme[];
    const steps = (name: string) => range(run.numbers(name)[0]!, run.numbers(name)[1]!, 7);
    const delays = [...steps("near"), ...steps("far")].map((times) => times * trained[1]!);
    const task = tasks.delayedMatchToSample({
      ...{ dt: 25, fixation: 100, stimulus: [200], delay: trained, decision: 200, noise: 0.1 },
    });
    const solved: Solved[] = [];
    let shown = makeNetwork(networks.rate, { sizes: { N: 2, I: 2, O: 1 } });
    for (const scheme of schemes)
      for (const gain of gains)
        for (let seed = run.seed; seed < run.seed + run.number("networks"); seed++) {
          const weights = { J: { init: { law: scheme, gain } }, tau: run.number("tau"), sigma: run.number("noise") };
          const sizes = { N: run.number("units"), I: 2, O: 1 };
          const before = makeNetwork(withParameters(networks.rate, weights), { seed, sizes });
          const rate = { kind: "constant" as const, rate: run.number("rate") };
          const stages = [{ iterations: run.number("iterations"), batch: run.number("batch"), clip: 1, rate }];
          const { network } = await run.train(`${scheme}-${gain}-${seed}`, before, task, { seed, stages });
          const usual = task.trials({ seed, count: 400, purpose: "test" });
          const accuracy = task.behaviour((await simulate(network, usual, { seed })).z!, usual).score;
          const conditions = { delay: delays.flatMap((delay) => new Array<number>(count).fill(delay)) };
          const trials = task.trials({ seed, count: delays.length * count, purpose: "test", conditions });
          const { z } = await simulate(network, trials, { seed });
          const [T, { mask, targets }] = [z!.shape[1]!, trials];
          const toward = Array.from(conditions.delay, (_, k) => {
            const at = range(k * T, (k + 1) * T - 1, T).filter((i) => mask.data[i]! > 0);
            return mean(at.map((i) => z!.data[i]! * targets.data[i]!));
          });
          const curve = delays.map((_, i) => mean(toward.slice(i * count, (i + 1) * count)));
          const [from, to] = [before, network].map(({ parameters }) => parameters.J!.values.data) as [
            Float64Array,
            Float64Array,
          ];
          const moved = Math.hypot(...to.map((w, i) => w - from[i]!)) / Math.hypot(...from);
          solved.push({ scheme, gain, accuracy, curve, moved, keeps: 0 });
          shown = network;
        }
    // Each half: one number a network, and a mixture of one or of two Gaussians.
    const halves = [0, 7].map((from) => {
      const samples = ndarray(
        solved.map(({ curve }) => mean(curve.slice(from, from + 7))),
        [solved.length, 1],
      );
      const [one, two] = [1, 2].map((components) => fitMixture(samples, { components, starts: 20 }));
      const upper = two!.means.data[0]! > two!.means.data[1]! ? 0 : 1;
      const labels = solved.map((_, k) => (two!.responsibilities.data[2 * k + upper]! > 0.5 ? 1 : 0));
      // Three more numbers in the second: a mean, a variance, a share.
      const evidence = 2 * solved.length * (two!.logLikelihood - one!.logLikelihood) - 3 * Math.log(solved.length);
      return { labels, evidence };
    });
    solved.forEach((network, k) => {
      network.keeps = halves[0]!.labels[k]!;
    });
    const [evidence, same] = [
      Math.min(...halves.map((h) => h.evidence)),
      adjustedRand(halves[0]!.labels, halves[1]!.labels),
    ];
    const moved = schemes.map((scheme) =>
      gains.map((gain) => solved.filter((s) => s.scheme === scheme && s.gain === gain).map((s) => s.moved)),
    );
    const falls = moved.filter((of) => of.every((now, g) => g === 0 || mean(now) < mean(of[g - 1]!))).length;
    const accuracies = solved.map((s) => s.accuracy);
    return {
      verdict: `${solved.filter((s) => s.keeps).length} of ${solved.length} networks keep the memory beyond the trained delays, the others lose it; the two halves of these delays agree (adjusted Rand index ${same.toFixed(2)}).`,
      checks: [
        check({
          ...{ id: "solved", what: "least accuracy of a network on trained delays", source: "", ours: true },
          ...{ criterion: "≥ 0.95", measured: Math.min(...accuracies), n: 400, holds: Math.min(...accuracies) >= 0.95 },
        }),
        check({
          ...{
            id: "classes",
            what: "evidence for two classes over one (difference of BIC), the lesser of both halves",
            ours: true,
          },
          ...{
            source,
            paper: "several solutions",
            criterion: "> 10",
            measured: evidence,
            n: solved.length,
            holds: evidence > 10,
          },
        }),
        check({
          ...{ id: "same", what: "agreement of the classes by either half (adjusted Rand index)", source, ours: true },
          ...{ criterion: "≥ 0.8", measured: same, n: solved.length, holds: same >= 0.8 },
        }),
        check({
          ...{
            id: "moved",
            what: "laws for which the weights move less, relative to their size, at each larger gain",
            ours: true,
          },
          ...{ source: "", criterion: "", measured: falls, n: schemes.length },
        }),
      ],
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(shown),
            { kind: "figure", figure: taskFigure(task) },
            {
              kind: "figure",
              figure: trainingFigure(
                await run.metrics(`${schemes[0]}-${gains[0]}-${run.seed}`),
                "fraction of choices right",
              ),
            },
          ],
        },
        {
          title: "Beyond the trained delays",
          blocks: [{ kind: "figure", figure: picture(solved, delays, gains, schemes, moved), lead: true }],
        },
      ],
      numbers: { solved },
      network: shown,
    };
  },
};

function picture(solved: Solved[], delays: number[], gains: number[], schemes: string[], moved: number[][][]): Figure {
  const classes = ["loses the memory", "keeps it"];
  const seconds = delays.map((delay) => delay / 1000);
  const of = (scheme: string, gain: number) =>
    mean(solved.filter((s) => s.scheme === scheme && s.gain === gain).map((s) => s.keeps));
  const line = (s: number, y: number[], error?: number[]): Layer => ({
    ...{ kind: "line", name: schemes[s]!, color: colors[s % 3]!, shape: "circle", x: gains, y, error },
  });
  return {
    title: "Solutions by initial weights",
    caption:
      "Left: one line a network, the mean output in the direction of the answer. Right: means and standard errors of networks.",
    panels: [
      {
        ...{ x: { label: "delay", unit: "s" }, y: { label: "output toward the answer" } },
        layers: [0, 1].flatMap((keeps) =>
          solved
            .filter((s) => s.keeps === keeps)
            .map(
              ({ curve }): Layer => ({
                ...{
                  kind: "line",
                  name: classes[keeps]!,
                  color: keeps ? "blue" : "vermilion",
                  width: 1,
                  opacity: 0.7,
                  x: seconds,
                  y: curve,
                },
              }),
            ),
        ),
      },
      {
        ...{
          x: { label: "gain before training" },
          y: { label: "fraction that keeps the memory", domain: [-0.02, 1.02] },
        },
        layers: schemes.map((scheme, s) =>
          line(
            s,
            gains.map((gain) => of(scheme, gain)),
          ),
        ),
      },
      {
        ...{ x: { label: "gain before training" }, y: { label: "distance moved over initial norm", scale: "log" } },
        layers: schemes.map((_, s) =>
          line(
            s,
            moved[s]!.map((m) => mean(m)),
            moved[s]!.map(standardError),
          ),
        ),
      },
    ],
  };
}
