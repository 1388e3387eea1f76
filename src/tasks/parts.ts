/**
 * Trials made of other tasks' trials: placed in common arrays, and cut out again to be scored. Conditions and events keep
 * their names, after the part's label and a dot; the event of the label itself is where the part begins.
 */
import { type NDArray, zeros } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { Behaviour, Task, TrialRequest, Trials } from "./trials.ts";

export interface Part {
  task: Task;
  label: string;
  /** For each of the task's channels: which channel of the whole it is. */
  inputs: number[];
  outputs: number[];
}

export interface Whole {
  name: string;
  parts: Part[];
  inputs: string[];
  outputs: string[];
  dt: number;
  unit: string;
}

/**
 * The parts and their common channels: channels of the same name are one, unless `separate`.
 * @throws NullclineError for fewer than two tasks, or units that differ
 */
export function wholeOf(name: string, tasks: readonly Task[], separate = false): Whole {
  const units = [...new Set(tasks.map(({ unit }) => unit))];
  if (tasks.length < 2 || units.length > 1)
    throw new NullclineError({
      code: "task",
      given: `task \`${name}\`: ${tasks.length} tasks, with times in ${units.join(" and ") || "nothing"}`,
      expected: "at least two tasks with the same unit of time",
    });
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const seen = new Map<string, number>();
  const parts = tasks.map((task): Part => {
    const times = (seen.get(task.name) ?? 0) + 1;
    seen.set(task.name, times);
    const label = times === 1 ? task.name : `${task.name}${times}`;
    const into = (all: string[], own: readonly string[]) =>
      own.map((channel) => {
        const called = separate ? `${label}.${channel}` : channel;
        return all.includes(called) ? all.indexOf(called) : all.push(called) - 1;
      });
    return { task, label, inputs: into(inputs, task.inputs), outputs: into(outputs, task.outputs) };
  });
  return { name, parts, inputs, outputs, dt: Math.min(...tasks.map(({ dt }) => dt)), unit: units[0]! };
}

/** Names of the conditions that may be fixed, with their labels. */
export const conditionsOf = ({ parts }: Whole): string[] =>
  parts.flatMap(({ task, label }) => (task.conditions ?? []).map((condition) => `${label}.${condition}`));

/** One trial of a part, with the conditions that a request fixes in it. */
export function drawPart({ task, label }: Part, request: TrialRequest, k: number, dt: number): Trials {
  const conditions: Record<string, number> = {};
  for (const [name, value] of Object.entries(request.conditions ?? {}))
    if (name.startsWith(`${label}.`))
      conditions[name.slice(label.length + 1)] = typeof value === "number" ? value : value[k]!;
  const { seed, purpose, firstTrial = 0 } = request;
  return task.trials({ seed, purpose, dt, count: 1, firstTrial: firstTrial + k, conditions });
}

/** Samples of a part's trials at a time step, where nothing is fixed. */
export const samplesOf = ({ task }: Part, dt: number): number =>
  task.trials({ seed: 0, count: 1, dt }).targets.shape[1]!;

/** When a trial of one part ends. */
export const endOf = (trials: Trials): number => trials.events?.end?.[0] ?? trials.targets.shape[1]! * trials.dt;

export interface Placed {
  part: Part;
  trials: Trials;
  /** First sample. */
  at: number;
}

