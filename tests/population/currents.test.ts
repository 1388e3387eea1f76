/** Composition law 11: currents by source sum to J r, their parts by sign to the whole. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { currentsBySource, ndarray, RandomStream } from "../../src/index.ts";

test("sums over sources are J r to rounding, and parts by sign add up, for any partition", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 3, max: 12 }), (seed, units) => {
      const random = new RandomStream(seed, "currents");
      const draw = (n: number) => Float64Array.from({ length: n }, () => 2 * random.uniform() - 1);
      const [trials, samples] = [2, 3];
      const J = ndarray(draw(units * units), [units, units]);
      const r = ndarray(draw(trials * samples * units), [trials, samples, units]);
      const areas: Record<string, number[]> = { V1: [0], PFC: [1], PPC: [2] };
      for (let i = 3; i < units; i++) areas[random.choice(["V1", "PFC", "PPC"])]!.push(i);
      const found = currentsBySource(J, r, areas);
      expect(found).toHaveLength(Object.keys(areas).length ** 2);
      for (const [to, targets] of Object.entries(areas))
        for (let k = 0; k < trials * samples; k++)
          for (const [i, target] of targets.entries()) {
            let whole = 0;
            for (let j = 0; j < units; j++) whole += J.data[target * units + j]! * r.data[k * units + j]!;
            const parts = found.filter((c) => c.to === to);
            const at = k * targets.length + i;
            expect(parts.reduce((s, c) => s + c.total.data[at]!, 0)).toBeCloseTo(whole, 12);
            for (const c of parts) expect(c.excitatory.data[at]! + c.inhibitory.data[at]!).toBe(c.total.data[at]);
          }
    }),
    { numRuns: 50 },
  );
});

test("the parts follow the sign of the weight, not of the rate", () => {
  const found = currentsBySource(ndarray([0, 2, -3, 0], [2, 2]), ndarray([-1, -1], [1, 1, 2]), { E: [0], I: [1] });
  const of = (to: string, from: string) => found.find((c) => c.to === to && c.from === from)!;
  expect(Array.from(of("E", "I").excitatory.data)).toEqual([-2]);
  expect(Array.from(of("I", "E").inhibitory.data)).toEqual([3]);
  expect(of("E", "E").total.data[0]).toBeCloseTo(0, 15);
});

test("areas that overlap, leave a unit out or name one that is not there, and weights that do not fit, are refused", () => {
  const J = ndarray([0, 1, 1, 0], [2, 2]);
  const r = ndarray([1, 1], [1, 1, 2]);
  expect(() => currentsBySource(J, r, { a: [0, 1], b: [1] })).toThrow(/unit 1 in `a` and in `b`/);
  expect(() => currentsBySource(J, r, { a: [0] })).toThrow(/unit 1 in no area/);
  expect(() => currentsBySource(J, r, { a: [0, 1, 2] })).toThrow(/area `a` with unit 2/);
  expect(() => currentsBySource(ndarray([1, 2], [1, 2]), r, { a: [0, 1] })).toThrow(/weights \[1 × 2\]/);
});
