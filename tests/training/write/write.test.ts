import { expect, test } from "vitest";
import { RandomStream } from "../../../src/engine/random.ts";
import type { TrainedParameter } from "../../../src/training/rule.ts";
import { accumulated } from "../../../src/training/write/accumulated.ts";
import { ideal } from "../../../src/training/write/ideal.ts";
import { projected } from "../../../src/training/write/projected.ts";

const one: Record<string, TrainedParameter> = { x: { size: 3 } };
const context = { seed: 1, initial: { x: new Float64Array(3) } };

test("a projection follows every write and is given all parameters: no sign is ever wrong in 10,000 updates", () => {
  const signs = [1, -1, 1];
  let given = 0;
  const writer = projected(({ x, other }) => {
    if (other) given++;
    for (let k = 0; k < 3; k++) if (x![k]! * signs[k]! < 0) x![k] = 0;
  }).start(one, context);
  const stream = new RandomStream(1, "changes");
  const values = { x: new Float64Array(3), other: new Float64Array(1) };
  let moved = 0;
  let wrong = 0;
  for (let k = 0; k < 10_000; k++) {
    writer.apply(values, { x: stream.fillNormal(new Float64Array(3)) }, k);
    values.x.forEach((v, i) => {
      if (v * signs[i]! < 0) wrong++;
      if (v !== 0) moved++;
    });
  }
  expect([wrong, given]).toEqual([0, 10_000]);
  expect(moved).toBeGreaterThan(10_000);
});

test("changes below a quantum wait; nothing is lost; both signs are treated alike", () => {
  const writer = accumulated(0.25).start(one, context);
  const values = { x: new Float64Array(3) };
  const seen: number[][] = [];
  for (let k = 0; k < 5; k++) {
    writer.apply(values, { x: Float64Array.of(0.125, -0.125, 0.625) }, k);
    seen.push([...values.x]);
  }
  // Sums: .125 k, -.125 k, .625 k, cut towards zero to quarters.
  expect(seen.map((row) => row.map((v) => v + 0))).toEqual([
    [0, 0, 0.5],
    [0.25, -0.25, 1.25],
    [0.25, -0.25, 1.75],
    [0.5, -0.5, 2.5],
    [0.5, -0.5, 3],
  ]);
});

test("as the quantum goes to zero, accumulated writes are ideal ones", () => {
  const stream = new RandomStream(2, "changes");
  const [a, b] = [{ x: new Float64Array(3) }, { x: new Float64Array(3) }];
  const [small, exact] = [accumulated(2 ** -30).start(one, context), ideal().start(one, context)];
  for (let k = 0; k < 100; k++) {
    const x = stream.fillNormal(new Float64Array(3));
    small.apply(a, { x }, k);
    exact.apply(b, { x }, k);
  }
  for (let k = 0; k < 3; k++) expect(Math.abs(a.x[k]! - b.x[k]!)).toBeLessThan(2 ** -29);
});

test("an accumulator resumes where it was", () => {
  const start = () => accumulated(1).start(one, context);
  const whole = start();
  const x = Float64Array.of(0.6, 0.6, 0.6);
  whole.apply({ x: new Float64Array(3) }, { x }, 0);
  const resumed = start();
  resumed.restore(whole.state());
  const values = { x: new Float64Array(3) };
  resumed.apply(values, { x }, 1);
  expect([...values.x]).toEqual([1, 1, 1]);
  expect(() => start().restore({})).toThrow("`accumulated.x` is missing");
});
