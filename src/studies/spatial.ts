/** Networks in space: a wiring cost with communicability makes connections short and the network small-world. */
import {
  check, connectivity, correlation, equationsBlock, type Figure, learning, makeNetwork, mean, type Network, networks, type Outcome, type Study, type StudyContext, simulate, 
  taskFigure, tasks, trainingFigure, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "Achterberg, Akarca, Strouse, Duncan & Astle 2023, Nat. Mach. Intell. 5, 1369–1381";
const measures = ["accuracy", "weight", "distance", "correlation", "smallWorldness", "modularity", "null"] as const;
type Measured = Record<(typeof measures)[number], number>;

export const spatial: Study = {
  name: "spatial",
  title: "Networks in space: short wires and small worlds",
  description: "A cost on long wires, weighted by communicability, shapes networks that learn a one-choice maze.",
  composition:
    "relu map · dense, distance budget with communicability · one-choice maze · backpropagation through time, Adam",
  minutes: 15,
  fast: {
    settings: { seeds: "1", gammas: "0,0.1", lasso: "0.01" },
    checks: ["distance", "smallWorldness", "correlation"],
  },
  tiny: { seeds: "1", gammas: "0,0.1", lasso: "0.01", grid: "2,2,2", epochs: "1", trials: "8", batch: "4", nulls: "2" },
  settings: {
    seeds: { value: 5, what: "networks of each strength, of seeds --seed, + 1, …" },
    gammas: { value: [0, 0.05, 0.1, 0.2, 0.3], what: "strengths of the spatial penalty" },
    lasso: { value: [0.002, 0.005, 0.01], what: "strengths of the L1 penalty of the networks compared" },
    grid: { value: [5, 5, 4], what: "sides of the grid on which the units stand" },
    epochs: { value: 10, what: "epochs, as in the authors' demonstration" },
    trials: { value: 5120, what: "trials of an epoch" },
    batch: { value: 128, what: "trials per iteration" },
    least: { value: 0.9, what: "accuracy below which a network is left out" },
    kept: { value: 0.1, what: "fraction of the connections, the strongest, that make the graph" },
    nulls: { value: 100, what: "random graphs with as many edges" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const grid = run.numbers("grid");
    const [N, batch] = [grid.reduce((a, b) => a * b, 1), run.number("batch")];
    const [sizes, distances] = [{ N, I: 8, O: 4 }, connectivity.gridDistances(grid)];
    const task = tasks.oneChoiceMaze({ noise: 0.05 });
    // Input and output weights by Glorot's law, as in the authors' code: with smaller ones many networks learn no choice.
    const glorot = (a: number, b: number) => ({
      law: "uniform" as const,
      low: -Math.sqrt(6 / (a + b)),
      high: Math.sqrt(6 / (a + b)),
    });
    const cells = withParameters(networks.reluMap, { B: { init: glorot(8, N) }, W: { init: glorot(N, 4) } });
    const off = distances.flatMap((_, k) => (k % (N + 1) === 0 ? [] : [k]));
    let shown: Network | undefined;
    const group = async (name: string, gamma: number, space: boolean) => {
      const { network: cell, penalty } = connectivity.constrain(
        cells, "J",
        { kind: "budget", distances: { value: space ? distances : distances.map(() => 1) }, communicability: space },
        "penalise", { sizes, weight: gamma },
      ); // biome-ignore format: arguments
      const members: Measured[] = [];
      for (let seed = run.seed; seed < run.seed + run.number("seeds"); seed++) {
        const { network } = await run.train(`${name}-${gamma}-${seed}`, makeNetwork(cell, { seed, sizes }), task, {
          ...{ seed, fit: learning.crossEntropy(), shard: batch, validateEvery: 100, validationTrials: 256 },
          penalties: gamma > 0 ? [penalty!] : [],
          stages: [{ iterations: Math.ceil((run.number("epochs") * run.number("trials")) / batch), batch, rate: { kind: "constant", rate: 0.001 } }],
        }); // biome-ignore format: data
        if (space && gamma > 0) shown ??= network;
        await run.pause();
        const trials = task.trials({ seed, count: 2560, purpose: "test" });
        const { z } = await simulate(network, trials, { seed, record: ["z"] });
        const W = network.parameters.J!.values.data.map(Math.abs);
        const weight = W.reduce((a, b) => a + b, 0);
        const graph = connectivity.strongest(W, N, run.number("kept"));
        const options = { seed, nulls: run.number("nulls") };
        members.push({
          accuracy: task.behaviour(z!, trials).score,
          weight,
          distance: W.reduce((sum, w, k) => sum + w * distances[k]!, 0) / weight,
          correlation: correlation(off.map((k) => W[k]!), off.map((k) => distances[k]!)),
          smallWorldness: connectivity.smallWorldness(graph, N, options),
          modularity: connectivity.modularity(graph, N, options).Q,
          null: mean(connectivity.randomGraphs(graph, N, seed, 5).map((g) => connectivity.modularity(g, N, { runs: 5 }).Q)),
        }); // biome-ignore format: data
      }
      const good = members.filter(({ accuracy }) => accuracy > run.number("least"));
      const of = (what: keyof Measured) => mean(good.map((m) => m[what]));
      return { gamma, members, good, of };
    };
    const groups: Awaited<ReturnType<typeof group>>[] = [];
    for (const gamma of run.numbers("gammas")) groups.push(await group("space", gamma, true));
    const lasso: typeof groups = [];
    for (const gamma of run.numbers("lasso")) lasso.push(await group("L1", gamma, false));
    const usable = lasso.filter(({ good }) => good.length > 0);
    const paired = groups.filter(({ gamma, good }) => gamma > 0 && good.length > 0);
    const matched = paired.map((g) => usable.toSorted((a, b) => Math.abs(a.of("weight") - g.of("weight")) - Math.abs(b.of("weight") - g.of("weight")))[0]); // biome-ignore format: one thought
    const count = groups.reduce((n, { good }) => n + good.length, 0);
    const rises = (what: keyof Measured, sign: number) =>
      groups.every((g, i) => i === 0 || sign * (g.of(what) - groups[i - 1]!.of(what)) > 0);
    const list = (of: typeof groups, what: keyof Measured) => of.map((g) => g.of(what).toFixed(2)).join(", ");
    const one = (
      id: keyof Measured | string,
      what: string,
      measured: string,
      criterion = "",
      holds?: boolean,
      n = count,
    ) => check({ id, what, source, criterion, ours: criterion !== "", measured, n, holds });
    const strengths = groups.map(({ gamma }) => gamma).join(", ");
    const fell = [...groups, ...lasso].map(({ good, members }) => members.length - good.length);
    return {
      verdict: `With the penalty wires shorten from ${groups[0]!.of("distance").toFixed(2)} to ${groups.at(-1)!.of("distance").toFixed(2)} of the grid's unit and small-worldness rises from ${groups[0]!.of("smallWorldness").toFixed(2)} to ${groups.at(-1)!.of("smallWorldness").toFixed(2)}.`,
      checks: [
        one("distance", `mean length of wires at γ = ${strengths}`, list(groups, "distance"), "falls at every step", rises("distance", -1)),
        one("smallWorldness", `small-worldness at γ = ${strengths}`, list(groups, "smallWorldness"), "rises at every step", rises("smallWorldness", 1)),
        one("correlation", `correlation of |W| and distance at γ = ${strengths}`, list(groups, "correlation"), "< −0.2 for γ > 0, within 0.05 of 0 without",
          groups.every((g) => (g.gamma > 0 ? g.of("correlation") < -0.2 : Math.abs(g.of("correlation")) < 0.05))),
        one("matched", `the same of L1 networks nearest in total weight, accuracy above ${run.number("least")}`, matched.map((g) => g?.of("correlation").toFixed(2)).join(", "), "within 0.05 of 0",
          matched.length > 0 && matched.every((g) => g !== undefined && Math.abs(g.of("correlation")) < 0.05), usable.reduce((n, { good }) => n + good.length, 0)),
        one("left-out", `networks left out at γ = ${strengths}, then of L1 at ${lasso.map(({ gamma }) => gamma).join(", ")}`, fell.join(", "), "", undefined, fell.length * run.number("seeds")),
        one("modularity", `modularity Q less that of random graphs with as many edges, γ = ${strengths}`, groups.map((g) => (g.of("modularity") - g.of("null")).toFixed(3)).join(", ")),
        one("matched-small-world", "small-worldness of the L1 networks nearest in total weight", matched.map((g) => g?.of("smallWorldness").toFixed(2)).join(", ")),
      ],
      sections: [
        { title: "The network", blocks: [equationsBlock(shown!), { kind: "figure", figure: taskFigure(task) }, { kind: "figure", figure: trainingFigure(await run.metrics(`space-${groups[0]!.gamma}-${run.seed}`), "fraction of choices right") }] },
        { title: "Wiring", blocks: [{ kind: "figure", figure: wiring(groups, lasso), lead: true }] },
      ],
      numbers: { space: groups.map(({ gamma, members }) => ({ gamma, members })), L1: lasso.map(({ gamma, members }) => ({ gamma, members })) },
      network: shown!,
    }; // biome-ignore format: a table
  },
};

function wiring(groups: { of(what: keyof Measured): number; good: Measured[] }[], lasso: typeof groups): Figure {
  const series = [[groups, "spatial penalty", "blue", "circle"], [lasso, "L1 penalty", "vermilion", "square"]] as const; // biome-ignore format: data
  const panel = (what: keyof Measured, label: string) => ({
    x: { label: "total weight Σ|W|", scale: "log" as const },
    y: { label },
    layers: series.flatMap(([of, name, color, shape]) => [
      { kind: "points" as const, name, color, shape, opacity: 0.5, size: 3, x: of.flatMap(({ good }) => good.map((m) => m.weight)), y: of.flatMap(({ good }) => good.map((m) => m[what])) },
      { kind: "line" as const, name, color, x: of.map((g) => g.of("weight")), y: of.map((g) => g.of(what)) },
    ]), // biome-ignore format: data
  });
  return {
    title: "Wiring against total weight",
    caption: "Each network that learned the task; the lines join the means of each strength of the penalty.",
    panels: [panel("distance", "mean length of wires (grid units)"), panel("smallWorldness", "small-worldness"), panel("modularity", "modularity Q")],
    columns: 3,
  }; // biome-ignore format: data
}
