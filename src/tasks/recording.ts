/**
 * A recording: measured activity as trials, with what was done to it on the way.
 */
import { type NDArray, sizeOf } from "../base/arrays.ts";
import { parseDuration } from "../base/durations.ts";
import { closest, NullclineError } from "../base/errors.ts";
import { bin, gaussianSmooth } from "../base/signal.ts";

export interface Recording {
  name: string;
  /** `[trial, time, neuron]`, finite. */
  activity: NDArray<Float64Array>;
  /** Time between samples and time of the first one, in `unit`. */
  dt: number;
  start: number;
  unit: string;
  /** What was given to the network or measured beside it, `[trial, time, channel]`; no channels where there is nothing. */
  inputs: NDArray<Float64Array>;
  /** One value per trial. */
  conditions: Record<string, Float64Array>;
  /** Where each trial comes from: the trial of the array as it was read, and the time there of its first sample. */
  origin: { trial: number; time: number }[];
  /** Standard deviation of the smoothing so far, in `unit`: held-out blocks must stand clear of it. */
  smoothing: number;
  /** What was done, in order, one sentence each. */
  history: string[];
}

export interface RecordingOptions {
  /** What the axes of the array are, e.g. `time,neuron,trial`: `time` and `neuron`, and where there are several `trial` and `condition`. */
  axes: string;
  /** Time between samples, `10ms` or a number in `unit`. */
  dt: string | number;
  /** Time of the first sample. Default 0. */
  start?: string | number;
  /** Unit of time in the result. Default `ms`. */
  unit?: string;
  name?: string;
  /** Values of condition variables, one per trial (per condition and trial, conditions outermost, where both axes are there). */
  conditions?: Record<string, ArrayLike<number>>;
  /** Inputs with their own axes, of which `channel` takes the place of `neuron`. */
  inputs?: { array: NDArray; axes: string };
}

const synonyms: Record<string, string> = { unit: "neuron", channel: "neuron", cell: "neuron", sample: "time" };

/**
 * Makes a recording of an array: brings its axes into the order `[trial, time, neuron]`. A missing trial axis is one
 * trial. Trials of a `condition` axis carry its index as the condition variable `condition`.
 * @throws NullclineError where the axes do not fit the array, a value is not finite, dt is not positive, or conditions
 * or inputs are of other trials
 */
export function recordingFrom(array: NDArray, options: RecordingOptions): Recording {
  const { name = "recording", unit = "ms" } = options;
  const dt = parseDuration(options.dt, unit);
  if (!(dt > 0)) throw new NullclineError({ code: "dt", given: `dt ${options.dt}`, expected: "a time above 0" });
  const start = parseDuration(options.start ?? 0, unit);
  const { activity, trials, conditions: count } = arrange(array, options.axes, name);
  const total = activity.shape[0]!;
  const samples = activity.shape[1]!;

  const conditions: Record<string, Float64Array> = {};
  if (count !== undefined)
    conditions.condition = Float64Array.from({ length: total }, (_, k) => Math.floor(k / trials));
  for (const [variable, values] of Object.entries(options.conditions ?? {})) {
    if (values.length !== total)
      throw new NullclineError({
        code: "shape",
        given: `${values.length} values of the condition \`${variable}\``,
        expected: `${total}, one for each trial of \`${name}\``,
      });
    conditions[variable] = Float64Array.from(values);
  }
  const inputs = options.inputs
    ? arrange(options.inputs.array, options.inputs.axes, `the inputs of ${name}`).activity
    : { data: new Float64Array(0), shape: [total, samples, 0] };
  if (inputs.shape[0] !== total || inputs.shape[1] !== samples)
    throw new NullclineError({
      code: "shape",
      given: `inputs of ${inputs.shape[0]} trials × ${inputs.shape[1]} samples`,
      expected: `${total} trials × ${samples} samples, as the activity`,
    });
  return {
    name,
    activity,
    dt,
    start,
    unit,
    inputs,
    conditions,
    origin: Array.from({ length: total }, (_, trial) => ({ trial, time: start })),
    smoothing: 0,
    history: [`${total} trials × ${samples} samples of ${dt} ${unit} × ${activity.shape[2]} neurons`],
  };
}

