/** Units of one sign with learned time constants: three tasks to the published criterion, and choices that a prior biases. */
import {
  check, equationsBlock, type Figure, makeNetwork, mean, type Network, networks, type Outcome, psychometric, type Study,
  type StudyContext, simulate, type Task, taskFigure, tasks, trainingFigure, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "Kim, Li & Sejnowski 2019, PNAS 116, 22811–22820";
const names = ["goNoGo", "xor", "contextChoice"] as const;
export const excitationInhibition: Study = {
  name: "excitation-inhibition",
  title: "Excitation and inhibition: signs kept, time constants learned",
  description:
    "Networks of excitatory and inhibitory units learn three tasks and their time constants; a prior biases weak evidence most.",
  composition:
    "sigmoid rate units with learned time constants · fixed signs, sparse · go/no-go, XOR, context, biased dots · Adam",
  minutes: 4,
  fast: { settings: { seeds: "1", networks: "2" }, checks: ["goNoGo"] },
  tiny: { seeds: "1", networks: "1", units: "10", iterations: "2", dotsIterations: "2", batch: "2", tested: "4" },
  settings: {
    seeds: { value: 3, what: "networks per task, of seeds --seed, + 1, …" },
    units: { value: 100, what: "number of units N (in the paper 200)" },
    gain: { value: 2, what: "mean weight before training × √(connections per unit) (in the code 1.2)" },
    inhibition: { value: 4, what: "strength of the inhibitory fifth over the excitatory units (in the code 1)" },
    readout: { value: 0.1, what: "deviation of the readout before training (in the code 0.01)" },
    connected: { value: 0.2, what: "fraction of connections that exist" },
    noise: { value: 0.2, what: "deviation of the state's noise without input (in the code 0.22 at a tau of 50 ms)" },
    rate: { value: 0.01, what: "learning rate of Adam" },
    batch: { value: 8, what: "trials per iteration (in the paper 1)" },
    iterations: {
      value: 3000,
      what: "iterations at most; 100 trials judge every 200 (go/no-go in the code: none before trial 1,500)",
    },
    networks: { value: 5, what: "networks trained on dots that move one way more often" },
    prior: { value: 0.75, what: "how often" },
    coherences: { value: [1, 2, 4, 8, 16], what: "coherences of the dots, %, the weakest first" },
    dotsNoise: { value: 2, what: "deviation of the dots' evidence in a sample of 1 ms" },
    dotsIterations: { value: 600, what: "iterations on the dots, of 32 trials" },
    tested: { value: 400, what: "test trials per coherence and direction" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [N, p] = [run.number("units"), run.number("connected")];
    // Inhibition as strong as excitation: no unit begins saturated.
    const data = withParameters(networks.learnedTau, {
      k: { init: { law: "gaussian", std: 1 } },
      K: { init: { law: "uniform", low: 0, high: (2 * run.number("gain")) / Math.sqrt(p * N) } },
      S: { init: { law: "bernoulli", probability: p } },
      d: { init: { law: "shares", values: [1, -run.number("inhibition")], shares: [0.8, 0.2] } },
      W: { init: { law: "gaussian", std: run.number("readout") } },
      sigma: run.number("noise"),
    });
    const initial = (task: Task, seed: number) =>
      makeNetwork(data, { seed, sizes: { N, I: task.inputs.length, O: 1 } });
    const learning = { clip: 1, rate: { kind: "constant" as const, rate: run.number("rate") } };
    const seeds = (count: string) => Array.from({ length: run.number(count) }, (_, k) => run.seed + k);
    const reached: {
      name: string;
      met: boolean;
      accuracy: number;
      loss: number;
      iterations: number;
      taus: number[][];
    }[] = [];
    for (const name of names)
      for (const seed of seeds("seeds")) {
        const [task, first] = [tasks[name](), initial(tasks[name](), seed)];
        const stage = {
          ...learning,
          iterations: run.number("iterations"),
          batch: run.number("batch"),
          until: { score: 0.96 },
        };
        const { network, status, iterations } = await run.train(`${name}-${seed}`, first, task, {
          ...{ seed, validateEvery: 200, validationTrials: 100, stages: [stage] },
        });
        const trials = task.trials({ seed, count: 100, purpose: "test" });
        const { z } = await simulate(network, trials, { seed });
        const [T, error] = [z!.shape[1]!, z!.data.map((value, i) => (value - trials.targets.data[i]!) ** 2)];
        const losses = Array.from({ length: 100 }, (_, k) => Math.sqrt(T * mean(error.subarray(k * T, (k + 1) * T))));
        const [accuracy, loss, met] = [
          task.behaviour(z!, trials).score,
          mean(losses),
          status === "criterion" && mean(losses) < 7,
        ];
        reached.push({ name, met, accuracy, loss, iterations, taus: [timeConstants(first), timeConstants(network)] });
      }

    const coherences = run.numbers("coherences");
    const dots = tasks.randomDots({ coherences, prior: [run.number("prior")], noise: run.number("dotsNoise") });
    const shown = initial(dots, run.seed);
    const found: Chosen[] = [];
    for (const seed of seeds("networks")) {
      const stages = [{ ...learning, iterations: run.number("dotsIterations"), batch: 32 }];
      const { network } = await run.train(`dots-${seed}`, initial(dots, seed), dots, { seed, stages });
      const each = [1, -1].flatMap((side) =>
        coherences.flatMap((c) => new Array<number>(run.number("tested")).fill(side * c)),
      );
      const conditions = { coherence: each.map(Math.abs), direction: each.map(Math.sign) };
      const trials = dots.trials({ seed, count: each.length, purpose: "test", conditions });
      const { z } = await simulate(network, trials, { seed });
      const [T, from] = [z!.shape[1]!, Math.round(trials.events!.decision![0]! / trials.dt)];
      const choice = each.map((_, k) => mean(z!.data.subarray(k * T + from, (k + 1) * T)));
      const { curve } = psychometric({ choice, evidence: each })[0]!;
      const [evidence, positive] = [curve.map((c) => c.evidence), curve.map((c) => c.fraction)];
      // Both directions shown equally often: what is chosen beyond a half is bias.
      const bias = coherences.map((c) => (positive[evidence.indexOf(c)]! + positive[evidence.indexOf(-c)]!) / 2 - 0.5);
      found.push({ evidence, positive, coherences, bias });
    }
    const larger = found.filter(({ bias }) => bias[0]! > bias.at(-1)!).length;
    const percent = (i: number) => (100 * mean(found.map(({ bias }) => bias.at(i)!))).toFixed(0);
    return {
      verdict: `${reached.filter(({ met }) => met).length} of ${reached.length} networks reach the criterion; the prior turns ${percent(0)} % of choices at the weakest coherence, ${percent(-1)} % at the strongest.`,
      checks: [
        ...names.map((name) => {
          const own = reached.filter((r) => r.name === name);
          const [measured, n] = [mean(own.map((r) => r.accuracy)), 100 * own.length];
          return check({
            ...{
              id: name,
              what: `${name}: accuracy on new trials after training`,
              paper: "> 0.95",
              source,
              measured,
              n,
            },
            criterion: "every network stops at loss < 7 and accuracy > 0.95 of 100 trials",
            ...{ standardError: Math.sqrt((measured * (1 - measured)) / n), holds: own.every((r) => r.met) },
          });
        }),
        check({
          ...{ id: "bias", what: "networks with a larger choice bias at the weakest coherence than at the strongest" },
          ...{
            source: "Rungratsameetaweemana, Kim, Serences & Sejnowski",
            paper: "larger at low coherence",
            ours: true,
          },
          ...{ criterion: "at least 4 of 5", measured: larger, n: found.length, holds: larger >= 0.8 * found.length },
        }),
      ],
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(shown),
            ...names.map((name) => ({ kind: "figure" as const, figure: taskFigure(tasks[name]()) })),
            {
              kind: "figure",
              figure: trainingFigure(await run.metrics(`xor-${run.seed}`), "fraction of XOR trials right"),
            },
          ],
        },
        {
          title: "Bias and time constants",
          blocks: [
            {
              kind: "figure",
              figure: picture(
                found,
                reached.map(({ taus }) => taus),
              ),
              lead: true,
            },
          ],
        },
      ],
      numbers: { reached: reached.map(({ taus: _, ...others }) => others), found },
      network: shown,
    };
  },
};

