/**
 * The tasks by name. A new one is one file and one line here.
 */
import { closest, NullclineError } from "../base/errors.ts";
import { contextIntegration } from "./contextIntegration.ts";
import { flipFlop } from "./flipFlop.ts";
import type { Task } from "./trials.ts";

export { checkTask, taskOfModule } from "./checkTask.ts";
export { type ContextIntegrationOptions, type ContextIntegrationTask, idealObserver } from "./contextIntegration.ts";
export type { FlipFlopOptions } from "./flipFlop.ts";
export { type Fold, type FoldOptions, folds } from "./folds.ts";
export { matchTask, type Port } from "./matchTask.ts";
export { type ReadRecording, type ReadRecordingOptions, readRecording } from "./readRecording.ts";
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
export type { Behaviour, Task, TrialRequest, Trials } from "./trials.ts";

export const tasks = { contextIntegration, flipFlop };

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
