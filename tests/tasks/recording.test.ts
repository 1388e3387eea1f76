import { describe, expect, test } from "vitest";
import { type NDArray, ndarray, sizeOf } from "../../src/base/arrays.ts";
import { NullclineError } from "../../src/base/errors.ts";
import { openArrays } from "../../src/formats/arrayFile.ts";
import { binned, cut, recordingFrom, smoothed, timesOf, windowed } from "../../src/tasks/recording.ts";
import { haveReference, referenceFile } from "../formats/fixtures.ts";

/** An array whose entries say where they are: a digit per axis. */
const digits = (...shape: number[]): NDArray =>
  ndarray(
    Array.from({ length: sizeOf(shape) }, (_, j) => {
      let value = 0;
      let left = j;
      for (let k = shape.length - 1, unit = 1; k >= 0; k--, unit *= 10) {
        value += unit * (left % shape[k]!);
        left = Math.floor(left / shape[k]!);
      }
      return value;
    }),
    shape,
  );

describe("axes", () => {
  test("in any order become [trial, time, neuron]", () => {
    for (const [axes, shape, digit] of [
      ["trial,time,neuron", [2, 3, 4], [100, 10, 1]],
      ["time,neuron,trial", [3, 4, 2], [1, 100, 10]],
      ["neuron, trial, time", [4, 2, 3], [10, 1, 100]],
      ["units,trials,samples", [4, 2, 3], [10, 1, 100]],
    ] as const) {
      const { activity } = recordingFrom(digits(...shape), { axes, dt: 1 });
      expect(activity.shape).toEqual([2, 3, 4]);
      for (let k = 0; k < 2; k++)
        for (let t = 0; t < 3; t++)
          for (let i = 0; i < 4; i++)
            expect(activity.data[(k * 3 + t) * 4 + i], axes).toBe(k * digit[0] + t * digit[1] + i * digit[2]);
    }
  });

  test("without trials there is one; a condition axis becomes a condition variable", () => {
    expect(recordingFrom(digits(3, 4), { axes: "time,neuron", dt: 1 }).activity).toEqual({
      data: digits(3, 4).data,
      shape: [1, 3, 4],
    });
    const both = recordingFrom(digits(3, 4, 2, 5), { axes: "time,neuron,condition,trial", dt: 1 });
    expect(both.activity.shape).toEqual([10, 3, 4]);
    expect([...both.conditions.condition!]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    // Trial 7 is condition 1, its trial 2; time 1, neuron 3 there is digit 1 3 1 2.
    expect(both.activity.data[(7 * 3 + 1) * 4 + 3]).toBe(1312);
  });

  test("that do not fit the array are refused with what was given", () => {
    const make =
      (axes: string, array = digits(3, 4)) =>
      () =>
        recordingFrom(array, { axes, dt: 1, name: "rates" });
    expect(make("time,neuron,trial")).toThrow("axes `time,neuron,trial` for `rates` of shape [3, 4]; expected 2 names");
    expect(make("time,trial")).toThrow("one is time and one is neuron");
    expect(make("time,neurno")).toThrow("did you mean `neuron`?");
    expect(make("time,time")).toThrow("axis named twice: `time`");
    expect(make("time,neuron", { data: new Float64Array(11), shape: [3, 4] })).toThrow("with 11 entries");
    expect(make("time,neuron", { data: new Float64Array(0), shape: [0, 4] })).toThrow(NullclineError);
  });
});

test("conditions, inputs, times and values are checked", () => {
  const options = { axes: "trial,time,neuron", dt: "10ms" };
  const array = digits(2, 3, 4);
  expect(() => recordingFrom(array, { ...options, conditions: { angle: [1] } })).toThrow("1 values of the condition");
  expect(() =>
    recordingFrom(array, { ...options, inputs: { array: digits(2, 4, 1), axes: "trial,time,channel" } }),
  ).toThrow("inputs of 2 trials × 4 samples");
  expect(() => recordingFrom(array, { ...options, dt: 0 })).toThrow("dt 0");
  expect(() => recordingFrom(array, { ...options, dt: "ten" })).toThrow("no time");
  const holes = ndarray([1, Number.NaN, Number.POSITIVE_INFINITY, 4], [4, 1]);
  expect(() => recordingFrom(holes, { axes: "time,neuron", dt: 1 })).toThrow("2 entries that are not finite");

  const recording = recordingFrom(array, {
    ...options,
    start: "-0.05s",
    conditions: { angle: [30, 60] },
    inputs: { array: digits(3, 5, 2), axes: "time,channel,trial" },
  });
  expect([recording.dt, recording.start, recording.unit]).toEqual([10, -50, "ms"]);
  expect([...recording.conditions.angle!]).toEqual([30, 60]);
  expect(recording.inputs.shape).toEqual([2, 3, 5]);
  expect(recording.inputs.data[(1 * 3 + 2) * 5 + 4]).toBe(241);
});

describe("bins, smoothing and windows", () => {
  const counts = recordingFrom(ndarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 1]), {
    axes: "time,neuron",
    dt: 10,
    start: -50,
  });

  test("counts are summed and stand at the middle of their bin", () => {
    const twenty = binned(counts, "20ms");
    expect([...twenty.activity.data]).toEqual([1, 5, 9, 13, 17]);
    expect([...timesOf(twenty)]).toEqual([-45, -25, -5, 15, 35]);
    expect([...binned(counts, 40, "mean").activity.data]).toEqual([1.5, 5.5]);
    expect(binned(counts, 40).history.at(-1)).toBe("binned to 40 ms (sum), 2 samples at the end dropped");
    for (const width of ["15ms", "0ms", "200ms"]) expect(() => binned(counts, width)).toThrow(NullclineError);
  });

  test("a window takes both of its ends", () => {
    const window = windowed(counts, -20, 20);
    expect([...timesOf(window)]).toEqual([-20, -10, 0, 10, 20]);
    expect([...window.activity.data]).toEqual([3, 4, 5, 6, 7]);
    expect(timesOf(windowed(counts, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).length).toBe(10);
    expect(() => windowed(counts, 41, 49)).toThrow("the window 41 to 49 ms; expected a part of -50 to 40 ms");
    expect(() => windowed(counts, 12, 18)).toThrow(NullclineError);
  });

  test("smoothing is in ms, and adds up in variance", () => {
    const pulse = Array.from({ length: 21 }, (_, t) => (t === 10 ? 1 : 0));
    const impulse = recordingFrom(ndarray(pulse, [21, 1]), { axes: "time,neuron", dt: 10 });
    const once = smoothed(impulse, "10ms");
    expect(once.activity.data[11]! / once.activity.data[10]!).toBeCloseTo(Math.exp(-0.5), 12);
    expect(smoothed(once, 10).smoothing).toBeCloseTo(Math.sqrt(200), 12);
    expect(() => smoothed(counts, -1)).toThrow(NullclineError);
  });
});

