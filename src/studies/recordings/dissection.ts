/** The fitted network as a dynamical system: fixed and slow points near its trajectories, and how it moves around them. */
import {
  type FixedPoints,
  linearise,
  type NDArray,
  ndarray,
  type Recording,
  type StudyContext,
  sampleStates,
  searchFixedPoints,
  systemOf,
} from "../../index.ts";
import type { FittedNetwork } from "./models.ts";

/** A mode of the step that was fitted. */
export interface Mode {
  /** Growth per s; negative where it decays. */
  growth: number;
  /** Cycles per s; 0 of a real mode. */
  frequency: number;
}

export interface Place {
  kind: "fixed" | "slow";
  x: Float64Array;
  /** Speed |dx/dt|, relative to the median along the trajectories. */
  speed: number;
  /** To the nearest state of a trajectory, in units of the trajectories' spread (root of their total variance). */
  distance: number;
  /** The fastest growing first; one of each complex pair. */
  modes: Mode[];
  unstable: number;
}

export interface Anatomy {
  found: FixedPoints;
  /** Fixed points and the slowest of the slow points, the nearest to the trajectories first. */
  places: Place[];
  /** States of free runs, `[trial, time, unit]`. */
  states: NDArray;
  starts: number;
  numbers: Record<string, unknown>;
}

/** Slow points that are looked at closely. */
const mostSlow = 8;

/** Modes of the Euler step `x + dt f(x)` from the eigenvalues λ (per ms) of f: multipliers `1 + dt λ`. */
export function stepModes(eigenvalues: { re: ArrayLike<number>; im: ArrayLike<number> }, dt: number): Mode[] {
  return Array.from(eigenvalues.re, (re, k) => {
    const [a, b] = [1 + dt * re, dt * eigenvalues.im[k]];
    return {
      growth: (1000 * Math.log(Math.hypot(a, b))) / dt,
      frequency: (1000 * Math.atan2(b, a)) / (2 * Math.PI * dt),
    };
  })
    .filter(({ frequency }) => frequency >= 0)
    .sort((a, b) => b.growth - a.growth);
}

export async function dissect(run: StudyContext, recording: Recording, fitted: FittedNetwork): Promise<Anatomy> {
  const { network } = fitted;
  const { dt } = recording;
  const states = await fitted.states([...recording.origin.keys()]);
  const system = await systemOf(network, { relaxed: run.relaxed });
  const D = system.dimension;
  const starts = run.number("starts");
  const search = searchFixedPoints(system, sampleStates(states, { count: starts, seed: run.seed }), { seed: run.seed });
  const found = await run.analyse("fixed points", search);
  const spread = Math.sqrt(totalVariance(states));
  const described = (kind: Place["kind"], x: Float64Array, speed: number, modes: Mode[]): Place => ({
    kind,
    x,
    speed: speed / found.referenceSpeed,
    distance: nearest(states, x) / spread,
    modes,
    unstable: modes.reduce((n, { growth, frequency }) => n + (growth > 0 ? (frequency > 0 ? 2 : 1) : 0), 0),
  });
  const places = [
    ...found.points.map((p) => described("fixed", p.x, p.residual, stepModes(p.eigenvalues, dt))),
    ...found.slow
      .slice(0, mostSlow)
      .map((p) =>
        described("slow", p.x, p.speed, stepModes(linearise(system.jacobian(p.x), D, system.kind).eigenvalues, dt)),
      ),
  ].sort((a, b) => a.distance - b.distance);
  run.say(found.summary);
  const all = new Float64Array(places.length * D);
  places.forEach(({ x }, k) => {
    all.set(x, k * D);
  });
  if (places.length > 0)
    await run.keep("places", {
      states: ndarray(all, [places.length, D]),
      speed: ndarray(
        places.map((p) => p.speed),
        [places.length],
      ),
      fixed: ndarray(
        places.map((p) => (p.kind === "fixed" ? 1 : 0)),
        [places.length],
      ),
    });
  return {
    found,
    places,
    states,
    starts,
    numbers: {
      summary: found.summary,
      degreeSum: found.degreeSum,
      places: places.map(({ x, modes, ...rest }) => ({ ...rest, modes: modes.slice(0, 6) })),
    },
  };
}

function totalVariance({ data, shape }: NDArray): number {
  const D = shape[2]!;
  const rows = data.length / D;
  const mean = new Float64Array(D);
  data.forEach((v: number, i: number) => {
    mean[i % D] += v / rows;
  });
  let sum = 0;
  data.forEach((v: number, i: number) => {
    sum += (v - mean[i % D]) ** 2 / rows;
  });
  return sum;
}

function nearest({ data }: NDArray, x: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < data.length; at += x.length) {
    let sum = 0;
    for (let i = 0; i < x.length && sum < least; i++) sum += (data[at + i] - x[i]) ** 2;
    least = Math.min(least, sum);
  }
  return Math.sqrt(least);
}
