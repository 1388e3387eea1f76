import { describe, expect, test } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors.ts";
import { expectRefusal } from "./fixtures.ts";

/** A file from the format's description: length, header, entries. */
function fileOf(header: unknown, content: ArrayLike<number> = [], length?: number): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  return new Uint8Array([...start, ...text, ...Array.from(content)]);
}

const raw = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer);

describe("reading", () => {
  const types: [string, ArrayLike<number>, number[]][] = [
    ["F64", raw(Float64Array.of(Math.E, -1)), [Math.E, -1]],
    ["F32", raw(Float32Array.of(0.5, -1)), [0.5, -1]],
    ["F16", [0x00, 0x3c, 0x00, 0xc0], [1, -2]],
    ["BF16", [0x80, 0x3f, 0x40, 0xc0], [1, -3]],
    ["I64", raw(BigInt64Array.of(-1n, 2n ** 40n)), [-1, 2 ** 40]],
    ["I32", raw(Int32Array.of(-5, 6)), [-5, 6]],
    ["U16", raw(Uint16Array.of(65535, 6)), [65535, 6]],
    ["I8", [255, 1], [-1, 1]],
    ["U8", [255, 1], [255, 1]],
    ["BOOL", [1, 0], [1, 0]],
  ];
  for (const [dtype, content, values] of types)
    test(dtype, () => {
      const file = fileOf({ x: { dtype, shape: [2], data_offsets: [0, content.length] } }, content);
      expect([...readSafetensors(file).tensors.x!.data]).toEqual(values);
    });

  test("metadata, empty tensors, scalars, header padded with spaces", () => {
    const header = JSON.stringify({
      __metadata__: { format: "pt" },
      none: { dtype: "F32", shape: [0, 3], data_offsets: [1, 1] },
      one: { dtype: "U8", shape: [], data_offsets: [0, 1] },
    });
    const { tensors, metadata } = readSafetensors(fileOf(`${header}    `, [9]));
    expect(metadata).toEqual({ format: "pt" });
    expect(tensors.none).toEqual({ data: new Float32Array(0), shape: [0, 3] });
    expect(tensors.one).toEqual({ data: Float64Array.of(9), shape: [] });
  });
});

describe("writing", () => {
  const tensors = {
    b: { data: Float32Array.of(1, Number.NaN), shape: [2] },
    J: { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
    a: { data: Float32Array.of(-0), shape: [1, 1] },
  };

  test("read back, with metadata", () => {
    expect(readSafetensors(writeSafetensors(tensors, { note: "x" }))).toEqual({ tensors, metadata: { note: "x" } });
    expect(readSafetensors(writeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
  });

  test("the same bytes in whatever order the tensors come, aligned to eight", () => {
    const { a, b, J } = tensors;
    const file = writeSafetensors({ a, J, b });
    expect(file).toEqual(writeSafetensors(tensors));
    expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });
});

describe("refusals", () => {
  const x = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: [string, Uint8Array, RegExp][] = [
    ["too short", Uint8Array.of(1, 2), /not a safetensors file/],
    ["a text", new TextEncoder().encode("time,rate\n0,1\n"), /not a safetensors file, or its header is too long/],
    ["header cut short", fileOf({ x }, [], 5000), /header runs past the end/],
    ["header of 2^60 bytes", fileOf({ x }, [], 2 ** 60), /header is too long/],
    ["no JSON", fileOf("{nothing}"), /no JSON/],
    ["nested without end", fileOf("[".repeat(100_000)), /no JSON/],
    ["a list", fileOf([]), /no JSON object/],
    ["entries cut short", fileOf({ x }, [1, 2, 3]), /declares 8 bytes and 3 follow/],
    ["entries to spare", fileOf({ x }, new Uint8Array(9)), /declares 8 bytes and 9 follow/],
    ["shape against size", fileOf({ x: { ...x, shape: [3] } }, new Uint8Array(8)), /"x" declares \[3\] of "F32" in 8/],
    ["overlap", fileOf({ x, y: { ...x, data_offsets: [4, 12] } }, new Uint8Array(12)), /do not begin where/],
    ["gap", fileOf({ x: { ...x, data_offsets: [4, 12] } }, new Uint8Array(12)), /do not begin where/],
    ["negative size", fileOf({ x: { ...x, data_offsets: [8, 0] } }, []), /"x" declares/],
    ["absurd shape", fileOf({ x: { ...x, shape: [2 ** 40, 2 ** 40] } }, new Uint8Array(8)), /impossible shape/],
    ["unknown type", fileOf({ x: { ...x, dtype: "F8_E4M3", shape: [8] } }, new Uint8Array(8)), /entries of type "F8_E/],
    ["a type that every object has", fileOf({ x: { ...x, dtype: "constructor" } }, new Uint8Array(8)), /of type/],
  ];
  for (const [name, file, pattern] of cases)
    test(name, () => expectRefusal(() => readSafetensors(file, { file: "p.safetensors" }), "safetensors", pattern));
});
