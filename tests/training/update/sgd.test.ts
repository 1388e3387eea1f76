import { expect, test } from "vitest";
import type { Values } from "../../../src/training/rule.ts";
import { sgd } from "../../../src/training/update/sgd.ts";

const evidence = (x: Float64Array) => ({ loss: 0, error: 0, gradients: { x } });

test("momentum on a constant gradient: the sum of a geometric series, by hand", () => {
  const updater = sgd({ momentum: 0.5 }).start({ x: { size: 1 } });
  const changes = [1, 2, 3].map(
    () => (updater.changes({ x: Float64Array.of(0) }, evidence(Float64Array.of(2)), 0.1) as Values).x![0]!,
  );
  // v = 2, 3, 3.5
  [-0.2, -0.3, -0.35].forEach((c, k) => {
    expect(changes[k]).toBeCloseTo(c, 14);
  });
});

test("a limit holds for each entry of the gradient, before weight decay", () => {
  const updater = sgd({ limit: 2, weightDecay: 0.5 }).start({ x: { size: 3 } });
  const { x } = updater.changes({ x: Float64Array.of(0, 0, 2) }, evidence(Float64Array.of(1, -5, 9)), 1) as Values;
  expect([...x!]).toEqual([-1, 2, -3]);
});

test("Nesterov's step is the gradient plus what momentum will add", () => {
  const updater = sgd({ momentum: 0.5, nesterov: true }).start({ x: { size: 1 } });
  expect((updater.changes({ x: Float64Array.of(0) }, evidence(Float64Array.of(2)), 0.1) as Values).x![0]).toBeCloseTo(
    -0.3,
    14,
  );
});

test("on a quadratic, heavy-ball momentum with Polyak's optimal constants contracts by (√κ-1)/(√κ+1)", () => {
  const [small, large] = [1, 100];
  const [a, b] = [Math.sqrt(small), Math.sqrt(large)];
  const updater = sgd({ momentum: ((b - a) / (b + a)) ** 2 }).start({ x: { size: 2 } });
  const x = Float64Array.of(1, 1);
  let before = 0;
  for (let k = 0; k < 400; k++) {
    if (k === 200) before = Math.hypot(x[0]!, x[1]!);
    const { x: change } = updater.changes(
      { x },
      evidence(Float64Array.of(small * x[0]!, large * x[1]!)),
      4 / (a + b) ** 2,
    ) as Values;
    x[0]! += change![0]!;
    x[1]! += change![1]!;
  }
  const perStep = (Math.hypot(x[0]!, x[1]!) / before) ** (1 / 200);
  expect(Math.abs(perStep - (b - a) / (b + a))).toBeLessThan(0.02);
});

test("momentum resumes with the same bits, and weight decay is coupled", () => {
  const start = () => sgd({ momentum: 0.9, weightDecay: 0.1 }).start({ x: { size: 1 } });
  const step = (updater: ReturnType<typeof start>) =>
    (updater.changes({ x: Float64Array.of(3) }, evidence(Float64Array.of(1)), 1) as Values).x![0]!;
  const whole = start();
  expect(step(whole)).toBe(-(1 + 0.1 * 3));
  const resumed = start();
  resumed.restore(whole.state());
  expect(step(resumed)).toBe(step(whole));
});
