/** Population gating: the units of a rank-one network fall into two populations, each of which serves one context. */
import {
  check, equationsBlock, type Figure, fitMixture, makeNetwork, mean, type NDArray, type Network, ndarray, networks, type Outcome, RandomStream, type Study,
  type StudyContext, simulate, standardError, surgery, taskFigure, tasks, trainingFigure,
} from "../index.ts"; // biome-ignore format: a list

const source = "Barbosa et al. 2023, Nat. Commun. 14; criterion after Dubreuil et al. 2022, Nat. Neurosci. 25";
/** Fractions right in the two contexts. */
type Accuracy = [first: number, second: number];
interface Found {
  network: Network;
  /** Of each unit. */
  population: number[];
  intact: Accuracy;
  /** Without each population. */
  without: Accuracy[];
  /** Without as many random units, for each population and draw. */
  random: Accuracy[];
  shares: number[];
}

export const populationGating: Study = {
  name: "population-gating",
  title: "Population gating in a low-rank network",
  description: "Loadings of a rank-one network fall into two populations; without one of them one context is lost.",
  composition: "rate map · rank one · decision by context · backpropagation, Adam; mixture of Gaussians, lesions",
  minutes: 2,
  fast: {
    settings: { seeds: "1", draws: "2" },
    checks: ["own-1", "own-2", "other-1", "other-2", "random-1", "random-2"],
  },
  tiny: { seeds: "1", iterations: "2", batch: "4", units: "40", trials: "8", draws: "1" },
  settings: {
    seeds: { value: 3, what: "networks, of seeds --seed, + 1, …" },
    units: { value: 512, what: "number of units N, as in the published code" },
    context: { value: 1, what: "input of the context that holds (0.1 in the published code: there gates close less)" },
    iterations: { value: 800, what: "iterations of Adam (2,500 in the published code)" },
    batch: { value: 32, what: "trials per iteration" },
    rate: { value: 0.01, what: "learning rate at the start, as published; it ends at a twentieth" },
    trials: { value: 1000, what: "test trials of each network" },
    draws: { value: 5, what: "sets of random units as many as a population has" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const N = run.number("units");
    const task = tasks.contextDecision({ context: run.number("context") });
    const found: Found[] = [];
    for (let k = 0; k < run.number("seeds"); k++) {
      const seed = run.seed + k;
      const initial = makeNetwork(networks.lowRank, { seed, sizes: { N, I: 4, O: 1, R: 1 } });
      const [iterations, start] = [run.number("iterations"), run.number("rate")];
      const rate = { kind: "cosine" as const, rate: start, to: start / 20, over: iterations };
      const { network } = await run.train(`seed-${seed}`, initial, task, {
        ...{ seed, validateEvery: 100 },
        stages: [{ iterations, batch: run.number("batch"), clip: 1, rate }],
      });
      const trials = task.trials({ seed, count: run.number("trials"), purpose: "test" });
      const accuracy = async (of: Network): Promise<Accuracy> => {
        const { z } = await simulate(of, trials, { seed, purpose: 2, workers: run.workers, relaxed: run.relaxed });
        await run.pause();
        const { parts } = task.behaviour(z!, trials);
        return [parts["context 1"]!, parts["context 2"]!];
      };
      run.say(`seed ${seed}: populations among the loadings, and what is lost without each`);
      const samples = loadings(network);
      const mixture = fitMixture(samples, { components: 2, seed, starts: 20, means: "zero" });
      const population = Array.from({ length: N }, (_, i) => (mixture.responsibilities.data[2 * i]! >= 0.5 ? 0 : 1));
      const [without, random]: Accuracy[][] = [[], []];
      for (const p of [0, 1]) {
        const units = [...population.keys()].filter((i) => population[i] === p);
        without.push(await accuracy(surgery.lesion(network, { units })));
        for (let d = 0; d < run.number("draws"); d++) {
          const order = [...new RandomStream(seed, `random units ${p}`, d).permutation(N)];
          random.push(await accuracy(surgery.lesion(network, { units: order.slice(0, units.length) })));
        }
      }
      const facts = { network, population, without, random, shares: [...mixture.shares] };
      found.push({ ...facts, intact: await accuracy(network) });
    }
    // The context that a population serves is the one that suffers more; where both serve one, the other is not lost.
    const own = [0, 1].map((c) => found.map(({ without }) => Math.min(...without.map((accuracy) => accuracy[c]!))));
    const other = [0, 1].map((c) => found.map(({ without }) => Math.max(...without.map((accuracy) => accuracy[c]!))));
    const random = [0, 1].map((c) => found.map((f) => mean(f.random.map((accuracy) => accuracy[c]!))));
    const judged = (id: string, what: string, values: number[], criterion: string, holds: boolean, paper: string) => {
      const least = `${what}; ${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
      const n = { n: values.length, standardError: standardError(values) };
      return check({ id, what: least, source, criterion, paper, ours: true, measured: mean(values), ...n, holds });
    };
    const byContext = [0, 1].flatMap((c) => [
      judged(
        `own-${c + 1}`,
        `context ${c + 1} without its population`,
        own[c]!,
        "mean ≤ 0.65",
        mean(own[c]!) <= 0.65,
        "lost",
      ),
      judged(
        `other-${c + 1}`,
        `context ${c + 1} without the other's`,
        other[c]!,
        "mean ≥ 0.9",
        mean(other[c]!) >= 0.9,
        "left",
      ),
      judged(
        `random-${c + 1}`,
        `context ${c + 1} without as many random units`,
        random[c]!,
        "mean ≥ 0.9",
        mean(random[c]!) >= 0.9,
        "left",
      ),
    ]);
    const apart = found.filter(({ without: [p, q] }) => p![0] < p![1] !== q![0] < q![1]).length;
    return {
      verdict: `Without a population its own context falls to ${mean(own.flat()).toFixed(2)} and the other stays at ${mean(other.flat()).toFixed(2)}; without as many random units both stay at ${mean(random.flat()).toFixed(2)}.`,
      checks: [
        ...byContext,
        check({
          ...{
            id: "apart",
            what: "networks whose two populations serve two contexts",
            source,
            paper: "all",
            ours: true,
          },
          ...{ criterion: `all ${found.length}`, measured: apart, n: found.length, holds: apart === found.length },
        }),
      ],
      sections: [
        { title: "Two populations", blocks: [{ kind: "figure", figure: populations(found), lead: true }] },
        {
          title: "The network",
          blocks: [
            equationsBlock(found[0]!.network),
            { kind: "figure", figure: taskFigure(task) },
            { kind: "figure", figure: trainingFigure(await run.metrics(`seed-${run.seed}`), "fraction right") },
          ],
        },
      ],
      numbers: { networks: found.map(({ network: _, population: __, ...numbers }) => numbers) },
      network: found[0]!.network,
    };
  },
};

