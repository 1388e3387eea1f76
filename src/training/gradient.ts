/** Loss and gradient of a batch of trials: shards of a fixed size, run by workers or in place, summed in a fixed order. */
import { NullclineError } from "../base/errors.ts";
import { compileForPool, createPool, type Pool } from "../engine/pool.ts";
import type { Model } from "../equations/model.ts";
import type { Host } from "../host/host.ts";
import type { Trials } from "../tasks/trials.ts";
import { type Objective, type ObjectiveOptions, objectiveOf } from "./objective.ts";

/** Trials of one shard. Part of the specification: it fixes the order of sums, whatever the number of workers. */
export const defaultShard = 32;

export interface GradientOptions extends ObjectiveOptions {
  sizes: Record<string, number>;
  trained: string[];
  samples: number;
  /** Most trials of a shard. Default 32. */
  shard?: number;
  /** Weight of `Σ W² / number of entries` and of the mean of `r²`. Default 0. */
  weightPenalty?: number;
  ratePenalty?: number;
  relaxed?: boolean;
  host?: Host;
  workers?: number;
}

export interface Gradient {
  loss: number;
  /** Masked mean square error, without penalties. */
  error: number;
  gradients: Record<string, Float64Array>;
}

export interface GradientEngine {
  readonly objective: Objective;
  of(
    parameters: Record<string, ArrayLike<number>>,
    trials: Trials,
    run: { seed: number; firstTrial: number },
  ): Promise<Gradient>;
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

/**
 * Compiles the gradient of the masked mean square for trials of a given length.
 * @throws NullclineError where an output, a size or memory does not fit.
 */
export async function gradientEngine(model: Model, options: GradientOptions): Promise<GradientEngine> {
  const { sizes, trained, samples, shard = defaultShard, weightPenalty = 0, ratePenalty = 0 } = options;
  const objective = objectiveOf(model, trained, options);
  const missing = trained.filter((name) => !objective.gradients[name]);
  if (missing.length === trained.length)
    throw new NullclineError({
      code: "objective",
      given: `the output \`${objective.output}\` depends on no free parameter`,
      remedy: "tag a parameter that it reads as free",
    });
  const names = Object.entries(objective.gradients);
  const record = [objective.loss, objective.error, ...names.map(([, name]) => name)];
  const compiled = await compileForPool(objective.program, {
    sizes,
    trials: shard,
    samples,
    record,
    precision: "f32",
    relaxed: options.relaxed ?? false,
  });
  const pool: Pool = await createPool(compiled, { host: options.host, workers: options.workers });
  const [output] = [objective.output];
  const width = model.text.quantities
    .get(output)!
    .shape!.map((d) => (typeof d === "number" ? d : sizes[d]!))
    .reduce((a, b) => a * b, 1);
  return {
    objective,
    async of(parameters, trials, { seed, firstTrial }) {
      const [count, steps, outputs] = trials.targets.shape as [number, number, number];
      if (outputs !== width)
        throw new NullclineError({
          code: "task",
          given: `targets of ${outputs} outputs, and \`${output}\` has ${width}`,
          remedy: "choose another task, or set the size of the output",
        });
      let total = 0;
      for (const weight of trials.mask.data) total += weight;
      if (!(total > 0))
        throw new NullclineError({
          code: "task",
          given: "a mask without any weight",
          expected: "some samples that count",
        });
      const shards = Math.ceil(count / shard);
      const weights =
        Object.values(parameters).length > 0
          ? (options.weights ?? []).reduce((n, name) => n + parameters[name]!.length, 0)
          : 0;
      const settings: Record<string, ArrayLike<number>> = { ...parameters };
      if (objective.weightPenalty) settings[objective.weightPenalty] = [weightPenalty / Math.max(1, weights) / shards];
      if (objective.ratePenalty) {
        const q = model.text.quantities.get(options.rates!)!;
        const units = q.shape!.map((d) => (typeof d === "number" ? d : sizes[d]!)).reduce((a, b) => a * b, 1);
        settings[objective.ratePenalty] = [ratePenalty / (count * steps * units)];
      }
      const jobs = Array.from({ length: shards }, (_, s) => {
        const from = s * shard;
        const n = Math.min(shard, count - from);
        const per = steps * width;
        const mask = new Float32Array(shard * per);
        const given = trials.mask.data;
        for (let k = 0; k < n * per; k++) mask[k] = given[from * per + k]! / total;
        const target = new Float32Array(shard * per);
        target.set(trials.targets.data.subarray(from * per, (from + n) * per));
        return {
          inputs: {
            ...shardInputs(model, trials, from, n, shard),
            [objective.target]: target,
            [objective.mask]: mask,
            ...(objective.ratePenalty && {
              [objective.counted]: Float32Array.from({ length: shard }, (_, k) => (k < n ? 1 : 0)),
            }),
          },
          run: { samples: steps, dt: trials.dt, seed, firstTrial: firstTrial + from },
        };
      });
      const results = await pool.run(jobs, settings, record);
      const gradients: Record<string, Float64Array> = {};
      for (const [name, gradient] of names) {
        const sum = Float64Array.from(results[0]![gradient]!.data);
        for (const r of results.slice(1)) {
          const { data } = r[gradient]!;
          for (let k = 0; k < sum.length; k++) sum[k]! += data[k]!;
        }
        gradients[name] = sum;
      }
      const add = (name: string): number => results.reduce((s, r) => s + r[name]!.data[0]!, 0);
      return { loss: add(objective.loss), error: add(objective.error), gradients };
    },
    close: () => pool.close(),
  };
}
