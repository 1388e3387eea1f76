import { expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { extent, selectTime, selectTrials, selectUnits } from "../../src/population/activity.ts";

// [2, 4, 3]: entry = 100 trial + 10 time + unit
const activity = ndarray(
  Array.from({ length: 24 }, (_, i) => 100 * Math.floor(i / 12) + 10 * (Math.floor(i / 3) % 4) + (i % 3)),
  [2, 4, 3],
);

test("a window of time, with and without its ends", () => {
  const times = [-10, 0, 10, 20];
  const closed = selectTime(activity, times, [0, 20]);
  expect(closed.activity.shape).toEqual([2, 3, 3]);
  expect([...closed.times]).toEqual([0, 10, 20]);
  expect([...closed.activity.data.slice(0, 3)]).toEqual([10, 11, 12]);
  expect([...closed.activity.data.slice(-3)]).toEqual([130, 131, 132]);
  expect([...selectTime(activity, times, [0, 20], { ends: "excluded" }).times]).toEqual([10]);
});

test("an end that rounding has moved still belongs to the window, or does not", () => {
  const times = [0.1, 0.2, 0.1 + 0.2, 0.4];
  expect(selectTime(activity, times, [0.2, 0.3]).times).toHaveLength(2);
  expect(selectTime(activity, times, [0.1, 0.3], { ends: "excluded" }).times).toHaveLength(1);
});

test("trials and units in the given order", () => {
  expect(selectTrials(activity, [1, 0]).data[0]).toBe(100);
  const units = selectUnits(activity, [2, 0]);
  expect(units.shape).toEqual([2, 4, 2]);
  expect([...units.data.slice(0, 4)]).toEqual([2, 0, 12, 10]);
});

test("says what is wrong", () => {
  expect(() => extent(ndarray([1, 2], [1, 2]))).toThrow("shape [1, 2]");
  expect(() => selectTime(activity, [0, 1, 2, 3], [5, 9])).toThrow("a part of 0 to 3");
  expect(() => selectTime(activity, [0, 1], [0, 1])).toThrow("2 times");
  expect(() => selectUnits(activity, [3])).toThrow("unit 3");
});
