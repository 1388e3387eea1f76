/** The 3-bit flip-flop: trained, and the census of its fixed points. */
import {
  check, equationsBlock, type Figure, type FixedPoints, fixedPointLayers, formatNumber, makeNetwork, ndarray, networks, type Outcome, oblique, 
  obliqueBox, type Study, type StudyContext, sampleStates, searchFixedPoints, simulate, stabilityLimit, systemOf, type Task, tasks, trainingFigure,
} from "../index.ts"; // biome-ignore format: a list

const source = "Sussillo & Barak 2013, Neural Comput. 25, 626–649";
/** Samples of a trial. */
const duration = 32;

export const flipFlop: Study = {
  name: "flip-flop",
  title: "The 3-bit flip-flop and its fixed points",
  description: "Trains a memory of three bits and takes the census of its fixed points: 27, of which 8 are stable.",
  settings: {
    units: { value: 16, what: "number of units N" },
    bits: { value: 3, what: "number of bits" },
    iterations: { value: 1500, what: "most iterations" },
    batch: { value: 128, what: "trials per iteration" },
    rate: { value: 0.02, what: "learning rate at the start" },
    error: { value: 0.0001, what: "training ends once the mean square error is this small" },
    starts: { value: 1024, what: "starts of the search for fixed points" },
    jitter: { value: 0.5, what: "standard deviation of the noise added to states of trajectories to make starts" },
  },
  composition: "vanilla rate units · dense · 3-bit flip-flop · backpropagation through time, Adam",
  minutes: 0.2,
  fast: { settings: { iterations: "400", starts: "256" }, checks: ["degree"] },
  tiny: { units: "4", bits: "1", iterations: "2", batch: "4", starts: "4" },
  task: ({ bits }) => ({ task: "flipFlop", options: { bits, duration } }),
  async run(run: StudyContext): Promise<Outcome> {
    const bits = run.number("bits");
    const task = tasks.flipFlop({ bits, duration });
    const initial = makeNetwork(networks.vanilla, {
      seed: run.seed,
      sizes: { N: run.number("units"), I: bits, O: bits },
    });
    const rate = run.number("rate");
    const iterations = run.number("iterations");
    const { network, message } = await run.train("training", initial, task, {
      stages: [
        {
          iterations,
          batch: run.number("batch"),
          clip: 1,
          rate: { kind: "exponential", rate, factor: 0.1, every: 600 },
          until: { error: run.number("error") },
        },
      ],
      validateEvery: 25,
      validationTrials: 256,
      shard: 64,
    });
    const trials = task.trials({ seed: run.seed, count: 256, purpose: "test" });
    const { h, z } = await simulate(network, trials, {
      ...{ seed: run.seed, purpose: 2, record: ["h", "z"], relaxed: run.relaxed },
    });
    const behaviour = task.behaviour(z!, trials);
    const error = behaviour.parts.meanSquaredError!;

    run.say("searching for fixed points");
    const system = await systemOf(network, { relaxed: run.relaxed });
    const starts = sampleStates(h!, { count: run.number("starts"), seed: run.seed, jitter: run.number("jitter") });
    const began = run.host.now();
    const search = searchFixedPoints(system, starts, { seed: run.seed, jacobians: true });
    const found = await run.analyse("fixed points", search);
    const seconds = (run.host.now() - began) / 1000;
    // Said, not kept: what is kept is the same at every run of a seed.
    run.say(`${found.summary} (${seconds.toFixed(2)} s on one thread, Jacobians and eigenvectors included)`);
    const D = system.dimension;
    const all = new Float64Array(found.points.length * D);
    for (const [k, p] of found.points.entries()) all.set(p.x, k * D);
    await run.keep("fixed-points", {
      points: ndarray(all, [found.points.length, D]),
      unstable: ndarray(
        found.points.map((p) => p.indexUnstable),
        [found.points.length],
      ),
    });
    const readout = system.output(all, "z");

    const expected = 3 ** bits;
    const stable = found.points.filter((p) => p.stable).length;
    const worst = Math.max(...found.points.map((p) => p.residual));
    const nearest = leastDistance(found.points.map((p) => p.x));
    const checks = [
      check({
        id: "error",
        what: "mean square error on test trials",
        source: "",
        criterion: "",
        measured: error,
        n: behaviour.n,
      }),
      check({
        id: "count",
        what: `fixed points (|F| ≤ 10⁻¹²; largest ${formatNumber(worst, 2)}; least distance ${formatNumber(nearest, 2)})`,
        paper: `3${power(bits)} = ${expected}`,
        source,
        criterion: `${expected}`,
        measured: found.points.length,
        n: run.number("starts"),
        holds: found.points.length === expected && worst <= 1e-12 && nearest > 1e-3,
      }),
      check({
        id: "stable",
        what: "stable ones, one for each memory",
        paper: `2${power(bits)} = ${2 ** bits}`,
        source,
        criterion: `${2 ** bits}`,
        measured: stable,
        n: found.points.length,
        holds: stable === 2 ** bits,
      }),
      check({
        id: "degree",
        what: "sum over fixed points of sign det(I − J)",
        paper: "+1 where none is missing",
        source: "Lefschetz fixed-point theorem",
        criterion: "+1",
        measured: found.degreeSum,
        n: found.points.length,
        holds: found.degreeSum === 1,
      }),
      check({
        id: "indices",
        what: "fixed points by number of unstable modes: 0, 1, 2, 3, more",
        paper: "8, 12, 6, 1 for three decoupled bits",
        source,
        criterion: "",
        measured: histogram(found).join(", "),
        n: found.points.length,
      }),
    ];
    const failed = checks.some((c) => c.verdict === "fail");
    return {
      verdict: failed
        ? `The network has ${found.points.length} fixed points, ${stable} of them stable.`
        : `The network holds its ${bits} bits in ${stable} stable fixed points, with ${found.points.length - stable} unstable ones between them; none is missing.`,
      checks,
      network,
      numbers: {
        error,
        score: behaviour.score,
        fixedPoints: found.points.map((p) => ({ residual: p.residual, unstable: p.indexUnstable, degree: p.degree })),
        degreeSum: found.degreeSum,
        summary: found.summary,
      },
      sections: [
        {
          title: "The network",
          blocks: [
            equationsBlock(network),
            { kind: "text", text: task.description },
            { kind: "figure", figure: trialFigure(task, z!.data, trials) },
          ],
        },
        {
          title: "Training",
          blocks: [
            { kind: "text", text: `Backpropagation through time with Adam: ${message}.` },
            { kind: "figure", figure: trainingFigure(await run.metrics("training"), "score on held-out trials") },
          ],
        },
        {
          title: "Fixed points",
          blocks: [
            {
              kind: "text",
              text: `${found.summary} Starts: ${run.number("starts")} states of test trials with Gaussian jitter of ${run.number("jitter")}. F(h) = f(h) − h.`,
            },
            { kind: "figure", figure: censusFigure(found, readout, bits), lead: true },
            { kind: "figure", figure: spectraFigure(found) },
          ],
        },
      ],
    };
  },
};

