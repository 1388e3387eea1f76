/** Files made byte by byte from the formats' descriptions, independent of the code under test, and free to lie. */
import { existsSync, readFileSync } from "node:fs";
import { crc32, deflateRawSync, deflateSync } from "node:zlib";
import { expect } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";

const reference = "../shared/reference/";

/** Whether a file of the reference set is here; the sentence to skip with otherwise. */
export function haveReference(file: string): boolean {
  return existsSync(reference + file);
}

export function referenceFile(file: string): Uint8Array {
  return new Uint8Array(readFileSync(reference + file));
}

export function bytes(...parts: (ArrayLike<number> | string)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((p) => (typeof p === "string" ? [...Buffer.from(p, "latin1")] : Array.from(p))));
}

/** A `.npy`, version 1.0. */
export function npyFile(descr: string, shape: string, content: ArrayLike<number>, order = "False"): Uint8Array {
  const header = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  return bytes("\x93NUMPY\x01\x00", [header.length & 255, header.length >> 8], header, content);
}

export interface ZipPart {
  name: string;
  data: Uint8Array;
  method?: number;
  /** Overrides, to lie with. */
  size?: number;
  packedSize?: number;
  crc?: number;
  flags?: number;
  offset?: number;
  /** Sizes in a zip64 field, as NumPy's writer forces for large files. */
  zip64?: boolean;
}

/** A zip archive. */
export function zipFile(parts: ZipPart[], comment = ""): Uint8Array {
  const chunks: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const method = part.method ?? 8;
    const packed = method === 8 ? deflateRawSync(part.data) : Buffer.from(part.data);
    const size = part.size ?? part.data.length;
    const packedSize = part.packedSize ?? packed.length;
    const extra = Buffer.alloc(part.zip64 ? 20 : 0);
    if (part.zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(16, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(packedSize), 12);
    }
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(45, 0);
    fields.writeUInt16LE(part.flags ?? 0, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(part.crc ?? crc32(part.data), 10);
    fields.writeUInt32LE(part.zip64 ? 0xffffffff : packedSize, 14);
    fields.writeUInt32LE(part.zip64 ? 0xffffffff : size, 18);
    fields.writeUInt16LE(part.name.length, 22);
    fields.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(part.name), extra, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(part.offset ?? at, 10);
    central.push(
      Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([45, 0]), fields, tail, Buffer.from(part.name), extra]),
    );
    chunks.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at, 12);
  end.writeUInt16LE(comment.length, 16);
  return new Uint8Array(Buffer.concat([...chunks, directory, Buffer.from("PK\x05\x06"), end, Buffer.from(comment)]));
}

/** Writer of MATLAB v5 elements in one byte order. */
export function matWriter(little: boolean) {
  const word = (n: number) => {
    const b = Buffer.alloc(4);
    little ? b.writeInt32LE(n | 0) : b.writeInt32BE(n | 0);
    return b;
  };
  const doubles = (values: number[]) => {
    const b = Buffer.alloc(8 * values.length);
    values.forEach((v, i) => {
      little ? b.writeDoubleLE(v, 8 * i) : b.writeDoubleBE(v, 8 * i);
    });
    return b;
  };
  const words = (values: number[]) => Buffer.concat(values.map(word));
  /** A tagged element, padded to eight bytes. */
  const element = (type: number, content: Uint8Array, size = content.length) =>
    Buffer.concat([word(type), word(size), content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
  /** An element of up to four bytes, in its tag. */
  const small = (type: number, content: Uint8Array) =>
    Buffer.concat([word((content.length << 16) | type), content, Buffer.alloc(4 - content.length)]);
  const name = (text: string) => {
    const content = Buffer.from(text, "latin1");
    return content.length > 0 && content.length <= 4 ? small(1, content) : element(1, content);
  };
  const matrix = (kind: number, shape: number[], title: string, content: Uint8Array[], flags = 0) =>
    element(
      14,
      Buffer.concat([element(6, words([kind | flags, 0])), element(5, words(shape)), name(title), ...content]),
    );
  return {
    word,
    words,
    doubles,
    element,
    small,
    name,
    matrix,
    compressed: (variable: Uint8Array) => {
      const packed = deflateSync(variable);
      return Buffer.concat([word(15), word(packed.length), packed]);
    },
    file: (variables: Uint8Array[]) =>
      new Uint8Array(
        Buffer.concat([
          Buffer.from("MATLAB 5.0 MAT-file, written by a test".padEnd(116)),
          Buffer.alloc(8),
          Buffer.from(little ? [0, 1, 0x49, 0x4d] : [1, 0, 0x4d, 0x49]),
          ...variables,
        ]),
      ),
  };
}

/** Expects a refusal with this code, and a message of one line that fits the pattern. */
export async function expectRefusal(work: () => unknown, code: string, pattern: RegExp): Promise<void> {
  let error: unknown;
  try {
    await work();
  } catch (e) {
    error = e;
  }
  expect(error).toBeInstanceOf(NullclineError);
  const { code: given, message } = error as NullclineError;
  expect(message).toMatch(pattern);
  expect(message).not.toContain("\n");
  expect(given).toBe(code);
}

/** Passes where the work succeeds or ends in a NullclineError; anything else is a crash. */
export async function onlyNullclineErrors(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof NullclineError)) throw error;
  }
}
