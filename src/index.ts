/**
 * Nullcline: write a recurrent network's equations as a paper prints them; simulate, train, dissect and fit it.
 * This is the public interface; studies, ours and yours, import nothing else.
 */
export type { NDArray } from "./base/arrays.ts";
export { ndarray, zeros } from "./base/arrays.ts";
export { parseDuration, parseWindow } from "./base/durations.ts";
export { NullclineError } from "./base/errors.ts";
export { normalCdf } from "./base/normal.ts";
export { openArrays } from "./formats/arrayFile.ts";
export type { Color, Figure, Layer, LineLayer, Panel, PointsLayer, TextLayer } from "./figures/figure.ts";
export { drawFigure } from "./figures/draw.ts";
export { fixedPointLayers, oblique, obliqueBox, stabilityLimit, type Stability } from "./figures/dynamics.ts";
export { EquationError } from "./equations/errors.ts";
export { modelOf, type Model } from "./equations/model.ts";
export type { Law, NetworkData, ParameterData, Surrogate, Tag } from "./equations/network.ts";
export { toLatex, toMathml } from "./equations/print.ts";
export { networkSystem, type SystemOptions } from "./engine/networkSystem.ts";
export { RandomStream } from "./engine/random.ts";
export type { System } from "./engine/system.ts";
export { integrate, type Trajectory } from "./engine/integrate.ts";
export { nodeHost } from "./host/node.ts";
export type { Host } from "./host/host.ts";
export * as networks from "./networks/index.ts";
export { makeNetwork, type Network, valuesOf, withValues } from "./networks/network.ts";
export * from "./tasks/index.ts";
export type { Behaviour, Task, TrialRequest, Trials } from "./tasks/trials.ts";
export { simulator, type Simulator } from "./training/simulate.ts";
export { train, type Metrics, type Stage, type TrainOptions, type TrainResult } from "./training/train.ts";
export * from "./dynamics/index.ts";
export * from "./population/index.ts";
export type { Check } from "./formats/runSchemas.ts";
export type { Block, Equation, ParameterRow, Section } from "./studies/report.ts";
export { check, type Outcome, type Setting, type Study, type StudyContext } from "./studies/study.ts";
export { equationsBlock, trainingFigure } from "./studies/shared.ts";
