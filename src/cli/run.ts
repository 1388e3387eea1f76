/** `nullcline run STUDY`: a whole study, in a folder of its own. */
import type { Command } from "commander";
import { NullclineError } from "../base/errors.ts";
import { openRun } from "../formats/runFolder.ts";
import { studies, studyNamed } from "../studies/index.ts";
import { runStudy } from "../studies/runStudy.ts";
import { finish } from "./finish.ts";
import type { Shell } from "./main.ts";
import { blasOption, seedOf, settings } from "./options.ts";

interface RunFlags {
  seed: string;
  set: string[];
  fast?: boolean;
  out?: string;
  resume?: string;
  workers?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Options that stand for settings of the study `recordings`, and their words. */
const recordingOptions: [flags: string, what: string][] = [
  ["--data <file>", "recording to fit"],
  ["--array <name>", "its array, where the file has several"],
  ["--axes <names>", "what its axes are, e.g. time,neuron,trial"],
  ["--dt <time>", "time between samples, e.g. 10ms"],
  ["--bin <time>", "width of bins: counts are added up"],
  ["--smooth <time>", "standard deviation of Gaussian smoothing, e.g. 50ms or 0"],
  ["--window <times>", "FROM,TO takes a part of each trial, LENGTH cuts a long recording, FROM,TO,LENGTH does both"],
  ["--rank <r>", "rank of the recurrence"],
];

export function addRun(program: Command, shell: Shell): void {
  const command = program
    .command("run")
    .description(`runs a study: ${Object.keys(studies).join(", ")}`)
    .argument("[study]", "name of the study; not needed with --resume")
    .option("--seed <n>", "seed of everything random", "1")
    .option(
      "--set <key=value>",
      "changes a setting; may be repeated",
      (v: string, all: string[]) => [...all, v],
      [] as string[],
    )
    .option("--fast", "a reduced run, which says so and leaves out the checks that it cannot support")
    .option("--out <dir>", "folder to make; default: the next free under runs/")
    .option("--resume <dir>", "goes on with an interrupted run in its folder")
    .option("--workers <n>", "threads; the result does not depend on it")
    .option("--json", "prints the result as JSON")
    .option("--quiet", "prints nothing but the result");
  blasOption(command);
  for (const [option, what] of recordingOptions) command.option(option, `${what} (study \`recordings\`)`);
  command.action(async (name: string | undefined, flags: RunFlags) => {
    const { host, signal } = shell;
    const study = studyNamed(flags.resume ? (name ?? (await studyOf(shell, flags.resume))) : (name ?? missing()));
    const given = { ...settings(flags.set), ...settingsOfOptions(command) };
    const finished = await runStudy(study, {
      host,
      signal,
      seed: seedOf(flags.seed),
      settings: given,
      fast: flags.fast,
      out: flags.out,
      resume: flags.resume,
      quiet: flags.quiet || flags.json,
      ...(flags.workers !== undefined && { workers: seedOf(flags.workers) }),
    });
    finish(shell, finished, flags);
  });
}

/** Options that were given and stand for settings. */
function settingsOfOptions(command: Command): Record<string, string> {
  const given = command.opts<Record<string, string | undefined>>();
  return Object.fromEntries(
    recordingOptions.flatMap(([option]) => {
      const name = option.slice(2, option.indexOf(" "));
      const value = given[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The study of a run, where this command can go on with it. */
async function studyOf({ host }: Shell, folder: string): Promise<string> {
  const { study } = (await openRun(host.storage, folder)).record;
  if (Object.hasOwn(studies, study)) return study;
  throw new NullclineError({
    code: "resume",
    where: folder,
    given: `a run of \`${study}\`, which is no study`,
    remedy:
      study === "train" ? `go on with it: nullcline train --resume ${folder}` : "it has no checkpoints: begin it anew",
  });
}

function missing(): never {
  throw new NullclineError({ code: "study", given: "no study named", expected: Object.keys(studies).join(", ") });
}
