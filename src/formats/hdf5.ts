/**
 * Spikes from HDF5, in the layout of the Spiking Heidelberg Digits: `spikes/times` and `spikes/units` hold a list of
 * variable length for each sequence, `labels` a class for each.
 * @source Cramer, Stradmann, Schemmel & Zenke 2022, IEEE Trans. Neural Netw. Learn. Syst. 33, 2744–2757
 */
import type { Dataset, File as Hdf5File } from "h5wasm";
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { plainOf } from "./gzip.ts";
import { decodeNumbers } from "./numbers.ts";
import { checkSize, damaged, type ReadOptions, refusal, type Source, sourceOf, startOf } from "./source.ts";

/** Spikes of one sequence: times in the file's unit (SHD: seconds) and channels, as many. */
export interface SpikeLists {
  times: ArrayLike<number>;
  units: ArrayLike<number>;
}

export interface Hdf5Spikes {
  /** `[sequence]` */
  spikes: SpikeLists[];
  /** `[sequence]` */
  labels: NDArray;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** The fewest bytes of an element of variable length in a file: its length, an address (of 2 to 8 bytes), an index. */
const elementBytes = 4 + 2 + 4;
/** The most that deflate makes of a byte; of the filters of HDF5 none makes more. */
const mostPacked = 1032;
/** Numbers of HDF5's classes of types. */
const [integer, float, variable] = [0, 1, 9];

export function looksLikeHdf5(bytes: Uint8Array): boolean {
  return signature.every((b, k) => bytes[k] === b);
}

let files = 0;

/**
 * Reads the lists. The library (the HDF5 of the HDF Group in WebAssembly) is loaded when this is first called.
 * @throws NullclineError (code `hdf5`) where the file is none, is damaged, lacks one of the three, holds another type in it,
 * has another number of sequences in one than in another, or would take more than the limits
 */
export async function readHdf5Spikes(bytes: Uint8Array, options: ReadOptions = {}): Promise<Hdf5Spikes> {
  const source = sourceOf("hdf5", options);
  const plain = await plainOf(bytes, source);
  if (!looksLikeHdf5(plain)) throw refusal(source, `no HDF5 file: ${startOf(plain)}`, "HDF5, packed with gzip or not");
  const { File, ready } = await import("h5wasm");
  const library = await ready;
  // Errors are thrown, not printed.
  library.activate_throwing_error_handler();
  const FS = library.FS as unknown as Files;
  const path = `nullcline${files++}.h5`;
  FS.writeFile(path, plain);
  let file: Hdf5File | undefined;
  try {
    file = new File(path, "r");
    return lists(file, plain.length, source);
  } catch (error) {
    if (error instanceof NullclineError) throw error;
    throw damaged(source, "HDF5 cannot read it");
  } finally {
    file?.close();
    FS.unlink(path);
  }
}

/** What is used of the library's file system in memory. */
interface Files {
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
}

function lists(file: Hdf5File, fileBytes: number, source: Source): Hdf5Spikes {
  const [times, units, labels] = ["spikes/times", "spikes/units", "labels"].map((name) =>
    datasetOf(file, name, source),
  );
  const n = lengthOf(labels!, source);
  for (const list of [times!, units!]) {
    if (list.metadata.type !== variable)
      throw refusal(source, `\`${list.path.slice(1)}\` has no lists of variable length`, "one list for each sequence");
    if (lengthOf(list, source) !== n)
      throw refusal(source, `${lengthOf(list, source)} lists in \`${list.path.slice(1)}\` and ${n} labels`, "as many");
    if (n * elementBytes > fileBytes * (list.filters.length > 0 ? mostPacked : 1))
      throw damaged(source, `it declares ${n} lists in \`${list.path.slice(1)}\`, more than its bytes can hold`);
  }
  if (numbersOf(labels!.metadata, "labels", source) !== "integer")
    throw refusal(source, "`labels` holds floating-point numbers", "integers");
  const classes = Float64Array.from(labels!.value as unknown as ArrayLike<number | bigint>, Number);
  const readers = [reader(times!, source), reader(units!, source)] as const;
  let held = 0;
  const spikes = Array.from({ length: n }, (_, k): SpikeLists => {
    const [t, u] = [readers[0](k), readers[1](k)];
    if (t.length !== u.length)
      throw refusal(source, `${t.length} times and ${u.length} units in sequence ${k}`, "as many");
    held += t.byteLength + u.byteLength;
    // Lists of a damaged file may all point at the same bytes.
    checkSize(source, held, "its spikes");
    return { times: t, units: u };
  });
  return { spikes, labels: { data: classes, shape: [n] } };
}

function datasetOf(file: Hdf5File, name: string, source: Source): Dataset {
  const found = file.get(name);
  if (!found || !("metadata" in found))
    throw refusal(
      source,
      `no dataset \`${name}\``,
      "`spikes/times`, `spikes/units` and `labels`, as SHD has them",
      `at the top it has ${file.keys().slice(0, 20).join(", ") || "nothing"}`,
    );
  return found as Dataset;
}

function lengthOf(dataset: Dataset, source: Source): number {
  const shape = dataset.shape ?? [];
  if (shape.length !== 1) throw refusal(source, `\`${dataset.path.slice(1)}\` of [${shape.join(", ")}]`, "[sequence]");
  return shape[0]!;
}

type Stored = Pick<Dataset["metadata"], "type" | "size" | "littleEndian">;

function numbersOf({ type, size, littleEndian }: Stored, name: string, source: Source): "integer" | "float" | "half" {
  if (!littleEndian && size > 1) throw refusal(source, `\`${name}\` with the high byte first`, "the low byte first");
  if (type === integer) return "integer";
  if (type === float) return size === 2 ? "half" : "float";
  throw refusal(source, `\`${name}\` holds no numbers`, "integers or floating-point numbers");
}

/** Reads one list at a time, so that never more than one is in the library's memory. */
function reader(dataset: Dataset, source: Source): (k: number) => Float64Array {
  const inner = dataset.metadata.vlen_type!;
  const kind = numbersOf(inner, dataset.path.slice(1), source);
  // The library refuses half precision, which SHD's times may have: ask for its bits.
  if (kind === "half") Object.assign(inner, { type: integer, signed: false });
  return (k) => {
    const [list] = dataset.slice([[k, k + 1]]) as unknown as (ArrayLike<number | bigint> & { buffer: ArrayBuffer })[];
    if (kind !== "half") return Float64Array.from(list!, Number);
    return decodeNumbers(new Uint8Array(list!.buffer), "f2", list!.length, source) as Float64Array;
  };
}
