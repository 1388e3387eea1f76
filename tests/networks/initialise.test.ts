import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import type { Law, NetworkData } from "../../src/equations/network.ts";
import { drawParameter, initialise, timeUnit } from "../../src/networks/initialise.ts";

const draw = (law: Law, shape: number[], seed = 1, name = "J") => drawParameter(law, shape, { seed, name });
const mean = (x: Float64Array) => x.reduce((s, v) => s + v, 0) / x.length;
const variance = (x: Float64Array, about = mean(x)) => x.reduce((s, v) => s + (v - about) ** 2, 0) / x.length;

describe("moments", () => {
  // A gaussian variance estimated from n numbers is off by sqrt(2/n) of itself, a mean by std/sqrt(n).
  test.each<[string, Law, number[], number, number]>([
    ["gain of a matrix: over its columns", { law: "gaussian", gain: 1.5 }, [50, 200], 0, 2.25 / 200],
    ["gain of a wide one", { law: "gaussian" }, [200, 50], 0, 1 / 50],
    ["gain of a vector: over its length", { law: "gaussian", gain: 2 }, [8000], 0, 4 / 8000],
    ["std and mean", { law: "gaussian", std: 0.3, mean: 7 }, [100, 100], 7, 0.09],
  ])("%s", (_, law, shape, m, v) => {
    const x = draw(law, shape);
    expect(Math.abs(mean(x) - m)).toBeLessThan(5 * Math.sqrt(v / x.length));
    expect(Math.abs(variance(x, m) / v - 1)).toBeLessThan(5 * Math.sqrt(2 / x.length));
  });

  test("uniform", () => {
    const x = draw({ law: "uniform", low: -1, high: 3 }, [100, 100]);
    expect(Math.min(...x)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...x)).toBeLessThan(3);
    expect(Math.abs(mean(x) - 1)).toBeLessThan(5 * Math.sqrt(16 / 12 / 1e4));
    expect(Math.abs(variance(x) / (16 / 12) - 1)).toBeLessThan(5 * Math.sqrt(0.8 / 1e4));
  });

  test("constant and identity", () => {
    expect([...draw({ law: "constant", value: 2 }, [3])]).toEqual([2, 2, 2]);
    expect([...draw({ law: "identity" }, [2, 2])]).toEqual([1, 0, 0, 1]);
    expect([...draw({ law: "identity", gain: 0.5 }, [2, 3])]).toEqual([0.5, 0, 0, 0, 0.5, 0]);
    expect([...draw({ law: "constant", value: 4 }, [])]).toEqual([4]);
  });
});

test("sparse: the share that is not zero, and the variance of all", () => {
  const x = draw({ law: "sparse", probability: 0.1, gain: 1.5 }, [200, 200]);
  const filled = x.filter((v) => v !== 0).length / x.length;
  expect(Math.abs(filled - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / x.length));
  // Variance p g²/(p n) of a mixture with kurtosis 3/p.
  expect(Math.abs(variance(x, 0) / (2.25 / 200) - 1)).toBeLessThan(5 * Math.sqrt((3 / 0.1 - 1) / x.length));
});

test("bernoulli and shares", () => {
  const x = draw({ law: "bernoulli", probability: 0.3 }, [100, 100]);
  expect(new Set(x)).toEqual(new Set([0, 1]));
  expect(Math.abs(mean(x) - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 1e4));
  expect([...draw({ law: "shares", values: [1, -1], shares: [0.8, 0.2] }, [5])]).toEqual([1, 1, 1, 1, -1]);
  expect([...draw({ law: "shares", values: [3, 2, 1], shares: [0.5, 0.25, 0.25] }, [4])]).toEqual([3, 3, 2, 1]);
});

describe("orthogonal", () => {
  test.each([
    [40, 40],
    [60, 20],
    [20, 60],
  ])("%d × %d: the fewer of rows and columns are orthonormal, times the gain", (rows, columns) => {
    const Q = Matrix.from1DArray(rows, columns, draw({ law: "orthogonal", gain: 3 }, [rows, columns]));
    const gram = rows >= columns ? Q.transpose().mmul(Q) : Q.mmul(Q.transpose());
    const n = Math.min(rows, columns);
    expect(gram.sub(Matrix.identity(n, n).mul(9)).norm()).toBeLessThan(1e-12);
  });

  test("is uniform over the group: the trace has mean 0 and variance 1", () => {
    // Trace of a uniformly distributed orthogonal matrix: moments 0 and 1 (Diaconis & Mallows).
    const traces = Float64Array.from({ length: 400 }, (_, seed) => {
      const Q = draw({ law: "orthogonal" }, [5, 5], seed);
      return Q[0]! + Q[6]! + Q[12]! + Q[18]! + Q[24]!;
    });
    expect(Math.abs(mean(traces))).toBeLessThan(5 / Math.sqrt(400));
    expect(Math.abs(variance(traces, 0) - 1)).toBeLessThan(5 * Math.sqrt(2 / 400));
  });

  test("a vector has the length of the gain", () => {
    expect(Math.hypot(...draw({ law: "orthogonal", gain: 2 }, [30]))).toBeCloseTo(2, 12);
  });
});

