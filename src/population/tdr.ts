/**
 * Targeted dimensionality reduction: the directions of a population that carry task variables.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { multiply, multiplyABt } from "../engine/linalg/matrix.ts";
import { orthonormaliseRows } from "../engine/linalg/qr.ts";
import { extent, selectTrials } from "./activity.ts";
import { removeConditionIndependent } from "./conditionAverage.ts";
import { pca } from "./pca.ts";
import { bin, smooth } from "./smoothing.ts";
import { zscore } from "./standardise.ts";
import { regressOnTask } from "./tdrRegression.ts";
import { averageSessions, completeTrials, relativeToPreference, type TdrSession } from "./tdrSessions.ts";

export type { TdrSession } from "./tdrSessions.ts";

export interface TdrOptions {
  /** The variables that get an axis, in the order of orthogonalisation: the first axis is its regression vector. */
  variables: readonly string[];
  /** Time between samples, in ms. */
  dt: number;
  /** Time of the first sample, default 0. */
  start?: number;
  /** Width of the bins that trials are averaged in first, a multiple of dt; default dt. */
  binWidth?: number;
  /** Pairs of variables whose products are regressors too, or `"all"` pairs; default none. */
  interactions?: "all" | readonly (readonly [string, string])[];
  /**
   * Name of a condition that is 1 in correct trials. Averages are then split by it as well, and components found in
   * those of correct trials only. Regression uses all trials: errors tell choice from evidence.
   */
  correct?: string;
  /** Standard deviation in ms of the Gaussian that smooths condition averages; default 40. */
  smoothing?: number;
  /** The same for regression coefficients; default as `smoothing`. */
  coefficientSmoothing?: number;
  /** See `zscore`; default 0. */
  soften?: number;
  /** Principal components that denoise the coefficients, default 12 (or all units, where these are fewer). */
  components?: number;
  /** Whether the mean is removed before the components are found, default true. */
  removeMean?: boolean;
  /**
   * Which part of a variable's coefficients makes its vector: their mean over a window `[from, to]` in ms, both ends
   * included. Variables not named: the time at which the vector is longest.
   */
  windows?: Record<string, readonly [number, number]>;
  /** Signs of the variables `flip` relative to the sign of `by` that each unit prefers; default no. */
  preferred?: { by: string; flip: readonly string[] };
}

export interface Tdr {
  variables: readonly string[];
  /** Centres of the bins, in ms. */
  times: Float64Array;
  regressors: string[];
  /** Coefficients `[regressor, time, unit]` of z-scored trials, as regressed, */
  beta: NDArray<Float64Array>;
  /** and projected on the principal components and smoothed. */
  denoised: NDArray<Float64Array>;
  /** Euclidean length over units of the denoised ones, `[regressor, time]`. */
  norms: NDArray<Float64Array>;
  /** Regression vectors `[variable, unit]`, and the time or window each was taken from. */
  vectors: NDArray<Float64Array>;
  windows: [number, number][];
  /** Orthonormal axes `[variable, unit]`: each the part of its vector that is orthogonal to earlier ones. */
  axes: NDArray<Float64Array>;
  /** Length of that part as a fraction of the vector's: near 0, an axis says little about its variable. */
  remaining: Float64Array;
  /** z-scored, smoothed condition averages `[cell, time, unit]` and what makes their cells. */
  averages: NDArray<Float64Array>;
  conditions: Record<string, Float64Array>;
  /** Trials in each cell; the least over sessions. */
  counts: Float64Array;
  /** Cells of the first session that another session lacks. */
  droppedCells: number;
  /** Averages, less their condition-independent part, on the axes: `[cell, time, variable]`. */
  projections: NDArray<Float64Array>;
  /** Fraction of the variance of those averages over cells and times along each axis. */
  explained: Float64Array;
  /** Fraction of the condition averages' variance in each principal component. */
  componentsExplained: Float64Array;
}

