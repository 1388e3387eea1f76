/** The memory of an instance, and what is said where it does not suffice. */
import { NullclineError } from "../../base/errors.ts";
import type { ExecutableOptions } from "../executable.ts";

/** WebAssembly addresses end here. */
export const MOST_BYTES = 2 ** 32;

/** @throws NullclineError where more bytes are needed than there are. */
export function checkBytes(bytes: number, most: number, { trials, samples }: ExecutableOptions): void {
  if (bytes <= most) return;
  throw new NullclineError({
    code: "memory",
    given: `${trials} trials of ${samples} samples need ${bytes} bytes (${(bytes / 2 ** 30).toFixed(1)} GiB)`,
    expected:
      most === MOST_BYTES ? "at most 4 GiB, which is all that WebAssembly can address" : "what this machine has",
    remedy: "run fewer trials at once, fewer samples, or record less",
  });
}

/** @throws NullclineError where the machine does not have them. */
export function allocate(bytes: number, options: ExecutableOptions): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    checkBytes(bytes, 0, options);
    throw new Error("no memory for an empty program");
  }
}