/** Any order of axes → `[condition × trial, time, neuron]`. */
function arrange(array: NDArray, axes: string, name: string) {
  const names = axes.split(",").map((axis) => {
    const word = axis.trim().toLowerCase().replace(/s$/, "");
    return synonyms[word] ?? word;
  });
  const known = ["condition", "trial", "time", "neuron"];
  for (const [k, axis] of names.entries()) {
    const problem = !known.includes(axis)
      ? "unknown axis"
      : names.indexOf(axis) !== k
        ? "axis named twice:"
        : undefined;
    if (problem) {
      const meant = closest(axis, known);
      throw new NullclineError({
        code: "axes",
        given: `${problem} \`${axis}\` in \`${axes}\``,
        expected: "time and neuron, and possibly trial and condition",
        remedy: problem === "unknown axis" && meant ? `did you mean \`${meant}\`?` : undefined,
      });
    }
  }
  const { data, shape } = array;
  if (names.length !== shape.length || !names.includes("time") || !names.includes("neuron"))
    throw new NullclineError({
      code: "axes",
      given: `axes \`${axes}\` for \`${name}\` of shape [${shape.join(", ")}]`,
      expected: `${shape.length} names, of which one is time and one is neuron`,
    });
  if (data.length !== sizeOf(shape) || data.length === 0)
    throw new NullclineError({
      code: "shape",
      given: `\`${name}\` of shape [${shape.join(", ")}] with ${data.length} entries`,
      expected: "as many entries as the shape says, and not none",
    });
  let bad = 0;
  for (const x of data) if (!Number.isFinite(x)) bad++;
  if (bad > 0)
    throw new NullclineError({
      code: "finite",
      given: `\`${name}\` has ${bad} entries that are not finite`,
      expected: "finite numbers",
      remedy: "leave out the trials or neurons that have them",
    });
  const strides = shape.map((_, k) => sizeOf(shape.slice(k + 1)));
  const [conditions, trials, time, neurons] = known.map((axis) => {
    const k = names.indexOf(axis);
    return k < 0 ? { length: 1, stride: 0 } : { length: shape[k]!, stride: strides[k]! };
  }) as [Axis, Axis, Axis, Axis];
  const out = new Float64Array(data.length);
  let at = 0;
  for (let c = 0; c < conditions.length; c++)
    for (let k = 0; k < trials.length; k++)
      for (let t = 0; t < time.length; t++)
        for (let i = 0; i < neurons.length; i++)
          out[at++] = data[c * conditions.stride + k * trials.stride + t * time.stride + i * neurons.stride]!;
  return {
    activity: { data: out, shape: [conditions.length * trials.length, time.length, neurons.length] },
    trials: trials.length,
    conditions: names.includes("condition") ? conditions.length : undefined,
  };
}
type Axis = { length: number; stride: number };

/** The time of each sample. */
export function timesOf({ activity, start, dt }: Recording): Float64Array {
  return Float64Array.from({ length: activity.shape[1]! }, (_, t) => start + t * dt);
}

/**
 * Puts samples together to bins of `width`: activity is summed (spike counts) or averaged, inputs are averaged. A bin
 * stands at the mean time of its samples; samples at the end that do not fill one are dropped.
 * @throws NullclineError where `width` is no whole number of samples or longer than a trial
 */
export function binned(recording: Recording, width: string | number, how: "sum" | "mean" = "sum"): Recording {
  const { dt, unit, activity } = recording;
  const factor = wholeSamples(recording, width, "a bin");
  const left = activity.shape[1]! % factor;
  const shift = ((factor - 1) / 2) * dt;
  return {
    ...recording,
    activity: bin(activity, 1, factor, how),
    inputs: bin(recording.inputs, 1, factor, "mean"),
    dt: dt * factor,
    start: recording.start + shift,
    origin: recording.origin.map(({ trial, time }) => ({ trial, time: time + shift })),
    history: [
      ...recording.history,
      `binned to ${dt * factor} ${unit} (${how})${left ? `, ${left} samples at the end dropped` : ""}`,
    ],
  };
}

/** Smooths the activity in time with a Gaussian of standard deviation `width`, cut off at 5 of them. Inputs stay. */
export function smoothed(recording: Recording, width: string | number): Recording {
  const { dt, unit, smoothing } = recording;
  const sd = parseDuration(width, unit);
  if (!(sd >= 0))
    throw new NullclineError({ code: "smooth", given: `a width of ${width}`, expected: "a standard deviation ≥ 0" });
  return {
    ...recording,
    activity: gaussianSmooth(recording.activity, 1, sd / dt),
    smoothing: Math.hypot(smoothing, sd),
    history: [...recording.history, `smoothed with a Gaussian of ${sd} ${unit}`],
  };
}

