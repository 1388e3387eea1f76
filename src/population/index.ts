/** Analyses of activity, a model's or a brain's. */

export { quantile } from "../base/quantile.ts";
export { extent, selectTime, selectTrials, selectUnits } from "./activity.ts";
export { adjustedRand } from "./adjustedRand.ts";
export { axisAngle } from "./angle.ts";
export {
  type ConditionAverage,
  type Conditions,
  conditionAverage,
  conditionIndependentMean,
  removeConditionIndependent,
  varianceExplainedBy,
} from "./conditionAverage.ts";
export { type Current, currentsBySource } from "./currents.ts";
export {
  drawMixture,
  type FittedMixture,
  fitMixture,
  type GaussianMixture,
  type MixtureOptions,
} from "./gaussianMixture.ts";
export { type Jpca, type JpcaOptions, jpca, type RotationPlane } from "./jpca.ts";
export { type Kinet, type KinetOptions, kinet } from "./kinet.ts";
export { type KMeans, type KMeansOptions, kMeans, silhouette } from "./kMeans.ts";
export { fitLinearDynamics, freeRun, type LinearDynamics, type LinearDynamicsOptions } from "./linearDynamics.ts";
export { type Pca, type PcaOptions, type Projection, participationRatio, pca, project, reconstruct } from "./pca.ts";
export {
  fitProbit,
  type ProbitFit,
  type Psychometric,
  type PsychometricPoint,
  psychometric,
} from "./psychometric.ts";
export { type R2, r2 } from "./r2.ts";
export { type RateMapOptions, type RateMaps, rateMaps } from "./rateMap.ts";
export {
  linearReadout,
  type MemoryCapacity,
  memoryCapacity,
  type Readout,
  type ReadoutOptions,
} from "./readout.ts";
export { type Relaxation, relaxation } from "./relaxation.ts";
export { type AboveShuffles, aboveShuffles, permutedBlocks, rolled, type Share, shareOf } from "./shuffles.ts";
export { bin, smooth } from "./smoothing.ts";
export {
  autocorrelogram,
  type BandOptions,
  type BorderOptions,
  bandScores,
  borderScores,
  gridScores,
} from "./spatialScores.ts";
export { type LineFit, lineFit, meanSpeed, type SpeedOptions } from "./speed.ts";
export { type Standardised, softRange, zscore } from "./standardise.ts";
export { type Tangling, type TanglingOptions, tangling } from "./tangling.ts";
export { manteOptions, pycogOptions, type Tdr, type TdrOptions, type TdrSession, tdr } from "./tdr.ts";
export { regressOnTask, type TaskRegression } from "./tdrRegression.ts";
