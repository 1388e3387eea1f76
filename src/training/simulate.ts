/** Runs a network on trials, shard by shard, without learning. */
import type { NDArray } from "../base/arrays.ts";
import { sizeOf } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { compileForPool, createPool, type Pool } from "../engine/pool.ts";
import { unknownName } from "../engine/quantities.ts";
import { Graph } from "../equations/build.ts";
import { type Model, modelOf } from "../equations/model.ts";
import { emptyBlock, prune } from "../equations/normalise.ts";
import type { Program } from "../equations/program.ts";
import type { Host } from "../host/host.ts";
import { type Network, valuesOf } from "../networks/network.ts";
import type { Trials } from "../tasks/trials.ts";
import { defaultShard, shardInputs } from "./gradient.ts";

/** Trials that are run by themselves instead of in a shard that they do not fill; the numbers are the same. */
const FEW_TRIALS = 4;

export interface SimulatorOptions {
  sizes: Record<string, number>;
  /** Most samples of a run. */
  samples: number;
  /** Quantities to record at every sample. Default: the outputs. */
  record?: string[];
  /** Quantities to record at the last sample only. */
  last?: string[];
  /** Trials of a shard. Default 32. */
  shard?: number;
  precision?: "f32" | "f64";
  relaxed?: boolean;
  /** Most bytes of memory of each worker. Default: the 4 GiB that WebAssembly can address. */
  memory?: number;
  host?: Host;
  workers?: number;
}

export interface Simulator {
  /**
   * Trajectories `[trial, time, unit]` by name; of a quantity of `last`, `[trial, unit]` under `name.last`. What exists once
   * a trial is `[trial, ...shape]`, what is made of parameters alone `[...shape]`.
   * `purpose` names an independent stream of noise (0 training, 1 validation, 2 test).
   */
  run(
    parameters: Record<string, ArrayLike<number>>,
    trials: Trials,
    run: { seed: number; firstTrial?: number; purpose?: number },
  ): Promise<Record<string, NDArray>>;
  close(): void;
}

/** @throws NullclineError (code `record`) where a name is that of something given, or of nothing. */
function checkRecorded({ text, program }: Model, names: readonly string[], last: readonly string[]): void {
  const kept = new Map(program.blocks.flatMap((b) => b.definitions.map((d) => [d.name, b.kind] as const)));
  const quantities = [...text.quantities.keys()].join(", ");
  const refuse = (given: string, expected: string, remedy?: string): never => {
    throw new NullclineError({ code: "record", given, expected, remedy });
  };
  for (const name of [...names, ...last]) {
    if (kept.has(name)) continue;
    if (program.parameters[name] || text.parameter(name))
      refuse(
        `\`${name}\` to record, which is a parameter`,
        `quantities: ${quantities}`,
        `its values are network.parameters.${name}.values`,
      );
    if (program.inputs[name]) refuse(`\`${name}\` to record, which is an input`, `quantities: ${quantities}`);
    unknownName("quantity to record", name, text.quantities.keys());
  }
  for (const name of last)
    if (kept.get(name) !== "pass")
      refuse(`the last sample of \`${name}\`, which does not change in time`, "a quantity that does", "use `record`");
}

/** A program that also keeps some quantities at the last sample. */
function withLast(program: Program, names: string[]): Program {
  if (names.length === 0) return program;
  const g = new Graph();
  const block = emptyBlock("trial");
  for (const name of names) {
    const definition = program.blocks.flatMap((b) => b.definitions).find((d) => d.name === name);
    if (!definition) throw new Error(`no quantity ${name}`); // checkRecorded has seen it
    block.definitions.push({
      name: `${name}.last`,
      node: g.leaf({ kind: "pick", name, from: "end", index: 0 }, definition.node.shape, "trial"),
    });
  }
  return { ...program, blocks: [...program.blocks, block] };
}

