import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { readIdx } from "../../src/formats/idx.ts";

/** A file as the format's description has it. */
function idx(kind: number, shape: number[], numbers: (view: DataView, at: number) => void, bytes: number): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + bytes);
  file.set([0, 0, kind, shape.length]);
  const view = new DataView(file.buffer);
  shape.forEach((n, i) => {
    view.setUint32(4 + 4 * i, n);
  });
  numbers(view, 4 + 4 * shape.length);
  return file;
}
const images = idx(
  8,
  [2, 2, 3],
  (view, at) => [0, 1, 2, 253, 254, 255, 9, 8, 7, 6, 5, 4].forEach((v, i) => void view.setUint8(at + i, v)),
  12,
);

test("bytes, as MNIST's images", async () => {
  const { data, shape } = await readIdx(images);
  expect(shape).toEqual([2, 2, 3]);
  expect([...data]).toEqual([0, 1, 2, 253, 254, 255, 9, 8, 7, 6, 5, 4]);
});

test("the high byte comes first", async () => {
  const integers = idx(
    12,
    [2],
    (view, at) => {
      view.setInt32(at, -70000);
      view.setInt32(at + 4, 3);
    },
    8,
  );
  expect([...(await readIdx(integers)).data]).toEqual([-70000, 3]);
  const doubles = idx(14, [1], (view, at) => view.setFloat64(at, Math.PI), 8);
  expect((await readIdx(doubles)).data[0]).toBe(Math.PI);
});

test("packed with gzip, as published", async () => {
  expect(await readIdx(gzipSync(images))).toEqual(await readIdx(images));
});

test("anything else is refused in a sentence", async () => {
  const refused = async (bytes: Uint8Array, message: string) => {
    await expect(readIdx(bytes, { file: "t10k.idx" })).rejects.toThrow(NullclineError);
    await expect(readIdx(bytes, { file: "t10k.idx" })).rejects.toThrow(message);
  };
  await refused(new Uint8Array(), "t10k.idx: no IDX file");
  await refused(Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0), "the kind of number (8, 9, 11 … 14)");
  await refused(new TextEncoder().encode("label,1"), "no IDX file");
  await refused(images.subarray(0, 20), "it declares [2, 2, 3] and holds 4 numbers");
  await refused(Uint8Array.of(...images, 0), "it declares [2, 2, 3] and holds 13 numbers");
  await refused(images.subarray(0, 6), "it ends within the 3 lengths of its axes");
  await refused(gzipSync(images).subarray(0, 25), "damaged file");
});
