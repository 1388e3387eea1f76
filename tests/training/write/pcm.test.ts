/** Phase-change devices: their formulas in distribution, the schemes of writing, exact resumption. */
import { describe, expect, test } from "vitest";
import { normalCdf } from "../../../src/base/normal.ts";
import { RandomStream } from "../../../src/engine/random.ts";
import type { Write } from "../../../src/training/rule.ts";
import { accumulated } from "../../../src/training/write/accumulated.ts";
import { ideal } from "../../../src/training/write/ideal.ts";
import { pcm, pcmConstants, pcmReadNoise, readDevice, resetDevice, setPulse } from "../../../src/training/write/pcm.ts";

const n = 20_000;
/** Kolmogorov–Smirnov: the largest distance of the empirical distribution from a normal one; 1.95/√n at p = 0.001. */
function distance(samples: number[], mean: number, deviation: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  let most = 0;
  sorted.forEach((x, k) => {
    const p = normalCdf((x - mean) / deviation);
    most = Math.max(most, Math.abs(p - k / sorted.length), Math.abs(p - (k + 1) / sorted.length));
  });
  return most;
}
const limit = 1.95 / Math.sqrt(n);
const draw = (f: (random: RandomStream) => number): number[] => {
  const random = new RandomStream(7, "pcm test");
  return Array.from({ length: n }, () => f(random));
};

describe("in distribution", () => {
  test.each([
    [5, 0],
    [6, 0.1],
  ])("a pulse at %f µS with memory %f", (G, p) => {
    const next = p * Math.exp(-1 / 2.6);
    const samples = draw((random) => setPulse(G, p, random).G);
    const [mean, deviation] = [G - 0.084 * G + 0.88 + 1.4 * next, 0.091 * G + 0.26 + 2.15 * next];
    expect(distance(samples, mean, deviation)).toBeLessThan(limit);
    expect(distance(samples, mean, 1.1 * deviation)).toBeGreaterThan(limit); // the test has the power to tell
  });

  test("a pulse on a device after RESET stays within the limits, and is remembered", () => {
    const samples = draw((random) => setPulse(0.1, 1, random).G);
    expect(Math.min(...samples)).toBe(0.1);
    // The share at the lower limit is that of a normal variable below 0.
    const p = Math.exp(-1 / 2.6);
    const [mean, deviation] = [-0.0084 + 0.88 + 1.4 * p, 0.0091 + 0.26 + 2.15 * p];
    const share = samples.filter((g) => g === 0.1).length / n;
    expect(Math.abs(share - normalCdf(-mean / deviation))).toBeLessThan(0.012);
    expect(setPulse(0.1, 1, new RandomStream(1, "x")).p).toBeCloseTo(p, 14);
  });

  test.each([
    [4, 38.6, 1],
    [4, 3860, 100 ** -0.04],
    [9, 386_000, 10_000 ** -0.04],
  ])("reading %f µS after %f s", (G, age, factor) => {
    const samples = draw((random) => readDevice(G, age, random));
    expect(distance(samples, G * factor, 0.03 * G + 0.13)).toBeLessThan(limit);
  });

  test("RESET", () => {
    expect(distance(draw(resetDevice), 0.1, 0.01)).toBeLessThan(limit);
  });
});

const start = (options: Parameters<typeof pcm>[0], w: number[]) =>
  pcm(options).start({ W: { size: w.length } }, { seed: 3, initial: { W: Float64Array.from(w) } });
const mean = (a: Float64Array): number => a.reduce((s, v) => s + v, 0) / a.length;
const pulses = (writer: ReturnType<typeof start>): number => writer.writes!().W!;

test("without changes nothing is written; what is read is the weight, with the noise of both devices", () => {
  const w = new Array<number>(n).fill(0.5);
  const writer = start({}, w);
  const W = Float64Array.from(w);
  writer.apply({ W }, { W: new Float64Array(n) }, 0);
  expect(pulses(writer)).toBe(0);
  const deviation = Math.hypot(0.03 * 5.1 + 0.13, 0.03 * 0.1 + 0.13) / 10;
  expect(distance([...W], 0.5, deviation)).toBeLessThan(limit);
  writer.apply({ W }, { W: new Float64Array(n) }, 99); // 100 intervals after they were written
  expect(mean(W)).toBeCloseTo(0.5 * 100 ** -0.04, 2);
});