/** Of each unit: its entries of M, L and B, `[unit, 6]`. */
function loadings(network: Network): NDArray {
  const tables = ["M", "L", "B"].map((name) => network.parameters[name]!.values);
  const units = tables[0]!.shape[0]!;
  const rows = Array.from({ length: units }, (_, i) =>
    tables.flatMap(({ data, shape }) => [...data.slice(i * shape[1]!, (i + 1) * shape[1]!)]),
  );
  return ndarray(rows.flat(), [units, 6]);
}

/** Loadings of the first network on the two contexts, and what all networks can do. */
function populations(found: Found[]): Figure {
  const { network, population, without } = found[0]!;
  const B = network.parameters.B!.values.data;
  const bars = found.map((f) => [f.intact, f.without.find(([a, b]) => a < b), f.without.find(([a, b]) => a >= b)]);
  const over = (pick: (f: Found, k: number) => (Accuracy | undefined)[], context: number): number =>
    mean(found.flatMap((f, k) => pick(f, k).flatMap((a) => (a ? [a[context]!] : []))));
  return {
    title: "Two populations, each for one context",
    caption:
      "Left: weights of the two context inputs on each unit of the first network, by population. Right: mean accuracy of all networks in each context.",
    panels: [
      {
        x: { label: "weight of the first context" },
        y: { label: "weight of the second context" },
        aspect: 0.8,
        layers: [0, 1].map((p) => {
          const units = [...population.keys()].filter((i) => population[i] === p);
          const serves = without[p]![0] < without[p]![1] ? "first" : "second";
          return {
            ...{ kind: "points" as const, name: `serves the ${serves} context`, size: 2, opacity: 0.7 },
            color: serves === "first" ? ("blue" as const) : ("vermilion" as const),
            ...{ x: units.map((i) => B[4 * i + 2]!), y: units.map((i) => B[4 * i + 3]!) },
          };
        }),
      },
      {
        x: { label: "units taken out", categories: ["none", "first's", "second's", "random"] },
        y: { label: "fraction right", domain: [0, 1] },
        aspect: 0.8,
        layers: (["blue", "vermilion"] as const).map((color, c) => ({
          ...{ kind: "bars" as const, name: `${c === 0 ? "first" : "second"} context`, color },
          values: [0, 1, 2].map((i) => over((_, k) => [bars[k]![i]], c)).concat(over((f) => f.random, c)),
        })),
      },
    ],
  };
}
