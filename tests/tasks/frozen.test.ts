/** A few trials that come again, and the sums of sinusoids that are learned from them. */
import { expect, test } from "vitest";
import { checkTask, frozen, tasks } from "../../src/tasks/index.ts";

test("each trial once before any comes again, the same trial in any batch; held-out ones in their own order", () => {
  const base = tasks.goNoGo({ dt: 5 });
  const task = frozen(base, { trials: 4, seed: 7 });
  checkTask(task);
  const own = base.trials({ seed: 7, count: 4 });
  const size = own.inputs.data.length / 4;
  const drawn = task.trials({ seed: 2, count: 40 });
  const numbers = [...drawn.conditions.trial!];
  for (let k = 0; k < 40; k += 4) expect(numbers.slice(k, k + 4).sort()).toEqual([0, 1, 2, 3]);
  expect(new Set([0, 4, 8, 12, 16].map((k) => numbers.slice(k, k + 4).join())).size).toBeGreaterThan(1);
  numbers.forEach((number, k) => {
    expect([...drawn.inputs.data.subarray(k * size, (k + 1) * size)]).toEqual([
      ...own.inputs.data.subarray(number * size, (number + 1) * size),
    ]);
    expect(drawn.conditions.go![k]).toBe(own.conditions.go![number]);
    expect(drawn.events!.end![k]).toBe(own.events!.end![number]);
  });
  const later = task.trials({ seed: 2, count: 5, firstTrial: 13 });
  expect([...later.conditions.trial!]).toEqual(numbers.slice(13, 18));
  expect([...task.trials({ seed: 9, count: 6, purpose: "test" }).conditions.trial!]).toEqual([0, 1, 2, 3, 0, 1]);
  expect([...task.trials({ seed: 9, count: 2, conditions: { trial: 3 } }).conditions.trial!]).toEqual([3, 3]);
  expect(() => task.trials({ seed: 1, count: 1, conditions: { trial: 4 } })).toThrow("a whole number from 0 to 3");
  expect(() => frozen(base, { trials: 0 })).toThrow("0 trials of the task `goNoGo`");
});

test("sums of sinusoids: the asked frequencies and no others, the largest value 1; spikes at their rate", () => {
  const task = tasks.sumOfSines();
  const { inputs, targets } = task.trials({ seed: 3, count: 2 });
  expect(inputs.shape).toEqual([2, 1000, 100]);
  for (let k = 0; k < 2; k++) {
    const y = targets.data.subarray(k * 1000, (k + 1) * 1000);
    expect(Math.max(...y.map(Math.abs))).toBeCloseTo(1, 6);
    // A whole second: the Fourier coefficient of each whole frequency is that of its sinusoid alone.
    const power = Array.from({ length: 11 }, (_, f) => {
      let [re, im] = [0, 0];
      y.forEach((v, t) => {
        re += v * Math.cos((2 * Math.PI * f * t) / 1000);
        im += v * Math.sin((2 * Math.PI * f * t) / 1000);
      });
      return (2 * Math.hypot(re, im)) / 1000;
    });
    const present = power.flatMap((p, f) => (p > 1e-4 ? [f] : []));
    expect(present).toEqual([1, 2, 3, 5]);
    const amplitudes = [1, 2, 3, 5].map((f) => power[f]!);
    expect(Math.max(...amplitudes) / Math.min(...amplitudes)).toBeLessThan(4);
  }
  const spikes = Array.from(inputs.data).reduce((a, b) => a + b, 0);
  expect(Math.abs(spikes - 10_000)).toBeLessThan(5 * 100);
  expect(() => tasks.sumOfSines({ rate: 0 })).toThrow("100 channels of 0 Hz");
});
