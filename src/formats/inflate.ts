/** Deflate and inflate through the streams of the web standard, which Node and browsers share. */
import { checkUnpacked, damaged, inWords, refusal, type Source } from "./source.ts";

/** `deflate-raw` in zip archives, `deflate` (with zlib's header and checksum) in MATLAB files. */
export type Packing = "deflate" | "deflate-raw";

export interface InflateOptions {
  /** Take the first `size` bytes only, or fewer where there are fewer. Default false: there must be exactly `size`. */
  prefix?: boolean;
  /** What is unpacked, for messages. */
  what?: string;
}

/**
 * Unpacks to exactly `size` bytes. The declared size is checked against the limits before memory is taken, and
 * unpacking stops as soon as there is more than was declared.
 * @throws NullclineError where the data are damaged or the declared size is wrong.
 */
export async function inflate(
  packed: Uint8Array,
  packing: Packing,
  size: number,
  source: Source,
  options: InflateOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { prefix = false, what = "the compressed part" } = options;
  if (!prefix) checkUnpacked(source, packed.length, size, what);
  const out = allocate(size, source);
  let at = 0;
  let excess = false;
  try {
    await pump(new DecompressionStream(packing), packed, (chunk) => {
      excess = chunk.length > size - at;
      out.set(excess ? chunk.subarray(0, size - at) : chunk, at);
      at += Math.min(chunk.length, size - at);
      return !excess && !(prefix && at === size);
    });
  } catch (error) {
    if (!prefix || at === 0)
      throw damaged(source, `${what} cannot be unpacked (${error instanceof Error ? error.message : String(error)})`);
  }
  if (prefix) return out.subarray(0, at);
  if (excess) throw damaged(source, `${what} unpacks to more than the ${inWords(size)} that it declares`);
  if (at < size) throw damaged(source, `${what} unpacks to ${inWords(at)} but declares ${inWords(size)}`);
  return out;
}

export async function deflate(bytes: Uint8Array, packing: Packing): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  await pump(new CompressionStream(packing), bytes, (chunk) => chunks.push(chunk) > 0);
  return joined(chunks);
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

export function allocate(size: number, source: Source): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch {
    throw refusal(source, `${inWords(size)} do not fit in memory`);
  }
}

/** Writes all of `input`, hands out chunks until `take` answers false or the stream ends, and rethrows its error. */
async function pump(
  stream: CompressionStream | DecompressionStream,
  input: Uint8Array,
  take: (chunk: Uint8Array) => boolean,
): Promise<void> {
  const writer = stream.writable.getWriter();
  // The same failure reaches the reader, which reports it.
  writer.write(input as Uint8Array<ArrayBuffer>).catch(() => {});
  writer.close().catch(() => {});
  const reader: ReadableStreamDefaultReader<Uint8Array> = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (!take(value)) {
      await reader.cancel().catch(() => {});
      return;
    }
  }
}
