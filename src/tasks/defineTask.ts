/**
 * A task as data and small pure functions: variables with their laws, epochs made of them, and a score. Everything else
 * (drawing, time steps, unequal lengths, fixed conditions, tallies) follows.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { categories, checkLaw, type Law, largest, levels, valueAt } from "./law.ts";
import { fixedConditions } from "./options.ts";
import { type Score, scored } from "./score.ts";
import { play, type Signal } from "./signal.ts";
import type { Task, TrialRequest, Trials } from "./trials.ts";

/** The variables of one trial by name. */
export type Variables = Readonly<Record<string, number>>;
/** The values of all channels of a group at a time since the epoch began: for groups of many channels. */
export interface Code {
  code(time: number, dt: number): ArrayLike<number>;
}
/** A channel group by name: a signal, one for each channel of the group, or a code of all. */
export type Signals = Readonly<Record<string, Signal | readonly Signal[] | Code | undefined>>;

/** A stretch of a trial. Channels that are not named are 0. */
export interface Epoch {
  name: string;
  /** How long, in the task's unit. May be 0: then the trial has no such epoch. */
  lasts: number;
  inputs?: Signals;
  targets?: Signals;
  /** Weight of the squared error of every output, or by name of the output. Default 0: the output is free. */
  weight?: number | Readonly<Record<string, number>>;
}

export interface TaskSpec {
  name: string;
  description: string;
  source?: string;
  dt: number;
  /** Default `ms`. */
  unit?: string;
  /** Name and number of channels of each group; a group of one channel has its name, others `name1`, `name2`, … */
  inputs: Readonly<Record<string, number>>;
  outputs: Readonly<Record<string, number>>;
  /** Drawn in this order, a law each, which may depend on those before. All may be fixed. */
  variables?: Readonly<Record<string, Law | ((v: Variables) => Law)>>;
  /** Computed from the variables, in this order; conditions too, but not to be fixed. */
  derived?: Readonly<Record<string, (v: Variables) => number>>;
  /** The epochs of a trial, one after the other. What else is random in it (a trajectory) is drawn from the trial's stream. */
  trial(v: Variables, random: RandomStream): readonly Epoch[];
  /** Values for the inputs that a network takes once per trial, by name. */
  trialInputs?(v: Variables): Readonly<Record<string, readonly number[]>>;
  /** White noise on inputs until the trial's end: standard deviation in a sample of unit length; in one of dt this over sqrt(dt). */
  noise?: { std: number; channels?: readonly string[] };
  /** Of each trial, or of all. */
  score: Score | Task["behaviour"];
  /** Of the longest trial. Default: the longest of those whose variables are the largest, each category tried. */
  longest?: number;
  /** Conditions to show the task by. Default: all combinations of the variables that are `oneOf`, at most 8. */
  examples?: readonly Variables[];
}

/**
 * The task that a specification describes.
 *
 * Epochs begin and end at the samples nearest to their times; sample k is at time k dt, and all trials have
 * `longest / dt` samples, rounded: what follows a shorter trial's end is 0 with weight 0. (A condition fixed beyond
 * what is drawn may lengthen a batch.) A trial's variables, spikes and, but for noise, signals are the same at any dt.
 * @throws NullclineError for a law or noise that makes no sense; from `trials`: for a condition that cannot be fixed, a
 * category that does not exist, an epoch of negative length, a time step too coarse for the epochs
 */
