/** Anybody's network taken apart under a constant input: fixed points with their modes, and where trajectories settle. */
import {
  type Block,
  check,
  distinctCycles,
  equationsBlock,
  type FixedPoints,
  followEnsemble,
  formatNumber,
  type LimitCycle,
  modelOf,
  type NDArray,
  type Network,
  NullclineError,
  ndarray,
  type Outcome,
  RandomStream,
  runModel,
  type Settling,
  type Study,
  type StudyContext,
  sampleStates,
  searchFixedPoints,
  settlingOf,
  simulator,
  systemOf,
  type Task,
  timeScales,
  valuesOf,
} from "../index.ts";
import { clockOf, fixedPointTable, leadingMode, spectraFigure, stateSpaceFigure } from "./portrait.ts";
import { cycleFigure, cycleSentences, outcomes, plural } from "./settled.ts";
import { finiteStates, type NetworkSystem, systemStates } from "./trajectory.ts";

export interface DissectOptions {
  /** Constant values of inputs by name; default zero. */
  inputs?: Record<string, number[]>;
  /** Whose trials make the states from which everything starts. Without, starts are random. */
  task?: Task;
  /** Where the network is from, in words. */
  origin?: string;
  /** Takes the surrogate derivative of `spike` for a derivative. Default: refused. */
  useSurrogate?: boolean;
}

/** The study of one network, for `nullcline dissect`. */
export function dissectStudy(network: Network, options: DissectOptions = {}): Study {
  return {
    name: "dissect",
    title: `${network.data.name ?? "network"}: dissection`,
    description: "Fixed points, their modes, and limit cycles of a network under a constant input.",
    settings: {
      starts: { value: 256, what: "starts of the search for fixed points" },
      trajectories: { value: 16, what: "trajectories followed until they settle" },
      steps: { value: 0, what: "samples of each; 0: 2000, or 40 times the longest time constant if that is more" },
      dt: { value: network.data.dt ?? 0, what: "time step; 0: a tenth of the shortest time constant, 1 for a map" },
      spread: { value: 1, what: "standard deviation of random starts, in units of state (without a task)" },
      trials: { value: 64, what: "trials of the task whose states are starts" },
      jitter: { value: 0, what: "standard deviation of the noise added to states to make starts of the search" },
    },
    run: (run) => dissect(run, network, options),
  };
}

