import { describe, expect, test } from "vitest";
import { NullclineError } from "../../../src/base/errors.ts";
import type { TrainedParameter, Updater, Values, Writer } from "../../../src/training/rule.ts";
import { type AdamOptions, adam as adamUpdate } from "../../../src/training/update/adam.ts";
import { ideal } from "../../../src/training/write/ideal.ts";

/** Adam with an ideal write. */
function adam(parameters: Record<string, TrainedParameter>, options?: AdamOptions) {
  const updater = adamUpdate(options).start(parameters) as Updater;
  const writer: Writer = ideal().start(parameters, { seed: 0, initial: {} });
  return {
    ...updater,
    step(values: Values, gradients: Values, rate: number): void {
      const evidence = { loss: 0, error: 0, gradients };
      writer.apply(values, updater.changes(values, evidence, rate) as Values, 0);
    },
  };
}

const one = { x: { size: 1 } };

describe("closed forms", () => {
  test("the first step is rate · sign(g), whatever the size of g", () => {
    const x = Float64Array.of(1, 1, 1, 1);
    adam({ x: { size: 4 } }).step({ x }, { x: Float64Array.of(1e-3, -1e-3, 1e6, 0) }, 0.1);
    // |g| / (|g| + 1e-8) is 1 but for 1e-5 at the smallest
    expect([...x].map((v) => v - 1)).toEqual([-0.1, 0.1, -0.1, 0].map((d) => expect.closeTo(d, 5)));
  });

  test("under a constant gradient every step is the first one", () => {
    const optimiser = adam(one);
    const x = Float64Array.of(0);
    for (let k = 1; k <= 50; k++) {
      optimiser.step({ x }, { x: Float64Array.of(2) }, 0.01);
      expect(x[0]).toBeCloseTo(-0.01 * k, 7);
    }
    expect(optimiser.state()["adam.steps"]!.data[0]).toBe(50);
  });

  test("two steps by hand", () => {
    // β = (0.5, 0.75), ε = 1, gradients 1 and 3:
    // m1 = .5, v1 = .25, m̂ = 1, v̂ = 1: x = -1/2;  m2 = 1.75, v2 = 2.4375, m̂ = 7/3, v̂ = 39/7
    const optimiser = adam(one, { beta1: 0.5, beta2: 0.75, epsilon: 1 });
    const x = Float64Array.of(0);
    optimiser.step({ x }, { x: Float64Array.of(1) }, 1);
    expect(x[0]).toBe(-0.5);
    optimiser.step({ x }, { x: Float64Array.of(3) }, 1);
    expect(x[0]).toBeCloseTo(-0.5 - 7 / 3 / (Math.sqrt(39 / 7) + 1), 14);
  });

  test("weight decay is apart from the moments", () => {
    const x = Float64Array.of(10);
    const optimiser = adam(one, { weightDecay: 0.1 });
    for (let k = 1; k <= 5; k++) {
      optimiser.step({ x }, { x: Float64Array.of(0) }, 0.5);
      expect(x[0]).toBeCloseTo(10 * 0.95 ** k, 12);
    }
  });
});

test("finds the minimum of an ill-conditioned quadratic", () => {
  const scale = [1, 10, 1000];
  const target = [3, -2, 0.5];
  const x = new Float64Array(3);
  const optimiser = adam({ x: { size: 3 } });
  for (let k = 0; k < 3000; k++)
    optimiser.step({ x }, { x: Float64Array.from(x, (v, i) => scale[i]! * (v - target[i]!)) }, 0.05 * 0.995 ** k);
  expect([...x]).toEqual(target.map((t) => expect.closeTo(t, 4)));
});

test("tags and groups: pinned stay, bounded are clipped, a group has its own rate", () => {
  const parameters = {
    pinned: { size: 1, tag: "pinned" as const },
    bounded: { size: 2, tag: { bounded: [0, 1] as [number, number] } },
    slow: { size: 1, group: "readout" },
    free: { size: 1, tag: "free" as const },
  };
  const optimiser = adam(parameters, { groupRates: { readout: 0.1 } });
  const values = {
    pinned: Float64Array.of(5),
    bounded: Float64Array.of(0.5, 0.5),
    slow: Float64Array.of(0),
    free: Float64Array.of(0),
  };
  const gradients = { bounded: Float64Array.of(1, -1), slow: Float64Array.of(1), free: Float64Array.of(1) };
  for (let k = 0; k < 3; k++) optimiser.step(values, gradients, 0.25);
  expect(values.pinned[0]).toBe(5);
  expect([...values.bounded]).toEqual([0, 1]);
  expect(values.free[0]).toBeCloseTo(-0.75, 6);
  expect(values.slow[0]).toBeCloseTo(-0.075, 6);
  expect(Object.keys(optimiser.state())).not.toContain("adam.mean.pinned");
  expect(() => adam(parameters, { groupRates: { readuot: 1 } })).toThrow("group `readuot`");
});

describe("checkpoints", () => {
  const gradient = (k: number) => ({ x: Float64Array.of(Math.sin(k), Math.cos(3 * k)) });
  const two = { x: { size: 2 } };

  test("resumed, it does the same bits", () => {
    const x = Float64Array.of(1, 2);
    const whole = adam(two);
    let saved: { state: ReturnType<typeof whole.state>; x: Float64Array } | undefined;
    for (let k = 0; k < 20; k++) {
      if (k === 8) saved = { state: whole.state(), x: x.slice() };
      whole.step({ x }, gradient(k), 0.03);
    }
    const resumed = adam(two);
    resumed.restore(saved!.state);
    expect(resumed.state()["adam.steps"]!.data[0]).toBe(8);
    for (let k = 8; k < 20; k++) resumed.step({ x: saved!.x }, gradient(k), 0.03);
    expect(saved!.x).toEqual(x);
    expect(resumed.state()).toEqual(whole.state());
  });

  test("a state of another network is refused and changes nothing", () => {
    const optimiser = adam(two);
    optimiser.step({ x: new Float64Array(2) }, gradient(1), 0.1);
    const before = optimiser.state();
    expect(() => optimiser.restore(adam(one).state())).toThrow(NullclineError);
    expect(() => optimiser.restore({})).toThrow("`adam.steps` is missing");
    expect(optimiser.state()).toEqual(before);
  });
});

test("a missing or mis-sized gradient is an internal error", () => {
  expect(() => adam(one).step({ x: Float64Array.of(0) }, {}, 1)).toThrow("x:");
  expect(() => adam(one).step({ x: new Float64Array(2) }, { x: new Float64Array(2) }, 1)).toThrow("x:");
});
