/** `nullcline run STUDY`: a whole study, in a folder of its own. */
import type { Command } from "commander";
import { NullclineError } from "../base/errors.ts";
import { formatNumber } from "../figures/number.ts";
import { openRun } from "../formats/runFolder.ts";
import type { RunResult } from "../formats/runSchemas.ts";
import { studies, studyNamed } from "../studies/index.ts";
import { runStudy } from "../studies/runStudy.ts";
import type { Shell } from "./main.ts";
import { seedOf, settings } from "./options.ts";

interface RunFlags {
  seed: string;
  set: string[];
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
    .option("--out <dir>", "folder to make; default: the next free under runs/")
    .option("--resume <dir>", "goes on with an interrupted run in its folder")
    .option("--workers <n>", "threads; the result does not depend on it")
    .option("--json", "prints the result as JSON")
    .option("--quiet", "prints nothing but the result");
  for (const [option, what] of recordingOptions) command.option(option, `${what} (study \`recordings\`)`);
  command.action(async (name: string | undefined, flags: RunFlags) => {
    const { host, signal } = shell;
    const study = studyNamed(
      flags.resume ? (name ?? (await openRun(host.storage, flags.resume)).record.study) : (name ?? missing()),
    );
    const given = { ...settings(flags.set), ...settingsOfOptions(command) };
    const { path, result } = await runStudy(study, {
      host,
      signal,
      seed: seedOf(flags.seed),
      settings: given,
      out: flags.out,
      resume: flags.resume,
      quiet: flags.quiet || flags.json,
      ...(flags.workers !== undefined && { workers: seedOf(flags.workers) }),
    });
    if (flags.json) host.terminal.line(JSON.stringify({ path, ...result }, null, 2));
    else {
      if (!flags.quiet) for (const line of summary(result)) host.terminal.line(line);
      host.terminal.line(`report  ${path}/report.html`);
    }
    shell.exit(result.status === "passed" ? 0 : 1);
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

function missing(): never {
  throw new NullclineError({ code: "study", given: "no study named", expected: Object.keys(studies).join(", ") });
}

/** The checks as lines: what, paper, measured, verdict. */
export function summary(result: RunResult): string[] {
  const mark = { pass: "✓", fail: "✗", shown: "·" } as const;
  const rows = result.checks.map((c) => {
    const measured =
      typeof c.measured === "number"
        ? formatNumber(c.measured) + (c.standardError === null ? "" : ` ± ${formatNumber(c.standardError)}`)
        : c.measured;
    return { what: `${mark[c.verdict]} ${c.what}`, paper: String(c.paper ?? "–"), measured };
  });
  const width = Math.min(100, Math.max(0, ...rows.map((r) => r.what.length)));
  const required = result.checks.filter((c) => c.verdict !== "shown");
  const passed = required.filter((c) => c.verdict === "pass").length;
  return [
    ...rows.map((r) => `${r.what.padEnd(width)}  ${r.measured}  (paper: ${r.paper})`),
    `${passed} of ${required.length} checks hold`,
  ];
}
