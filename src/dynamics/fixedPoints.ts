/**
 * Fixed and slow points of a system under a constant input, with two ledgers that say how much to believe: where every
 * start ended, and the degree sum.
 *
 * `F(x) = f(x)` for a flow, `f(x) - x` for a map; `q = ½|F|²`. From the starts, many points at once go down the
 * gradient of q (`descend.ts`); Newton's method takes each to a zero of F in double precision (`newton.ts`); what is
 * not a zero is dropped and counted; duplicates are merged; new starts are made from what was found (`reseed.ts`) until
 * a round brings nothing new.
 *
 * The degree sum Σ sign det(-DF) (for a map sign det(I - J)) over all fixed points is +1 where all motion ends in a
 * ball. Another value proves that points are missing; +1 does not prove the contrary, which is why a round of new
 * starts is made in any case.
 *
 * @source Sussillo & Barak 2013, Neural Computation 25:626 (minimising q); Golub & Sussillo 2018, JOSS 3:1003 (the
 *   usual finder); Katok & Hasselblatt 1995, section 8.4 (degree and index).
 */
import { NullclineError } from "../base/errors.ts";
import { allFinite } from "../engine/linalg/checks.ts";
import { luDeterminant, luFactor, luReciprocalCondition } from "../engine/linalg/lu.ts";
import { norm2, oneNorm } from "../engine/linalg/matrix.ts";
import { RandomStream } from "../engine/random.ts";
import type { System } from "../engine/system.ts";
import { descend } from "./descend.ts";
import { type DriveOptions, drive, type Progress } from "./incremental.ts";
import { KnownPoints } from "./knownPoints.ts";
import { column, type Linearisation, linearise } from "./linearise.ts";
import { polish } from "./newton.ts";
import { reseed } from "./reseed.ts";
import { evaluateResidual, halfSquare, residualJacobian } from "./residual.ts";

export interface FixedPointOptions {
  /** Largest `|F|` of a fixed point; default 1e-12. */
  residual?: number;
  /** Two points at most this far apart are one; default 1e-3. */
  distance?: number;
  /** A point where q is least but not zero counts as slow where its speed |F| is at most this fraction of the reference; default 0.1. */
  slow?: number;
  /** Speed to compare with; default the median |F| at the starts, which are taken to be states of trajectories. */
  referenceSpeed?: number;
  /** Most rounds of new starts made from the points found; default 5. 0: none. */
  rounds?: number;
  /** Of the new starts; default 0. */
  seed?: number;
  /** Time step of a map, for time constants and frequencies; default 1. */
  dt?: number;
  /** Whether each point carries its Jacobian; default false. */
  jacobians?: boolean;
  /** Most iterations of the gradient phase; default 400. */
  maxIterations?: number;
}

export interface FixedPoint extends Linearisation {
  /** `[D]`. */
  x: Float64Array;
  /** `|F(x)|`. */
  residual: number;
  /** `½|F(x)|²`. */
  q: number;
  /** Sign of det(-DF): +1 or -1; 0 where DF is singular to working precision (its sign then means nothing). */
  degree: 1 | -1 | 0;
  /** Row-major `[D, D]`. */
  jacobian?: Float64Array;
}

export interface SlowPoint {
  x: Float64Array;
  q: number;
  /** `|F(x)|`. */
  speed: number;
  /** `speed` over the reference speed. */
  relativeSpeed: number;
}

/** Where starts ended; the six counts below `starts` add up to it. */
export interface StartLedger {
  starts: number;
  /** Fixed points not known before. */
  kept: number;
  /** At a fixed point already known. */
  duplicates: number;
  /** Slow points not known before. */
  slow: number;
  slowDuplicates: number;
  /** Where q is least locally, but faster than a slow point may be. */
  tooFast: number;
  /** States that did not stay finite. */
  lost: number;
}

export interface FixedPoints {
  kind: "flow" | "map";
  /** Those with fewer unstable directions first. */
  points: FixedPoint[];
  slow: SlowPoint[];
  /** Of the starts given. */
  ledger: StartLedger;
  /** Of each round of new starts. */
  rounds: StartLedger[];
  /** Σ degree. */
  degreeSum: number;
  /** Whether the degree sum is +1 where the system is bounded; `not required` where it is not. */
  complete: "consistent" | "incomplete" | "not required";
  /** `settled`: the last round found no new regular point. `not settled`: it did, or there was none. */
  status: "settled" | "not settled";
  /** The ledgers and the degree sum in words. */
  summary: string;
  referenceSpeed: number;
  tolerances: { residual: number; distance: number; slow: number };
  seed: number;
}

/**
 * Fixed and slow points, see the head of this file.
 * @shape starts [n, D], states from which to search, e.g. `sampleStates` of noisy trajectories
 * @throws NullclineError where `starts` does not hold whole states, or none, or is not finite
 */
