/**
 * Zip archives, stored and deflated: enough for `.npz`. The directory at the end is read first; sizes of more than
 * 32 bits (zip64, which NumPy always prepares for) are read, not written.
 * Source: PKWARE, .ZIP File Format Specification 6.3.10.
 */
import { crc32 } from "./crc32.ts";
import { deflate, inflate, joined } from "./inflate.ts";
import { checkSize, checkUnpacked, damaged, quoted, refusal, type Source, startOf } from "./source.ts";

export interface ZipEntry {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  packedSize: number;
  size: number;
  crc: number;
  /** Where the local header is. */
  offset: number;
}

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endOfDirectory = 0x06054b50;
const endOfDirectory64 = 0x06064b50;
const locator64 = 0x07064b50;

export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * The entries of an archive; nothing is unpacked yet. Declared sizes are checked, together, against the limits.
 * @throws NullclineError where the file is no zip archive, is damaged, encrypted, split or too large.
 */
export function readZipDirectory(bytes: Uint8Array, source: Source): ZipEntry[] {
  if (!looksLikeZip(bytes)) throw refusal(source, `not a zip archive: ${startOf(bytes)}`);
  const view = viewOf(bytes);
  const { start, count } = findDirectory(view, source);
  const entries: ZipEntry[] = [];
  const seen = new Set<string>();
  let at = start;
  let total = 0;
  let packed = 0;
  for (let k = 0; k < count; k++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== centralHeader)
      throw damaged(source, `the archive's directory breaks off at entry ${k + 1} of ${count}`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) throw damaged(source, "the archive's directory runs past the end of the file");
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const entry: ZipEntry = {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    widen(entry, view, at + 46 + nameLength, extraLength, source);
    if (view.getUint16(at + 8, true) & 1) throw refusal(source, `${quoted(name)} is encrypted`);
    if (entry.method !== 0 && entry.method !== 8)
      throw refusal(source, `${quoted(name)} is packed by method ${entry.method}`, "stored or deflated entries");
    if (seen.has(name)) throw damaged(source, `${quoted(name)} is in the archive twice`);
    seen.add(name);
    if (entry.method === 0 && entry.packedSize !== entry.size)
      throw damaged(source, `${quoted(name)} is stored as ${entry.packedSize} bytes but declares ${entry.size}`);
    checkUnpacked(source, entry.packedSize, entry.size, quoted(name));
    total += entry.size;
    packed += entry.packedSize;
    entries.push(entry);
    at = next;
  }
  // Entries that share packed data would multiply what the file can unpack to.
  if (packed > bytes.length) throw damaged(source, "its entries declare more packed bytes than the file has");
  checkSize(source, total, "the archive, unpacked,");
  return entries;
}

/** The bytes of one entry, or its first `prefix` bytes. Its checksum is compared where all of it is read. */
export async function unpackEntry(
  bytes: Uint8Array,
  entry: ZipEntry,
  source: Source,
  prefix?: number,
): Promise<Uint8Array> {
  const view = viewOf(bytes);
  const at = entry.offset;
  const what = quoted(entry.name);
  if (at + 30 > bytes.length || view.getUint32(at, true) !== localHeader)
    throw damaged(source, `${what} is not where the archive's directory says`);
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const end = start + entry.packedSize;
  if (end > bytes.length) throw damaged(source, `${what} runs past the end of the file`);
  const packed = bytes.subarray(start, end);
  const size = Math.min(prefix ?? entry.size, entry.size);
  const partial = size < entry.size;
  const data =
    entry.method === 0
      ? packed.subarray(0, size)
      : await inflate(packed, "deflate-raw", size, source, { what, prefix: partial });
  if (!partial && crc32(data) !== entry.crc) throw damaged(source, `the checksum of ${what} does not match`);
  return data;
}

export interface ZipOptions {
  /** Deflate the entries. Default false: the bytes then depend on nothing but the data. */
  compress?: boolean;
}

/** Writes an archive. It holds no time stamp, so that the same data give the same bytes. */
export async function writeZip(
  files: readonly { name: string; data: Uint8Array }[],
  options: ZipOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, data } of files) {
    const packed = options.compress ? await deflate(data, "deflate-raw") : data;
    const nameBytes = new TextEncoder().encode(name);
    if (data.length >= 2 ** 32 || offset >= 2 ** 32) throw new Error("archives of more than 4 GiB are not written");
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, centralHeader, true);
    central.setUint16(4, 20, true); // made by, and needs, version 2.0
    central.setUint16(6, 20, true);
    central.setUint16(8, 0x800, true); // names are UTF-8
    central.setUint16(10, options.compress ? 8 : 0, true);
    central.setUint32(12, 0x00210000, true); // 1 January 1980, the earliest date of the format
    central.setUint32(16, crc32(data), true);
    central.setUint32(20, packed.length, true);
    central.setUint32(24, data.length, true);
    central.setUint16(28, nameBytes.length, true);
    central.setUint32(42, offset, true);
    const local = new Uint8Array(30);
    new DataView(local.buffer).setUint32(0, localHeader, true);
    local.set(new Uint8Array(central.buffer, 6, 24), 4); // the fields from "version needed" on are the same
    parts.push(local, nameBytes, packed);
    directory.push(new Uint8Array(central.buffer), nameBytes);
    offset += local.length + nameBytes.length + packed.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, endOfDirectory, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(
    12,
    directory.reduce((n, d) => n + d.length, 0),
    true,
  );
  end.setUint32(16, offset, true);
  return joined([...parts, ...directory, new Uint8Array(end.buffer)]);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function findDirectory(view: DataView, source: Source): { start: number; count: number } {
  const size = view.byteLength;
  let end = size - 22;
  const first = Math.max(0, end - 65535); // a comment of up to 65535 bytes may follow
  while (end >= first && view.getUint32(end, true) !== endOfDirectory) end--;
  if (end < first) throw damaged(source, "the archive's directory is missing from its end, as in a file cut short");
  let count = view.getUint16(end + 10, true);
  let start = view.getUint32(end + 16, true);
  if (view.getUint16(end + 4, true) !== view.getUint16(end + 6, true))
    throw refusal(source, "one part of a split archive", "an archive in one file");
  if (end >= 20 && view.getUint32(end - 20, true) === locator64) {
    const at = Number(view.getBigUint64(end - 12, true));
    if (at + 56 > size || view.getUint32(at, true) !== endOfDirectory64)
      throw damaged(source, "the archive's 64-bit directory is not where it should be");
    count = Number(view.getBigUint64(at + 32, true));
    start = Number(view.getBigUint64(at + 48, true));
  }
  if (start > size) throw damaged(source, "the archive's directory lies past the end of the file");
  return { start, count };
}

/** Replaces the sizes that do not fit 32 bits by those of the zip64 field, which holds just these, in this order. */
function widen(entry: ZipEntry, view: DataView, extra: number, length: number, source: Source): void {
  const wide = (["size", "packedSize", "offset"] as const).filter((key) => entry[key] === 0xffffffff);
  if (wide.length === 0) return;
  for (let at = extra; at + 4 <= extra + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    if (view.getUint16(at + 2, true) < 8 * wide.length || at + 4 + 8 * wide.length > extra + length) break;
    for (const [k, key] of wide.entries()) entry[key] = Number(view.getBigUint64(at + 4 + 8 * k, true));
    return;
  }
  throw damaged(source, `the sizes of ${quoted(entry.name)} are missing`);
}
