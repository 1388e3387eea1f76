/** Wirings and constraints. */
export { type Constrained, type ConstrainOptions, constrain } from "./constrain.ts";
export { type Constraint, type Enforcement, enforcements, type Numbers } from "./constraint.ts";
export {
  clustering,
  efficiency,
  type GraphOptions,
  type ModularityOptions,
  modularity,
  modularityOf,
  randomGraphs,
  smallWorldness,
  strongest,
} from "./graphs.ts";
export { gridDistances, type PenaltyText } from "./penalise.ts";
export { type Projection, projectAll } from "./project.ts";
export { type MatrixShape, type Wired, type Wiring, wire } from "./wiring.ts";
export {
  blocks,
  delayed,
  dense,
  lowRank,
  masked,
  mixture,
  pinned,
  product,
  rowNormalised,
  scaled,
  sparse,
  sum,
  tied,
  withoutSelf,
} from "./wirings.ts";
