/** Analyses of activity, a model's or a brain's. */
export { extent, selectTime, selectTrials, selectUnits } from "./activity.ts";
export {
  conditionAverage,
  conditionIndependentMean,
  removeConditionIndependent,
  varianceExplainedBy,
} from "./conditionAverage.ts";
export { type Jpca, jpca } from "./jpca.ts";
export { fitLinearDynamics, freeRun, type LinearDynamics } from "./linearDynamics.ts";
export { type Pca, participationRatio, pca, project, reconstruct } from "./pca.ts";
export { fitProbit, type Psychometric, psychometric } from "./psychometric.ts";
export { quantile } from "./quantile.ts";
export { type R2, r2 } from "./r2.ts";
export { zscore } from "./standardise.ts";
export { type Tangling, tangling } from "./tangling.ts";
export { manteOptions, pycogOptions, type Tdr, tdr } from "./tdr.ts";
