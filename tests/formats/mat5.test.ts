import { describe, expect, test } from "vitest";
import { openArrays } from "../../src/formats/arrayFile.ts";
import { readMat5 } from "../../src/formats/mat5.ts";
import { expectRefusal, haveReference, matWriter, referenceFile } from "./fixtures.ts";

for (const little of [true, false]) {
  const w = matWriter(little);
  const double = (name: string, value: number) => w.matrix(6, [1, 1], name, [w.element(9, w.doubles([value]))]);

  describe(little ? "little-endian" : "big-endian", () => {
    test("column order becomes row order, compressed or not", async () => {
      const A = w.matrix(6, [2, 3], "A", [w.element(9, w.doubles([11, 21, 12, 22, 13, 23]))]);
      const cube = w.matrix(6, [2, 2, 2], "cube", [w.element(9, w.doubles([1, 2, 3, 4, 5, 6, 7, 8]))]);
      for (const file of [w.file([A, cube]), w.file([w.compressed(A), w.compressed(cube)])]) {
        const arrays = await openArrays("x.mat", file);
        expect(arrays.shapes).toEqual({ A: [2, 3], cube: [2, 2, 2] });
        expect([...(await arrays.get("A")).data]).toEqual([11, 12, 13, 21, 22, 23]);
        expect([...(await arrays.get("cube")).data]).toEqual([1, 5, 3, 7, 2, 6, 4, 8]);
      }
    });

    test("every class of numbers, stored as itself or as something smaller", async () => {
      const stored: [number, number, Uint8Array, number][] = [
        [6, 2, Uint8Array.of(200), 200], // double stored as uint8
        [6, 1, Uint8Array.of(200), -56],
        [6, 5, w.word(-70000), -70000],
        [7, 9, w.doubles([0.5]), 0.5], // single stored as double
        [8, 1, Uint8Array.of(255), -1],
        [9, 2, Uint8Array.of(255), 255],
        [12, 5, w.word(-7), -7],
        [13, 6, w.word(-1), 2 ** 32 - 1],
        [14, 12, little ? w.words([1, 1]) : w.words([1, 1]), 2 ** 32 + 1],
        [15, 13, little ? w.words([5, 0]) : w.words([0, 5]), 5],
      ];
      const short = little ? Buffer.from([0x02, 0x01]) : Buffer.from([0x01, 0x02]);
      stored.push([10, 3, short, 258], [11, 4, short, 258]);
      for (const [kind, type, content, value] of stored)
        for (const element of [w.element(type, content), ...(content.length <= 4 ? [w.small(type, content)] : [])]) {
          const { x } = await readMat5(w.file([w.matrix(kind, [1, 1], "x", [element])]));
          if (x?.kind !== "numbers") throw new Error("no numbers");
          expect(x.read().data[0]).toBe(value);
          expect(x.read().data).toBeInstanceOf(kind === 7 ? Float32Array : Float64Array);
        }
    });

    test("logicals, text, structs, cells, nested, with names as in MATLAB", async () => {
      const flag = w.matrix(9, [1, 2], "flag", [w.element(2, Uint8Array.of(1, 0))], 0x200);
      const text = w.matrix(4, [2, 2], "text", [
        w.element(4, little ? Buffer.from("a\0c\0b\0d\0") : Buffer.from("\0a\0c\0b\0d")),
      ]);
      const utf8 = w.matrix(4, [1, 2], "utf8", [w.small(16, Buffer.from("µs"))]);
      const fields = [w.small(5, w.word(8)), w.element(1, Buffer.from("rate\0\0\0\0cells\0\0\0"))];
      const cells = w.matrix(1, [2, 2], "", [
        double("", 1),
        double("", 2),
        w.element(14, Buffer.alloc(0)),
        double("", 4),
      ]);
      const one = w.matrix(2, [1, 1], "one", [...fields, double("", 7), cells]);
      const two = w.matrix(2, [1, 2], "two", [...fields, double("", 1), double("", 2), double("", 3), double("", 4)]);
      const values = await readMat5(w.file([flag, text, utf8, one, two]));
      expect(values.flag).toMatchObject({ kind: "numbers", logical: true, class: "uint8" });
      expect(values.text).toEqual({ kind: "text", rows: ["ab", "cd"] });
      expect(values.utf8).toEqual({ kind: "text", rows: ["µs"] });
      const arrays = await openArrays("x.mat", w.file([flag, text, one, two]));
      const found = await Promise.all(arrays.names.map(async (name) => [name, ...(await arrays.get(name)).data]));
      expect(Object.fromEntries(found.map(([name, ...data]) => [name, data]))).toEqual({
        flag: [1, 0],
        "one.rate": [7],
        "one.cells{1,1}": [1],
        "one.cells{2,1}": [2],
        "one.cells{1,2}": [],
        "one.cells{2,2}": [4],
        "two(1).rate": [1],
        "two(1).cells": [2],
        "two(2).rate": [3],
        "two(2).cells": [4],
      });
      expect(arrays.others).toEqual({ text: "text" });
    });

    test("a sparse or complex matrix is named and does not hide the others", async () => {
      const sparse = w.matrix(5, [3, 3], "S", [w.element(5, w.words([0])), w.element(5, w.words([0, 0, 0, 0]))]);
      const complex = w.matrix(6, [1, 1], "Z", [w.element(9, w.doubles([1])), w.element(9, w.doubles([2]))], 0x800);
      const arrays = await openArrays("x.mat", w.file([sparse, complex, double("A", 3)]));
      expect([...(await arrays.get("A")).data]).toEqual([3]);
      await expectRefusal(() => arrays.get("S"), "mat", /"S" holds a sparse matrix \(save full\(A\) instead\)/);
      await expectRefusal(() => arrays.get("Z"), "mat", /"Z" holds complex numbers/);
      await expectRefusal(() => arrays.get("B"), "mat", /no array "B"; expected one of A \[1, 1\]; did you mean "A"\?/);
    });

    test("an integer that float64 does not hold is refused when it is asked for", async () => {
      const big = w.matrix(15, [1, 1], "n", [w.element(13, w.words([-1, -1]))]);
      const arrays = await openArrays("x.mat", w.file([big, double("A", 3)]));
      expect((await arrays.get("A")).data[0]).toBe(3);
      await expectRefusal(() => arrays.get("n"), "mat", /beyond 2\^53/);
    });
  });
}

