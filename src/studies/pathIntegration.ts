/** Path integration: a network adds up velocities to places; maps of its units, with one agent and with two. */
import {
  aboveShuffles, bandScores, borderScores, check, equationsBlock, type Figure, gridScores, learning, makeNetwork, mean, type NDArray, type Network, networks, type Outcome,
  pathPositions, permutedBlocks, rateMaps, rolled, type Study, type StudyContext, simulate, standardError, taskFigure, tasks, withParameters,
} from "../index.ts"; // biome-ignore format: a list

const source = "Sorscher, Mel, Ganguli & Ocko 2019, NeurIPS 32";
const two = "Redman, Acosta-Mendoza, Wei & Goard 2024, NeurIPS 37";
const kinds = ["grid", "border", "band"] as const;
const side = 2.2;

type Shares = Record<(typeof kinds)[number], ReturnType<typeof aboveShuffles>>;
interface Found {
  agents: number;
  network: Network;
  /** Decoding error by iteration; then on test trials, and with the outputs of another trial, set by set, cm. */
  curve: { at: number[]; cm: number[] };
  errors: number[];
  chance: number[];
  maps: NDArray;
  /** Of units whose map has the score. */
  scores: Record<(typeof kinds)[number], Float64Array>;
  /** Border scores with rates counted from 0. */
  fromZero: Float64Array;
  /** Against maps whose blocks were permuted; against activity rolled in time. */
  above: Shares;
  inTime: Shares;
}

export const pathIntegration: Study = {
  name: "path-integration",
  title: "Path integration of one agent and of two",
  description: "A network adds up velocities to places, as place cells tell them; maps of its units against shuffles.",
  composition:
    "relu map, start from an encoder · dense · path integration · backpropagation, Adam; rate maps, shuffles",
  minutes: 30,
  fast: { settings: { iterations: "300", shuffles: "19" }, checks: [] },
  tiny: { units: "8", cells: "12", iterations: "2", batch: "2", sets: "1", trials: "4", shuffles: "2" },
  settings: {
    units: { value: 256, what: "number of units N (published: 4096)" },
    cells: { value: 256, what: "place cells, which two agents share (published: 512)" },
    iterations: { value: 1000, what: "iterations of Adam (published: 100,000)" },
    batch: { value: 100, what: "trials per iteration (published: 200)" },
    rate: { value: 0.001, what: "learning rate at the start; it ends at a tenth (published: 0.0001)" },
    decay: { value: 0.0001, what: "coefficient of Σ J², as published" },
    encoder: { value: 20, what: "limits of the uniform law of E, whose inputs are small: with those of J nothing is learned for hundreds of iterations" },
    velocity: { value: 8, what: "the same of B" },
    memory: { value: 0.8, what: "J starts as this times the identity" },
    sets: { value: 15, what: "sets of test trials" },
    trials: { value: 100, what: "trials of a set" },
    bins: { value: 20, what: "bins along a side of the box, as published" },
    shuffles: { value: 39, what: "shuffles of each unit and kind" },
    block: { value: 5, what: "side of the blocks that a shuffle moves, bins" },
  }, // biome-ignore format: a table
  async run(run: StudyContext): Promise<Outcome> {
    const found = [await integrate(run, 1), await integrate(run, 2)] as const;
    const [one, both] = found;
    const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
    const error = (id: string, { errors, chance, agents }: Found, judged: boolean) => {
      const what = `error of decoding, ${agents === 1 ? "one agent" : "two agents, the nearer pairing"}, cm (outputs of another trial: ${mean(chance).toFixed(1)})`;
      const facts = { id, what, source, criterion: judged ? "< a third of that of another trial's outputs" : "", ours: judged, measured: mean(errors) };
      return check({ ...facts, n: errors.length * run.number("trials"), standardError: standardError(errors), ...(judged && { holds: mean(errors) < mean(chance) / 3 }) });
    };
    const shares = found.flatMap((f) =>
      kinds.map((kind) => {
        const { share, low, high, n } = f.above[kind];
        const what = `share of units with a ${kind} score above 95 % of their maps with permuted blocks, ${f.agents === 1 ? "one agent" : "two agents"} (interval ${percent(low)} to ${percent(high)})`;
        const judged = f.agents === 1;
        return check({ id: `${kind}-${f.agents}`, what, source: judged ? source : two, criterion: judged ? "interval above 5 %" : "", ours: judged, measured: share, n, ...(judged && { holds: low > 0.05 }) });
      }),
    );
    // A map that varies little is one field along all walls, so activity rolled in time has high border scores.
    const inTime = found.map((f) =>
      check({ id: `time-${f.agents}`, what: `the same shares (${kinds.join(", ")}) against activity rolled in time, ${f.agents === 1 ? "one agent" : "two agents"}`, source, criterion: "", measured: kinds.map((k) => f.inTime[k].share.toFixed(2)).join(", "), n: f.inTime.grid.n }),
    );
    // Differences of means of units, two agents less one.
    const sign = (id: string, what: string, of: (f: Found) => number[], paper: string | null, expected: number) => {
      const [a, b] = [of(one), of(both)];
      const [difference, error] = [mean(b) - mean(a), Math.hypot(standardError(a), standardError(b))];
      const facts = { id, what: `mean ${what} with two agents less that with one`, source: two, paper, measured: difference };
      return check({ ...facts, n: a.length + b.length, standardError: error, criterion: expected === 0 ? "" : `${expected < 0 ? "< 0" : "> 0"} by two standard errors`, ours: expected !== 0, ...(expected !== 0 && { holds: expected * difference > 2 * error }) });
    };
    const signs = [
      sign("grid-sign", "grid score", (f) => known(f.scores.grid), "weaker grid responses", -1),
      sign("border-sign", "border score, rates counted from the map's least,", (f) => known(f.scores.border), "stronger border responses", 1),
      sign("border-zero", "border score, rates counted from 0 (as published; 0.5 of a flat map),", (f) => known(f.fromZero), "stronger border responses", 0),
      sign("band-sign", "band score", (f) => known(f.scores.band), null, 0),
    ];
    return {
      verdict: `One agent is decoded to ${mean(one.errors).toFixed(1)} cm (by chance ${mean(one.chance).toFixed(0)} cm); ${kinds.map((k) => `${percent(one.above[k].share)} of units are above their shuffles in the ${k} score, with two agents ${percent(both.above[k].share)}`).join("; ")}.`,
      checks: [error("one", one, true), error("two", both, false), ...shares, ...inTime, ...signs],
      sections: [
        { title: "The network", blocks: [equationsBlock(one.network), { kind: "figure", figure: taskFigure(tasks.pathIntegration({ cells: 12, start: "place" })) }] },
        { title: "Maps", blocks: [{ kind: "figure", figure: drawn(found), lead: true }] },
      ],
      numbers: Object.fromEntries(found.map((f) => [f.agents === 1 ? "one" : "two", { curve: f.curve, errors: f.errors, chance: f.chance, blocks: plain(f.above), time: plain(f.inTime), scores: Object.fromEntries(kinds.map((k) => [k, [...f.scores[k]]])) }])),
      warnings: ["One network of each kind: intervals and standard errors are over units and trials, not over networks."],
      network: one.network,
    };
  }, // biome-ignore format: a table
};

