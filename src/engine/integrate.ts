/** Trajectories of a System from given states: fixed-step Euler, Heun, Runge–Kutta 4, and an adaptive pair. */
import { NullclineError } from "../base/errors.ts";
import type { Integrator } from "../equations/network.ts";
import type { System } from "./system.ts";

export interface IntegrateOptions {
  /** Time between the samples that are kept; the step of the fixed-step methods. A map makes one step per sample. */
  dt: number;
  /** Number of samples after the first. */
  steps: number;
  /** Default `rk4`. Ignored for maps. */
  method?: Integrator;
  /** Of `adaptive`: error allowed per step, relative and absolute; default 1e-8. */
  tolerance?: number;
}

export interface Trajectory {
  /** `[steps + 1]`, in the system's unit of time (map: counted in dt). */
  times: Float64Array;
  /** `[steps + 1, D]`. */
  states: Float64Array;
  /** `diverged`: a state did not stay finite; the rest of the samples is NaN. */
  status: "done" | "diverged";
  method: Integrator | "map";
  /** Evaluations of the right-hand side, and rejected steps of `adaptive`. */
  evaluations: number;
  rejected: number;
}

type Field = (x: Float64Array) => Float64Array;

/** Weights of the fixed-step methods: stages as fractions of the step, each from the stage before, and the final sum. */
const tableaux = {
  euler: { at: [], weights: [1] },
  heun: { at: [1], weights: [1 / 2, 1 / 2] },
  rk4: { at: [1 / 2, 1 / 2, 1], weights: [1 / 6, 1 / 3, 1 / 3, 1 / 6] },
} as const;

/**
 * A trajectory of `steps` samples from `start`, its first sample.
 * @throws NullclineError where the start has not the system's dimension or dt is not positive.
 */
export function integrate(system: System, start: ArrayLike<number>, options: IntegrateOptions): Trajectory {
  const { dt, steps, method = "rk4", tolerance = 1e-8 } = options;
  const D = system.dimension;
  if (start.length !== D)
    throw new NullclineError({
      code: "state",
      given: `a start of ${start.length} values`,
      expected: `${D}: ${system.coordinates.slice(0, 4).join(", ")}${D > 4 ? ", …" : ""}`,
    });
  if (!(dt > 0) || !Number.isInteger(steps) || steps < 0)
    throw new NullclineError({
      code: "time",
      given: `dt = ${dt}, ${steps} steps`,
      expected: "a positive dt and a whole number of steps",
    });
  const states = new Float64Array((steps + 1) * D).fill(Number.NaN);
  const trajectory: Trajectory = {
    times: Float64Array.from({ length: steps + 1 }, (_, k) => k * dt),
    states,
    status: "done",
    method: system.kind === "map" ? "map" : method,
    evaluations: 0,
    rejected: 0,
  };
  const field: Field = (x) => {
    const out = new Float64Array(D);
    system.evaluate(x, out);
    trajectory.evaluations++;
    return out;
  };
  const adaptive =
    system.kind === "flow" && method === "adaptive" ? dormandPrince(field, D, dt, tolerance, trajectory) : undefined;
  let x: Float64Array = Float64Array.from(start);
  states.set(x);
  for (let k = 1; k <= steps; k++) {
    x =
      system.kind === "map"
        ? field(x)
        : adaptive
          ? adaptive(x)
          : fixed(field, x, dt, tableaux[method as keyof typeof tableaux]);
    if (x.some((v) => !Number.isFinite(v))) {
      trajectory.status = "diverged";
      break;
    }
    states.set(x, k * D);
  }
  return trajectory;
}

function fixed(
  field: Field,
  x: Float64Array,
  dt: number,
  { at, weights }: { at: readonly number[]; weights: readonly number[] },
): Float64Array<ArrayBuffer> {
  const next = Float64Array.from(x);
  let k = field(x);
  weights.forEach((w, i) => {
    for (let j = 0; j < x.length; j++) next[j]! += dt * w * k[j]!;
    if (i < at.length) k = field(x.map((v, j) => v + dt * at[i]! * k[j]!));
  });
  return next;
}

/** Dormand & Prince 1980, J. Comput. Appl. Math. 6, 19–26: order 5, error estimate of order 4, last stage reused. */
const nodes = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Goes over one sample interval in as many steps as the tolerance needs; the step size is kept from call to call. */
function dormandPrince(field: Field, D: number, interval: number, tolerance: number, count: Trajectory) {
  let h = interval;
  let first: Float64Array | undefined;
  return (start: Float64Array): Float64Array<ArrayBuffer> => {
    let x = Float64Array.from(start);
    let t = 0;
    first ??= field(x);
    while (t < interval * (1 - 1e-14)) {
      const step = Math.min(h, interval - t);
      const k: Float64Array[] = [first];
      let y = x;
      for (const row of nodes) {
        y = x.map((v, j) => v + step * row.reduce((s, a, i) => s + a * k[i]![j]!, 0));
        k.push(field(y));
      }
      let error = 0;
      for (let j = 0; j < D; j++) {
        const e = step * errorWeights.reduce((s, w, i) => s + w * k[i]![j]!, 0);
        error += (e / (tolerance * (1 + Math.max(Math.abs(x[j]!), Math.abs(y[j]!))))) ** 2;
      }
      error = Math.sqrt(error / D);
      if (Number.isNaN(error)) return x.fill(Number.NaN);
      const factor = Math.min(5, Math.max(0.2, 0.9 * error ** (-1 / 5)));
      if (error <= 1) {
        t += step;
        x = Float64Array.from(y);
        first = k[6]!;
        // A step cut short by the end of the interval says little about the next.
        if (step === h || factor < 1) h = step * factor;
      } else {
        count.rejected++;
        h = step * factor;
        if (h < 1e-14 * interval) return x.fill(Number.NaN);
      }
    }
    return x;
  };
}
