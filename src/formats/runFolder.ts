/**
 * The folder of a run: `run.json`, `parameters.safetensors`, `metrics.jsonl`, `timing.jsonl`, `checkpoints/`,
 * `analysis/`, `report.html`, `result.json`.
 *
 * A run that is killed and resumed ends with the same bytes as one that was not: a checkpoint knows how long
 * `metrics.jsonl` was, and resuming cuts it to that. Times and durations therefore go to `timing.jsonl` alone.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { Storage } from "../host/host.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { checkedBy, type RunRecord, type RunResult, resultSchema, runSchema, toJson } from "./runSchemas.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

export interface Run {
  storage: Storage;
  path: string;
  record: RunRecord;
}

/** What the caller says about a run; the specification is any JSON. */
export type NewRun = Omit<RunRecord, "format" | "formatVersion" | "specification"> & {
  specification: Record<string, unknown>;
};

/** A result to be written; the summary is any JSON. */
export type NewResult = Omit<RunResult, "summary"> & { summary: Record<string, unknown> };

export const runFiles = {
  run: "run.json",
  parameters: "parameters.safetensors",
  metrics: "metrics.jsonl",
  timing: "timing.jsonl",
  checkpoints: "checkpoints",
  analysis: "analysis",
  report: "report.html",
  result: "result.json",
} as const;

/** The path of a file of the run, e.g. `pathIn(run, "analysis", "points.npz")`. */
export function pathIn(run: Pick<Run, "path">, ...names: string[]): string {
  return [run.path.replace(/\/+$/, ""), ...names].join("/");
}

export interface CreateOptions {
  /** The folder to make. Default: the next free `<root>/<study>-<k>`. */
  out?: string;
  /** Default `runs`. */
  root?: string;
}

/**
 * Makes the folder of a new run and writes its `run.json`; where that fails, nothing is left behind.
 * @throws NullclineError `folder-exists` where `out` exists, `cannot-write` or `disk-full` where it cannot be written.
 */
export async function createRun(storage: Storage, run: NewRun, options: CreateOptions = {}): Promise<Run> {
  const { root = "runs" } = options;
  const path = options.out ?? (await nextFree(storage, root, run.study));
  if (await storage.exists(path))
    throw new NullclineError({
      code: "folder-exists",
      where: path,
      given: "this output folder exists",
      expected: "a new one",
      remedy: "choose another with --out, or continue the run in it with --resume",
    });
  const text = toJson({ format: "nullcline-run", formatVersion: 1, ...run }, 2);
  const record = checkedBy(runSchema, JSON.parse(text), pathIn({ path }, runFiles.run));
  await storage.makeFolder(path);
  try {
    await storage.makeFolder(pathIn({ path }, runFiles.checkpoints));
    await storage.makeFolder(pathIn({ path }, runFiles.analysis));
    await storage.write(pathIn({ path }, runFiles.run), `${text}\n`);
  } catch (error) {
    await storage.remove(path).catch(() => {});
    throw error;
  }
  return { storage, path, record };
}