async function dissect(run: StudyContext, network: Network, options: DissectOptions): Promise<Outcome> {
  const { inputs = {}, task } = options;
  const model = modelOf(network.data, { integrator: "euler" });
  const kind = model.states.every((s) => s.flow) ? "flow" : "map";
  const scales = kind === "map" ? undefined : timeScales(network);
  const dt = run.number("dt") || (kind === "map" ? 1 : (scales?.shortest ?? 0.1) / 10);
  const steps = run.number("steps") || Math.min(20_000, Math.max(2000, Math.ceil((40 * (scales?.longest ?? 0)) / dt)));
  const setting = { inputs, dt, relaxed: run.relaxed, useSurrogate: options.useSurrogate };
  const system = await systemOf(network, setting).catch((error: unknown) => {
    if (!(error instanceof NullclineError) || error.code !== "spike") throw error;
    throw new NullclineError({ ...error.facts, remedy: "--use-surrogate takes it for one" });
  });
  const clock = clockOf(network, kind);
  const D = system.dimension;

  const states = task ? await taskStates(run, network, task, system) : await randomStates(run, network, system, dt);
  const count = run.number("trajectories");
  const begins = task ? sampleStates(states, { count, seed: run.seed }) : states.data.slice(0, count * D);
  run.say(
    `following ${begins.length / D} trajectories of ${D} coordinates over ${steps} samples${clock.unit === "samples" ? "" : ` of ${formatNumber(dt)} ${clock.unit}`}`,
  );
  const followed = await run.analyse("trajectories", followEnsemble(system, Float64Array.from(begins), { dt, steps }));
  const settled = settlings(followed, D, dt);
  const cycles = distinctCycles(settled.filter((s): s is LimitCycle => s.kind === "limit cycle"));

  const wanted = run.number("starts");
  const from = finiteStates(task ? joined(states, followed, D) : followed.data, D);
  if (!from)
    throw new NullclineError({
      code: "diverged",
      given: "every trajectory diverges from its first step",
      remedy: "give another --input, or smaller starts with --spread",
    });
  const starts = sampleStates(from, { count: wanted, seed: run.seed, jitter: run.number("jitter") });
  const fixed = await run.analyse("fixed points", searchFixedPoints(system, starts, { seed: run.seed, dt }));
  run.say(fixed.summary);
  await keep(
    run,
    fixed,
    cycles.map((c) => c.cycle),
    D,
  );

  const told = cycleSentences(cycles, clock);
  const rest = outcomes(settled);
  const oscillating = fixed.points.filter((p) => !p.stable && p.frequencies[0] !== 0);
  const blocks: Block[] = [{ kind: "text", text: fixed.summary }, fixedPointTable(fixed, clock)];
  if (fixed.points.length > 0) blocks.push({ kind: "figure", figure: spectraFigure(fixed.points, kind, clock) });
  const space = stateSpaceFigure(followed, system.coordinates, { fixed, cycles: cycles.map((c) => c.cycle) });
  const settling: Block[] = [{ kind: "text", text: `${rest}. ${told.join(" ")}` }];
  if (space) settling.push({ kind: "figure", figure: space });
  if (cycles.length > 0)
    settling.push({
      kind: "figure",
      figure: cycleFigure(
        cycles.map((c) => c.cycle),
        system,
        model.outputs,
        dt,
        clock,
      ),
    });

  const inputText = Object.entries(inputs)
    .map(([name, v]) => `${name} = ${v.join(", ")}`)
    .join("; ");
  const warnings = [...model.warnings];
  if (/\bdelay\s*\(/.test(network.data.equations))
    warnings.push("Delays are left out: states and spectra are those of the system with a delay of zero.");
  if (fixed.complete === "incomplete")
    warnings.push(
      "The degree sum says that fixed points are missing: more starts, or starts elsewhere, may find them.",
    );
  return {
    verdict: `${plural(fixed.points.length, "fixed point")}, ${fixed.points.filter((p) => p.stable).length} stable${oscillating.length > 0 ? `; ${leadingMode(oscillating[0]!, clock)}` : ""}. ${told[0] ?? `${rest}.`}`,
    summary: `${inputText === "" ? "Without input" : `Under ${inputText}`}. Starts: ${task ? `states of ${run.number("trials")} trials of ${task.name}` : `the text's initial state and normal numbers of standard deviation ${run.number("spread")}, each with its trajectory`}.${options.origin ? ` ${options.origin}.` : ""}`,
    checks: [
      check({
        id: "fixed-points",
        what: "fixed points (stable)",
        source: "",
        criterion: "",
        measured: `${fixed.points.length} (${fixed.points.filter((p) => p.stable).length})`,
        n: wanted,
      }),
      check({
        id: "degree",
        what: "sum of the degrees of the fixed points",
        paper: fixed.complete === "not required" ? null : "+1 where none is missing",
        source:
          fixed.complete === "not required"
            ? ""
            : kind === "map"
              ? "Lefschetz fixed-point theorem"
              : "Poincaré–Hopf theorem",
        criterion: fixed.complete === "not required" ? "" : "+1",
        measured: fixed.degreeSum,
        n: fixed.points.length,
        ...(fixed.complete !== "not required" && { holds: fixed.complete === "consistent" }),
      }),
      ...oscillating.slice(0, 3).map((p, i) =>
        check({
          id: `oscillation-${i + 1}`,
          what: `frequency of the growing complex pair at an unstable point (${clock.frequencyUnit})`,
          source: "",
          criterion: "",
          measured: Math.abs(p.frequencies[0]!) * clock.perUnit,
          n: D,
        }),
      ),
      ...cycles.slice(0, 5).map(({ cycle, trajectories }, i) =>
        check({
          id: `cycle-${i + 1}`,
          what: `period of limit cycle ${i + 1} (${clock.unit})`,
          source: "",
          criterion: "",
          measured: cycle.period,
          n: trajectories,
        }),
      ),
    ],
    sections: [
      { title: "The network", blocks: [equationsBlock(network)] },
      { title: "Fixed points", blocks },
      { title: "Where trajectories settle", blocks: settling },
    ],
    warnings,
    network,
    numbers: {
      kind,
      dimension: D,
      dt,
      inputs,
      summary: fixed.summary,
      degreeSum: fixed.degreeSum,
      fixedPoints: fixed.points.map((p) => ({
        residual: p.residual,
        stable: p.stable,
        unstable: p.indexUnstable,
        degree: p.degree,
        modes: [...p.eigenvalues.re.subarray(0, 20)].map((re, k) => ({
          re,
          im: p.eigenvalues.im[k]!,
          timeConstant: p.timeConstants[k]!,
          frequency: Math.abs(p.frequencies[k]!) * clock.perUnit,
        })),
      })),
      slowPoints: fixed.slow.map((p) => ({ speed: p.speed, relativeSpeed: p.relativeSpeed })),
      cycles: cycles.map(({ cycle, trajectories }) => ({
        period: cycle.period,
        periodDeviation: cycle.periodDeviation,
        periods: cycle.periods,
        loops: cycle.loops,
        residual: cycle.residual,
        size: cycle.size,
        frequency: clock.perUnit / cycle.period,
        trajectories,
      })),
      settled: Object.fromEntries(
        ["fixed point", "limit cycle", "unsettled", "diverged"].map((what) => [
          what,
          settled.filter((s) => s.kind === what).length,
        ]),
      ),
    },
  };
}

/** States of noisy trials of the task, `[trial, sample, D]`. */
async function taskStates(run: StudyContext, network: Network, task: Task, system: NetworkSystem): Promise<NDArray> {
  const trials = task.trials({ seed: run.seed, count: run.number("trials"), purpose: "test" });
  const model = modelOf(network.data, { dt: trials.dt, initialFromTrial: Object.keys(trials.initialState ?? {}) });
  const names = model.states.map((s) => s.name);
  const sim = await simulator(model, {
    sizes: network.sizes,
    samples: trials.inputs.shape[1]!,
    record: names,
    precision: "f64",
    host: run.host,
    workers: run.workers,
  });
  const values = await sim.run(valuesOf(network), trials, { seed: run.seed, purpose: 2 });
  sim.close();
  const states = systemStates(
    system,
    names.map((name) => ({ name, values: values[name]! })),
  );
  if (!states)
    throw new NullclineError({
      code: "task",
      given: `trials of \`${task.name}\` are too short for the delays of the network`,
      remedy: "use longer trials, or no task",
    });
  return states;
}

/** The text's own initial state, then random ones: `[start, 1, D]`. */
async function randomStates(run: StudyContext, network: Network, system: NetworkSystem, dt: number): Promise<NDArray> {
  const D = system.dimension;
  const count = run.number("trajectories");
  const model = modelOf(network.data, { integrator: "euler" });
  const names = model.states.map((s) => s.name);
  const first = await runModel(model, {
    parameters: valuesOf(network),
    sizes: network.sizes,
    samples: 1,
    dt,
    record: names,
  });
  const random = new RandomStream(run.seed, "starts of trajectories");
  const data = random.fillNormal(new Float64Array(count * D), 0, run.number("spread"));
  let at = 0;
  // A past value starts where its state does.
  for (const { name } of system.rule.coordinates) {
    const own = first[name.replace(/\[.*/, "")]!.data;
    data.set(own, at);
    at += own.length;
  }
  return { data, shape: [count, 1, D] };
}

function joined(a: NDArray, b: NDArray, D: number): Float64Array {
  const out = new Float64Array(a.data.length + b.data.length);
  out.set(a.data);
  out.set(b.data, a.data.length);
  if (out.length % D !== 0) throw new Error("states of different dimensions");
  return out;
}

function settlings({ data, shape }: NDArray<Float64Array>, D: number, dt: number): Settling[] {
  const [n, samples] = shape as [number, number];
  return Array.from({ length: n }, (_, k) =>
    settlingOf(data.subarray(k * samples * D, (k + 1) * samples * D), D, { dt }),
  );
}

async function keep(run: StudyContext, fixed: FixedPoints, cycles: LimitCycle[], D: number): Promise<void> {
  const all = (rows: Float64Array[]) =>
    ndarray(
      rows.flatMap((row) => [...row]),
      [rows.length, D],
    );
  const { points } = fixed;
  await run.keep("fixed-points", {
    points: all(points.map((p) => p.x)),
    residual: ndarray(
      points.map((p) => p.residual),
      [points.length],
    ),
    eigenvaluesRe: all(points.map((p) => p.eigenvalues.re)),
    eigenvaluesIm: all(points.map((p) => p.eigenvalues.im)),
    slow: all(fixed.slow.map((p) => p.x)),
  });
  if (cycles.length > 0)
    await run.keep(
      "limit-cycles",
      Object.fromEntries(cycles.map((c, k) => [`cycle_${k + 1}`, { data: c.states, shape: [c.states.length / D, D] }])),
    );
}