export function findFixedPoints(
  system: System,
  starts: Float64Array,
  options: FixedPointOptions & DriveOptions = {},
): FixedPoints {
  return drive(searchFixedPoints(system, starts, options), options);
}

/** `findFixedPoints` step by step, for `drive` or `driveAsync`. */
export function* searchFixedPoints(
  system: System,
  starts: Float64Array,
  options: FixedPointOptions = {},
): Generator<Progress, FixedPoints> {
  const { residual = 1e-12, distance = 1e-3, slow: slowFraction = 0.1, rounds: mostRounds = 5, seed = 0 } = options;
  const D = system.dimension;
  if (starts.length === 0 || starts.length % D !== 0)
    throw new NullclineError({
      code: "starts",
      given: `${starts.length} numbers as starts of a fixed-point search`,
      expected: `one state of ${D} coordinates or more, row after row`,
    });
  if (!allFinite(starts))
    throw new NullclineError({
      code: "starts",
      given: "starts of a fixed-point search that are not all finite",
      expected: "numbers",
      remedy: "leave out the trajectories that diverged",
    });
  const spread = spreadOf(starts, D);
  const referenceSpeed = options.referenceSpeed ?? medianSpeed(system, starts);
  const scale = usualNorm(system, starts);
  const known = new KnownPoints(system, distance, 0.2 * spread);
  const slow: SlowPoint[] = [];
  const linearised: FixedPoint[] = [];
  const random = new RandomStream(seed, "fixed points");
  let settled = false;

  function* search(from: Float64Array): Generator<Progress, StartLedger> {
    const n = from.length / D;
    const ledger: StartLedger = { starts: n, kept: 0, duplicates: 0, slow: 0, slowDuplicates: 0, tooFast: 0, lost: 0 };
    const { points, ready } = yield* descend(system, from, {
      step: (0.2 * spread) / Math.sqrt(D),
      distance: 0.05 * spread,
      maxIterations: options.maxIterations,
    });
    const isReady = new Set(ready);
    const order = [...ready];
    for (let k = 0; k < n; k++) if (!isReady.has(k)) order.push(k);
    for (const [done, k] of order.entries()) {
      const start = points.subarray(k * D, (k + 1) * D);
      if (known.recognises(start)) ledger.duplicates++;
      else if (!isReady.has(k) && slow.some((point) => apart(point.x, start) <= 0.05 * spread)) ledger.slowDuplicates++;
      else {
        const { x, q, status } = polish(system, start, residual);
        const speed = Math.sqrt(2 * q);
        if (status === "lost") ledger.lost++;
        else if (status === "fixed") known.add(x, q) ? ledger.kept++ : ledger.duplicates++;
        else if (!(speed <= slowFraction * referenceSpeed)) ledger.tooFast++;
        else if (slow.some((point) => apart(point.x, x) <= 0.05 * spread)) ledger.slowDuplicates++;
        else {
          slow.push({ x, q, speed, relativeSpeed: speed / referenceSpeed });
          ledger.slow++;
        }
        yield { phase: "polish", done: done + 1, total: n, found: known.points.length };
      }
    }
    return ledger;
  }

  function* lineariseNew(): Generator<Progress, void> {
    while (linearised.length < known.points.length) {
      const { x, q } = known.points[linearised.length];
      linearised.push(describe(system, x, q, { ...options, scale }));
      const [done, total] = [linearised.length, known.points.length];
      yield { phase: "linearise", done, total, found: total };
    }
  }

  const ledger = yield* search(starts);
  yield* lineariseNew();
  const rounds: StartLedger[] = [];
  // Degenerate points do not count as news: of a continuum of fixed points, every round finds more.
  for (let news = true; rounds.length < mostRounds && (news || missing()); ) {
    const before = linearised.length;
    const states = linearised.map((point) => point.x);
    const directions = linearised.map((point) => leadingDirections(point, D));
    rounds.push(yield* search(reseed(states, D, { starts, spread, random, directions })));
    yield* lineariseNew();
    news = linearised.slice(before).some((point) => point.degree !== 0);
    settled = !news;
  }

  function degreeSum(): number {
    return linearised.reduce((sum, point) => sum + point.degree, 0);
  }
  function missing(): boolean {
    return system.bounded && degreeSum() !== 1;
  }
  const found: Omit<FixedPoints, "summary"> = {
    kind: system.kind,
    points: linearised.sort((a, b) => a.indexUnstable - b.indexUnstable),
    slow: slow.sort((a, b) => a.q - b.q),
    ledger,
    rounds,
    degreeSum: degreeSum(),
    complete: !system.bounded ? "not required" : missing() ? "incomplete" : "consistent",
    status: settled ? "settled" : "not settled",
    referenceSpeed,
    tolerances: { residual, distance, slow: slowFraction },
    seed,
  };
  return { ...found, summary: summarise(found) };
}

