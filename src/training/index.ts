/** Learning rules, objectives and stages, as users name them. */
export { type EligibilityOptions, eligibility } from "./credit/eligibility.ts";
export { type ForwardOptions, forward } from "./credit/forward.ts";
export { type LocalOptions, local } from "./credit/local.ts";
export { type ReverseOptions, reverse } from "./credit/reverse.ts";
export { crossEntropy, divergence, type Fit, type FitNames, meanSquare, poisson } from "./fit.ts";
export { type NearOptions, near } from "./importance.ts";
export { jacobianNorm, vanishingGradient } from "./jacobian.ts";
export { type MemoryOptions, memoryOf } from "./memoryOf.ts";
export { absolute, distanceBudget, type Memory, type Penalty, rateTarget, square } from "./penalty.ts";
export type {
  Batch,
  Credit,
  CreditEngine,
  CreditSetting,
  Evidence,
  Need,
  Rule,
  TrainedParameter,
  Update,
  Updater,
  Values,
  Write,
  Writer,
} from "./rule.ts";
export { restoreInto, stateOf } from "./rule.ts";
export { rateAt, type Schedule } from "./schedule.ts";
export { type AdamOptions, adam } from "./update/adam.ts";
export { type HessianFreeOptions, hessianFree } from "./update/hessianFree.ts";
export { type RlsOptions, rls } from "./update/rls.ts";
export { type SgdOptions, sgd } from "./update/sgd.ts";
export { type SofoOptions, sofo } from "./update/sofo.ts";
export { accumulated } from "./write/accumulated.ts";
export { ideal } from "./write/ideal.ts";
export { type PcmOptions, pcm, pcmReadNoise } from "./write/pcm.ts";
export { projected } from "./write/projected.ts";
