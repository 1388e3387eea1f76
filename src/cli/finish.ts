/** How a finished run is told: its checks as lines, or all of it as JSON, and the status of the process. */

import { formatNumber } from "../figures/number.ts";
import type { RunResult } from "../formats/runSchemas.ts";
import type { FinishedRun } from "../studies/runStudy.ts";
import type { Shell } from "./main.ts";

export function finish(shell: Shell, { path, result }: FinishedRun, flags: { json?: boolean; quiet?: boolean }): void {
  const { terminal } = shell.host;
  if (flags.json) terminal.line(JSON.stringify({ path, ...result }, null, 2));
  else {
    if (!flags.quiet) for (const line of summary(result)) terminal.line(line);
    terminal.line(`report  ${path}/report.html`);
  }
  shell.exit(result.status === "passed" ? 0 : 1);
}

/** The checks as lines: what, paper, measured, verdict. */
export function summary(result: RunResult): string[] {
  const mark = { pass: "✓", fail: "✗", shown: "·" } as const;
  const rows = result.checks.map((c) => {
    const error = c.standardError === null ? "" : ` ± ${formatNumber(c.standardError)}`;
    const measured = typeof c.measured === "number" ? formatNumber(c.measured) + error : c.measured;
    return { what: `${mark[c.verdict]} ${c.what}`, paper: c.paper, measured };
  });
  const width = Math.min(100, Math.max(0, ...rows.map((r) => r.what.length)));
  const required = result.checks.filter((c) => c.verdict !== "shown");
  const passed = required.filter((c) => c.verdict === "pass").length;
  return [
    ...rows.map((r) => `${r.what.padEnd(width)}  ${r.measured}${r.paper === null ? "" : `  (paper: ${r.paper})`}`),
    ...(required.length > 0 ? [`${passed} of ${required.length} checks hold`] : []),
  ];
}
