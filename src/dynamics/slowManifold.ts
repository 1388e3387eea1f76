/**
 * A slow manifold, traced by pinning the readout: for each value `z_b` of a grid, the state that minimises
 * `|scale F(x)|² + weight² (z(x) - z_b)²`, which is as slow as a state with that readout can be.
 *
 * "Line attractor" is a matter of degree: on such a curve there usually are a few fixed points, stable and saddle in
 * turn, and slow drift between them. Each point carries its linearisation, with the mode that integrates picked by
 * alignment with the curve's tangent: the mode with the largest growth rate may be another one, as modes swap places.
 *
 * @source Mante, Sussillo, Shenoy & Newsome 2013, Nature 503:78, supplement (linearisation along the line);
 *   Ságodi et al. 2024, arXiv:2408.00109 (the slow manifold persists where the continuum of fixed points does not).
 */
import { NullclineError } from "../base/errors.ts";
import { norm2 } from "../engine/linalg/matrix.ts";
import type { System } from "../engine/system.ts";
import { type DriveOptions, drive, type Progress } from "./incremental.ts";
import { levenbergMarquardt, type Minimum } from "./levenbergMarquardt.ts";
import { alignments, type Linearisation, linearise } from "./linearise.ts";
import { polish } from "./newton.ts";
import { evaluateResidual, halfSquare, residualJacobian } from "./residual.ts";

export interface SlowManifoldOptions {
  /** Values at which the readout is pinned, ascending. */
  values: ArrayLike<number>;
  /** Name of the output and its channel; default `z`, 0. */
  output?: string;
  channel?: number;
  /** What makes F a state's displacement: `tau` of a flow, `tau / dt` of an Euler step's map. Default 1. */
  scale?: number;
  /** How firmly the readout is held; default 3. */
  weight?: number;
  /** Time step of a map, for rates; default 1. */
  dt?: number;
}

export interface ManifoldPoint {
  /** `[D]`. */
  x: Float64Array;
  /** The readout that it was pinned to, and the one that it has. */
  pinned: number;
  readout: number;
  /** `|F(x)|`. */
  speed: number;
  /** `F(x) · tangent`: the part of the motion along the curve, positive towards higher readouts. */
  drift: number;
  /** Unit vector along the curve towards higher readouts, from the neighbouring points. */
  tangent: Float64Array;
  /** Length of the curve up to here. */
  arclength: number;
  modes: Linearisation;
  /** Which mode is best aligned with the tangent, and |cos| of the angle between them. */
  integrating: number;
  alignment: number;
}

export interface ManifoldFixedPoint {
  x: Float64Array;
  residual: number;
  readout: number;
  arclength: number;
  stable: boolean;
  indexUnstable: number;
}

export interface SlowManifold {
  points: ManifoldPoint[];
  /** Fixed points on the curve: zeros of F near a change of sign of the drift, in order. */
  fixedPoints: ManifoldFixedPoint[];
  length: number;
  /** `broken` where neighbouring points lie more than 5 times farther apart than usual: the curve has jumped. */
  status: "traced" | "broken";
  output: string;
  channel: number;
  scale: number;
  weight: number;
}

/**
 * Traces a slow manifold, see the head of this file.
 * @shape starts [n, D], states near it, e.g. `sampleStates` of trajectories
 * @throws NullclineError where fewer than two values, or no start, are given
 */
export function traceSlowManifold(
  system: System,
  starts: Float64Array,
  options: SlowManifoldOptions & DriveOptions,
): SlowManifold {
  return drive(searchSlowManifold(system, starts, options), options);
}

/** `traceSlowManifold` step by step, for `drive` or `driveAsync`. */
export function* searchSlowManifold(
  system: System,
  starts: Float64Array,
  options: SlowManifoldOptions,
): Generator<Progress, SlowManifold> {
  const { output = "z", channel = 0, scale = 1, weight = 3 } = options;
  const values = Float64Array.from(options.values);
  const D = system.dimension;
  if (values.length < 2 || starts.length === 0 || starts.length % D !== 0)
    throw new NullclineError({
      code: "slow manifold",
      given: `${values.length} readout values and ${starts.length} numbers as starts`,
      expected: `two values or more, and whole states of ${D} coordinates`,
    });
  const pin = (x: Float64Array, value: number) => pinned(system, x, value, { output, channel, scale, weight });

  const minima: Minimum[] = [];
  for (const [k, start] of startsByReadout(system, starts, values, output, channel).entries()) {
    minima.push(pin(start, values[k]));
    yield { phase: "pin", done: k + 1, total: values.length, found: 0 };
  }
  // A neighbour's state is often the better start: sweep up and down until that changes nothing.
  for (let sweep = 0, changed = true; changed && sweep < 3; sweep++) {
    changed = false;
    for (const [from, step] of [
      [0, 1],
      [values.length - 1, -1],
    ])
      for (let k = from + step; k >= 0 && k < values.length; k += step) {
        const other = pin(minima[k - step].x, values[k]);
        if (other.cost < 0.99 * minima[k].cost) {
          minima[k] = other;
          changed = true;
        }
        yield { phase: "follow", done: sweep, total: 3, found: 0 };
      }
  }
  return describeManifold(
    system,
    minima.map((minimum) => minimum.x),
    values,
    { output, channel, scale, weight, dt: options.dt },
  );
}

