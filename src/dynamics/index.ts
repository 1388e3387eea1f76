/** Analyses of a system. */
export { findFixedPoints, type FixedPoint, type FixedPointOptions, type FixedPoints, type SlowPoint } from "./fixedPoints.ts";
export { compareLines, lineAttractor, type LineAttractor, type LineComparison } from "./lineAttractor.ts";
export { linearise, type Linearisation } from "./linearise.ts";
export { selectionVectors, type SelectionVectors } from "./selectionVectors.ts";
export { traceSlowManifold, type SlowManifold } from "./slowManifold.ts";
export { sampleStates } from "./trajectoryStarts.ts";