describe("cutting a long recording", () => {
  const long = recordingFrom(digits(2, 10, 1), {
    axes: "trial,time,neuron",
    dt: 2,
    start: 100,
    conditions: { day: [5, 6] },
    inputs: { array: digits(2, 10, 2), axes: "trial,time,channel" },
  });

  test("gives windows that know where they are from", () => {
    const windows = cut(long, "8ms");
    expect(windows.activity.shape).toEqual([4, 4, 1]);
    expect(windows.inputs.shape).toEqual([4, 4, 2]);
    expect([...windows.conditions.day!]).toEqual([5, 5, 6, 6]);
    expect(windows.origin).toEqual([
      { trial: 0, time: 100 },
      { trial: 0, time: 108 },
      { trial: 1, time: 100 },
      { trial: 1, time: 108 },
    ]);
    expect([...windows.activity.data.slice(4, 8)]).toEqual([40, 50, 60, 70]);
    expect([...timesOf(windows)]).toEqual([0, 2, 4, 6]);
    expect(cut(long, 8, 4).origin.map(({ time }) => time)).toEqual([100, 104, 108, 112, 100, 104, 108, 112]);
    expect(() => cut(long, 22)).toThrow("a window of 22 ms; expected a whole number of samples of 2 ms");
  });

  test("after binning and a window, times still point into what was read", () => {
    const windows = cut(windowed(binned(long, 4), 106, 200), 4);
    // Bins of 4 ms stand at 101, 105, 109, …; the first at or after 106 is 109.
    expect(windows.origin.slice(0, 3).map(({ time }) => time)).toEqual([109, 113, 117]);
  });
});

const monkey = "recordings/monkey-reach.mat";
const rat = "recordings/rat-linear-track/binned-20ms.npz";

test.skipIf(!haveReference(monkey))(`real motor cortex, where ../shared/reference/${monkey} is there`, async () => {
  const file = await openArrays("monkey-reach.mat", referenceFile(monkey));
  const tensor = await file.get("dataTensor");
  const t = await file.get("t");
  const recording = recordingFrom(tensor, { axes: "time,neuron,condition", dt: "10ms", start: "-50ms" });
  expect(recording.activity.shape).toEqual([10, 61, 50]);
  expect([...timesOf(recording)]).toEqual([...t.data]);
  expect([...recording.conditions.condition!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // Condition 7, time 30, neuron 12 of the array as it was read.
  expect(recording.activity.data[(7 * 61 + 30) * 50 + 12]).toBe(tensor.data[(30 * 50 + 12) * 10 + 7]);
  // -50 < t < 350 ms strictly: 39 samples (../shared/reference/README.md).
  expect(windowed(recording, -49, 349).activity.shape).toEqual([10, 39, 50]);
});

test.skipIf(!haveReference(rat))(`real hippocampus, where ../shared/reference/${rat} is there`, async () => {
  const file = await openArrays("binned-20ms.npz", referenceFile(rat));
  const counts = Object.entries(file.shapes).find(([, shape]) => shape.join() === "31,98405")![0];
  const recording = recordingFrom(await file.get(counts), { axes: "neuron,time", dt: "20ms" });
  const total = (activity: NDArray) => Float64Array.from(activity.data).reduce((a, b) => a + b, 0);
  expect(total(recording.activity)).toBe(28820);
  // 98,405 bins are 5 × 19,681: nothing is dropped, no spike lost.
  const tenth = binned(recording, "100ms");
  expect(tenth.activity.shape).toEqual([1, 19681, 31]);
  expect(total(tenth.activity)).toBe(28820);
  expect(cut(tenth, "2s").activity.shape).toEqual([984, 20, 31]);
});
