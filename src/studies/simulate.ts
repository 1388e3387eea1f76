/** A network (or a textbook ODE typed in) left to run: trajectories, and the spectrum at the fixed point nearest to rest. */
import {
  type Block,
  check,
  equationsBlock,
  type FixedPoints,
  formatNumber,
  type Network,
  type Outcome,
  type Section,
  type Study,
  type StudyContext,
  sampleStates,
  searchFixedPoints,
} from "../index.ts";
import { clockOf, courseFigure, fixedPointTable, leadingMode, spectraFigure, stateSpaceFigure } from "./portrait.ts";
import { finiteStates, type NetworkSystem, runTrajectories, systemStates } from "./trajectory.ts";

export interface SimulateOptions {
  /** Constant values of inputs, and initial values of states, by name. */
  inputs?: Record<string, number[]>;
  initial?: Record<string, number[]>;
}

/** The study of one network, for `nullcline simulate`. */
export function simulateStudy(network: Network, options: SimulateOptions = {}): Study {
  return {
    name: "simulate",
    title: `${network.data.name ?? "equations"}: simulation`,
    description: "Runs a network and looks at the spectrum at rest.",
    settings: {
      duration: { value: 0, what: "length in units of time; 0: 50 times the longest time constant" },
      dt: { value: network.data.dt ?? 0, what: "time step; 0: a tenth of the shortest time constant, 1 for a map" },
      method: { value: network.data.integrator ?? "", what: "euler, heun, rk4 or adaptive; empty: chosen by the text" },
      trials: { value: 1, what: "runs that differ in their noise" },
    },
    run: (run) => simulate(run, network, options),
  };
}

async function simulate(run: StudyContext, network: Network, options: SimulateOptions): Promise<Outcome> {
  const { inputs = {}, initial = {} } = options;
  const found = await runTrajectories(network, {
    ...{
      dt: run.number("dt"),
      duration: run.number("duration"),
      method: run.text("method"),
      trials: run.number("trials"),
    },
    ...{ seed: run.seed, relaxed: run.relaxed, inputs, initial },
  });
  const { model, kind, dt, samples, recorded, states, divergedAt, system } = found;
  const clock = clockOf(network, kind);
  run.say(
    `${samples} samples${clock.unit === "samples" ? "" : ` of ${formatNumber(dt)} ${clock.unit}`} (${found.method})`,
  );
  const times = Float64Array.from({ length: samples }, (_, k) => k * dt);
  await run.keep("trajectory", {
    time: { data: times, shape: [samples] },
    ...Object.fromEntries(recorded.map(({ name, values }) => [name, values])),
  });
  const diverged =
    divergedAt === undefined ? undefined : `diverged at t = ${formatNumber(divergedAt * dt, 5)} ${clock.unit}`;
  const rows = typeof system === "string" ? undefined : systemStates(system, states);
  const fixed = typeof system === "string" ? undefined : await restOf(run, system, rows?.data, dt);
  const point = fixed?.points.reduce<FixedPoints["points"][number] | undefined>(
    (best, p) => (best && Math.hypot(...best.x) <= Math.hypot(...p.x) ? best : p),
    undefined,
  );

  const network_: Section = { title: "The network", blocks: [equationsBlock(network)] };
  const course: Block[] = [{ kind: "figure", figure: courseFigure(recorded, times, clock) }];
  const space = typeof system !== "string" && rows && stateSpaceFigure(rows, system.coordinates, { fixed });
  if (space) course.push({ kind: "figure", figure: space });
  const spectrum: Block[] = [
    { kind: "text", text: typeof system === "string" ? `This text has no spectrum: ${system}.` : fixed!.summary },
  ];
  if (fixed && point)
    spectrum.push({ kind: "figure", figure: spectraFigure([point], kind, clock) }, fixedPointTable(fixed, clock));

  const warnings = [...model.warnings];
  if (diverged)
    warnings.push(`The state ${diverged}: take a smaller dt, another method, or check the signs of the equations.`);
  if (point && /\bdelay\s*\(/.test(network.data.equations))
    warnings.push("The spectrum leaves the delay out: its eigenvalues are those of the system with a delay of zero.");
  const mode = point && leadingMode(point, clock);
  return {
    verdict: `${diverged ? `The state ${diverged}.` : `The state stays finite over ${formatNumber((samples - 1) * dt)} ${clock.unit}.`}${point ? ` The fixed point nearest to rest is ${point.stable ? "stable" : `unstable in ${point.indexUnstable} of ${point.rates.length} modes`}; ${mode}.` : ""}`,
    checks: [
      check({
        ...{ id: "finite", what: "the state stays finite", source: "", criterion: "at every sample", ours: true },
        ...{ measured: diverged ?? "at every sample", n: samples, holds: diverged === undefined },
      }),
      ...(point
        ? [
            check({ id: "rest", what: "unstable modes at the fixed point nearest to rest", source: "", criterion: "", measured: point.indexUnstable, n: point.rates.length }),
            check({ id: "mode", what: "its leading mode", source: "", criterion: "", measured: mode!.replace("the leading mode ", "") }),
          ] // biome-ignore format: two rows
        : []),
    ],
    sections: [network_, { title: "Trajectory", blocks: course }, { title: "Spectrum at rest", blocks: spectrum }],
    warnings,
    network,
    numbers: {
      status: diverged ? "diverged" : "done",
      ...(divergedAt !== undefined && { divergedAt: divergedAt * dt }),
      dt,
      samples,
      method: found.method,
      ...(fixed && { summary: fixed.summary }),
      ...(point && {
        rest: {
          norm: Math.hypot(...point.x),
          ...(point.x.length <= 50 && { state: [...point.x] }),
          stable: point.stable,
          unstable: point.indexUnstable,
          eigenvalues: [...point.eigenvalues.re.subarray(0, 50)].map((re, k) => [re, point.eigenvalues.im[k]!]),
        },
      }),
    },
  };
}

/** Fixed points from rest and from states of the trajectory. */
async function restOf(
  run: StudyContext,
  system: NetworkSystem,
  rows: Float64Array | undefined,
  dt: number,
): Promise<FixedPoints> {
  const D = system.dimension;
  const good = rows && finiteStates(rows, D);
  const count = good ? Math.min(good.shape[1]!, D > 200 ? 32 : 128) : 0;
  const all = new Float64Array((count + 1) * D);
  if (good) all.set(sampleStates(good, { count, seed: run.seed }), D);
  return run.analyse("fixed points", searchFixedPoints(system, all, { seed: run.seed, dt, rounds: 2 }));
}
