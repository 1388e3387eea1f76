/**
 * Runs shards of trials: by worker threads, or in place where there are none. Each shard is one run of the same compiled
 * program and its result is its own, so that results do not depend on the number of workers; whoever adds them up does
 * so in the order of the shards.
 */
import type { NDArray } from "../base/arrays.ts";
import type { Program } from "../equations/program.ts";
import type { Host, Worker } from "../host/host.ts";
import { type CompiledModule, type CompileOptions, compileModule, instantiate } from "./compiled/index.ts";
import type { Executable, RunOptions } from "./executable.ts";

/** One shard: what the trials give, and which trials they are (`run.firstTrial`). */
export interface Shard {
  /** By name, `[trial, sample, ...shape]`. Inputs that nothing recorded depends on may be left out or given. */
  inputs: Record<string, ArrayLike<number>>;
  run?: RunOptions;
}

export interface Pool {
  /** Threads that work besides this one; 0: shards run in place. */
  readonly workers: number;
  /**
   * Runs shards with the same parameters, and reads the named quantities of each.
   * @returns for each shard, in order, the quantities by name. @throws as the executable's methods do.
   */
  run(
    shards: readonly Shard[],
    parameters: Record<string, ArrayLike<number>>,
    read: readonly string[],
  ): Promise<Record<string, NDArray>[]>;
  close(): void;
}

export interface PoolOptions {
  /** Starts the workers; without it, shards run in place. */
  host?: Host;
  /** Threads. Default: as many as the host has cores. With 1, shards run in place. */
  workers?: number;
}

/** What a worker is told: the program once, then a shard at a time, with the parameters where they are new. */
export type Task =
  | { compiled: CompiledModule }
  | { shard: Shard; parameters?: Record<string, ArrayLike<number>>; read: readonly string[] };

/** A program compiled for shards of `trials` trials. */
export const compileForPool = (program: Program, options: CompileOptions): Promise<CompiledModule> =>
  compileModule(program, options);

export async function createPool(compiled: CompiledModule, options: PoolOptions = {}): Promise<Pool> {
  const { host, workers: count = host?.describe().cores ?? 1 } = options;
  const workers: Worker[] = [];
  while (workers.length < count && count > 1) {
    const worker = host?.startWorker();
    if (!worker) break;
    workers.push(worker);
  }
  if (workers.length === 0) return poolInPlace(instantiate(compiled));
  await Promise.all(workers.map((worker) => worker.call({ compiled } satisfies Task)));
  return {
    workers: workers.length,
    async run(shards, parameters, read) {
      const results: Record<string, NDArray>[] = new Array(shards.length);
      const common = Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, shared(values)]));
      let next = 0;
      const work = async (worker: Worker): Promise<void> => {
        for (let first = true; next < shards.length; first = false) {
          const index = next++;
          const { shard, transfer } = parcel(shards[index]!);
          const task: Task = { shard, parameters: first ? common : undefined, read };
          results[index] = await worker.call(task, transfer);
        }
      };
      await Promise.all(workers.map(work));
      return results;
    },
    close() {
      for (const worker of workers) worker.close();
    },
  };
}

/** Numbers for all workers: in shared memory where the host has it, so that they are copied once; else as they are. */
function shared(values: ArrayLike<number>): ArrayLike<number> {
  if (typeof SharedArrayBuffer === "undefined") return values;
  const one = new Float64Array(new SharedArrayBuffer(8 * values.length));
  one.set(values);
  return one;
}

/** A shard with inputs of its own, whose buffers are handed over: a view would take all of its buffer with it. */
function parcel(shard: Shard): { shard: Shard; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const own = (values: ArrayLike<number>): ArrayLike<number> => {
    if (!(values instanceof Float32Array || values instanceof Float64Array)) return values;
    const copy = values.slice();
    transfer.push(copy.buffer);
    return copy;
  };
  const inputs = Object.fromEntries(Object.entries(shard.inputs).map(([name, values]) => [name, own(values)]));
  return { shard: { ...shard, inputs }, transfer };
}

function poolInPlace(executable: Executable): Pool {
  return {
    workers: 0,
    async run(shards, parameters, read) {
      setParameters(executable, parameters);
      return shards.map((shard) => runShard(executable, shard, read));
    },
    close() {},
  };
}

export function setParameters(executable: Executable, parameters: Record<string, ArrayLike<number>>): void {
  for (const [name, values] of Object.entries(parameters)) executable.setParameter(name, values);
}

/** Runs one shard and reads the named quantities. */
export function runShard(executable: Executable, shard: Shard, read: readonly string[]): Record<string, NDArray> {
  for (const [name, values] of Object.entries(shard.inputs))
    if (name in executable.program.inputs) executable.setInput(name, values);
  executable.run(shard.run);
  return Object.fromEntries(read.map((name) => [name, executable.read(name)]));
}