/** Options of the toolbox of Mante & Sussillo, without dt: name the variables as there, times in ms from dots onset. */
export const manteOptions = {
  variables: ["choice", "motion", "color", "context"],
  interactions: [
    ["choice", "context"],
    ["motion", "context"],
    ["color", "context"],
  ],
  binWidth: 50,
  windows: { choice: [600, 900], motion: [250, 450], color: [350, 550], context: [100, 900] },
} as const satisfies Partial<TdrOptions>;

/** What pycog does instead (Song, Yang & Wang 2016): the time of greatest length, all interactions, preferred targets. */
export const pycogOptions = {
  variables: ["choice", "motion", "color", "context"],
  interactions: "all",
  binWidth: 50,
  smoothing: 50,
  coefficientSmoothing: 0,
  removeMean: false,
  preferred: { by: "choice", flip: ["choice", "motion", "color"] },
} as const satisfies Partial<TdrOptions>;

/**
 * Targeted dimensionality reduction, of one population or of units recorded in several sessions.
 *
 * Trials are binned; averaged by condition, smoothed and z-scored; single trials z-scored on their own and regressed on
 * the task variables at each time; coefficients projected on the principal components of the averages and smoothed;
 * one vector made for each variable; the vectors orthogonalised in order (QR, sign as the vector's); and the averages
 * projected on the axes, less what all conditions share. To draw them by fewer variables:
 * `conditionAverage(result.projections, result.conditions, { variables })`.
 * @throws NullclineError where variables are missing, do not vary or cannot be told apart, or a window is empty
 * @source Mante, Sussillo, Shenoy & Newsome 2013, Nature 503, 78–84, supplement 6
 */
export function tdr(data: TdrSession | readonly TdrSession[], options: TdrOptions): Tdr {
  const { variables, dt, start = 0, binWidth = dt, correct, preferred } = options;
  const { smoothing = 40, coefficientSmoothing = smoothing, soften = 0, components = 12, removeMean = true } = options;
  const needed = [...new Set([...variables, ...(correct ? [correct] : []), ...(preferred ? [preferred.by] : [])])];
  const sessions = ("activity" in data ? [data] : data)
    .map(({ activity, conditions }) =>
      completeTrials({ activity: bin(activity, { width: binWidth, dt, how: "mean" }), conditions }, needed),
    )
    .flatMap((session) => (preferred ? relativeToPreference(session, preferred.by, preferred.flip) : [session]));
  const samples = commonSamples(sessions);
  const times = Float64Array.from({ length: samples }, (_, t) => start + t * binWidth + (binWidth - dt) / 2);

  const cells = averageSessions(sessions, correct ? [...variables, correct] : variables);
  const averages = zscore(smooth(cells.activity, { width: smoothing, dt: binWidth }), { soften }).activity;
  const units = averages.shape[2];

  const interactions = options.interactions === "all" ? pairs(variables) : options.interactions;
  const fits = sessions.map(({ activity, conditions }) =>
    regressOnTask(zscore(activity, { soften }).activity, conditions, variables, interactions),
  );
  const { regressors } = fits[0];
  const beta = besideEachOther(fits.map((fit) => fit.beta));

  const chosen = correct ? indicesOf(cells.conditions[correct], 1) : Array.from(cells.counts.keys());
  if (chosen.length === 0)
    throw new NullclineError({
      code: "trials",
      given: `no cell in which \`${correct}\` is 1`,
      expected: "correct trials, to find components in",
    });
  const base = pca(selectTrials(averages, chosen), {
    components: Math.min(components, units, chosen.length * samples),
    remove: removeMean ? "mean" : "none",
  });
  const k = base.components.shape[0];
  const rows = regressors.length * samples;
  const reduced = multiplyABt(beta.data, base.components.data, rows, units, k);
  const denoised = smooth(
    { data: multiply(reduced, base.components.data, rows, k, units), shape: beta.shape },
    { width: coefficientSmoothing, dt: binWidth },
  );
  const norms = lengths(denoised);

  const { vectors, windows } = regressionVectors(denoised, norms, times, variables, options.windows ?? {});
  const axes: NDArray<Float64Array> = { data: vectors.data.slice(), shape: [...vectors.shape] };
  const left = orthonormaliseRows(axes.data, variables.length, units);
  const remaining = left.map((length, v) => length / Math.hypot(...vectors.data.subarray(v * units, (v + 1) * units)));

  const deviations = removeConditionIndependent(averages);
  const points = averages.shape[0] * samples;
  const projections = multiplyABt(deviations.data, axes.data, points, units, variables.length);
  const total = deviations.data.reduce((sum, x) => sum + x * x, 0);
  const explained = new Float64Array(variables.length);
  projections.forEach((x, i) => {
    explained[i % variables.length] += (x * x) / total;
  });
  return {
    variables,
    times,
    regressors,
    beta,
    denoised,
    norms,
    vectors,
    windows,
    axes,
    remaining,
    averages,
    conditions: cells.conditions,
    counts: cells.counts,
    droppedCells: cells.droppedCells,
    projections: { data: projections, shape: [averages.shape[0], samples, variables.length] },
    explained,
    componentsExplained: base.explained,
  };
}

