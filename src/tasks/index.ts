/**
 * The tasks by name. A new one is one file and one line here.
 */
import { closest, NullclineError } from "../base/errors.ts";
import { contextChoice } from "./contextChoice.ts";
import { contextDecision } from "./contextDecision.ts";
import { contextIntegration } from "./contextIntegration.ts";
import { cueSetGo } from "./cueSetGo.ts";
import { cyclingMuscles } from "./cyclingMuscles.ts";
import { delayedAddition } from "./delayedAddition.ts";
import { delayedMatchToSample } from "./delayedMatchToSample.ts";
import { flipFlop } from "./flipFlop.ts";
import { goNoGo } from "./goNoGo.ts";
import { hierarchicalDecision } from "./hierarchicalDecision.ts";
import { intervalReproduction } from "./intervalReproduction.ts";
import { lorenzPrediction } from "./lorenzPrediction.ts";
import { multitask } from "./multitask.ts";
import { oneChoiceMaze } from "./oneChoiceMaze.ts";
import { parametricWorkingMemory } from "./parametricWorkingMemory.ts";
import { pathIntegration } from "./pathIntegration.ts";
import { patternMemory } from "./patternMemory.ts";
import { phaseMemory } from "./phaseMemory.ts";
import { randomDots } from "./randomDots.ts";
import { reachingMuscles } from "./reachingMuscles.ts";
import { readySetGo } from "./readySetGo.ts";
import { sineGeneration } from "./sineGeneration.ts";
import { sumOfSines } from "./sumOfSines.ts";
import type { Task } from "./trials.ts";
import { xor } from "./xor.ts";

export { checkTask, taskOfModule } from "./checkTask.ts";
export { type CombineOptions, disjoint, inSequence, type MixOptions, mix } from "./combine.ts";
export type { ContextChoiceOptions } from "./contextChoice.ts";
export type { ContextDecisionOptions } from "./contextDecision.ts";
export { type ContextIntegrationOptions, type ContextIntegrationTask, idealObserver } from "./contextIntegration.ts";
export type { CueSetGoOptions } from "./cueSetGo.ts";
export type { CyclingMusclesOptions } from "./cyclingMuscles.ts";
export { type Code, defineTask, type Epoch, type Signals, type TaskSpec, type Variables } from "./defineTask.ts";
export type { DelayedAdditionOptions } from "./delayedAddition.ts";
export type { DelayedMatchToSampleOptions } from "./delayedMatchToSample.ts";
export { type DrawnStrokesOptions, drawnStrokes } from "./drawnStrokes.ts";
export type { FlipFlopOptions } from "./flipFlop.ts";
export { type Fold, type FoldOptions, folds } from "./folds.ts";
export { type FrozenOptions, frozen } from "./frozen.ts";
export type { GoNoGoOptions } from "./goNoGo.ts";
export type { HierarchicalDecisionOptions } from "./hierarchicalDecision.ts";
export type { IntervalReproductionOptions } from "./intervalReproduction.ts";
export { between, type Law } from "./law.ts";
export type { LorenzPredictionOptions } from "./lorenzPrediction.ts";
export { matchTask, type Port } from "./matchTask.ts";
export type { MultitaskOptions } from "./multitask.ts";
export type { OneChoiceMazeOptions } from "./oneChoiceMaze.ts";
export type { ParametricWorkingMemoryOptions } from "./parametricWorkingMemory.ts";
export { type PathIntegrationOptions, pathPositions } from "./pathIntegration.ts";
export type { PatternMemoryOptions } from "./patternMemory.ts";
export type { PhaseMemoryOptions } from "./phaseMemory.ts";
export type { RandomDotsOptions } from "./randomDots.ts";
export type { ReachingMusclesOptions } from "./reachingMuscles.ts";
export { type ReadRecording, type ReadRecordingOptions, readRecording } from "./readRecording.ts";
export type { ReadySetGoOptions } from "./readySetGo.ts";
export {
  binned,
  cut,
  type Recording,
  type RecordingOptions,
  recordingFrom,
  smoothed,
  subset,
  timesOf,
  windowed,
} from "./recording.ts";
export {
  type RecordingTaskOptions,
  type RecordingTrialsOptions,
  recordingTask,
  recordingTrials,
} from "./recordingTask.ts";
export { applyScaling, fitScaling, type Scaling, type ScalingOptions, undoScaling } from "./scaling.ts";
export { explainedWhereCounted, type Score, type TrialView } from "./score.ts";
export {
  type EventOptions,
  eventSequences,
  eventSequencesFrom,
  hdf5Sequences,
  heldOut,
  type ImageOptions,
  imageSequences,
  type SequenceData,
  type SequenceFileOptions,
  sequences,
  sequencesFrom,
} from "./sequenceData.ts";
export { type SequenceTaskOptions, sequenceTask } from "./sequenceTask.ts";
export { angleBetween, oneHot, populationVector, type RingOptions, ring, type Signal } from "./signal.ts";
export type { SineGenerationOptions } from "./sineGeneration.ts";
export type { SumOfSinesOptions } from "./sumOfSines.ts";
export { type TaskFigureOptions, taskFigure } from "./taskFigure.ts";
export { type LengthStatistics, type TrialLengths, trialLengths } from "./trialLengths.ts";
export type { Behaviour, Task, TrialRequest, Trials } from "./trials.ts";
export type { XorOptions } from "./xor.ts";

export const tasks = {
  contextChoice,
  contextDecision,
  contextIntegration,
  cueSetGo,
  cyclingMuscles,
  delayedAddition,
  delayedMatchToSample,
  flipFlop,
  goNoGo,
  hierarchicalDecision,
  intervalReproduction,
  lorenzPrediction,
  multitask,
  oneChoiceMaze,
  parametricWorkingMemory,
  pathIntegration,
  patternMemory,
  phaseMemory,
  randomDots,
  reachingMuscles,
  readySetGo,
  sineGeneration,
  sumOfSines,
  xor,
};

/**
 * A task by name, with options as they come from a command line or a file.
 * @throws NullclineError where the name or an option is unknown, or a value does not fit
 */
export function makeTask(name: string, options: Record<string, unknown> = {}): Task {
  if (!Object.hasOwn(tasks, name)) {
    const meant = closest(name, Object.keys(tasks));
    throw new NullclineError({
      code: "task",
      given: `unknown task \`${name}\``,
      expected: Object.keys(tasks).join(", "),
      remedy: meant && `did you mean \`${meant}\`?`,
    });
  }
  return tasks[name as keyof typeof tasks](options);
}
