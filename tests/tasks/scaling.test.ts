import { expect, test } from "vitest";
import { ndarray } from "../../src/base/arrays.ts";
import { NullclineError } from "../../src/base/errors.ts";
import { applyScaling, fitScaling, type ScalingOptions, undoScaling } from "../../src/tasks/scaling.ts";

// Two trials, two times, three neurons: 0 2 4 6, then 10 times that plus 1, then constant.
const activity = ndarray([0, 1, 5, 2, 21, 5, 4, 41, 5, 6, 61, 5], [2, 2, 3]);
const column = (data: Float64Array, i: number) => [...data.filter((_, j) => j % 3 === i)];

test("each kind at its definition", () => {
  const scaled = (options: ScalingOptions) => applyScaling(activity, fitScaling(activity, options)).data;
  expect(scaled({ kind: "none" })).toEqual(activity.data);
  expect(column(scaled({ kind: "center" }), 0)).toEqual([-3, -1, 1, 3]);
  expect(column(scaled({ kind: "zscore" }), 1)).toEqual(
    [-3, -1, 1, 3].map((x) => expect.closeTo(x / Math.sqrt(5), 12)),
  );
  expect(column(scaled({ kind: "soft" }), 0)).toEqual([-3, -1, 1, 3].map((x) => expect.closeTo(x / 11, 12)));
  expect(column(scaled({ kind: "soft", constant: 0 }), 1)).toEqual(
    [-30, -10, 10, 30].map((x) => expect.closeTo(x / 60, 12)),
  );
  expect(column(scaled({ kind: "range" }), 1)).toEqual([-0.9, -0.3, 0.3, 0.9].map((x) => expect.closeTo(x, 12)));
  expect(column(scaled({ kind: "range", limit: 0.5 }), 0)).toEqual(
    [-3, -1, 1, 3].map((x) => expect.closeTo(x / 6, 12)),
  );
});

test("a neuron that does not vary stays finite and is reported; scaling is undone exactly", () => {
  for (const kind of ["none", "center", "zscore", "soft", "range"] as const) {
    const scaling = fitScaling(activity, { kind });
    expect(scaling.constantNeurons).toEqual([2]);
    const back = undoScaling(applyScaling(activity, scaling), scaling);
    expect(back.shape).toEqual(activity.shape);
    expect([...back.data]).toEqual([...activity.data].map((x) => expect.closeTo(x, 12)));
  }
});

test("held-out trials do not enter", () => {
  const scaling = fitScaling(activity, { kind: "range" }, [0]);
  expect([...scaling.center]).toEqual([1, 11, 5]);
  expect(column(applyScaling(activity, scaling).data, 0)[3]).toBeCloseTo(0.9 * 5, 12);
});

test("what is no scaling is refused", () => {
  expect(() => fitScaling(activity, { kind: "log" } as unknown as ScalingOptions)).toThrow(NullclineError);
  expect(() => fitScaling(activity, { kind: "range", limit: 0 })).toThrow(NullclineError);
  expect(() => fitScaling(activity, { kind: "zscore" }, [])).toThrow("of 0 trials");
});