describe("refusals", () => {
  const w = matWriter(true);
  const A = w.matrix(6, [2, 3], "A", [w.element(9, w.doubles([1, 2, 3, 4, 5, 6]))]);
  const plain = w.file([A]);
  const packed = w.file([w.compressed(A)]);
  const absurd = w.matrix(6, [2 ** 30, 2 ** 30], "A", [w.element(9, w.doubles([1]))]);
  const cells = w.matrix(1, [2 ** 15, 2 ** 15], "C", []);
  const liar = w.compressed(Buffer.concat([w.words([14, 0x7fffffff]), Buffer.alloc(64)]));
  let nested = w.matrix(6, [0, 0], "", [w.element(9, Buffer.alloc(0))]);
  for (let k = 0; k < 200; k++) nested = w.matrix(1, [1, 1], "", [nested]);
  const v73 = plain.slice();
  v73.set([0, 2], 124);
  const v4 = bytesOfV4();
  const cases: [string, Uint8Array, RegExp][] = [
    ["a text", new TextEncoder().encode("time,rate\n".repeat(30)), /not a MATLAB file: it starts with "time,rat"/],
    ["nothing", new Uint8Array(0), /not a MATLAB file: it is empty/],
    ["v7.3 by its version", v73, /v7.3 file, which is HDF5 inside; expected MATLAB v5 .*; save it again .*-v7/],
    ["v4", v4, /a MATLAB v4 file/],
    ["cut in the header", plain.subarray(0, 100), /not a MATLAB file/],
    ["cut in a tag", plain.subarray(0, 132), /breaks off in the middle of an element/],
    ["cut in the numbers", plain.subarray(0, plain.length - 16), /declares 96 bytes where 80 are left/],
    ["cut when packed", packed.subarray(0, packed.length - 9), /declares \d+ bytes where/],
    ["packed bytes altered", packed.with(150, packed[150]! ^ 255), /cannot be unpacked|declares|damaged/],
    ["absurd shape", w.file([absurd]), /impossible shape|declares \[1073741824, 1073741824\] and holds 1 numbers/],
    ["absurd number of cells", w.file([cells]), /1073741824 nested values do not fit/],
    ["2 GB declared from few bytes", w.file([liar]), /declares 2.00 GiB, which \d+ bytes cannot unpack to/],
    ["nested too deep", w.file([nested]), /nested more than 100 deep/],
    ["no variable", w.file([w.element(9, w.doubles([1]))]), /a variable is expected where an element of type 9 stands/],
  ];
  for (const [name, file, pattern] of cases)
    test(name, () => expectRefusal(() => readMat5(file, { file: "x.mat" }), "mat", pattern));

  test("unpacked sizes add up against the limit", () =>
    expectRefusal(
      () => readMat5(w.file([w.compressed(A), w.compressed(A)]), { maxBytes: 200 }),
      "mat",
      /would take 208 bytes/,
    ));
});

