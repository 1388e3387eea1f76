/**
 * Sequences with class labels, from files: any `.npz`, images pixel by pixel, events of spiking channels.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import type { ArrayFile } from "../formats/arrayFile.ts";
import { readHdf5Spikes } from "../formats/hdf5.ts";
import { checkSize, sourceOf } from "../formats/source.ts";

/** Labelled sequences of one length. */
export interface SequenceData {
  name: string;
  /** `[sequence, time, channel]`. */
  inputs: NDArray;
  /** Class of each sequence, `[sequence]`, or of each sample, `[sequence, time]`: whole numbers from 0. */
  labels: NDArray;
  classes: number;
}

function refuse(name: string, given: string, expected: string, remedy?: string): never {
  throw new NullclineError({ code: "sequences", where: name, given, expected, remedy });
}

/**
 * Sequences and labels, checked.
 * @throws NullclineError (code `sequences`) where the axes do not fit or a label is no class
 */
export function sequences(name: string, inputs: NDArray, labels: NDArray, classes?: number): SequenceData {
  const [n, time] = inputs.shape as [number, number];
  if (inputs.shape.length !== 3 || inputs.data.length === 0)
    refuse(name, `inputs of [${inputs.shape.join(", ")}]`, "[sequence, time, channel], none of them 0");
  const fits =
    labels.shape[0] === n && (labels.shape.length === 1 || (labels.shape.length === 2 && labels.shape[1] === time));
  if (!fits)
    refuse(
      name,
      `labels of [${labels.shape.join(", ")}] for inputs of [${inputs.shape.join(", ")}]`,
      `[${n}] or [${n}, ${time}]`,
    );
  let most = 0;
  for (const label of labels.data) {
    if (!Number.isInteger(label) || label < 0) refuse(name, `the label ${label}`, "whole numbers from 0");
    most = Math.max(most, label);
  }
  if (classes !== undefined && !(Number.isInteger(classes) && most < classes))
    refuse(name, `a label ${most} of ${classes} classes`, `labels from 0 to ${classes - 1}`);
  if (inputs.data.some((x) => !Number.isFinite(x))) refuse(name, "inputs that are not finite", "finite numbers");
  return { name, inputs, labels, classes: classes ?? most + 1 };
}

/**
 * Two parts of some sequences: those that stay and those that are held out, drawn by the seed. Each part keeps the order and
 * the number of classes.
 * @param share of the sequences that is held out, at least one of them
 * @throws NullclineError (code `sequences`) where a part would be empty
 */
export function heldOut(data: SequenceData, share: number, seed = 1): [kept: SequenceData, held: SequenceData] {
  const n = data.inputs.shape[0]!;
  const count = Math.max(1, Math.round(share * n));
  if (!(share > 0) || count >= n)
    refuse(data.name, `${share} of ${n} sequences held out`, "a share that leaves some to both parts");
  const held = new Set(new RandomStream(seed, "sequences held out").permutation(n).slice(0, count));
  const part = (name: string, wanted: boolean): SequenceData => {
    const which = Array.from({ length: n }, (_, k) => k).filter((k) => held.has(k) === wanted);
    return {
      ...data,
      name: `${data.name}, ${name}`,
      inputs: rowsOf(data.inputs, which),
      labels: rowsOf(data.labels, which),
    };
  };
  return [part("kept", false), part("held out", true)];
}

/** Some entries along the first axis, copied, in the same type. */
function rowsOf({ data, shape }: NDArray, rows: number[]): NDArray {
  const size = data.length / shape[0]!;
  const out = data.slice(0, rows.length * size);
  rows.forEach((row, k) => {
    out.set(data.subarray(row * size, (row + 1) * size) as never, k * size);
  });
  return { data: out, shape: [rows.length, ...shape.slice(1)] };
}

export interface SequenceFileOptions {
  /** Names of the arrays. Default `x` and `y`. */
  inputs?: string;
  labels?: string;
  /** Default: the greatest label + 1. */
  classes?: number;
}

/**
 * Sequences of a file of arrays: inputs `[sequence, time, channel]`, labels `[sequence]` or `[sequence, time]`.
 * @throws NullclineError where an array is missing (the message lists those that are there) or its axes do not fit
 */
export async function sequencesFrom(
  file: ArrayFile,
  name: string,
  options: SequenceFileOptions = {},
): Promise<SequenceData> {
  const inputs = await file.get(options.inputs ?? "x");
  return sequences(name, inputs, await file.get(options.labels ?? "y"), options.classes);
}

export interface ImageOptions {
  /** `pixels` (default): one a step, row by row. `permuted`: in an order of `seed`, the same for all. `rows`: a row a step. */
  order?: "pixels" | "permuted" | "rows";
  /** Of the permutation. Default 0. */
  seed?: number;
  /** The value that becomes 1. Default 255. */
  scale?: number;
}

/**
 * Images as sequences (sequential and permuted MNIST): what `readIdx` gives for the files of images and of labels.
 * @shape images `[image, row, column]`, labels `[image]`
 * @throws NullclineError (code `sequences`) where these axes are others
 */
