import { expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import {
  conditionAverage,
  conditionIndependentMean,
  removeConditionIndependent,
  varianceExplainedBy,
} from "../../src/population/conditionAverage.ts";

test("averages each cell, sorts the cells, counts, and leaves out what belongs nowhere", () => {
  const activity = ndarray([1, 10, 3, 30, 5, 50, 7, 70, 9, 90], [5, 2, 1]);
  const average = conditionAverage(activity, {
    context: [1, 0, 1, 0, Number.NaN],
    motion: [-1, 2, -1, 1, 1],
  });
  expect(average.conditions.context).toEqual(Float64Array.of(0, 0, 1));
  expect(average.conditions.motion).toEqual(Float64Array.of(1, 2, -1));
  expect(average.counts).toEqual(Float64Array.of(1, 1, 2));
  expect(average.activity).toEqual(ndarray([7, 70, 3, 30, 3, 30], [3, 2, 1]));
  expect(average.cellOfTrial).toEqual(Int32Array.of(2, 1, 2, 0, -1));
});

test("averages of averages: each cell counts once, whatever its number of trials", () => {
  const activity = ndarray([0, 0, 3, 10], [4, 1, 1]);
  const cells = conditionAverage(activity, { a: [0, 0, 0, 1], b: [0, 0, 1, 0] });
  const byA = conditionAverage(cells.activity, cells.conditions, { variables: ["a"] });
  expect([...byA.activity.data]).toEqual([1.5, 10]);
  const included = conditionAverage(activity, { a: [0, 0, 0, 1] }, { include: (trial) => trial > 0 });
  expect([...included.activity.data]).toEqual([1.5, 10]);
});

test("the condition-independent part", () => {
  const activity = ndarray([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
  expect(conditionIndependentMean(activity)).toEqual(ndarray([3, 4, 5, 6], [2, 2]));
  expect(conditionIndependentMean(removeConditionIndependent(activity)).data).toEqual(new Float64Array(4));
});

test("variance by variable adds up in a balanced design", () => {
  // x = 3 a + 1 b with a, b = ±1: 9 of 10 parts go with a, 1 with b.
  const a = [-1, -1, 1, 1];
  const b = [-1, 1, -1, 1];
  const activity = ndarray(
    a.map((value, k) => 3 * value + b[k] + 7),
    [4, 1, 1],
  );
  expect(varianceExplainedBy(activity, a)).toBeCloseTo(0.9, 14);
  expect(varianceExplainedBy(activity, b)).toBeCloseTo(0.1, 14);
  expect(
    varianceExplainedBy(
      activity,
      a.map((value, k) => value * b[k]),
    ),
  ).toBeCloseTo(0, 14);
});

test("says what is wrong", () => {
  const activity = ndarray([1, 2], [2, 1, 1]);
  expect(() => conditionAverage(activity, { motion: [1, 2] }, { variables: ["motoin"] })).toThrow(
    "did you mean `motion`?",
  );
  expect(() => conditionAverage(activity, {}, { variables: ["motion"] })).toThrow(
    "condition variable `motion`; expected trials with conditions, and these have none",
  );
  expect(() => conditionAverage(activity, { motion: [1] })).toThrow("1 values of `motion`");
  expect(() => conditionAverage(activity, { motion: [Number.NaN, Number.NaN] })).toThrow("none of 2 trials");
});
