/**
 * Checkpoints of a training run: one safetensors file each, with a checksum, since a file that was cut or altered
 * must not be resumed from.
 */
import { z } from "zod";
import type { NDArray } from "../base/arrays.ts";
import { crc32 } from "./crc32.ts";
import { encodeNumbers } from "./numbers.ts";
import { checkedBy, toJson } from "./runSchemas.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { refusal, sourceOf } from "./source.ts";

export interface Checkpoint {
  /** Iterations done; names the file. */
  iteration: number;
  parameters: Record<string, NDArray>;
  /** State of the optimiser, e.g. moments by parameter: any names. */
  optimiser: Record<string, NDArray>;
  /** Averages of the parameters over the iterations, where training keeps them. */
  average?: Record<string, NDArray>;
  /** Counters and whatever else training needs to go on exactly, as JSON (finite numbers only). */
  state: Record<string, unknown>;
}

/** What the file says beside the arrays. */
const recordSchema = z.object({
  iteration: z.number().int().nonnegative(),
  metricsBytes: z.number().int().nonnegative(),
  state: z.record(z.string(), z.unknown()),
});

/** The bytes of a checkpoint. `metricsBytes`: length of `metrics.jsonl` at the time. */
export function encodeCheckpoint(checkpoint: Checkpoint, metricsBytes: number): Uint8Array<ArrayBuffer> {
  const { iteration, parameters, optimiser, average = {}, state } = checkpoint;
  const tensors = Object.fromEntries([
    ...Object.entries(parameters).map(([name, array]) => [`parameters/${name}`, array] as const),
    ...Object.entries(optimiser).map(([name, array]) => [`optimiser/${name}`, array] as const),
    ...Object.entries(average).map(([name, array]) => [`average/${name}`, array] as const),
  ]);
  const record = toJson({ iteration, metricsBytes, state });
  return writeSafetensors(tensors, { record, checksum: checksum(record, tensors) });
}

/** @throws NullclineError (code `safetensors` or `run-folder`) where the file is damaged or no checkpoint. */
export function decodeCheckpoint(bytes: Uint8Array, file: string): { checkpoint: Checkpoint; metricsBytes: number } {
  const { tensors, metadata } = readSafetensors(bytes, { file });
  const { record, checksum: declared } = metadata;
  const source = sourceOf("run-folder", { file });
  if (record === undefined) throw refusal(source, "no checkpoint of Nullcline");
  if (declared !== checksum(record, tensors)) throw refusal(source, "damaged checkpoint: its checksum does not match");
  const { iteration, metricsBytes, state } = checkedBy(recordSchema, parsed(record), file);
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, array]) => [name.slice(prefix.length), array]),
    );
  return {
    checkpoint: {
      iteration,
      parameters: under("parameters/"),
      optimiser: under("optimiser/"),
      average: under("average/"),
      state,
    },
    metricsBytes,
  };
}

/** `undefined`, which no schema takes, where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** CRC-32 over the record, and over name, shape and entries of every tensor in order of names. */
function checksum(record: string, tensors: Record<string, NDArray>): string {
  const text = new TextEncoder();
  let sum = crc32(text.encode(record));
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name]!;
    sum = crc32(text.encode(`${name} [${shape}]`), sum);
    sum = crc32(encodeNumbers(data), sum);
  }
  return sum.toString(16).padStart(8, "0");
}
