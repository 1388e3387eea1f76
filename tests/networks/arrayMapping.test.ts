import { describe, expect, test } from "vitest";
import type { NDArray } from "../../src/base/arrays.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { parseMapping, withArrays } from "../../src/networks/arrayMapping.ts";

function file(arrays: Record<string, NDArray>) {
  return {
    names: Object.keys(arrays),
    shapes: Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape])),
    get: async (name: string) => arrays[name]!,
  };
}
const array = (shape: number[], from = 0): NDArray => ({
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => from + k),
  shape,
});
const network: NetworkData = {
  equations: "tau dx/dt = -x + M L tanh(x) + b",
  parameters: { tau: { value: 10 }, M: { shape: ["N", "R"] }, L: { shape: ["R", "N"] }, b: { shape: ["N"] } },
};

describe("the mapping", () => {
  test("names, indices, transposes on either side, commas in names", () => {
    expect(parseMapping("rnn.m=M, x0[0]=b,rnn.n'=L,a.b{2,1}[3][0]=tau'")).toEqual([
      { array: "rnn.m", index: [], transpose: false, parameter: "M" },
      { array: "x0", index: [0], transpose: false, parameter: "b" },
      { array: "rnn.n", index: [], transpose: true, parameter: "L" },
      { array: "a.b{2,1}", index: [3, 0], transpose: true, parameter: "tau" },
    ]);
    expect(parseMapping("n'=L'")[0]!.transpose).toBe(false);
  });
  test("refuses what is none", () => {
    for (const text of ["", "M", "=M", "m=", "m=2M", "m=M,n=M"])
      expect(() => parseMapping(text), text).toThrow(/expected/);
  });
});

describe("values and sizes from arrays", () => {
  const arrays = file({ m: array([3, 2]), n: array([3, 2], 10), "b.0": array([1, 2, 3], 20), tau: array([1], 7) });
  test("transposed, indexed, and by their own names", async () => {
    const made = await withArrays(network, arrays, parseMapping("m=M,n'=L,b.0[0][1]=b"), "w.npz");
    expect(made.sizes).toEqual({ N: 3, R: 2 });
    expect(made.parameters.M!.value).toEqual([0, 1, 2, 3, 4, 5]);
    expect(made.parameters.L!.value).toEqual([10, 12, 14, 11, 13, 15]);
    expect(made.parameters.b!.value).toEqual([23, 24, 25]);
    // `tau` stands in the file under its own name, as [1]: it wins over the network's value.
    expect(made.parameters.tau!.value).toBe(7);
    expect(network.parameters.tau!.value).toBe(10);
  });

  test("sizes that were set must agree", async () => {
    await expect(withArrays(network, arrays, parseMapping("m=M"), "w.npz", { N: 4 })).rejects.toThrow(
      "N = 4 by what was set",
    );
  });

  test("a number in place of a size is asked for", async () => {
    const fixed: NetworkData = { equations: "dx/dt = -x + b", parameters: { b: { shape: [2] } } };
    await expect(withArrays(fixed, file({ b: array([3]) }), [], "w.npz")).rejects.toThrow(
      "`b` [3] does not fit `b`, which is [2]",
    );
    const square: NetworkData = { equations: "dx/dt = -J x", parameters: { J: { shape: ["N", "N"] } } };
    await expect(withArrays(square, file({ J: array([2, 3]) }), [], "w.npz")).rejects.toThrow(
      "`J` [2, 3] does not fit `J`, which is [N, N]",
    );
  });

  test("what is left without a value is told, with the arrays that are left", async () => {
    await expect(withArrays(network, arrays, parseMapping("m=M"), "w.npz")).rejects.toThrow(
      /w\.npz: no values for `L`, `b`.*not mapped yet: n, b\.0/,
    );
  });
});