test("noise that belongs to every sample is left to the network: what is written drifts, and no more", () => {
  const writer = start({ read: "sample" }, [0.5, -0.2]);
  const W = new Float64Array(2);
  writer.apply({ W }, { W: new Float64Array(2) }, 99);
  // The other device of each pair, at the lower end, drifts too.
  const factor = 100 ** -0.04;
  expect(W[0]).toBeCloseTo(0.5 * factor, 12);
  expect(W[1]).toBeCloseTo(-0.2 * factor, 12);
  // Two devices of the same conductance: √2 times the deviation of one.
  expect(pcmReadNoise(10, 4)).toBeCloseTo(Math.hypot(0.25, 0.25) / 10, 14);
  // At the lower end half of what is read is the lower end itself: the positive part of a normal number.
  expect(pcmReadNoise(10)).toBeCloseTo((Math.SQRT2 * 0.133 * Math.sqrt(0.5 - 1 / (2 * Math.PI))) / 10, 14);
  const random = new RandomStream(5, "noise of reading");
  const differences = Float64Array.from({ length: 200_000 }, () => {
    const one = () => Math.max(0.1, readDevice(0.2, pcmConstants.reference, random));
    return (one() - one()) / 10;
  });
  const square = differences.reduce((sum, d) => sum + d * d, 0) / differences.length;
  expect(Math.abs(pcmReadNoise(10, 0.2) / Math.sqrt(square) - 1)).toBeLessThan(0.01);
});

test("read soon after it was written, a device has drifted less", () => {
  const read = (age: number): number => {
    const writer = start({ read: "sample", scheme: "multi", pairs: 1, age }, [0]);
    const W = new Float64Array(1);
    writer.apply({ W }, { W: new Float64Array([0.3]) }, 4);
    const G = writer.state()["pcm.G.W"]!.data;
    // The device that was not written has its age since the beginning.
    const old = (G[1]! * ((4 * 38.6 + age) / 38.6) ** -0.04) / 10;
    return (W[0]! + old) / (G[0]! / 10);
  };
  expect(read(0.5)).toBeCloseTo((0.5 / 38.6) ** -0.04, 12);
  expect(read(38.6)).toBeCloseTo(1, 12);
});

test("law 15: what was written 38.6 s ago is read by the factor 1, later by a power of its age", () => {
  const w = [0.5, -0.3, 0, 1.1];
  const writer = start({ read: "sample" }, w);
  const W = Float64Array.from(w);
  for (const [iteration, factor] of [
    [0, 1],
    [1, 2 ** -0.04],
    [99, 100 ** -0.04],
  ] as const) {
    writer.apply({ W }, { W: new Float64Array(4) }, iteration);
    W.forEach((x, k) => {
      expect(x).toBeCloseTo(w[k]! * factor, 14);
    });
  }
  const often = start({ read: "sample", interval: 7 }, w);
  often.apply({ W }, { W: new Float64Array(4) }, 0);
  expect(W[0]).toBeCloseTo(0.5 * (7 / 38.6) ** -0.04, 14);
});

test("pulses, drift and reading together: weights in distribution as by the formulas, written here again", () => {
  const [times, interval] = [5, 100];
  const writer = start({ scheme: "sign", scale: 10, interval }, new Array<number>(n).fill(0.05));
  const W = new Float64Array(n);
  for (let k = 0; k < times; k++) writer.apply({ W }, { W: new Float64Array(n).fill(1) }, k);
  writer.apply({ W }, { W: new Float64Array(n) }, times + 3);
  // 0.5 µS above the lowest conductance, which counts as one pulse so far; then five; read four intervals after the last.
  const normal = new RandomStream(11, "by hand");
  const drift = ((times + 3 + 1 - (times - 1)) * interval) / 38.6;
  const idle = ((times + 3 + 1) * interval) / 38.6;
  const byHand = Float64Array.from({ length: n }, () => {
    let [G, pulses] = [0.6, 1];
    for (let k = 0; k < times; k++) {
      pulses++;
      const P = Math.exp(-pulses / 2.6);
      const rise = normal.normal(-0.084 * G + 0.88 + 1.4 * P, 0.091 * G + 0.26 + 2.15 * P);
      G = Math.min(12, Math.max(0.1, G + rise));
    }
    const plus = G * drift ** -0.04 + normal.normal(0, 0.03 * G + 0.13);
    const minus = 0.1 * idle ** -0.04 + normal.normal(0, 0.03 * 0.1 + 0.13);
    return (plus - minus) / 10;
  });
  // Kolmogorov–Smirnov of two samples: 1.95 √(2/n) at p = 0.001.
  const apart = (a: Float64Array, b: Float64Array): number => {
    const [x, y] = [a.toSorted(), b.toSorted()];
    let [most, j] = [0, 0];
    x.forEach((v, i) => {
      while (j < n && y[j]! <= v) j++;
      most = Math.max(most, Math.abs((i + 1 - j) / n));
    });
    return most;
  };
  expect(apart(W, byHand)).toBeLessThan(limit * Math.SQRT2);
  expect(
    apart(
      W,
      byHand.map((x) => 1.05 * x),
    ),
  ).toBeGreaterThan(limit * Math.SQRT2); // the test has the power to tell
});

