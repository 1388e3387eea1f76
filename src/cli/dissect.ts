/** `nullcline dissect`: a run of ours, or anybody's network as equations and arrays, taken apart. */
import type { Command } from "commander";
import { NullclineError } from "../base/errors.ts";
import type { NetworkData } from "../equations/network.ts";
import { openRun, pathIn, readParameters, runFiles } from "../formats/runFolder.ts";
import { makeNetwork, type Network, withValues } from "../networks/network.ts";
import { parseNetworkJson } from "../networks/networkFile.ts";
import { commandLine } from "../studies/commandLine.ts";
import { type DissectOptions, dissectStudy } from "../studies/dissect.ts";
import { runStudy } from "../studies/runStudy.ts";
import type { TaskRecord } from "../studies/study.ts";
import { finish } from "./finish.ts";
import type { Shell } from "./main.ts";
import { loadNetwork, type NetworkFlags, networkOptions, requireNumbers, sha256 } from "./network.ts";
import { type RunFolderFlags, repeated, runFolderOptions, seedOf, studySettings, vectors } from "./options.ts";
import { loadTask } from "./task.ts";

interface DissectFlags extends NetworkFlags, RunFolderFlags {
  equations?: string;
  input: string[];
  task?: string;
  starts?: string;
  trajectories?: string;
  steps?: string;
  dt?: string;
  spread?: string;
  trials?: string;
  jitter?: string;
  useSurrogate?: boolean;
}

interface Subject {
  network: Network;
  data: NetworkData;
  origin?: string;
  files: Record<string, string>;
  /** `--set` pairs left for the task, and the task of the run. */
  rest: Record<string, string>;
  task?: TaskRecord;
}

export function addDissect(program: Command, shell: Shell): void {
  const command = program
    .command("dissect")
    .description("takes a network apart: fixed points with their modes, limit cycles")
    .argument("[run]", "folder of a run that has ended; without it, --equations FILE")
    .option("--equations <network>", "a built-in name, a .json file, or a plain text of equations (.eq, .txt)");
  runFolderOptions(networkOptions(command))
    .option("--input <input=values>", "constant value of an input: u=0,0,1; may be repeated", repeated, [] as string[])
    .option("--task <name>", "a task (or module) whose trials make the starts; its options with --set task.KEY=VALUE")
    .option("--starts <n>", "starts of the search for fixed points (default 256)")
    .option("--trajectories <n>", "trajectories followed until they settle (default 16)")
    .option("--steps <n>", "samples of each (default 2000, or 40 times the longest time constant)")
    .option(
      "--dt <step>",
      "time step (default: the network's, else a tenth of the shortest time constant, 1 for a map)",
    )
    .option("--spread <s>", "standard deviation of random starts (default 1)")
    .option("--trials <n>", "trials of the task whose states are starts (default 64)")
    .option("--jitter <s>", "standard deviation of noise added to starts of the search (default 0)")
    .option("--use-surrogate", "takes the surrogate of a spike for its derivative")
    .action(async (run: string | undefined, flags: DissectFlags) => {
      if ((run === undefined) === (flags.equations === undefined))
        throw new NullclineError({
          code: "option",
          given: run === undefined ? "nothing to dissect" : "both a run and --equations",
          expected: "the folder of a run, or --equations FILE (with --parameters FILE --map …)",
        });
      const subject = run === undefined ? await ofEquations(shell, flags) : await ofRun(shell, run, flags);
      const { network, data, files, rest, origin } = subject;
      const inputs = vectors(flags.input, "--input");
      const options: DissectOptions = { inputs, origin, useSurrogate: flags.useSurrogate };
      const named = flags.task ?? subject.task?.task;
      const given = { ...(flags.task === undefined && subject.task?.options), ...taskOptions(rest) };
      const loaded = named === undefined ? undefined : await loadTask(shell, named, given);
      if (loaded) options.task = loaded.task;
      const finished = await runStudy(dissectStudy(network, options), {
        ...{ host: shell.host, signal: shell.signal, seed: seedOf(flags.seed), out: flags.out },
        quiet: flags.quiet || flags.json,
        ...(flags.workers !== undefined && { workers: seedOf(flags.workers, "--workers") }),
        settings: studySettings({ starts: flags.starts, trajectories: flags.trajectories, steps: flags.steps, dt: flags.dt, spread: flags.spread, trials: flags.trials, jitter: flags.jitter }), // biome-ignore format: a list
        // Arrays of a file are known by its hash; the record holds what was written by hand.
        specification: {
          equations: data.equations,
          sizes: network.sizes,
          inputs,
          ...(flags.useSurrogate && { useSurrogate: true }),
          files,
          ...(flags.map && { map: flags.map }),
          ...(run && { run }),
          ...(loaded && { task: loaded.record }),
        },
        command: commandLine("dissect", run === undefined ? [] : [run], flags),
      });
      finish(shell, finished, flags);
    });
}

const taskOptions = (rest: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(rest).map(([key, value]) => [key.slice("task.".length), value]));

async function ofEquations(shell: Shell, flags: DissectFlags): Promise<Subject> {
  const what = flags.equations!;
  const { data, rest, files } = await loadNetwork(shell, what, flags, /^task\./);
  requireNumbers(data, what);
  return {
    network: makeNetwork(data, { seed: seedOf(flags.seed) }),
    data,
    rest,
    files,
    origin: flags.parameters && `Values from ${flags.parameters}`,
  };
}

async function ofRun(shell: Shell, path: string, flags: DissectFlags): Promise<Subject> {
  const { storage } = shell.host;
  const run = await openRun(storage, path);
  const file = pathIn(run, runFiles.analysis, "network.json");
  if (!(await storage.exists(file)) || !(await storage.exists(pathIn(run, runFiles.parameters))))
    throw new NullclineError({
      code: "run-folder",
      where: path,
      given: "this run has no network",
      expected: "a run that has ended and made one",
      remedy: "go on with it: --resume",
    });
  for (const option of ["shape", "parameters", "map"] as const)
    if (flags[option]?.length)
      throw new NullclineError({
        code: "option",
        given: `--${option} beside a run`,
        expected: "it with --equations only",
      });
  const bytes = await storage.read(file);
  const data = parseNetworkJson(new TextDecoder().decode(bytes), file);
  const values = await readParameters(run);
  const pairs = flags.set.filter((pair) => !pair.startsWith("task."));
  if (pairs.length > 0)
    throw new NullclineError({
      code: "option",
      given: `--set ${pairs[0]} beside a run`,
      expected: "its parameters as they were trained; task.KEY=VALUE is for its task",
    });
  const rest = Object.fromEntries(
    flags.set.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  const { specification } = run.record;
  return {
    network: withValues(makeNetwork(data), values),
    data,
    rest,
    files: { [file]: await sha256(bytes) },
    origin: `Trained by the run ${path}`,
    task: (specification as { task?: TaskRecord }).task,
  };
}