/** Compiles a network for simulation. */
export async function simulator(model: Model, options: SimulatorOptions): Promise<Simulator> {
  const { record = model.outputs, last = [], shard: most = defaultShard } = options;
  const names = [...record, ...last.map((name) => `${name}.last`)];
  checkRecorded(model, record, last);
  /** Made of parameters alone: the same for all trials, `[...shape]`. */
  const common = new Set(
    model.program.blocks.flatMap((b) => (b.kind === "update" ? b.definitions.map((d) => d.name) : [])),
  );
  const program = prune(withLast(model.program, last), names);
  const poolOf = async (trials: number, workers?: number): Promise<Pool> => {
    const compiled = await compileForPool(program, {
      sizes: options.sizes,
      trials,
      samples: options.samples,
      record: names,
      precision: options.precision ?? "f32",
      relaxed: options.relaxed ?? false,
      memory: options.memory,
    });
    return createPool(compiled, { host: options.host, workers });
  };
  const whole = await poolOf(most, options.workers);
  /** For a few trials, which would leave most of a shard idle: made when asked for, run in place. */
  const small = new Map<number, Promise<Pool>>();
  const smallPool = (trials: number): Promise<Pool> => {
    let pool = small.get(trials);
    if (!pool) small.set(trials, (pool = poolOf(trials, 1)));
    return pool;
  };
  return {
    async run(parameters, trials, { seed, firstTrial = 0, purpose = 0 }) {
      const [count, steps] = trials.inputs.shape as [number, number];
      const few = count <= FEW_TRIALS && count < most;
      const shard = few ? count : most;
      const pool = few ? await smallPool(count) : whole;
      const jobs = Array.from({ length: Math.ceil(count / shard) }, (_, s) => {
        const from = s * shard;
        return {
          inputs: shardInputs(model, trials, from, Math.min(shard, count - from), shard),
          run: { samples: steps, dt: trials.dt, seed, purpose, firstTrial: firstTrial + from },
        };
      });
      const results = await pool.run(jobs, parameters, names);
      return Object.fromEntries(
        names.map((name) => [
          name,
          common.has(name)
            ? results[0]![name]!
            : joined(
                results.map((r) => r[name]!),
                count,
              ),
        ]),
      );
    },
    close() {
      whole.close();
      for (const pool of small.values())
        pool.then(
          (made) => made.close(),
          () => {}, // whoever ran it was told
        );
    },
  };
}

/**
 * A network on trials, once: trajectories `[trial, time, unit]` by name. `simulator` compiles once for many runs.
 * @throws NullclineError where a text or its sizes do not fit; (code `record`, `name`) where there is no such quantity to record
 */
export async function simulate(
  network: Network,
  trials: Trials,
  options: Omit<SimulatorOptions, "sizes" | "samples"> & { seed: number; firstTrial?: number; purpose?: number },
): Promise<Record<string, NDArray>> {
  const { seed, firstTrial, purpose, ...rest } = options;
  const model = modelOf(network.data, { dt: trials.dt, initialFromTrial: Object.keys(trials.initialState ?? {}) });
  const shard = Math.min(options.shard ?? defaultShard, trials.inputs.shape[0]!);
  const once = await simulator(model, { ...rest, shard, sizes: network.sizes, samples: trials.inputs.shape[1]! });
  try {
    return await once.run(valuesOf(network), trials, { seed, firstTrial, purpose });
  } finally {
    once.close();
  }
}

/** The first `count` trials of shards put one after the other. */
function joined(parts: NDArray[], count: number): NDArray {
  const inner = parts[0]!.shape.slice(1);
  const width = sizeOf(inner);
  const data =
    parts[0]!.data instanceof Float32Array ? new Float32Array(count * width) : new Float64Array(count * width);
  let at = 0;
  for (const part of parts) {
    const take = Math.min(part.data.length, data.length - at);
    data.set(part.data.subarray(0, take), at);
    at += take;
  }
  return { data, shape: [count, ...inner] };
}
