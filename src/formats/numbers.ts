/**
 * Numbers as files hold them, to the arrays of this project: float32 stays float32, all else becomes float64.
 */
import { checkSize, refusal, type Source } from "./source.ts";

/** Kind and bytes of a number: bool, signed, unsigned, floating point; `b2` is bfloat16. */
export type NumberType = "bool" | "i1" | "i2" | "i4" | "i8" | "u1" | "u2" | "u4" | "u8" | "f2" | "f4" | "f8" | "b2";

export function bytesOf(type: NumberType): number {
  return type === "bool" ? 1 : Number(type[1]);
}

/**
 * Reads `count` numbers from the start of `bytes`, which must hold as many.
 * @throws NullclineError where they do not fit the memory limit or a 64-bit integer is beyond ±2^53.
 */
export function decodeNumbers(
  bytes: Uint8Array,
  type: NumberType,
  count: number,
  source: Source,
  bigEndian = false,
): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  checkSize(source, count * (type === "f4" ? 4 : 8), "an array");
  const size = bytesOf(type);
  if (bytes.length < count * size) throw new Error(`${bytes.length} bytes hold no ${count} numbers of ${size} bytes`);
  try {
    // Aligned, and not the file's own memory: `slice` of a Node Buffer would be a view of it.
    const raw = new Uint8Array(bytes.subarray(0, count * size));
    if (bigEndian && size > 1) reverseEach(raw, size);
    return convert(raw.buffer, type, source);
  } catch (error) {
    if (error instanceof RangeError) throw refusal(source, `an array of ${count} numbers does not fit in memory`);
    throw error;
  }
}

function convert(raw: ArrayBuffer, type: NumberType, source: Source) {
  switch (type) {
    case "f4":
      return new Float32Array(raw);
    case "f8":
      return new Float64Array(raw);
    case "i1":
      return new Float64Array(new Int8Array(raw));
    case "u1":
      return new Float64Array(new Uint8Array(raw));
    case "i2":
      return new Float64Array(new Int16Array(raw));
    case "u2":
      return new Float64Array(new Uint16Array(raw));
    case "i4":
      return new Float64Array(new Int32Array(raw));
    case "u4":
      return new Float64Array(new Uint32Array(raw));
    case "bool":
      return Float64Array.from(new Uint8Array(raw), (v) => (v === 0 ? 0 : 1));
    case "f2":
      return Float64Array.from(new Uint16Array(raw), half);
    case "b2":
      return new Float64Array(new Float32Array(Uint32Array.from(new Uint16Array(raw), (v) => v << 16).buffer));
    case "i8":
    case "u8":
      return wideIntegers(raw, type === "i8", source);
  }
}

/** 64-bit integers from pairs of words: BigInt would be ten times slower. */
function wideIntegers(raw: ArrayBuffer, signed: boolean, source: Source): Float64Array<ArrayBuffer> {
  const words = new Uint32Array(raw);
  const out = new Float64Array(words.length / 2);
  for (let i = 0; i < out.length; i++) {
    const high = signed ? words[2 * i + 1]! | 0 : words[2 * i + 1]!;
    const value = high * 2 ** 32 + words[2 * i]!;
    if (Math.abs(value) > 2 ** 53)
      throw refusal(
        source,
        `a 64-bit integer beyond 2^53 (entry ${i}, about ${value.toExponential(3)})`,
        "integers that a float64 holds exactly",
        "subtract an offset or save as float64",
      );
    out[i] = value;
  }
  return out;
}

/** A 16-bit floating-point number (IEEE 754 binary16) from its bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function reverseEach(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size)
    for (let i = start, j = start + size - 1; i < j; i++, j--) {
      const b = bytes[i]!;
      bytes[i] = bytes[j]!;
      bytes[j] = b;
    }
}

/** The bytes of an array, in the little-endian order that every file we write uses. */
export function encodeNumbers(data: Float32Array | Float64Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}

/** Product of dimensions, or `undefined` where one is no natural number or the product is beyond 2^53. */
export function entriesOf(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) return undefined;
    count *= n;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}
