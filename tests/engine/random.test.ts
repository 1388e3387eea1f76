import { describe, expect, test } from "vitest";
import { noise, philox, RandomStream, randomKey } from "../../src/engine/random.ts";

describe("Philox4x32-10", () => {
  // kat_vectors of Random123 1.14.
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [Array(4).fill(0xffffffff), Array(2).fill(0xffffffff), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("known answer %#", (counter, key, expected) => {
    expect([...philox(counter, key)]).toEqual(expected);
  });
});

/** Mean of x^k over a sample. */
const moment = (x: Float64Array, k: number) => x.reduce((sum, v) => sum + v ** k, 0) / x.length;

/** Each moment within five standard errors of the standard normal's. */
function expectNormal(x: Float64Array) {
  const n = x.length;
  for (const [k, mean, variance] of [
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ] as const)
    expect(Math.abs(moment(x, k) - mean), `moment ${k}`).toBeLessThan(5 * Math.sqrt(variance / n));
}

describe("noise", () => {
  test("moments of the standard normal over entries, samples, trials and sources", () => {
    const all: number[] = [];
    for (let trial = 0; trial < 20; trial++)
      for (let sample = 0; sample < 20; sample++)
        for (const source of ["xi", "eps"])
          all.push(...noise({ seed: 3, source, trial, sample }, new Float64Array(101)));
    expectNormal(Float64Array.from(all));
  });

  test("does not depend on how many entries are asked for", () => {
    const address = { seed: 1, source: 7, trial: 2, sample: 5 };
    const long = noise(address, new Float64Array(13));
    for (let n = 1; n < 13; n++) expect([...noise(address, new Float64Array(n))]).toEqual([...long.subarray(0, n)]);
  });

  test("is uncorrelated between neighbours in every coordinate of its address", () => {
    const n = 10000;
    const base = { seed: 9, purpose: 0, source: 1, trial: 3, sample: 4 };
    const x = noise(base, new Float64Array(n));
    for (const other of [
      { seed: 10 },
      { purpose: 1 },
      { source: 2 },
      { trial: 4 },
      { sample: 5 },
      { seed: 9 + 2 ** 40 },
    ]) {
      const y = noise({ ...base, ...other }, new Float64Array(n));
      const correlation = x.reduce((sum, v, i) => sum + v * y[i]!, 0) / n;
      expect(Math.abs(correlation), JSON.stringify(other)).toBeLessThan(5 / Math.sqrt(n));
    }
    const lag = (k: number) => x.subarray(k).reduce((sum, v, i) => sum + v * x[i]!, 0) / (n - k);
    for (const k of [1, 2, 3, 4]) expect(Math.abs(lag(k)), `lag ${k}`).toBeLessThan(5 / Math.sqrt(n));
  });

  test("a seed that is no non-negative integer is a user's mistake", () => {
    expect(() => randomKey(-1, 0)).toThrow("seed -1");
    expect(() => randomKey(0.5, 0)).toThrow("seed 0.5");
  });
});

describe("RandomStream", () => {
  test("uniform numbers fill 100 bins evenly (chi squared, 99 degrees of freedom, p > 1e-6)", () => {
    const stream = new RandomStream(1, "test");
    const bins = new Float64Array(100);
    for (let i = 0; i < 100000; i++) bins[Math.floor(100 * stream.uniform())]!++;
    const chi2 = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi2).toBeLessThan(181);
    expect(chi2).toBeGreaterThan(45);
  });

  test("normal numbers have the normal's moments", () => {
    expectNormal(new RandomStream(2, "test").fillNormal(new Float64Array(100000)));
    const scaled = new RandomStream(2, "test").fillNormal(new Float64Array(1000), 5, 0.5);
    const plain = new RandomStream(2, "test").fillNormal(new Float64Array(1000));
    scaled.forEach((v, i) => {
      expect(v).toBeCloseTo(5 + 0.5 * plain[i]!, 12);
    });
  });

  test("integers are uniform, permutations complete and unbiased", () => {
    const stream = new RandomStream(3, "integers", 4);
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 70000; i++) counts[stream.integer(7)]!++;
    for (const count of counts) expect(Math.abs(count - 10000)).toBeLessThan(5 * Math.sqrt((10000 * 6) / 7));
    const first = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10000; i++) {
      const order = stream.permutation(5);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
      first[order[0]!]!++;
    }
    for (const count of first) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(2000 * 0.8));
    for (let i = 0; i < 100; i++) expect(["a", "b"]).toContain(stream.choice(["a", "b"]));
  });

  test("is the same for the same seed, purpose and index, and independent otherwise", () => {
    const draw = (seed: number, purpose: string | number, index?: number) =>
      new RandomStream(seed, purpose, index).fillNormal(new Float64Array(10000));
    const x = draw(1, "trials", 3);
    expect(draw(1, "trials", 3)).toEqual(x);
    for (const y of [
      draw(2, "trials", 3),
      draw(1, "initial", 3),
      draw(1, "trials", 4),
      draw(1, 0, 3),
      draw(2 ** 33 + 1, "trials", 3),
    ])
      expect(Math.abs(x.reduce((sum, v, i) => sum + v * y[i]!, 0) / x.length)).toBeLessThan(5 / Math.sqrt(x.length));
  });

  test("uniform stays inside its limits", () => {
    const u = new RandomStream(5, "limits").fillUniform(new Float64Array(10000), -2, 3);
    for (const v of u) expect(v >= -2 && v < 3).toBe(true);
    expect(Math.min(...u)).toBeLessThan(-1.99);
    expect(Math.max(...u)).toBeGreaterThan(2.99);
  });
});
