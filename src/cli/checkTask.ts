/** `nullcline check TASK`: what a task asks for, how long its trials are, and its picture. */
import { drawFigure, figureDocument } from "../figures/draw.ts";
import { formatNumber } from "../figures/number.ts";
import { checkTask, type LengthStatistics, type Task, taskFigure, tasks, trialLengths } from "../tasks/index.ts";
import type { Shell } from "./main.ts";
import { networkNames } from "./network.ts";
import { numbersOf, settings } from "./options.ts";
import { loadTask } from "./task.ts";

/** Whether a name is that of a task: a built-in one, or a module. Where a network has it too, only a figure can be meant. */
export const isTask = (what: string, { figure }: TaskFlags): boolean =>
  /\.(mjs|js)$/i.test(what) || (Object.hasOwn(tasks, what) && (figure !== undefined || !networkNames.includes(what)));

export interface TaskFlags {
  set: string[];
  dt?: string;
  json?: boolean;
  quiet?: boolean;
  figure?: string;
}

/**
 * Prints a task, and writes its picture where `--figure` says. Options of the task are `--set KEY=VALUE` (or `task.KEY`).
 * @throws NullclineError where the task does not pass `checkTask`, or an option does not fit
 */
export async function checkOfTask(shell: Shell, what: string, flags: TaskFlags): Promise<void> {
  const options = Object.fromEntries(
    Object.entries(settings(flags.set)).map(([key, value]) => [key.replace(/^task\./, ""), value]),
  );
  const { task } = await loadTask(shell, what, options);
  checkTask(task, what);
  const dt = flags.dt === undefined ? task.dt : numbersOf(flags.dt, "--dt")[0]!;
  const lengths = trialLengths(task, { dt });
  const { terminal, storage } = shell.host;
  if (flags.json) {
    const { name, description, source, inputs, outputs, unit, conditions } = task;
    terminal.line(
      JSON.stringify({ name, description, source, inputs, outputs, dt, unit, conditions, lengths }, null, 2),
    );
  } else if (!flags.quiet) for (const line of lines(task, dt, lengths)) terminal.line(line);
  if (flags.figure === undefined) return;
  const svg = drawFigure(taskFigure(task, { dt }), { document: await figureDocument(), width: 1000, theme: "light" });
  await storage.write(flags.figure, svg);
  if (!flags.json && !flags.quiet) terminal.line(`\nfigure  ${flags.figure}`);
}

function lines(task: Task, dt: number, lengths: ReturnType<typeof trialLengths>): string[] {
  const { unit } = task;
  const length = (name: string, s: LengthStatistics) =>
    `  ${name.padEnd(14)}  ${s.least === s.most ? formatNumber(s.mean, 4) : `${formatNumber(s.mean, 4)} ± ${formatNumber(s.std, 3)}, ${formatNumber(s.least, 4)} to ${formatNumber(s.most, 4)}`} ${unit}${s.n === lengths.trial.n ? "" : ` in ${formatNumber((100 * s.n) / lengths.trial.n, 2)} % of trials`}`;
  return [
    `${task.name}${task.source ? `  (${task.source})` : ""}`,
    "",
    `  ${task.description}`,
    "",
    `inputs      ${named(task.inputs)}`,
    `outputs     ${named(task.outputs)}`,
    ...(task.conditions?.length ? [`conditions  ${task.conditions.join(", ")}`] : []),
    "",
    `lengths (mean ± standard deviation, least to greatest, of ${lengths.trial.n} trials; ${lengths.samples} samples of ${formatNumber(dt, 4)} ${unit})`,
    length("trial", lengths.trial),
    ...Object.entries(lengths.epochs).map(([name, s]) => length(name, s)),
    "",
    `${formatNumber(100 * lengths.counted, 3)} % of samples and outputs count`,
  ];
}

/** Runs of numbered names as `name1 … name32`. */
function named(names: readonly string[]): string {
  const shown: string[] = [];
  for (let i = 0; i < names.length; i++) {
    const stem = /^(.*\D)1$/.exec(names[i]!)?.[1];
    let count = 1;
    if (stem !== undefined) while (names[i + count] === `${stem}${count + 1}`) count++;
    shown.push(count > 3 ? `${names[i]} … ${names[i + count - 1]}` : names[i]!);
    if (count > 3) i += count - 1;
  }
  return shown.join(", ") || "none";
}