async function nextFree(storage: Storage, root: string, study: string): Promise<string> {
  const name = study.replace(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") || "run";
  const taken = (await storage.exists(root)) ? await storage.list(root) : [];
  const numbers = taken
    .filter((entry) => entry.startsWith(`${name}-`))
    .map((entry) => entry.slice(name.length + 1))
    .filter((rest) => /^\d{1,9}$/.test(rest))
    .map(Number);
  return `${root}/${name}-${Math.max(0, ...numbers) + 1}`;
}

/**
 * Opens the folder of an earlier run.
 * @throws NullclineError `not-a-run` where it is none, `run-folder` where its `run.json` is damaged.
 */
export async function openRun(storage: Storage, path: string): Promise<Run> {
  const file = pathIn({ path }, runFiles.run);
  if (!(await storage.exists(file)))
    throw new NullclineError({
      code: "not-a-run",
      where: path,
      given: (await storage.exists(path)) ? "no folder of a run: it has no run.json" : "there is no such folder",
      expected: "a folder that an earlier run made",
    });
  return { storage, path, record: checkedBy(runSchema, await readJson(storage, file), file) };
}

export interface Resumption {
  checkpoint: Checkpoint;
  /** Its file. */
  file: string;
  /** Newer checkpoints that were passed over, with the reason. */
  damaged: { file: string; reason: string }[];
}

/**
 * Goes back to the newest checkpoint that is whole, and cuts `metrics.jsonl` to its length then. Without one the run
 * begins anew: `undefined`, and `metrics.jsonl` is emptied.
 */
export async function resumeRun(run: Run): Promise<Resumption | undefined> {
  const { storage } = run;
  const metrics = pathIn(run, runFiles.metrics);
  const length = (await storage.exists(metrics)) ? await storage.size(metrics) : 0;
  const damaged: Resumption["damaged"] = [];
  for (const file of (await checkpointFiles(run)).reverse()) {
    try {
      const { checkpoint, metricsBytes } = decodeCheckpoint(await storage.read(file), file);
      if (metricsBytes > length)
        throw new NullclineError({ code: "run-folder", given: "metrics.jsonl is shorter than at this checkpoint" });
      if (length > metricsBytes) await storage.truncate(metrics, metricsBytes);
      return { checkpoint, file, damaged };
    } catch (error) {
      if (!(error instanceof NullclineError) || !["safetensors", "run-folder"].includes(error.code)) throw error;
      damaged.push({ file, reason: error.message });
    }
  }
  if (length > 0) await storage.truncate(metrics, 0);
  return undefined;
}

export interface CheckpointOptions {
  /** How many of the newest checkpoints stay. Default 2: one may turn out to be damaged. */
  keep?: number;
}

/** Writes a checkpoint, removes the oldest, and answers the new one's path. */
export async function writeCheckpoint(
  run: Run,
  checkpoint: Checkpoint,
  { keep = 2 }: CheckpointOptions = {},
): Promise<string> {
  const { storage } = run;
  const metrics = pathIn(run, runFiles.metrics);
  const length = (await storage.exists(metrics)) ? await storage.size(metrics) : 0;
  const name = `step-${String(checkpoint.iteration).padStart(9, "0")}.safetensors`;
  const path = pathIn(run, runFiles.checkpoints, name);
  await storage.write(path, encodeCheckpoint(checkpoint, length));
  // Newer ones are left from before a resumption: they are to be written again and would hide this one.
  const files = await checkpointFiles(run);
  const at = files.indexOf(path);
  for (const [k, file] of files.entries()) if (k <= at - keep || k > at) await storage.remove(file);
  return path;
}

/** Paths of the checkpoints, oldest first. */
async function checkpointFiles(run: Run): Promise<string[]> {
  const folder = pathIn(run, runFiles.checkpoints);
  if (!(await run.storage.exists(folder))) return [];
  const names = (await run.storage.list(folder)).filter((name) => /^step-\d{9,}\.safetensors$/.test(name));
  const iteration = (name: string) => Number(name.slice(5, -12));
  return names.sort((a, b) => iteration(a) - iteration(b)).map((name) => `${folder}/${name}`);
}

/** Adds lines to `metrics.jsonl`. They must not hold times or durations: those go to `appendTiming`. */
export function appendMetrics(run: Run, ...lines: object[]): Promise<void> {
  return appendLines(run, runFiles.metrics, lines);
}

/** Adds lines to `timing.jsonl`, which is not the same from run to run. */
export function appendTiming(run: Run, ...lines: object[]): Promise<void> {
  return appendLines(run, runFiles.timing, lines);
}

async function appendLines(run: Run, name: string, lines: object[]): Promise<void> {
  if (lines.length === 0) return;
  await run.storage.append(pathIn(run, name), lines.map((line) => `${toJson(line)}\n`).join(""));
}

/** The lines of `metrics.jsonl`; a last one that was cut off is left out. */
export async function readMetrics(run: Run): Promise<Record<string, unknown>[]> {
  const file = pathIn(run, runFiles.metrics);
  if (!(await run.storage.exists(file))) return [];
  const lines = new TextDecoder().decode(await run.storage.read(file)).split("\n");
  return lines.slice(0, -1).map((line) => parsed(line, file) as Record<string, unknown>);
}

export function writeParameters(
  run: Run,
  parameters: Record<string, NDArray>,
  metadata?: Record<string, string>,
): Promise<void> {
  return run.storage.write(pathIn(run, runFiles.parameters), writeSafetensors(parameters, metadata));
}

export async function readParameters(run: Run): Promise<Record<string, NDArray>> {
  const file = pathIn(run, runFiles.parameters);
  return readSafetensors(await run.storage.read(file), { file }).tensors;
}

/** Writes `result.json`. @throws NullclineError (code `run-folder`) where it does not fit the schema. */
export async function writeResult(run: Run, result: NewResult): Promise<void> {
  const file = pathIn(run, runFiles.result);
  const text = toJson(result, 2);
  checkedBy(resultSchema, JSON.parse(text), file);
  await run.storage.write(file, `${text}\n`);
}

/** The result of a run, `undefined` where it has not ended. */
export async function readResult(run: Run): Promise<RunResult | undefined> {
  const file = pathIn(run, runFiles.result);
  if (!(await run.storage.exists(file))) return undefined;
  return checkedBy(resultSchema, await readJson(run.storage, file), file);
}

export function writeReport(run: Run, html: string): Promise<void> {
  return run.storage.write(pathIn(run, runFiles.report), html);
}

/** Writes `analysis/<name>`. */
export function writeAnalysis(run: Run, name: string, data: Uint8Array | string): Promise<void> {
  return run.storage.write(pathIn(run, runFiles.analysis, name), data);
}

async function readJson(storage: Storage, file: string): Promise<unknown> {
  return parsed(new TextDecoder().decode(await storage.read(file)), file);
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NullclineError({ code: "run-folder", where: file, given: "damaged file: it is no JSON" });
  }
}
