/** Writes standard normal numbers where a noise leaf is to lie. */
import type { FunctionBuilder } from "../wasm/assembler.ts";
import type { Local } from "../wasm/fragments.ts";
import type { Emission } from "./loops.ts";
import type { Kernel } from "./section.ts";
import type { Addresses } from "./storage.ts";

export function emitNoise(
  _e: Emission,
  _f: FunctionBuilder,
  _kernel: Kernel,
  _addresses: Addresses,
  _sources: string[],
  _t?: Local,
): void {
  throw new Error("not yet");
}
