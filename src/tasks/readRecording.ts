/**
 * A recording from a file of arrays. What the file or the user does not say is settled by stated rules, and each choice
 * is told: which array, what its axes are, how long a sample is, whether it is spike counts.
 */
import type { NDArray } from "../base/arrays.ts";
import { parseDuration, parseWindow } from "../base/durations.ts";
import { NullclineError } from "../base/errors.ts";
import type { ArrayFile } from "../formats/arrayFile.ts";
import { binned, cut, type Recording, recordingFrom, smoothed, windowed } from "./recording.ts";

export interface ReadRecordingOptions {
  /** Name of the file, for errors and as the recording's name. */
  file: string;
  /** Which array. Default: the one with most axes, of these the largest. */
  array?: string;
  /** As for `recordingFrom`. Default: see `axesOf`. */
  axes?: string;
  /** Time between samples. Default: from a vector of times, or a number named `dt`, in the file. */
  dt?: string | number;
  /** Width of bins: spike counts are added up, anything else is averaged. Default: as it is. */
  bin?: string | number;
  /** Standard deviation of a Gaussian. Default 50 ms for spike counts, none for anything else. */
  smooth?: string | number;
  /**
   * `FROM,TO` takes this stretch of each trial, `LENGTH` cuts each trial into windows of this length,
   * `FROM,TO,LENGTH` does both. A single trial is always cut; default length 100 samples, at most a tenth of it.
   */
  window?: string;
}

export interface ReadRecording {
  recording: Recording;
  /** The array, and its axes in order. */
  array: string;
  axes: string;
  /** What was settled without being said, one sentence each, with the option that changes it. */
  choices: string[];
  /** Whether the activity was counts of spikes: whole numbers, none negative. */
  counts: boolean;
  /** Whether trials share a course of time, or are windows cut from somewhere. */
  aligned: boolean;
}

/** Samples of a window where none is given. */
const windowSamples = 100;
const defaultSmoothing = "50ms";

/**
 * Reads a recording and prepares it: bins, smooths, takes the window, cuts a long one.
 * @throws NullclineError where there is no array of activity or it is unclear which, where axes or dt can not be told,
 * or what `recordingFrom`, `binned`, `smoothed`, `windowed` and `cut` refuse
 */
export async function readRecording(file: ArrayFile, options: ReadRecordingOptions): Promise<ReadRecording> {
  const { bin, smooth, window } = options;
  const choices: string[] = [];
  const name = options.array ?? arrayOf(file, options.file, choices);
  const array = await file.get(name);
  const times = await timeVectors(file, name);
  const axes = options.axes ?? axesOf(file, array.shape, name, times, options.file, choices);
  const { dt, start } = await clockOf(file, array.shape, axes, times, options, choices);
  const counts = isCounts(array);
  let recording = recordingFrom(array, { axes, dt, start, name });
  if (bin !== undefined) recording = binned(recording, bin, counts ? "sum" : "mean");
  const width = smooth ?? (counts ? defaultSmoothing : 0);
  if (parseDuration(width) > 0) recording = smoothed(recording, width);
  if (smooth === undefined && counts)
    choices.push(
      `\`${name}\` holds counts of spikes: smoothed with a Gaussian of ${defaultSmoothing}, which looks ahead as well as back (--smooth)`,
    );

  const { stretch, length } = partsOf(window);
  if (stretch) recording = windowed(recording, ...stretch);
  const single = recording.origin.length === 1;
  if (length !== undefined) recording = cut(recording, length);
  else if (single) {
    const samples = Math.min(windowSamples, Math.floor(recording.activity.shape[1]! / 10));
    if (samples >= 2) {
      recording = cut(recording, samples * recording.dt);
      choices.push(
        `one long recording: cut into windows of ${samples} samples, ${samples * recording.dt} ${recording.unit} (--window)`,
      );
    }
  }
  return { recording, array: name, axes, choices, counts, aligned: length === undefined && !single };
}

/** `FROM,TO`, `LENGTH` or `FROM,TO,LENGTH`. */
function partsOf(window: string | undefined): { stretch?: [number, number]; length?: string } {
  if (window === undefined) return {};
  const parts = window.split(",");
  if (parts.length === 1) return { length: window };
  return { stretch: parseWindow(parts.slice(0, 2).join(",")), length: parts.slice(2).join(",") || undefined };
}

const show = (name: string, shape: readonly number[]): string => `\`${name}\` [${shape.join(" × ")}]`;

/** The array with most axes, of these the largest: 2 to 4 axes, none of length 1. */
function arrayOf({ names, shapes }: ArrayFile, where: string, choices: string[]): string {
  const candidates = names
    .map((name) => ({ name, shape: shapes[name]! }))
    .filter(({ shape }) => shape.length >= 2 && shape.length <= 4 && shape.every((n) => n > 1))
    .map((c) => ({ ...c, size: c.shape.reduce((a, b) => a * b, 1) }))
    .sort((a, b) => b.shape.length - a.shape.length || b.size - a.size);
  const [best, next] = candidates;
  if (!best)
    throw new NullclineError({
      code: "array",
      where,
      given: `no array of activity among ${names.map((name) => show(name, shapes[name]!)).join(", ") || "none"}`,
      expected: "an array with an axis of time and one of neurons",
    });
  if (next && next.shape.length === best.shape.length && next.size === best.size)
    throw new NullclineError({
      code: "array",
      where,
      given: `several arrays could be meant: ${candidates.map(({ name, shape }) => show(name, shape)).join(", ")}`,
      remedy: `say which, e.g. --array ${best.name}`,
    });
  const others = candidates.slice(1).map(({ name, shape }) => show(name, shape));
  choices.push(
    `the array is ${show(best.name, best.shape)}${others.length > 0 ? `; the file also has ${others.join(", ")}` : ", the only one of activity in the file"} (--array)`,
  );
  return best.name;
}