/**
 * The samples from `from` to `to`, both included.
 * @throws NullclineError where none lies there
 */
export function windowed(recording: Recording, from: number, to: number): Recording {
  const { dt, start, unit, activity } = recording;
  const samples = activity.shape[1]!;
  const first = Math.max(0, Math.ceil((from - start) / dt - 1e-9));
  const last = Math.min(samples - 1, Math.floor((to - start) / dt + 1e-9));
  if (!(first <= last))
    throw new NullclineError({
      code: "window",
      given: `the window ${from} to ${to} ${unit}`,
      expected: `a part of ${start} to ${start + (samples - 1) * dt} ${unit}`,
    });
  return {
    ...slices(
      recording,
      recording.origin.map((_, trial) => ({ trial, first })),
      last - first + 1,
    ),
    start: start + first * dt,
    history: [...recording.history, `window ${start + first * dt} to ${start + last * dt} ${unit}`],
  };
}

/**
 * Cuts each trial into windows of `length`, one every `step` (default `length`: side by side), which become the
 * trials. What does not fill a window at the end is dropped. The time of each window's first sample is 0; where it
 * was is in `origin`.
 * @throws NullclineError where a length is no whole number of samples or longer than a trial
 */
export function cut(recording: Recording, length: string | number, step: string | number = length): Recording {
  const { unit, dt, activity } = recording;
  const samples = wholeSamples(recording, length, "a window");
  const stride = wholeSamples(recording, step, "the step between windows");
  const windows = recording.origin.flatMap((_, trial) => {
    const firsts: { trial: number; first: number }[] = [];
    for (let first = 0; first + samples <= activity.shape[1]!; first += stride) firsts.push({ trial, first });
    return firsts;
  });
  return {
    ...slices(recording, windows, samples),
    start: 0,
    history: [
      ...recording.history,
      `cut into ${windows.length} windows of ${samples * dt} ${unit}, one every ${stride * dt} ${unit}`,
    ],
  };
}

/** Some of the trials, in this order. */
export function subset(recording: Recording, trials: readonly number[]): Recording {
  const all = recording.origin.length;
  const taken = slices(
    recording,
    trials.map((trial) => ({ trial, first: 0 })),
    recording.activity.shape[1]!,
  );
  return { ...taken, history: [...recording.history, `${trials.length} of ${all} trials taken`] };
}

/** Stretches of `samples` samples, each from its own trial and first sample. */
function slices(recording: Recording, from: { trial: number; first: number }[], samples: number): Recording {
  const take = ({ data, shape }: NDArray<Float64Array>): NDArray<Float64Array> => {
    const width = shape[2]!;
    const out = new Float64Array(from.length * samples * width);
    from.forEach(({ trial, first }, k) => {
      const begin = (trial * shape[1]! + first) * width;
      out.set(data.subarray(begin, begin + samples * width), k * samples * width);
    });
    return { data: out, shape: [from.length, samples, width] };
  };
  return {
    ...recording,
    activity: take(recording.activity),
    inputs: take(recording.inputs),
    conditions: Object.fromEntries(
      Object.entries(recording.conditions).map(([name, values]) => [
        name,
        Float64Array.from(from, ({ trial }) => values[trial]!),
      ]),
    ),
    origin: from.map(({ trial, first }) => {
      const { trial: original, time } = recording.origin[trial]!;
      return { trial: original, time: time + first * recording.dt };
    }),
  };
}

function wholeSamples({ dt, unit, activity }: Recording, time: string | number, what: string): number {
  const length = parseDuration(time, unit);
  const samples = Math.round(length / dt);
  if (!(samples >= 1 && samples <= activity.shape[1]! && Math.abs(samples * dt - length) <= 1e-6 * dt))
    throw new NullclineError({
      code: "samples",
      given: `${what} of ${time}${typeof time === "number" ? ` ${unit}` : ""}`,
      expected: `a whole number of samples of ${dt} ${unit}, at most ${activity.shape[1]} of them`,
    });
  return samples;
}