describe("schemes", () => {
  const changes = Float64Array.from({ length: n }, (_, k) => (k % 2 === 0 ? 0.1 : -0.1));
  const written = (options: Parameters<typeof pcm>[0], change = changes): number => {
    const writer = start(options, new Array<number>(n).fill(0));
    writer.apply({ W: new Float64Array(n) }, { W: change }, 0);
    return pulses(writer) / n;
  };

  test("sign: one pulse above the threshold", () => {
    expect(written({ scheme: "sign", threshold: 0.05 })).toBe(1);
    expect(written({ scheme: "sign", threshold: 0.2 })).toBe(0);
  });
  test("stochastic: in proportion to the change", () => {
    expect(written({ scheme: "stochastic", scale: 3 })).toBeCloseTo((0.1 * 3) / 0.75, 1);
  });
  test("several devices: pulses of a share each, in rotation", () => {
    expect(written({ scheme: "multi", pairs: 3, scale: 7.5 })).toBe(3); // 0.75 µS in pulses of 0.25 µS
    const writer = start({ scheme: "multi", pairs: 3, scale: 7.5 }, [0]);
    writer.apply({ W: new Float64Array(1) }, { W: Float64Array.of(0.1) }, 0);
    const p = writer.state()["pcm.p.W"]!.data;
    expect([...p].map((q) => Math.round(-Math.log(q) * 2.6) + 0)).toEqual([1, 0, 1, 0, 1, 0]);
  });
  test("mixed precision: changes wait until they make a quantum", () => {
    const writer = start({ quantum: 0.25, scale: 6 }, [0, 0, 0]);
    const W = new Float64Array(3);
    const counts = Array.from({ length: 4 }, (_, k) => {
      writer.apply({ W }, { W: Float64Array.of(0.1, -0.1, 0) }, k);
      return pulses(writer);
    });
    expect(counts).toEqual([0, 0, 4, 4]); // 0.25 · 6 µS = 2 pulses on each of two weights, at the third update
    const G = writer.state()["pcm.G.W"]!.data;
    expect([G[0]! > 0.1, G[1] === 0.1, G[2] === 0.1, G[3]! > 0.1, G[4] === 0.1, G[5] === 0.1]).toEqual(
      new Array(6).fill(true),
    );
  });
  test("whole pulses below the change, or the nearest number", () => {
    // 1.5 µS less a little, in pulses of 0.75 µS.
    const change = new Float64Array(n).fill(0.149);
    expect(written({ scheme: "multi", pairs: 1, rounding: "below" }, change)).toBe(1);
    expect(written({ scheme: "multi", pairs: 1 }, change)).toBe(2);
    expect(written({ quantum: 0.149, rounding: "below" }, change)).toBe(1);
    expect(written({ quantum: 0.149 }, change)).toBe(2);
  });
  test("one pulse on many devices: the mean is that of its formula", () => {
    // From 5 µS with little memory left, one pulse: the mean change is -0.084 G + 0.88 + 1.4 p.
    const writer = start({ scheme: "sign", scale: 10 }, new Array<number>(n).fill(0.49));
    writer.apply({ W: new Float64Array(n) }, { W: new Float64Array(n).fill(1) }, 0);
    const G = writer.state()["pcm.G.W"]!.data.filter((_, k) => k % 2 === 0);
    const p = Math.exp(-Math.round(4.9 / 0.75) / 2.6) * Math.exp(-1 / 2.6);
    expect(mean(G)).toBeCloseTo(5 - 0.42 + 0.88 + 1.4 * p, 1);
  });
});

test("pulses are counted by parameter", () => {
  const parameters = { A: { size: 3 }, B: { size: 2 } };
  const writer = pcm({ scheme: "sign" }).start(parameters, {
    seed: 1,
    initial: { A: new Float64Array(3), B: new Float64Array(2) },
  });
  const values = { A: new Float64Array(3), B: new Float64Array(2) };
  for (let k = 0; k < 4; k++)
    writer.apply(values, { A: Float64Array.of(1, 0, -1), B: Float64Array.of(0, k < 2 ? 1 : 0) }, k);
  expect(writer.writes!()).toEqual({ A: 8, B: 2 });
  const again = pcm({ scheme: "sign" }).start(parameters, { seed: 1, initial: values });
  again.restore(writer.state());
  expect(again.writes!()).toEqual({ A: 8, B: 2 });
});