export function defineTask(spec: TaskSpec): Task {
  const { name, unit = "ms", variables = {}, derived = {}, noise } = spec;
  const inputs = channelsOf(spec.inputs);
  const outputs = channelsOf(spec.outputs);
  for (const [variable, law] of Object.entries(variables)) if (typeof law !== "function") checkLaw(name, variable, law);
  if (noise && !(noise.std >= 0))
    throw new NullclineError({ code: "option", given: `task \`${name}\`: noise ${noise.std}`, expected: "0 or more" });
  const noisy = (noise?.channels ?? Object.keys(spec.inputs)).flatMap((group) => inputs.of(group));

  const example = () => new RandomStream(0, "typical trial");
  const longest = spec.longest ?? longestOf();
  const typical = spec.trial(
    variablesAt((law) => valueAt(law, 0.5)),
    example(),
  );
  const typicalEpochs = checkLengths(typical, "option").filter((e) => e.lasts > 0);

  function variablesAt(value: (law: Law, variable: string) => number): Record<string, number> {
    const v: Record<string, number> = {};
    for (const [variable, law] of Object.entries(variables))
      v[variable] = value(typeof law === "function" ? law(v) : law, variable);
    for (const [variable, of] of Object.entries(derived)) v[variable] = of(v);
    return v;
  }

  function checkLengths(epochs: readonly Epoch[], code: "option" | "conditions"): readonly Epoch[] {
    const wrong = epochs.find((e) => !(e.lasts >= 0 && e.lasts < Number.POSITIVE_INFINITY));
    if (wrong)
      throw new NullclineError({
        code,
        given: `task \`${name}\`: the epoch \`${wrong.name}\` would last ${wrong.lasts} ${unit}`,
        expected: "0 or more",
        remedy: code === "option" ? "choose other options" : "choose other conditions",
      });
    return epochs;
  }

  /** Of the trial whose variables are all the largest, and of those in which one category is another. */
  function longestOf(): number {
    const most = (variable?: string, category?: number) =>
      lengthOf(
        spec.trial(
          variablesAt((law, own) => (own === variable ? category! : largest(law))),
          example(),
        ),
      );
    const others = Object.entries(variables).flatMap(([variable, law]) =>
      typeof law === "object" && "oneOf" in law ? categories(law).map((value) => most(variable, value)) : [],
    );
    return Math.max(most(), ...others);
  }

  /** The variables and the epochs of one trial; its stream has gone past the variables. */
  function draw(request: TrialRequest, k: number, fixed: ReturnType<typeof fixedConditions>) {
    const { seed, firstTrial = 0, purpose = "train" } = request;
    const random = new RandomStream(seed, `trials ${purpose}`, firstTrial + k);
    const v: Record<string, number> = {};
    for (const [variable, given] of Object.entries(variables)) {
      // One number each, fixed or not.
      const u = random.uniform();
      const law = typeof given === "function" ? given(v) : given;
      const asked = fixed(variable, k);
      if (asked !== undefined && typeof law === "object" && "oneOf" in law && !law.oneOf.includes(asked))
        throw new NullclineError({
          code: "conditions",
          given: `task \`${name}\`: \`${variable}\` is ${asked}`,
          expected: law.oneOf.join(" or "),
        });
      v[variable] = asked ?? valueAt(law, u);
    }
    for (const [variable, of] of Object.entries(derived)) v[variable] = of(v);
    const epochs = spec.trial(v, random);
    checkLengths(epochs, "conditions");
    return { random, v, epochs };
  }

  function trials(request: TrialRequest): Trials {
    const { count, dt = spec.dt } = request;
    const short = typicalEpochs.find((e) => e.lasts < dt / 2);
    if (!(dt > 0) || short)
      throw new NullclineError({
        code: "dt",
        given: `task \`${name}\`: a time step of ${dt} ${unit}${short ? `, and the epoch \`${short.name}\` of ${short.lasts} ${unit}` : ""}`,
        expected: short ? "a time step of at most twice its length" : "a positive one",
      });
    const fixed = fixedConditions(name, request, Object.keys(variables));
    const drawn = Array.from({ length: count }, (_, k) => draw(request, k, fixed));
    const needed = Math.max(...drawn.map(({ epochs }) => toSample(lengthOf(epochs), dt)));
    const samples = Math.max(toSample(longest, dt), needed);
    if (samples > toSample(longest, dt) && Object.keys(request.conditions ?? {}).length === 0)
      throw new NullclineError({
        code: "task",
        given: `task \`${name}\`: a trial of ${needed * dt} ${unit}, and \`longest\` is ${longest}`,
        remedy: "give the longest trial that can be drawn as `longest`",
      });
    const data = new Float32Array(count * samples * inputs.count);
    const targets = new Float32Array(count * samples * outputs.count);
    const mask = new Float32Array(count * samples * outputs.count);
    const conditions = byTrial([...Object.keys(variables), ...Object.keys(derived)], count);
    const events = byTrial([...new Set(drawn.flatMap(({ epochs }) => epochs.map((e) => e.name))), "end"], count);
    drawn.forEach(({ random, v, epochs }, k) => {
      for (const [variable, values] of Object.entries(conditions)) values[k] = v[variable]!;
      let start = 0;
      for (const epoch of epochs) {
        const { lasts } = epoch;
        const stretch = { from: toSample(start, dt), to: toSample(start + lasts, dt), start, lasts, dt };
        if (lasts > 0) {
          if (Number.isNaN(events[epoch.name]![k]!)) events[epoch.name]![k] = stretch.from * dt;
          write(data, inputs, epoch.inputs ?? {}, k * samples);
          write(targets, outputs, epoch.targets ?? {}, k * samples);
          const { weight = 0 } = epoch;
          if (weight !== 0)
            write(mask, outputs, typeof weight === "number" ? all(outputs.groups, weight) : weight, k * samples);
        }
        start += lasts;

        function write(out: Float32Array, channels: Channels, signals: Signals, first: number): void {
          for (const [group, signal] of Object.entries(signals)) {
            if (signal === undefined) continue;
            const at = channels.of(group);
            if (typeof signal === "object" && "code" in signal) {
              for (let t = stretch.from; t < stretch.to; t++) {
                const values = signal.code(Math.max(0, t * dt - stretch.start), dt);
                const row = (first + t) * channels.count;
                for (let i = 0; i < at.length; i++) out[row + at[i]!]! += values[i]!;
              }
              continue;
            }
            at.forEach((channel, i) => {
              const own = Array.isArray(signal) ? (signal as readonly Signal[])[i] : (signal as Signal);
              if (own === undefined)
                throw new Error(`task ${name}: ${group} has ${at.length} channels, no signal ${i}`);
              play(
                own,
                stretch,
                () => random,
                (t, value) => {
                  out[(first + t) * channels.count + channel]! += value;
                },
              );
            });
          }
        }
      }
      const end = toSample(start, dt);
      events.end![k] = end * dt;
      if (noise && noise.std > 0) {
        const std = noise.std / Math.sqrt(dt);
        for (let t = 0; t < end; t++)
          for (const channel of noisy) data[(k * samples + t) * inputs.count + channel]! += random.normal(0, std);
      }
    });
    const once = spec.trialInputs && drawn.map(({ v }) => spec.trialInputs!(v));
    return {
      dt,
      ...(once && { trialInputs: stacked(once) }),
      inputs: { data, shape: [count, samples, inputs.count] },
      targets: { data: targets, shape: [count, samples, outputs.count] },
      mask: { data: mask, shape: [count, samples, outputs.count] },
      conditions,
      events,
    };
  }

  let begin = 0;
  return {
    name,
    description: spec.description,
    ...(spec.source && { source: spec.source }),
    inputs: inputs.names,
    outputs: outputs.names,
    dt: spec.dt,
    unit,
    epochs: typicalEpochs.map((e) => [e.name, begin, (begin += e.lasts)] as const),
    conditions: Object.keys(variables),
    examples: spec.examples ?? combinations(variables),
    trials,
    behaviour: (z, drawn) =>
      typeof spec.score === "function" ? spec.score(z, drawn) : scored(spec.score, z, drawn, spec.outputs),
  };
}