test("circular law: the eigenvalues of a gaussian matrix of gain g fill the disc of radius g", () => {
  const n = 200;
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(
    Matrix.from1DArray(n, n, draw({ law: "gaussian", gain: 1.5 }, [n, n])),
  );
  const radii = realEigenvalues.map((re, k) => Math.hypot(re, imaginaryEigenvalues[k]!) / 1.5);
  // The edge is at 1 with fluctuations of order n^(-1/2); the uniform disc has half of its area within sqrt(1/2).
  expect(Math.max(...radii)).toBeGreaterThan(0.9);
  expect(Math.max(...radii)).toBeLessThan(1.15);
  const inner = radii.filter((r) => r < Math.SQRT1_2).length / n;
  expect(inner).toBeGreaterThan(0.42);
  expect(inner).toBeLessThan(0.58);
});

test("numbers belong to the seed and the name", () => {
  const law: Law = { law: "gaussian" };
  expect(draw(law, [20, 20])).toEqual(draw(law, [20, 20]));
  expect(draw(law, [20, 20], 2)).not.toEqual(draw(law, [20, 20]));
  const [x, y] = [draw(law, [10, 1000], 1, "J"), draw(law, [10, 1000], 1, "K")];
  const correlation = x.reduce((s, v, k) => s + v * y[k]!, 0) / 1e4 / (1 / 1000);
  expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(1e4));
});

test("laws that cannot be are refused", () => {
  const refused = (law: unknown, shape: number[], message: string) =>
    expect(() => draw(law as Law, shape)).toThrow(message);
  refused({ law: "gaussian", gain: 1, std: 1 }, [2, 2], "expected either `gain` or `std`");
  refused({ law: "gaussian", gain: "1" }, [2, 2], "a finite number for `gain`");
  refused({ law: "identity" }, [2], "expected a matrix");
  refused({ law: "uniform", low: 1, high: 0 }, [2], "`low` below `high`");
  refused({ law: "sparse", probability: 0 }, [2, 2], "a probability above 0 and at most 1");
  refused({ law: "bernoulli", probability: 1.5 }, [2, 2], "a probability above 0 and at most 1");
  refused({ law: "shares", values: [1], shares: [0.5] }, [2], "one share for each value, together 1");
  refused({ law: "shares", values: [1, 2], shares: [1] }, [2], "one share for each value, together 1");
  refused({ law: "poisson" }, [2], "gaussian, uniform, orthogonal, identity, constant, sparse, bernoulli or shares");
});

describe("a network's parameters", () => {
  const network: NetworkData = {
    equations: "tau dx/dt = -x + J r + b + w",
    sizes: { N: 3 },
    parameters: {
      tau: { value: 10, unit: "ms" },
      tau_a: { value: 0.2, unit: "s", tag: { bounded: [0.05, 1] } },
      J: { shape: ["N", "N"], group: "recurrent" },
      b: { shape: ["N"] },
      c: { shape: ["N"], value: 2, tag: "pinned" },
      w: { shape: [3, 2], value: [1, 2, 3, 4, 5, 6] },
      k: { shape: ["N"], init: { law: "gaussian", std: 10 }, tag: { bounded: [-1, 1] } },
      v: { value: -65, unit: "mV" },
    },
  };

  test("defaults: a matrix gaussian and free, a vector zero and free, a scalar pinned", () => {
    const { J, b, c, w, v } = initialise(network, { seed: 4 });
    expect(J!.values).toEqual({ data: draw({ law: "gaussian" }, [3, 3], 4), shape: [3, 3] });
    expect([J!.tag, J!.group]).toEqual(["free", "recurrent"]);
    expect(b).toEqual({ values: { data: new Float64Array(3), shape: [3] }, tag: "free" });
    expect(c).toEqual({ values: { data: Float64Array.of(2, 2, 2), shape: [3] }, tag: "pinned" });
    expect(w!.values).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] });
    expect(v).toEqual({ values: { data: Float64Array.of(-65), shape: [] }, tag: "pinned" });
    expect(initialise(network, { sizes: { N: 5 } }).J!.values.shape).toEqual([5, 5]);
  });

  test("times and their bounds come in the unit of tau", () => {
    expect(timeUnit(network)).toBe("ms");
    expect(initialise(network).tau_a).toEqual({
      values: { data: Float64Array.of(200), shape: [] },
      tag: { bounded: [50, 1000] },
    });
    const inSeconds = { ...network, parameters: { ...network.parameters, tau: { value: 0.01, unit: "s" } } };
    expect(initialise(inSeconds).tau_a!.values.data[0]).toBe(0.2);
    expect(timeUnit({ equations: "", parameters: { v: { value: 1, unit: "mV" } } })).toBeUndefined();
  });

  test("what is drawn is brought inside its bounds", () => {
    const { data } = initialise(network, { sizes: { N: 50 }, seed: 2 }).k!.values;
    expect(Math.max(...data.map(Math.abs))).toBe(1);
  });

  test("mistakes name the parameter", () => {
    const wrong = (name: string, data: object) => () =>
      initialise({ ...network, parameters: { ...network.parameters, [name]: data } });
    expect(wrong("J", { shape: ["N", "M"] })).toThrow(
      "size `M` of the parameter `J` is not given; expected a whole number above 0; set `M`",
    );
    expect(wrong("b", { shape: ["N"], value: [1, 2] })).toThrow(
      "parameter `b` has 2 values; expected 3 finite numbers for [3]",
    );
    expect(wrong("b", { shape: ["N"], value: [1, 2, Number.NaN] })).toThrow("not finite");
    expect(wrong("g", { value: 3, tag: { bounded: [0, 1] } })).toThrow("`g` bounded from 0 to 1 with the value 3");
    expect(wrong("g", { tag: { bounded: [1, 0] } })).toThrow(NullclineError);
  });
});