interface TimeVector {
  name: string;
  values: NDArray["data"];
  step: number;
}

/** Arrays along one axis that rise by equal steps. */
async function timeVectors(file: ArrayFile, activity: string): Promise<TimeVector[]> {
  const found: TimeVector[] = [];
  for (const name of file.names) {
    const shape = file.shapes[name]!;
    const length = shape.reduce((a, b) => a * b, 1);
    if (name === activity || length < 3 || Math.max(...shape) !== length) continue;
    const { data } = await file.get(name);
    const step = (data[length - 1]! - data[0]!) / (length - 1);
    // Vectors in f32 and clocks are not equally spaced to the last digit.
    if (step > 0 && data.every((t, k) => Math.abs(t - data[0]! - k * step) <= 1e-3 * step))
      found.push({ name, values: data, step });
  }
  return found;
}

/**
 * The axes where they are not given. Time is the axis as long as a vector of times in the file; else the longer of two,
 * and of three the second in a NumPy file (trial, time, neuron) and the first in a MATLAB file (time, neuron, condition).
 * The others keep that order.
 */
function axesOf(
  file: ArrayFile,
  shape: readonly number[],
  name: string,
  times: TimeVector[],
  where: string,
  choices: string[],
): string {
  const matlab = file.format === "mat";
  const fitting = shape.flatMap((n, k) => (times.some((t) => t.values.length === n) ? k : []));
  const longest = shape.indexOf(Math.max(...shape));
  const usual = shape.length === 2 && shape[0] !== shape[1] ? longest : shape.length === 3 ? (matlab ? 0 : 1) : -1;
  const time = fitting.length === 1 ? fitting[0]! : usual;
  if (time < 0 || shape.length > 3)
    throw new NullclineError({
      code: "axes",
      where,
      given: `the axes of ${show(name, shape)} can not be told`,
      remedy: `say what they are, e.g. --axes ${["time", "neuron", "trial", "condition"].slice(0, shape.length).reverse().join(",")}`,
    });
  const others = shape.length === 2 ? ["neuron"] : matlab ? ["neuron", "condition"] : ["trial", "neuron"];
  const axes = shape.map((_, k) => (k === time ? "time" : others.shift()!)).join(",");
  const vector = times.find((t) => t.values.length === shape[time]);
  const why =
    fitting.length === 1
      ? `time is as long as \`${vector!.name}\``
      : shape.length === 2
        ? "the longer axis is time"
        : `the usual order in a .${file.format} file`;
  choices.push(`its axes are ${axes} (${why}; --axes)`);
  return axes;
}

/** Time step and first time: given, from a vector of times, or from a number named `dt`. Below 0.2 they are in s. */
async function clockOf(
  file: ArrayFile,
  shape: readonly number[],
  axes: string,
  times: TimeVector[],
  options: ReadRecordingOptions,
  choices: string[],
): Promise<{ dt: string | number; start: number }> {
  const samples = shape[axes.split(",").findIndex((axis) => /^\s*(time|sample)s?\s*$/i.test(axis))];
  const vector = times.find((t) => t.values.length === samples);
  const inMs = (step: number): { factor: number; unit: string } =>
    step < 0.2 ? { factor: 1000, unit: "s" } : { factor: 1, unit: "ms" };
  if (vector) {
    const { factor, unit } = inMs(vector.step);
    const dt = rounded(vector.step * factor);
    const given = options.dt === undefined ? dt : parseDuration(options.dt);
    if (options.dt === undefined)
      choices.push(`a sample is ${dt} ms: \`${vector.name}\` rises by ${rounded(vector.step)}, read as ${unit} (--dt)`);
    // Times on another clock than the user's say nothing about the first sample either.
    return { dt: given, start: Math.abs(given - dt) <= 1e-3 * dt ? rounded(vector.values[0]! * factor) : 0 };
  }
  if (options.dt !== undefined) return { dt: options.dt, start: 0 };
  for (const [name, given] of [
    ["dt", undefined],
    ["bin_s", "s"],
    ["bin_ms", "ms"],
  ] as const) {
    if (!file.names.includes(name) || file.shapes[name]!.some((n) => n !== 1)) continue;
    const value = (await file.get(name)).data[0]!;
    if (!(value > 0)) continue;
    const unit = given ?? inMs(value).unit;
    const dt = rounded(parseDuration(`${value}${unit}`));
    choices.push(`a sample is ${dt} ms: \`${name}\` is ${rounded(value)}, read as ${unit} (--dt)`);
    return { dt, start: 0 };
  }
  throw new NullclineError({
    code: "dt",
    where: options.file,
    given: "the file does not say how long a sample is",
    remedy: "say it, e.g. --dt 10ms",
  });
}

/** Without what f32 and clocks add in the last digits. */
const rounded = (x: number): number => Number(x.toPrecision(6));

function isCounts({ data }: NDArray): boolean {
  let most = 0;
  for (const x of data) {
    if (!(x >= 0 && Number.isInteger(x))) return false;
    most = Math.max(most, x);
  }
  return most > 0;
}
