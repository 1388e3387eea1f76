/**
 * MATLAB v5 `.mat` files (what `save -v6` and `-v7` write): numbers of all classes, logicals, text, structs and cell
 * arrays, compressed or not, in both byte orders. MATLAB is column-major; everything here is row-major.
 * Source: MathWorks, MAT-File Format (level 5).
 */
import type { NDArray } from "../base/arrays.ts";
import type { ArrayFile } from "./arrayFile.ts";
import { inflate } from "./inflate.ts";
import { type Cursor, countUnpacked, cursorOver, elementTypes, inside, nextElement } from "./mat5Elements.ts";
import { matArrays } from "./mat5Names.ts";
import { type MatValue, readMatrix } from "./mat5Values.ts";
import { damaged, type ReadOptions, refusal, type Source, sourceOf, startOf } from "./source.ts";

export type { MatValue } from "./mat5Values.ts";

/** Whether the header is that of a v5 file (v7.3 has the same header before its HDF5): version and byte order. */
export function isMat5(bytes: Uint8Array): boolean {
  const end = [...bytes.subarray(124, 128)].map((b) => String.fromCharCode(b)).join("");
  return ["\0\x01IM", "\0\x02IM", "\x01\0MI", "\x02\0MI"].includes(end);
}

/**
 * Reads all variables of a MATLAB v5 file.
 * @throws NullclineError (code `mat`) where the file is damaged, too large, or of another version.
 */
export function readMat5(bytes: Uint8Array, options: ReadOptions = {}): Promise<Record<string, MatValue>> {
  return readVariables(bytes, sourceOf("mat", options));
}

/** The arrays of numbers in a MATLAB v5 file, those inside structs and cell arrays included: `a.b{2,1}`. */
export async function openMat5(bytes: Uint8Array, source: Source): Promise<ArrayFile> {
  const { arrays, others } = matArrays(await readVariables(bytes, source), source);
  return {
    format: "mat",
    names: [...arrays.keys()],
    shapes: Object.fromEntries([...arrays].map(([name, { shape }]) => [name, shape])),
    others: Object.fromEntries(others),
    get: async (name): Promise<NDArray> => arrays.get(name)!.read(),
  };
}

async function readVariables(bytes: Uint8Array, source: Source): Promise<Record<string, MatValue>> {
  const little = checkHeader(bytes, source);
  const cursor = cursorOver(bytes, 128, { little, source, spent: { unpacked: 0, values: 0 } });
  const variables: [string, MatValue][] = [];
  while (cursor.at < cursor.end) {
    const element = nextElement(cursor);
    const content = inside(cursor, element);
    const matrix = element.type === elementTypes.compressed ? await unpack(content) : content;
    if (element.type !== elementTypes.compressed && element.type !== elementTypes.matrix)
      throw damaged(source, `a variable is expected where an element of type ${element.type} stands`);
    const { name, value } = readMatrix(matrix);
    // MATLAB's own subsystem data have no name.
    if (name !== "") variables.push([name, value]);
  }
  return Object.fromEntries(variables);
}

/** A compressed element holds one element, whose tag declares the unpacked size. */
async function unpack(content: Cursor): Promise<Cursor> {
  const { source, little, spent } = content;
  const packed = content.bytes.subarray(content.at, content.end);
  const what = "a compressed variable";
  const tag = await inflate(packed, "deflate", 8, source, { what, prefix: true });
  if (tag.length < 8) throw damaged(source, `${what} breaks off`);
  const view = new DataView(tag.buffer);
  if (view.getUint32(0, little) !== elementTypes.matrix) throw damaged(source, `${what} holds no variable`);
  const size = 8 + view.getUint32(4, little);
  countUnpacked(content, size);
  const bytes = await inflate(packed, "deflate", size, source, { what });
  return cursorOver(bytes, 8, { little, source, spent });
}

/** Whether the file is little-endian. */
function checkHeader(bytes: Uint8Array, source: Source): boolean {
  const expected = "MATLAB v5 (-v6 or -v7)";
  const remedy = "save it again in MATLAB with save(file, '-v7')";
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 116));
  const version = Math.max(bytes[124] ?? 0, bytes[125] ?? 0);
  if (text.startsWith("\x89HDF") || text.startsWith("MATLAB 7.3") || (isMat5(bytes) && version === 2))
    throw refusal(source, "a MATLAB v7.3 file, which is HDF5 inside", expected, remedy);
  if (isMat5(bytes)) return bytes[126] === 0x49;
  // Version 4 has no header: its first word is 0 to 52, little-endian, or 1000 to 1052, big-endian.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const v4 = bytes.length >= 20 && (view.getUint32(0, true) <= 52 || Math.abs(view.getUint32(0) - 1026) <= 26);
  throw refusal(source, v4 ? "a MATLAB v4 file" : `not a MATLAB file: ${startOf(bytes)}`, expected, remedy);
}
