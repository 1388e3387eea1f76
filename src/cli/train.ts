/** `nullcline train FILE --task NAME`: any network on any task, in a run folder that can be resumed. */
import type { Command } from "commander";
import { NullclineError } from "../base/errors.ts";
import { modelOf } from "../equations/model.ts";
import type { NetworkData } from "../equations/network.ts";
import { openRun } from "../formats/runFolder.ts";
import { makeNetwork } from "../networks/network.ts";
import { networkOf } from "../networks/networkFile.ts";
import { commandLine } from "../studies/commandLine.ts";
import { runStudy } from "../studies/runStudy.ts";
import type { TaskRecord } from "../studies/study.ts";
import { trainStudy } from "../studies/train.ts";
import type { Task } from "../tasks/index.ts";
import { inputName } from "../training/gradient.ts";
import { finish } from "./finish.ts";
import type { Shell } from "./main.ts";
import { loadNetwork, type NetworkFlags, networkOptions, requireNumbers } from "./network.ts";
import { type RunFolderFlags, runFolderOptions, seedOf, studySettings } from "./options.ts";
import { loadTask } from "./task.ts";

interface TrainFlags extends NetworkFlags, RunFolderFlags {
  task?: string;
  iterations?: string;
  rate?: string;
  batch?: string;
  clip?: string;
  dt?: string;
  score?: string;
  error?: string;
  trials?: string;
  validateEvery?: string;
  weights?: string;
  resume?: string;
}

export function addTrain(program: Command, shell: Shell): void {
  const command = program
    .command("train")
    .description("trains a network on a task")
    .argument("[network]", "a built-in name, a .json file, or a plain text of equations; not needed with --resume");
  runFolderOptions(networkOptions(command))
    .option("--task <name>", "a built-in task or a module (.mjs); its options with --set task.KEY=VALUE")
    .option("--iterations <n>", "most iterations (default 1000)")
    .option("--rate <r>", "learning rate at the start (default 0.005)")
    .option("--batch <n>", "trials per iteration (default 64)")
    .option("--clip <norm>", "greatest norm of the gradient (default 1)")
    .option("--dt <step>", "time step (default: the task's)")
    .option("--score <s>", "ends once the score on held-out trials is this good")
    .option("--error <e>", "ends once the mean square error is this small")
    .option("--trials <n>", "test trials, and held-out trials of a validation (default 512)")
    .option("--validate-every <n>", "iterations between validations (default 50)")
    .option("--weights <w>", "weight of the mean square of the trained matrices in the loss (default 0)")
    .option("--resume <dir>", "goes on with an interrupted run in its folder")
    .action(async (what: string | undefined, flags: TrainFlags) => {
      const begun = flags.resume === undefined ? await begin(shell, what, flags) : await resume(shell, flags.resume);
      const { data, task, record, seed, files, command } = begun;
      const finished = await runStudy(trainStudy(makeNetwork(data, { seed }), task), {
        ...{ host: shell.host, signal: shell.signal, seed, out: flags.out, resume: flags.resume },
        quiet: flags.quiet || flags.json,
        ...(flags.workers !== undefined && { workers: seedOf(flags.workers, "--workers") }),
        settings: settingsOf(flags),
        specification: { network: data, task: record, files, command },
        command,
      });
      finish(shell, finished, flags);
    });
}

const settingsOf = (f: TrainFlags): Record<string, string> =>
  studySettings({ iterations: f.iterations, rate: f.rate, batch: f.batch, clip: f.clip, dt: f.dt, score: f.score, error: f.error, trials: f.trials, validateEvery: f.validateEvery, weights: f.weights }); // biome-ignore format: a list

interface Begun {
  data: NetworkData;
  task: Task;
  record: TaskRecord;
  seed: number;
  files: Record<string, string>;
  command: string;
}

async function begin(shell: Shell, what: string | undefined, flags: TrainFlags): Promise<Begun> {
  if (what === undefined || flags.task === undefined)
    throw new NullclineError({
      code: "option",
      given: what === undefined ? "no network named" : "no task named",
      expected: "a network and a task, e.g. `nullcline train vanilla --task flipFlop`",
      remedy: "nullcline list shows what there is",
    });
  const { data, rest, files } = await loadNetwork(shell, what, flags, /^task\./);
  const options = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key.slice("task.".length), value]));
  const { task, record } = await loadTask(shell, flags.task, options);
  const sized = withChannels(data, task);
  requireNumbers(sized, what);
  const seed = seedOf(flags.seed);
  return {
    data: sized,
    task,
    record,
    seed,
    files,
    command: commandLine("train", [what], { ...flags, seed: String(seed) }),
  };
}

/** The sizes of input and output, where they are open, are those of the task. */
function withChannels(data: NetworkData, task: Task): NetworkData {
  const model = modelOf(data);
  const sizes = { ...data.sizes };
  const take = (dim: string | number | undefined, channels: number): void => {
    if (typeof dim === "string" && sizes[dim] === undefined) sizes[dim] = channels;
  };
  const u = inputName(model);
  if (u !== undefined) take(model.text.inputs[u]!.shape[0], task.inputs.length);
  const [output] = model.outputs;
  if (output === undefined)
    throw new NullclineError({
      code: "output",
      given: "a network without an output",
      expected: "a line `z = …`, or names in `outputs`",
    });
  take(model.text.quantities.get(output)!.shape![0], task.outputs.length);
  return { ...data, sizes };
}

async function resume(shell: Shell, folder: string): Promise<Begun> {
  const { record } = await openRun(shell.host.storage, folder);
  const specification = record.specification as {
    network?: unknown;
    task?: TaskRecord;
    files?: Record<string, string>;
    command?: string;
  };
  if (record.study !== "train" || !specification.task)
    throw new NullclineError({
      code: "resume",
      where: folder,
      given: `a run of \`${record.study}\``,
      expected: "one of `train`",
      remedy: `nullcline run --resume ${folder}`,
    });
  const data = networkOf(specification.network, `${folder}/run.json`);
  const { task, record: now } = await loadTask(shell, specification.task.task, specification.task.options);
  if (now.hash !== specification.task.hash)
    throw new NullclineError({
      code: "resume",
      where: specification.task.task,
      given: "this module is not the one that the run began with",
      remedy: "bring the old one back, or begin a new run",
    });
  return {
    data,
    task,
    record: now,
    seed: record.seed,
    files: specification.files ?? {},
    command: specification.command ?? "",
  };
}
