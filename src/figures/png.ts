/** A small image as a PNG in a data URI: one palette entry per pixel. @source PNG specification, third edition (W3C 2025) */

/** `indices`, row-major from the top left, into `palette` of `[red, green, blue, alpha]`, 0…255, at most 256 entries. */
export function pngDataUri(indices: Uint8Array, columns: number, palette: readonly (readonly number[])[]): string {
  const rows = indices.length / columns;
  // Each row begins with its filter: none.
  const raw = new Uint8Array(rows * (columns + 1));
  for (let r = 0; r < rows; r++) raw.set(indices.subarray(r * columns, (r + 1) * columns), r * (columns + 1) + 1);
  const file = join([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", join([word(columns), word(rows), Uint8Array.of(8, 3, 0, 0, 0)])),
    chunk("PLTE", Uint8Array.from(palette.flatMap((c) => c.slice(0, 3)))),
    chunk("tRNS", Uint8Array.from(palette.map((c) => c[3]!))),
    chunk("IDAT", zlibStored(raw)),
    chunk("IEND", new Uint8Array(0)),
  ]);
  let text = "";
  for (const byte of file) text += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(text)}`;
}

/** The zlib format without compression: blocks of at most 65 535 bytes as they are. */
function zlibStored(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let from = 0; from < data.length || from === 0; from += 65535) {
    const block = data.subarray(from, from + 65535);
    const [low, high] = [block.length & 255, block.length >> 8];
    parts.push(Uint8Array.of(from + 65535 >= data.length ? 1 : 0, low, high, ~low & 255, ~high & 255), block);
  }
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  parts.push(word(((b << 16) | a) >>> 0));
  return join(parts);
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = join([Uint8Array.from(name, (c) => c.charCodeAt(0)), data]);
  return join([word(data.length), body, word(crc32(body))]);
}

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
