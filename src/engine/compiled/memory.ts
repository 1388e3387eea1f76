/** The memory of an instance, and what is said where it does not suffice. */
import { NullclineError } from "../../base/errors.ts";
import type { ExecutableOptions } from "../executable.ts";

const memoryError = (bytes: number, { trials, samples }: ExecutableOptions, expected?: string): NullclineError =>
  new NullclineError({
    code: "memory",
    given: `${trials} trials of ${samples} samples need ${bytes} bytes (${(bytes / 2 ** 30).toFixed(1)} GiB)`,
    expected,
    remedy: "run fewer trials at once, fewer samples, or record less",
  });

/** @throws NullclineError where WebAssembly cannot address so many bytes. */
export function checkBytes(bytes: number, options: ExecutableOptions): void {
  if (bytes > 2 ** 32) throw memoryError(bytes, options, "at most 4 GiB, which is all that WebAssembly can address");
}

/** @throws NullclineError where the machine does not have so many bytes. */
export function allocate(bytes: number, options: ExecutableOptions): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    throw memoryError(bytes, options, "what this machine has left");
  }
}
