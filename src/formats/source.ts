/**
 * Where bytes come from and what they may cost: passed to every reader, so that each refusal names the file and each
 * declared size is checked before memory is taken.
 */
import { NullclineError } from "../base/errors.ts";

export interface ReadOptions {
  /** Name of the file, for messages. Default: the format's name. */
  file?: string;
  /** Most bytes that the file may unpack to, and most bytes of one array. Default 4 GiB. */
  maxBytes?: number;
  /** Most bytes unpacked for each packed byte, where more than 256 MiB are unpacked. Default 1000. */
  maxRatio?: number;
}

export interface Source {
  file: string;
  /** Code of the errors: the format. */
  code: string;
  maxBytes: number;
  maxRatio: number;
}

export function sourceOf(code: string, options: ReadOptions = {}): Source {
  const { file = `(${code})`, maxBytes = 2 ** 32, maxRatio = 1000 } = options;
  return { file, code, maxBytes, maxRatio };
}

/** The error of a file that cannot be read. */
export function refusal(source: Source, given: string, expected?: string, remedy?: string): NullclineError {
  return new NullclineError({ code: source.code, where: source.file, given, expected, remedy });
}

/** The error of a file that is cut short or altered. */
export function damaged(source: Source, given: string): NullclineError {
  return refusal(source, `damaged file: ${given}`, undefined, "copy or export it again");
}

/** Refuses what would take more memory than the limit. */
export function checkSize(source: Source, bytes: number, what: string): void {
  if (bytes <= source.maxBytes) return;
  throw refusal(source, `${what} would take ${inWords(bytes)}`, `at most ${inWords(source.maxBytes)}`);
}

const fromBytes = 2 ** 28;
/** Deflate cannot pack better than this: a match of 258 bytes takes at least two bits. */
const deflateBound = 1032;

/** Refuses a declared unpacked size that is above the limits, or that deflate cannot produce from so few bytes. */
export function checkUnpacked(source: Source, packed: number, unpacked: number, what: string): void {
  checkSize(source, unpacked, `${what}, unpacked,`);
  if (unpacked > deflateBound * packed + 1024)
    throw damaged(source, `${what} declares ${inWords(unpacked)}, which ${inWords(packed)} cannot unpack to`);
  if (unpacked > fromBytes && unpacked > source.maxRatio * packed)
    throw refusal(
      source,
      `${what} unpacks from ${inWords(packed)} to ${inWords(unpacked)}`,
      `at most ${source.maxRatio} times its packed size`,
      "save it without compression if it is meant",
    );
}

/** E.g. `9.4 MiB`. */
export function inWords(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let k = 0;
  let n = bytes;
  while (n >= 1024 && k < units.length - 1) {
    n /= 1024;
    k++;
  }
  return `${k === 0 ? n : n.toPrecision(3)} ${units[k]}`;
}

/** The first bytes as they would look in a text, for "this is not what its name says". */
export function startOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return "it is empty";
  const text = Array.from(bytes.subarray(0, 8), (b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : "·")).join("");
  return `it starts with "${text}"`;
}

/** A name from a file, for use in a message: short and without control characters. */
export function quoted(name: string): string {
  const clean = name.replace(/\p{Cc}/gu, "·");
  return `"${clean.length > 80 ? `${clean.slice(0, 79)}…` : clean}"`;
}
