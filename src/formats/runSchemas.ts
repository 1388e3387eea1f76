/** What `run.json` and `result.json` of a run folder hold, checked on writing and on reading. */
import { z } from "zod";
import { NullclineError } from "../base/errors.ts";

/** `run.json`: what was run, and on what. It holds no time of day, so that equal runs can be told to be equal. */
export const runSchema = z.object({
  format: z.literal("nullcline-run"),
  formatVersion: z.literal(1),
  /** The study, or what else made the run, e.g. `simulate`. */
  study: z.string().min(1),
  seed: z.number().int(),
  /** Everything that determines the result: equations, task by name, options, hashes of user modules. */
  specification: z.record(z.string(), z.json()),
  /** Versions by name, that of nullcline first. */
  versions: z.record(z.string(), z.string()),
  /** Which instructions the kernels use; `none` on the interpreter. */
  simd: z.enum(["relaxed", "strict", "none"]),
  /** The library of the system that large products and decompositions went to; absent where there was none. */
  blas: z.string().optional(),
  runtime: z.string(),
  processor: z.string(),
});
export type RunRecord = z.infer<typeof runSchema>;

/** One check of a study: what the paper reports and what this run measured. */
export const checkSchema = z.object({
  id: z.string().min(1),
  /** What is measured, in words. */
  what: z.string(),
  /** The value that the paper reports; `null` where it reports none. */
  paper: z.union([z.string(), z.number(), z.null()]),
  /** Where it reports it. */
  source: z.string(),
  /** When the check passes, in words. */
  criterion: z.string(),
  /** Whether the criterion is ours and not the paper's. */
  ours: z.boolean(),
  measured: z.union([z.number(), z.string()]),
  /** What the measurement rests on: trials, points, units. */
  n: z.number().nullable(),
  standardError: z.number().nullable(),
  /** `shown`: reported without being required. */
  verdict: z.enum(["pass", "fail", "shown"]),
});
export type Check = z.infer<typeof checkSchema>;

/** `result.json`. A study may also fail without a failed check, e.g. where its training diverged. */
export const resultSchema = z
  .object({
    study: z.string().min(1),
    seed: z.number().int(),
    status: z.enum(["passed", "failed"]),
    checks: z.array(checkSchema),
    /** Whatever else the study found, as JSON. */
    summary: z.record(z.string(), z.json()),
  })
  .refine(({ status, checks }) => status === "failed" || statusOf(checks) === "passed", {
    path: ["status"],
    message: "must be failed where a check failed",
  });
export type RunResult = z.infer<typeof resultSchema>;

/** What the checks add up to. */
export function statusOf(checks: readonly Check[]): "passed" | "failed" {
  return checks.some(({ verdict }) => verdict === "fail") ? "failed" : "passed";
}

/** As JSON has it: a number that is not finite becomes a text, `"NaN"` or `"Infinity"`; as a standard error, null. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (key, v: unknown) => (typeof v !== "number" || Number.isFinite(v) ? v : key === "standardError" ? null : String(v)),
    indent,
  );
}

/**
 * The value as the schema has it.
 * @throws NullclineError (code `run-folder`) naming `where` and what does not fit.
 */
export function checkedBy<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const { path, message } = outcome.error.issues[0]!;
  throw new NullclineError({
    code: "run-folder",
    where,
    given: `${path.length > 0 ? path.join(".") : "the file"} is not as it should be (${message})`,
  });
}
