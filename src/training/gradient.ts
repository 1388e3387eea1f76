/** Loss and gradient of a batch of trials: shards of a fixed size, run by workers or in place, summed in a fixed order. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { compileForPool, createPool } from "../engine/pool.ts";
import { entriesOf } from "../engine/shapes.ts";
import type { Model } from "../equations/model.ts";
import type { Program } from "../equations/program.ts";
import type { Host } from "../host/host.ts";
import type { Trials } from "../tasks/trials.ts";
import { type Loss, lossOf, type Objective, type ObjectiveOptions, withGradient } from "./objective.ts";
import { weightAt } from "./penalty.ts";
import type { Values } from "./rule.ts";

/** Trials of one shard. Part of the specification: it fixes the order of sums, whatever the number of workers. */
export const defaultShard = 32;

/** Bytes of memory of a worker. */
const defaultMemory = 2 ** 30;

export interface BatchOptions {
  sizes: Record<string, number>;
  /** Most samples of a trial. */
  samples: number;
  /** Most trials of a shard. Default 32. */
  shard?: number;
  relaxed?: boolean;
  /**
   * Most bytes of memory of each worker. What does not fit is computed again from checkpoints, with the same bits, in
   * the time of one more forward pass. Default 1 GiB.
   */
  memory?: number;
  host?: Host;
  workers?: number;
}

export interface GradientOptions extends BatchOptions, ObjectiveOptions {
  trained: string[];
  /** What is differentiated instead of the loss as it is. It keeps its names. */
  rewrite?: (loss: Loss) => Loss;
}

/** Which trials a batch is, and which iteration. */
export interface BatchRun {
  seed: number;
  firstTrial: number;
  /** For the schedules of penalties. Default 0. */
  iteration?: number;
  /** Values of parameters that only penalties read. */
  constants?: Values;
  /** Of a program in stretches: which samples are run, in one of how many parts, and what each shard is given besides. */
  part?: { from: number; length: number; of: number; inputs: Record<string, ArrayLike<number>>[] };
}

export interface Gradient {
  loss: number;
  /** The fit, without penalties. */
  error: number;
  gradients: Record<string, Float64Array>;
}

export interface GradientEngine {
  readonly objective: Objective;
  of(parameters: Record<string, ArrayLike<number>>, trials: Trials, run: BatchRun): Promise<Gradient>;
  /** Of memory, of each worker. */
  readonly bytes: number;
  close(): void;
}

/** The name of the input of a network: a task's inputs go to it. */
export function inputName(model: Model): string | undefined {
  const names = Object.entries(model.text.inputs)
    .filter(([, i]) => i.per === "sample")
    .map(([name]) => name);
  return names.includes("u") ? "u" : names[0];
}

/** The arrays that a program is given for trials `from … from + count - 1`; a short shard is filled with its last trial. */
export function shardInputs(
  model: Model,
  trials: Trials,
  from: number,
  count: number,
  shard: number,
): Record<string, Float32Array | Float64Array> {
  const cut = (data: Float32Array | Float64Array, width: number): Float32Array | Float64Array => {
    if (count === shard) return data.subarray(from * width, (from + count) * width);
    const out = data instanceof Float32Array ? new Float32Array(shard * width) : new Float64Array(shard * width);
    for (let k = 0; k < shard; k++)
      out.set(
        data.subarray((from + Math.min(k, count - 1)) * width, (from + Math.min(k, count - 1) + 1) * width),
        k * width,
      );
    return out;
  };
  const inputs: Record<string, Float32Array | Float64Array> = {};
  const u = inputName(model);
  const { shape, data } = trials.inputs;
  if (u !== undefined && shape[2]! > 0) inputs[u] = cut(data, shape[1]! * shape[2]!);
  for (const [state, array] of Object.entries(trials.initialState ?? {}))
    if (`${state}.initial` in model.program.inputs)
      inputs[`${state}.initial`] = cut(array.data, array.data.length / array.shape[0]!);
  for (const [name, array] of Object.entries(trials.trialInputs ?? {})) {
    if (model.text.inputs[name]?.per !== "trial")
      throw new NullclineError({
        code: "task",
        given: `trials with the input \`${name}\`, which the network does not take per trial`,
        expected:
          Object.entries(model.text.inputs)
            .flatMap(([own, { per }]) => (per === "trial" ? own : []))
            .join(", ") || "none",
        remedy: `declare it: inputs: { ${name}: { shape: [...], per: "trial" } }`,
      });
    inputs[name] = cut(array.data, array.data.length / array.shape[0]!);
  }
  return inputs;
}

/** Samples `from … from + length - 1` of `[trial, sample, ...]`. */
export function samplesOf<Data extends Float32Array | Float64Array>(
  values: Data,
  { count, steps, from, length }: { count: number; steps: number; from: number; length: number },
): Data {
  if (length === steps) return values;
  const width = values.length / count / steps;
  const out = new (values.constructor as new (n: number) => Data)(count * length * width);
  for (let k = 0; k < count; k++)
    out.set(values.subarray((k * steps + from) * width, (k * steps + from + length) * width), k * length * width);
  return out;
}

export interface BatchRunner {
  /** For each shard, in order, the recorded quantities by name. */
  run(parameters: Record<string, ArrayLike<number>>, trials: Trials, run: BatchRun): Promise<Record<string, NDArray>[]>;
  /** Of memory, of each worker. */
  readonly bytes: number;
  close(): void;
}