/** Without the list of units. */
const plain = (shares: Shares) => Object.fromEntries(kinds.map((k) => [k, { ...shares[k], above: undefined }]));
const known = (values: Float64Array): number[] => [...values].filter((v) => !Number.isNaN(v));

async function integrate(run: StudyContext, agents: number): Promise<Found> {
  const [seed, P, iterations, count] = [run.seed, run.number("cells"), run.number("iterations"), run.number("trials")];
  const task = tasks.pathIntegration({ agents, cells: P, box: side, start: "place", code: agents === 2 ? "shared" : "own" });
  const N = run.number("units");
  const uniform = (limit: number) => ({ init: { law: "uniform" as const, low: -limit, high: limit } });
  const cell = withParameters(networks.pathIntegration, {
    J: { init: { law: "identity", gain: run.number("memory") } },
    B: uniform(run.number("velocity")), E: uniform(run.number("encoder")), W: uniform(1 / Math.sqrt(N)),
  });
  const rate = { kind: "cosine" as const, rate: run.number("rate"), to: run.number("rate") / 10, over: iterations };
  const { network } = await run.train(`agents-${agents}`, makeNetwork(cell, { seed, sizes: { N, I: 2 * agents, P } }), task, {
    ...{ seed, fit: learning.crossEntropy(), validateEvery: 50, validationTrials: 100 },
    penalties: [{ name: "weights", weight: run.number("decay"), terms: ["J * J"], sum: true }],
    stages: [{ iterations, batch: run.number("batch"), rate }],
  });
  const validated = new Map((await run.metrics(`agents-${agents}`)).flatMap((l) => (l.parts === undefined ? [] : [[l.iteration as number, (l.parts as { errorCm: number }).errorCm]])));
  const [errors, chance]: [number[], number[]] = [[], []];
  const [x, y]: [number[], number[]] = [[], []];
  const samples: NDArray["data"][] = [];
  for (let k = 0; k < run.number("sets"); k++) {
    const trials = task.trials({ seed, count, firstTrial: k * count, purpose: "test" });
    const { g, z } = await simulate(network, trials, { seed, record: ["g", "z"], workers: run.workers, relaxed: run.relaxed });
    // The outputs of each trial for the next one.
    const next = z!.data.slice();
    const own = next.length / count;
    next.set(z!.data.subarray(0, next.length - own), own);
    next.set(z!.data.subarray(next.length - own), 0);
    errors.push(task.behaviour(z!, trials).parts.errorCm!);
    chance.push(task.behaviour({ data: next, shape: z!.shape }, trials).parts.errorCm!);
    samples.push(g!.data);
    x.push(...pathPositions(trials).x);
    y.push(...pathPositions(trials).y);
    await run.pause();
  }
  const activity: NDArray = { data: new Float32Array(samples.length * samples[0]!.length), shape: [samples.length * count, samples[0]!.length / count / N, N] };
  samples.forEach((data, k) => {
    activity.data.set(data, k * data.length);
  });
  const scored = (maps: NDArray) => ({ grid: gridScores(maps), border: borderScores(maps, { from: "least" }), band: bandScores(maps) });
  const mapsOf = (of: NDArray) => rateMaps(of, x, y, { box: [-side / 2, side / 2], bins: run.number("bins") }).rates;
  const maps = mapsOf(activity);
  const scores = scored(maps);
  const shares = async (what: string, shuffle: (draw: number) => NDArray): Promise<Shares> => {
    const shuffled: (typeof scores)[] = [];
    for (let draw = 0; draw < run.number("shuffles"); draw++) {
      run.progress(`${what}, ${agents === 1 ? "one agent" : "two agents"}: ${draw + 1} of ${run.number("shuffles")}`);
      shuffled.push(scored(shuffle(draw)));
      await run.pause();
    }
    return Object.fromEntries(kinds.map((kind) => [kind, aboveShuffles(scores[kind], shuffled.map((s) => s[kind]))])) as Shares;
  };
  const above = await shares("permuted blocks", (draw) => permutedBlocks(maps, { block: run.number("block"), seed, draw }));
  const inTime = await shares("rolled in time", (draw) => mapsOf(rolled(activity, { seed, draw })));
  return { agents, network, curve: { at: [...validated.keys()], cm: [...validated.values()] }, errors, chance, maps, scores, fromZero: borderScores(maps), above, inTime };
} // biome-ignore format: data

