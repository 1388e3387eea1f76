/**
 * A task from a user's own module: looked at before anything is trained on it.
 */
import { type NDArray, sizeOf } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { Behaviour, Task, Trials } from "./trials.ts";

/**
 * The task of a module: its default export, or its export `task`; a function is called with the options.
 * @param where the file, for errors
 * @throws NullclineError (code `task`) where there is none, or where `checkTask` refuses it
 */
export function taskOfModule(module: unknown, where: string, options: Record<string, unknown> = {}): Task {
  const { default: standard, task } = Object(module) as Record<string, unknown>;
  const made = standard ?? task;
  return checkTask(typeof made === "function" ? made(options) : made, where);
}

/**
 * Checks an object that claims to be a task: its fields; two trials drawn from it (channels, shapes, finite numbers,
 * weights); that a trial is the same in whatever batch it is drawn; and that the targets themselves can be scored.
 * @returns the object
 * @throws NullclineError (code `task`) with what is wrong
 */
export function checkTask(candidate: unknown, where?: string): Task {
  const refuse = (given: string, expected: string, remedy?: string): never => {
    throw new NullclineError({ code: "task", where, given, expected, remedy });
  };
  if (typeof candidate !== "object" || candidate === null)
    return refuse(`${kindOf(candidate)} in place of a task`, "an object, as the default export or the export `task`");
  const task = candidate as Task;
  const fields: [keyof Task, boolean, string][] = [
    ["name", isText(task.name), "a text"],
    ["description", isText(task.description), "a text"],
    ["inputs", isNames(task.inputs), "a list of names, each another"],
    ["outputs", isNames(task.outputs) && task.outputs.length > 0, "a list of names, each another, not empty"],
    ["dt", typeof task.dt === "number" && task.dt > 0 && task.dt < Number.POSITIVE_INFINITY, "a positive number"],
    ["unit", isText(task.unit), "a text, e.g. `ms`"],
    ["epochs", isEpochs(task.epochs), "a list of [name, from, to]"],
    ["trials", typeof task.trials === "function", "a function of a request"],
    ["behaviour", typeof task.behaviour === "function", "a function of outputs and trials"],
  ];
  for (const [field, fits, expected] of fields)
    if (!fits) refuse(`task \`${String(task.name)}\`: \`${field}\` is ${kindOf(task[field])}`, expected);

  const trials = draw(task, where, { seed: 1, count: 2 });
  checkTrials(task, trials, 2, refuse);
  const again = draw(task, where, { seed: 1, count: 1, firstTrial: 1 });
  checkTrials(task, again, 1, refuse);
  for (const part of ["inputs", "targets", "mask"] as const) {
    const length = sizeOf(trials[part].shape.slice(1));
    if (again[part].data.length !== length || again[part].data.some((x, j) => x !== trials[part].data[length + j]))
      refuse(
        `task \`${task.name}\`: trial 1 of a seed has other ${part} when it is drawn alone`,
        "the same trial in whatever batch it is drawn",
        "draw each trial from a `RandomStream` of the seed, the purpose and the trial's number (firstTrial + k)",
      );
  }
  const behaviour = callUser(task.name, where, "behaviour", () => task.behaviour(trials.targets, trials)) as
    | Partial<Behaviour>
    | undefined;
  if (!Number.isFinite(behaviour?.score) || !isText(behaviour?.what) || typeof behaviour?.parts !== "object")
    refuse(
      `task \`${task.name}\`: \`behaviour\` of its own targets gives ${JSON.stringify(behaviour)}`,
      "{ score, what, n, standardError, parts } with a finite score",
    );
  return task;
}

