import { describe, expect, test } from "vitest";
import { columnToRowMajor } from "../../src/formats/columnMajor.ts";
import { readNpy, writeNpy } from "../../src/formats/npy.ts";
import { expectRefusal, haveReference, npyFile, referenceFile } from "./fixtures.ts";

type Setter = (view: DataView, at: number, value: number, little: boolean) => void;
const setters: [string, number, Setter, number[]][] = [
  ["i1", 1, (v, i, x) => v.setInt8(i, x), [0, -128, 127, -1]],
  ["u1", 1, (v, i, x) => v.setUint8(i, x), [0, 255, 128, 1]],
  ["i2", 2, (v, i, x, e) => v.setInt16(i, x, e), [0, -32768, 32767, 258]],
  ["u2", 2, (v, i, x, e) => v.setUint16(i, x, e), [0, 65535, 258, 1]],
  ["i4", 4, (v, i, x, e) => v.setInt32(i, x, e), [0, -(2 ** 31), 2 ** 31 - 1, 66051]],
  ["u4", 4, (v, i, x, e) => v.setUint32(i, x, e), [0, 2 ** 32 - 1, 66051, 1]],
  ["i8", 8, (v, i, x, e) => v.setBigInt64(i, BigInt(x), e), [-1, -(2 ** 53), 2 ** 53, -(2 ** 32) - 7]],
  ["u8", 8, (v, i, x, e) => v.setBigUint64(i, BigInt(x), e), [0, 2 ** 53, 2 ** 32 + 3, 7]],
  ["f4", 4, (v, i, x, e) => v.setFloat32(i, x, e), [0, -1.5, 3e38, Number.NEGATIVE_INFINITY]],
  ["f8", 8, (v, i, x, e) => v.setFloat64(i, x, e), [Math.PI, -1e-300, Number.NaN, -0]],
];

describe("types of numbers", () => {
  for (const [type, size, set, values] of setters)
    for (const order of size === 1 ? ["|"] : ["<", ">", "="])
      test(`${order}${type}`, () => {
        const view = new DataView(new ArrayBuffer(size * values.length));
        values.forEach((x, i) => {
          set(view, i * size, x, order !== ">");
        });
        const { data, shape } = readNpy(npyFile(`'${order}${type}'`, "(2, 2)", new Uint8Array(view.buffer)));
        expect([...data]).toEqual(values.map((x) => (type === "f4" ? Math.fround(x) : x)));
        expect(shape).toEqual([2, 2]);
        expect(data).toBeInstanceOf(type === "f4" ? Float32Array : Float64Array);
      });

  test("from a Node Buffer, whose slice is a view", () => {
    const file = Buffer.from(npyFile("'<f4'", "(3,)", new Uint8Array(Float32Array.of(1.5, -2, 3).buffer)));
    const { data } = readNpy(file);
    expect([...data]).toEqual([1.5, -2, 3]);
    expect(data.buffer).not.toBe(file.buffer);
  });

  test("bool", () => {
    expect([...readNpy(npyFile("'|b1'", "(3,)", [1, 0, 1])).data]).toEqual([1, 0, 1]);
  });

  test("float16: values of IEEE 754 binary16", () => {
    const bits = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555, 0x8000, 0x7c00, 0xfc00, 0x7e00];
    const content = new Uint8Array(Uint16Array.from(bits).buffer);
    const want = [1, -2, 65504, 2 ** -24, 2 ** -14, 0.333251953125, -0, Infinity, -Infinity, Number.NaN];
    expect([...readNpy(npyFile("'<f2'", "(10,)", content)).data]).toEqual(want);
    const swapped = content.map((_, i) => content[i ^ 1]!);
    expect([...readNpy(npyFile("'>f2'", "(10,)", swapped)).data]).toEqual(want);
  });

  test("a 64-bit integer that float64 does not hold is refused", async () => {
    const content = new Uint8Array(BigInt64Array.of(1n, 2n ** 53n + 2n).buffer);
    await expectRefusal(() => readNpy(npyFile("'<i8'", "(2,)", content)), "npy", /beyond 2\^53 \(entry 1/);
    await expectRefusal(
      () => readNpy(npyFile("'<u8'", "(1,)", new Uint8Array(BigUint64Array.of(2n ** 64n - 1n).buffer))),
      "npy",
      /beyond 2\^53/,
    );
  });
});

