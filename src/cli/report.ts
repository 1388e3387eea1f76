/** `nullcline report RUN`: what a run found, and its page made again. */
import type { Command } from "commander";
import { openRun, readMetrics, readResult } from "../formats/runFolder.ts";
import { studies } from "../studies/index.ts";
import { rewriteReport } from "../studies/reportData.ts";
import { summary } from "./finish.ts";
import type { Shell } from "./main.ts";

export function addReport(program: Command, shell: Shell): void {
  program
    .command("report")
    .description("prints the checks of a run and writes its report.html again")
    .argument("<run>", "folder of a run")
    .option("--json", "prints the result as JSON")
    .option("--quiet", "prints nothing but the path of the report")
    .action(async (path: string, flags: { json?: boolean; quiet?: boolean }) => {
      const { storage, terminal } = shell.host;
      const run = await openRun(storage, path);
      const result = await readResult(run);
      if (!result) {
        const metrics = await readMetrics(run);
        const state = {
          path,
          study: run.record.study,
          seed: run.record.seed,
          status: "not ended",
          iterations: metrics.length,
        };
        const verb = Object.hasOwn(studies, run.record.study) ? "run" : run.record.study;
        if (flags.json) terminal.line(JSON.stringify(state, null, 2));
        else
          terminal.line(
            `${run.record.study} · seed ${run.record.seed}: not ended, ${metrics.length} iterations so far; go on with\n  nullcline ${verb} --resume ${path}`,
          );
        shell.exit(1);
        return;
      }
      const written = await rewriteReport(storage, path);
      if (flags.json) terminal.line(JSON.stringify({ path, ...result }, null, 2));
      else {
        if (!flags.quiet) {
          terminal.line(`${result.study} · seed ${result.seed} · ${result.status}`);
          for (const line of summary(result)) terminal.line(line);
          const { diagnosis } = result.summary;
          if (typeof diagnosis === "string") terminal.line(diagnosis);
        }
        terminal.line(
          written ? `report  ${path}/report.html` : "this run has no report: it ended before there was one",
        );
      }
      shell.exit(result.status === "passed" ? 0 : 1);
    });
}
