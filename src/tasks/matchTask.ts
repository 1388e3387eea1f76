import { NullclineError } from "../base/errors.ts";
import type { Task } from "./trials.ts";

/** An input or output of a network: its width, and the name of the size behind it where it has one. */
export interface Port {
  name: string;
  width: number;
  size?: string;
}

/**
 * Whether a task's channels fit a network's inputs and outputs. Several inputs or outputs stand side by side in the
 * order given.
 * @throws NullclineError (code `match`) with what to change
 */
export function matchTask(task: Task, inputs: readonly Port[], outputs: readonly Port[]): void {
  match("inputs", "makes", task.inputs.length, inputs);
  match("outputs", "asks for", task.outputs.length, outputs);

  function match(what: string, verb: string, needed: number, ports: readonly Port[]): void {
    const has = ports.reduce((sum, { width }) => sum + width, 0);
    if (has === needed) return;
    const names = ports.map(({ name }) => `\`${name}\``).join(" and ");
    const size = ports.length === 1 ? ports[0]!.size : undefined;
    throw new NullclineError({
      code: "match",
      given: `task \`${task.name}\` ${verb} ${needed} ${what}, the network${names ? `'s ${names} ${ports.length > 1 ? "have" : "has"} ${has}` : ` has no ${what}`}`,
      remedy: size ? `set \`${size}: ${needed}\` or choose another task` : "choose another task or network",
    });
  }
}