describe("shapes and orders", () => {
  test("a scalar, an empty array, a long of Python 2, double quotes", () => {
    expect(readNpy(npyFile("'|u1'", "()", [7]))).toEqual({ data: Float64Array.of(7), shape: [] });
    expect(readNpy(npyFile("'<f8'", "(3, 0)", []))).toEqual({ data: new Float64Array(0), shape: [3, 0] });
    expect(readNpy(npyFile('"|u1"', "(2L, 1L)", [7, 8])).shape).toEqual([2, 1]);
  });

  test("Fortran order: entry [i, j, k] is where i + 2 (j + 3 k) says", () => {
    const { data, shape } = readNpy(npyFile("'|u1'", "(2, 3, 4)", [...Array(24).keys()], "True"));
    expect(shape).toEqual([2, 3, 4]);
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 4; k++) expect(data[(i * 3 + j) * 4 + k]).toBe(i + 2 * (j + 3 * k));
  });

  test("column order of a matrix is its transpose, of any type of entry", () => {
    const to: string[] = [];
    columnToRowMajor(["a", "b", "c", "d", "e", "f"], [2, 3], to);
    expect(to.join("")).toBe("acebdf");
  });

  test("format versions 2 and 3 have a longer header length", () => {
    const one = npyFile("'|u1'", "(2,)", [5, 6]);
    for (const version of [2, 3]) {
      const file = new Uint8Array([...one.subarray(0, 6), version, 0, one[8]!, one[9]!, 0, 0, ...one.subarray(10)]);
      expect([...readNpy(file).data]).toEqual([5, 6]);
    }
  });
});

test("writing: aligned, and read back bit for bit", () => {
  for (const data of [Float32Array.of(1, -0, Number.NaN, 3e-39), Float64Array.of(Math.PI, -0, 1e308, Infinity)]) {
    const file = writeNpy({ data, shape: [2, 2] });
    const header = new TextDecoder("latin1").decode(file.subarray(10, file.length - data.byteLength));
    expect((10 + header.length) % 64).toBe(0);
    expect(header).toMatch(/^\{'descr': '<f[48]', 'fortran_order': False, 'shape': \(2, 2\), \} *\n$/);
    expect(readNpy(file)).toEqual({ data, shape: [2, 2] });
  }
  expect(readNpy(writeNpy({ data: Float64Array.of(1, 2), shape: [2] })).shape).toEqual([2]);
  expect(readNpy(writeNpy({ data: Float64Array.of(1), shape: [] })).shape).toEqual([]);
});

describe("refusals", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["another format", new TextEncoder().encode("time,rate\n"), /not in NumPy's format: it starts with "time,rat"/],
    ["nothing", new Uint8Array(0), /it is empty/],
    ["cut in the header", npyFile("'<f8'", "(2,)", []).subarray(0, 30), /header .* breaks off/],
    ["cut in the entries", npyFile("'<f8'", "(2,)", [1, 2, 3]), /declares \[2\], 16 bytes, and holds 3/],
    ["more than declared", npyFile("'|u1'", "(2,)", [1, 2, 3]), /declares \[2\], 2 bytes, and holds 3/],
    ["absurd shape", npyFile("'<f8'", "(99999999, 99999999, 99)", []), /impossible shape/],
    ["large shape", npyFile("'<f8'", "(1000000, 1000000)", [0]), /8000000000000 bytes, and holds 1/],
    ["no shape", npyFile("'<f8'", "'big'", []), /does not give descr, fortran_order and shape/],
    ["a pickle", npyFile("'|O'", "(1,)", [0]), /Python objects \(a pickle, which is never loaded\)/],
    ["text", npyFile("'<U3'", "(1,)", new Uint8Array(12)), /holds text/],
    ["complex", npyFile("'<c16'", "(1,)", new Uint8Array(16)), /holds complex numbers/],
    ["extended precision", npyFile("'<f16'", "(1,)", new Uint8Array(16)), /extended-precision/],
    ["records", npyFile("[('x', '<f8')]", "(1,)", new Uint8Array(8)), /holds records/],
    ["format version 9", npyFile("'|u1'", "(1,)", [1]).with(6, 9), /NumPy format 9\.0/],
  ];
  for (const [name, file, pattern] of cases)
    test(name, () => expectRefusal(() => readNpy(file, { file: "a.npy" }), "npy", pattern));

  test("an array above the limit of memory, by what it becomes: uint8 takes eight times its size", () =>
    expectRefusal(
      () => readNpy(npyFile("'|u1'", "(1000,)", new Uint8Array(1000)), { maxBytes: 4000 }),
      "npy",
      /would take 7\.81 KiB; expected at most 3\.91 KiB/,
    ));
});

const eeg = "recordings/eeg-rest-64ch.npy";
test.skipIf(!haveReference(eeg))(
  `${eeg}: 9640 samples of 64 channels, z-scored (skipped where the file is absent)`,
  () => {
    const { data, shape } = readNpy(referenceFile(eeg));
    expect(shape).toEqual([9640, 64]);
    let [sum, squares] = [0, 0];
    for (const v of data) {
      sum += v;
      squares += v * v;
    }
    expect(Math.abs(sum / data.length)).toBeLessThan(1e-3);
    expect(squares / data.length).toBeCloseTo(1, 2);
  },
);
