import { expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { drawnStrokes } from "../../src/tasks/drawnStrokes.ts";
import { imageSequences, sequenceTask } from "../../src/tasks/index.ts";

const still = { widths: 0, turn: 0, stretch: 0, shift: 0, bend: 0 };

test("without distortion a class is one image, and a vertical stroke has the profile of its width", () => {
  const { images, labels } = drawnStrokes({ ...still, count: 60, size: 100, width: 0.05 });
  const of = (k: number) => images.data.subarray(k * 1e4, (k + 1) * 1e4);
  const first = new Map<number, number>();
  labels.data.forEach((label, k) => {
    if (first.has(label)) expect(of(k)).toEqual(of(first.get(label)!));
    else first.set(label, k);
  });
  expect([...first.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // The one: a line at x = 0.53, 10 pixels wide; pixel j has its middle at (j + 0.5)/100 and an edge of one pixel.
  const row = Array.from(of(first.get(1)!).subarray(6000, 6100));
  row.forEach((value, j) => {
    const inside = 5.5 - Math.abs(j + 0.5 - 53);
    expect(value).toBeCloseTo(255 * Math.min(1, Math.max(0, inside)), 3);
  });
  expect(row.reduce((a, b) => a + b, 0) / 255).toBeCloseTo(10, 5);
});

test("an image depends on its seed and number only, and each is drawn in another way", () => {
  const few = drawnStrokes({ seed: 3, count: 5 });
  const many = drawnStrokes({ seed: 3, count: 50 });
  expect(few.images.shape).toEqual([5, 28, 28]);
  expect(many.images.data.subarray(0, few.images.data.length)).toEqual(few.images.data);
  expect(drawnStrokes({ seed: 4, count: 5 }).images.data).not.toEqual(few.images.data);
  expect(few.images.data.every((v) => v >= 0 && v <= 255)).toBe(true);
  const ink = Array.from({ length: 50 }, (_, k) => many.images.data.subarray(k * 784, (k + 1) * 784).join());
  expect(new Set(ink).size).toBe(50);
});

test("classes differ: the nearest class mean names most new images, and no pixel alone does", () => {
  const [train, fresh] = [drawnStrokes({ seed: 1, count: 1000 }), drawnStrokes({ seed: 2, count: 500 })];
  const means = Array.from({ length: 10 }, () => new Float64Array(784));
  const counts = new Array<number>(10).fill(0);
  train.labels.data.forEach((label, k) => {
    counts[label]!++;
    for (let p = 0; p < 784; p++) means[label]![p]! += train.images.data[k * 784 + p]!;
  });
  // Drawn evenly: five binomial deviations.
  for (const n of counts) expect(Math.abs(n - 100)).toBeLessThan(5 * Math.sqrt(90));
  let right = 0;
  fresh.labels.data.forEach((label, k) => {
    const distances = means.map((m, c) =>
      m.reduce((sum, v, p) => sum + (v / counts[c]! - fresh.images.data[k * 784 + p]!) ** 2, 0),
    );
    if (distances.indexOf(Math.min(...distances)) === label) right++;
  });
  expect(right / 500).toBeGreaterThan(0.7);
  expect(right / 500).toBeLessThan(1);
});

test("they become sequences as images from files do", () => {
  const { images, labels } = drawnStrokes({ count: 20, size: 14 });
  const task = sequenceTask(imageSequences("strokes", images, labels, { order: "rows" }));
  expect(task.trials({ seed: 1, count: 4 }).inputs.shape).toEqual([4, 14, 14]);
});

test.each([{ count: 0 }, { size: 2 }, { classes: 11 }, { width: 0 }, { turn: -1 }])("refuses %j", (options) => {
  expect(() => drawnStrokes(options)).toThrow(NullclineError);
});
