/** A network against a task: whether they fit, and how well it does on held-out trials. */
import { entriesOf } from "../engine/shapes.ts";
import type { Shape } from "../equations/graph.ts";
import { type Model, modelOf } from "../equations/model.ts";
import type { Network } from "../networks/network.ts";
import { matchTask } from "../tasks/matchTask.ts";
import type { Behaviour, Task } from "../tasks/trials.ts";
import { inputName } from "./gradient.ts";
import type { Values } from "./rule.ts";
import { type SimulatorOptions, simulator } from "./simulate.ts";

/**
 * The model of a network for the trials of a task, and how many samples they have.
 * @throws NullclineError where inputs or outputs do not fit.
 */
export function taskModel(
  network: Network,
  task: Task,
  { seed, dt }: { seed: number; dt: number },
): { model: Model; samples: number } {
  const first = task.trials({ seed, count: 1, dt });
  const model = modelOf(network.data, { dt, initialFromTrial: Object.keys(first.initialState ?? {}) });
  const u = inputName(model);
  const port = (name: string, shape: Shape) => ({
    name,
    width: entriesOf(shape, network.sizes),
    ...(typeof shape[0] === "string" && { size: shape[0] }),
  });
  matchTask(
    task,
    u === undefined ? [] : [port(u, model.text.inputs[u]!.shape)],
    model.outputs.slice(0, 1).map((name) => port(name, model.text.quantities.get(name)!.shape!)),
  );
  return { model, samples: first.inputs.shape[1]! };
}

export interface Validator {
  readonly task: Task;
  validate(parameters: Values): Promise<Behaviour>;
  close(): void;
}

/** Scores a network on held-out trials of a task, the same ones every time. */
export async function validatorOf(
  network: Network,
  task: Task,
  options: Omit<SimulatorOptions, "samples"> & { seed: number; dt: number; trials: number },
): Promise<Validator> {
  const { seed, dt, trials, ...rest } = options;
  const { model, samples } = taskModel(network, task, { seed, dt });
  const output = model.outputs[0]!;
  const simulation = await simulator(model, { ...rest, samples, record: [output] });
  return {
    task,
    async validate(parameters) {
      const held = task.trials({ seed, count: trials, dt, purpose: "validate" });
      const { [output]: z } = await simulation.run(parameters, held, { seed, purpose: 1 });
      return task.behaviour(z!, held);
    },
    close: () => simulation.close(),
  };
}