type Pin = Required<Pick<SlowManifoldOptions, "output" | "channel" | "scale" | "weight">>;

/** The slowest state with a readout near `value`, from `start`. */
function pinned(system: System, start: Float64Array, value: number, pin: Pin): Minimum {
  const D = system.dimension;
  const { output, channel, scale, weight } = pin;
  return levenbergMarquardt(
    {
      unknowns: D,
      equations: D + 1,
      residual(x, out) {
        evaluateResidual(system, x, out.subarray(0, D));
        for (let i = 0; i < D; i++) out[i] *= scale;
        out[D] = weight * (system.output(x, output)[channel] - value);
      },
      jacobian(x, out) {
        residualJacobian(system, x, out.subarray(0, D * D));
        for (let i = 0; i < D * D; i++) out[i] *= scale;
        const row = system.outputJacobian(x, output);
        for (let j = 0; j < D; j++) out[D * D + j] = weight * row[channel * D + j];
      },
    },
    start,
    { maxSteps: 100 },
  );
}

/** For each value the slowest of the starts (eight, or one in fifty) whose readouts are nearest to it. */
function startsByReadout(
  system: System,
  starts: Float64Array,
  values: Float64Array,
  output: string,
  channel: number,
): Float64Array[] {
  const D = system.dimension;
  const n = starts.length / D;
  const z = system.output(starts, output);
  const width = z.length / n;
  const F = new Float64Array(starts.length);
  evaluateResidual(system, starts, F);
  const speeds = Float64Array.from({ length: n }, (_, k) => halfSquare(F, k * D, D));
  const states = Array.from({ length: n }, (_, k) => k);
  return Array.from(values, (value) => {
    const away = (k: number) => Math.abs(z[k * width + channel] - value);
    const near = states.toSorted((a, b) => away(a) - away(b)).slice(0, Math.max(8, Math.ceil(n / 50)));
    const best = near.reduce((a, b) => (speeds[b] < speeds[a] ? b : a));
    return starts.slice(best * D, (best + 1) * D);
  });
}

function describeManifold(
  system: System,
  states: Float64Array[],
  values: Float64Array,
  pin: Pin & { dt?: number },
): SlowManifold {
  const D = system.dimension;
  const gaps = states.slice(1).map((x, k) => norm2(difference(x, states[k])));
  let arclength = 0;
  const points = states.map((x, k): ManifoldPoint => {
    if (k > 0) arclength += gaps[k - 1];
    const tangent = difference(states[Math.min(k + 1, states.length - 1)], states[Math.max(k - 1, 0)]);
    const length = norm2(tangent);
    for (let i = 0; i < D; i++) tangent[i] /= length;
    const F = new Float64Array(D);
    evaluateResidual(system, x, F);
    const modes = linearise(system.jacobian(x), D, system.kind, { dt: pin.dt });
    const cosines = alignments(modes, D, tangent);
    const integrating = cosines.reduce((best, value, mode) => (value > cosines[best] + 1e-9 ? mode : best), 0);
    return {
      x,
      pinned: values[k],
      readout: system.output(x, pin.output)[pin.channel],
      speed: Math.sqrt(2 * halfSquare(F)),
      drift: F.reduce((sum, value, i) => sum + value * tangent[i], 0),
      tangent,
      arclength,
      modes,
      integrating,
      alignment: cosines[integrating],
    };
  });
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1];
  const { output, channel, scale, weight } = pin;
  return {
    points,
    fixedPoints: fixedPointsOn(system, points, pin),
    length: arclength,
    status: gaps.every((gap) => gap <= 5 * usual) ? "traced" : "broken",
    output,
    channel,
    scale,
    weight,
  };
}

/** Zeros of F reached by Newton from where the drift changes sign between two points of the curve. */
function fixedPointsOn(system: System, points: ManifoldPoint[], pin: Pin & { dt?: number }): ManifoldFixedPoint[] {
  const D = system.dimension;
  const found: ManifoldFixedPoint[] = [];
  for (let k = 0; k + 1 < points.length; k++) {
    const [a, b] = [points[k], points[k + 1]];
    if (a.drift > 0 === b.drift > 0) continue;
    const share = a.drift / (a.drift - b.drift);
    const start = a.x.map((value, i) => value + share * (b.x[i] - value));
    const { x, q, status } = polish(system, start, 1e-12);
    const gap = b.arclength - a.arclength;
    if (status !== "fixed" || norm2(difference(x, start)) > gap) continue;
    if (found.some((point) => norm2(difference(point.x, x)) <= 1e-3)) continue;
    const { stable, indexUnstable } = linearise(system.jacobian(x), D, system.kind, { dt: pin.dt });
    found.push({
      x,
      residual: Math.sqrt(2 * q),
      readout: system.output(x, pin.output)[pin.channel],
      arclength: a.arclength + share * gap,
      stable,
      indexUnstable,
    });
  }
  return found;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]);
}
