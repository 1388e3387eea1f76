/** The memory of an instance, and what is said where it does not suffice. */
import { NullclineError } from "../../base/errors.ts";
import type { ExecutableOptions } from "../executable.ts";

/** All that WebAssembly can address. */
export const MOST_BYTES = 2 ** 32;

const inWords = (bytes: number): string =>
  `${bytes} bytes (${bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`})`;

const memoryError = (bytes: number, options: ExecutableOptions, expected: string, more: string): NullclineError =>
  new NullclineError({
    code: "memory",
    given: `${options.trials} trials of ${options.samples} samples need ${inWords(bytes)}`,
    expected,
    remedy: `run fewer trials at once, fewer samples, or record less${more}`,
  });

/** What to say where at least `bytes` are needed and `limit` are given. */
export function tooLarge(bytes: number, limit: number, options: ExecutableOptions): NullclineError {
  if (limit < MOST_BYTES && bytes <= MOST_BYTES)
    return memoryError(bytes, options, `at most ${inWords(limit)}`, `, or give more \`memory\``);
  return memoryError(bytes, options, "at most 4 GiB, which is all that WebAssembly can address", "");
}

/** @throws NullclineError where the machine does not have so many bytes. */
export function allocate(bytes: number, options: ExecutableOptions): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    throw memoryError(bytes, options, "what this machine has left", "");
  }
}
