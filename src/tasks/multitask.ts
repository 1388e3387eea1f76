/**
 * Twenty tasks of one network: a rule input says which one a trial is.
 * @source Yang, Joglekar, Song, Newsome & Wang 2019, Nat. Neurosci. 22, 297–306, with the parameters of their code
 */
import { closest, NullclineError } from "../base/errors.ts";
import { defineTask, type Epoch, type Signals, type Variables } from "./defineTask.ts";
import { type Family, familyOf, laws, type Rule, rules, shownIn } from "./multitaskRules.ts";
import { withDefaults } from "./options.ts";
import { angleBetween, populationVector, ring } from "./signal.ts";
import type { Task } from "./trials.ts";

export interface MultitaskOptions {
  /** Time step, ms. Default 20. */
  dt?: number;
  /** `all`, or names of rules with commas. The channels stay those of all twenty. Default `all`. */
  rules?: string;
  /** How much more often `contextdm1` and `contextdm2` are drawn than each other rule. Default 5. */
  contextWeight?: number;
  /** Channels of each ring. Default 32. */
  ring?: number;
  /** Standard deviation of the noise of every input in a sample of 1 ms. Default 0.01 √200: 0.0316 at 20 ms. */
  noise?: number;
  /** The published loss multiplies the error by its mask before squaring: weights 4, 1, 100, 25. Without: 2, 1, 10, 5. Default true. */
  squaredMask?: boolean;
}

const defaults: Required<MultitaskOptions> = {
  dt: 20,
  rules: "all",
  contextWeight: 5,
  ring: 32,
  noise: 0.01 * Math.sqrt(200),
  squaredMask: true,
};

/** Free at the start, free after go, and the least deviation of a right answer (ms, ms, rad). */
const [start, grace, tolerance] = [100, 100, 0.2 * Math.PI];
const [baseline, height] = [0.05, 0.8];

/**
 * The task. Inputs: `fixation`, two rings of stimuli `first1 …`, `second1 …` (modalities), and one input for each rule.
 * Outputs: `fixation`, 0.8 until the response, and a ring `direction1 …`, a bump of height 0.8 at the answer; both at least
 * 0.05. Weights: none in the first 100 ms and in the first 100 ms of the response, 1 before and 5 in the response, for
 * fixation twice that; squared as the published loss has it. For readouts between 0 and 1 (logistic).
 *
 * Conditions: `rule` (0 … 19, in the order of `rules`), `modality`, `testModality` (1, 2), `angle`, `distance` (rad),
 * `match`, `strength`, `evidence`, `otherStrength`, `otherEvidence`, `split1`, `split2`, `favours1`,
 * `favours2` (±1), and the durations `before`,
 * `stimulus`, `delay`, `test`, `wait`, `response` (ms); those that a rule does not use change nothing. Computed: `go`
 * (whether to respond) and `answer` (rad).
 *
 * A trial is right where, in its last sample, the fixation output is above 0.5 and should be, or is not and the ring's
 * population vector is within 36 degrees of the answer. In `parts`, each rule by its name.
 * @throws NullclineError for options that make no sense
 */