interface Chosen {
  evidence: number[];
  positive: number[];
  coherences: number[];
  bias: number[];
}

/** ms. */
const timeConstants = ({ parameters: { lo, hi, k } }: Network): number[] => {
  const [low, high] = [lo!.values.data[0]!, hi!.values.data[0]!];
  return Array.from(k!.values.data, (v) => low + (high - low) / (1 + Math.exp(-v)));
};

function picture(found: Chosen[], taus: number[][][]): Figure {
  const line = { kind: "line" as const, width: 1.2 };
  const below = (which: number) => {
    const x = taus.flatMap((pair) => pair[which]!).sort((a, b) => a - b);
    return { ...line, x, y: x.map((_, i) => (i + 1) / x.length) };
  };
  return {
    title: "Choices under a prior, and learned time constants",
    caption:
      "Left and middle: one line a network; bias: choices of the likelier direction beyond a half, both directions shown equally often. Right: all units of the networks of the three tasks.",
    panels: [
      {
        ...{ x: { label: "signed coherence", unit: "%" }, y: { label: "choices of the likelier direction" } },
        layers: found.map(({ evidence, positive }) => ({
          ...line,
          color: "blue",
          x: evidence,
          y: positive,
          shape: "circle",
        })),
      },
      {
        ...{ x: { label: "coherence", unit: "%", scale: "log" }, y: { label: "choice bias", include: [0] } },
        layers: found.map(({ coherences, bias }) => ({
          ...line,
          color: "vermilion",
          x: coherences,
          y: bias,
          shape: "circle",
        })),
      },
      {
        ...{ x: { label: "time constant", unit: "ms" }, y: { label: "fraction of units below" } },
        layers: [
          { ...below(0), name: "before training", color: "gray" },
          { ...below(1), name: "after training", color: "green" },
        ],
      },
    ],
  };
}