/** Each trial of the whole from the parts placed in it. `least` is the number of samples that it has at least. */
export function place(whole: Whole, placed: readonly (readonly Placed[])[], dt: number, least: number): Trials {
  const count = placed.length;
  const lengths = placed.flatMap((list) => list.map(({ trials, at }) => at + Math.round(endOf(trials) / dt)));
  const samples = Math.max(least, ...lengths);
  const inputs = zeros(count, samples, whole.inputs.length);
  const targets = zeros(count, samples, whole.outputs.length);
  const mask = zeros(count, samples, whole.outputs.length);
  const made: Trials = { dt, inputs, targets, mask, conditions: {}, events: {} };
  const row = (record: Record<string, Float64Array>, name: string) =>
    (record[name] ??= new Float64Array(count).fill(Number.NaN));
  for (const name of conditionsOf(whole)) row(made.conditions, name);
  placed.forEach((list, k) => {
    let end = 0;
    for (const { part, trials, at } of list) {
      const { label } = part;
      for (const [to, from, channels] of [
        [inputs, trials.inputs, part.inputs],
        [targets, trials.targets, part.outputs],
        [mask, trials.mask, part.outputs],
      ] as const)
        for (let t = 0; t < Math.min(from.shape[1]!, samples - at); t++)
          channels.forEach((channel, c) => {
            to.data[(k * samples + at + t) * to.shape[2]! + channel]! += from.data[t * channels.length + c]!;
          });
      for (const [name, values] of Object.entries(trials.conditions))
        row(made.conditions, `${label}.${name}`)[k] = values[0]!;
      for (const [name, values] of Object.entries(trials.events ?? {}))
        row(made.events!, `${label}.${name}`)[k] = at * dt + values[0]!;
      row(made.events!, label)[k] = at * dt;
      for (const kind of ["initialState", "trialInputs"] as const)
        for (const [name, { data, shape }] of Object.entries(trials[kind] ?? {})) {
          const all = (made[kind] ??= {});
          all[name] ??= zeros(count, ...shape.slice(1));
          all[name].data.set(data, k * data.length);
        }
      end = Math.max(end, at * dt + endOf(trials));
    }
    row(made.events!, "end")[k] = end;
  });
  return made;
}

/** Scores one part on the trials that have it; undefined where none has. */
export function behaviourOf(part: Part, outputs: NDArray, trials: Trials): Behaviour | undefined {
  const { dt, events = {} } = trials;
  const { label, task } = part;
  const [count, samples] = trials.targets.shape as [number, number, number];
  const begins = events[label];
  const which = Array.from({ length: count }, (_, k) => k).filter((k) => begins && !Number.isNaN(begins[k]));
  if (which.length === 0) return undefined;
  const at = which.map((k) => Math.round(begins![k]! / dt));
  const ends = events[`${label}.end`];
  const needed = ends ? which.map((k, j) => Math.round(ends[k]! / dt) - at[j]!) : [];
  const length = Math.max(samplesOf(part, dt), ...needed);
  const cut = (array: NDArray, channels: number[]): NDArray => {
    const width = channels.length;
    const out = zeros(which.length, length, width);
    which.forEach((k, j) => {
      for (let t = 0; t < Math.min(length, samples - at[j]!); t++)
        channels.forEach((channel, c) => {
          out.data[(j * length + t) * width + c] = array.data[(k * samples + at[j]! + t) * array.shape[2]! + channel]!;
        });
    });
    return out;
  };
  const own = (record: Record<string, Float64Array>, shift: boolean) =>
    Object.fromEntries(
      Object.entries(record)
        .filter(([name]) => name.startsWith(`${label}.`))
        .map(([name, values]) => [
          name.slice(label.length + 1),
          Float64Array.from(which, (k, j) => values[k]! - (shift ? at[j]! * dt : 0)),
        ]),
    );
  const ownEvents = own(events, true);
  return task.behaviour(cut(outputs, part.outputs), {
    dt,
    inputs: cut(trials.inputs, part.inputs),
    targets: cut(trials.targets, part.outputs),
    mask: cut(trials.mask, part.outputs),
    conditions: own(trials.conditions, false),
    ...(Object.keys(ownEvents).length > 0 && { events: ownEvents }),
  });
}

/** The mean of the parts' scores, each with the weight of its trials. */
export function behaviourOfWhole({ parts }: Whole, outputs: NDArray, trials: Trials): Behaviour {
  const scored = parts.flatMap((part) => {
    const behaviour = behaviourOf(part, outputs, trials);
    return behaviour ? [{ label: part.label, behaviour }] : [];
  });
  const n = scored.reduce((sum, { behaviour }) => sum + behaviour.n, 0);
  const weighted = (of: (b: Behaviour) => number) =>
    scored.reduce((sum, { behaviour: b }) => sum + (b.n / n) * of(b), 0);
  // Of independent means; a part of one trial has no standard error of its own.
  const variance = scored.reduce((sum, { behaviour: b }) => sum + ((b.n / n) * b.standardError) ** 2, 0);
  return {
    score: weighted((b) => b.score),
    what: `mean of the tasks' scores: ${scored.map(({ label, behaviour }) => `${label}: ${behaviour.what}`).join("; ")}`,
    n,
    standardError: Math.sqrt(variance),
    parts: Object.fromEntries(scored.map(({ label, behaviour }) => [label, behaviour.score])),
  };
}