/** Compiles a program that holds a loss, for batches of trials cut into shards. */
export async function batchRunner(
  model: Model,
  loss: Loss,
  program: Program,
  record: string[],
  options: BatchOptions,
): Promise<BatchRunner> {
  const { sizes, samples, shard = defaultShard } = options;
  const compiled = await compileForPool(program, {
    sizes,
    trials: shard,
    samples,
    record,
    precision: "f32",
    relaxed: options.relaxed ?? false,
    memory: options.memory ?? defaultMemory,
  });
  const pool = await createPool(compiled, { host: options.host, workers: options.workers });
  const width = entriesOf(model.text.quantities.get(loss.output)!.shape!, sizes);
  const { fit } = loss;
  const constants: Record<string, ArrayLike<number>> = {};
  for (const { penalty } of loss.penalties)
    for (const [name, { value, shape = [] }] of Object.entries(penalty.parameters ?? {}))
      constants[name] =
        typeof value === "number" ? new Float64Array(entriesOf(shape, sizes)).fill(value) : (value ?? []);
  /** A credit may run the same trials many times, part by part. */
  let weighed: { trials: Trials; total: number } | undefined;
  const totalOf = (trials: Trials, counts: (i: number) => boolean): number => {
    if (weighed?.trials !== trials) {
      let total = 0;
      trials.mask.data.forEach((weight: number, i: number) => {
        if (counts(i)) total += weight;
      });
      weighed = { trials, total: fit.per === "sample" ? total / width : total };
    }
    return weighed.total;
  };
  return {
    async run(parameters, trials, { seed, firstTrial, iteration = 0, constants: given, part }) {
      const [count, steps, outputs] = trials.targets.shape as [number, number, number];
      const { from: start, length, of: parts } = part ?? { from: 0, length: steps, of: 1 };
      if (outputs !== width)
        throw new NullclineError({
          code: "task",
          given: `targets of ${outputs} outputs, and \`${loss.output}\` has ${width}`,
          remedy: "choose another task, or set the size of the output",
        });
      const counts = (i: number): boolean => !fit.last || Math.floor(i / width) % steps === steps - 1;
      const total = totalOf(trials, counts);
      if (!(total > 0))
        throw new NullclineError({
          code: "task",
          given: "a mask without any weight",
          expected: "some samples that count",
        });
      const shards = Math.ceil(count / shard);
      const settings: Record<string, ArrayLike<number>> = { ...parameters, ...constants, ...given };
      if (loss.samples in program.parameters) settings[loss.samples] = [steps];
      for (const { penalty, coefficient, level, shapes } of loss.penalties) {
        const entries = penalty.sum ? 1 : shapes.reduce((n, shape) => n + entriesOf(shape, sizes), 0);
        // What does not change with the trials is counted by every shard, and in every part.
        const times = level === "update" ? shards * parts : 1;
        const over = { update: 1, trial: count, sample: count * steps }[level] * entries;
        settings[coefficient] = [weightAt(penalty, iteration) / over / times];
      }
      const jobs = Array.from({ length: shards }, (_, s) => {
        const from = s * shard;
        const n = Math.min(shard, count - from);
        const per = length * width;
        const mask = new Float32Array(shard * per);
        const target = new Float32Array(shard * per);
        const [weights, values] = [trials.mask.data, trials.targets.data];
        for (let k = 0; k < n; k++) {
          const at = ((from + k) * steps + start) * width;
          for (let i = 0; i < per; i++) mask[k * per + i] = counts(at + i) ? weights[at + i]! / total : 0;
          target.set(values.subarray(at, at + per), k * per);
        }
        const window = { count: shard, steps, from: start, length };
        const given = Object.entries(shardInputs(model, trials, from, n, shard)).map(
          ([name, values]) =>
            [name, model.program.inputs[name]?.per === "sample" ? samplesOf(values, window) : values] as const,
        );
        return {
          inputs: {
            ...Object.fromEntries(given),
            [loss.target]: target,
            [loss.mask]: mask,
            ...loss.given?.(shard, steps),
            ...part?.inputs[s],
            ...(loss.counted in program.inputs && {
              [loss.counted]: Float32Array.from({ length: shard }, (_, k) => (k < n ? 1 : 0)),
            }),
          },
          run: { samples: length, firstSample: start, dt: trials.dt, seed, firstTrial: firstTrial + from },
        };
      });
      return pool.run(jobs, settings, record);
    },
    bytes: compiled.layout.bytes,
    close: () => pool.close(),
  };
}

/** A quantity of level update, summed over shards in their order. */
export function summed(results: Record<string, NDArray>[], name: string): Float64Array {
  const sum = Float64Array.from(results[0]![name]!.data);
  for (const r of results.slice(1)) {
    const { data } = r[name]!;
    for (let k = 0; k < sum.length; k++) sum[k]! += data[k]!;
  }
  return sum;
}

/**
 * Compiles the gradient of an objective for trials of a given length.
 * @throws NullclineError where an output, a size or memory does not fit.
 */
export async function gradientEngine(model: Model, options: GradientOptions): Promise<GradientEngine> {
  const { trained, rewrite = (loss) => loss } = options;
  const objective = withGradient(model, rewrite(lossOf(model, options)), trained);
  const names = Object.entries(objective.gradients);
  if (names.length === 0)
    throw new NullclineError({
      code: "objective",
      given: `the output \`${objective.output}\` depends on no free parameter`,
      remedy: "tag a parameter that it reads as free",
    });
  const record = [objective.loss, objective.error, ...names.map(([, name]) => name)];
  const runner = await batchRunner(model, objective, objective.program, record, options);
  return {
    objective,
    async of(parameters, trials, run) {
      const results = await runner.run(parameters, trials, run);
      const gradients = Object.fromEntries(names.map(([name, gradient]) => [name, summed(results, gradient)]));
      return { loss: summed(results, objective.loss)[0]!, error: summed(results, objective.error)[0]!, gradients };
    },
    bytes: runner.bytes,
    close: () => runner.close(),
  };
}
