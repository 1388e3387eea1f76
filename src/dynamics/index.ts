/** Analyses of a system. */
export { type EnsembleOptions, ensemble, followEnsemble } from "./ensemble.ts";
export {
  type FixedPoint,
  type FixedPointOptions,
  type FixedPoints,
  findFixedPoints,
  type SlowPoint,
  searchFixedPoints,
} from "./fixedPoints.ts";
export { drive, driveAsync, type Progress } from "./incremental.ts";
export { compareLines, type LineAttractor, type LineComparison, lineAttractor } from "./lineAttractor.ts";
export { type Linearisation, linearise } from "./linearise.ts";
export { type SelectionVectors, selectionVectors } from "./selectionVectors.ts";
export { distinctCycles, type LimitCycle, type Settling, settlingOf } from "./settling.ts";
export { type SlowManifold, searchSlowManifold, traceSlowManifold } from "./slowManifold.ts";
export { sampleStates } from "./trajectoryStarts.ts";
