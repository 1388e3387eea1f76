/** What an objective adds to its fit: expressions in the network's own language, each with a weight. */

import type { Model } from "../equations/model.ts";
import type { ParameterData } from "../equations/network.ts";
import type { Program } from "../equations/program.ts";
import type { Stateful, Values } from "./rule.ts";
import { rateAt, type Schedule } from "./schedule.ts";

export interface Penalty {
  name: string;
  /** Its coefficient, over the iterations of the whole training. */
  weight: number | Schedule;
  /**
   * Expressions of the network's quantities and parameters, all of one level. Their mean over entries is added: of all
   * terms together, and over the samples and trials where they change there.
   */
  terms?: string[];
  /** Adds up the entries instead (samples and trials are still averaged). Default false. */
  sum?: boolean;
  /** Lines that the terms read. Names of their own begin with `objective_`; `objective_samples` is the number of samples. */
  lines?: string;
  /** Constants that the lines read. */
  parameters?: Record<string, ParameterData>;
  /** Keeps what some of its constants are computed from. @param initial all parameters before training. */
  memory?: (initial: Values) => Memory;
  /** Instead of terms: adds a quantity to the program, derived from it. */
  derive?: (program: Program, context: { model: Model; fit: string }) => { program: Program; quantity: string };
}

/** Values that a penalty reads and that change in the course of training. */
export interface Memory extends Stateful {
  constants(): Values;
  /** Before an update, with the gradient of the whole objective (not clipped) and the coefficient of the penalty; and after it. */
  before(parameters: Values, gradients: Values, coefficient: number): void;
  after(parameters: Values): void;
  /** A stage has ended. */
  stage(parameters: Values): void;
}

/** The coefficient of a penalty at an iteration. */
export const weightAt = ({ weight }: Penalty, iteration: number): number =>
  typeof weight === "number" ? weight : rateAt(weight, iteration);

type Weight = number | Schedule;

/** Mean absolute value of parameters or quantities: `L1(["J"], 0.01)`, `L1(["r"], 0.1)`, or of a drive `L1(["J r + B u"], 0.1)`. */
export const absolute = (of: string[], weight: Weight): Penalty => ({
  name: `absolute ${of.join(", ")}`,
  weight,
  terms: of.map((e) => `abs(${e})`),
});

/** Mean square of parameters or quantities, of all of `of` together. */
export const square = (of: string[], weight: Weight): Penalty => ({
  name: `square ${of.join(", ")}`,
  weight,
  terms: of.map((e) => (/^\w+$/.test(e) ? `${e} * ${e}` : `(${e}) * (${e})`)),
});

/**
 * Rates that should average to a target: the mean over units and trials of `(⟨r⟩ - target)²`, with ⟨r⟩ the mean of a
 * unit over the samples of a trial.
 */
export const rateTarget = (of: string, target: number, weight: Weight): Penalty => ({
  name: `rate target of ${of}`,
  weight,
  lines: `objective_sum_${of}[t] = objective_sum_${of}[t-1] + ${of}`,
  terms: [`(objective_sum_${of}[T-1] / objective_samples - ${target})^2`],
});

/**
 * Wiring cost: `Σ |W| * D` with a distance for each weight.
 * @param distance row-major, in the shape of the parameter.
 * @source Achterberg, Akarca, Strouse, Duncan & Astle 2023 (without communicability)
 */
export const distanceBudget = (of: string, shape: string[], distance: ArrayLike<number>, weight: Weight): Penalty => ({
  name: `distance budget of ${of}`,
  weight,
  sum: true,
  terms: [`objective_distance_${of} * abs(${of})`],
  parameters: { [`objective_distance_${of}`]: { shape, value: Array.from(distance), tag: "pinned" } },
});
