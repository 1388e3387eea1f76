/**
 * Nullcline: write a recurrent network's equations as a paper prints them; simulate, train, dissect and fit it.
 * This is the public interface; studies, ours and yours, import nothing else. Browsers get it as it is here, Node with
 * its own host beside it (`node.ts`): nothing that this imports needs more than a browser has.
 */
export type { NDArray } from "./base/arrays.ts";
export { ndarray, zeros } from "./base/arrays.ts";
export { parseDuration, parseWindow } from "./base/durations.ts";
export { NullclineError } from "./base/errors.ts";
export { normalCdf } from "./base/normal.ts";
export { correlation, mean, median, range, standardError } from "./base/statistics.ts";
export * from "./dynamics/index.ts";
export { integrate, type Trajectory } from "./engine/integrate.ts";
export { networkSystem, type SystemOptions } from "./engine/networkSystem.ts";
export { type NoiseLaw, noiseLaws } from "./engine/noiseLaws.ts";
export { RandomStream } from "./engine/random.ts";
export { type RunModelOptions, runModel } from "./engine/runModel.ts";
export type { System } from "./engine/system.ts";
export { EquationError } from "./equations/errors.ts";
export { type Model, modelOf } from "./equations/model.ts";
export type { Integrator, Law, NetworkData, ParameterData, Surrogate, Tag } from "./equations/network.ts";
export { toLatex, toMathml } from "./equations/print.ts";
export { drawFigure, figureDocument } from "./figures/draw.ts";
export { fixedPointLayers, oblique, obliqueBox, type Stability, stabilityLimit } from "./figures/dynamics.ts";
export type { Color, Figure, Layer, LineLayer, Panel, PointsLayer, TextLayer } from "./figures/figure.ts";
export { formatNumber } from "./figures/number.ts";
export { openArrays } from "./formats/arrayFile.ts";
export { readIdx } from "./formats/idx.ts";
export type { Check } from "./formats/runSchemas.ts";
export { type Blas, useBlas } from "./host/blas.ts";
export { type BrowserHostOptions, browserHost } from "./host/browser.ts";
export type { Host, Storage } from "./host/host.ts";
export { memoryStorage } from "./host/memoryStorage.ts";
export { opfsStorage } from "./host/opfsStorage.ts";
export { type Area, joinAreas } from "./networks/areas.ts";
export { parseMapping, withArrays } from "./networks/arrayMapping.ts";
export { sampledWithPrior } from "./networks/cells/sampled.ts";
export * as connectivity from "./networks/connectivity/index.ts";
export * as networks from "./networks/index.ts";
export { timeUnit } from "./networks/initialise.ts";
export { type LeakyOptions, leaky } from "./networks/leaky.ts";
export { makeNetwork, type Network, systemOf, valuesOf, withParameters, withValues } from "./networks/network.ts";
export { networkOf, networkOfText, parseNetworkJson } from "./networks/networkFile.ts";
export { type Noise, type NoiseSite, withNoise } from "./networks/noise.ts";
export { timeScales } from "./networks/timeScales.ts";
export { type Transfer, type TransferName, transfers } from "./networks/transfer.ts";
export * from "./population/index.ts";
export {
  type Block,
  type Equation,
  type ParameterRow,
  type Report,
  type RunFacts,
  renderReport,
  type Section,
} from "./studies/report.ts";
export { type FinishedRun, Interrupted, type RunStudyOptions, runStudy } from "./studies/runStudy.ts";
export { equationsBlock, trainingFigure } from "./studies/shared.ts";
export {
  check,
  type Outcome,
  type Setting,
  type SettingValue,
  type Study,
  type StudyContext,
  type TaskRecord,
} from "./studies/study.ts";
export * as surgery from "./surgery/index.ts";
export * from "./tasks/index.ts";
export type { Behaviour, Task, TrialRequest, Trials } from "./tasks/trials.ts";
export * as learning from "./training/index.ts";
export { type Simulator, simulate, simulator } from "./training/simulate.ts";
export { type Metrics, type Stage, type TrainOptions, type TrainResult, train } from "./training/train.ts";
