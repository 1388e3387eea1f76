/** A report as a file of data, so that its page can be made again. */
import { z } from "zod";
import { NullclineError } from "../base/errors.ts";
import { openRun, pathIn, type Run, runFiles, writeReport } from "../formats/runFolder.ts";
import { checkedBy } from "../formats/runSchemas.ts";
import type { Storage } from "../host/host.ts";
import { type Report, renderReport } from "./report.ts";

/** Its name under `analysis/`. */
export const reportFile = "report.json";

/** Typed arrays as lists; a number that is not finite as null, which figures take for a missing value. */
export function reportJson(report: Report): string {
  return JSON.stringify(report, (key, value: unknown) => {
    if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    return key === "measured" ? String(value) : null;
  });
}

/** What is checked of the file: enough to render it; a figure that cannot be drawn says so itself. */
const schema = z.looseObject({
  title: z.string(),
  verdict: z.string(),
  checks: z.array(z.looseObject({ id: z.string(), what: z.string() })),
  sections: z.array(z.looseObject({ title: z.string(), blocks: z.array(z.looseObject({ kind: z.string() })) })),
  run: z.looseObject({ command: z.string() }),
});

/**
 * Writes `report.html` again from the data beside it.
 * @returns false where the folder has none: a run that has not ended, or of an older version
 * @throws NullclineError where the folder is no run, or the data is damaged
 */
export async function rewriteReport(storage: Storage, path: string): Promise<boolean> {
  const run: Run = await openRun(storage, path);
  const file = pathIn(run, runFiles.analysis, reportFile);
  if (!(await storage.exists(file))) return false;
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(await storage.read(file)));
  } catch {
    throw new NullclineError({ code: "run-folder", where: file, given: "damaged file: it is no JSON" });
  }
  await writeReport(run, await renderReport(checkedBy(schema, data, file) as unknown as Report));
  return true;
}