/** Maps with the highest scores, errors over training, shares above shuffles. */
function drawn(found: readonly Found[]): Figure {
  const who = (agents: number) => (agents === 1 ? "one agent" : "two agents");
  const bins = found[0]!.maps.shape[1]!;
  const colors = ["blue", "vermilion"] as const;
  const map = ({ maps, scores, agents }: Found, kind: (typeof kinds)[number]) => {
    const best = scores[kind].reduce((b, v, i) => (v > (scores[kind][b] ?? Number.NaN) || Number.isNaN(scores[kind][b]!) ? i : b), 0);
    const edges: [number, number] = [-side / 2, side / 2];
    const layer = { kind: "heat" as const, values: maps.data.slice(best * bins * bins, (best + 1) * bins * bins), rows: bins, columns: bins, x: edges, y: edges, label: "activity" };
    return { title: `${who(agents)}: ${kind} score ${scores[kind][best]!.toFixed(2)}`, x: { label: "x", unit: "m" }, y: { label: "y", unit: "m" }, equal: true, layers: [layer] };
  };
  return {
    title: "Maps of units, error and shares above shuffles",
    caption: `Above: in each network the map with the highest score of each kind. Below: decoding error on held-out trials during training, with a third of that of another trial's outputs (dashed); shares of units above 95 % of their maps with permuted blocks, with half of Wilson's interval of 95 % (dashed: by chance); means and standard errors of the scores over units.`,
    columns: 3,
    panels: [
      ...found.flatMap((f) => kinds.map((kind) => map(f, kind))),
      {
        x: { label: "iteration" },
        y: { label: "error", unit: "cm", include: [0] },
        aspect: 0.8,
        layers: [
          ...found.map(({ curve, agents }, k) => ({ kind: "line" as const, name: who(agents), color: colors[k % 2]!, x: curve.at, y: curve.cm })),
          ...found.map(({ chance }, k) => ({ kind: "rule" as const, axis: "y" as const, at: mean(chance) / 3, color: colors[k % 2]!, dash: "dashed" as const })),
        ],
      },
      {
        x: { label: "score", categories: [...kinds] },
        y: { label: "share of units", domain: [0, 1] },
        aspect: 0.8,
        layers: [
          ...found.map(({ above, agents }, k) => ({ kind: "bars" as const, name: who(agents), color: colors[k % 2]!, values: kinds.map((kind) => above[kind].share), error: kinds.map((kind) => (above[kind].high - above[kind].low) / 2) })),
          { kind: "rule" as const, axis: "y" as const, at: 0.05, dash: "dashed" as const },
        ],
      },
      {
        x: { label: "score", categories: [...kinds] },
        y: { label: "mean score of units" },
        aspect: 0.8,
        layers: found.map(({ scores, agents }, k) => ({ kind: "bars" as const, name: who(agents), color: colors[k % 2]!, values: kinds.map((kind) => mean(known(scores[kind]))), error: kinds.map((kind) => standardError(known(scores[kind]))) })),
      },
    ],
  };
} // biome-ignore format: data