/** The 20-byte header of version 4: type, rows, columns, imaginary, length of the name. */
function bytesOfV4(): Uint8Array {
  return new Uint8Array([...new Uint8Array(Int32Array.of(0, 1, 1, 0, 2).buffer), 65, 0, ...new Uint8Array(8)]);
}

const monkey = "recordings/monkey-reach.mat";
test.skipIf(!haveReference(monkey))(
  `${monkey}: 61 times, 50 neurons, 10 conditions (skipped where absent)`,
  async () => {
    const file = await openArrays("monkey-reach.mat", referenceFile(monkey));
    const { data, shape } = await file.get("dataTensor");
    expect(shape).toEqual([61, 50, 10]);
    // Three entries as Python's zlib and struct read them at offset t + 61 (unit + 50 condition).
    expect(data[0]).toBe(-0.0441778669629774);
    expect(data[(60 * 50 + 49) * 10 + 9]).toBe(-0.14111362218412118);
    expect(data[(10 * 50 + 3) * 10 + 7]).toBe(0.03949718473496894);
    expect([...(await file.get("t")).data]).toEqual(Array.from({ length: 61 }, (_, k) => 10 * k - 50));
  },
);

const rat = "recordings/rat-linear-track/";
test.skipIf(!haveReference(`${rat}spikes.mat`))(
  `${rat}spikes.mat: counts of every unit as in binned-20ms.npz (skipped where absent)`,
  async () => {
    const spikes = await openArrays("spikes.mat", referenceFile(`${rat}spikes.mat`));
    const binned = await openArrays("b.npz", referenceFile(`${rat}binned-20ms.npz`));
    const counts = await binned.get("counts");
    const from = (await binned.get("bin_start")).data[0]!;
    const bins = counts.shape[1]!;
    const until = from + bins * (await binned.get("bin_s")).data[0]!;
    const perUnit: number[] = [];
    for (const name of spikes.names.filter((n) => /^spikes\{1\}\{1\}\{\d+\}\{\d+\}\.time$/.test(n))) {
      const times = (await spikes.get(name)).data;
      if (times.length > 0) perUnit.push(times.filter((t) => t >= from && t < until).length);
    }
    const sums = Array.from({ length: 31 }, (_, u) =>
      Array.from(counts.data.subarray(u * bins, (u + 1) * bins)).reduce((a, b) => a + b, 0),
    );
    expect(perUnit).toEqual(sums);
    expect(perUnit.reduce((a, b) => a + b)).toBe(28820);
  },
);

const v73 = "recordings/rat-linear-track/v73-layout.mat";
test.skipIf(!haveReference(v73))(`${v73} is refused with what to do (skipped where absent)`, () =>
  expectRefusal(
    () => openArrays("v73-layout.mat", referenceFile(v73)),
    "mat",
    /^v73-layout\.mat: a MATLAB v7\.3 file, which is HDF5 inside; expected MATLAB v5 .*; save it again in MATLAB with/,
  ),
);
