/** Twenty tasks in one network: how well it does each, which units serve which, and rules added to rules. */
import {
  check, equationsBlock, type Figure, kMeans, makeNetwork, mean, type NDArray, type Network, ndarray, networks, type Outcome, RandomStream, range, type Study, 
  type StudyContext, silhouette, simulate, type Task, type Trials, taskFigure, tasks, trainingFigure, withNoise, withValues,
} from "../index.ts"; // biome-ignore format: a list

const source = "Yang, Joglekar, Song, Newsome & Wang 2019, Nat. Neurosci. 22, 297–306";
/** Rules whose sum should do what the first does: `+` and `-` of others. */
const sums = [
  { does: "delayanti", plus: ["fdanti", "delaygo"], minus: "fdgo" },
  { does: "contextdelaydm1", plus: ["contextdelaydm2", "contextdm1"], minus: "contextdm2" },
] as const;
/** Where timing is compared over conditions it is the same in all of them, ms. */
const timing = { before: 400, stimulus: 600, delay: 400, test: 400, wait: 200, response: 500 };
const outcome = (score: number, n: number) => Math.sqrt((score * (1 - score)) / n);

export const twentyTasks: Study = {
  name: "twenty-tasks",
  title: "Twenty cognitive tasks in one network",
  description:
    "One network learns twenty tasks, each named by a rule; units cluster by the tasks they vary in, and rules add up.",
  composition: "rate-form units, softplus, noise inside · dense · twenty tasks cued by rule · backpropagation, Adam",
  minutes: 60,
  fast: { settings: { iterations: "1500" }, checks: [] },
  tiny: { units: "12", iterations: "2", batch: "4", trials: "4", conditions: "6", clusters: "3", shuffles: "2" },
  settings: {
    units: { value: 128, what: "number of units N (in the paper 256)" },
    dt: { value: 40, what: "time step, ms (in the paper 20; tau is 100)" },
    noise: { value: 0.0224, what: "noise of every input in a sample (in the paper 0.01 √(2 tau/dt))" },
    iterations: {
      value: 30000,
      what: "iterations of Adam (12,000 with a rate that fell all along left 9 of 20 tasks at 90 %)",
    },
    batch: { value: 64, what: "trials per iteration" },
    rate: { value: 0.001, what: "learning rate; in the last fifth it falls to a hundredth" },
    trials: { value: 200, what: "test trials of each task" },
    conditions: {
      value: 200,
      what: "conditions of each task over which the variance of a unit is taken, without noise",
    },
    active: { value: 0.001, what: "summed task variance below which a unit is left out of the clusters" },
    clusters: { value: 20, what: "most clusters that are tried" },
    shuffles: { value: 20, what: "shuffles that the clusters are compared with" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const [dt, iterations, n] = [run.number("dt"), run.number("iterations"), run.number("trials")];
    // The noise of inputs stands in the network's text, where it is drawn faster.
    const task = tasks.multitask({ dt, noise: 0 });
    const cell = withNoise({ ...networks.noiseInTransfer, dt }, { kind: "white", sigma: run.number("noise") }, { at: "input" });
    const sizes = { N: run.number("units"), I: task.inputs.length, O: task.outputs.length };
    const late = Math.ceil(iterations / 5);
    const stage = { batch: run.number("batch"), clip: 1 };
    const falling = { kind: "cosine" as const, rate: run.number("rate"), to: run.number("rate") / 100, over: late };
    const { network } = await run.train("training", makeNetwork(cell, { seed: run.seed, sizes }), task, {
      ...{ validateEvery: 500, validationTrials: 400 },
      stages: [
        { ...stage, iterations: iterations - late, rate: { kind: "constant", rate: run.number("rate") } },
        { ...stage, iterations: late, rate: falling },
      ],
    });
    const rules = task.inputs.slice(-20);
    const score = async (rule: string, trials: Trials) => {
      await run.pause();
      return task.behaviour((await simulate(network, trials, { seed: run.seed })).z!, trials).parts[rule]!;
    };
    const drawn = (rule: string) => task.trials({ seed: run.seed, count: n, purpose: "test", conditions: { rule: rules.indexOf(rule) } });
    const scores: number[] = [];
    for (const rule of rules) scores.push(await score(rule, drawn(rule)));
    const good = scores.filter((s) => s >= 0.9).length;
    const added: Added[] = [];
    for (const { does, plus, minus } of sums) {
      const trials = drawn(does);
      const under = (weights: Record<string, number>) => score(does, cued(trials, rules, weights));
      const single: { rule: string; score: number }[] = [];
      for (const rule of [...plus, minus]) single.push({ rule, score: await under({ [rule]: 1 }) });
      const sum = await under(Object.fromEntries([...plus.map((rule) => [rule, 1]), [minus, -1]]));
      added.push({ does, what: `${plus.join(" + ")} − ${minus}`, own: await under({ [does]: 1 }), sum, single });
    }
    const variance = await taskVariance(run, network, task, rules);
    const found = clustersOf(run, variance, sizes.N);
    const best = found.quality.reduce((b, q, k, all) => (q > all[b]! ? k : b), 0);
    const facts = { source, ours: true };
    return {
      verdict: `${good} of 20 tasks are done in 90 % of trials or more; ${found.count} clusters of units by task variance (silhouette ${found.quality[best]!.toFixed(2)}); ${added.map(({ what, does, sum }) => `${what} does ${does} in ${(100 * sum).toFixed(0)} %`).join(", ")}.`,
      checks: [
        check({ id: "tasks", what: "tasks with 90 % of trials right (fixation, then within 36°)", source, criterion: "at least 18 of 20", measured: good, n: 20 * n, standardError: Math.max(...scores.map((s) => outcome(s, n))), holds: good >= 18 }),
        check({ id: "clusters", what: `silhouette of the clusters by task variance, at the best number (${found.count})`, ...facts, paper: "units cluster", criterion: `above that of all ${run.number("shuffles")} shuffles (largest ${Math.max(...found.shuffled).toFixed(2)})`, measured: found.quality[best]!, n: found.units.length, holds: found.quality[best]! > Math.max(...found.shuffled) }),
        ...added.map(({ does, what, own, sum, single }) =>
          check({ id: does, what: `trials of ${does} right under ${what} (under its own rule ${own.toFixed(2)}; ${single.map((s) => `${s.rule} alone ${s.score.toFixed(2)}`).join(", ")})`, ...facts, paper: "performed", criterion: "above each of the three alone by two standard errors, and above half", measured: sum, n, standardError: outcome(sum, n), holds: sum > 0.5 && single.every((s) => sum > s.score + 2 * Math.hypot(outcome(sum, n), outcome(s.score, n))) }),
        ),
      ],
      sections: [
        { title: "The tasks and the units", blocks: [{ kind: "figure", figure: drawnTasks(rules, scores, variance, found), lead: true }] },
        { title: "Learning", blocks: [{ kind: "figure", figure: trainingFigure(await run.metrics("training"), "fraction of trials right") }] },
        { title: "The network", blocks: [equationsBlock(network), { kind: "figure", figure: taskFigure(task) }] },
      ],
      numbers: { scores: Object.fromEntries(rules.map((rule, k) => [rule, scores[k]])), added, quality: found.quality, shuffled: found.shuffled, clusters: found.units.map((unit, k) => ({ unit, cluster: found.labels[k] })) },
      network,
    };
  }, // biome-ignore format: tables
};

type Added = { does: string; what: string; own: number; sum: number; single: { rule: string; score: number }[] };

/** The same trials under other rules: inputs of rules are the last twenty. */
function cued(trials: Trials, rules: string[], weights: Record<string, number>): Trials {
  const { data, shape } = trials.inputs;
  const inputs = shape[2]!;
  const changed = data.map((v, k) => {
    const rule = (k % inputs) - (inputs - rules.length);
    return rule < 0 ? v : (weights[rules[rule]!] ?? 0);
  });
  return { ...trials, inputs: { data: changed, shape } };
}

/** `[unit, rule]`: variance of a unit over conditions of a task without noise, mean over time. */
async function taskVariance(
  run: StudyContext,
  network: Network,
  task: Task,
  rules: string[],
): Promise<NDArray<Float64Array>> {
  const quiet = withValues(network, { sigma: ndarray([0], []), sigma_u: ndarray([0], []) });
  const [count, N] = [run.number("conditions"), run.number("units")];
  const out = new Float64Array(N * rules.length);
  for (const [k, rule] of rules.entries()) {
    const alike = rule.startsWith("react") ? { before: timing.before, response: timing.response } : timing;
    const trials = task.trials({ seed: run.seed, count, purpose: "test", conditions: { rule: k, ...alike } });
    const { r } = await simulate(quiet, trials, { seed: run.seed, record: ["r"] });
    const samples = r!.shape[1]!;
    for (let t = 0; t < samples; t++)
      for (let i = 0; i < N; i++) {
        const values = Float64Array.from({ length: count }, (_, c) => r!.data[(c * samples + t) * N + i]!);
        const center = mean(values);
        out[i * rules.length + k]! += mean(values.map((v) => (v - center) ** 2)) / samples;
      }
    await run.pause();
  }
  return { data: out, shape: [N, rules.length] };
}

/** Clusters of the units that vary, by their variances relative to their own largest; the number by the best silhouette. */
function clustersOf(run: StudyContext, { data }: NDArray, N: number) {
  const row = (i: number) => Array.from(data.subarray(20 * i, 20 * (i + 1)) as Float64Array);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const units = range(0, N - 1, N).filter((i) => sum(row(i)) > run.number("active"));
  const profiles = units.map((i) => row(i).map((v) => v / Math.max(...row(i))));
  const tried = range(2, run.number("clusters"), run.number("clusters") - 1).filter((k) => k < units.length);
  const group = (of: number[][], k: number) => {
    const points = { data: Float64Array.from(of.flat()), shape: [of.length, 20] };
    const { labels } = kMeans(points, { clusters: k, seed: run.seed });
    return { labels, quality: silhouette(points, labels) };
  };
  const all = tried.map((k) => group(profiles, k));
  const quality = all.map((a) => a.quality);
  const at = quality.indexOf(Math.max(...quality));
  // Each task's variances go to other units: their distribution stays, what tasks share is gone.
  const shuffled = range(1, run.number("shuffles"), run.number("shuffles")).map((s) => {
    const random = new RandomStream(run.seed, "shuffled tasks", s);
    const columns = range(0, 19, 20).map((c) => {
      const column = profiles.map((p) => p[c]!);
      for (let i = column.length - 1; i > 0; i--) {
        const j = Math.floor(random.uniform() * (i + 1));
        [column[i], column[j]] = [column[j]!, column[i]!];
      }
      return column;
    });
    return Math.max(...tried.map((k) => group(units.map((_, i) => columns.map((c) => c[i]!)), k).quality));
  });
  return { units, profiles, labels: all[at]!.labels, count: tried[at]!, tried, quality, shuffled };
} // biome-ignore format: data

function drawnTasks(rules: string[], scores: number[], variance: NDArray, found: ReturnType<typeof clustersOf>): Figure {
  const order = found.units.map((_, k) => k).sort((a, b) => found.labels[a]! - found.labels[b]! || a - b);
  return {
    title: "Twenty tasks: performance, and units by task variance",
    caption: `Left: fraction of trials right; the line is at 0.9. Middle: units in the order of their clusters (of ${variance.shape[0]}, those that vary); each unit's variance over conditions, relative to its largest. Right: how well clusters of each number stand apart; dashed: the best of shuffled variances.`,
    panels: [
      { x: { label: "trials right", domain: [0, 1] }, y: { label: "task", categories: rules }, aspect: 1.6, layers: [
        { kind: "bars", name: "trials right", color: "blue", values: scores, numbers: false }, { kind: "rule", axis: "x", at: 0.9 },
      ] },
      { x: { label: "unit" }, y: { label: "task", categories: rules }, aspect: 1.6, layers: [
        { kind: "heat", label: "task variance", rows: 20, columns: order.length, values: rules.flatMap((_, c) => order.map((k) => found.profiles[k]![c]!)) },
      ] },
      { x: { label: "number of clusters" }, y: { label: "silhouette" }, aspect: 1.6, layers: [
        { kind: "line", name: "units", color: "blue", shape: "circle", x: found.tried, y: found.quality },
        { kind: "rule", axis: "y", at: Math.max(...found.shuffled) },
      ] },
    ],
  };
} // biome-ignore format: data
