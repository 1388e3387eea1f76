/**
 * Tasks from tasks: one of several in each trial, several at the same time, several one after the other.
 */
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { valueAt } from "./law.ts";
import { fixedConditions } from "./options.ts";
import { behaviourOfWhole, conditionsOf, drawPart, endOf, place, samplesOf, type Whole, wholeOf } from "./parts.ts";
import type { Task, TrialRequest } from "./trials.ts";

export interface CombineOptions {
  /** Default: the tasks' names, joined. */
  name?: string;
}

export interface MixOptions extends CombineOptions {
  /** How often each task is drawn. Default: equally often. */
  weights?: readonly number[];
  /** An input `rule NAME` for each task that is 1 throughout its trials, else 0. Default false. */
  cue?: boolean;
}

/**
 * In each trial one of the tasks. Channels of the same name are one channel; those that a task does not have are 0 in its
 * trials, their outputs free. Conditions: `task`, its number from 0, and each task's own, as `NAME.condition` (NaN in trials of
 * other tasks). In `parts`, each task's score by its name.
 * @throws NullclineError for fewer than two tasks, units that differ, or weights that are not one for each task
 */
export function mix(tasks: readonly Task[], options: MixOptions = {}): Task {
  const { weights = tasks.map(() => 1), cue = false } = options;
  const whole = wholeOf(options.name ?? tasks.map(({ name }) => name).join("|"), tasks);
  if (weights.length !== tasks.length || weights.some((w) => !(w >= 0)) || !weights.some((w) => w > 0))
    throw new NullclineError({
      code: "option",
      given: `task \`${whole.name}\`: weights ${JSON.stringify(weights)} of ${tasks.length} tasks`,
      expected: "one weight ≥ 0 for each task, not all 0",
    });
  const { parts } = whole;
  const rules = cue ? parts.map(({ label }) => whole.inputs.push(`rule ${label}`) - 1) : [];
  const law = { oneOf: tasks.map((_, i) => i), weights };
  return {
    ...combined(whole, ["task"]),
    description: `One of ${tasks.length} tasks in each trial${cue ? ", as a rule input says" : ""}: ${listed(whole)}`,
    epochs: tasks[0]!.epochs,
    examples: tasks.map((_, task) => ({ task })),
    trials(request) {
      const { seed, count, firstTrial = 0, purpose = "train", dt = whole.dt } = request;
      const fixed = checked(whole, request, ["task"]);
      const drawn = Array.from({ length: count }, (_, k) => {
        const u = new RandomStream(seed, `task of trial ${purpose}`, firstTrial + k).uniform();
        const number = fixed("task", k) ?? valueAt(law, u);
        const part = parts[number];
        if (!part)
          throw new NullclineError({
            code: "conditions",
            given: `task \`${whole.name}\`: task number ${number}`,
            expected: `a whole number from 0 to ${parts.length - 1}`,
          });
        return { number, placed: { part, trials: drawPart(part, request, k, dt), at: 0 } };
      });
      const least = Math.max(...parts.map((part) => samplesOf(part, dt)));
      const made = place(
        whole,
        drawn.map(({ placed }) => [placed]),
        dt,
        least,
      );
      made.conditions.task = Float64Array.from(drawn, ({ number }) => number);
      const [, samples, width] = made.inputs.shape as [number, number, number];
      if (cue)
        drawn.forEach(({ number }, k) => {
          const end = Math.round(made.events!.end![k]! / dt);
          for (let t = 0; t < end; t++) made.inputs.data[(k * samples + t) * width + rules[number]!] = 1;
        });
      return made;
    },
  };
}

/**
 * All tasks at the same time, each with inputs and outputs of its own (`NAME.channel`), as for networks that should not
 * be made to share channels. Where one ends before another, its inputs are 0 and its outputs free.
 * @source Turner & Barak 2023, NeurIPS 36
 * @throws NullclineError for fewer than two tasks, or units that differ
 */
export function disjoint(tasks: readonly Task[], options: CombineOptions = {}): Task {
  const whole = wholeOf(options.name ?? tasks.map(({ name }) => name).join("&"), tasks, true);
  return {
    ...combined(whole, []),
    description: `${tasks.length} tasks at the same time, on channels of their own: ${listed(whole)}`,
    epochs: tasks[0]!.epochs,
    trials(request) {
      const { count, dt = whole.dt } = request;
      checked(whole, request, []);
      const drawn = Array.from({ length: count }, (_, k) =>
        whole.parts.map((part) => ({ part, trials: drawPart(part, request, k, dt), at: 0 })),
      );
      return place(whole, drawn, dt, Math.max(...whole.parts.map((part) => samplesOf(part, dt))));
    },
  };
}

/**
 * The tasks one after the other in each trial, each from where the one before ended. Channels of the same name are one
 * channel. A task may come twice: its second trial is another one, and its label is `NAME2`.
 * @throws NullclineError for fewer than two tasks, or units that differ
 */
export function inSequence(tasks: readonly Task[], options: CombineOptions = {}): Task {
  const whole = wholeOf(options.name ?? tasks.map(({ name }) => name).join(">"), tasks);
  let begin = 0;
  const epochs = tasks.flatMap(({ epochs: own }) => {
    const from = begin;
    begin += Math.max(...own.map(([, , to]) => to));
    return own.map(([name, a, b]) => [name, from + a, from + b] as const);
  });
  return {
    ...combined(whole, []),
    description: `${tasks.length} tasks one after the other: ${listed(whole)}`,
    epochs,
    trials(request) {
      const { count, dt = whole.dt, firstTrial = 0 } = request;
      checked(whole, request, []);
      const drawn = Array.from({ length: count }, (_, k) => {
        let at = 0;
        return whole.parts.map((part, i) => {
          // A task that comes again draws from a part of its sequence that no trial of the first one reaches.
          const before = whole.parts.slice(0, i).filter(({ task }) => task.name === part.task.name).length;
          const trials = drawPart(part, { ...request, firstTrial: firstTrial + before * 2 ** 40 }, k, dt);
          const from = at;
          at += Math.round(endOf(trials) / dt);
          return { part, trials, at: from };
        });
      });
      const least = whole.parts.reduce((sum, part) => sum + samplesOf(part, dt), 0);
      return place(whole, drawn, dt, least);
    },
  };
}

function combined(whole: Whole, own: readonly string[]) {
  const { name, inputs, outputs, dt, unit, parts } = whole;
  const sources = [...new Set(parts.flatMap(({ task }) => task.source ?? []))];
  return {
    name,
    inputs,
    outputs,
    dt,
    unit,
    conditions: [...own, ...conditionsOf(whole)],
    ...(sources.length > 0 && { source: sources.join("; ") }),
    behaviour: (...args: Parameters<Task["behaviour"]>) => behaviourOfWhole(whole, ...args),
  };
}

const listed = ({ parts }: Whole): string => parts.map(({ label }) => label).join(", ");

/** Conditions of the parts are checked by name here, by value where they are drawn. */
function checked(whole: Whole, request: TrialRequest, own: readonly string[]) {
  const known = [...own, ...conditionsOf(whole)];
  const open = whole.parts.filter(({ task }) => task.conditions === undefined).map(({ label }) => `${label}.`);
  // A task that does not say what may be fixed in it decides for itself.
  const passed = Object.keys(request.conditions ?? {}).filter((name) => open.some((label) => name.startsWith(label)));
  return fixedConditions(whole.name, request, [...known, ...passed]);
}