const power = (n: number): string => String(n).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]!);

function leastDistance(points: Float64Array[]): number {
  let least = Number.POSITIVE_INFINITY;
  points.forEach((a, i) => {
    for (const b of points.slice(i + 1))
      least = Math.min(least, Math.sqrt(a.reduce((s, v, k) => s + (v - b[k]!) ** 2, 0)));
  });
  return least;
}

const histogram = (found: FixedPoints): number[] =>
  [0, 1, 2, 3, 4].map((k) => found.points.filter((p) => (k < 4 ? p.indexUnstable === k : p.indexUnstable > 3)).length);

function stabilityOf(p: FixedPoints["points"][number]): "stable" | "saddle" | "unstable" {
  return p.stable ? "stable" : p.indexUnstable === 1 ? "saddle" : "unstable";
}

function trialFigure(task: Task, z: ArrayLike<number>, trials: ReturnType<Task["trials"]>): Figure {
  const [, samples, bits] = trials.targets.shape as [number, number, number];
  const time = Array.from({ length: samples }, (_, t) => t);
  const of = (data: ArrayLike<number>, i: number): number[] => time.map((t) => data[t * bits + i]!);
  return {
    title: "One test trial",
    caption: "Pulses (grey), target (dashed) and output of each bit.",
    panels: [
      {
        x: { label: "time", unit: task.unit },
        y: { label: "", lanes: Array.from({ length: bits }, (_, i) => ({ name: `bit ${i + 1}` })) },
        layers: Array.from({ length: bits }, (_, i) => [
          {
            kind: "line" as const,
            lane: i,
            name: "pulse",
            color: "gray" as const,
            step: true,
            x: time,
            y: of(trials.inputs.data, i),
          },
          { kind: "line" as const, lane: i, name: "output", color: "blue" as const, step: true, x: time, y: of(z, i) },
          {
            kind: "line" as const,
            lane: i,
            name: "target",
            color: "ink" as const,
            dash: "dashed" as const,
            width: 1,
            step: true,
            x: time,
            y: of(trials.targets.data, i),
          },
        ]).flat(),
      },
    ],
  };
}

function censusFigure(found: FixedPoints, readout: Float64Array, bits: number): Figure {
  const at = (i: number): number[] => found.points.map((_, k) => readout[k * bits + Math.min(i, bits - 1)]!);
  const { x, y } = bits >= 3 ? oblique(at(0), at(1), at(2)) : { x: at(0), y: at(1) };
  return {
    title: "Fixed points in the space of the readout",
    caption:
      bits >= 3
        ? "Each fixed point at the output that it gives, drawn obliquely: memories at the corners, saddles on edges and faces, one point in the middle."
        : "Each fixed point at the output that it gives.",
    panels: [
      {
        x: { label: "output 1", ticks: [-1, 0, 1] },
        y: { label: "output 2", ticks: [-1, 0, 1] },
        equal: true,
        layers: [
          ...(bits >= 3 ? obliqueBox(1, "output 3") : []),
          ...fixedPointLayers(x, y, found.points.map(stabilityOf)),
        ],
      },
    ],
  };
}

function spectraFigure(found: FixedPoints): Figure {
  const groups = [0, 1, 2, 3].map((k) => found.points.filter((p) => p.indexUnstable === k)).filter((g) => g.length > 0);
  return {
    title: "Eigenvalues by number of unstable modes",
    caption: "Eigenvalues of the Jacobian at all fixed points; those outside the unit circle are unstable.",
    panels: groups.map((group) => ({
      title: `${group.length} point${group.length === 1 ? "" : "s"}, ${group[0]!.indexUnstable} unstable`,
      x: { label: "Re λ" },
      y: { label: "Im λ" },
      equal: true,
      layers: [
        stabilityLimit("map"),
        {
          kind: "points" as const,
          name: "eigenvalues",
          color: "blue" as const,
          size: 2,
          opacity: 0.6,
          x: group.flatMap((p) => [...p.eigenvalues.re]),
          y: group.flatMap((p) => [...p.eigenvalues.im]),
        },
      ],
    })),
    columns: 2,
    share: "both",
  };
}
