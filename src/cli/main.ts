#!/usr/bin/env node
/** The command line. Each command is one file; this one wires them up and turns errors into sentences. */
import { Command, CommanderError } from "commander";
import { NullclineError } from "../base/errors.ts";
import { nodeHost } from "../host/node.ts";
import { studies } from "../studies/index.ts";
import { Interrupted } from "../studies/runStudy.ts";
import { version } from "../version.ts";
import { addCheck } from "./check.ts";
import { addDissect } from "./dissect.ts";
import { addList } from "./list.ts";
import { applyBlas } from "./options.ts";
import { addReport } from "./report.ts";
import { addRun } from "./run.ts";
import { addSimulate } from "./simulate.ts";
import { addTrain } from "./train.ts";

export interface Shell {
  host: ReturnType<typeof nodeHost>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Status of the process when all goes well otherwise. */
  exit(code: number): void;
}

async function main(argv: string[]): Promise<number> {
  const host = nodeHost();
  const abort = new AbortController();
  host.onInterrupt(() => abort.abort());
  let code = 0;
  const shell: Shell = {
    host,
    signal: abort.signal,
    exit: (c) => {
      code = c;
    },
  };
  const program = new Command("nullcline")
    .description("Write a recurrent network's equations as a paper prints them; simulate, train, dissect and fit it.")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError();
  program.hook("preAction", (_, command) => applyBlas(command));
  for (const add of [addRun, addList, addCheck, addSimulate, addTrain, addDissect, addReport]) add(program, shell);
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (error instanceof NullclineError) {
      host.terminal.error(error.message);
      return 1;
    }
    if (error instanceof Interrupted) {
      const verb = Object.hasOwn(studies, error.study) ? "run" : error.study;
      host.terminal.error(`interrupted; go on with:\n  nullcline ${verb} --resume ${error.folder}`);
      return 130;
    }
    if (shell.signal.aborted) {
      host.terminal.error("interrupted");
      return 130;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
