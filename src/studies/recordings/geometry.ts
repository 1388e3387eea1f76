/** The geometry of data and model by the same analyses: principal components, rotations, tangling. */
import {
  conditionAverage,
  type Jpca,
  jpca,
  type NDArray,
  NullclineError,
  type Pca,
  participationRatio,
  pca,
  project,
  quantile,
  type Recording,
  selectTime,
  selectTrials,
  tangling,
  timesOf,
} from "../../index.ts";
import { stretch } from "./words.ts";

export interface Rotation {
  window: string;
  data: Jpca;
  model: Jpca;
  remove: "mean" | "condition-independent";
}

export interface Tangled {
  window: string;
  components: number;
  /** `[condition, time]`, per s². */
  data: Float64Array;
  model: Float64Array;
  /** How many trials were looked at. */
  trials: number;
}

export interface Geometry {
  /** What is compared: averages over the trials of each condition where there are several, else trials. */
  data: NDArray<Float64Array>;
  model: NDArray<Float64Array>;
  conditions: boolean;
  pca: { data: Pca; model: Pca };
  /** The model's scores on the data's components, and the share of its variance that the first ten of them hold. */
  onData: NDArray<Float64Array>;
  shared: number;
  participation: { data: number; model: number };
  rotations: Rotation[];
  tangled: Tangled[];
  /** What could not be computed, and why. */
  missing: string[];
  numbers: Record<string, unknown>;
}

export interface Window {
  from: number;
  to: number;
  ends?: "included" | "excluded";
}

/** Points beyond which tangling, whose cost is their square, takes a part of the trials. */
const mostPoints = 6000;

/**
 * @param model free runs of the fitted network, as the recording's activity
 * @param windows for jPCA and for tangling; default the whole of each trial
 */
export function compare(
  recording: Recording,
  model: NDArray<Float64Array>,
  options: { aligned: boolean; rotation?: Window[]; tangling?: Window[] },
): Geometry {
  const { activity, conditions, dt, unit } = recording;
  const { aligned } = options;
  const missing: string[] = [];
  const { condition } = conditions;
  const repeated = condition !== undefined && new Set(condition).size < condition.length;
  const averaged = (a: NDArray): NDArray<Float64Array> =>
    repeated
      ? conditionAverage(a, { condition: condition! }).activity
      : { data: Float64Array.from(a.data), shape: a.shape };
  const [data, fit] = [averaged(activity), averaged(model)];
  if (!condition)
    missing.push(
      aligned
        ? "averages over the trials of a condition: the file does not say which trials belong together (--axes with condition); single trials are compared"
        : "averages over trials: there are no trials, only windows of one recording",
    );
  const both = { data: pca(data), model: pca(fit) };
  const onData = project(both.data, fit);
  const kept = Math.min(10, both.data.components.shape[0]!);
  const shared = shareIn(onData, kept) / totalOf(both.model);

  const times = timesOf(recording);
  const whole: Window = { from: times[0], to: times[times.length - 1] };
  const rotations: Rotation[] = [];
  const remove = aligned && data.shape[0]! > 1 ? "condition-independent" : "mean";
  if (remove === "mean")
    missing.push(
      `the mean across conditions, which jPCA removes at each time: ${aligned ? "there is one condition" : "windows begin anywhere, so their times do not correspond"}; each neuron's mean is removed instead`,
    );
  const tangled: Tangled[] = [];
  const attempt = (what: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof NullclineError)) throw error;
      missing.push(`${what}: ${error.message}`);
    }
  };
  for (const w of options.rotation ?? [whole])
    attempt("jPCA", () => {
      const [d, m] = [data, fit].map((a) => selectTime(a, times, [w.from, w.to], { ends: w.ends }).activity);
      const components = Math.min(
        6,
        2 * Math.floor(dimensions(d!, remove) / 2),
        2 * Math.floor(dimensions(m!, remove) / 2),
      );
      const settings = { dt, components, remove } as const;
      rotations.push({
        window: stretch(w.from, w.to, unit),
        data: jpca(d!, settings),
        model: jpca(m!, settings),
        remove,
      });
    });
  for (const w of options.tangling ?? [whole])
    attempt("tangling", () => {
      const every = Math.ceil((data.shape[0]! * data.shape[1]!) / mostPoints);
      const trials = Array.from({ length: Math.ceil(data.shape[0]! / every) }, (_, k) => k * every);
      const [d, m] = [data, fit].map(
        (a) => selectTime(selectTrials(a, trials), times, [w.from, w.to], { ends: w.ends }).activity,
      );
      const components = Math.min(8, dimensions(d!, "mean"), dimensions(m!, "mean"));
      const q = (a: NDArray): Float64Array => tangling(pca(a, { components }).scores, { dt: dt / 1000 }).q.data;
      tangled.push({
        window: stretch(w.from, w.to, unit),
        components,
        data: q(d!),
        model: q(m!),
        trials: trials.length,
      });
    });
  const participation = {
    data: participationRatio(both.data.variance),
    model: participationRatio(both.model.variance),
  };
  return {
    data,
    model: fit,
    conditions: condition !== undefined,
    pca: both,
    onData,
    shared,
    participation,
    rotations,
    tangled,
    missing,
    numbers: {
      participation,
      sharedVariance: shared,
      explained: { data: [...both.data.explained.slice(0, 10)], model: [...both.model.explained.slice(0, 10)] },
      jpca: rotations.map(({ window, data: d, model: m }) => ({
        window,
        data: rotationNumbers(d),
        model: rotationNumbers(m),
      })),
      tangling: tangled.map((t) => ({
        window: t.window,
        components: t.components,
        data: quantiles(t.data),
        model: quantiles(t.model),
      })),
    },
  };
}

export const quantiles = (q: Float64Array): { median: number; p90: number; maximum: number } => ({
  median: quantile(q, 0.5),
  p90: quantile(q, 0.9),
  maximum: quantile(q, 1),
});

const rotationNumbers = ({ r2, r2Skew, ratio, planes }: Jpca): Record<string, unknown> => ({
  r2,
  r2Skew,
  ratio,
  frequencies: planes.map((p) => p.frequency),
});

/** Dimensions of activity beyond rounding. */
function dimensions(activity: NDArray, remove: "mean" | "condition-independent"): number {
  const { variance } = pca(activity, { remove });
  return variance.filter((v) => v > 1e-12 * variance[0]).length;
}

const totalOf = ({ variance }: Pca): number => variance.reduce((a, b) => a + b, 0);

/** Variance of scores along the first `kept` components. */
function shareIn({ data, shape }: NDArray<Float64Array>, kept: number): number {
  const k = shape[2]!;
  const rows = data.length / k;
  let total = 0;
  for (let c = 0; c < kept; c++) {
    let [sum, squares] = [0, 0];
    for (let at = c; at < data.length; at += k) {
      sum += data[at];
      squares += data[at] ** 2;
    }
    total += squares / rows - (sum / rows) ** 2;
  }
  return total;
}
