/** How much memory a learning rule needs, before anything is trained. */
import { NullclineError } from "../base/errors.ts";
import type { Network } from "../networks/network.ts";
import type { Task } from "../tasks/trials.ts";
import { reverse } from "./credit/reverse.ts";
import type { Fit } from "./fit.ts";
import { defaultShard } from "./gradient.ts";
import type { Penalty } from "./penalty.ts";
import type { Rule } from "./rule.ts";
import { taskModel } from "./validate.ts";

export interface MemoryOptions {
  /** Default: backpropagation through time. */
  rule?: Rule;
  /** Trials of an iteration. Default 32. */
  batch?: number;
  /** Trials of a shard. Default 32. */
  shard?: number;
  dt?: number;
  fit?: Fit;
  penalties?: Penalty[];
  /** Most bytes of each worker, as in a training. Default 1 GiB. */
  memory?: number;
}

/**
 * Bytes of memory of each worker in a training: parameters, the inputs, targets and masks of a shard, and what the credit
 * keeps of a trial's past. Nothing is run.
 * @throws NullclineError where network and task do not fit; (code `rule`) where the credit does not say
 */
export async function memoryOf(network: Network, task: Task, options: MemoryOptions = {}): Promise<number> {
  const { rule: { credit = reverse() } = {}, batch = defaultShard, dt = task.dt, ...rest } = options;
  const { model, samples } = taskModel(network, task, { seed: 0, dt });
  const engine = await credit.open({
    ...rest,
    model,
    samples,
    sizes: network.sizes,
    trained: Object.keys(network.parameters).filter((name) => network.parameters[name]!.tag !== "pinned"),
    seed: 0,
    state: {},
    shard: Math.min(options.shard ?? defaultShard, batch),
    workers: 1,
  });
  engine.close();
  if (engine.bytes === undefined)
    throw new NullclineError({
      code: "rule",
      given: `the memory of the credit \`${credit.kind}\``,
      expected: "one that says its own: reverse(), forward() or eligibility()",
    });
  return engine.bytes;
}
