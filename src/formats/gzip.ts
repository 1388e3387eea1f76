/** Files packed with gzip. @source RFC 1952 */
import { inflate } from "./inflate.ts";
import { damaged, type Source } from "./source.ts";

/** The bytes unpacked where they are packed with gzip, else as they are. */
export async function plainOf(bytes: Uint8Array, source: Source): Promise<Uint8Array> {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(bytes, source) : bytes;
}

/** Unpacks one gzip member. */
async function gunzip(bytes: Uint8Array, source: Source): Promise<Uint8Array> {
  if (bytes.length < 18 || bytes[2] !== 8) throw damaged(source, "its gzip header");
  const flags = bytes[3]!;
  let at = 10;
  if (flags & 4) at += 2 + bytes[10]! + 256 * bytes[11]!;
  // Name and comment end with a 0.
  for (const flag of [8, 16])
    if (flags & flag) {
      const end = bytes.indexOf(0, at);
      if (end < 0) throw damaged(source, "its gzip header");
      at = end + 1;
    }
  if (flags & 2) at += 2;
  if (at > bytes.length - 8) throw damaged(source, "its gzip header");
  const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true);
  return inflate(bytes.subarray(at, bytes.length - 8), "deflate-raw", size, source, { what: "the file" });
}