/** All that is said of a fixed point. */
function describe(
  system: System,
  x: Float64Array,
  q: number,
  options: FixedPointOptions & { scale: number },
): FixedPoint {
  const D = system.dimension;
  const jacobian = system.jacobian(x);
  const point: FixedPoint = {
    x,
    residual: Math.sqrt(2 * q),
    q,
    degree: degreeAt(system, x, options.scale),
    ...linearise(jacobian, D, system.kind, { dt: options.dt }),
  };
  if (options.jacobians) point.jacobian = jacobian;
  return point;
}

/**
 * Sign of det(-DF) at a state; 0 where DF is singular to working precision, `1 / ‖DF⁻¹‖₁ ≤ 1e-7 scale`.
 * @param scale a usual size of ‖DF‖₁; default that at the state itself
 */
export function degreeAt(system: System, x: Float64Array, scale?: number): 1 | -1 | 0 {
  const D = system.dimension;
  const A = residualJacobian(system, x);
  const norm = scale ?? oneNorm(A, D, D);
  const pivots = new Int32Array(D);
  if (luFactor(A, D, pivots) === 0 || !(luReciprocalCondition(A, D, pivots, norm) > 1e-7)) return 0;
  const sign = luDeterminant(A, D, pivots).sign;
  return D % 2 === 0 ? (sign as 1 | -1) : (-sign as 1 | -1);
}

/** Unit vectors along up to three leading eigenvectors (real parts): unstable, or the slowest. */
function leadingDirections(point: FixedPoint, D: number): Float64Array[] {
  const directions: Float64Array[] = [];
  for (let k = 0; k < Math.min(3, D); k++) {
    const v = column(point.right.re, D, k);
    const length = norm2(v);
    if (length > 0) directions.push(v.map((value) => value / length));
  }
  return directions;
}

function apart(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

/** Root of the summed variances of states `[n, D]`; of a single state its norm, or √D at the origin. */
function spreadOf(states: Float64Array, D: number): number {
  const n = states.length / D;
  const mean = new Float64Array(D);
  for (let k = 0; k < states.length; k++) mean[k % D] += states[k] / n;
  let sum = 0;
  for (let k = 0; k < states.length; k++) sum += (states[k] - mean[k % D]) ** 2 / n;
  const size = norm2(mean);
  return Math.sqrt(sum) > 1e-9 * size ? Math.sqrt(sum) : size || Math.sqrt(D);
}

function medianSpeed(system: System, states: Float64Array): number {
  const D = system.dimension;
  const F = new Float64Array(states.length);
  evaluateResidual(system, states, F);
  const speeds = Float64Array.from({ length: states.length / D }, (_, k) => Math.sqrt(2 * halfSquare(F, k * D, D)));
  return speeds.sort()[speeds.length >> 1];
}

/** Largest ‖DF‖₁ at up to 16 of the states. */
function usualNorm(system: System, states: Float64Array): number {
  const D = system.dimension;
  const stride = Math.ceil(states.length / D / 16) * D;
  let largest = 0;
  for (let at = 0; at < states.length; at += stride)
    largest = Math.max(largest, oneNorm(residualJacobian(system, states.slice(at, at + D)), D, D));
  return largest;
}

function summarise(found: Omit<FixedPoints, "summary">): string {
  const { ledger, rounds, points, slow, degreeSum } = found;
  const total = (key: keyof StartLedger) => rounds.reduce((sum, round) => sum + round[key], 0);
  const singular = points.filter((point) => point.degree === 0).length;
  const parts = [
    `kept ${ledger.kept} of ${ledger.starts}, ${ledger.duplicates} duplicates, ${ledger.tooFast} too fast`,
  ];
  if (ledger.slow > 0) parts.push(`${ledger.slow} slow points (and ${ledger.slowDuplicates} duplicates of them)`);
  if (singular > 0) parts.push(`${singular} degenerate, counted as degree 0`);
  if (ledger.lost > 0) parts.push(`${ledger.lost} lost`);
  if (rounds.length > 0) {
    const word = rounds.length === 1 ? "round" : "rounds";
    parts.push(`${rounds.length} ${word} of reseeding with ${total("starts")} new starts added ${total("kept")}`);
  }
  const degree = `degree sum ${degreeSum > 0 ? "+" : ""}${degreeSum}`;
  const verdict = {
    consistent: `${degree}, consistent with a complete set`,
    incomplete: `${degree} instead of +1: at least one fixed point is missing${singular > 0 ? ", or a degenerate one has another degree than 0" : ""}`,
    "not required": `${degree} (no value is required: the drive is not known to be bounded)`,
  }[found.complete];
  const stable = points.filter((point) => point.stable).length;
  return `${points.length} fixed points (${stable} stable), ${slow.length} slow points: ${parts.join("; ")}; ${verdict}.`;
}