test("a full pair is RESET and its difference written again", () => {
  const writer = start({ scheme: "sign", scale: 10 }, new Array<number>(200).fill(0.6));
  const W = new Float64Array(200);
  for (let k = 0; k < 60; k++) writer.apply({ W }, { W: new Float64Array(200).fill(k % 2 === 0 ? 1 : -1) }, k);
  const { G } = { G: writer.state()["pcm.G.W"]!.data };
  expect(Math.max(...G)).toBeLessThanOrEqual(pcmConstants.high);
  expect(Math.min(...G)).toBeGreaterThanOrEqual(0);
  expect(G.filter((g) => g < 6).length).toBeGreaterThan(20); // without RESET both sides only rise
});

describe("ideal devices (law 15)", () => {
  const updates = 200;
  const size = 6;
  const initial = [0.3, -0.2, 0, 0.7, -0.5, 0.1];
  /** The greatest distance, over all updates, of weights written by a device and by another write. */
  function apart(options: Parameters<typeof pcm>[0], other: Write): number {
    const writers = [start(options, initial), other.start({ W: { size } }, { seed: 3, initial: {} })];
    const weights = writers.map(() => Float64Array.from(initial));
    const random = new RandomStream(2, "changes");
    let most = 0;
    for (let k = 0; k < updates; k++) {
      // Back towards zero, so that no weight leaves the range of 1.19.
      const change = random.fillNormal(new Float64Array(size), 0, 0.1).map((x, i) => x - 0.2 * weights[1]![i]!);
      writers.forEach((writer, i) => {
        writer.apply({ W: weights[i]! }, { W: change }, k);
      });
      weights[0]!.forEach((w, i) => {
        most = Math.max(most, Math.abs(w - weights[1]![i]!));
      });
    }
    expect(Math.max(...weights[1]!.map(Math.abs))).toBeGreaterThan(0.1);
    return most;
  }
  /** Half a level for the start and for each update, as a weight. */
  const bound = (bits: number, pairs = 1): number => ((11.9 / (2 ** bits - 1)) * (updates + 1)) / 2 / pairs / 10;

  test.each([
    [20, 1],
    [28, 1],
    [28, 3],
  ])("%i bits, %i pairs: ideal writes", (bits, pairs) => {
    const off = apart({ scheme: "multi", pairs, bits }, ideal());
    // Pairs start at the same level, so that their start is rounded as one.
    expect(off).toBeLessThan(bound(bits, pairs) + bound(bits) / updates);
    expect(off).toBeGreaterThan(0);
  });
  test("with changes of many updates flushed in quanta: the accumulated write", () => {
    expect(apart({ bits: 28, quantum: 2 ** -5 }, accumulated(2 ** -5))).toBeLessThan(bound(28));
  });
  test("few bits: weights stand on the levels, and half a level is lost", () => {
    const step = 11.9 / 7 / 10;
    const writer = start({ scheme: "multi", pairs: 1, bits: 3 }, initial);
    const W = Float64Array.from(initial);
    writer.apply({ W }, { W: Float64Array.of(0.4, 0.6, -0.6, 0.4, -0.4, -2).map((x) => x * step) }, 0);
    const expected = [2, 0, -1, 4, -3, -1].map((n) => n * step);
    W.forEach((w, k) => {
      expect(w).toBeCloseTo(expected[k]!, 12);
    });
    expect(() => pcm({ bits: 0 })).toThrow("devices of 0 bits");
  });
  test("a pair at its upper end is RESET and keeps its difference", () => {
    const writer = start({ scheme: "multi", pairs: 1, bits: 24 }, [0]);
    const W = new Float64Array(1);
    for (const [k, change] of [1, -1, 0.9, -0.4, 0.5].entries()) writer.apply({ W }, { W: Float64Array.of(change) }, k);
    expect(W[0]).toBeCloseTo(1, 5);
    const G = writer.state()["pcm.G.W"]!.data;
    expect(Math.max(...G)).toBeLessThanOrEqual(pcmConstants.high);
    // Beyond what two devices can differ by, the weight stays at the end.
    writer.apply({ W }, { W: Float64Array.of(5) }, 6);
    expect(W[0]).toBeCloseTo(1.19, 5);
  });
});

test("resumed, the same bits", () => {
  const options = { scheme: "multi" as const };
  const random = new RandomStream(1, "changes");
  const changes = Array.from({ length: 6 }, () => random.fillNormal(new Float64Array(5), 0, 0.1));
  const w = [0.1, -0.2, 0.3, 0, 0.5];
  const whole = start(options, w);
  const W = Float64Array.from(w);
  const resumed = start(options, w);
  for (let k = 0; k < 3; k++) whole.apply({ W }, { W: changes[k]! }, k);
  resumed.restore(whole.state());
  const other = W.slice();
  for (let k = 3; k < 6; k++) {
    whole.apply({ W }, { W: changes[k]! }, k);
    resumed.apply({ W: other }, { W: changes[k]! }, k);
  }
  expect(other).toEqual(W);
  expect(resumed.state()).toEqual(whole.state());
});
