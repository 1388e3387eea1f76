/**
 * A study: network, task, learning, analyses, figures and checks, as one file of data and composition. It imports only
 * the package's public index, exactly as a user's own study does.
 */

import type { NDArray } from "../base/arrays.ts";
import { closest, NullclineError } from "../base/errors.ts";
import type { Progress } from "../dynamics/incremental.ts";
import type { Check } from "../formats/runSchemas.ts";
import type { Host } from "../host/host.ts";
import type { Network } from "../networks/network.ts";
import type { Task } from "../tasks/trials.ts";
import type { TrainOptions, TrainResult } from "../training/train.ts";
import type { Section } from "./report.ts";

export type SettingValue = number | string | boolean | number[] | null;

/** A setting of a study, changed by `--set name=value`. */
export interface Setting {
  value: SettingValue;
  what: string;
}

export interface Study {
  name: string;
  title: string;
  /** One sentence for `nullcline list`. */
  description: string;
  // The next four: every study that comes with the package has them.
  /** Cell, wiring, task and learning in a line, e.g. `rate units · low rank · context task · Adam`. */
  composition?: string;
  /** Minutes that it takes at its defaults on two cores. */
  minutes?: number;
  settings: Record<string, Setting>;
  /** The reduced run of `--fast`. All checks but those named are shown without a verdict. */
  fast?: { settings: Record<string, string>; checks: string[] };
  /** Settings with which every training has two iterations and the rest is as small: what a test runs of any study. */
  tiny?: Record<string, string>;
  /** The built-in task that its network learns, for the run's record: `nullcline dissect RUN` takes its trials from there. */
  task?(settings: Record<string, SettingValue>): TaskRecord;
  run(context: StudyContext): Promise<Outcome>;
}

/** A task as data. */
export interface TaskRecord {
  /** Name, or path of a module. */
  task: string;
  options: Record<string, unknown>;
  /** SHA-256 of the module. */
  hash?: string;
}

/** What a study is handed. */
export interface StudyContext {
  seed: number;
  host: Host;
  /** Whether kernels use relaxed SIMD. */
  relaxed: boolean;
  workers: number;
  signal: AbortSignal;
  /** Settings after `--set`. */
  number(name: string): number;
  text(name: string): string;
  flag(name: string): boolean;
  numbers(name: string): number[];
  /** Says what is being done now, one line. */
  say(text: string): void;
  /** Shows progress within it, replaced by the next. */
  progress(text: string): void;
  /**
   * Runs an analysis that yields its progress (`searchFixedPoints`, …) and shows it; an interruption is seen between
   * two of its slices. `what` names it in the line of progress.
   */
  analyse<Result>(what: string, analysis: Generator<Progress, Result>): Promise<Result>;
  /** Lets an interruption be seen: awaited between two long steps that yield nothing. */
  pause(): Promise<void>;
  /** Trains with metrics, checkpoints and resumption in the run's folder; each phase has a name of its own. */
  train(
    phase: string,
    network: Network,
    task: Task,
    options: Omit<TrainOptions, "seed"> & { seed?: number },
  ): Promise<Omit<TrainResult, "state">>;
  /** Lines of metrics of a phase so far, for curves. */
  metrics(phase: string): Promise<Record<string, unknown>[]>;
  /** Keeps arrays as `analysis/NAME.npz`. */
  keep(name: string, arrays: Record<string, NDArray>): Promise<void>;
  /** Reads a file of the user, as named by a setting. */
  read(path: string): Promise<Uint8Array>;
}

export interface Outcome {
  /** One sentence: what was done and found. */
  verdict: string;
  summary?: string;
  checks: Check[];
  sections: Section[];
  /** Plain numbers for `result.json`. */
  numbers: Record<string, unknown>;
  warnings?: string[];
  /** Kept as `parameters.safetensors`, and its equations in the run. */
  network?: Network;
}

/**
 * Settings with some replaced, each value read as the kind its default has.
 * @throws NullclineError where a key is unknown or a value does not fit.
 */
export function settingsOf(study: Study, given: Record<string, string>): Record<string, SettingValue> {
  const settings = Object.fromEntries(Object.entries(study.settings).map(([name, s]) => [name, s.value]));
  for (const [name, text] of Object.entries(given)) {
    if (!Object.hasOwn(settings, name)) {
      const like = closest(name, Object.keys(settings));
      throw new NullclineError({
        code: "setting",
        given: `the study \`${study.name}\` has no setting \`${name}\``,
        expected: Object.keys(settings).join(", "),
        remedy: like && `did you mean \`${like}\`?`,
      });
    }
    settings[name] = parsed(study, name, text);
  }
  return settings;
}

function parsed(study: Study, name: string, text: string): SettingValue {
  const { value: fallback } = study.settings[name]!;
  const refuse = (expected: string): never => {
    throw new NullclineError({
      code: "setting",
      given: `--set ${name}=${text}`,
      expected,
      remedy: `its default is ${JSON.stringify(fallback)}`,
    });
  };
  const asNumber = (word: string): number => {
    const n = Number(word);
    return word.trim() === "" || !Number.isFinite(n) ? refuse("a number") : n;
  };
  if (typeof fallback === "number") return asNumber(text);
  if (typeof fallback === "boolean") return text === "true" ? true : text === "false" ? false : refuse("true or false");
  if (Array.isArray(fallback)) return text.split(",").map(asNumber);
  return text;
}

/** A check that compares a number with a criterion. */
export function check(
  facts: Omit<Check, "verdict" | "n" | "standardError" | "ours" | "paper"> & {
    paper?: Check["paper"];
    n?: number;
    standardError?: number;
    ours?: boolean;
    holds?: boolean;
  },
): Check {
  const { holds, n, standardError, ours, paper, ...rest } = facts;
  return {
    ...rest,
    paper: paper ?? null,
    ours: ours ?? false,
    n: n ?? null,
    standardError: standardError === undefined || !Number.isFinite(standardError) ? null : standardError,
    verdict: holds === undefined ? "shown" : holds ? "pass" : "fail",
  };
}
