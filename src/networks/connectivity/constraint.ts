/**
 * Constraints on a matrix, and the ways to enforce them: reparametrise (the matrix is written so that it cannot leave),
 * project (after each update), penalise (a term of the objective) and prune (once, on given values).
 */
import { NullclineError } from "../../base/errors.ts";
import type { NetworkData, ParameterData } from "../../equations/network.ts";

/** Numbers by a value or a law, as in a network's table. */
export type Numbers = Pick<ParameterData, "value" | "init">;

export type Constraint =
  /** Each column has one sign: +1 or -1 per presynaptic unit (Dale's law), 0 for no sign. */
  | { kind: "sign"; signs: Numbers }
  /** Only where the mask is 1. */
  | { kind: "mask"; mask: Numbers }
  /** Every entry between two numbers. */
  | { kind: "range"; low: number; high: number }
  | { kind: "rank"; rank: number }
  /**
   * `Σ |W_ij| D_ij` at most `total` (penalise without it: the sum itself). With `communicability`, for penalise, each term
   * times `expm(S^-1/2 |W| S^-1/2)_ij` off the diagonal, S the row sums of |W|.
   */
  | { kind: "budget"; distances: Numbers; total?: number; communicability?: boolean };

export type Enforcement = "reparametrise" | "project" | "penalise" | "prune";

export const enforcements: Record<Constraint["kind"], readonly Enforcement[]> = {
  sign: ["reparametrise", "project", "penalise"],
  mask: ["reparametrise", "project", "penalise", "prune"],
  range: ["reparametrise", "project", "penalise"],
  rank: ["reparametrise", "project", "prune"],
  budget: ["reparametrise", "project", "penalise", "prune"],
};

/** What a constraint is made of, with its numbers drawn where sizes are known. */
export interface Constraining {
  network: NetworkData;
  matrix: string;
  shape: readonly [string | number, string | number];
  weight: number;
  /** Numbers of `signs`, `mask` or `distances`, row-major, and the sizes of the matrix. */
  numbers(of: Numbers, vector?: boolean): Float64Array;
  size(): [rows: number, columns: number];
}

export function refuse(given: string, expected?: string, remedy?: string): never {
  throw new NullclineError({ code: "constraint", given, expected, remedy });
}
