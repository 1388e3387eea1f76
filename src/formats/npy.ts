/**
 * NumPy's `.npy`: one array. All types of real numbers in both byte orders and both index orders.
 * Source: NumPy Enhancement Proposal 1 (format versions 1.0 to 3.0).
 */
import type { NDArray } from "../base/arrays.ts";
import { columnToRowMajor } from "./columnMajor.ts";
import { joined } from "./inflate.ts";
import { bytesOf, decodeNumbers, encodeNumbers, entriesOf, type NumberType } from "./numbers.ts";
import { damaged, quoted, type ReadOptions, refusal, type Source, sourceOf, startOf } from "./source.ts";

export interface NpyHeader {
  /** `undefined` where the entries are not real numbers; `description` says what they are. */
  type: NumberType | undefined;
  description: string;
  bigEndian: boolean;
  /** The first index runs fastest. */
  fortran: boolean;
  shape: number[];
  count: number;
  /** Where the entries begin. */
  start: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** The start of a `.npy` that surely holds its header, version 1.0: 10 bytes and a length of 16 bits. */
export const npyHeaderBound = 10 + 65535;

const types: Record<string, NumberType> = {
  b1: "bool",
  i1: "i1",
  i2: "i2",
  i4: "i4",
  i8: "i8",
  u1: "u1",
  u2: "u2",
  u4: "u4",
  u8: "u8",
  f2: "f2",
  f4: "f4",
  f8: "f8",
};
const otherKinds: Record<string, string> = {
  c: "complex numbers",
  f: "extended-precision numbers",
  U: "text",
  S: "text",
  a: "text",
  O: "Python objects (a pickle, which is never loaded)",
  V: "records",
  M: "dates",
  m: "time differences",
};

export function looksLikeNpy(bytes: Uint8Array): boolean {
  return magic.every((b, i) => bytes[i] === b);
}

/**
 * Reads the header from the start of a file of `size` bytes and compares the declared shape with that size.
 * @throws NullclineError where this is no `.npy` or the header is damaged or lies.
 */
export function readNpyHeader(bytes: Uint8Array, source: Source, size: number, what = "the array"): NpyHeader {
  if (!looksLikeNpy(bytes)) throw refusal(source, `${what} is not in NumPy's format: ${startOf(bytes)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) throw refusal(source, `NumPy format ${version}.${bytes[7]}`, "version 1, 2 or 3");
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix) throw damaged(source, `${what} breaks off in its header`);
  const start = prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) throw damaged(source, `the header of ${what} breaks off or is too long`);
  const text = new TextDecoder().decode(bytes.subarray(prefix, start));
  const order = /["']fortran_order["']\s*:\s*(True|False)/.exec(text)?.[1];
  const dimensions = /["']shape["']\s*:\s*\(([\s\d,L]*)\)/.exec(text)?.[1];
  const descr = /["']descr["']\s*:\s*(?:(["'])(.*?)\1|(\[))/.exec(text);
  if (order === undefined || dimensions === undefined || !descr)
    throw damaged(source, `the header of ${what} does not give descr, fortran_order and shape`);
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number);
  const count = entriesOf(shape);
  if (count === undefined || shape.length > 64) throw damaged(source, `${what} declares an impossible shape`);
  const code = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr[2] ?? "");
  const type = code ? types[code[2]! + code[3]!] : undefined;
  const description = code ? (otherKinds[code[2]!] ?? `type ${quoted(descr[2]!)}`) : "records";
  if (type && count * bytesOf(type) !== size - start)
    throw damaged(
      source,
      `${what} declares [${shape.join(", ")}], ${count * bytesOf(type)} bytes, and holds ${size - start}`,
    );
  return { type, description, bigEndian: code?.[1] === ">", fortran: order === "True", shape, count, start };
}

/**
 * Reads a `.npy` file. float32 stays float32; every other type of number becomes float64.
 * @throws NullclineError (code `npy`) where it is damaged, too large, or no array of real numbers.
 */
export function readNpy(bytes: Uint8Array, options: ReadOptions = {}): NDArray {
  return decodeNpy(bytes, sourceOf("npy", options));
}

export function decodeNpy(bytes: Uint8Array, source: Source, what = "the array"): NDArray {
  const { type, description, bigEndian, fortran, shape, count, start } = readNpyHeader(
    bytes,
    source,
    bytes.length,
    what,
  );
  if (!type) throw refusal(source, `${what} holds ${description}`, "real numbers");
  const data = decodeNumbers(bytes.subarray(start), type, count, source, bigEndian);
  if (!fortran || shape.length < 2) return { data, shape };
  const ordered = data instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  columnToRowMajor(data, shape, ordered);
  return { data: ordered, shape };
}

/** The bytes of a `.npy` file (version 1.0, row-major, little-endian float32 or float64). */
export function writeNpy(array: NDArray): Uint8Array<ArrayBuffer> {
  const descr = array.data instanceof Float32Array ? "<f4" : "<f8";
  const shape = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64; // entries begin at a multiple of 64
  const header = new Uint8Array(length);
  header.set([...magic, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  header.set(new TextEncoder().encode(`${text.padEnd(length - 11)}\n`), 10);
  return joined([header, encodeNumbers(array.data)]);
}
