import { describe, expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { folds } from "../../src/tasks/folds.ts";
import { cut, recordingFrom, smoothed } from "../../src/tasks/recording.ts";

const recording = (trials: number, samples = 2) =>
  recordingFrom(ndarray(new Float64Array(trials * samples), [trials, samples, 1]), {
    axes: "trial,time,neuron",
    dt: 10,
    conditions: { reach: Array.from({ length: trials }, (_, k) => k % 5) },
  });

/** Every trial is held out once, and never together with itself in training. */
function expectPartition(split: ReturnType<typeof folds>, trials: number) {
  expect(split.flatMap((f) => f.test).sort((a, b) => a - b)).toEqual(Array.from({ length: trials }, (_, k) => k));
  for (const { train, test } of split) expect(train.filter((k) => test.includes(k))).toEqual([]);
}

test("by trial: sizes differ by one at most, the order is random and belongs to the seed", () => {
  const split = folds(recording(23), 5);
  expectPartition(split, 23);
  expect(split.map((f) => f.test.length).sort()).toEqual([4, 4, 5, 5, 5]);
  for (const { train, test } of split) expect(train.length + test.length).toBe(23);
  expect(split.some((f) => f.test.some((k, i) => i > 0 && k !== f.test[i - 1]! + 1))).toBe(true);
  expect(folds(recording(23), 5)).toEqual(split);
  expect(folds(recording(23), 5, { seed: 1 })).not.toEqual(split);
});

test("by condition: trials with the same value are held out together", () => {
  const split = folds(recording(23), 5, { by: "reach" });
  expectPartition(split, 23);
  for (const { test } of split) expect(new Set(test.map((k) => k % 5)).size).toBe(1);
});

describe("by block", () => {
  const long = recordingFrom(ndarray(new Float64Array(100), [100, 1]), { axes: "time,neuron", dt: 10 });

  test("windows of a long recording are held out side by side", () => {
    const split = folds(cut(long, 50), 4);
    expectPartition(split, 20);
    expect(split[1]!.test).toEqual([5, 6, 7, 8, 9]);
    expect(split[1]!.train.length).toBe(15);
  });

  test("nothing within the gap of the held-out block is trained on", () => {
    const [, second] = folds(cut(long, 50), 4, { gap: 60 });
    expect(second!.test).toEqual([5, 6, 7, 8, 9]);
    // The held-out block is 250…500 ms: windows that end after 190 or begin before 560 stay out.
    expect(second!.train).toEqual([0, 1, 2, 12, 13, 14, 15, 16, 17, 18, 19]);
    // Of smoothed activity four standard deviations by itself.
    expect(folds(smoothed(cut(long, 50), 15), 4)[1]!.train).toEqual(second!.train);
  });

  test("overlapping windows never straddle", () => {
    const windows = cut(long, 50, 10);
    for (const { train, test } of folds(windows, 4))
      for (const k of train)
        for (const j of test)
          expect(Math.abs(windows.origin[k]!.time - windows.origin[j]!.time)).toBeGreaterThanOrEqual(50);
  });

  test("a gap that leaves nothing is refused", () => {
    expect(() => folds(cut(long, 50), 2, { gap: 2000 })).toThrow("use a shorter gap or more folds");
  });
});

test("impossible numbers of folds and unknown conditions are refused", () => {
  for (const count of [1, 2.5, 24])
    expect(() => folds(recording(23), count)).toThrow("expected a whole number from 2 to 23");
  expect(() => folds(recording(23), 6, { by: "reach" })).toThrow("from 2 to 5, the number of values of `reach`");
  expect(() => folds(recording(23), 2, { by: "reech" })).toThrow("did you mean `reach`?");
});
