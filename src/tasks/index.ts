/**
 * The tasks by name. A new one is one file and one line here.
 */
import { closest, NullclineError } from "../base/errors.ts";
import { contextIntegration } from "./contextIntegration.ts";
import { flipFlop } from "./flipFlop.ts";
import type { Task } from "./trials.ts";

export { checkTask, taskOfModule } from "./checkTask.ts";
export { idealObserver } from "./contextIntegration.ts";
export { folds } from "./folds.ts";
export { matchTask } from "./matchTask.ts";
export { binned, cut, recordingFrom, smoothed, timesOf, windowed } from "./recording.ts";
export { recordingTask, recordingTrials } from "./recordingTask.ts";
export { applyScaling, fitScaling, undoScaling } from "./scaling.ts";

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
