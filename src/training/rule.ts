/**
 * A learning rule is credit → update → write. Credit says what a batch of trials tells about the parameters, the update
 * makes changes of it, the write brings the changes into the parameters. Any credit goes with any update that needs what
 * it gives, and with any write. BPTT with Adam is `{ credit: reverse(), update: adam(), write: ideal() }`.
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import type { Model } from "../equations/model.ts";
import type { Tag } from "../equations/network.ts";
import type { Host } from "../host/host.ts";
import type { Trials } from "../tasks/trials.ts";
import type { Fit } from "./fit.ts";
import type { Penalty } from "./penalty.ts";

/** Flat values by parameter name. */
export type Values = Record<string, Float64Array>;
/** Named arrays of a checkpoint. */
export type State = Record<string, NDArray<Float64Array>>;

/** What is kept between two updates: copies in `state`, taken back whole or not at all by `restore`. */
export interface Stateful {
  state(): State;
  /** @throws NullclineError (code `checkpoint`) where the state does not fit; nothing is changed then. */
  restore(saved: State): void;
}

/** A trained parameter as a rule sees it. Bounded ones are clipped by the write. */
export interface TrainedParameter {
  size: number;
  /** Default: a vector of that size. */
  shape?: readonly number[];
  tag?: Tag;
  group?: string;
}

/** What one batch (or, for an online rule, one stretch of it) tells about the parameters. */
export interface Evidence {
  loss: number;
  /** The fit alone, without penalties. */
  error: number;
  gradients: Values;
  /** Of `forward`: the loss in a subspace of K directions. */
  subspace?: {
    /** Direction k of each parameter: entries `k size … (k + 1) size - 1`. */
    directions: Values;
    count: number;
    /** `v_k · gradient`, [K]. */
    slopes: Float64Array;
    /** `v_k · G v_l` with the Gauss–Newton matrix G, [K, K]. */
    curvature: Float64Array;
  };
  /** Of `curvature`: products with the Gauss–Newton matrix, and the loss elsewhere, on the same trials and noise. */
  batch?: {
    product(direction: Values): Promise<Values>;
    loss(parameters: Values): Promise<number>;
  };
  /** Of `local`: by parameter `[rows, columns]`, what stands before it `[pairs, columns]` and the error after it `[pairs, rows]`. */
  pairs?: Record<string, { before: Float64Array; error: Float64Array; count: number }>;
}

/** What an update may need beyond gradients. */
export type Need = "subspace" | "batch" | "pairs";

/** A credit is opened once per stage. */
export interface CreditSetting {
  model: Model;
  sizes: Record<string, number>;
  trained: string[];
  /** Most samples of a trial. */
  samples: number;
  seed: number;
  /** What the credit keeps between updates and stages, under names that begin with `credit.`. */
  state: Values;
  fit?: Fit;
  penalties?: Penalty[];
  shard?: number;
  relaxed?: boolean;
  /** Most bytes of memory of each worker. Default 1 GiB. */
  memory?: number;
  host?: Host;
  workers?: number;
}

export interface Batch {
  trials: Trials;
  firstTrial: number;
  /** Updates before this one: what a rule draws is keyed by it. */
  iteration: number;
  /** Values of parameters that only penalties read. */
  constants?: Values;
}

export interface CreditEngine {
  /** Trained parameters that the objective depends on. */
  readonly reached: string[];
  /** Evidence for updates, one after the other: the parameters may change between two of them. */
  evidence(parameters: Values, batch: Batch): AsyncIterable<Evidence>;
  /** Memory that each worker has for its shards, where the credit says so. */
  readonly bytes?: number;
  close(): void;
}

export interface Credit {
  readonly kind: string;
  readonly gives: readonly Need[];
  open(setting: CreditSetting): Promise<CreditEngine>;
}

export interface Updater extends Stateful {
  /** What to add to each parameter, with the learning rate of this iteration. Valid until the next call. */
  changes(parameters: Values, evidence: Evidence, rate: number): Values | Promise<Values>;
}

export interface Update {
  readonly kind: string;
  readonly needs?: Need;
  start(parameters: Record<string, TrainedParameter>): Updater;
}

export interface Writer extends Stateful {
  /** Writes changes into the parameters, in place. Random numbers are keyed by `iteration`. */
  apply(parameters: Values, changes: Values, iteration: number): void;
  /** How often a device was written so far, by parameter. For a write to which that means nothing: left out. */
  writes?(): Record<string, number>;
}

export interface Write {
  readonly kind: string;
  /** @param initial values of the trained parameters as they are at the start. */
  start(parameters: Record<string, TrainedParameter>, context: { seed: number; initial: Values }): Writer;
}

export interface Rule {
  /** Default `reverse()`. */
  credit?: Credit;
  /** Default `adam()`. */
  update?: Update;
  /** Default `ideal()`. */
  write?: Write;
}

/** @throws NullclineError (code `rule`) where the update needs what the credit does not give. */
export function checkRule(credit: Credit, update: Update): void {
  const { needs } = update;
  if (needs === undefined || credit.gives.includes(needs)) return;
  const fitting = { subspace: "forward({ tangents: 32 })", batch: "reverse({ products: true })", pairs: "local()" };
  throw new NullclineError({
    code: "rule",
    given: `the update \`${update.kind}\` with the credit \`${credit.kind}\``,
    expected: `a credit that gives it a ${needs === "pairs" ? "pair of activity and error" : needs}`,
    remedy: `use credit: ${fitting[needs]}`,
  });
}

/** Copies of some arrays as a state. */
export const stateOf = (arrays: Values): State =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { data: data.slice(), shape: [data.length] }]),
  );

/**
 * Fills arrays from a state. All is looked at before anything is changed.
 * @throws NullclineError (code `checkpoint`)
 */
export function restoreInto(arrays: Values, saved: Record<string, NDArray>): void {
  for (const [key, { length }] of Object.entries(arrays)) {
    const array = saved[key];
    if (array?.data.length !== length)
      throw new NullclineError({
        code: "checkpoint",
        given: array ? `\`${key}\` has ${array.data.length} entries` : `\`${key}\` is missing`,
        expected: `${length} ${length === 1 ? "entry" : "entries"}`,
        remedy: "the checkpoint belongs to another network or learning rule",
      });
  }
  for (const [key, array] of Object.entries(arrays)) array.set(saved[key]!.data);
}
