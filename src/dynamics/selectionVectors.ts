/**
 * Selection vectors: which input a line attractor integrates.
 *
 * At a point of the line, with the integrating mode's right eigenvector ρ (unit length, along the line) and left
 * eigenvector s scaled so that `s · ρ = 1`, a brief pulse of input along b moves the state by b; the other modes decay
 * and `ρ (s · b)` remains. An input is selected where s is aligned with its column of the input Jacobian.
 *
 * @source Mante, Sussillo, Shenoy & Newsome 2013, Nature 503:78, figure 6 and supplement
 */
import { NullclineError } from "../base/errors.ts";
import { dot, norm2 } from "../engine/linalg/matrix.ts";
import type { System } from "../engine/system.ts";
import { pointsWithin } from "./lineAttractor.ts";
import { column } from "./linearise.ts";
import type { ManifoldPoint, SlowManifold } from "./slowManifold.ts";

/** One input channel: the input's name (default `u`) and the column. */
export interface InputChannel {
  input?: string;
  channel: number;
}

export interface SelectionOptions {
  /** The inputs to compare, by any name, e.g. `{ motion: { channel: 0 }, color: { channel: 1 } }`. */
  inputs: Record<string, InputChannel>;
  /** Which of them is relevant in this context, and which is not; for `ratio`. */
  relevant?: string;
  irrelevant?: string;
  /** Largest |readout| of the points taken, default 0.6. */
  limit?: number;
}

export interface SelectionPoint {
  readout: number;
  /** `[D]`, `s · ρ = 1` for the unit vector ρ along the mode, both oriented towards higher readouts. */
  selection: Float64Array;
  mode: Float64Array;
  /** |cos| between s and each input's column. */
  cosines: Record<string, number>;
  /** `s · b`: displacement along ρ that remains of a unit pulse of the input. */
  effects: Record<string, number>;
}

export interface SelectionVectors {
  limit: number;
  /** Without the points where the integrating mode is one of a complex pair and has no single left eigenvector. */
  points: SelectionPoint[];
  /** How many points were left out for that reason. */
  oscillating: number;
  /** |cos| averaged over the points, by input; NaN where no point is left. */
  mean: Record<string, number>;
  effect: Record<string, number>;
  /** Unit vector along the average of the points' unit selection vectors. */
  meanSelection: Float64Array;
  /** `mean[relevant] / mean[irrelevant]`, where both are named. */
  ratio?: number;
}

/**
 * Selection vectors along a slow manifold and their |cos| with input columns.
 * @throws NullclineError where an input's channel does not exist or `relevant` is not one of the inputs
 */
export function selectionVectors(system: System, manifold: SlowManifold, options: SelectionOptions): SelectionVectors {
  const { inputs, relevant, irrelevant, limit = 0.6 } = options;
  for (const name of [relevant, irrelevant])
    if (name !== undefined && !(name in inputs))
      throw new NullclineError({
        code: "input",
        given: `input "${name}"`,
        expected: `one of ${Object.keys(inputs).join(", ")}`,
      });
  const near = pointsWithin(manifold, limit);
  const points = near
    .filter((point) => point.modes.partner[point.integrating] < 0)
    .map((point) => select(system, point, inputs));
  const names = Object.keys(inputs);
  const average = (pick: (point: SelectionPoint) => Record<string, number>) =>
    Object.fromEntries(
      names.map((name) => [name, points.reduce((sum, point) => sum + pick(point)[name], 0) / points.length]),
    );
  const mean = average((point) => point.cosines);
  const total = new Float64Array(system.dimension);
  for (const { selection } of points) {
    const length = norm2(selection);
    for (let i = 0; i < total.length; i++) total[i] += selection[i] / length;
  }
  const length = norm2(total);
  const result: SelectionVectors = {
    limit,
    points,
    oscillating: near.length - points.length,
    mean,
    effect: average((point) => point.effects),
    meanSelection: total.map((value) => value / length),
  };
  if (relevant !== undefined && irrelevant !== undefined) result.ratio = mean[relevant] / mean[irrelevant];
  return result;
}

function select(system: System, point: ManifoldPoint, inputs: Record<string, InputChannel>): SelectionPoint {
  const D = system.dimension;
  const { modes, integrating, tangent } = point;
  const mode = column(modes.right.re, D, integrating);
  const selection = column(modes.left.re, D, integrating);
  const length = norm2(mode) * Math.sign(dot(mode, tangent) || 1);
  for (let i = 0; i < D; i++) mode[i] /= length;
  const product = dot(selection, mode);
  for (let i = 0; i < D; i++) selection[i] /= product;
  const cosines: Record<string, number> = {};
  const effects: Record<string, number> = {};
  for (const [name, { input = "u", channel }] of Object.entries(inputs)) {
    const B = system.inputJacobian(point.x, input);
    const width = B.length / D;
    if (!(channel >= 0 && channel < width))
      throw new NullclineError({
        code: "input",
        given: `channel ${channel} of input "${input}"`,
        expected: `one of 0 to ${width - 1}`,
      });
    const b = Float64Array.from({ length: D }, (_, i) => B[i * width + channel]);
    effects[name] = dot(selection, b);
    cosines[name] = Math.abs(effects[name]) / (norm2(selection) * norm2(b));
  }
  return { readout: point.readout, selection, mode, cosines, effects };
}
