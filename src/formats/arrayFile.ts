/** Any file of arrays, whatever its format: what is in it, and one array at a time. */
import type { NDArray } from "../base/arrays.ts";
import { closest } from "../base/errors.ts";
import { looksLikeHdf5 } from "./hdf5.ts";
import { isMat5, openMat5 } from "./mat5.ts";
import { decodeNpy, looksLikeNpy, readNpyHeader } from "./npy.ts";
import { openNpz } from "./npz.ts";
import { looksLikeSafetensors, openSafetensors } from "./safetensors.ts";
import { quoted, type ReadOptions, refusal, type Source, sourceOf, startOf } from "./source.ts";
import { looksLikeZip } from "./zip.ts";

export interface ArrayFile {
  format: "npy" | "npz" | "mat" | "safetensors";
  /** Names of the arrays of numbers, in the order of the file. A `.npy` has one, its file's name without the ending. */
  names: string[];
  shapes: Record<string, number[]>;
  /** What else the file holds: name and, in words, why it is not read. */
  others: Record<string, string>;
  /**
   * The array of this name; a field of a struct and an entry of a cell array are named as in MATLAB, `a.b{2,1}`.
   * @throws NullclineError where there is none (the message lists the names) or it is damaged.
   */
  get(name: string): Promise<NDArray>;
}

/**
 * Opens `.npy`, `.npz`, MATLAB v5 `.mat` or `.safetensors`. The content decides; the ending of `file` only names what
 * was expected where the content is none of these.
 * @throws NullclineError where it is none of them, is damaged, or declares more than the limits of `options`.
 */
export async function openArrays(
  file: string,
  bytes: Uint8Array,
  options: Omit<ReadOptions, "file"> = {},
): Promise<ArrayFile> {
  const source = (code: string) => sourceOf(code, { ...options, file });
  const ending = /\.(npy|npz|mat|safetensors)$/i.exec(file)?.[1]?.toLowerCase();
  if (looksLikeNpy(bytes)) return openNpy(bytes, file, source("npy"));
  if (looksLikeZip(bytes)) return checked(await openNpz(bytes, source("npz")), source("npz"));
  if (isMat5(bytes) || ending === "mat") return checked(await openMat5(bytes, source("mat")), source("mat"));
  if (looksLikeSafetensors(bytes) || ending === "safetensors")
    return checked(openSafetensors(bytes, source("safetensors")), source("safetensors"));
  throw refusal(
    source(ending ?? "format"),
    ending ? `not a .${ending} file: ${startOf(bytes)}` : `no known file of arrays: ${startOf(bytes)}`,
    ".npy, .npz, MATLAB v5 .mat or .safetensors",
    looksLikeHdf5(bytes)
      ? "it is HDF5: `hdf5Sequences` reads spikes from it; export other arrays with numpy.savez"
      : undefined,
  );
}

function openNpy(bytes: Uint8Array, file: string, source: Source): ArrayFile {
  const name = file.replace(/^.*[/\\]/, "").replace(/\.npy$/i, "");
  const { type, description, shape } = readNpyHeader(bytes, source, bytes.length);
  const get = async () => decodeNpy(bytes, source);
  return checked(
    {
      format: "npy",
      names: type ? [name] : [],
      shapes: type ? { [name]: shape } : {},
      others: type ? {} : { [name]: description },
      get,
    },
    source,
  );
}

/** Answers a name that is not there with the names that are. */
function checked(file: ArrayFile, source: Source): ArrayFile {
  const names = new Set(file.names);
  return {
    ...file,
    async get(name) {
      if (names.has(name)) return file.get(name);
      if (Object.hasOwn(file.others, name))
        throw refusal(source, `${quoted(name)} holds ${file.others[name]}`, "an array of real numbers");
      const near = closest(name, names);
      throw refusal(
        source,
        `no array ${quoted(name)}`,
        names.size === 0
          ? "a file with arrays of real numbers, and this one has none"
          : `one of ${listed(file)}${near ? `; did you mean ${quoted(near)}?` : ""}`,
      );
    },
  };
}

function listed({ names, shapes }: ArrayFile): string {
  const shown = names.slice(0, 20).map((name) => `${name} [${shapes[name]!.join(", ")}]`);
  return shown.join(", ") + (names.length > 20 ? ` and ${names.length - 20} more` : "");
}
