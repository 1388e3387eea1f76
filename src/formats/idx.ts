/**
 * IDX, the format of MNIST's files: two zeros, the kind of number, the number of axes, the axes as 32-bit numbers, then the
 * numbers, all with the high byte first. Packed with gzip or not.
 * @source LeCun, Cortes & Burges, The MNIST database of handwritten digits; gzip: RFC 1952
 */
import type { NDArray } from "../base/arrays.ts";
import { plainOf } from "./gzip.ts";
import { bytesOf, decodeNumbers, entriesOf, type NumberType } from "./numbers.ts";
import { damaged, type ReadOptions, refusal, sourceOf, startOf } from "./source.ts";

const kinds: Record<number, NumberType> = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" };

/**
 * The array of an IDX file.
 * @throws NullclineError (code `idx`) where it is none, is cut short or longer than it says, or declares more than the limits
 */
export async function readIdx(bytes: Uint8Array, options: ReadOptions = {}): Promise<NDArray> {
  const source = sourceOf("idx", options);
  const plain = await plainOf(bytes, source);
  const kind = kinds[plain[2] ?? 0];
  const axes = plain[3] ?? 0;
  if (plain.length < 4 || plain[0] !== 0 || plain[1] !== 0 || !kind || axes === 0)
    throw refusal(
      source,
      `no IDX file: ${startOf(plain)}`,
      "0, 0, the kind of number (8, 9, 11 … 14), the number of axes",
    );
  const first = 4 + 4 * axes;
  if (plain.length < first) throw damaged(source, `it ends within the ${axes} lengths of its axes`);
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const count = entriesOf(shape);
  const held = (plain.length - first) / bytesOf(kind);
  if (count === undefined || held !== count)
    throw damaged(source, `it declares [${shape.join(", ")}] and holds ${Math.floor(held)} numbers`);
  return { data: decodeNumbers(plain.subarray(first), kind, count, source, true), shape };
}
