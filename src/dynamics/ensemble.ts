/** Many trajectories of one system at once. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { System } from "../engine/system.ts";
import { type DriveOptions, drive, type Progress } from "./incremental.ts";

export interface EnsembleOptions {
  /** Time between samples: the step of a flow. A map makes one step per sample. */
  dt: number;
  /** Number of samples after the first. */
  steps: number;
  /** Standard default: Runge–Kutta 4 for a flow; `euler` for the step that a text trained with Euler makes. */
  method?: "euler" | "rk4";
}

/** Stages of a step as fractions of dt, each from the stage before, and the weights of their sum. */
const tableaux = {
  euler: { at: [], weights: [1] },
  rk4: { at: [1 / 2, 1 / 2, 1], weights: [1 / 6, 1 / 3, 1 / 3, 1 / 6] },
} as const;

/**
 * Trajectories from several states, without noise: `[start, steps + 1, D]`. What leaves the finite numbers is NaN from
 * there on.
 * @shape starts [n, D]
 * @throws NullclineError where `starts` does not hold whole states, or dt is not positive
 */
export function ensemble(
  system: System,
  starts: Float64Array,
  options: EnsembleOptions & DriveOptions,
): NDArray<Float64Array> {
  return drive(followEnsemble(system, starts, options), options);
}

/** `ensemble` step by step, for `drive` or `driveAsync`. */
export function* followEnsemble(
  system: System,
  starts: Float64Array,
  options: EnsembleOptions,
): Generator<Progress, NDArray<Float64Array>> {
  const { dt, steps, method = "rk4" } = options;
  const D = system.dimension;
  const n = starts.length / D;
  if (!Number.isInteger(n) || n === 0)
    throw new NullclineError({ code: "state", given: `${starts.length} numbers as starts`, expected: `rows of ${D}` });
  if (!(dt > 0)) throw new NullclineError({ code: "time", given: `dt = ${dt}`, expected: "a positive number" });
  const data = new Float64Array(n * (steps + 1) * D);
  const { at, weights } = tableaux[method];
  let x = starts.slice();
  const k = new Float64Array(x.length);
  const stage = new Float64Array(x.length);
  for (let t = 0; ; t++) {
    for (let i = 0; i < n; i++) data.set(x.subarray(i * D, (i + 1) * D), (i * (steps + 1) + t) * D);
    if (t === steps) break;
    const next = x.slice();
    system.evaluate(x, k);
    if (system.kind === "map") next.set(k);
    else
      weights.forEach((w, s) => {
        for (let j = 0; j < x.length; j++) next[j] += dt * w * k[j];
        if (s === at.length) return;
        for (let j = 0; j < x.length; j++) stage[j] = x[j] + dt * at[s]! * k[j];
        system.evaluate(stage, k);
      });
    for (let i = 0; i < n; i++) {
      const row = next.subarray(i * D, (i + 1) * D);
      if (!row.every(Number.isFinite)) row.fill(Number.NaN);
    }
    x = next;
    yield { phase: "follow", done: t + 1, total: steps, found: 0 };
  }
  return { data, shape: [n, steps + 1, D] };
}
