import { setFlagsFromString } from "node:v8";
import { describe, expect, test } from "vitest";
import { hashName, noise, randomKey } from "../../../src/engine/random.ts";
import { ModuleBuilder } from "../../../src/engine/wasm/assembler.ts";
import { emitNoise } from "../../../src/engine/wasm/philox.ts";
import type { Precision } from "../../../src/engine/wasm/vector.ts";

setFlagsFromString("--experimental-wasm-relaxed-simd");
const memory = new WebAssembly.Memory({ initial: 160 });

interface Address {
  seed: number;
  purpose: number;
  source: string;
  firstTrial: number;
  sample: number;
}

/** `[entry][lane]`. */
function fill(precision: Precision, relaxed: boolean, entries: number, lanes: number, address: Address) {
  const m = new ModuleBuilder({ relaxed });
  m.export("fill", emitNoise(m, { precision, entries, lanes }));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory } });
  const Data = precision === "f32" ? Float32Array : Float64Array;
  const out = new Data(memory.buffer, 64, entries * lanes + 8).fill(99);
  const { seed, purpose, source, firstTrial, sample } = address;
  (exports.fill as (...args: number[]) => void)(64, ...randomKey(seed, purpose), hashName(source), firstTrial, sample);
  expect([...out.subarray(entries * lanes)]).toEqual(Array(8).fill(99));
  return out.subarray(0, entries * lanes);
}

describe.each([
  ["f32", true],
  ["f32", false],
  ["f64", true],
  ["f64", false],
] as const)("%s, relaxed %s", (precision, relaxed) => {
  // Rounding of radius and angle; the double precision reference rounds as well.
  const allowed = precision === "f32" ? 1e-6 : 4e-15;

  test.each([1, 2, 3, 4, 5, 6, 7, 101])("%i entries are the numbers of the scalar definition", (entries) => {
    for (const [lanes, address] of [
      [8, { seed: 0, purpose: 0, source: "xi", firstTrial: 0, sample: 0 }],
      [24, { seed: 2 ** 45 + 7, purpose: 3, source: "eps", firstTrial: 1000, sample: 123 }],
      [32, { seed: 4294967295, purpose: 2 ** 30, source: "η", firstTrial: 5, sample: 4e6 }],
    ] as const) {
      const got = fill(precision, relaxed, entries, lanes, address);
      for (let lane = 0; lane < lanes; lane++) {
        const expected = noise({ ...address, trial: address.firstTrial + lane }, new Float64Array(entries));
        for (let entry = 0; entry < entries; entry++)
          expect(Math.abs(got[entry * lanes + lane]! - expected[entry]!)).toBeLessThan(allowed);
      }
    }
  });

  test("a million numbers have the moments, tails and evenness of the standard normal distribution", () => {
    const [entries, lanes] = [4000, 256];
    const x = fill(precision, relaxed, entries, lanes, {
      seed: 11,
      purpose: 1,
      source: "xi",
      firstTrial: 0,
      sample: 9,
    });
    const n = x.length;
    const sums = [0, 0, 0, 0];
    // Sixteen intervals of equal probability, by the quantiles of the standard normal distribution.
    const quantiles = [
      0.1573106846101707, 0.31863936396437514, 0.4887764111146695, 0.6744897501960817, 0.8871465590188758,
      1.1503493803760079, 1.5341205443525463,
    ];
    const counts = new Float64Array(16);
    let lag = 0;
    let beyond = 0;
    for (let i = 0; i < n; i++) {
      const v = x[i]!;
      for (let k = 0; k < 4; k++) sums[k]! += v ** (k + 1);
      const bin = quantiles.filter((q) => Math.abs(v) > q).length;
      counts[v > 0 ? 8 + bin : 7 - bin]!++;
      if (i > 0) lag += v * x[i - 1]!;
      if (Math.abs(v) > 4) beyond++;
    }
    for (const [k, [mean, variance]] of [
      [0, 1],
      [1, 2],
      [0, 15],
      [3, 96],
    ].entries())
      expect(Math.abs(sums[k]! / n - mean!), `moment ${k + 1}`).toBeLessThan(5 * Math.sqrt(variance! / n));
    const chi2 = counts.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0);
    expect(chi2, "15 degrees of freedom, p > 1e-6").toBeLessThan(56.5);
    expect(Math.abs(lag / n)).toBeLessThan(5 / Math.sqrt(n));
    // P(|x| > 4) = 6.334e-5.
    expect(Math.abs(beyond - 6.334e-5 * n)).toBeLessThan(5 * Math.sqrt(6.334e-5 * n));
  });
});