/** The shapes and numbers of trials, held against the task that made them. */
function checkTrials(task: Task, trials: Trials, count: number, refuse: (given: string, expected: string) => never) {
  const inputs = array(trials?.inputs, "inputs", task.inputs, "inputs");
  const targets = array(trials.targets, "targets", task.outputs, "outputs");
  const mask = array(trials.mask, "mask", task.outputs, "outputs");
  const samples = targets.shape[1]!;
  for (const [name, { shape }] of Object.entries({ inputs, targets, mask }))
    if (shape[0] !== count || shape[1] !== samples || samples < 1)
      refuse(
        `task \`${task.name}\`: ${count} trials were asked for, \`${name}\` is [${shape.join(", ")}]`,
        `[${count}, ${samples}, …], with the number of samples of the targets`,
      );
  if (mask.data.some((w) => w < 0)) refuse(`task \`${task.name}\`: \`mask\` has negative weights`, "weights ≥ 0");
  if (!mask.data.some((w) => w > 0)) refuse(`task \`${task.name}\`: \`mask\` is 0 everywhere`, "a weight above 0");
  if (!(trials.dt > 0)) refuse(`task \`${task.name}\`: its trials have dt ${trials.dt}`, "a positive number");
  for (const [name, values] of Object.entries(
    trials.conditions ??
      refuse(`task \`${task.name}\`: its trials have no \`conditions\``, "an object, {} where there are none"),
  ))
    if (values?.length !== count)
      refuse(
        `task \`${task.name}\`: the condition \`${name}\` has ${values?.length} values for ${count} trials`,
        "one value per trial",
      );
  for (const [name, values] of Object.entries(trials.events ?? {}))
    if (values?.length !== count)
      refuse(
        `task \`${task.name}\`: the event \`${name}\` has ${values?.length} times for ${count} trials`,
        "one time per trial, NaN where a trial has no such epoch",
      );
  for (const part of ["initialState", "trialInputs"] as const)
    for (const [name, array] of Object.entries(trials[part] ?? {}))
      if (array?.shape?.[0] !== count || array.data?.length !== sizeOf(array.shape))
        refuse(
          `task \`${task.name}\`: \`${part}.${name}\` is [${array?.shape?.join(", ")}] for ${count} trials`,
          part === "initialState" ? "[trial, unit]" : "[trial, entry]",
        );

  function array(value: NDArray | undefined, part: string, names: readonly string[], channels: string): NDArray {
    const { data, shape } = value ?? {};
    if (!(data instanceof Float32Array || data instanceof Float64Array) || !Array.isArray(shape) || shape.length !== 3)
      return refuse(
        `task \`${task.name}\`: \`${part}\` of its trials is ${kindOf(value)}${Array.isArray(shape) ? ` of shape [${shape.join(", ")}]` : ""}`,
        "{ data: Float32Array or Float64Array, shape: [trial, time, channel] }",
      );
    if (shape[2] !== names.length)
      refuse(
        `task \`${task.name}\` makes ${shape[2]} ${part === "mask" ? "weights" : channels}, names ${names.length}: ${names.join(", ") || "none"}`,
        `as many as \`${channels}\` has names`,
      );
    if (data.length !== sizeOf(shape))
      refuse(
        `task \`${task.name}\`: ${data.length} numbers in \`${part}\` of shape [${shape.join(", ")}]`,
        `${sizeOf(shape)}`,
      );
    if (data.some((x) => !Number.isFinite(x)))
      refuse(`task \`${task.name}\`: \`${part}\` has entries that are not finite`, "finite numbers");
    return { data, shape };
  }
}

function draw(task: Task, where: string | undefined, request: Parameters<Task["trials"]>[0]): Trials {
  return callUser(task.name, where, "trials", () => task.trials(request)) as Trials;
}

/** A user's own code may throw anything: say where it came from. */
function callUser(name: string, where: string | undefined, part: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof NullclineError) throw error;
    throw new NullclineError({
      code: "task",
      where,
      given: `task \`${name}\`: \`${part}\` threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      expected: part === "trials" ? "trials of { seed: 1, count: 2 }" : "the behaviour of its own targets",
    });
  }
}

const isText = (value: unknown) => typeof value === "string" && value !== "";
const isNames = (value: unknown) => Array.isArray(value) && value.every(isText) && new Set(value).size === value.length;
const isEpochs = (value: unknown) =>
  Array.isArray(value) &&
  value.every((e) => Array.isArray(e) && isText(e[0]) && Number.isFinite(e[1]) && Number.isFinite(e[2]));

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (typeof value === "object") return Array.isArray(value) ? JSON.stringify(value) : "an object";
  return typeof value === "function" ? "a function" : `${JSON.stringify(value)}`;
}