function regressionVectors(
  denoised: NDArray<Float64Array>,
  norms: NDArray<Float64Array>,
  times: Float64Array,
  variables: readonly string[],
  asked: Record<string, readonly [number, number]>,
): { vectors: NDArray<Float64Array>; windows: [number, number][] } {
  const [, samples, units] = denoised.shape;
  const vectors = zeros(variables.length, units);
  const windows = variables.map((name, v): [number, number] => {
    const regressor = v + 1; // after the constant
    const window = asked[name];
    const kept = Array.from(times.keys()).filter((t) =>
      window
        ? times[t] >= window[0] - 1e-9 && times[t] <= window[1] + 1e-9
        : t === longest(norms.data.subarray(regressor * samples, (regressor + 1) * samples)),
    );
    if (kept.length === 0)
      throw new NullclineError({
        code: "window",
        given: `the window ${window.join(" to ")} ms of \`${name}\``,
        expected: `a part of ${times[0]} to ${times[samples - 1]} ms`,
      });
    for (const t of kept)
      for (let unit = 0; unit < units; unit++)
        vectors.data[v * units + unit] += denoised.data[(regressor * samples + t) * units + unit] / kept.length;
    return window ? [window[0], window[1]] : [times[kept[0]], times[kept[0]]];
  });
  return { vectors, windows };
}

function commonSamples(sessions: readonly TdrSession[]): number {
  const all = sessions.map(({ activity }) => extent(activity).samples);
  if (all.length === 0 || all.some((samples) => samples !== all[0]))
    throw new NullclineError({
      code: "shape",
      given: all.length === 0 ? "no session" : `sessions of ${all.join(", ")} samples`,
      expected: "one or more, all of one length",
    });
  return all[0];
}

/** `[a, time, unit]` of several sets of units as one. */
function besideEachOther(parts: readonly NDArray<Float64Array>[]): NDArray<Float64Array> {
  const [first, samples] = parts[0].shape;
  const units = parts.reduce((sum, { shape }) => sum + shape[2], 0);
  const all = zeros(first, samples, units);
  let at = 0;
  for (const { data, shape } of parts) {
    for (let row = 0; row < first * samples; row++)
      all.data.set(data.subarray(row * shape[2], (row + 1) * shape[2]), row * units + at);
    at += shape[2];
  }
  return all;
}

function lengths({ data, shape }: NDArray<Float64Array>): NDArray<Float64Array> {
  const [first, samples, units] = shape;
  const out = zeros(first, samples);
  data.forEach((x, i) => {
    out.data[Math.floor(i / units)] += x * x;
  });
  return { data: out.data.map(Math.sqrt), shape: out.shape };
}

function pairs(names: readonly string[]): [string, string][] {
  return names.flatMap((a, i) => names.slice(i + 1).map((b): [string, string] => [a, b]));
}

function longest(values: Float64Array): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

function indicesOf(values: Float64Array, wanted: number): number[] {
  return Array.from(values.keys()).filter((i) => values[i] === wanted);
}