export function imageSequences(
  name: string,
  images: NDArray,
  labels: NDArray,
  options: ImageOptions = {},
): SequenceData {
  const { order = "pixels", seed = 0, scale = 255 } = options;
  if (images.shape.length !== 3)
    refuse(
      name,
      `images of [${images.shape.join(", ")}]`,
      "[image, row, column]",
      labels.shape.length === 3 ? "are images and labels the wrong way round?" : undefined,
    );
  const [n, rows, columns] = images.shape as [number, number, number];
  const pixels = rows * columns;
  const at = order === "permuted" ? new RandomStream(seed, "pixels").permutation(pixels) : undefined;
  const data = Float32Array.from(images.data, (_, j) => {
    const [image, pixel] = [Math.floor(j / pixels), j % pixels];
    return images.data[image * pixels + (at ? at[pixel]! : pixel)]! / scale;
  });
  return sequences(name, { data, shape: order === "rows" ? [n, rows, columns] : [n, pixels, 1] }, labels);
}

export interface EventOptions {
  /** Number of channels. Default 700, as SHD has. */
  channels?: number;
  /** Neighbouring channels that become one, their spikes added; the last may be of fewer. Default 1. */
  pool?: number;
  /** Most bytes of the sequences. Default 4 GiB: SHD's 8156 for training need a `pool` of 2 or more. */
  maxBytes?: number;
  /** Width of a bin and length of a sequence, in the unit of the times. Default 0.004 and 1: 250 steps of 4 ms. */
  bin?: number;
  duration?: number;
  /** `counts` (default): spikes in each bin. `binary`: 1 where there was any. */
  values?: "counts" | "binary";
}

/**
 * Spikes as sequences: times and channels of all spikes of each sequence, as the Spiking Heidelberg Digits have them
 * (`spikes/times`, `spikes/units`, `labels`). Spikes after `duration` are left out.
 * @source Cramer, Stradmann, Schemmel & Zenke 2022, IEEE Trans. Neural Netw. Learn. Syst. 33, 2744–2757
 * @throws NullclineError (code `sequences`) where times and channels do not fit, or a channel is none
 */
export function eventSequences(
  name: string,
  spikes: readonly { times: ArrayLike<number>; units: ArrayLike<number> }[],
  labels: NDArray,
  options: EventOptions = {},
): SequenceData {
  const { channels = 700, pool = 1, bin = 0.004, duration = 1, values = "counts" } = options;
  const steps = Math.round(duration / bin);
  if (!(bin > 0) || steps < 1) refuse(name, `bins of ${bin} in ${duration}`, "a positive width, at most the duration");
  if (!(Number.isInteger(pool) && pool >= 1 && pool <= channels))
    refuse(name, `a pool of ${pool} of ${channels} channels`, `a whole number from 1 to ${channels}`);
  const width = Math.ceil(channels / pool);
  const size = spikes.length * steps * width;
  checkSize(
    sourceOf("sequences", { file: name, maxBytes: options.maxBytes }),
    4 * size,
    `[${spikes.length}, ${steps}, ${width}] (sequence, time, channel; see pool, bin, duration)`,
  );
  const data = new Float32Array(size);
  spikes.forEach(({ times, units }, k) => {
    if (times.length !== units.length)
      refuse(name, `${times.length} times and ${units.length} units in sequence ${k}`, "as many");
    for (let j = 0; j < times.length; j++) {
      const unit = units[j]!;
      if (!Number.isInteger(unit) || unit < 0 || unit >= channels)
        refuse(name, `unit ${unit} in sequence ${k}`, `whole numbers from 0 to ${channels - 1}`);
      if (!(times[j]! >= 0)) refuse(name, `a spike at ${times[j]} in sequence ${k}`, "times of 0 or more");
      const t = Math.floor(times[j]! / bin + 1e-9);
      if (t >= steps) continue;
      const at = (k * steps + t) * width + Math.floor(unit / pool);
      data[at] = values === "binary" ? 1 : data[at]! + 1;
    }
  });
  return sequences(name, { data, shape: [spikes.length, steps, width] }, labels);
}

/**
 * Spikes of a file of arrays, where those of all sequences stand one after the other: `times`, `units`, `counts` (spikes of
 * each sequence) and `labels`.
 * @throws NullclineError where an array is missing, the counts do not add up, or what `eventSequences` refuses
 */
export async function eventSequencesFrom(
  file: ArrayFile,
  name: string,
  options: EventOptions = {},
): Promise<SequenceData> {
  const [times, units, counts, labels] = await Promise.all(
    ["times", "units", "counts", "labels"].map((a) => file.get(a)),
  );
  const total = Float64Array.from(counts!.data).reduce((a, b) => a + b, 0);
  if (times!.data.length !== total || units!.data.length !== total)
    refuse(name, `${times!.data.length} times and ${units!.data.length} units`, `${total}, the sum of \`counts\``);
  let from = 0;
  const spikes = Array.from(counts!.data, (count) => {
    const to = from + count;
    const part = { times: times!.data.subarray(from, to), units: units!.data.subarray(from, to) };
    from = to;
    return part;
  });
  return eventSequences(name, spikes, labels!, options);
}

/**
 * Spikes of an HDF5 file as the Spiking Heidelberg Digits are published (`shd_train.h5`, `shd_test.h5`, packed with gzip or
 * not): `spikes/times` in seconds, `spikes/units`, `labels`. What stands under `extra` is not read.
 * @throws NullclineError what `readHdf5Spikes` (code `hdf5`) and `eventSequences` (code `sequences`) refuse
 */
export async function hdf5Sequences(
  name: string,
  bytes: Uint8Array,
  options: EventOptions = {},
): Promise<SequenceData> {
  const { spikes, labels } = await readHdf5Spikes(bytes, { file: name, maxBytes: options.maxBytes });
  return eventSequences(name, spikes, labels, options);
}
