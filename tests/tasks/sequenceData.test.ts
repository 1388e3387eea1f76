import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { NullclineError } from "../../src/base/errors.ts";
import { openArrays } from "../../src/formats/arrayFile.ts";
import { writeNpz } from "../../src/formats/npz.ts";
import { checkTask } from "../../src/tasks/checkTask.ts";
import {
  eventSequences,
  eventSequencesFrom,
  heldOut,
  imageSequences,
  sequences,
  sequencesFrom,
} from "../../src/tasks/sequenceData.ts";
import { sequenceTask } from "../../src/tasks/sequenceTask.ts";

const three = sequences("three", ndarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 2, 2]), ndarray([0, 2, 1], [3]));

test("labelled sequences are a task whose last sample counts", () => {
  const task = sequenceTask(three);
  checkTask(task);
  expect([task.inputs.length, task.outputs.length]).toEqual([2, 3]);
  const { inputs, targets, mask, conditions } = task.trials({ seed: 1, count: 3, purpose: "test" });
  expect([...inputs.data]).toEqual([...three.inputs.data]);
  expect([...conditions.label!]).toEqual([0, 2, 1]);
  expect([...targets.data]).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  expect([...mask.data]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
});

test("training goes through all sequences before any comes again, in an order of the seed", () => {
  const order = [...sequenceTask(three).trials({ seed: 2, count: 9 }).conditions.sequence!];
  for (const round of [0, 3, 6]) expect(order.slice(round, round + 3).sort()).toEqual([0, 1, 2]);
});

test("labels of every sample: all count but those skipped, and the score is of samples", () => {
  const data = sequences("steps", ndarray([0, 0, 0, 0], [2, 2, 1]), ndarray([0, 1, 1, 1], [2, 2]));
  const all = sequenceTask(data);
  const trials = all.trials({ seed: 1, count: 2, purpose: "test" });
  // Always class 2: right in three of four samples.
  const second = { data: Float64Array.from([0, 1, 0, 1, 0, 1, 0, 1]), shape: [2, 2, 2] };
  expect(all.behaviour(second, trials).score).toBe(0.75);
  const skipped = sequenceTask(data, { skip: 1 });
  expect(skipped.behaviour(second, skipped.trials({ seed: 1, count: 2, purpose: "test" })).score).toBe(1);
});

test("a .npz with x and y", async () => {
  const bytes = await writeNpz({ x: three.inputs, y: three.labels });
  const file = await openArrays("three.npz", bytes);
  expect(await sequencesFrom(file, "three.npz")).toMatchObject({
    inputs: three.inputs,
    labels: three.labels,
    classes: 3,
  });
  await expect(sequencesFrom(file, "three.npz", { inputs: "X" })).rejects.toThrow("one of x [3, 2, 2], y [3]");
  await expect(sequencesFrom(file, "three.npz", { classes: 2 })).rejects.toThrow(
    "three.npz: a label 2 of 2 classes; expected labels from 0 to 1",
  );
  await expect(sequencesFrom(file, "three.npz", { inputs: "y", labels: "x" })).rejects.toThrow(
    "three.npz: inputs of [3]; expected [sequence, time, channel]",
  );
});

const ecg = "../shared/reference/zoo/ecg_qtdb_test.npz";
test("the ECG sequences of Yin, Corradi & Bohte have 141 × 1301 samples of 4 channels in 6 classes", async ({
  skip,
}) => {
  if (!existsSync(ecg)) skip(`${ecg} is not there`);
  const data = await sequencesFrom(await openArrays(ecg, new Uint8Array(readFileSync(ecg))), ecg);
  expect([data.inputs.shape, data.labels.shape, data.classes]).toEqual([[141, 1301, 4], [141, 1301], 6]);
  expect([...new Set(data.inputs.data)].sort()).toEqual([-1, 0, 1]);
});

test("images row by row, pixel by pixel and permuted", () => {
  const images = ndarray([0, 51, 102, 153, 204, 255, 0, 0, 0, 0, 0, 255], [2, 2, 3]);
  const labels = ndarray([7, 1], [2]);
  expect(imageSequences("digits", images, labels, { order: "rows" }).inputs.shape).toEqual([2, 2, 3]);
  const pixels = imageSequences("digits", images, labels);
  expect(pixels.inputs.shape).toEqual([2, 6, 1]);
  expect(pixels.classes).toBe(8);
  [0, 0.2, 0.4, 0.6, 0.8, 1].forEach((v, i) => {
    expect(pixels.inputs.data[i]).toBeCloseTo(v, 6);
  });
  const permuted = imageSequences("digits", images, labels, { order: "permuted", seed: 3 });
  const at = (v: number) => [...permuted.inputs.data.slice(0, 6)].findIndex((x) => Math.abs(x - v) < 1e-6);
  expect([0, 0.2, 0.4, 0.6, 0.8, 1].map(at).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  // The same order for both images.
  expect([...permuted.inputs.data.slice(6)].indexOf(1)).toBe(at(1));
  expect(() => imageSequences("digits", labels, images)).toThrow(
    "digits: images of [2]; expected [image, row, column]; are images and labels the wrong way round?",
  );
});

test("spikes in bins, from lists and from a file with all of them", async () => {
  const options = { channels: 3, bin: 0.1, duration: 0.4 };
  const spikes = [
    { times: [0, 0.05, 0.1, 0.39, 0.4], units: [0, 0, 2, 1, 1] },
    { times: [], units: [] },
  ];
  const labels = ndarray([1, 0], [2]);
  const data = eventSequences("spikes", spikes, labels, options);
  expect(data.inputs.shape).toEqual([2, 4, 3]);
  expect([...data.inputs.data.slice(0, 12)]).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  expect(eventSequences("spikes", spikes, labels, { ...options, values: "binary" }).inputs.data[0]).toBe(1);
  const npz = await writeNpz({
    times: ndarray([0, 0.05, 0.1, 0.39, 0.4], [5]),
    units: ndarray([0, 0, 2, 1, 1], [5]),
    counts: ndarray([5, 0], [2]),
    labels,
  });
  expect(await eventSequencesFrom(await openArrays("spikes.npz", npz), "spikes", options)).toEqual(data);
  expect(() => eventSequences("spikes", [{ times: [0], units: [3] }], ndarray([0], [1]), options)).toThrow(
    "spikes: unit 3 in sequence 0; expected whole numbers from 0 to 2",
  );
  expect(() => eventSequences("spikes", [{ times: [0], units: [] }], ndarray([0], [1]), options)).toThrow(
    NullclineError,
  );
});

test("a layout that does not fit is refused in a sentence", () => {
  const x = ndarray([1, 2, 3, 4], [2, 2, 1]);
  expect(() => sequences("bad", x, ndarray([0], [1]))).toThrow(
    "bad: labels of [1] for inputs of [2, 2, 1]; expected [2] or [2, 2]",
  );
  expect(() => sequences("bad", x, ndarray([0, 0.5], [2]))).toThrow(
    "bad: the label 0.5; expected whole numbers from 0",
  );
  expect(() => sequences("bad", ndarray([1, Number.NaN], [2, 1, 1]), ndarray([0, 1], [2]))).toThrow("not finite");
  expect(() => sequenceTask(three, { test: sequences("bad", x, ndarray([0, 1], [2])) })).toThrow(
    "held-out sequences of [2, 2, 1] for [3, 2, 2]",
  );
  expect(() => sequenceTask(three, { skip: 2 })).toThrow(NullclineError);
});

test("HDF5 is named, with what to do", async () => {
  const hdf5 = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0);
  await expect(openArrays("shd_train.h5", hdf5)).rejects.toThrow("it is HDF5: `hdf5Sequences` reads spikes");
});

test("sequences held out: two parts, every sequence in one of them, with its labels", () => {
  const inputs = { data: Float32Array.from({ length: 40 }, (_, k) => k), shape: [10, 2, 2] };
  const labels = { data: Float32Array.from({ length: 20 }, (_, k) => Math.floor(k / 2) % 3), shape: [10, 2] };
  const data = sequences("some", inputs, labels, 5);
  const [kept, held] = heldOut(data, 0.3, 4);
  expect([kept.inputs.shape, held.labels.shape, kept.classes]).toEqual([[7, 2, 2], [3, 2], 5]); // biome-ignore format: shapes
  const seen = [kept, held].flatMap(({ inputs: x, labels: y }) =>
    Array.from({ length: x.shape[0]! }, (_, k) => {
      const number = x.data[4 * k]! / 4;
      expect([...x.data.subarray(4 * k, 4 * k + 4)]).toEqual([0, 1, 2, 3].map((i) => 4 * number + i));
      expect([...y.data.subarray(2 * k, 2 * k + 2)]).toEqual([number % 3, number % 3]);
      return number;
    }),
  );
  expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(heldOut(data, 0.3, 4)).toEqual([kept, held]);
  expect(heldOut(data, 0.3, 5)[1]).not.toEqual(held);
  expect(() => heldOut(data, 0.99)).toThrow("0.99 of 10 sequences held out");
});
