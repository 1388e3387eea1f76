/**
 * Safetensors: a length, a JSON header, and the entries of all tensors back to back, little-endian.
 * Source: the format's description in huggingface/safetensors.
 */
import { type NDArray, sizeOf } from "../base/arrays.ts";
import type { ArrayFile } from "./arrayFile.ts";
import { joined } from "./inflate.ts";
import { bytesOf, decodeNumbers, encodeNumbers, entriesOf, type NumberType } from "./numbers.ts";
import { damaged, quoted, type ReadOptions, refusal, type Source, sourceOf, startOf } from "./source.ts";

const types: Record<string, NumberType> = {
  BOOL: "bool",
  I8: "i1",
  I16: "i2",
  I32: "i4",
  I64: "i8",
  U8: "u1",
  U16: "u2",
  U32: "u4",
  U64: "u8",
  F16: "f2",
  BF16: "b2",
  F32: "f4",
  F64: "f8",
};

/** The format's own limit on its header. */
const headerLimit = 100_000_000;

interface Header {
  tensors: { name: string; type: NumberType | undefined; dtype: string; shape: number[]; start: number; end: number }[];
  metadata: Record<string, string>;
}

export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 9 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0; // a "{" after a sane length
}

function readHeader(bytes: Uint8Array, source: Source): Header {
  if (bytes.length < 8) throw refusal(source, `not a safetensors file: ${startOf(bytes)}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > headerLimit) throw refusal(source, `not a safetensors file, or its header is too long`);
  if (8 + length > bytes.length) throw damaged(source, "the header runs past the end of the file");
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw damaged(source, "the header is no JSON");
  }
  if (!isRecord(json)) throw damaged(source, "the header is no JSON object");
  const metadata: [string, string][] = [];
  const tensors: Header["tensors"] = [];
  for (const [name, item] of Object.entries(json)) {
    if (name === "__metadata__") {
      if (!isRecord(item)) throw damaged(source, "the metadata are no JSON object");
      for (const [key, value] of Object.entries(item)) {
        if (typeof value !== "string") throw damaged(source, `the metadata entry ${quoted(key)} is no text`);
        metadata.push([key, value]);
      }
    } else tensors.push(readTensorHeader(name, item, source));
  }
  // Tensors must fill the rest of the file without a gap or an overlap.
  let at = 0;
  for (const { name, start, end } of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at) throw damaged(source, `the entries of ${quoted(name)} do not begin where the ones before end`);
    at = end;
  }
  if (8 + length + at !== bytes.length)
    throw damaged(source, `the header declares ${at} bytes and ${bytes.length - 8 - length} follow it`);
  for (const tensor of tensors) {
    tensor.start += 8 + length;
    tensor.end += 8 + length;
  }
  return { tensors, metadata: Object.fromEntries(metadata) };
}

function readTensorHeader(name: string, item: unknown, source: Source): Header["tensors"][number] {
  const wrong = (what: string) => damaged(source, `${quoted(name)} declares ${what}`);
  if (!isRecord(item)) throw wrong("nothing");
  const { dtype, shape, data_offsets: offsets } = item;
  if (typeof dtype !== "string") throw wrong("no type");
  if (!isNumbers(shape)) throw wrong("no shape");
  if (!isNumbers(offsets) || offsets.length !== 2) throw wrong("no position");
  const [start, end] = offsets as [number, number];
  const count = entriesOf(shape);
  if (count === undefined) throw wrong("an impossible shape");
  const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
  if (start < 0 || end < start || (type && end - start !== count * bytesOf(type)))
    throw wrong(`[${shape.join(", ")}] of ${quoted(dtype)} in ${end - start} bytes`);
  return { name, type, dtype, shape, start, end };
}

/** Reads the header; a tensor is converted when asked for. */
export function openSafetensors(bytes: Uint8Array, source: Source): ArrayFile & { metadata: Record<string, string> } {
  const { tensors, metadata } = readHeader(bytes, source);
  const readable = tensors.filter(({ type }) => type);
  return {
    format: "safetensors",
    names: readable.map(({ name }) => name),
    shapes: Object.fromEntries(readable.map(({ name, shape }) => [name, shape])),
    others: Object.fromEntries(
      tensors.filter(({ type }) => !type).map(({ name, dtype }) => [name, `entries of type ${quoted(dtype)}`]),
    ),
    metadata,
    get: async (name) => decode(bytes, tensors.find((tensor) => tensor.name === name)!, source),
  };
}

function decode(bytes: Uint8Array, tensor: Header["tensors"][number], source: Source): NDArray {
  const { name, type, dtype, shape, start, end } = tensor;
  if (!type) throw refusal(source, `${quoted(name)} has entries of type ${quoted(dtype)}`, "real numbers");
  return { data: decodeNumbers(bytes.subarray(start, end), type, entriesOf(shape)!, source), shape };
}

export interface Safetensors {
  tensors: Record<string, NDArray>;
  metadata: Record<string, string>;
}

/**
 * Reads all tensors. float32 stays float32; every other type becomes float64.
 * @throws NullclineError (code `safetensors`) where the file is damaged or a tensor holds no real numbers.
 */
export function readSafetensors(bytes: Uint8Array, options: ReadOptions = {}): Safetensors {
  const source = sourceOf("safetensors", options);
  const { tensors, metadata } = readHeader(bytes, source);
  return {
    tensors: Object.fromEntries(tensors.map((tensor) => [tensor.name, decode(bytes, tensor, source)])),
    metadata,
  };
}

/**
 * The bytes of a safetensors file: float64 before float32, by name within each, as the format's own writer orders
 * them, so that the same tensors give the same bytes in whatever order they come.
 */
export function writeSafetensors(
  tensors: Record<string, NDArray>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const rows = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  let at = 0;
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push(["__metadata__", metadata]);
  for (const [name, { data, shape }] of rows) {
    if (name === "__metadata__") throw new Error("a tensor cannot be called __metadata__");
    if (data.length !== sizeOf(shape)) throw new Error(`${name}: ${data.length} entries do not fill [${shape}]`);
    const dtype = data instanceof Float32Array ? "F32" : "F64";
    header.push([name, { dtype, shape, data_offsets: [at, at + data.byteLength] }]);
    at += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20); // spaces align the entries
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(text, 8);
  return joined([start, ...rows.map(([, { data }]) => encodeNumbers(data))]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);
}
