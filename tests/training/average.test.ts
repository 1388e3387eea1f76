/** The average of iterates against its weights in closed form. */
import { expect, test } from "vitest";
import { RandomStream } from "../../src/engine/random.ts";
import { averageIn } from "../../src/training/average.ts";

/** Mean of the first `horizon` values, which then loses 1/horizon of its weight to each further one. */
function weighted(values: number[], horizon: number): number {
  const late = Math.max(0, values.length - horizon);
  const keep = 1 - 1 / horizon;
  const head = values.slice(0, horizon);
  const tail = values.slice(horizon).reduce((sum, v, k) => sum + (v / horizon) * keep ** (late - 1 - k), 0);
  return (head.reduce((a, b) => a + b, 0) / head.length) * keep ** late + tail;
}

test.each([
  [1, 1],
  [5, 8],
  [8, 8],
  [40, 8],
  [40, 1],
])("%i iterates, averaged over %i", (n, horizon) => {
  const random = new RandomStream(1, "average");
  const values = Array.from({ length: n }, () => random.normal());
  const average = { a: { data: Float64Array.of(Number.NaN), shape: [1] } };
  values.forEach((v, k) => {
    averageIn(average, { a: Float64Array.of(v), untrained: Float64Array.of(3) }, k + 1, horizon);
  });
  expect(average.a.data[0]!).toBeCloseTo(weighted(values, horizon), 12);
});