interface Channels {
  names: string[];
  groups: string[];
  count: number;
  of(group: string): number[];
}

function channelsOf(widths: Readonly<Record<string, number>>): Channels {
  const at = new Map<string, number[]>();
  const names: string[] = [];
  for (const [group, width] of Object.entries(widths)) {
    at.set(
      group,
      Array.from({ length: width }, (_, i) => names.length + i),
    );
    for (let i = 1; i <= width; i++) names.push(width === 1 ? group : `${group}${i}`);
  }
  const of = (group: string): number[] => {
    const channels = at.get(group);
    if (!channels) throw new Error(`no channels ${group}, only ${[...at.keys()].join(", ")}`);
    return channels;
  };
  return { names, groups: [...at.keys()], count: names.length, of };
}

const all = (groups: readonly string[], weight: number): Record<string, number> =>
  Object.fromEntries(groups.map((group) => [group, weight]));

/** The sample nearest to a time; a time halfway between two goes to the later one, whatever its last digits. */
const toSample = (time: number, dt: number): number => Math.round(time / dt + 1e-9);
const lengthOf = (epochs: readonly Epoch[]): number => epochs.reduce((sum, e) => sum + e.lasts, 0);
const byTrial = (names: readonly string[], count: number): Record<string, Float64Array> =>
  Object.fromEntries(names.map((name) => [name, new Float64Array(count).fill(Number.NaN)]));

function stacked(trials: readonly Readonly<Record<string, readonly number[]>>[]): Record<string, NDArray> {
  const made: Record<string, NDArray> = {};
  for (const [name, first] of Object.entries(trials[0] ?? {})) {
    made[name] = { data: new Float64Array(trials.length * first.length), shape: [trials.length, first.length] };
    trials.forEach((values, k) => {
      made[name]!.data.set(values[name]!, k * first.length);
    });
  }
  return made;
}

function combinations(variables: NonNullable<TaskSpec["variables"]>): Record<string, number>[] {
  let made: Record<string, number>[] = [{}];
  for (const [variable, law] of Object.entries(variables)) {
    if (typeof law !== "object" || !("oneOf" in law)) continue;
    const next = made.flatMap((v) => levels(law).map((value) => ({ ...v, [variable]: value })));
    if (next.length > 8) break;
    made = next;
  }
  return made;
}
