/** NumPy's `.npz`: a zip archive of `.npy` files. */
import type { NDArray } from "../base/arrays.ts";
import type { ArrayFile } from "./arrayFile.ts";
import { decodeNpy, npyHeaderBound, readNpyHeader, writeNpy } from "./npy.ts";
import { quoted, type ReadOptions, type Source, sourceOf } from "./source.ts";
import { readZipDirectory, unpackEntry, writeZip, type ZipEntry, type ZipOptions } from "./zip.ts";

/**
 * Reads the shapes of all arrays; an array is unpacked when asked for.
 * @throws NullclineError (code of `source`) where the archive is damaged, too large, or declares wrong sizes.
 */
export async function openNpz(bytes: Uint8Array, source: Source): Promise<ArrayFile> {
  const entries = new Map<string, ZipEntry>();
  const shapes: [string, number[]][] = [];
  const others: [string, string][] = [];
  for (const entry of readZipDirectory(bytes, source)) {
    if (!entry.name.endsWith(".npy")) continue;
    const name = entry.name.slice(0, -4);
    const start = await unpackEntry(bytes, entry, source, npyHeaderBound);
    const header = readNpyHeader(start, source, entry.size, quoted(name));
    if (header.type) {
      entries.set(name, entry);
      shapes.push([name, header.shape]);
    } else others.push([name, header.description]);
  }
  return {
    format: "npz",
    names: [...entries.keys()],
    shapes: Object.fromEntries(shapes),
    others: Object.fromEntries(others),
    get: async (name) => decodeNpy(await unpackEntry(bytes, entries.get(name)!, source), source, quoted(name)),
  };
}

/**
 * Reads all arrays of numbers of a `.npz`.
 * @throws NullclineError (code `npz`) where it is damaged, too large, or an array holds something else.
 */
export async function readNpz(bytes: Uint8Array, options: ReadOptions = {}): Promise<Record<string, NDArray>> {
  const file = await openNpz(bytes, sourceOf("npz", options));
  const arrays: [string, NDArray][] = [];
  for (const name of file.names) arrays.push([name, await file.get(name)]);
  return Object.fromEntries(arrays);
}

/** The bytes of a `.npz` file, which `numpy.load` reads. */
export function writeNpz(arrays: Record<string, NDArray>, options: ZipOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  return writeZip(
    Object.entries(arrays).map(([name, array]) => ({ name: `${name}.npy`, data: writeNpy(array) })),
    options,
  );
}
