/** The task that a command is given: a built-in name or a module of the user's. */
import { importModule } from "../host/node.ts";
import type { TaskRecord } from "../studies/study.ts";
import { makeTask, type Task, taskOfModule } from "../tasks/index.ts";
import type { Shell } from "./main.ts";
import { isFile, sha256 } from "./network.ts";

/**
 * @param given options as text: numbers, true, false, lists of numbers with commas, or words
 * @throws NullclineError where there is no such task, an option does not fit, or a module makes no task
 */
export async function loadTask(
  shell: Shell,
  what: string,
  given: Record<string, unknown>,
): Promise<{ task: Task; record: TaskRecord }> {
  const options = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, typeof value === "string" ? plain(value) : value]),
  );
  if (!isFile(what)) return { task: makeTask(what, options), record: { task: what, options } };
  const hash = await sha256(await shell.host.storage.read(what));
  const task = taskOfModule(await importModule(what), what, options);
  return { task, record: { task: what, options, hash } };
}

function plain(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  const words = text.split(",");
  if (!words.every((word) => word.trim() !== "" && Number.isFinite(Number(word)))) return text;
  return words.length === 1 ? Number(text) : words.map(Number);
}
