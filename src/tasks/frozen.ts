/** The same few trials of a task again and again. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { fixedConditions } from "./options.ts";
import type { Task, TrialRequest, Trials } from "./trials.ts";

export interface FrozenOptions {
  /** How many trials there are. Default 3. */
  trials?: number;
  /** Of the trials that are kept. Default 1. */
  seed?: number;
}

/**
 * A task whose first trials of a seed are all that there are: noise and spikes in them are frozen. In training they come in
 * random order, each once before any comes again; `validate` and `test` take the same trials in their own order, so nothing
 * is held out. Conditions: `trial`, its number from 0, which may be fixed, and those of the task.
 * @throws NullclineError (code `option`) for a number of trials that is no whole number above 0; from `trials`: for a trial
 * that there is not
 */
export function frozen(task: Task, options: FrozenOptions = {}): Task {
  const { trials: count = 3, seed = 1 } = options;
  if (!(Number.isInteger(count) && count >= 1))
    throw new NullclineError({
      code: "option",
      given: `${count} trials of the task \`${task.name}\``,
      expected: "a whole number above 0",
    });
  const kept = new Map<number, Trials>();
  const all = (dt: number): Trials => {
    let trials = kept.get(dt);
    if (!trials) kept.set(dt, (trials = task.trials({ seed, count, dt })));
    return trials;
  };
  function which(request: TrialRequest): number[] {
    const { firstTrial = 0, purpose = "train" } = request;
    const fixed = fixedConditions(task.name, request, ["trial"]);
    const orders = new Map<number, number[]>();
    const orderOf = (round: number): number[] => {
      let order = orders.get(round);
      if (!order)
        orders.set(round, (order = new RandomStream(request.seed, "order of trials", round).permutation(count)));
      return order;
    };
    return Array.from({ length: request.count }, (_, j) => {
      const k = firstTrial + j;
      const asked = fixed("trial", j);
      if (asked !== undefined && !(Number.isInteger(asked) && asked >= 0 && asked < count))
        throw new NullclineError({
          code: "conditions",
          given: `task \`${task.name}\`: trial ${asked}`,
          expected: `a whole number from 0 to ${count - 1}`,
        });
      return asked ?? (purpose === "train" ? orderOf(Math.floor(k / count))[k % count]! : k % count);
    });
  }
  return {
    ...task,
    description: `${task.description.replace(/\.$/, "")}; the same ${count} trials again and again.`,
    conditions: ["trial"],
    examples: Array.from({ length: Math.min(count, 8) }, (_, trial) => ({ trial })),
    trials(request) {
      const numbers = which(request);
      const { dt, inputs, targets, mask, initialState, trialInputs, conditions, events } = all(request.dt ?? task.dt);
      const values = (of: Record<string, Float64Array>) => mapped(of, (v) => Float64Array.from(numbers, (k) => v[k]!));
      const arrays = (of: Record<string, NDArray>) => mapped(of, (a) => chosen(a, numbers));
      return {
        dt,
        inputs: chosen(inputs, numbers),
        targets: chosen(targets, numbers),
        mask: chosen(mask, numbers),
        ...(initialState && { initialState: arrays(initialState) }),
        ...(trialInputs && { trialInputs: arrays(trialInputs) }),
        conditions: { ...values(conditions), trial: Float64Array.from(numbers) },
        ...(events && { events: values(events) }),
      };
    },
  };
}

const mapped = <A, B>(of: Record<string, A>, change: (a: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(of).map(([name, a]) => [name, change(a)]));

/** Some rows of an array, copied. */
function chosen({ data, shape }: NDArray, rows: number[]): NDArray {
  const size = data.length / shape[0]!;
  const out = new Float32Array(rows.length * size);
  rows.forEach((row, k) => {
    out.set(data.subarray(row * size, (row + 1) * size), k * size);
  });
  return { data: out, shape: [rows.length, ...shape.slice(1)] };
}