export function multitask(given: MultitaskOptions = {}): Task {
  const name = "multitask";
  const o = withDefaults(name, defaults, given);
  const chosen = rulesNamed(o.rules);
  if (!(Number.isInteger(o.ring) && o.ring >= 4))
    throw new NullclineError({
      code: "option",
      given: `task \`${name}\`: rings of ${o.ring} channels`,
      expected: "a whole number of at least 4",
    });
  const weigh = (weight: number) => (o.squaredMask ? weight ** 2 : weight);
  const weights = (factor: number) => ({ fixation: weigh(2 * factor), direction: weigh(factor) });
  const still = { fixation: 0.8, direction: Array(o.ring).fill(baseline) as number[] };

  function trial(v: Variables): Epoch[] {
    const rule = rules[v.rule]!;
    const family = familyOf(rule);
    const stays = family.kind === "match" || family.timing === "react";
    const twice = family.kind === "decide" && family.timing === "delay";
    const on = { [rule]: 1, fixation: 1 };
    const off = stays ? on : { [rule]: 1 };
    const inputs = (stage: number, base: Signals): Signals => ({ ...base, ...rings(v, family, stage, o.ring) });
    const before = (epoch: string, lasts: number, stage: number): Epoch => ({
      name: epoch,
      lasts,
      inputs: inputs(stage, on),
      targets: still,
      weight: weights(1),
    });
    const bump = ring(o.ring, v.answer, { height }).map((value) => value + baseline);
    const targets = v.go ? { fixation: baseline, direction: bump } : still;
    const response = inputs(4, off);
    return [
      { name: "fixation", lasts: start, inputs: on, targets: still },
      before("waiting", v.before - start, 0),
      // A duration may be asked for in all rules; one that a rule does not have stays 0.
      before("stimulus", family.timing === "react" ? 0 : v.stimulus, 1),
      before("delay", family.timing === "delay" ? v.delay : 0, 2),
      before("test", twice ? v.test : 0, 3),
      before("wait", twice ? v.wait : 0, 2),
      { name: "go", lasts: grace, inputs: response, targets },
      { name: "response", lasts: v.response - grace, inputs: response, targets, weight: weights(5) },
    ];
  }

  const right = ({ v, channels }: { v: Variables; channels(output: string): Float64Array }): boolean => {
    const fixates = channels("fixation")[0]! > 0.5;
    return v.go ? !fixates && angleBetween(populationVector(channels("direction")), v.answer) < tolerance : fixates;
  };
  return defineTask({
    name,
    description: `Do one of ${chosen.length} tasks, named by a rule input: ${chosen.join(", ")}.`,
    source: "Yang, Joglekar, Song, Newsome & Wang 2019, Nat. Neurosci. 22, 297–306",
    dt: o.dt,
    inputs: { fixation: 1, first: o.ring, second: o.ring, ...Object.fromEntries(rules.map((rule) => [rule, 1])) },
    outputs: { fixation: 1, direction: o.ring },
    ...laws(
      chosen.map((rule) => rules.indexOf(rule)),
      o.contextWeight,
    ),
    trial,
    noise: { std: o.noise },
    score: {
      what: "fraction of trials with the right response in the last sample (fixation, or within 36 degrees)",
      of: (view) => Number(right(view)),
      measures: Object.fromEntries(
        chosen.map((rule) => [
          rule,
          (view: Parameters<typeof right>[0]) => (rules[view.v.rule] === rule ? Number(right(view)) : Number.NaN),
        ]),
      ),
    },
    examples: chosen.map((rule) => ({ rule: rules.indexOf(rule) })),
  });
}

/** The stimuli on both rings. Stages: 0 before, 1 first stimulus, 2 delay, 3 second stimulus, 4 response. */
function rings(v: Variables, family: Family, stage: number, size: number): { first: number[]; second: number[] } {
  const sum = [0, 1].map(() => Array(size).fill(0) as number[]);
  for (const { modality, angle, strength } of shownIn(v, family, stage))
    ring(size, angle, { height: height * strength }).forEach((value, i) => {
      sum[modality - 1]![i]! += value;
    });
  return { first: sum[0]!, second: sum[1]! };
}

function rulesNamed(list: string): Rule[] {
  const names = list === "all" ? [...rules] : list.split(/[,\s]+/).filter((word) => word !== "");
  const wrong = names.find((rule) => !rules.includes(rule as Rule));
  if (wrong !== undefined || names.length === 0) {
    const meant = wrong && closest(wrong, rules);
    throw new NullclineError({
      code: "option",
      given: `task \`multitask\`: ${wrong === undefined ? "no rule" : `no rule is called \`${wrong}\``}`,
      expected: `all, or of ${rules.join(", ")}`,
      remedy: meant ? `did you mean \`${meant}\`?` : undefined,
    });
  }
  return names as Rule[];
}
